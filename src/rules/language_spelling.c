/* Spelling, with the document's own vocabulary spared.
 *
 * The idea: count every distinct word first, then look each one up once. A word that the document uses often is its vocabulary and not a slip;
 * words with a capital (names, acronyms, the first word of a sentence), words with digits, parts of paths and addresses, and the team's words are not looked at.
 * A document in another language shows in the share of words that the dictionary does not know: then the rule says so and reports nothing.
 * A word that no known word is near to, or that many are, is one of the trade and spared too. One finding a word, at its first place; when exactly one
 * known word is one slip away, the finding carries it as a rewrite.
 * Limits: English (US, with the British forms that language.mixed_spelling knows); a slip that gives another word is not seen; at most
 * WORDS_REPORTED words are looked at closely, so that a page of noise does not cost seconds. */
#include "rules/facts.h"
#include "rules/registry_priv.h"
#include "rules/spelling.h"
#include "rules/words.h"

#define WORD_MIN       4 /* shorter ones are mostly names, units and abbreviations */
#define WORDS_REPORTED 24
#define SHORT_WORD     5    /* shorter ones have neighbours by chance */
#define LOOKUPS_MAX    3000 /* of neighbours in all: a document of chemistry must not cost a second */
#define NEAR_MAX       4
#define FOREIGN_SHARE  5  /* one distinct word in so many unknown: another language, or no prose */
#define FOREIGN_MIN    20 /* distinct words needed for that judgement */

struct seen {
    struct str text; /* as first written */
    uint32_t block, start, end;
    uint32_t uses;
};
struct vocabulary {
    struct map by_word; /* as written → struct seen */
    VEC(struct seen *) order;
};

/* Inside a path, an address, a tag or a name with a dot: "src/main", "user@host", "#tag", "foo_bar", "file.txt". */
static bool is_glued(struct str text, struct word w)
{
    char before = w.start > 0 ? text.p[w.start - 1] : ' ';
    char after = w.end < text.n ? text.p[w.end] : ' ', next = w.end + 1 < text.n ? text.p[w.end + 1] : ' ';
    if (strchr("/\\@#_<&$%=+~", before) || strchr("/\\@_=+~>", after)) return true;
    bool dotted = (after == '.' || after == ':') && next != ' ' && (unsigned)((unsigned char)next | 0x20) - 'a' < 26u;
    bool after_dot = before == '.' && w.start > 1 && text.p[w.start - 2] != ' ' && text.p[w.start - 2] != '.';
    bool cut =
        after == '-' || (before == ' ' && w.start > 1 && text.p[w.start - 2] == '-'); /* "multi-", "popu- lation" */
    return dotted || after_dot || cut || before == '\'' || after == '\'';
}

/* Letters of Latin alphabets only (U+0000 to U+024F): other scripts and ligatures are not what this dictionary is about. */
static bool is_latin(struct str word)
{
    for (size_t i = 0; i < word.n; i++)
        if ((unsigned char)word.p[i] > 0xC9) return str_eq_c(str_sub(word, i, i + 3), "\xE2\x80\x99");
    return true;
}

/* A capital behind its first letter: "iPhone", "JavaScript". */
static bool inner_capital(struct str word)
{
    for (size_t i = 1; i < word.n; i++)
        if ((unsigned)(unsigned char)word.p[i] - 'A' < 26u) return true;
    return false;
}

/* Without "'s" and soft hyphens, with a plain apostrophe. */
static struct str bare(struct str word, char buf[WORDS_KEY_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < word.n && n < WORDS_KEY_MAX; i++) {
        if (i + 1 < word.n && memcmp(word.p + i, "\xC2\xAD", 2) == 0) {
            i++;
            continue;
        }
        bool right_quote = i + 2 < word.n && memcmp(word.p + i, "\xE2\x80\x99", 3) == 0;
        buf[n++] = right_quote ? '\'' : word.p[i];
        if (right_quote) i += 2;
    }
    if (n > 2 && buf[n - 2] == '\'' && (buf[n - 1] == 's' || buf[n - 1] == 'S')) n -= 2;
    return (struct str){buf, n};
}

static enum err add_word(struct rules_run *run, struct vocabulary *v, uint32_t block, struct word w, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text, word = words_text(text, w);
    struct seen *seen = map_get(&v->by_word, word);
    if (!seen) {
        seen = NEW(run->arena, struct seen, 1);
        struct seen **slot = seen ? VEC_PUSH(run->arena, &v->order) : NULL;
        if (!slot || !map_put(&v->by_word, word, seen)) return error_no_memory(e);
        *seen = (struct seen){.text = word, .block = block, .start = w.start, .end = w.end};
        *slot = seen;
    }
    seen->uses++;
    return ERR_OK;
}

