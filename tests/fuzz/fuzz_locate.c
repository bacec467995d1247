/* Any document and any quote: locating ends, and what it finds lies in the text. The first line of the input is the quote, the others are
 * paragraphs; one that begins with a control character is a footnote's. A quote cut out of a paragraph is found there, or is refused as
 * ambiguous, or is one that may not be found (part of a word, too short); it is never found as other letters. */
#include <assert.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "review/locate.h"

#define BLOCKS_MAX 200

static void check(const struct doc *doc, const struct locate_result *r)
{
    if (r->how == LOCATE_NOT_FOUND || r->how == LOCATE_AMBIGUOUS) return;
    assert(r->anchor.start.block < doc->blocks.n && r->anchor.end.block < doc->blocks.n);
    assert(r->anchor.start.block <= r->anchor.end.block);
    assert(r->anchor.start.offset <= doc->blocks.at[r->anchor.start.block].text.n);
    assert(r->anchor.end.offset <= doc->blocks.at[r->anchor.end.block].text.n);
    if (r->anchor.start.block == r->anchor.end.block) assert(r->anchor.start.offset < r->anchor.end.offset);
    assert(doc->blocks.at[r->anchor.start.block].story == doc->blocks.at[r->anchor.end.block].story);
    assert(r->similarity >= 0 && r->similarity <= 1);
}

static void run(struct arena *a, const struct doc *doc, struct str quote)
{
    struct locate_index *index = NULL;
    struct locate_result r = {0};
    struct error e;
    struct locate_query q = {.quote = quote, .block = DOC_NONE};
    if (locate_index_new(doc, a, &index, &e) != ERR_OK) return;
    if (locate_quote(index, &q, a, &r, &e) == ERR_OK) check(doc, &r);
    q.block = 0;
    if (locate_quote(index, &q, a, &r, &e) == ERR_OK) check(doc, &r);
    for (uint32_t b = 0; b < doc->blocks.n && b < 8; b++) {
        q = (struct locate_query){.quote = doc->blocks.at[b].text, .block = b};
        if (locate_quote(index, &q, a, &r, &e) != ERR_OK) continue;
        check(doc, &r);
        if (r.how == LOCATE_EXACT) assert(r.anchor.start.block == b);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new((size_t)512 << 20);
    struct doc_block *blocks = a ? NEW(a, struct doc_block, BLOCKS_MAX) : NULL;
    if (!blocks || n > 65536) {
        arena_free(a);
        return 0;
    }
    struct str rest = {(const char *)data, n}, quote = str_cut(rest, '\n', &rest);
    struct doc doc = {.arena = a};
    while (rest.p && doc.blocks.n < BLOCKS_MAX) {
        struct str line = str_cut(rest, '\n', &rest);
        bool note = line.n > 0 && (unsigned char)line.p[0] < 0x20;
        if (!utf8_valid(line) || str_find_char(line, '\0', 0) != STR_NONE) continue;
        blocks[doc.blocks.n++] = (struct doc_block){.text = line, .story = note ? DOC_STORY_FOOTNOTE : DOC_STORY_BODY};
    }
    doc.blocks.at = blocks;
    run(a, &doc, quote);
    arena_free(a);
    return 0;
}
