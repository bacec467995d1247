/* The facts of facts.h, each once, with its places; and numbers and names, which are found here by their look: a number with the word behind it, and
 * capitalized words that stand together. Names are a hint, not a statement, so what is found wrongly costs a few bytes and no more.
 * What stands in one place only is of no use for holding one part against another, but for dates and meanings of terms; numbers and names in one
 * place are left out. */
#include "rules/ledger.h"

#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "rules/engine_priv.h"
#include "rules/facts.h"

enum { PLACES_MAX = 8, ENTRIES_MAX = 400, ENTRY_BYTES_MAX = 80 };

struct entry {
    struct str text;
    uint32_t blocks[PLACES_MAX]; /* the first ones, each once */
    uint32_t n;                  /* all */
};

struct entries {
    VEC(struct entry) at;
    struct map by_text;
};

static enum err add(struct entries *list, struct arena *a, struct str text, uint32_t block, struct error *e)
{
    struct entry *found = NULL;
    size_t *index = map_get(&list->by_text, text);
    if (index) {
        found = &list->at.at[*index];
    } else {
        if (list->at.n >= ENTRIES_MAX || text.n > ENTRY_BYTES_MAX) return ERR_OK;
        index = NEW(a, size_t, 1);
        struct str kept = str_dup(a, text);
        found = VEC_PUSH(a, &list->at);
        if (!index || !kept.p || !found || !map_put(&list->by_text, kept, index)) return error_no_memory(e);
        *index = list->at.n - 1;
        *found = (struct entry){.text = kept};
    }
    if (found->n > 0 && found->blocks[(found->n < PLACES_MAX ? found->n : PLACES_MAX) - 1] == block) return ERR_OK;
    if (found->n < PLACES_MAX) found->blocks[found->n] = block;
    found->n++;
    return ERR_OK;
}

static void put(struct sb *out, const struct entries *list, const char *kind, uint32_t least, size_t max)
{
    for (size_t i = 0; i < list->at.n && out->n < max; i++) {
        const struct entry *x = &list->at.at[i];
        if (x->n < least) continue;
        sb_printf(out, "%s %.*s: block%s ", kind, STR_ARG(x->text), x->n == 1 ? "" : "s");
        uint32_t shown = x->n < PLACES_MAX ? x->n : PLACES_MAX;
        for (uint32_t k = 0; k < shown; k++)
            sb_printf(out, "%s%u", k ? ", " : "", x->blocks[k]);
        sb_c(out, x->n > shown ? ", …\n" : "\n");
    }
}

static enum err dates(const struct rules_run *run, struct sb *out, size_t max, struct error *e)
{
    struct entries list = {.by_text = map_make(run->arena)};
    for (size_t i = 0; i < run->facts->dates.n; i++) {
        const struct facts_date *d = &run->facts->dates.at[i];
        struct str text = d->year && d->day && d->format != FACTS_DATE_AMBIGUOUS
                              ? str_printf(run->arena, "%04d-%02d-%02d", d->year, d->month, d->day)
                              : str_sub(run->doc->blocks.at[d->span.block].text, d->span.start, d->span.end);
        if (!text.p) return error_no_memory(e);
        TRY(add(&list, run->arena, text, d->span.block, e));
    }
    put(out, &list, "date", 1, max);
    return ERR_OK;
}

static void terms(const struct rules_run *run, struct sb *out, size_t max)
{
    for (size_t i = 0; i < run->facts->acronyms.n && out->n < max; i++) {
        const struct facts_acronym *x = &run->facts->acronyms.at[i];
        sb_printf(out, "term %.*s: ", STR_ARG(x->text));
        if (x->meanings.n == 0) sb_c(out, "nowhere explained");
        for (size_t k = 0; k < x->meanings.n; k++)
            sb_printf(out, "%s\"%.*s\" (block %u)", k ? ", " : "", STR_ARG(x->meanings.at[k]),
                      x->definitions.at[k].block);
        sb_printf(out, "; used %u times, first in block %u\n", x->uses, x->first_use.block);
    }
}

/* --- numbers and names, by their look --- */

static bool is_word_rune(uint32_t r) { return utf8_is_letter(r) || utf8_is_digit(r) || r == '\'' || r == 0x2019; }

/* The word at *at or behind it: letters, digits, and of a number what is inside it ("1,200.5", "12%"). */
static struct str next_word(struct str text, size_t *at, bool *ret_number, bool *ret_gap)
{
    size_t start = text.n, i = *at;
    bool number = false;
    *ret_gap = false;
    while (i < text.n) {
        size_t before = i;
        uint32_t r = utf8_next(text, &i);
        bool inside = is_word_rune(r);
        if (inside && start == text.n) {
            start = before;
            number = utf8_is_digit(r);
        }
        bool of_number = start < text.n && number && (r == '.' || r == ',' || r == '%') &&
                         (r == '%' || (i < text.n && text.p[i] >= '0' && text.p[i] <= '9'));
        if (start < text.n && !inside && !of_number) {
            i = before;
            break;
        }
        if (start == text.n && r != ' ') *ret_gap = true; /* punctuation between two words */
    }
    *at = i;
    *ret_number = number;
    return str_sub(text, start, i);
}

static bool is_capitalized(struct str word)
{
    size_t at = 0;
    if (word.n == 0 || !utf8_is_upper(utf8_next(word, &at)) || at >= word.n) return false;
    return utf8_is_lower(utf8_next(word, &at));
}

static enum err look(const struct rules_run *run, uint32_t block, struct entries *numbers, struct entries *names,
                     struct error *e)
{
    struct str text = run->doc->blocks.at[block].text, before = STR_EMPTY, name = STR_EMPTY;
    bool number_before = false;
    for (size_t at = 0; at < text.n;) {
        bool number, gap;
        struct str word = next_word(text, &at, &number, &gap);
        if (word.n == 0) break;
        if (number_before && !gap && !number)
            TRY(add(numbers, run->arena, str_sub(text, (size_t)(before.p - text.p), (size_t)(word.p - text.p) + word.n),
                    block, e));
        bool capitalized = !number && is_capitalized(word);
        if (capitalized && name.n > 0 && !gap)
            name.n = (size_t)(word.p - name.p) + word.n;
        else {
            if (str_find_char(name, ' ', 0) != STR_NONE) TRY(add(names, run->arena, name, block, e));
            name = capitalized ? word : STR_EMPTY;
        }
        before = word;
        number_before = number;
    }
    return str_find_char(name, ' ', 0) != STR_NONE ? add(names, run->arena, name, block, e) : ERR_OK;
}

enum err rules__ledger_put(const struct rules_run *run, size_t max, struct sb *out, struct error *e)
{
    struct entries numbers = {.by_text = map_make(run->arena)}, names = {.by_text = map_make(run->arena)};
    size_t begun = out->n;
    for (uint32_t i = 0; i < run->doc->blocks.n; i++)
        if (rules__reviewed(run, i) && run->doc->blocks.at[i].kind != DOC_BLOCK_HEADING)
            TRY(look(run, i, &numbers, &names, e));
    TRY(dates(run, out, begun + max * 4 / 10, e));
    terms(run, out, begun + max * 6 / 10);
    put(out, &numbers, "number", 2, begun + max * 8 / 10);
    put(out, &names, "name", 2, begun + max);
    return ERR_OK;
}
