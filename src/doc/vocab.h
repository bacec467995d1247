/* Every name of a .docx that the reader knows, as a number. Strict and transitional namespaces share one id, so that
 * nothing behind this table has to know the difference. Sources: ECMA-376 part 1; part 4 (transitional); [MS-DOCX] 2.
 * Elements and attributes with the same name share a token. */
#pragma once

#include "base/xml.h"

enum {
    NS_W = 1, /* WordprocessingML */
    NS_W14,
    NS_W15,
    NS_CID,
    NS_CEX,
    NS_W16DU,
    NS_MC, /* markup compatibility */
    NS_R,  /* relationship ids in documents */
    NS_WP,
    NS_A,
    NS_C,
    NS_DGM,
    NS_DRAWING /* other drawing namespaces that need no token but are understood */,
    NS_V,
    NS_O,
    NS_M,
    NS_XML,
    NS_CP,
    NS_DC,
    NS_DCTERMS,
    NS_EP
};

/* X(token, namespace, local name) */
#define DOC__NAMES(X)                                                                                                  \
    X(T_DOCUMENT, NS_W, "document")                                                                                    \
    X(T_BODY, NS_W, "body")                                                                                            \
    X(T_HDR, NS_W, "hdr")                                                                                              \
    X(T_FTR, NS_W, "ftr")                                                                                              \
    X(T_FOOTNOTES, NS_W, "footnotes")                                                                                  \
    X(T_ENDNOTES, NS_W, "endnotes")                                                                                    \
    X(T_COMMENTS, NS_W, "comments")                                                                                    \
    X(T_FOOTNOTE, NS_W, "footnote")                                                                                    \
    X(T_ENDNOTE, NS_W, "endnote")                                                                                      \
    X(T_COMMENT, NS_W, "comment")                                                                                      \
    X(T_P, NS_W, "p")                                                                                                  \
    X(T_P_PR, NS_W, "pPr")                                                                                             \
    X(T_P_STYLE, NS_W, "pStyle")                                                                                       \
    X(T_OUTLINE_LVL, NS_W, "outlineLvl")                                                                               \
    X(T_NUM_PR, NS_W, "numPr")                                                                                         \
    X(T_ILVL, NS_W, "ilvl")                                                                                            \
    X(T_NUM_ID, NS_W, "numId")                                                                                         \
    X(T_R_PR, NS_W, "rPr")                                                                                             \
    X(T_SECT_PR, NS_W, "sectPr")                                                                                       \
    X(T_HEADER_REFERENCE, NS_W, "headerReference")                                                                     \
    X(T_FOOTER_REFERENCE, NS_W, "footerReference")                                                                     \
    X(T_P_PR_CHANGE, NS_W, "pPrChange")                                                                                \
    X(T_R_PR_CHANGE, NS_W, "rPrChange")                                                                                \
    X(T_SECT_PR_CHANGE, NS_W, "sectPrChange")                                                                          \
    X(T_TBL_PR_CHANGE, NS_W, "tblPrChange")                                                                            \
    X(T_TR_PR_CHANGE, NS_W, "trPrChange")                                                                              \
    X(T_TC_PR_CHANGE, NS_W, "tcPrChange")                                                                              \
    X(T_TBL_PR_EX_CHANGE, NS_W, "tblPrExChange")                                                                       \
    X(T_TBL_GRID_CHANGE, NS_W, "tblGridChange")                                                                        \
    X(T_NUMBERING_CHANGE, NS_W, "numberingChange")                                                                     \
    X(T_SHD, NS_W, "shd")                                                                                              \
    X(T_R, NS_W, "r")                                                                                                  \
    X(T_R_STYLE, NS_W, "rStyle")                                                                                       \
    X(T_B, NS_W, "b")                                                                                                  \
    X(T_I, NS_W, "i")                                                                                                  \
    X(T_U, NS_W, "u")                                                                                                  \
    X(T_STRIKE, NS_W, "strike")                                                                                        \
    X(T_DSTRIKE, NS_W, "dstrike")                                                                                      \
    X(T_CAPS, NS_W, "caps")                                                                                            \
    X(T_SMALL_CAPS, NS_W, "smallCaps")                                                                                 \
    X(T_VANISH, NS_W, "vanish")                                                                                        \
    X(T_VERT_ALIGN, NS_W, "vertAlign")                                                                                 \
    X(T_COLOR, NS_W, "color")                                                                                          \
    X(T_HIGHLIGHT, NS_W, "highlight")                                                                                  \
    X(T_SZ, NS_W, "sz")                                                                                                \
    X(T_T, NS_W, "t")                                                                                                  \
    X(T_DEL_TEXT, NS_W, "delText")                                                                                     \
    X(T_INSTR_TEXT, NS_W, "instrText")                                                                                 \
    X(T_DEL_INSTR_TEXT, NS_W, "delInstrText")                                                                          \
    X(T_TAB, NS_W, "tab")                                                                                              \
    X(T_PTAB, NS_W, "ptab")                                                                                            \
    X(T_BR, NS_W, "br")                                                                                                \
    X(T_CR, NS_W, "cr")                                                                                                \
    X(T_NO_BREAK_HYPHEN, NS_W, "noBreakHyphen")                                                                        \
    X(T_SOFT_HYPHEN, NS_W, "softHyphen")                                                                               \
    X(T_SYM, NS_W, "sym")                                                                                              \
    X(T_FOOTNOTE_REFERENCE, NS_W, "footnoteReference")                                                                 \
    X(T_ENDNOTE_REFERENCE, NS_W, "endnoteReference")                                                                   \
    X(T_COMMENT_REFERENCE, NS_W, "commentReference")                                                                   \
    X(T_COMMENT_RANGE_START, NS_W, "commentRangeStart")                                                                \
    X(T_COMMENT_RANGE_END, NS_W, "commentRangeEnd")                                                                    \
    X(T_BOOKMARK_START, NS_W, "bookmarkStart")                                                                         \
    X(T_HYPERLINK, NS_W, "hyperlink")                                                                                  \
    X(T_INS, NS_W, "ins")                                                                                              \
    X(T_DEL, NS_W, "del")                                                                                              \
    X(T_MOVE_FROM, NS_W, "moveFrom")                                                                                   \
    X(T_MOVE_TO, NS_W, "moveTo")                                                                                       \
    X(T_SDT, NS_W, "sdt")                                                                                              \
    X(T_SDT_PR, NS_W, "sdtPr")                                                                                         \
    X(T_SDT_CONTENT, NS_W, "sdtContent")                                                                               \
    X(T_LOCK, NS_W, "lock")                                                                                            \
    X(T_DATA_BINDING, NS_W, "dataBinding")                                                                             \
    X(T_DOC_PART_OBJ, NS_W, "docPartObj")                                                                              \
    X(T_DOC_PART_GALLERY, NS_W, "docPartGallery")                                                                      \
    X(T_FLD_SIMPLE, NS_W, "fldSimple")                                                                                 \
    X(T_FLD_CHAR, NS_W, "fldChar")                                                                                     \
    X(T_SMART_TAG, NS_W, "smartTag")                                                                                   \
    X(T_CUSTOM_XML, NS_W, "customXml")                                                                                 \
    X(T_BDO, NS_W, "bdo")                                                                                              \
    X(T_DIR, NS_W, "dir")                                                                                              \
    X(T_RUBY, NS_W, "ruby")                                                                                            \
    X(T_RT, NS_W, "rt")                                                                                                \
    X(T_RUBY_PR, NS_W, "rubyPr")                                                                                       \
    X(T_DRAWING, NS_W, "drawing")                                                                                      \
    X(T_PICT, NS_W, "pict")                                                                                            \
    X(T_OBJECT, NS_W, "object")                                                                                        \
    X(T_TXBX_CONTENT, NS_W, "txbxContent")                                                                             \
    X(T_TBL, NS_W, "tbl")                                                                                              \
    X(T_TBL_PR, NS_W, "tblPr")                                                                                         \
    X(T_TBL_STYLE, NS_W, "tblStyle")                                                                                   \
    X(T_TBL_GRID, NS_W, "tblGrid")                                                                                     \
    X(T_TR, NS_W, "tr")                                                                                                \
    X(T_TR_PR, NS_W, "trPr")                                                                                           \
    X(T_TBL_HEADER, NS_W, "tblHeader")                                                                                 \
    X(T_GRID_BEFORE, NS_W, "gridBefore")                                                                               \
    X(T_TC, NS_W, "tc")                                                                                                \
    X(T_TC_PR, NS_W, "tcPr")                                                                                           \
    X(T_GRID_SPAN, NS_W, "gridSpan")                                                                                   \
    X(T_V_MERGE, NS_W, "vMerge")                                                                                       \
    X(T_CELL_INS, NS_W, "cellIns")                                                                                     \
    X(T_CELL_DEL, NS_W, "cellDel")                                                                                     \
    X(T_ALT_CHUNK, NS_W, "altChunk")                                                                                   \
    X(T_SUB_DOC, NS_W, "subDoc")                                                                                       \
    X(T_STYLES, NS_W, "styles")                                                                                        \
    X(T_STYLE, NS_W, "style")                                                                                          \
    X(T_NAME, NS_W, "name")                                                                                            \
    X(T_BASED_ON, NS_W, "basedOn")                                                                                     \
    X(T_ALIASES, NS_W, "aliases")                                                                                      \
    X(T_DOC_DEFAULTS, NS_W, "docDefaults")                                                                             \
    X(T_R_PR_DEFAULT, NS_W, "rPrDefault")                                                                              \
    X(T_P_PR_DEFAULT, NS_W, "pPrDefault")                                                                              \
    X(T_TBL_STYLE_PR, NS_W, "tblStylePr")                                                                              \
    X(T_NUMBERING, NS_W, "numbering")                                                                                  \
    X(T_ABSTRACT_NUM, NS_W, "abstractNum")                                                                             \
    X(T_MULTI_LEVEL_TYPE, NS_W, "multiLevelType")                                                                      \
    X(T_LVL, NS_W, "lvl")                                                                                              \
    X(T_START, NS_W, "start")                                                                                          \
    X(T_NUM_FMT, NS_W, "numFmt")                                                                                       \
    X(T_LVL_TEXT, NS_W, "lvlText")                                                                                     \
    X(T_IS_LGL, NS_W, "isLgl")                                                                                         \
    X(T_LVL_RESTART, NS_W, "lvlRestart")                                                                               \
    X(T_SUFF, NS_W, "suff")                                                                                            \
    X(T_LVL_PIC_BULLET_ID, NS_W, "lvlPicBulletId")                                                                     \
    X(T_NUM, NS_W, "num")                                                                                              \
    X(T_ABSTRACT_NUM_ID, NS_W, "abstractNumId")                                                                        \
    X(T_LVL_OVERRIDE, NS_W, "lvlOverride")                                                                             \
    X(T_START_OVERRIDE, NS_W, "startOverride")                                                                         \
    X(T_NUM_STYLE_LINK, NS_W, "numStyleLink")                                                                          \
    X(T_STYLE_LINK, NS_W, "styleLink")                                                                                 \
    X(T_SETTINGS, NS_W, "settings")                                                                                    \
    X(T_DOCUMENT_PROTECTION, NS_W, "documentProtection")                                                               \
    X(T_ATTACHED_TEMPLATE, NS_W, "attachedTemplate")                                                                   \
    X(T_VAL, NS_W, "val")                                                                                              \
    X(T_ID, NS_W, "id")                                                                                                \
    X(T_AUTHOR, NS_W, "author")                                                                                        \
    X(T_DATE, NS_W, "date")                                                                                            \
    X(T_INITIALS, NS_W, "initials")                                                                                    \
    X(T_INSTR, NS_W, "instr")                                                                                          \
    X(T_FLD_CHAR_TYPE, NS_W, "fldCharType")                                                                            \
    X(T_TYPE, NS_W, "type")                                                                                            \
    X(T_STYLE_ID, NS_W, "styleId")                                                                                     \
    X(T_DEFAULT, NS_W, "default")                                                                                      \
    X(T_FONT, NS_W, "font")                                                                                            \
    X(T_CHAR, NS_W, "char")                                                                                            \
    X(T_FILL, NS_W, "fill")                                                                                            \
    X(T_ANCHOR, NS_W, "anchor")                                                                                        \
    X(T_THEME_COLOR, NS_W, "themeColor")                                                                               \
    X(T_ENFORCEMENT, NS_W, "enforcement")                                                                              \
    X(T_EDIT, NS_W, "edit")                                                                                            \
    X(T_W14_PARA_ID, NS_W14, "paraId")                                                                                 \
    X(T_W15_COMMENT_EX, NS_W15, "commentEx")                                                                           \
    X(T_W15_PARA_ID, NS_W15, "paraId")                                                                                 \
    X(T_W15_PARA_ID_PARENT, NS_W15, "paraIdParent")                                                                    \
    X(T_W15_DONE, NS_W15, "done")                                                                                      \
    X(T_W15_DATA_BINDING, NS_W15, "dataBinding")                                                                       \
    X(T_CID_COMMENT_ID, NS_CID, "commentId")                                                                           \
    X(T_CID_PARA_ID, NS_CID, "paraId")                                                                                 \
    X(T_CID_DURABLE_ID, NS_CID, "durableId")                                                                           \
    X(T_CEX_COMMENT_EXTENSIBLE, NS_CEX, "commentExtensible")                                                           \
    X(T_CEX_DURABLE_ID, NS_CEX, "durableId")                                                                           \
    X(T_CEX_DATE_UTC, NS_CEX, "dateUtc")                                                                               \
    X(T_W16DU_DATE_UTC, NS_W16DU, "dateUtc")                                                                           \
    X(T_MC_ALTERNATE_CONTENT, NS_MC, "AlternateContent")                                                               \
    X(T_MC_CHOICE, NS_MC, "Choice")                                                                                    \
    X(T_MC_FALLBACK, NS_MC, "Fallback")                                                                                \
    X(T_R_ID, NS_R, "id")                                                                                              \
    X(T_R_EMBED, NS_R, "embed")                                                                                        \
    X(T_R_LINK, NS_R, "link")                                                                                          \
    X(T_WP_DOC_PR, NS_WP, "docPr")                                                                                     \
    X(T_A_BLIP, NS_A, "blip")                                                                                          \
    X(T_C_CHART, NS_C, "chart")                                                                                        \
    X(T_DGM_REL_IDS, NS_DGM, "relIds")                                                                                 \
    X(T_V_IMAGEDATA, NS_V, "imagedata")                                                                                \
    X(T_V_SHAPE, NS_V, "shape")                                                                                        \
    X(T_V_RECT, NS_V, "rect")                                                                                          \
    X(T_O_OLEOBJECT, NS_O, "OLEObject")                                                                                \
    X(T_M_O_MATH, NS_M, "oMath")                                                                                       \
    X(T_M_O_MATH_PARA, NS_M, "oMathPara")                                                                              \
    X(T_M_T, NS_M, "t")                                                                                                \
    X(T_XML_SPACE, NS_XML, "space")                                                                                    \
    X(T_PLAIN_REQUIRES, 0, "Requires")                                                                                 \
    X(T_PLAIN_NAME, 0, "name")                                                                                         \
    X(T_PLAIN_DESCR, 0, "descr")                                                                                       \
    X(T_PLAIN_TITLE, 0, "title")                                                                                       \
    X(T_PLAIN_ALT, 0, "alt")                                                                                           \
    X(T_CP_KEYWORDS, NS_CP, "keywords")                                                                                \
    X(T_CP_CATEGORY, NS_CP, "category")                                                                                \
    X(T_CP_LAST_MODIFIED_BY, NS_CP, "lastModifiedBy")                                                                  \
    X(T_DC_TITLE, NS_DC, "title")                                                                                      \
    X(T_DC_SUBJECT, NS_DC, "subject")                                                                                  \
    X(T_DC_CREATOR, NS_DC, "creator")                                                                                  \
    X(T_DC_DESCRIPTION, NS_DC, "description")                                                                          \
    X(T_DCTERMS_CREATED, NS_DCTERMS, "created")                                                                        \
    X(T_DCTERMS_MODIFIED, NS_DCTERMS, "modified")                                                                      \
    X(T_EP_PAGES, NS_EP, "Pages")                                                                                      \
    X(T_EP_WORDS, NS_EP, "Words")                                                                                      \
    X(T_EP_COMPANY, NS_EP, "Company")                                                                                  \
    X(T_EP_APPLICATION, NS_EP, "Application")

enum doc__token {
    T_NONE = XML_OTHER,
#define X(token, ns, local) token,
    DOC__NAMES(X)
#undef X
        T_COUNT
};

extern const struct xml_vocab doc__vocab;

/* Can content that requires this namespace be read? (The Requires of mc:Choice.) */
bool doc__ns_understood(int ns);
