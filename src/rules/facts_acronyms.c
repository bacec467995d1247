/* Acronyms: words of two to eight capitals ("RCA", "KPIs", "S3", "R&D") and where they are explained.
 *
 * A definition is "Root Cause Analysis (RCA)", "RCA (Root Cause Analysis)", a line or a table row of a glossary ("RCA – Root Cause Analysis"). Whether words explain an
 * acronym is decided as Schwartz and Hearst do (2003): its letters are found from the right, the first one at the beginning of a word.
 * Rejected: first letters only (misses "XML" = "Extensible Markup Language").
 * Limits: Latin capitals; text that is all in capitals has no acronyms, it only shouts. */
#include "base/map.h"
#include "rules/facts_priv.h"

#define ACRONYM_MIN 2
#define ACRONYM_MAX 8

/* Index + 1 of an acronym, so that NULL is none. */
struct found {
    struct map by_text;
    struct rules_facts *facts;
};

static char lower(char c) { return facts__is_upper(c) ? (char)(c + 32) : c; }

/* Is most of the block in capitals (a heading, a banner)? */
static bool shouts(struct str text)
{
    size_t upper = 0, small = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (facts__is_upper(text.p[i])) upper++;
        if (facts__is_alpha(text.p[i]) && !facts__is_upper(text.p[i])) small++;
    }
    return upper > 8 && small < upper;
}

/* The acronym that begins at `at` (a word's start), without a plural "s"; *ret_end: behind the whole word. */
static bool read_acronym(struct str text, size_t at, struct str *ret, size_t *ret_end)
{
    size_t end = at, upper = 0;
    while (end < text.n && (facts__is_upper(text.p[end]) || facts__is_digit(text.p[end]) ||
                            (text.p[end] == '&' && end > at && end + 1 < text.n && facts__is_upper(text.p[end + 1])))) {
        if (facts__is_upper(text.p[end])) upper++;
        end++;
    }
    size_t n = end - at;
    if (end < text.n && text.p[end] == 's' && !(end + 1 < text.n && facts__word_at(text, end + 1))) end++;
    *ret_end = end;
    if (end < text.n && (facts__word_at(text, end) || text.p[end] == '_')) return false;
    if (at > 0 && (text.p[at - 1] == '_' || text.p[at - 1] == '@' || text.p[at - 1] == '#' || text.p[at - 1] == '/'))
        return false;
    if (upper < 2 || n < ACRONYM_MIN || n > ACRONYM_MAX || !facts__is_upper(text.p[at])) return false;
    *ret = str_sub(text, at, at + n);
    return true;
}

/* Schwartz–Hearst: the start of the words at the end of `before` that the acronym may stand for, or STR_NONE. */
static size_t long_form(struct str acronym, struct str before)
{
    size_t words_max = acronym.n + 5 < 2 * acronym.n ? acronym.n + 5 : 2 * acronym.n;
    size_t at = before.n;
    for (size_t k = acronym.n; k-- > 0;) {
        char c = lower(acronym.p[k]);
        if (c == '&') continue;
        for (;;) {
            if (at == 0) return STR_NONE;
            at--;
            if (lower(before.p[at]) != c) continue;
            if (k > 0 || at == 0 || !facts__word_at(before, at - 1)) break;
            if (c == 'x' && lower(before.p[at - 1]) == 'e' && (at == 1 || !facts__word_at(before, at - 2))) {
                at--; /* "Extensible Markup Language" */
                break;
            }
        }
    }
    size_t words = 0;
    for (size_t i = at; i < before.n; i++) {
        if (facts__word_at(before, i) && (i == at || !facts__word_at(before, i - 1))) words++;
        if (before.p[i] == '.' || before.p[i] == '(' || before.p[i] == ';' || before.p[i] == '\n') return STR_NONE;
    }
    struct str form = str_trim(str_sub(before, at, before.n));
    return words >= 2 && words <= words_max && form.n > acronym.n + 2 ? at : STR_NONE;
}

