/* One term, two spellings; one term, with and without capitals.
 *
 * Spelling: every distinct word is known with its number of uses and first place; a variant is derived from it ("organise" → "organize",
 * "e-mail" → "email", "colour" → "color") and looked up. Both in one document make one finding, at the first use of the rarer one.
 * Capitals: two or three words with capitals inside a sentence ("Root Cause Analysis") are a term; the same words small inside a
 * sentence elsewhere are the mix. In contracts a capital makes a defined term, so both forms are right there.
 * Limits: words up to WORDS_KEY_MAX bytes; stems of "-our" words are a list, because "four" is not "for". */
#include "base/utf8.h"
#include "rules/facts.h"
#include "rules/registry_priv.h"
#include "rules/words.h"

/* ---- every distinct word, hyphened compounds included ---- */

struct term {
    struct str text; /* as first written */
    uint32_t block, start, end;
    uint32_t uses;
};

/* Counts [start, end) of a block under `key` (lower case; copied when it is new). */
static enum err count_term(struct rules_run *run, struct map *terms, struct str key, uint32_t block, size_t start,
                           size_t end, struct error *e)
{
    struct term *term = map_get(terms, key);
    if (!term) {
        term = NEW(run->arena, struct term, 1);
        struct str kept = str_dup(run->arena, key);
        if (!term || !kept.p || !map_put(terms, kept, term)) return error_no_memory(e);
        struct str text = str_sub(run->doc->blocks.at[block].text, start, end);
        *term = (struct term){.text = text, .block = block, .start = (uint32_t)start, .end = (uint32_t)end};
    }
    term->uses++;
    return ERR_OK;
}

/* Is the word part of an address or a path? There, spelling is not the author's choice. */
static bool in_address(struct str text, struct word w)
{
    char before = w.start > 0 ? text.p[w.start - 1] : ' ', after = w.end < text.n ? text.p[w.end] : ' ';
    char behind = w.end + 1 < text.n ? text.p[w.end + 1] : ' ';
    return strchr("/\\@._=&?#:", before) || strchr("/\\@_=&", after) ||
           (after == '.' && (unsigned)((unsigned char)behind | 0x20) - 'a' < 26u);
}

static enum err count_block(struct rules_run *run, struct map *terms, uint32_t block, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    struct word w, last = {0};
    bool joined = false; /* the last word is itself behind a hyphen */
    for (size_t at = 0; words_next(text, &at, &w); last = w) {
        char buf[WORDS_KEY_MAX], pair[WORDS_KEY_MAX];
        bool hyphen = last.end && w.start == last.end + 1 && text.p[last.end] == '-';
        struct str key = words_key(words_text(text, w), buf);
        if (key.p && w.ascii && !w.has_digit && !in_address(text, w) && !hyphen && w.end - w.start >= 4)
            TRY(count_term(run, terms, key, block, w.start, w.end, e));
        bool chain = w.end < text.n && text.p[w.end] == '-';
        if (hyphen && !joined && !chain && w.ascii && last.ascii && !in_address(text, last) && !in_address(text, w)) {
            struct str compound = words_key(str_sub(text, last.start, w.end), pair);
            if (compound.p) TRY(count_term(run, terms, compound, block, last.start, w.end, e));
        }
        joined = hyphen;
    }
    return ERR_OK;
}

/* ---- mixed spelling ---- */

/* Replaces the first `from` behind byte `min` of key by `to`. .p NULL: it is not there. */
static struct str replaced(struct str key, struct str from, struct str to, size_t min, char buf[WORDS_KEY_MAX + 4])
{
    size_t at = str_find(key, from, min);
    if (at == STR_NONE || key.n + 4 > WORDS_KEY_MAX) return STR_EMPTY;
    memcpy(buf, key.p, at);
    memcpy(buf + at, to.p, to.n);
    memcpy(buf + at + to.n, key.p + at + from.n, key.n - at - from.n);
    return (struct str){buf, key.n - from.n + to.n};
}

