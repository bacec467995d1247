/* Wording: the passive that hides who acted, weasel and absolute words, blame.
 *
 * The idea: each rule has a table of phrases and asks the place where they stand. The tables are short on purpose: a word belongs in one only if it
 * weakens a report nearly wherever it stands. "Was suspended" in a timeline is ordinary; "was overlooked" hides a person who
 * overlooked, so the passive rule knows decisions and omissions only, and looks only where causes, events and actions are told.
 * Rejected: every "was …ed" (three in ten sentences of honest prose), "very", "should" and the like.
 * Contracts are spared by the rules whose words are formulas there. */
#include "rules/facts.h"
#include "rules/registry_priv.h"
#include "rules/words.h"

/* ---- the passive ---- */

/* What somebody decided or failed to do. Sorted. */
static const char *const hidden_acts[] = {
    "agreed",        "approved",      "assumed",        "bypassed",       "decided",   "deleted",
    "dismissed",     "disregarded",   "forgotten",      "ignored",        "lost",      "misclassified",
    "misconfigured", "mishandled",    "misinterpreted", "misjudged",      "misplaced", "misread",
    "missed",        "misunderstood", "mixed",          "neglected",      "omitted",   "overlooked",
    "overridden",    "postponed",     "skipped",        "underestimated", "waived",
};
/* What somebody should have done: with "not". Sorted. */
static const char *const not_done[] = {
    "assigned",   "checked",   "communicated", "completed",  "confirmed",   "considered", "consulted",    "detected",
    "documented", "escalated", "followed",     "identified", "implemented", "informed",   "investigated", "monitored",
    "noticed",    "notified",  "performed",    "read",       "recorded",    "reported",   "reviewed",     "sent",
    "shared",     "tested",    "tracked",      "trained",    "updated",     "validated",  "verified",
};

struct passive {
    size_t start, end;
    bool found;
};

/* Does " by" name who acted, in the rest of the clause? */
static bool actor_named(struct str sentence, size_t from)
{
    struct word w;
    for (size_t at = from; words_next(sentence, &at, &w);) {
        for (size_t i = from; i < w.start; i++)
            if (sentence.p[i] == ';' || sentence.p[i] == ':') return false;
        if (str_eq_nocase(words_text(sentence, w), STR("by"))) return true;
        from = w.end;
    }
    return false;
}

/* "was overlooked", "were never checked", "has not been updated": from the auxiliary to the participle. */
static struct passive find_passive(struct str sentence)
{
    static const char *const between[] = {"accidentally", "apparently",    "been",   "being", "incorrectly",
                                          "initially",    "mistakenly",    "never",  "not",   "properly",
                                          "simply",       "unfortunately", "wrongly"};
    struct word w, behind;
    for (size_t at = 0; words_next(sentence, &at, &w);) {
        struct str be = words_text(sentence, w);
        bool have = str_eq_nocase(be, STR("has")) || str_eq_nocase(be, STR("have")) || str_eq_nocase(be, STR("had"));
        if (!have && !str_eq_nocase(be, STR("was")) && !str_eq_nocase(be, STR("were"))) continue;
        bool negated = false, been = !have;
        size_t next = at;
        char buf[WORDS_KEY_MAX];
        struct str key = STR_EMPTY;
        for (size_t steps = 0; steps < 4 && words_next(sentence, &next, &behind); steps++) {
            key = words_key(words_text(sentence, behind), buf);
            if (!WORDS_IN(between, key)) break;
            negated = negated || str_eq_c(key, "not") || str_eq_c(key, "never");
            been = been || str_eq_c(key, "been");
            key = STR_EMPTY;
        }
        if (!key.p || !been || !(WORDS_IN(hidden_acts, key) || (negated && WORDS_IN(not_done, key)))) continue;
        if (actor_named(sentence, behind.end)) continue;
        return (struct passive){w.start, behind.end, true};
    }
    return (struct passive){0};
}

/* "No data was lost": nobody acted. */
static bool denies_all(struct str sentence)
{
    struct str s = str_trim(sentence);
    return str_starts(s, STR("No ")) || str_starts(s, STR("None ")) || str_starts(s, STR("Nothing "));
}

