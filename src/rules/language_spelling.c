/* Spelling, with the document's own vocabulary spared.
 *
 * The idea: count every distinct word first, then look each one up once. A word that the document uses often is its vocabulary and not a slip;
 * words with a capital (names, acronyms, the first word of a sentence), words with digits, parts of paths and addresses, and the team's words are not looked at.
 * A document in another language shows in the share of words that the dictionary does not know: then the rule says so and reports nothing.
 * One finding a word, at its first place. When exactly one known word is one slip away, the finding carries it as a rewrite.
 * Limits: English (US, with the British forms that language.mixed_spelling knows); a slip that gives another word is not seen; at most
 * WORDS_REPORTED words, and suggestions for the first WORDS_SUGGESTED of them, so that a page of noise does not cost seconds. */
#include "rules/registry_priv.h"
#include "rules/spelling.h"
#include "rules/words.h"

#define WORD_MIN        4 /* shorter ones are mostly names, units and abbreviations */
#define WORDS_REPORTED  60
#define WORDS_SUGGESTED 30
#define NEAR_MAX        4
#define FOREIGN_SHARE   5  /* one distinct word in so many unknown: another language, or no prose */
#define FOREIGN_MIN     20 /* distinct words needed for that judgement */

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
    return dotted || after_dot || before == '\'' || after == '\'';
}

/* A capital behind its first letter: "iPhone", "JavaScript". */
static bool inner_capital(struct str word)
{
    for (size_t i = 1; i < word.n; i++)
        if ((unsigned)(unsigned char)word.p[i] - 'A' < 26u) return true;
    return false;
}

/* Without "'s", with a plain apostrophe. */
static struct str bare(struct str word, char buf[WORDS_KEY_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < word.n && n < WORDS_KEY_MAX; i++) {
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
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        if (!rules__reviewed(run, i)) continue;
        struct str text = run->doc->blocks.at[i].text;
        struct word w;
        for (size_t at = 0; words_next(text, &at, &w);) {
            size_t n = w.end - w.start;
            if (n < WORD_MIN || n > WORDS_KEY_MAX || w.has_digit || w.upper_first || is_glued(text, w)) continue;
            if (!inner_capital(words_text(text, w))) TRY(add_word(run, v, i, w, e));
        }
    }
    return ERR_OK;
}

/* British spellings are right, if not in this dictionary: the same word with "z" for "s", "or" for "our", "er" for "re", … is known. */
static bool is_british(struct rules__dictionary *dictionary, struct str word)
{
    static const char *const pairs[][2] = {
        {"isation", "ization"}, {"ise", "ize"},      {"ising", "izing"}, {"our", "or"}, {"isable", "izable"},
        {"yse", "yze"},         {"ysing", "yzing"},  {"tre", "ter"},     {"ll", "l"},   {"ogue", "og"},
        {"ence", "ense"},       {"gement", "gment"}, {"mme", "m"},       {"ae", "e"},   {"oe", "e"},
        {"ilst", "ile"},        {"ongst", "ong"},    {"il", "ill"}};
    char buf[WORDS_KEY_MAX + 8];
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct str from = str_from_c(pairs[i][0]), to = str_from_c(pairs[i][1]);
        size_t at = str_find_nocase(word, from, 1);
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
        if (rest.n >= 4 && str_starts_nocase(word, prefix) && spelling_knows(dictionary, rest)) return true;
    }
    return false;
}

static bool is_known(const struct rules_run *run, struct rules__dictionary *dictionary, struct str written)
{
    char buf[WORDS_KEY_MAX], lower[WORDS_KEY_MAX];
    struct str word = bare(written, buf);
    if (spelling_knows(dictionary, word)) return true;
    struct str key = words_key(word, lower);
    if (!key.p || spelling_knows(dictionary, key)) return true;
    if (is_british(dictionary, key) || has_free_prefix(dictionary, key)) return true;
    return rules__team_word(run, word);
}

/* One of the unknown words; what else is known decides whether it is reported. */
static enum err report(struct rules_run *run, const struct rule *rule, struct rules__dictionary *dictionary,
                       const struct seen *seen, bool suggest, struct error *e)
{
    char buf[WORDS_KEY_MAX];
    struct str near[NEAR_MAX], word = bare(seen->text, buf);
    size_t n = 0;
    if (suggest) TRY(spelling_near(dictionary, word, near, NEAR_MAX, &n, run->arena, e));
    struct rules_hit hit = {.rule = rule,
                            .anchor = doc_anchor_make(run->doc, seen->block, seen->start, seen->start + word.n)};
    hit.description = str_printf(run->arena, "\"%.*s\" is not in the dictionary.", STR_ARG(word));
    if (n == 1 && word.n + 2 >= seen->text.n) {
        hit.has_rewrite = true;
        hit.rewrite = near[0];
        hit.suggestion = str_printf(run->arena, "\"%.*s\" is meant.", STR_ARG(near[0]));
    } else if (n > 1) {
        hit.suggestion = str_printf(run->arena, "Is \"%.*s\" or \"%.*s\" meant?", STR_ARG(near[0]), STR_ARG(near[1]));
    } else {
        hit.suggestion = STR("If it is right, add it to the team's words.");
    }
    if (!hit.description.p || !hit.suggestion.p) return error_no_memory(e);
    if (n == 0) hit.confidence = rule->confidence * 0.6;
    return rules__hit(run, &hit, e);
}

/* The words of v that nothing explains, in the order of their first uses, in ret[WORDS_REPORTED]; *ret_all counts every word that the
 * dictionary does not know, the document's own vocabulary too. */
static size_t find_unknown(const struct rules_run *run, const struct rule *rule, struct rules__dictionary *dictionary,
                           const struct vocabulary *v, const struct seen **ret, size_t *ret_all)
{
    size_t often = (size_t)rules__param_int(run, rule, "own_words_from");
    size_t n = 0, all = 0;
    for (size_t i = 0; i < v->order.n; i++) {
        const struct seen *seen = v->order.at[i];
        if (is_known(run, dictionary, seen->text)) continue;
        all++;
        if (seen->uses < often && n < WORDS_REPORTED) ret[n++] = seen;
    }
    *ret_all = all;
    return n;
}

static enum err check_spelling(struct rules_run *run, const struct rule *rule, struct error *e)
{
    struct rules__dictionary *dictionary = run->engine->dictionary;
    if (!dictionary) return rules__skip(run, rule, "there is no dictionary (en_US for hunspell) on this machine", e);
    struct vocabulary v = {0};
    TRY(gather(run, &v, e));
    const struct seen *unknown[WORDS_REPORTED];
    size_t all, n = find_unknown(run, rule, dictionary, &v, unknown, &all);
    if (v.order.n >= FOREIGN_MIN && all * FOREIGN_SHARE > v.order.n)
        return rules__skip(run, rule, "too many of the words are not English: the document is in another language", e);
    for (size_t i = 0; i < n; i++)
        TRY(report(run, rule, dictionary, unknown[i], i < WORDS_SUGGESTED, e));
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
