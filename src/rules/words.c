/* Words, phrases, topics of sections.
 *
 * The idea: rules about wording walk the words of a text once and look the first word of each of their phrases up in a small table; that
 * costs the same for five phrases as for five hundred, and no text makes it more than linear. Rejected: one long alternation a rule for
 * PCRE2, which tries every branch at every word.
 * Limits: keys longer than WORDS_KEY_MAX are in no list. Lower case of keys is ASCII only, because all our lists are. */
#include "rules/words.h"

#include "base/utf8.h"

#define COMBINING_FIRST 0x300u
#define COMBINING_LAST  0x36Fu
#define SOFT_HYPHEN     0xADu
#define RIGHT_QUOTE     0x2019u
#define NBSP            0xA0u
#define PHRASES_A_WORD  24 /* of one first word */

static bool ascii_letter(unsigned char c) { return (unsigned)(c | 0x20) - 'a' < 26u; }
static bool ascii_digit(unsigned char c) { return (unsigned)c - '0' < 10u; }

/* Length of the word character at `at`, or 0. inside: a combining mark or a soft hyphen may stand there. */
static size_t word_char(struct str text, size_t at, bool inside, struct word *w)
{
    unsigned char c = (unsigned char)text.p[at];
    if (c < 0x80) {
        if (ascii_digit(c)) w->has_digit = true;
        return ascii_letter(c) || ascii_digit(c) ? 1 : 0;
    }
    size_t next = at;
    uint32_t rune = utf8_next(text, &next);
    bool joins = inside && (rune == SOFT_HYPHEN || (rune >= COMBINING_FIRST && rune <= COMBINING_LAST));
    if (!joins && !utf8_is_letter(rune) && !utf8_is_digit(rune)) return 0;
    if (utf8_is_digit(rune)) w->has_digit = true;
    w->ascii = false;
    return next - at;
}

/* Length of an apostrophe at `at` that has a letter behind it, or 0. */
static size_t inner_apostrophe(struct str text, size_t at)
{
    size_t next = at;
    uint32_t rune = utf8_next(text, &next);
    if (rune != '\'' && rune != RIGHT_QUOTE) return 0;
    if (next >= text.n) return 0;
    size_t behind = next;
    return utf8_is_letter(utf8_next(text, &behind)) ? next - at : 0;
}

static void look_at_case(struct str text, struct word *w)
{
    size_t letters = 0, uppers = 0;
    for (size_t at = w->start; at < w->end;) {
        bool first = at == w->start;
        unsigned char c = (unsigned char)text.p[at];
        uint32_t rune = c;
        if (c < 0x80)
            at++;
        else
            rune = utf8_next(text, &at);
        bool upper = rune < 0x80 ? (unsigned)rune - 'A' < 26u : utf8_is_upper(rune);
        bool letter = rune < 0x80 ? ascii_letter((unsigned char)rune) : utf8_is_letter(rune);
        letters += letter;
        uppers += upper;
        if (first) w->upper_first = upper;
        if (letter && !upper && !w->upper_first) return; /* nothing more to learn */
    }
    w->all_upper = letters >= 2 && uppers == letters;
}

bool words_next(struct str text, size_t *at, struct word *ret)
{
    struct word w = {.ascii = true};
    size_t i = *at, n = 0;
    while (i < text.n && (n = word_char(text, i, false, &w)) == 0) {
        if ((unsigned char)text.p[i] < 0x80)
            i++;
        else
            (void)utf8_next(text, &i);
    }
    if (i >= text.n) {
        *at = text.n;
        return false;
    }
    w.start = (uint32_t)i;
    while (i < text.n) {
        n = word_char(text, i, true, &w);
        if (n == 0) n = inner_apostrophe(text, i);
        if (n == 0) break;
        i += n;
    }
    w.end = (uint32_t)i;
    look_at_case(text, &w);
    *ret = w;
    *at = i;
    return true;
}