static enum err gather(struct rules_run *run, struct vocabulary *v, struct error *e)
{
    v->by_word = map_make(run->arena);
    const bool *english = run->facts->english_blocks;
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        if (!english[i]) continue;
        struct str text = run->doc->blocks.at[i].text;
        struct word w;
        for (size_t at = 0; words_next(text, &at, &w);) {
            size_t n = w.end - w.start;
            if (n < WORD_MIN || n > WORDS_KEY_MAX || w.has_digit || w.upper_first || is_glued(text, w)) continue;
            if (!inner_capital(words_text(text, w)) && is_latin(words_text(text, w))) TRY(add_word(run, v, i, w, e));
        }
    }
    return ERR_OK;
}

/* British spellings are right, if not in this dictionary: the same word with "z" for "s", "or" for "our", … is known. */
static bool is_british(struct rules__dictionary *dictionary, struct str word)
{
    static const char *const pairs[][2] = {
        {"isation", "ization"}, {"ise", "ize"},        {"ising", "izing"},  {"isable", "izable"},  {"our", "or"},
        {"yse", "yze"},         {"ysing", "yzing"},    {"tre", "ter"},      {"lled", "led"},       {"lling", "ling"},
        {"ller", "ler"},        {"ogue", "og"},        {"fence", "fense"},  {"icence", "icense"},  {"tence", "tense"},
        {"gement", "gment"},    {"mme", "m"},          {"ae", "e"},         {"oe", "e"},           {"ilst", "ile"},
        {"ongst", "ong"},       {"fulfil", "fulfill"}, {"ilful", "illful"}, {"instal", "install"}, {"enrol", "enroll"},
    };
    char buf[WORDS_KEY_MAX + 8];
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct str from = str_from_c(pairs[i][0]), to = str_from_c(pairs[i][1]);
        size_t at = str_find_nocase(word, from, 0);
        if (at == STR_NONE) continue;
        size_t tail = at + from.n;
        memcpy(buf, word.p, at);
        memcpy(buf + at, to.p, to.n);
        memcpy(buf + at + to.n, word.p + tail, word.n - tail);
        if (spelling_knows(dictionary, (struct str){buf, word.n - from.n + to.n})) return true;
    }
    return false;
}

/* Prefixes that make new words at will: "preauthorize", "microservices". */
static bool has_free_prefix(struct rules__dictionary *dictionary, struct str word)
{
    static const char *const prefixes[] = {
        "auto",   "bi",   "co",    "counter", "cross", "cyber", "de",    "dis", "geo",   "hyper", "inter", "intra",
        "macro",  "meta", "micro", "mis",     "multi", "non",   "off",   "on",  "out",   "over",  "post",  "pre",
        "pseudo", "re",   "semi",  "sub",     "super", "tele",  "trans", "un",  "under", "up"};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        struct str prefix = str_from_c(prefixes[i]), rest = str_sub(word, prefix.n, word.n);
        if (rest.n >= 5 && str_starts_nocase(word, prefix) && spelling_knows(dictionary, rest)) return true;
    }
    return false;
}

/* Does `stem` + `joint` make a known word? */
static bool stem_known(struct rules__dictionary *dictionary, struct str stem, const char *joint)
{
    char buf[WORDS_KEY_MAX + 4];
    struct str tail = str_from_c(joint);
    if (stem.n + tail.n > sizeof(buf)) return false;
    memcpy(buf, stem.p, stem.n);
    memcpy(buf + stem.n, tail.p, tail.n);
    return spelling_knows(dictionary, (struct str){buf, stem.n + tail.n});
}

/* A word that English makes of a known one: "issuances", "collateralized", "designee". Not "occured": where a last consonant must be
 * doubled, the plain form is the slip that is looked for. */
static bool is_derived(struct rules__dictionary *dictionary, struct str word)
{
    static const char *const endings[] = {"s",  "es",  "d",    "ed",   "ing",  "er",   "or", "ers",  "ors",
                                          "ee", "ees", "ness", "able", "less", "ship", "al", "like", "ish"};
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        struct str ending = str_from_c(endings[i]);
        if (word.n < ending.n + 4 || !str_ends(word, ending)) continue;
        struct str stem = str_sub(word, 0, word.n - ending.n);
        bool doubles = strchr("aeiou", stem.p[stem.n - 2]) && !strchr("aeiou", stem.p[stem.n - 3]) &&
                       !strchr("aeiouwxys", stem.p[stem.n - 1]);
        bool vowel = strchr("aeio", ending.p[0]) != NULL;
        if (vowel && stem_known(dictionary, stem, "e")) return true;
        if (!(vowel && doubles) && stem_known(dictionary, stem, "")) return true;
    }
    return false;
}

/* Right, and not in this dictionary. Sorted. */
static const char *const also_right[] = {
    "bona",     "clawback",   "cytokine", "docx",   "facto", "fide",   "infile",    "inline", "leant", "learnt",
    "licensor", "onboarding", "saleable", "semper", "situ",  "statin", "timeframe", "vitro",  "vivo",  "workflow"};

