/* Small .docx files for tests. See docx_build.h. */
#include "support/docx_build.h"

#include <stdio.h>

#include "base/vec.h"

#define MAX_BYTES        ((size_t)256 << 20)
#define NS_OFFICE        "http://schemas.openxmlformats.org/officeDocument/2006"
#define NS_OFFICE_STRICT "http://purl.oclc.org/ooxml/officeDocument"
#define CT_WORD          "application/vnd.openxmlformats-officedocument.wordprocessingml."

static uint32_t crc32_of(struct str s)
{
    uint32_t crc = 0xFFFFFFFFu;
    uint32_t table[256];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
        table[i] = c;
    }
    for (size_t i = 0; i < s.n; i++)
        crc = table[(crc ^ (unsigned char)s.p[i]) & 0xFF] ^ (crc >> 8);
    return ~crc;
}

static void put16(struct sb *b, unsigned v)
{
    sb_char(b, (char)(v & 0xFF));
    sb_char(b, (char)(v >> 8 & 0xFF));
}

static void put32(struct sb *b, uint32_t v)
{
    put16(b, v & 0xFFFF);
    put16(b, v >> 16);
}

/* What local and central header share, from "version needed" to the extra field's length. */
static void put_common(struct sb *b, const struct test_zip_entry *entry, uint32_t crc, size_t name_n)
{
    put16(b, 20);
    put16(b, entry->flags);
    put16(b, entry->method);
    put16(b, 0);
    put16(b, 0x5821); /* 2024-01-01 */
    put32(b, crc);
    put32(b, (uint32_t)entry->bytes.n);
    put32(b, entry->declared_size ? entry->declared_size : (uint32_t)entry->bytes.n);
    put16(b, (unsigned)name_n);
    put16(b, 0);
}

struct str test_zip(struct arena *a, const struct test_zip_entry *entries, size_t n)
{
    CLEANUP_SB struct sb out = SB_INIT(MAX_BYTES);
    CLEANUP_SB struct sb central = SB_INIT(MAX_BYTES);
    for (size_t i = 0; i < n; i++) {
        const struct test_zip_entry *entry = &entries[i];
        uint32_t at = (uint32_t)out.n, crc = crc32_of(entry->bytes) ^ entry->bad_crc;
        struct str name = str_from_c(entry->name);
        struct str local = entry->local_name ? str_from_c(entry->local_name) : name;
        put32(&out, 0x04034b50);
        put_common(&out, entry, crc, local.n);
        sb_str(&out, local);
        sb_str(&out, entry->bytes);
        put32(&central, 0x02014b50);
        put16(&central, 20);
        put_common(&central, entry, crc, name.n);
        put16(&central, 0); /* comment */
        put16(&central, 0); /* disk */
        put16(&central, 0); /* internal attributes */
        put32(&central, 0);
        put32(&central, at);
        sb_str(&central, name);
    }
    uint32_t central_at = (uint32_t)out.n;
    sb_str(&out, sb_view(&central));
    put32(&out, 0x06054b50);
    put32(&out, 0);
    put16(&out, (unsigned)n);
    put16(&out, (unsigned)n);
    put32(&out, (uint32_t)central.n);
    put32(&out, central_at);
    put16(&out, 0);
    struct str ret = STR_EMPTY;
    struct error e;
    if (sb_take(&out, a, &ret, &e) != ERR_OK) return STR_EMPTY;
    return ret;
}

static const char default_styles[] =
    "<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val=\"22\"/></w:rPr></w:rPrDefault></w:docDefaults>"
    "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"Title\"><w:name w:val=\"Title\"/><w:basedOn w:val=\"Normal\"/></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"Subtitle\"><w:name w:val=\"Subtitle\"/><w:basedOn "
    "w:val=\"Normal\"/></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"TOC1\"><w:name w:val=\"toc 1\"/><w:basedOn w:val=\"Normal\"/></w:style>"
    "<w:style w:type=\"paragraph\" w:styleId=\"ListParagraph\"><w:name w:val=\"List Paragraph\"/><w:basedOn "
    "w:val=\"Normal\"/></w:style>"
    "<w:style w:type=\"character\" w:styleId=\"Strong\"><w:name w:val=\"Strong\"/><w:rPr><w:b/></w:rPr></w:style>"
    "<w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/></w:style>";

