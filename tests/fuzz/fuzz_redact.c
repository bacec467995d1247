/* Any document and any text: what is sent is put back as it was, byte for byte, or is not sent; and no value that the rules found in the document
 * stands in what is sent, as it was found. The first line of the input is the text, the others are paragraphs, which are texts too. */
#include <assert.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "review/redact.h"
#include "rules/personal.h"

#define BLOCKS_MAX 100

static const struct rules_engine *engine(void)
{
    static struct rules_engine *made; /* patterns take long to compile */
    struct error e;
    if (!made && rules_engine_new(NULL, &made, &e) != ERR_OK) abort();
    return made;
}

static bool is_wordy(struct str text, size_t at)
{
    size_t i = at;
    uint32_t r = at < text.n ? utf8_next(text, &i) : ' ';
    return utf8_is_letter(r) || utf8_is_digit(r);
}

/* As a word of its own. */
static bool stands_in(struct str text, struct str value)
{
    for (size_t at = 0; (at = str_find(text, value, at)) != STR_NONE; at++) {
        size_t before = at;
        uint32_t r = at > 0 ? utf8_prev(text, &before) : ' ';
        if (!utf8_is_letter(r) && !utf8_is_digit(r) && !is_wordy(text, at + value.n)) return true;
    }
    return false;
}

static void run(const struct redact *r, const struct rules_personal_found *found, struct str text, struct arena *a)
{
    struct str sent, back;
    struct error e;
    if (redact_text(r, text, a, &sent, &e) != ERR_OK) return;
    assert(redact_back(r, sent, a, &back, &e) == ERR_OK);
    assert(str_eq(back, text));
    for (size_t i = 0; i < found->n; i++) {
        struct str value = str_trim(found->at[i].value);
        if (found->at[i].kind != RULES_PERSON && value.n > 0 && is_wordy(value, 0)) assert(!stands_in(sent, value));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new((size_t)512 << 20);
    struct doc_block *blocks = a ? NEW(a, struct doc_block, BLOCKS_MAX) : NULL;
    struct str rest = {(const char *)data, n};
    struct doc doc = {.arena = a, .blocks = {blocks, 0}};
    struct rules_personal_found found;
    struct redact *r = NULL;
    struct error e;
    while (blocks && n <= 65536 && rest.p && doc.blocks.n < BLOCKS_MAX) {
        struct str line = str_cut(rest, '\n', &rest);
        if (!utf8_valid(line) || str_find_char(line, '\0', 0) != STR_NONE) continue;
        blocks[doc.blocks.n++].text = line;
    }
    if (doc.blocks.n > 0 && redact_new(engine(), &doc, REDACT_ON, a, &r, &e) == ERR_OK &&
        rules_personal_find(engine(), &doc, a, &found, &e) == ERR_OK)
        for (uint32_t i = 0; i < doc.blocks.n; i++)
            run(r, &found, blocks[i].text, a);
    arena_free(a);
    return 0;
}
