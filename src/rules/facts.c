/* Facts of a document: sentences here; dates, acronyms and labels in the files beside this one.
 *
 * A sentence ends at . ! ? … or their full-width forms (with the quotation marks and brackets that close behind them), when white space follows
 * and then something that can begin one. A full stop does not end it behind an abbreviation, an initial, "No." with a
 * number, or before a small letter. A line break always ends it: authors use it for lists of lines.
 * Rejected: UAX #29 sentence breaking, which knows no abbreviations and would cut "approx. 12 cases". Limits: English abbreviations. */
#include "rules/facts.h"

#include "base/utf8.h"
#include "rules/facts_priv.h"
#include "rules/words.h"

/* Never the end of a sentence. Lower case, without the full stop. */
static const char *const abbreviations[] = {
    "mr",   "mrs",  "ms",   "dr",    "prof", "st",  "vs",  "cf",     "e.g",  "i.e",    "eg",   "ie",    "fig", "figs",
    "sec",  "sect", "ch",   "vol",   "ed",   "eds", "al",  "approx", "dept", "est",    "ref",  "refs",  "tel", "ext",
    "jan",  "feb",  "mar",  "apr",   "jun",  "jul", "aug", "sep",    "sept", "oct",    "nov",  "dec",   "mon", "tue",
    "tues", "wed",  "thu",  "thurs", "fri",  "gen", "gov", "sen",    "rep",  "rev",    "hon",  "capt",  "col", "lt",
    "sgt",  "viz",  "incl", "excl",  "min",  "max", "avg", "resp",   "attn", "messrs", "para", "paras",
};
/* Only before a number. */
static const char *const before_number[] = {"no", "nos", "art", "arts", "p", "pp", "app", "eq", "item"};
/* The end only when the next word is one that begins sentences. */
static const char *const sometimes[] = {"etc", "inc", "ltd", "co", "corp", "a.m", "p.m",  "u.s",  "u.k",
                                        "u.n", "e.u", "llc", "jr", "sr",   "plc", "bros", "ph.d", "d.c"};
static const char *const openers[] = {
    "the",   "this", "that",    "these", "those",  "a",     "an",   "in",  "on",   "at",     "it",      "we",
    "they",  "he",   "she",     "i",     "you",    "if",    "when", "as",  "by",   "to",     "for",     "our",
    "their", "its",  "however", "after", "before", "there", "no",   "all", "each", "seller", "sellers",
};

static bool in_list(const char *const *list, size_t n, struct str word)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(word, str_from_c(list[i]))) return true;
    return false;
}
#define IN(list, word) in_list((list), sizeof(list) / sizeof((list)[0]), (word))

/* The word that ends at `end`: letters and inner full stops ("e.g"). */
static struct str word_before(struct str text, size_t from, size_t end)
{
    size_t at = end;
    while (at > from && (facts__word_at(text, at - 1) || text.p[at - 1] == '.'))
        at--;
    return str_sub(text, at, end);
}

static struct str word_after(struct str text, size_t at)
{
    size_t end = at;
    while (end < text.n && facts__word_at(text, end))
        end++;
    return str_sub(text, at, end);
}

/* Does the full stop at `dot` end a sentence when `next` begins what follows? */
static bool stop_ends(struct str text, size_t from, size_t dot, size_t next)
{
    struct str word = word_before(text, from, dot);
    if (word.n == 0) return true;
    if (IN(abbreviations, word)) return false;
    if (facts__is_digit(text.p[next]) && IN(before_number, word)) return false;
    if (word.n == 1 && facts__is_upper(word.p[0])) return IN(openers, word_after(text, next)); /* an initial */
    if (IN(sometimes, word)) return IN(openers, word_after(text, next));
    bool enumerator = (size_t)(word.p - text.p) == from && word.n <= 3 && facts__is_digit(word.p[0]);
    return !enumerator; /* "1. Text": the number belongs to it */
}

static bool closes(uint32_t rune)
{
    return rune == '"' || rune == '\'' || rune == ')' || rune == ']' || rune == 0x201D || rune == 0x2019 ||
           rune == 0x00BB;
}