/* Do the words as a whole explain the acronym? Their first letter is its first. */
static bool explains(struct str acronym, struct str words) { return words.n < 200 && long_form(acronym, words) == 0; }

static enum err add_definition(struct rules_run *run, struct facts_acronym *acronym, struct facts_span span,
                               struct str meaning, struct error *e)
{
    struct facts_span *kept = VEC_PUSH(run->arena, &acronym->definitions);
    if (!kept) return error_no_memory(e);
    *kept = span;
    struct str *words = VEC_PUSH(run->arena, &acronym->meanings);
    if (!words) return error_no_memory(e);
    *words = meaning;
    return ERR_OK;
}

/* The text without quotation marks (plain and typographic), brackets and "the " at its ends: how `(the "RCA")` is read. */
static struct str unwrap(struct str s)
{
    for (;;) {
        struct str t = str_trim(s);
        if (str_starts(t, STR("\"")) || str_starts(t, STR("'"))) t = str_sub(t, 1, t.n);
        if (str_ends(t, STR("\"")) || str_ends(t, STR("'"))) t = str_sub(t, 0, t.n - 1);
        if (str_starts(t, STR("\xE2\x80\x9C")) || str_starts(t, STR("\xE2\x80\x98"))) t = str_sub(t, 3, t.n);
        if (str_ends(t, STR("\xE2\x80\x9D")) || str_ends(t, STR("\xE2\x80\x99"))) t = str_sub(t, 0, t.n - 3);
        if (str_starts_nocase(t, STR("the "))) t = str_sub(t, 4, t.n);
        if (t.n == s.n) return t;
        s = t;
    }
}

/* "Root Cause Analysis (RCA)": the acronym stands alone in brackets behind its words. */
static enum err define_before(struct rules_run *run, struct facts_acronym *acronym, uint32_t block, size_t start,
                              size_t end, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    size_t open = start;
    while (open > 0 && start - open < 12 && text.p[open - 1] != '(')
        open--;
    size_t close = str_find_char(text, ')', end);
    if (open == 0 || text.p[open - 1] != '(' || close == STR_NONE || close - end > 12) return ERR_OK;
    struct str inner = unwrap(str_sub(text, open, close));
    if (inner.n && inner.p[inner.n - 1] == 's' && inner.n == acronym->text.n + 1) inner.n--;
    if (!str_eq(inner, acronym->text)) return ERR_OK;
    size_t from = open - 1 > 160 ? open - 1 - 160 : 0;
    struct str before = str_sub(text, from, open - 1);
    size_t at = long_form(acronym->text, before);
    if (at == STR_NONE) return ERR_OK;
    struct facts_span span = {block, (uint32_t)(from + at), (uint32_t)(close + 1)};
    return add_definition(run, acronym, span, str_trim(str_sub(before, at, before.n)), e);
}

/* "RCA (Root Cause Analysis)", "RCA – Root Cause Analysis", "RCA: …", "RCA means …", "RCA stands for …". */
static enum err define_behind(struct rules_run *run, struct facts_acronym *acronym, uint32_t block, size_t start,
                              size_t end, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    struct str rest = str_sub(text, end, text.n), trimmed = str_trim(rest);
    if (trimmed.n == 0) return ERR_OK;
    size_t at = end + (size_t)(trimmed.p - rest.p);
    struct facts_span span = {block, (uint32_t)start, (uint32_t)text.n};
    if (text.p[at] == '(') {
        size_t close = str_find_char(text, ')', at);
        if (close == STR_NONE || close - at > 160) return ERR_OK;
        struct str words = unwrap(str_sub(text, at + 1, close));
        span.end = (uint32_t)(close + 1);
        return explains(acronym->text, words) ? add_definition(run, acronym, span, words, e) : ERR_OK;
    }
    static const char *const joints[] = {":", "-", "=", "\xE2\x80\x93", "\xE2\x80\x94", "\t", "means ", "stands for "};
    for (size_t i = 0; i < sizeof(joints) / sizeof(joints[0]); i++) {
        struct str joint = str_from_c(joints[i]);
        bool tab = joints[i][0] == '\t';
        if (!str_starts(tab ? rest : str_sub(text, at, text.n), joint)) continue;
        bool whole_line = str_trim(str_sub(text, 0, start)).n == 0;
        if (!whole_line && joint.n < 6) return ERR_OK; /* in a sentence only "means" and "stands for" */
        struct str words = unwrap(str_sub(text, tab ? at : at + joint.n, text.n));
        size_t stop = 0;
        while (stop < words.n && words.p[stop] != '.' && words.p[stop] != ',' && words.p[stop] != ';' &&
               words.p[stop] != '\n')
            stop++;
        words = unwrap(str_sub(words, 0, stop));
        return explains(acronym->text, words) ? add_definition(run, acronym, span, words, e) : ERR_OK;
    }
    return ERR_OK;
}

