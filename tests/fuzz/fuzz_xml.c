/* The XML reader on any bytes. For UTF-8 input: the bytes of each tag's range begin with '<' and end with '>', ranges rise and lie in the
 * input, and every start has its end. Reading the same bytes twice gives the same. And it is what expat reads: the same events at the same
 * bytes, the same inputs refused. (Two things only may differ: namespaces, which expat is not asked for here, and names with letters that the
 * 5th edition of XML has and expat, which knows the 4th, has not.) */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include <expat.h>

#include "base/utf8.h"
#include "base/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct seen {
    struct str input;
    bool bytes;     /* one byte an ASCII character: tags can be checked */
    bool odd_cdata; /* see xml.h: ranges of long CDATA that is not UTF-8 overlap */
    size_t next, depth, n_events;
    uint64_t hash;
    size_t text_end; /* of the text that is told piece by piece, 0: none */
    uint64_t
        by_engine; /* what expat must see too: tags and attributes as written, text however it is cut, all ranges */
};

static void see(struct seen *s, struct str text) { s->by_engine = s->by_engine * 31 + str_hash(text); }

static void see_tag(struct seen *s, struct str qname, size_t start, size_t end)
{
    see(s, qname);
    s->by_engine = s->by_engine * 31 + start * 7 + end + s->text_end;
    s->text_end = 0;
}

static void see_text(struct seen *s, struct str text, size_t start, size_t end)
{
    for (size_t i = 0; i < text.n; i++)
        see(s, str_sub(text, i, i + 1));
    if (!s->text_end) s->by_engine = s->by_engine * 31 + start;
    s->text_end = end;
}

static void note(struct seen *s, struct str text, size_t start, size_t end)
{
    assert((start >= s->next || s->odd_cdata) && start <= end && end <= s->input.n);
    s->next = end;
    s->n_events++;
    s->hash = s->hash * 31 + str_hash(text) + start * 7 + end;
}

static enum err on_start(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct seen *s = ctx;
    (void)e;
    note(s, tag->qname, tag->start, tag->end);
    assert(tag->depth == ++s->depth && tag->depth <= 64);
    assert(tag->end - tag->start >= 3);
    if (s->bytes) {
        assert(s->input.p[tag->start] == '<' && s->input.p[tag->end - 1] == '>');
        assert(tag->empty == (s->input.p[tag->end - 2] == '/'));
    }
    see_tag(s, tag->qname, tag->start, tag->end);
    for (size_t i = 0; i < tag->n_attrs; i++) {
        note(s, tag->attrs[i].value, tag->end, tag->end);
        see(s, tag->attrs[i].qname);
        see(s, tag->attrs[i].value);
    }
    if (tag->prefix.n) assert(xml_prefix_uri(r, tag->prefix));
    assert(tag->ns == xml_prefix_ns(r, tag->prefix));
    struct str prefix = STR_EMPTY;
    if (tag->ns) assert(xml_ns_prefix(r, tag->ns, &prefix) && xml_prefix_ns(r, prefix) == tag->ns);
    return ERR_OK;
}

static enum err on_end(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct seen *s = ctx;
    (void)r, (void)e;
    note(s, tag->qname, tag->start, tag->end);
    see_tag(s, tag->qname, tag->start, tag->end);
    assert(tag->depth == s->depth--);
    if (s->bytes && !tag->empty) assert(s->input.p[tag->start] == '<' && s->input.p[tag->end - 1] == '>');
    return ERR_OK;
}

static enum err on_text(void *ctx, struct xml_reader *r, struct str text, size_t start, size_t end, struct error *e)
{
    struct seen *s = ctx;
    (void)r, (void)e;
    assert(text.n > 0 && end > start);
    note(s, text, start, end);
    see_text(s, text, start, end);
    return ERR_OK;
}

/* ---- the same by expat alone ---- */

struct by_expat {
    struct seen seen;
    XML_Parser parser;
    bool dtd;
};

static void expat_range(const struct by_expat *x, size_t *start, size_t *end)
{
    *start = (size_t)XML_GetCurrentByteIndex(x->parser);
    *end = *start + (size_t)XML_GetCurrentByteCount(x->parser);
}