static enum err check_passive(struct rules_run *run, const struct rule *rule, struct error *e)
{
    static const char *const told[] = {"cause",      "timeline", "event",  "chronolog", "action", "finding",
                                       "investigat", "incident", "analys", "what",      NULL};
    const bool *sections = sections_about(run, told);
    if (!sections) return error_no_memory(e);
    for (size_t i = 0; i < run->facts->sentences.n; i++) {
        struct facts_span at = run->facts->sentences.at[i];
        const struct doc_block *block = &run->doc->blocks.at[at.block];
        if (!block_in(run, sections, at.block) || !words_is_prose(block)) continue;
        struct str sentence = str_sub(block->text, at.start, at.end);
        if (denies_all(sentence)) continue;
        struct passive p = find_passive(sentence);
        if (!p.found) continue;
        struct str words = str_sub(block->text, at.start + p.start, at.start + p.end);
        TRY(rules__hit_at(run, rule, at.block, at.start + p.start, at.start + p.end,
                          "Say which team, role or system it was; the cause and the action depend on it.", e,
                          "\"%.*s\" does not say who.", STR_ARG(words)));
    }
    return ERR_OK;
}

/* ---- tables of phrases ---- */

/* Hands every phrase of the table, where it stands in prose, to the rule as a hit; `spare` may decide against it. */
typedef bool spare_fn(struct str text, size_t start, size_t end);

static enum err find_phrases(struct rules_run *run, const struct rule *rule, const struct phrase *table, size_t n,
                             spare_fn *spare, const char *description, const char *suggestion, struct error *e)
{
    struct phrases set = {0};
    TRY(phrases_make(run->arena, table, n, &set, e));
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        const struct doc_block *block = &run->doc->blocks.at[i];
        if (!rules__reviewed(run, i) || !words_is_prose(block)) continue;
        struct word w;
        for (size_t at = 0; words_next(block->text, &at, &w);) {
            size_t end = 0;
            const struct phrase *phrase = phrases_at(&set, block->text, w, &end);
            if (!phrase || (spare && spare(block->text, w.start, end))) continue;
            TRY(rules__hit_at(run, rule, i, w.start, end, suggestion, e, "\"%.*s\" %s",
                              STR_ARG(str_sub(block->text, w.start, end)), phrase->note ? phrase->note : description));
            at = end;
        }
    }
    return ERR_OK;
}
#define PHRASES(table) (table), sizeof(table) / sizeof((table)[0])

/* Between quotation marks somebody else speaks. */
static bool is_quoted(struct str text, size_t start, size_t end)
{
    bool opens =
        start > 0 && (text.p[start - 1] == '"' || (start > 2 && memcmp(text.p + start - 3, "\xE2\x80\x9C", 3) == 0));
    bool closes =
        end < text.n && (text.p[end] == '"' || (end + 2 < text.n && memcmp(text.p + end, "\xE2\x80\x9D", 3) == 0));
    return opens || closes;
}

static const struct phrase weasels[] = {
    {"arguably", NULL},
    {"as soon as possible", "names no date."},
    {"at the earliest opportunity", "names no date."},
    {"at some point", "names no time."},
    {"basically", NULL},
    {"could possibly", NULL},
    {"hopefully", "hopes where it should say what is known."},
    {"in a timely manner", "names no date."},
    {"in due course", "names no date."},
    {"in the near future", "names no date."},
    {"it appears that", NULL},
    {"it is believed that", "does not say who believes it, or why."},
    {"it is felt that", "does not say who feels it, or why."},
    {"it is hoped that", "hopes where it should say what is known."},
    {"it is thought that", "does not say who thinks it, or why."},
    {"it seems that", NULL},
    {"it would seem", NULL},
    {"kind of a", NULL},
    {"may or may not", NULL},
    {"might possibly", NULL},
    {"more or less", NULL},
    {"perhaps", NULL},
    {"presumably", "guesses where it should say what is known."},
    {"pretty much", NULL},
    {"should hopefully", "hopes where it should say what is known."},
    {"somehow", NULL},
    {"sort of a", NULL},
    {"to a certain extent", NULL},
    {"to some degree", NULL},
    {"to some extent", NULL},
    {"when time permits", "names no date."},
    {"where possible", NULL},
};

