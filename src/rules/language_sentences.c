/* Sentences: too long, a word twice in a row, two spaces, a slip of punctuation.
 *
 * Contracts and statutes are written in long sentences on purpose: in a document that reads like one the rule says that it did not
 * run. Elsewhere a sentence that is really a list (semicolons, "(a) … (b)") is spared: its parts are read one by one; so are references
 * and rows of figures, which do not read as English, and other languages, whose measure is another.
 * Repeated words: only plain spaces lie between them, the text is English ("die die" is right in German), and pairs that English has ("had had", "that that") are left alone. */
#include "rules/facts.h"
#include "rules/registry_priv.h"
#include "rules/words.h"

/* ---- long sentences ---- */

#define LIST_SEMICOLONS 2
#define LIST_ITEMS      2

/* "(a)", "(ii)", "(3)" */
static size_t count_enumerators(struct str s)
{
    size_t n = 0;
    for (size_t at = 0; (at = str_find_char(s, '(', at)) != STR_NONE; at++) {
        size_t close = str_find_char(str_sub(s, at, at + 6), ')', 0);
        if (close != STR_NONE && close > 1) n++;
    }
    return n;
}

static bool is_list(struct str s)
{
    size_t semicolons = 0;
    for (size_t i = 0; i < s.n; i++)
        semicolons += s.p[i] == ';';
    return semicolons >= LIST_SEMICOLONS || count_enumerators(s) >= LIST_ITEMS || str_ends(s, STR(":"));
}

/* Words as a reader counts them: "year-on-year" is one, an e-mail address is one. */
static size_t count_words(struct str s)
{
    size_t n = 0;
    bool inside = false, counted = false;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool space = c <= ' ' || (c == 0xA0 && i > 0 && (unsigned char)s.p[i - 1] == 0xC2);
        if (space) counted = false;
        inside = !space && ((unsigned)(c | 0x20) - 'a' < 26u || c >= 0x80); /* a number alone is no word here */
        if (inside && !counted) {
            n++;
            counted = true;
        }
    }
    return n;
}

static enum err check_long(struct rules_run *run, const struct rule *rule, struct error *e)
{
    if (run->facts->legal)
        return rules__skip(run, rule, "the document reads like a contract, where long sentences are customary", e);
    size_t max = (size_t)rules__param_int(run, rule, "max_words");
    uint32_t done = DOC_NONE;
    for (size_t i = 0; i < run->facts->sentences.n; i++) {
        struct facts_span at = run->facts->sentences.at[i];
        const struct doc_block *block = &run->doc->blocks.at[at.block];
        if (at.block == done || !words_is_prose(block)) continue;
        struct str sentence = str_sub(block->text, at.start, at.end);
        if (sentence.n <= max * 2) continue;
        size_t n = count_words(sentence);
        if (n <= max || is_list(sentence) || !words_is_english(sentence, false)) continue;
        done = at.block;
        TRY(rules__hit_at(run, rule, at.block, at.start, at.end, "Split it: one thought a sentence.", e,
                          "This sentence has %zu words; beyond %zu most readers lose the thread.", n, max));
    }
    return ERR_OK;
}

/* ---- repeated words ---- */

static bool may_repeat(struct str key)
{
    static const char *const fine[] = {"aye",   "blah", "bye",   "cha",    "chop", "dear", "duran", "far",   "go",
                                       "ha",    "had",  "her",   "hey",    "hip",  "hush", "is",    "knock", "long",
                                       "ma",    "many", "more",  "much",   "no",   "nous", "now",   "oh",    "over",
                                       "pa",    "que",  "quite", "really", "se",   "sehr", "sie",   "so",    "that",
                                       "there", "tut",  "very",  "vous",   "yeah", "yes"};
    return WORDS_IN(fine, key);
}

static bool spaces_between(struct str text, size_t start, size_t end)
{
    if (start >= end) return false;
    for (size_t i = start; i < end; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool nbsp = (c == 0xC2 && i + 1 < end && (unsigned char)text.p[i + 1] == 0xA0) || (c == 0xA0 && i > start);
        if (c != ' ' && !nbsp) return false;
    }
    return true;
}

/* Nowhere right, and in no other language a word that may follow itself. */
static bool never_repeats(struct str key)
{
    static const char *const small[] = {"and",  "are", "by",  "for", "from", "has",   "it",
                                        "of",   "on",  "or",  "our", "the",  "their", "these",
                                        "this", "to",  "was", "we",  "were", "will",  "with"};
    return WORDS_IN(small, key);
}

/* A pair such as "the the". Names may repeat ("Wagga Wagga"), and one letter may stand twice ("vitamin B B"). */
static bool is_repeat(struct str text, struct word a, struct word b)
{
    struct str x = words_text(text, a), y = words_text(text, b);
    if (x.n != y.n || !str_eq_nocase(x, y)) return false;
    char buf[WORDS_KEY_MAX];
    struct str key = words_key(x, buf);
    if (!key.p || a.has_digit || !a.ascii || may_repeat(key)) return false;
    if (x.n == 1) return key.p[0] == 'a' && !b.upper_first;
    if (a.all_upper && b.all_upper) return false;
    return !b.upper_first && spaces_between(text, a.end, b.start);
}

static bool hyphened(struct str text, struct word a, struct word b)
{
    return (a.start > 0 && text.p[a.start - 1] == '-') || (b.end < text.n && text.p[b.end] == '-');
}