static void expat_start(void *user, const XML_Char *name, const XML_Char **atts)
{
    struct by_expat *x = user;
    size_t start, end;
    expat_range(x, &start, &end);
    see_tag(&x->seen, str_from_c(name), start, end);
    for (size_t i = 0; atts[i]; i += 2) {
        struct str qname = str_from_c(atts[i]);
        if (str_eq(qname, STR("xmlns")) || str_starts(qname, STR("xmlns:"))) continue;
        see(&x->seen, qname);
        see(&x->seen, str_from_c(atts[i + 1]));
    }
}

static void expat_end(void *user, const XML_Char *name)
{
    struct by_expat *x = user;
    size_t start, end;
    expat_range(x, &start, &end);
    see_tag(&x->seen, str_from_c(name), start, end);
}

static void expat_text(void *user, const XML_Char *text, int n)
{
    struct by_expat *x = user;
    size_t start, end;
    expat_range(x, &start, &end);
    see_text(&x->seen, (struct str){text, (size_t)n}, start, end);
}

static void expat_doctype(void *user, const XML_Char *name, const XML_Char *system_id, const XML_Char *public_id,
                          int has_internal_subset)
{
    struct by_expat *x = user;
    (void)name, (void)system_id, (void)public_id, (void)has_internal_subset;
    x->dtd = true;
    XML_StopParser(x->parser, XML_FALSE);
}

static void compare_with_expat(struct str input, const struct seen *ours, enum err err, const struct error *e)
{
    struct by_expat x = {.parser = XML_ParserCreate(NULL)};
    assert(x.parser);
    XML_SetUserData(x.parser, &x);
    XML_SetElementHandler(x.parser, expat_start, expat_end);
    XML_SetCharacterDataHandler(x.parser, expat_text);
    XML_SetStartDoctypeDeclHandler(x.parser, expat_doctype);
    bool ok = XML_Parse(x.parser, input.n ? input.p : "", (int)input.n, 1) == XML_STATUS_OK;
    XML_Index at = XML_GetCurrentByteIndex(x.parser);
    bool newer_name = !ok && at >= 0 && (size_t)at < input.n && (unsigned char)input.p[at] >= 0x80 && utf8_valid(input);
    if (err == ERR_OK && !newer_name) assert(ok && x.seen.by_engine == ours->by_engine);
    if (err != ERR_OK && ok) assert(err == ERR_LIMIT || strstr(e->message, " at line ")); /* depth or namespaces */
    XML_ParserFree(x.parser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct xml_ns namespaces[] = {{"urn:w", 1}, {"urn:r", 2}};
    static const struct xml_name names[] = {{1, "p", 1}, {1, "t", 2}, {2, "id", 3}, {0, "a", 4}};
    static const struct xml_vocab vocab = {namespaces, 2, names, 4};
    static const struct xml_handler handler = {on_start, on_end, on_text};
    const struct xml_options options = {.vocab = &vocab, .max_depth = 64, .what = "input"};
    struct str input = {(const char *)data, n};
    /* UTF-16 has a zero byte in each ASCII character; UTF-8 and its subsets never have one in well-formed XML */
    struct seen first = {.input = input, .bytes = str_find_char(input, '\0', 0) == STR_NONE}, second;
    first.odd_cdata =
        input.n > 1024 && (!first.bytes || (str_find(str_sub(input, 0, 200), STR("encoding"), 0) != STR_NONE &&
                                            str_find(input, STR("[CDATA["), 0) != STR_NONE));
    second = first;
    struct error e = {0};
    enum err err = xml_read(input, &options, &handler, &first, &e);
    assert(err == ERR_OK || (e.code == err && e.message[0]));
    if (err == ERR_OK) assert(first.depth == 0 && first.n_events >= 2);
    assert(xml_read(input, &options, &handler, &second, NULL) == err);
    assert(first.hash == second.hash && first.n_events == second.n_events);
    compare_with_expat(input, &first, err, &e);
    return 0;
}
