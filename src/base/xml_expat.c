/* expat for what the scanner does not read: UTF-16, ISO-8859-1, US-ASCII, unusual declarations; and as the judge of
 * what is not well-formed.
 * expat's own namespace mode is not used: it glues URI and local name into one long string that would have to be
 * compared a tag, and it hides the prefix, which writing needs. Ranges are expat's byte index and count of the current
 * event; the input is fed in slices, because a build of expat that keeps context (Debian's) copies what it is fed: a
 * slice's copy stays in the cache, the whole part's would not.
 * Source: expat 2.5 reference. */
#include "base/xml_priv.h"

#include <stdlib.h>

#include <expat.h>

#define SLICE     ((size_t)64 << 10) /* bytes fed at once … */
#define SLICE_MAX ((size_t)1 << 30)  /* … and while one token goes on and on */

static void event_range(struct xml_reader *r, size_t *start, size_t *end)
{
    XML_Index at = XML_GetCurrentByteIndex(r->expat);
    int n = XML_GetCurrentByteCount(r->expat);
    *start = at < 0 ? 0 : (size_t)at;
    *end = *start + (n < 0 ? 0 : (size_t)n);
    if (*end > r->input.n) *end = r->input.n;
}

/* The tag that ends before byte end is written as <a/>. A '/' before the '>' can be nothing else: within an attribute a quote follows it. */
static bool is_empty_tag(struct str input, size_t start, size_t end)
{
    if (end - start < 4) return false;
    const char *last = input.p + end - 4;
    if (last[3] == '\0') return last[0] == '/' && last[1] == '\0'; /* UTF-16 LE */
    if (last[2] == '\0') return last[0] == '\0' && last[1] == '/'; /* UTF-16 BE */
    return last[2] == '/';
}

/* Nothing more is told after an error. */
static void stop_parser(struct xml_reader *r)
{
    if (r->err != ERR_OK) XML_StopParser(r->expat, XML_FALSE);
}

static void on_start(void *user, const XML_Char *name, const XML_Char **atts)
{
    struct xml_reader *r = user;
    r->progress = true;
    if (r->err != ERR_OK) return;
    size_t start = 0, end = 0;
    event_range(r, &start, &end);
    r->attrs.n = 0;
    for (size_t i = 0; atts[i] && r->err == ERR_OK; i += 2) {
        struct xml_attr *attr = VEC_PUSH(r->arena, &r->attrs);
        if (attr)
            *attr = (struct xml_attr){.qname = str_from_c(atts[i]), .value = str_from_c(atts[i + 1])};
        else
            xml__stop(r, error_no_memory(r->e));
    }
    if (r->err == ERR_OK) xml__start(r, str_from_c(name), start, end, is_empty_tag(r->input, start, end));
    stop_parser(r);
}

static void on_end(void *user, const XML_Char *name)
{
    struct xml_reader *r = user;
    r->progress = true;
    if (r->err != ERR_OK || r->frames.n == 0) return;
    size_t start = 0, end = 0;
    event_range(r, &start, &end);
    xml__end(r, str_from_c(name), start, end);
    stop_parser(r);
}

static void on_text(void *user, const XML_Char *s, int n)
{
    struct xml_reader *r = user;
    r->progress = true;
    if (r->err != ERR_OK || n <= 0) return;
    size_t start = 0, end = 0;
    event_range(r, &start, &end);
    if (end <= start) end = r->input.n; /* a ']' at the very end of an unfinished document: expat knows no end of it */
    xml__text(r, (struct str){s, (size_t)n}, start, end);
    stop_parser(r);
}

unsigned long xml__expat_line(const struct xml_reader *r) { return (unsigned long)XML_GetCurrentLineNumber(r->expat); }

unsigned long xml__expat_column(const struct xml_reader *r)
{
    return (unsigned long)XML_GetCurrentColumnNumber(r->expat) + 1;
}

static void on_doctype(void *user, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                       int has_internal_subset)
{
    struct xml_reader *r = user;
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    if (r->err != ERR_OK) return;
    xml__stop(r, error_set_reason(r->e, ERR_INVALID, "dtd_forbidden",
                                  "\"%s\" has a document type declaration at line %lu, which is not allowed", r->what,
                                  xml__expat_line(r)));
    stop_parser(r);
}

static enum err parse_error(struct xml_reader *r)
{
    enum XML_Error code = XML_GetErrorCode(r->expat);
    if (code == XML_ERROR_NO_MEMORY) return error_no_memory(r->e);
    if (code == XML_ERROR_UNKNOWN_ENCODING)
        return error_set_reason(r->e, ERR_INVALID, "unsupported_encoding",
                                "\"%s\" is written in an encoding that is not supported; UTF-8, UTF-16, ISO-8859-1 "
                                "and US-ASCII are",
                                r->what);
    const char *text = XML_ErrorString(code);
    return error_set_reason(r->e, ERR_INVALID, "bad_xml", "\"%s\" is not well-formed XML: %s at line %lu, column %lu",
                            r->what, text ? text : "unknown error", xml__expat_line(r), xml__expat_column(r));
}

static enum err parse(struct xml_reader *r)
{
    size_t at = 0, slice = SLICE;
    bool last = false;
    while (!last) {
        int n = r->input.n - at > slice ? (int)slice : (int)(r->input.n - at);
        r->progress = false;
        last = (size_t)n == r->input.n - at;
        enum XML_Status status = XML_Parse(r->expat, r->input.n ? r->input.p + at : "", n, last);
        if (r->err != ERR_OK) return r->err;
        if (status != XML_STATUS_OK) return parse_error(r);
        at += (size_t)n;
        if (r->progress)
            slice = SLICE;
        else if (slice < SLICE_MAX)
            slice *= 2; /* expat scans an unfinished token anew for each slice */
    }
    return ERR_OK;
}

static enum err with_parser(struct xml_reader *r, bool tell)
{
    /* plain malloc: the tests that fail allocations wrap it, and would not see the calls inside a shared library */
    const XML_Memory_Handling_Suite memory = {malloc, realloc, free};
    r->expat = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (!r->expat) return error_no_memory(r->e);
    XML_SetUserData(r->expat, r);
    if (tell) XML_SetElementHandler(r->expat, on_start, on_end);
    if (tell && r->handler->text) XML_SetCharacterDataHandler(r->expat, on_text);
    XML_SetStartDoctypeDeclHandler(r->expat, on_doctype);
    enum err err = parse(r);
    XML_ParserFree(r->expat);
    r->expat = NULL;
    return err;
}

enum err xml__expat(struct xml_reader *r) { return with_parser(r, true); }

enum err xml__judge(struct xml_reader *r)
{
    enum err err = with_parser(r, false);
    if (err != ERR_OK) return err;
    /* No input is known that comes here: two parsers that disagree are one too many to trust the document. */
    return error_set_reason(r->e, ERR_INVALID, "bad_xml", "\"%s\" is not well-formed XML", r->what);
}