/* Behind the sentence that begins at `from`. */
static size_t sentence_end(struct str text, size_t from)
{
    for (size_t at = from; at < text.n;) {
        size_t start = at;
        uint32_t rune = utf8_next(text, &at);
        if (rune == '\n' || rune == '\f') return start;
        if (rune == 0x3002 || rune == 0xFF01 || rune == 0xFF1F) return at;
        if (rune != '.' && rune != '!' && rune != '?' && rune != 0x2026) continue;
        size_t dot = start, end = at;
        for (size_t peek = at; peek < text.n; end = peek) {
            uint32_t next = utf8_next(text, &peek);
            if (!closes(next) && next != '.' && next != '!' && next != '?') break;
        }
        if (end >= text.n) return text.n;
        size_t next_at = end;
        uint32_t next = utf8_next(text, &next_at);
        if (!utf8_is_space(next)) {
            at = end > at ? end : at;
            continue;
        }
        size_t begin = end;
        while (begin < text.n) {
            size_t peek = begin;
            if (!utf8_is_space(utf8_next(text, &peek))) break;
            begin = peek;
        }
        if (begin >= text.n) return end;
        size_t peek = begin;
        if (utf8_is_lower(utf8_next(text, &peek))) continue;
        if (rune != '.' || stop_ends(text, from, dot, begin)) return end;
    }
    return text.n;
}

static enum err find_sentences(struct rules_run *run, struct rules_facts *facts, uint32_t block, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    for (size_t at = 0; at < text.n;) {
        size_t peek = at;
        if (utf8_is_space(utf8_next(text, &peek))) {
            at = peek;
            continue;
        }
        size_t end = sentence_end(text, at);
        if (end == at) end = peek;
        struct facts_span *span = VEC_PUSH(run->arena, &facts->sentences);
        if (!span) return error_no_memory(e);
        *span = (struct facts_span){block, (uint32_t)at, (uint32_t)(at + str_trim(str_sub(text, at, end)).n)};
        at = end;
    }
    return ERR_OK;
}

/* "the" is every twentieth word of English prose, and a rare one elsewhere. */
#define WORDS_TO_TELL 60
#define ENGLISH_SHARE 100

static size_t count_words(struct str text, size_t *ret_the)
{
    size_t n = 0, start = 0;
    bool inside = false;
    for (size_t i = 0; i <= text.n; i++) {
        bool word = facts__word_at(text, i);
        bool joins = i < text.n && (text.p[i] == '\'' || text.p[i] == '-');
        if (word && !inside) {
            n++;
            start = i;
        }
        if (inside && !word && !joins && str_eq_nocase(str_sub(text, start, i), STR("the"))) ++*ret_the;
        inside = word || (inside && joins);
    }
    return n;
}

enum err facts_find(struct rules_run *run, struct rules_facts **ret, struct error *e)
{
    struct rules_facts *facts = NEW(run->arena, struct rules_facts, 1);
    if (!facts) return error_no_memory(e);
    uint32_t n = run->doc->blocks.n;
    size_t the = 0;
    facts->first_sentence = NEW(run->arena, uint32_t, (size_t)n + 1);
    if (!facts->first_sentence) return error_no_memory(e);
    for (uint32_t block = 0; block < n; block++) {
        facts->first_sentence[block] = (uint32_t)facts->sentences.n;
        if (!rules__reviewed(run, block)) continue;
        facts->words += count_words(run->doc->blocks.at[block].text, &the);
        TRY(find_sentences(run, facts, block, e));
        TRY(facts__dates(run, facts, block, e));
        TRY(facts__labels(run, facts, block, e));
    }
    facts->english = facts->words < WORDS_TO_TELL || the * ENGLISH_SHARE >= facts->words;
    facts->first_sentence[n] = (uint32_t)facts->sentences.n;
    TRY(facts__acronyms(run, facts, e));
    facts->english_blocks = words_english_blocks(run);
    if (!facts->english_blocks) return error_no_memory(e);
    facts->legal = words_is_legal(run);
    *ret = facts;
    return ERR_OK;
}