static enum err check_weasel(struct rules_run *run, const struct rule *rule, struct error *e)
{
    if (run->facts->legal)
        return rules__skip(run, rule, "the document reads like a contract, where such words are formulas", e);
    return find_phrases(run, rule, PHRASES(weasels), is_quoted, "leaves open what is meant.",
                        "Say what is known and how certain it is; name a date, a figure or a condition.", e);
}

static const struct phrase absolutes[] = {
    {"absolutely certain", NULL},
    {"absolutely no", NULL},
    {"all customers are", NULL},
    {"all customers were", NULL},
    {"all customers will", NULL},
    {"all sellers are", NULL},
    {"all sellers will", NULL},
    {"all users are", NULL},
    {"all users will", NULL},
    {"always works", NULL},
    {"can never", NULL},
    {"can never happen", NULL},
    {"cannot fail", NULL},
    {"cannot possibly", NULL},
    {"completely eliminate", NULL},
    {"completely eliminated", NULL},
    {"completely eliminates", NULL},
    {"completely prevent", NULL},
    {"completely prevents", NULL},
    {"completely safe", NULL},
    {"completely secure", NULL},
    {"every customer is", NULL},
    {"every customer will", NULL},
    {"everybody knows", NULL},
    {"everyone knows", NULL},
    {"fully eliminate", NULL},
    {"fully eliminated", NULL},
    {"fully eliminates", NULL},
    {"guarantees that", NULL},
    {"impossible to happen", NULL},
    {"never fails", NULL},
    {"never happen again", NULL},
    {"never happens", NULL},
    {"no chance of", NULL},
    {"no one ever", NULL},
    {"no possibility of", NULL},
    {"no risk whatsoever", NULL},
    {"nobody ever", NULL},
    {"under no circumstances can", NULL},
    {"will always", NULL},
    {"will never", NULL},
    {"without any doubt", NULL},
    {"without exception", NULL},
    {"zero risk", NULL},
};

static enum err check_absolute(struct rules_run *run, const struct rule *rule, struct error *e)
{
    if (run->facts->legal)
        return rules__skip(run, rule, "the document reads like a contract, where such words are formulas", e);
    TRY(find_phrases(run, rule, PHRASES(absolutes), is_quoted,
                     "claims more than can be shown: one exception refutes it.",
                     "Say what was observed, in how many cases and since when.", e));
    const struct pattern *form = rules__pattern(run, "language.hundred_percent");
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        struct str text = run->doc->blocks.at[i].text;
        if (!rules__reviewed(run, i) || !words_is_prose(&run->doc->blocks.at[i])) continue;
        if (str_find(text, STR("100"), 0) == STR_NONE) continue;
        struct pattern_match m;
        for (size_t at = 0; pattern_find(form, text, at, &m); at = m.end)
            TRY(rules__hit_at(run, rule, i, m.start, m.end, "Say what was observed, in how many cases and since when.",
                              e, "\"%.*s\" claims more than can be shown: one exception refutes it.",
                              STR_ARG(pattern_group(text, &m, 0))));
    }
    return ERR_OK;
}

/* ---- blame ---- */

static const struct phrase blames[] = {
    {"careless", NULL},
    {"carelessly", NULL},
    {"carelessness", NULL},
    {"could not be bothered", NULL},
    {"couldn't be bothered", NULL},
    {"did not bother", NULL},
    {"didn't bother", NULL},
    {"did not care", NULL},
    {"didn't care", NULL},
    {"incompetence", NULL},
    {"incompetent", NULL},
    {"is to blame", NULL},
    {"was to blame", NULL},
    {"were to blame", NULL},
    {"are to blame", NULL},
    {"laziness", NULL},
    {"lazy", NULL},
    {"was negligent", NULL},
    {"were negligent", NULL},
    {"should have known better", NULL},
    {"sloppily", NULL},
    {"sloppiness", NULL},
    {"sloppy", NULL},
    {"stupid", NULL},
    {"stupidity", NULL},
    {"his fault", NULL},
    {"her fault", NULL},
    {"their fault", NULL},
    {"the fault of", NULL},
    {"no common sense", NULL},
    {"unprofessional", NULL},
};

