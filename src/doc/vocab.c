/* The vocabulary of .docx parts. See vocab.h. */
#include "doc/vocab.h"

static const struct xml_ns namespaces[] = {
    {"http://schemas.openxmlformats.org/wordprocessingml/2006/main", NS_W},
    {"http://purl.oclc.org/ooxml/wordprocessingml/main", NS_W},
    {"http://schemas.microsoft.com/office/word/2010/wordml", NS_W14},
    {"http://schemas.microsoft.com/office/word/2012/wordml", NS_W15},
    {"http://schemas.microsoft.com/office/word/2016/wordml/cid", NS_CID},
    {"http://schemas.microsoft.com/office/word/2018/wordml/cex", NS_CEX},
    {"http://schemas.microsoft.com/office/word/2023/wordml/word16du", NS_W16DU},
    {"http://schemas.openxmlformats.org/markup-compatibility/2006", NS_MC},
    {"http://schemas.openxmlformats.org/officeDocument/2006/relationships", NS_R},
    {"http://purl.oclc.org/ooxml/officeDocument/relationships", NS_R},
    {"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing", NS_WP},
    {"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing", NS_WP},
    {"http://schemas.openxmlformats.org/drawingml/2006/main", NS_A},
    {"http://purl.oclc.org/ooxml/drawingml/main", NS_A},
    {"http://schemas.openxmlformats.org/drawingml/2006/chart", NS_C},
    {"http://purl.oclc.org/ooxml/drawingml/chart", NS_C},
    {"http://schemas.openxmlformats.org/drawingml/2006/diagram", NS_DGM},
    {"http://purl.oclc.org/ooxml/drawingml/diagram", NS_DGM},
    {"http://schemas.openxmlformats.org/drawingml/2006/picture", NS_DRAWING},
    {"http://purl.oclc.org/ooxml/drawingml/picture", NS_DRAWING},
    {"http://schemas.microsoft.com/office/word/2010/wordprocessingDrawing", NS_DRAWING},
    {"http://schemas.microsoft.com/office/word/2010/wordprocessingShape", NS_DRAWING},
    {"http://schemas.microsoft.com/office/word/2010/wordprocessingGroup", NS_DRAWING},
    {"http://schemas.microsoft.com/office/word/2010/wordprocessingCanvas", NS_DRAWING},
    {"http://schemas.microsoft.com/office/drawing/2010/main", NS_DRAWING},
    {"urn:schemas-microsoft-com:vml", NS_V},
    {"urn:schemas-microsoft-com:office:office", NS_O},
    {"http://schemas.openxmlformats.org/officeDocument/2006/math", NS_M},
    {"http://purl.oclc.org/ooxml/officeDocument/math", NS_M},
    {"http://www.w3.org/XML/1998/namespace", NS_XML},
    {"http://schemas.openxmlformats.org/package/2006/metadata/core-properties", NS_CP},
    {"http://purl.org/dc/elements/1.1/", NS_DC},
    {"http://purl.org/dc/terms/", NS_DCTERMS},
    {"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties", NS_EP},
    {"http://purl.oclc.org/ooxml/officeDocument/extendedProperties", NS_EP},
};

static const struct xml_name names[] = {
#define X(token, ns, local) {ns, local, token},
    DOC__NAMES(X)
#undef X
};

const struct xml_vocab doc__vocab = {namespaces, sizeof namespaces / sizeof namespaces[0], names,
                                     sizeof names / sizeof names[0]};

bool doc__ns_understood(int ns)
{
    switch (ns) {
    case NS_W:
    case NS_W14:
    case NS_W15:
    case NS_WP:
    case NS_A:
    case NS_C:
    case NS_DGM:
    case NS_DRAWING:
    case NS_V:
    case NS_O:
    case NS_M:
    case NS_R: return true;
    default: return false;
    }
}