/* The other spelling of the n-th kind; .p NULL: the word has none of that kind. */
static struct str variant(struct str key, size_t kind, char buf[WORDS_KEY_MAX + 4])
{
    static const char *const our[] = {"armour", "behaviour", "colour", "endeavour", "favour", "flavour", "harbour",
                                      "honour", "humour",    "labour", "neighbour", "rumour", "vapour"};
    static const char *const same_when_joined[] = {"co-op",   "re-cover", "re-creation", "re-form",
                                                   "re-lay",  "re-press", "re-sent",     "re-serve",
                                                   "re-sign", "re-sort",  "re-treat",    "un-ionized"};
    static const char *const not_ise[] = {"compromise", "expertise", "improvise", "merchandise", "otherwise",
                                          "prise",      "prised",    "promise",   "revise",      "rise",
                                          "supervise",  "surprise",  "wise"};
    size_t ending = key.n > 8 ? key.n - 8 : 3;
    switch (kind) {
    case 0: /* e-mail, email */
        if (WORDS_IN(same_when_joined, key)) return STR_EMPTY;
        return replaced(key, STR("-"), STR(""), 1, buf);
    case 1: return WORDS_IN(not_ise, key) ? STR_EMPTY : replaced(key, STR("is"), STR("iz"), ending, buf);
    case 2: return replaced(key, STR("lys"), STR("lyz"), 2, buf);
    case 3:
        for (size_t i = 0; i < sizeof(our) / sizeof(our[0]); i++)
            if (str_find(key, str_from_c(our[i]), 0) == 0) return replaced(key, STR("our"), STR("or"), 1, buf);
        return STR_EMPTY;
    case 4: return str_find(key, STR("centre"), 0) == 0 ? replaced(key, STR("re"), STR("er"), 4, buf) : STR_EMPTY;
    case 5: return str_ends(key, STR("lled")) ? replaced(key, STR("lled"), STR("led"), 3, buf) : STR_EMPTY;
    case 6: return str_ends(key, STR("lling")) ? replaced(key, STR("lling"), STR("ling"), 3, buf) : STR_EMPTY;
    default: return replaced(key, STR("judgement"), STR("judgment"), 0, buf);
    }
}
#define VARIANT_KINDS 8

static enum err report_pair(struct rules_run *run, const struct rule *rule, const struct term *a, const struct term *b,
                            struct error *e)
{
    const struct term *rare = a->uses < b->uses ? a : b, *usual = rare == a ? b : a;
    if (a->uses == b->uses) { /* the later one is the one that departs */
        bool a_first = a->block < b->block || (a->block == b->block && a->start < b->start);
        rare = a_first ? b : a;
        usual = a_first ? a : b;
    }
    struct rules_hit hit = {.rule = rule, .anchor = doc_anchor_make(run->doc, rare->block, rare->start, rare->end)};
    hit.description = str_printf(run->arena, "\"%.*s\" (%u) is also written \"%.*s\" (%u) in this document.",
                                 STR_ARG(rare->text), rare->uses, STR_ARG(usual->text), usual->uses);
    hit.suggestion = STR("Choose one spelling and keep to it.");
    if (!hit.description.p) return error_no_memory(e);
    return rules__hit(run, &hit, e);
}

static enum err check_spelling(struct rules_run *run, const struct rule *rule, struct error *e)
{
    struct map terms = map_make(run->arena);
    const bool *english = run->facts->english_blocks;
    for (uint32_t i = 0; i < run->doc->blocks.n; i++)
        if (english[i]) TRY(count_block(run, &terms, i, e));
    const struct map_slot *slot;
    for (size_t i = 0; (slot = map_next(&terms, &i));) {
        for (size_t kind = 0; kind < VARIANT_KINDS; kind++) {
            char buf[WORDS_KEY_MAX + 4];
            struct str other = variant(slot->key, kind, buf);
            const struct term *found = other.p ? map_get(&terms, other) : NULL;
            if (!found) continue;
            TRY(report_pair(run, rule, slot->value, found, e));
            break;
        }
    }
    return ERR_OK;
}

/* ---- mixed capitals ---- */

#define TERM_WORDS_MAX 3
#define CAPITALS_MIN   2 /* uses with capitals that make it a term */

/* Do the two words stand beside each other with one space? */
static bool adjacent(struct str text, struct word a, struct word b)
{
    return b.start == a.end + 1 && text.p[a.end] == ' ';
}

/* Is the word the first of a sentence, of a quotation or behind a colon? There the capital says nothing. */
static bool begins(struct str text, struct word w)
{
    size_t at = w.start;
    while (at > 0) {
        uint32_t rune = utf8_prev(text, &at);
        if (rune == ' ' || rune == 0xA0) continue;
        return !utf8_is_letter(rune) && !utf8_is_digit(rune) && rune != ',' && rune != '(' && rune != ')' &&
               rune != '%';
    }
    return true;
}

/* Part of a longer name: "Department of Public Health", "Public Health of London". */
static bool in_name(struct str text, size_t start, size_t end)
{
    static const char *const joints[] = {" of ", " for ", " and ", "& "};
    for (size_t i = 0; i < sizeof(joints) / sizeof(joints[0]); i++)
        if (str_ends(str_sub(text, 0, start), str_from_c(joints[i]))) return true;
    return str_starts(str_sub(text, end, text.n), STR(" of ")) ||
           str_starts(str_sub(text, end, text.n), STR(" and ")) || str_starts(str_sub(text, end, text.n), STR(" & "));
}

/* In how many words of the block do capitals begin a word? Titles that stand as paragraphs have them everywhere. */
static bool is_title_like(struct str text)
{
    size_t capitals = 0, words = 0;
    struct word w;
    for (size_t at = 0; words_next(text, &at, &w); words++)
        capitals += w.upper_first;
    return words < 8 || capitals * 2 > words;
}

struct run_of_words {
    struct word at[TERM_WORDS_MAX + 1];
    size_t n;
};