/* "Lazy loading" and "lazy evaluation" blame nobody; a party to a contract may be at fault. */
static bool is_technical(struct str text, size_t start, size_t end)
{
    static const char *const behind[] = {"allocation",     "binding",        "deletion", "evaluation",
                                         "initialisation", "initialization", "load",     "loaded",
                                         "loading",        "loads",          "mode"};
    size_t at = end;
    struct word w;
    char buf[WORDS_KEY_MAX];
    bool lazy = str_eq_nocase(str_sub(text, start, end), STR("lazy"));
    if (lazy && words_next(str_sub(text, 0, end + 2 * WORDS_KEY_MAX), &at, &w) &&
        WORDS_IN(behind, words_key(words_text(text, w), buf)))
        return true;
    return is_quoted(text, start, end);
}

static enum err check_blame(struct rules_run *run, const struct rule *rule, struct error *e)
{
    static const char advice[] =
        "Describe what happened and what in the process allowed it; leave judging people out of the report.";
    if (run->facts->legal)
        return rules__skip(run, rule, "the document reads like a contract, where fault is a term of law", e);
    TRY(find_phrases(run, rule, PHRASES(blames), is_technical, "judges a person instead of describing what happened.",
                     advice, e));
    const struct pattern *form = rules__pattern(run, "language.person_failed");
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        struct str text = run->doc->blocks.at[i].text;
        if (!rules__reviewed(run, i) || !words_is_prose(&run->doc->blocks.at[i])) continue;
        struct pattern_match m;
        for (size_t at = 0; pattern_find(form, text, at, &m); at = m.end) {
            struct str words = pattern_group(text, &m, 0);
            TRY(rules__hit_at(run, rule, i, m.start, m.end, advice, e, "\"%.*s\" puts the blame on a person.",
                              STR_ARG(words)));
        }
    }
    return ERR_OK;
}

/* ---- the table ---- */

const struct rules_pattern_spec rules__language_wording_patterns[] = {
    {"language.hundred_percent",
     "\\b100 ?(?:%|percent|per cent) (?:safe|secure|accurate|certain|sure|reliable|effective|correct|guaranteed|confident)\\b",
     true},
    {"language.person_failed",
     "\\b(?:[Hh]e|[Ss]he|[Tt]he (?:agent|associate|investigator|employee|analyst|engineer|manager|operator|developer)"
     "|(?:Mr|Ms|Mrs|Dr)\\.? [A-Z][a-z]{1,20})"
     " (?:(?:clearly|simply|again|repeatedly|once again) )?"
     "(?:failed to (?:follow|read|check|notice|do|pay|understand|comply)|neglected to|forgot to|should have known|ignored (?:the|all|his|her|our))\\b",
     false},
};
const size_t rules__language_wording_patterns_count = RULES__COUNT(rules__language_wording_patterns);

const struct rule rules__language_wording[] = {
    {.id = "language.passive_actor",
     .family = RULE_LANGUAGE,
     .title = "Passive that hides who acted",
     .why = "A cause without an actor cannot be acted upon: nobody knows whose step has to change.",
     .category = "Clarity",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.7,
     .fires = "# Root Causes\nThe second appeal was overlooked.",
     .spares = "# Root Causes\nThe second appeal was overlooked by the night shift.",
     .check = check_passive},
    {.id = "language.weasel",
     .family = RULE_LANGUAGE,
     .title = "Weasel words",
     .why = "Words that leave everything open read like an answer and are none.",
     .category = "Clarity",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW,
     .confidence = 0.6,
     .fires = "The fix will be deployed as soon as possible.",
     .spares = "The fix will be deployed on 3 March 2026.",
     .check = check_weasel},
    {.id = "language.absolute",
     .family = RULE_LANGUAGE,
     .title = "Absolute claim",
     .why = "A claim without exceptions is refuted by the first one, and takes the trust in the rest with it.",
     .category = "Clarity",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW,
     .confidence = 0.6,
     .fires = "The new check ensures that this will never happen again.",
     .spares = "This has never been reported before.",
     .check = check_absolute},
    {.id = "language.blame",
     .family = RULE_LANGUAGE,
     .title = "Blame",
     .why =
         "Blaming a person ends the search for the cause: the next person in the same process makes the same mistake.",
     .category = "Tone",
     .kind = RULE_KIND_IMPORTANT,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.8,
     .fires = "The agent failed to follow the procedure.",
     .spares = "The agents followed a procedure that had no second check.",
     .check = check_blame},
};
const size_t rules__language_wording_count = RULES__COUNT(rules__language_wording);