/* A glossary row: the cell is the acronym, the next one its words. */
static enum err define_by_row(struct rules_run *run, struct facts_acronym *acronym, uint32_t block, size_t end,
                              struct error *e)
{
    const struct doc *doc = run->doc;
    const struct doc_block *b = &doc->blocks.at[block];
    if (b->cell == DOC_NONE || str_trim(b->text).n != acronym->text.n) return ERR_OK;
    const struct doc_cell *cell = &doc->cells.at[b->cell];
    const struct doc_row *row = &doc->rows.at[cell->row];
    if (b->cell + 1 >= row->first_cell + row->cell_count) return ERR_OK;
    const struct doc_cell *next = &doc->cells.at[b->cell + 1];
    if (next->row != cell->row || next->first_block >= next->end_block) return ERR_OK;
    struct str words = str_trim(doc->blocks.at[next->first_block].text);
    size_t stop = str_find_char(words, '.', 0);
    if (stop != STR_NONE) words = str_sub(words, 0, stop);
    struct facts_span span = {block, 0, (uint32_t)end};
    return explains(acronym->text, words) ? add_definition(run, acronym, span, words, e) : ERR_OK;
}

static enum err add_use(struct rules_run *run, struct found *found, uint32_t block, struct str text, size_t end,
                        struct error *e)
{
    struct str whole = run->doc->blocks.at[block].text;
    size_t start = (size_t)(text.p - whole.p);
    size_t *index = map_get(&found->by_text, text);
    if (!index) {
        index = NEW(run->arena, size_t, 1);
        struct facts_acronym *made = VEC_PUSH(run->arena, &found->facts->acronyms);
        if (!index || !made) return error_no_memory(e);
        *index = found->facts->acronyms.n - 1;
        *made = (struct facts_acronym){.text = text, .first_use = {block, (uint32_t)start, (uint32_t)end}};
        if (!map_put(&found->by_text, text, index)) return error_no_memory(e);
    }
    struct facts_acronym *acronym = &found->facts->acronyms.at[*index];
    acronym->uses++;
    TRY(define_before(run, acronym, block, start, end, e));
    TRY(define_behind(run, acronym, block, start, end, e));
    return define_by_row(run, acronym, block, end, e);
}

enum err facts__acronyms(struct rules_run *run, struct rules_facts *facts, struct error *e)
{
    struct found found = {.by_text = map_make(run->arena), .facts = facts};
    for (uint32_t block = 0; block < run->doc->blocks.n; block++) {
        struct str text = run->doc->blocks.at[block].text;
        if (!rules__reviewed(run, block) || shouts(text)) continue;
        for (size_t i = 0; i < text.n;) {
            if (!facts__word_at(text, i)) {
                i++;
                continue;
            }
            struct str acronym;
            size_t end = i;
            if (facts__is_upper(text.p[i]) && read_acronym(text, i, &acronym, &end))
                TRY(add_use(run, &found, block, acronym, end, e));
            i = end > i ? end : i + 1;
            while (i < text.n && facts__word_at(text, i))
                i++;
        }
    }
    return ERR_OK;
}