static bool is_plain(struct word w) { return w.ascii && !w.has_digit && !w.all_upper && w.end - w.start > 1; }

/* "3.1 The Contractor": the article's capital begins the clause, and is no part of the term. */
static bool is_article(struct str text, struct word w)
{
    struct str word = words_text(text, w);
    return str_eq_nocase(word, STR("the")) || str_eq_nocase(word, STR("a")) || str_eq_nocase(word, STR("an"));
}

/* Pass 1: the terms, by their lower case. */
static enum err find_terms(struct rules_run *run, struct map *terms, uint32_t block, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    struct run_of_words r = {.n = 0};
    struct word w;
    size_t at = 0;
    for (bool more = true; more;) {
        more = words_next(text, &at, &w);
        bool capital = more && w.upper_first && is_plain(w);
        if (capital && r.n && adjacent(text, r.at[r.n - 1], w) && r.n <= TERM_WORDS_MAX) {
            r.at[r.n++] = w;
            continue;
        }
        if (r.n >= 2 && r.n <= TERM_WORDS_MAX && !begins(text, r.at[0]) && !is_article(text, r.at[0]) &&
            !in_name(text, r.at[0].start, r.at[r.n - 1].end)) {
            char buf[WORDS_KEY_MAX];
            size_t start = r.at[0].start, end = r.at[r.n - 1].end;
            struct str key = words_key(str_sub(text, start, end), buf);
            if (key.p) TRY(count_term(run, terms, key, block, start, end, e));
        }
        r.n = 0;
        if (capital) r.at[r.n++] = w;
    }
    return ERR_OK;
}

/* Pass 2: the same words small, inside a sentence. */
static enum err find_small(struct rules_run *run, const struct map *terms, struct map *small, uint32_t block,
                           struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    struct word words[TERM_WORDS_MAX] = {0}, w;
    size_t n = 0;
    for (size_t at = 0; words_next(text, &at, &w);) {
        bool follows = n && adjacent(text, words[n - 1], w);
        if (!follows) n = 0;
        if (n == TERM_WORDS_MAX) {
            memmove(words, words + 1, (TERM_WORDS_MAX - 1) * sizeof(words[0]));
            n--;
        }
        words[n++] = w;
        for (size_t from = 0; from + 1 < n; from++) {
            if (words[from].upper_first) continue;
            char buf[WORDS_KEY_MAX];
            struct str key = words_key(str_sub(text, words[from].start, w.end), buf);
            if (key.p && map_get(terms, key)) TRY(count_term(run, small, key, block, words[from].start, w.end, e));
        }
    }
    return ERR_OK;
}

static enum err check_capitals(struct rules_run *run, const struct rule *rule, struct error *e)
{
    if (run->facts->legal)
        return rules__skip(run, rule, "the document reads like a contract, where a capital makes a defined term", e);
    struct map terms = map_make(run->arena), small = map_make(run->arena);
    const bool *english = run->facts->english_blocks;
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        const struct doc_block *block = &run->doc->blocks.at[i];
        if (english[i] && words_is_prose(block) && !is_title_like(block->text)) TRY(find_terms(run, &terms, i, e));
    }
    for (uint32_t i = 0; i < run->doc->blocks.n && terms.n; i++) {
        const struct doc_block *block = &run->doc->blocks.at[i];
        if (english[i] && words_is_prose(block)) TRY(find_small(run, &terms, &small, i, e));
    }
    const struct map_slot *slot;
    for (size_t i = 0; (slot = map_next(&small, &i));) {
        const struct term *with = map_get(&terms, slot->key), *without = slot->value;
        if (with->uses >= CAPITALS_MIN && with->uses + without->uses > CAPITALS_MIN)
            TRY(report_pair(run, rule, with, without, e));
    }
    return ERR_OK;
}

const struct rule rules__language_terms[] = {
    {.id = "language.mixed_spelling",
     .family = RULE_LANGUAGE,
     .title = "Two spellings of one word",
     .why = "Readers wonder whether two things are meant, and a search finds half of the places.",
     .category = "Language",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW,
     .confidence = 0.85,
     .fires = "The e-mail was sent. A second email followed.",
     .spares = "The e-mail was sent. A second e-mail followed.",
     .check = check_spelling},
    {.id = "language.mixed_capitals",
     .family = RULE_LANGUAGE,
     .title = "One term with and without capitals",
     .why = "A capital tells the reader that a term is defined; the same words without it may mean something else.",
     .category = "Language",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW,
     .confidence = 0.7,
     .fires =
         "We wrote a Root Cause Analysis for each of the nine cases.\nFor this the Root Cause Analysis is attached to the case.\nAfterwards each root cause analysis is filed in the archive.",
     .spares =
         "We wrote a root cause analysis for each of the nine cases.\nAfterwards each root cause analysis is filed in the archive.",
     .check = check_capitals},
};
const size_t rules__language_terms_count = RULES__COUNT(rules__language_terms);