struct str words_key(struct str word, char buf[WORDS_KEY_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < word.n; i++) {
        if (n == WORDS_KEY_MAX) return STR_EMPTY;
        unsigned char c = (unsigned char)word.p[i];
        if (c == 0xE2 && i + 2 < word.n && memcmp(word.p + i, "\xE2\x80\x99", 3) == 0) {
            buf[n++] = '\'';
            i += 2;
        } else {
            buf[n++] = (char)((unsigned)c - 'A' < 26u ? c | 0x20 : c);
        }
    }
    return (struct str){buf, n};
}

bool words_in(const char *const *sorted, size_t n, struct str key)
{
    if (key.n == 0) return false;
    size_t low = 0, high = n;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const char *at = sorted[mid];
        int order =
            (unsigned char)at[0] - (unsigned char)key.p[0]; /* decides nearly always, without the word's length */
        if (order == 0) order = str_cmp(str_from_c(at), key);
        if (order == 0) return true;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

/* ---- phrases ---- */

struct phrases__list {
    size_t n;
    const struct phrase *at[PHRASES_A_WORD];
};

enum err phrases_make(struct arena *a, const struct phrase *table, size_t n, struct phrases *ret, struct error *e)
{
    struct phrases set = {.by_first = map_make(a)};
    for (size_t i = 0; i < n; i++) {
        struct str rest, first = str_cut(str_from_c(table[i].words), ' ', &rest);
        struct phrases__list *list = map_get(&set.by_first, first);
        if (!list) {
            list = NEW(a, struct phrases__list, 1);
            if (!list || !map_put(&set.by_first, first, list)) return error_no_memory(e);
        }
        if (list->n == PHRASES_A_WORD)
            return error_set(e, ERR_INTERNAL, "too many phrases begin with \"%.*s\"", STR_ARG(first));
        list->at[list->n++] = &table[i];
    }
    *ret = set;
    return ERR_OK;
}

/* Is there nothing but spaces in [start, end) of text, and at least one? */
static bool only_spaces(struct str text, size_t start, size_t end)
{
    if (start >= end) return false;
    for (size_t i = start; i < end;) {
        uint32_t rune = utf8_next(text, &i);
        if (rune != ' ' && rune != NBSP && rune != '\n') return false;
    }
    return true;
}

/* Do the words behind the first one stand at `at`? *ret_end is set when they do. */
static bool rest_follows(struct str text, size_t at, struct str rest, size_t *ret_end)
{
    size_t end = at;
    while (rest.p) {
        struct str want = str_cut(rest, ' ', &rest);
        struct word w;
        size_t next = end;
        if (!words_next(str_sub(text, 0, end + 4 * WORDS_KEY_MAX), &next, &w) || !only_spaces(text, end, w.start))
            return false;
        char buf[WORDS_KEY_MAX];
        if (!str_eq_c(want, "*") && !str_eq(words_key(words_text(text, w), buf), want)) return false;
        end = w.end;
    }
    *ret_end = end;
    return true;
}

const struct phrase *phrases_at(const struct phrases *set, struct str text, struct word first, size_t *ret_end)
{
    char buf[WORDS_KEY_MAX];
    struct str key = words_key(words_text(text, first), buf);
    if (!key.p) return NULL;
    const struct phrases__list *list = map_get(&set->by_first, key);
    if (!list) return NULL;
    const struct phrase *best = NULL;
    for (size_t i = 0; i < list->n; i++) {
        struct str rest;
        (void)str_cut(str_from_c(list->at[i]->words), ' ', &rest);
        size_t end;
        if (!rest_follows(text, first.end, rest, &end) || (best && end <= *ret_end)) continue;
        best = list->at[i];
        *ret_end = end;
    }
    return best;
}

/* ---- sections ---- */

#define TITLE_BYTES_READ 200 /* a heading longer than that is a paragraph with a heading's style */

static bool title_has(struct str title, const char *const *stems)
{
    struct str read = str_sub(title, 0, TITLE_BYTES_READ);
    struct word w;
    for (size_t at = 0; words_next(read, &at, &w);)
        for (const char *const *stem = stems; *stem; stem++)
            if (str_starts_nocase(words_text(read, w), str_from_c(*stem))) return true;
    return false;
}

bool *sections_about(const struct rules_run *run, const char *const *stems)
{
    const struct doc *doc = run->doc;
    bool *about = NEW(run->arena, bool, (size_t)doc->sections.n + 1);
    if (!about) return NULL;
    for (uint32_t i = 0; i < doc->sections.n; i++) {
        const struct doc_section *section = &doc->sections.at[i];
        about[i] = (section->parent < i && about[section->parent]) || title_has(section->title, stems);
    }
    return about;
}

/* ---- what kind of text ---- */

bool words_is_prose(const struct doc_block *block)
{
    return block->kind != DOC_BLOCK_HEADING && !block->is_title && !block->is_toc && block->story != DOC_STORY_HEADER &&
           block->story != DOC_STORY_FOOTER;
}

bool words_all_capitals(struct str text)
{
    size_t lower = 0, upper = 0;
    for (size_t i = 0; i < text.n; i++) {
        lower += (unsigned)(unsigned char)text.p[i] - 'a' < 26u;
        upper += (unsigned)(unsigned char)text.p[i] - 'A' < 26u;
    }
    return upper > lower;
}

bool words_has_digit(struct str text, size_t start, size_t end)
{
    for (size_t i = start; i < end && i < text.n; i++)
        if (ascii_digit((unsigned char)text.p[i])) return true;
    return false;
}

/* 1 yes, 0 no, -1 too few words to tell. */
static int english(struct str text)
{
    static const char *const small[] = {"a",     "an",    "and",   "are",  "at",   "be",    "but",  "by",   "for",
                                        "from",  "had",   "has",   "have", "he",   "how",   "if",   "is",   "it",
                                        "its",   "not",   "of",    "or",   "our",  "she",   "than", "that", "the",
                                        "their", "there", "these", "they", "this", "those", "to",   "we",   "were",
                                        "when",  "which", "who",   "will", "with", "would", "you",  "your"};
    size_t words = 0, found = 0;
    struct word w;
    for (size_t at = 0; words_next(text, &at, &w);) {
        if (w.has_digit) continue;
        words++;
        char buf[WORDS_KEY_MAX];
        if (w.ascii && w.end - w.start <= 5) found += WORDS_IN(small, words_key(words_text(text, w), buf));
    }
    return words < WORDS_ENGLISH_MIN ? -1 : found * 10 >= words;
}

bool words_is_english(struct str text, bool unsure)
{
    int known = english(text);
    return known < 0 ? unsure : known;
}

bool *words_english_blocks(const struct rules_run *run)
{
    const struct doc *doc = run->doc;
    bool *blocks = NEW(run->arena, bool, (size_t)doc->blocks.n + 1);
    if (!blocks) return NULL;
    bool last = true;
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        if (!rules__reviewed(run, i)) continue;
        int known = english(doc->blocks.at[i].text);
        if (known >= 0 && words_is_prose(&doc->blocks.at[i])) last = known;
        blocks[i] = known < 0 ? last : known;
    }
    return blocks;
}

bool words_is_legal(const struct rules_run *run)
{
    static const char *const formulas[] = {"foregoing", "hereby",    "herein",          "hereinafter", "hereof",
                                           "hereto",    "hereunder", "notwithstanding", "pursuant",    "shall",
                                           "thereof",   "thereto",   "whereas"};
    size_t formula = 0, words = 0;
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        if (!rules__reviewed(run, i)) continue;
        struct str text = run->doc->blocks.at[i].text;
        struct word w;
        for (size_t at = 0; words_next(text, &at, &w);) {
            words++;
            char buf[WORDS_KEY_MAX];
            if (w.end - w.start < 5 || !w.ascii) continue;
            if (WORDS_IN(formulas, words_key(words_text(text, w), buf))) formula++;
        }
    }
    return formula >= 5 &&
           formula * 150 >= words; /* a contract has 10 to 25 of them in a thousand words, a report hardly one */
}