static const char default_numbering[] =
    "<w:abstractNum w:abstractNumId=\"0\"><w:multiLevelType w:val=\"hybridMultilevel\"/>"
    "<w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"bullet\"/><w:lvlText w:val=\"&#xF0B7;\"/></w:lvl>"
    "<w:lvl w:ilvl=\"1\"><w:start w:val=\"1\"/><w:numFmt w:val=\"bullet\"/><w:lvlText w:val=\"o\"/></w:lvl>"
    "</w:abstractNum>"
    "<w:abstractNum w:abstractNumId=\"1\"><w:multiLevelType w:val=\"multilevel\"/>"
    "<w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"%1.\"/></w:lvl>"
    "<w:lvl w:ilvl=\"1\"><w:start w:val=\"1\"/><w:numFmt w:val=\"lowerLetter\"/><w:lvlText w:val=\"%2.\"/></w:lvl>"
    "<w:lvl w:ilvl=\"2\"><w:start w:val=\"1\"/><w:numFmt w:val=\"lowerRoman\"/><w:lvlText w:val=\"%3.\"/></w:lvl>"
    "</w:abstractNum>"
    "<w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num>"
    "<w:num w:numId=\"2\"><w:abstractNumId w:val=\"1\"/></w:num>";

/* The build of one document. */
struct build {
    struct arena *a;
    bool strict;
    bool failed;
    VEC(struct test_zip_entry) entries;
    struct sb types;
    struct sb rels;
};

static void add_entry(struct build *b, const char *name, const struct sb *bytes)
{
    struct str copy = str_dup(b->a, sb_view(bytes));
    struct test_zip_entry *entry = VEC_PUSH(b->a, &b->entries);
    if (!copy.p || !entry || !sb_ok(bytes)) {
        b->failed = true;
        return;
    }
    entry->name = name;
    entry->bytes = copy;
}

static void sb_namespaces(struct sb *x, bool strict)
{
    sb_printf(x, " xmlns:w=\"%s\" xmlns:r=\"%s/relationships\"",
              strict ? "http://purl.oclc.org/ooxml/wordprocessingml/main"
                     : "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
              strict ? NS_OFFICE_STRICT : NS_OFFICE);
    sb_c(x, " xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\""
            " xmlns:w15=\"http://schemas.microsoft.com/office/word/2012/wordml\""
            " xmlns:w16cid=\"http://schemas.microsoft.com/office/word/2016/wordml/cid\""
            " xmlns:w16cex=\"http://schemas.microsoft.com/office/word/2018/wordml/cex\""
            " xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\""
            " xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\""
            " xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\""
            " xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\""
            " xmlns:wps=\"http://schemas.microsoft.com/office/word/2010/wordprocessingShape\""
            " xmlns:m=\"http://schemas.openxmlformats.org/officeDocument/2006/math\""
            " xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\""
            " mc:Ignorable=\"w14 w15 w16cid w16cex\"");
}

