/* Any answer of a model over any document. The first line of the input is a number (how the text is cut), then paragraphs, an empty line, and the answer.
 * Any cut gives the same text and the same citations; each citation is exactly words of the document; and what looks like a citation in the text that
 * comes out is one. */
#include <assert.h>

#include "base/utf8.h"
#include "doc/text.h"
#include "review/chat_cite.h"

enum { BLOCKS_MAX = 100 };

struct run {
    struct chat_cite cite;
    struct sb out;
    bool whole; /* it did not end for want of memory */
};

static void run(struct run *r, const struct doc *doc, const struct locate_index *index, struct str text, size_t step)
{
    struct error e;
    r->out = (struct sb)SB_INIT(SIZE_MAX);
    chat_cite_init(&r->cite, doc, index, doc->arena);
    r->whole = true;
    for (size_t at = 0; at < text.n && r->whole;) {
        size_t end = at + step < text.n ? at + step : text.n;
        while (end < text.n && ((unsigned char)text.p[end] & 0xC0) == 0x80)
            end++;
        r->whole = chat_cite_feed(&r->cite, str_sub(text, at, end), &r->out, &e) == ERR_OK;
        at = end;
    }
    r->whole = r->whole && chat_cite_end(&r->cite, &r->out, &e) == ERR_OK;
}

static void check_cited(const struct doc *doc, const struct chat_cited *c)
{
    assert(c->block < doc->blocks.n && c->start < c->end);
    const struct doc_block *b = &doc->blocks.at[c->block];
    size_t from = doc_offset_from_utf16(b, c->start), to = doc_offset_from_utf16(b, c->end);
    assert(str_eq(str_sub(b->text, from, to), c->quote) && c->quote.n > 0 && c->quote.n <= CHAT_CITED_MAX + 64);
    assert(utf8_valid(c->quote));
}

/* Each "[[digits]]" is the number of a citation. */
static void check_text(struct str s, size_t n)
{
    for (size_t at = 0; (at = str_find(s, STR("[["), at)) != STR_NONE; at++) {
        size_t number = 0, i = at + 2;
        for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9' && i < at + 9; i++)
            number = number * 10 + (size_t)(s.p[i] - '0');
        if (i > at + 2 && str_starts(str_sub(s, i, s.n), STR("]]"))) assert(number >= 1 && number <= n);
    }
}

static void compare(const struct doc *doc, struct str text, size_t step)
{
    struct locate_index *index = NULL;
    struct error e;
    struct run whole, parts;
    if (locate_index_new(doc, doc->arena, &index, &e) != ERR_OK) return;
    run(&whole, doc, index, text, text.n + 1);
    run(&parts, doc, index, text, step);
    if (whole.whole && parts.whole) {
        assert(str_eq(sb_view(&whole.out), sb_view(&parts.out)));
        assert(whole.cite.found.n == parts.cite.found.n && utf8_valid(sb_view(&whole.out)));
        for (size_t i = 0; i < whole.cite.found.n; i++)
            check_cited(doc, &whole.cite.found.at[i]);
        check_text(sb_view(&whole.out), whole.cite.found.n);
    }
    sb_done(&whole.out);
    sb_done(&parts.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new((size_t)256 << 20);
    struct doc_block *blocks = a ? NEW(a, struct doc_block, BLOCKS_MAX) : NULL;
    struct str rest = {(const char *)data, n}, first = str_cut(rest, '\n', &rest);
    struct doc doc = {.arena = a};
    size_t step = first.n ? (size_t)(unsigned char)first.p[0] % 32 + 1 : 1;
    while (blocks && n <= 16384 && rest.p && doc.blocks.n < BLOCKS_MAX) {
        struct str line = str_cut(rest, '\n', &rest);
        if (line.n == 0) break;
        if (!utf8_valid(line) || str_find_char(line, '\0', 0) != STR_NONE) continue;
        blocks[doc.blocks.n++] = (struct doc_block){.text = line, .story = DOC_STORY_BODY};
    }
    doc.blocks.at = blocks;
    if (blocks && rest.p && utf8_valid(rest)) compare(&doc, rest, step);
    arena_free(a);
    return 0;
}