/* Letters in it are raised or lowered: the mark of a note behind a word ("showed" and a raised "a"), a formula. */
static bool has_mark(const struct doc *doc, const struct seen *seen)
{
    const struct doc_block *block = &doc->blocks.at[seen->block];
    for (uint32_t i = block->first_run; i < block->first_run + block->run_count; i++) {
        const struct doc_run *r = &doc->runs.at[i];
        if (r->start < seen->end && r->end > seen->start && r->format & (DOC_SUPERSCRIPT | DOC_SUBSCRIPT)) return true;
    }
    return false;
}

/* Right although the dictionary does not have it. */
static bool is_explained(const struct rules_run *run, const struct seen *seen)
{
    struct rules__dictionary *dictionary = run->engine->dictionary;
    char buf[WORDS_KEY_MAX];
    struct str word = bare(seen->text, buf);
    if (has_mark(run->doc, seen)) return true;
    if (WORDS_IN(also_right, word) || is_british(dictionary, word) || has_free_prefix(dictionary, word)) return true;
    return is_derived(dictionary, word) || rules__team_word(run, word);
}

/* An unknown word is reported when a known one is near: what is near to none is a word of the trade, not a slip. */
static enum err report(struct rules_run *run, const struct rule *rule, const struct seen *seen, size_t *lookups,
                       struct error *e)
{
    char buf[WORDS_KEY_MAX];
    struct str near[NEAR_MAX], word = bare(seen->text, buf);
    size_t n = 0;
    TRY(spelling_near(run->engine->dictionary, word, near, NEAR_MAX, lookups, &n, run->arena, e));
    if (n == 0 || n == NEAR_MAX || (word.n < SHORT_WORD && n > 1)) return ERR_OK;
    struct rules_hit hit = {.rule = rule, .anchor = doc_anchor_make(run->doc, seen->block, seen->start, seen->end)};
    hit.description = str_printf(run->arena, "\"%.*s\" is not in the dictionary.", STR_ARG(word));
    if (n == 1) {
        hit.has_rewrite = word.n == seen->text.n; /* without a genitive that would be lost */
        hit.rewrite = near[0];
        hit.suggestion = str_printf(run->arena, "\"%.*s\" is meant.", STR_ARG(near[0]));
    } else {
        hit.confidence = rule->confidence * 0.8;
        hit.suggestion = str_printf(run->arena, "Is \"%.*s\" or \"%.*s\" meant?", STR_ARG(near[0]), STR_ARG(near[1]));
    }
    if (!hit.description.p || !hit.suggestion.p) return error_no_memory(e);
    return rules__hit(run, &hit, e);
}

/* The words of v that nothing explains, in the order of their first uses, in ret[WORDS_REPORTED]; *ret_all counts every word that the
 * dictionary does not know, the document's own vocabulary too. */
static size_t find_unknown(const struct rules_run *run, const struct rule *rule, const struct vocabulary *v,
                           const struct seen **ret, size_t *ret_all)
{
    size_t often = (size_t)rules__param_int(run, rule, "own_words_from");
    size_t n = 0, all = 0;
    for (size_t i = 0; i < v->order.n; i++) {
        const struct seen *seen = v->order.at[i];
        char buf[WORDS_KEY_MAX];
        if (spelling_knows(run->engine->dictionary, bare(seen->text, buf))) continue;
        all++;
        if (n < WORDS_REPORTED && seen->uses < often && !is_explained(run, seen)) ret[n++] = seen;
    }
    *ret_all = all;
    return n;
}

static enum err check_spelling(struct rules_run *run, const struct rule *rule, struct error *e)
{
    if (!run->engine->dictionary)
        return rules__skip(run, rule, "there is no dictionary (en_US for hunspell) on this machine", e);
    if (!spelling_ready(run->engine->dictionary))
        return rules__skip(run, rule, "the dictionary (en_US for hunspell) could not be loaded", e);
    struct vocabulary v = {0};
    TRY(gather(run, &v, e));
    const struct seen *unknown[WORDS_REPORTED];
    size_t all, n = find_unknown(run, rule, &v, unknown, &all);
    if (v.order.n >= FOREIGN_MIN && all * FOREIGN_SHARE > v.order.n)
        return rules__skip(run, rule, "too many of the words are not English: the document is in another language", e);
    size_t lookups = LOOKUPS_MAX;
    for (size_t i = 0; i < n; i++)
        TRY(report(run, rule, unknown[i], &lookups, e));
    return ERR_OK;
}

const struct rule rules__language_spelling[] = {
    {.id = "language.spelling",
     .family = RULE_LANGUAGE,
     .title = "Misspelled word",
     .why = "Misspelled words make readers doubt the care that went into the rest.",
     .category = "Language",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW,
     .confidence = 0.75,
     .params = {{"own_words_from", RULE_PARAM_INT, 3, 2, 1000,
                 "uses from which an unknown word counts as the document's own"}},
     .fires = "The seller recieved a warning.",
     .spares = "The seller received a warning.",
     .check = check_spelling},
};
const size_t rules__language_spelling_count = RULES__COUNT(rules__language_spelling);