/* A part with its content type and its relationship from the main part. rel: the whole type, or its end. */
static void add_part(struct build *b, const char *name, const char *root, const char *inner, const char *type,
                     const char *rel, const char *id)
{
    if (!inner) return;
    CLEANUP_SB struct sb x = SB_INIT(MAX_BYTES);
    sb_c(&x, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
    sb_printf(&x, "<%s", root);
    sb_namespaces(&x, b->strict);
    sb_printf(&x, ">%s</%s>", inner, root);
    struct str entry = str_printf(b->a, "word/%s", name);
    if (!entry.p) {
        b->failed = true;
        return;
    }
    add_entry(b, entry.p, &x);
    sb_printf(&b->types, "<Override PartName=\"/word/%s\" ContentType=\"%s%s\"/>", name,
              strncmp(type, "application/", 12) == 0 ? "" : CT_WORD, type);
    if (strncmp(rel, "http", 4) == 0)
        sb_printf(&b->rels, "<Relationship Id=\"%s\" Type=\"%s\" Target=\"%s\"/>", id, rel, name);
    else
        sb_printf(&b->rels, "<Relationship Id=\"%s\" Type=\"%s/relationships/%s\" Target=\"%s\"/>", id,
                  b->strict ? NS_OFFICE_STRICT : NS_OFFICE, rel, name);
}

static const char *or_default(const char *given, const char *fallback)
{
    if (!given) return fallback;
    return given[0] ? given : NULL;
}

static const char *notes_with_separators(struct build *b, const char *element, const char *inner)
{
    if (!inner) return NULL;
    struct str s =
        str_printf(b->a,
                   "<w:%s w:type=\"separator\" w:id=\"-1\"><w:p><w:r><w:separator/></w:r></w:p></w:%s>"
                   "<w:%s w:type=\"continuationSeparator\" w:id=\"0\"><w:p><w:r><w:continuationSeparator/></w:r>"
                   "</w:p></w:%s>%s",
                   element, element, element, element, inner);
    if (!s.p) b->failed = true;
    return s.p;
}

static void add_word_parts(struct build *b, const struct test_docx_parts *m)
{
    char styles[8192];
    size_t n = (size_t)snprintf(styles, sizeof styles, "%s", default_styles);
    for (int i = 1; i <= 6; i++)
        n += (size_t)snprintf(
            styles + n, sizeof styles - n,
            "<w:style w:type=\"paragraph\" w:styleId=\"Heading%d\"><w:name w:val=\"heading %d\"/><w:basedOn "
            "w:val=\"Normal\"/><w:pPr><w:outlineLvl w:val=\"%d\"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>",
            i, i, i - 1);
    add_part(b, "styles.xml", "w:styles", or_default(m->styles, styles), "styles+xml", "styles", "rIdStyles");
    add_part(b, "numbering.xml", "w:numbering", or_default(m->numbering, default_numbering), "numbering+xml",
             "numbering", "rIdNumbering");
    add_part(b, "settings.xml", "w:settings", m->settings, "settings+xml", "settings", "rIdSettings");
    add_part(b, "comments.xml", "w:comments", m->comments, "comments+xml", "comments", "rIdComments");
    add_part(b, "commentsExtended.xml", "w15:commentsEx", m->comments_extended, "commentsExtended+xml",
             "http://schemas.microsoft.com/office/2011/relationships/commentsExtended", "rIdCommentsEx");
    add_part(b, "commentsIds.xml", "w16cid:commentsIds", m->comments_ids, "commentsIds+xml",
             "http://schemas.microsoft.com/office/2016/09/relationships/commentsIds", "rIdCommentsIds");
    add_part(b, "commentsExtensible.xml", "w16cex:commentsExtensible", m->comments_extensible, "commentsExtensible+xml",
             "http://schemas.microsoft.com/office/2018/08/relationships/commentsExtensible", "rIdCommentsExtensible");
    add_part(b, "people.xml", "w15:people", m->people, "people+xml",
             "http://schemas.microsoft.com/office/2011/relationships/people", "rIdPeople");
    add_part(b, "footnotes.xml", "w:footnotes", notes_with_separators(b, "footnote", m->footnotes), "footnotes+xml",
             "footnotes", "rIdFootnotes");
    add_part(b, "endnotes.xml", "w:endnotes", notes_with_separators(b, "endnote", m->endnotes), "endnotes+xml",
             "endnotes", "rIdEndnotes");
    add_part(b, "header1.xml", "w:hdr", m->header, "header+xml", "header", "rIdHeader");
    add_part(b, "footer1.xml", "w:ftr", m->footer, "footer+xml", "footer", "rIdFooter");
}

static void add_properties(struct build *b, const struct test_docx_parts *m, struct sb *root_rels)
{
    CLEANUP_SB struct sb x = SB_INIT(MAX_BYTES);
    if (m->core) {
        sb_printf(
            &x,
            "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" "
            "xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" "
            "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">%s</cp:coreProperties>",
            m->core);
        add_entry(b, "docProps/core.xml", &x);
        sb_c(root_rels,
             "<Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/"
             "core-properties\" Target=\"docProps/core.xml\"/>");
        sb_c(&b->types, "<Override PartName=\"/docProps/core.xml\" "
                        "ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>");
        sb_reset(&x);
    }
    if (m->app) {
        sb_printf(&x, "<Properties xmlns=\"%s\">%s</Properties>",
                  b->strict ? NS_OFFICE_STRICT "/extendedProperties" : NS_OFFICE "/extended-properties", m->app);
        add_entry(b, "docProps/app.xml", &x);
        sb_printf(root_rels, "<Relationship Id=\"rId3\" Type=\"%s\" Target=\"docProps/app.xml\"/>",
                  b->strict ? NS_OFFICE_STRICT "/relationships/extendedProperties"
                            : NS_OFFICE "/relationships/extended-properties");
        sb_c(&b->types, "<Override PartName=\"/docProps/app.xml\" "
                        "ContentType=\"application/vnd.openxmlformats-officedocument.extended-properties+xml\"/>");
    }
}

static void add_document(struct build *b, const char *body_xml, const struct test_docx_parts *m)
{
    CLEANUP_SB struct sb x = SB_INIT(MAX_BYTES);
    if (m->document) {
        sb_c(&x, m->document);
    } else {
        sb_c(&x, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:document");
        sb_namespaces(&x, b->strict);
        sb_printf(&x, "><w:body>%s</w:body></w:document>", body_xml);
    }
    add_entry(b, "word/document.xml", &x);
    sb_printf(&b->types, "<Override PartName=\"/word/document.xml\" ContentType=\"%s\"/>",
              m->main_type ? m->main_type : CT_WORD "document.main+xml");
}

static void add_opc(struct build *b, const struct test_docx_parts *m, const struct sb *root_rels)
{
    CLEANUP_SB struct sb x = SB_INIT(MAX_BYTES);
    sb_printf(
        &x,
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" "
        "Type=\"%s/relationships/officeDocument\" Target=\"word/document.xml\"/>",
        b->strict ? NS_OFFICE_STRICT : NS_OFFICE);
    sb_str(&x, sb_view(root_rels));
    sb_c(&x, "</Relationships>");
    add_entry(b, "_rels/.rels", &x);
    sb_reset(&x);
    sb_c(&x, "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
    sb_str(&x, sb_view(&b->rels));
    sb_c(&x, m->rels ? m->rels : "");
    sb_c(&x, "</Relationships>");
    add_entry(b, "word/_rels/document.xml.rels", &x);
    sb_reset(&x);
    sb_c(&x,
         "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" "
         "ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" "
         "ContentType=\"application/xml\"/>");
    sb_str(&x, sb_view(&b->types));
    sb_c(&x, m->content_types ? m->content_types : "");
    sb_c(&x, "</Types>");
    add_entry(b, "[Content_Types].xml", &x);
}

struct str test_docx(struct arena *a, const char *body_xml, const struct test_docx_parts *more)
{
    static const struct test_docx_parts none = {0};
    const struct test_docx_parts *m = more ? more : &none;
    struct build b = {.a = a, .strict = m->strict, .types = SB_INIT(MAX_BYTES), .rels = SB_INIT(MAX_BYTES)};
    CLEANUP_SB struct sb root_rels = SB_INIT(MAX_BYTES);
    add_document(&b, body_xml, m);
    add_word_parts(&b, m);
    add_properties(&b, m, &root_rels);
    for (size_t i = 0; i < m->n_more; i++) {
        struct test_zip_entry *entry = VEC_PUSH(a, &b.entries);
        if (!entry)
            b.failed = true;
        else
            *entry = m->more[i];
    }
    add_opc(&b, m, &root_rels);
    struct str ret = b.failed ? STR_EMPTY : test_zip(a, b.entries.at, b.entries.n);
    sb_done(&b.types);
    sb_done(&b.rels);
    return ret;
}

static void sb_paragraph(struct sb *x, const char *ppr, const char *rpr, struct str text)
{
    sb_printf(x, "<w:p>%s<w:r>%s<w:t xml:space=\"preserve\">", ppr, rpr);
    sb_xml_text(x, text);
    sb_c(x, "</w:t></w:r></w:p>");
}

static void sb_table_row(struct sb *x, struct str line)
{
    sb_c(x, "<w:tr>");
    struct str rest = str_sub(line, 1, line.n);
    if (str_ends(rest, STR("|"))) rest.n--;
    while (rest.p) {
        struct str cell = str_cut(rest, '|', &rest);
        sb_c(x, "<w:tc><w:tcPr><w:tcW w:w=\"2000\" w:type=\"dxa\"/></w:tcPr>");
        sb_paragraph(x, "", "", str_trim(cell));
        sb_c(x, "</w:tc>");
    }
    sb_c(x, "</w:tr>");
}

static void sb_line(struct sb *x, struct str line)
{
    size_t level = 0;
    while (level < line.n && line.p[level] == '#')
        level++;
    if (level >= 1 && level <= 6 && level < line.n && line.p[level] == ' ') {
        char ppr[64];
        (void)snprintf(ppr, sizeof ppr, "<w:pPr><w:pStyle w:val=\"Heading%zu\"/></w:pPr>", level);
        sb_paragraph(x, ppr, "", str_trim(str_sub(line, level, line.n)));
    } else if (str_starts(line, STR("- "))) {
        sb_paragraph(x,
                     "<w:pPr><w:pStyle w:val=\"ListParagraph\"/><w:numPr><w:ilvl w:val=\"0\"/><w:numId "
                     "w:val=\"1\"/></w:numPr></w:pPr>",
                     "", str_trim(str_sub(line, 2, line.n)));
    } else if (str_starts(line, STR("**")) && str_ends(line, STR("**")) && line.n > 4) {
        sb_paragraph(x, "", "<w:rPr><w:b/></w:rPr>", str_sub(line, 2, line.n - 2));
    } else {
        sb_paragraph(x, "", "", line);
    }
}

struct str test_body_from_lines(struct arena *a, const char *lines)
{
    CLEANUP_SB struct sb x = SB_INIT(MAX_BYTES);
    bool in_table = false;
    struct str rest = str_from_c(lines);
    while (rest.p) {
        struct str line = str_trim(str_cut(rest, '\n', &rest));
        bool row = line.n > 1 && line.p[0] == '|';
        if (row && !in_table) sb_c(&x, "<w:tbl><w:tblPr/><w:tblGrid/>");
        if (!row && in_table) sb_c(&x, "</w:tbl>");
        in_table = row;
        if (row)
            sb_table_row(&x, line);
        else if (line.n)
            sb_line(&x, line);
    }
    if (in_table) sb_c(&x, "</w:tbl>");
    struct str ret = STR_EMPTY;
    struct error e;
    if (sb_take(&x, a, &ret, &e) != ERR_OK) return STR_EMPTY;
    return ret;
}

struct str test_docx_from_lines(struct arena *a, const char *lines)
{
    struct str body = test_body_from_lines(a, lines);
    return body.p ? test_docx(a, body.p, NULL) : STR_EMPTY;
}