static enum err check_repeated(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const bool *english = run->facts->english_blocks;
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        if (!rules__reviewed(run, i)) continue;
        struct str text = run->doc->blocks.at[i].text;
        struct word last = {0}, w;
        for (size_t at = 0; words_next(text, &at, &w); last = w) {
            if (w.end - w.start != last.end - last.start || last.end == 0) continue;
            if (!is_repeat(text, last, w) || !spaces_between(text, last.end, w.start) || hyphened(text, last, w))
                continue;
            char buf[WORDS_KEY_MAX];
            if (!english[i] && !never_repeats(words_key(words_text(text, w), buf))) continue;
            struct rules_hit hit = {
                .rule = rule,
                .anchor = doc_anchor_make(run->doc, i, last.start, w.end),
                .suggestion = STR("Delete one of them."),
                .has_rewrite = true,
                .rewrite = words_text(text, last),
            };
            hit.description = str_printf(run->arena, "\"%.*s\" stands twice.", STR_ARG(hit.rewrite));
            if (!hit.description.p) return error_no_memory(e);
            TRY(rules__hit(run, &hit, e));
        }
    }
    return ERR_OK;
}

/* ---- slips of the keyboard ---- */

static bool is_wordy(char c) { return (unsigned)((unsigned char)c | 0x20) - 'a' < 26u; }

static enum err check_double_space(struct rules_run *run, const struct rule *rule, struct error *e)
{
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        if (!rules__reviewed(run, i)) continue;
        struct str text = run->doc->blocks.at[i].text;
        for (size_t at = 0; (at = str_find(text, STR("  "), at)) != STR_NONE;) {
            size_t end = at;
            while (end < text.n && text.p[end] == ' ')
                end++;
            bool between = at > 0 && end < text.n && is_wordy(text.p[at - 1]) && is_wordy(text.p[end]);
            if (between && end - at == 2) /* more are an alignment by hand */
                TRY(rules__hit_at(run, rule, i, at, end, "Use one space.", e, "There are two spaces here."));
            at = end;
        }
    }
    return ERR_OK;
}

/* What is wrong at `at` of text, or NULL. */
static const char *punctuation_slip(struct str text, size_t at)
{
    char c = text.p[at], before = at > 0 ? text.p[at - 1] : ' ', after = at + 1 < text.n ? text.p[at + 1] : ' ';
    if (c == ',' && after == ',') return "There are two commas here.";
    if (c == ',' && before == ' ' && at > 1 && is_wordy(text.p[at - 2]) && after == ' ')
        return "There is a space before the comma.";
    if (c == ',' && is_wordy(before) && is_wordy(after) && at > 1 && is_wordy(text.p[at - 2]) && at + 2 < text.n &&
        is_wordy(text.p[at + 2]))
        return "There is no space behind the comma.";
    return NULL;
}

static enum err check_punctuation(struct rules_run *run, const struct rule *rule, struct error *e)
{
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        if (!rules__reviewed(run, i)) continue;
        struct str text = run->doc->blocks.at[i].text;
        for (size_t at = 0; (at = str_find_char(text, ',', at)) != STR_NONE; at++) {
            const char *slip = punctuation_slip(text, at);
            if (!slip) continue;
            size_t start = at > 0 && text.p[at - 1] == ' ' ? at - 1 : at;
            TRY(rules__hit_at(run, rule, i, start, at + 1, "", e, "%s", slip));
            while (at + 1 < text.n && text.p[at + 1] == ',')
                at++;
        }
    }
    return ERR_OK;
}

const struct rule rules__language_sentences[] = {
    {.id = "language.long_sentence",
     .family = RULE_LANGUAGE,
     .title = "Long sentence",
     .why = "A sentence that a reader must begin twice is where misunderstandings start.",
     .category = "Clarity",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW,
     .confidence = 0.75,
     .params = {{"max_words", RULE_PARAM_INT, 45, 15, 200, "words a sentence may have"}},
     .fires =
         "The team that had looked into the first of the appeals and that had found that the seller had sent the invoices too late then wrote to the seller and asked for the invoices again although the seller had sent them twice before and had been told each time that they were complete.",
     .spares =
         "The team looked into the first of the appeals and found that the seller had sent the invoices too late. It then wrote to the seller and asked for the invoices again, although the seller had sent them twice before.",
     .check = check_long},
    {.id = "language.repeated_word",
     .family = RULE_LANGUAGE,
     .title = "Word written twice",
     .why = "It is a slip that spelling checks of a word at a time do not see.",
     .category = "Language",
     .kind = RULE_KIND_IMPORTANT,
     .risk = RULE_RISK_LOW,
     .confidence = 0.95,
     .fires = "The seller sent the the invoice.",
     .spares = "The seller had had a warning before.",
     .check = check_repeated},
    {.id = "language.double_space",
     .family = RULE_LANGUAGE,
     .title = "Two spaces",
     .why = "Two spaces between words are seen in justified text. A matter of taste: off unless a team wants it.",
     .category = "Language",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW,
     .confidence = 0.9,
     .off = true,
     .fires = "The seller  replied.",
     .spares = "The seller replied.",
     .check = check_double_space},
    {.id = "language.punctuation",
     .family = RULE_LANGUAGE,
     .title = "Slip of punctuation",
     .why = "Small slips cost trust in the rest. A matter of taste: off unless a team wants it.",
     .category = "Language",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW,
     .confidence = 0.85,
     .off = true,
     .fires = "The seller replied , but too late.",
     .spares = "The seller replied, but too late.",
     .check = check_punctuation},
};
const size_t rules__language_sentences_count = RULES__COUNT(rules__language_sentences);
