/* Claims that want a figure or a source: vague quantities, an impact without numbers, "studies show".
 *
 * The idea: vague words are fine in most of a text; they are a defect where the reader came for the figure. So they are judged in sections about
 * impact and findings, and beside the nouns that an impact is counted in, and only when their sentence holds no figure at all.
 * A claim of research is judged by what stands with it: a note, a link, a citation, a figure or a pointer to a table all count as a
 * source. Limits: whether the source says what is claimed is for a person to read. */
#include "rules/facts.h"
#include "rules/registry_priv.h"
#include "rules/words.h"

#define PHRASES(table) (table), sizeof(table) / sizeof((table)[0])
#define NOUN_REACH     3 /* words behind a vague quantity in which its noun stands */

/* ---- vague quantities ---- */

static const struct phrase vague[] = {
    {"a considerable number of", NULL},
    {"a few", NULL},
    {"a handful of", NULL},
    {"a high number of", NULL},
    {"a large number of", NULL},
    {"a lot of", NULL},
    {"a majority of", NULL},
    {"a number of", NULL},
    {"a significant number of", NULL},
    {"a significant portion of", NULL},
    {"a small number of", NULL},
    {"a substantial number of", NULL},
    {"countless", NULL},
    {"dozens of", NULL},
    {"hundreds of", NULL},
    {"lots of", NULL},
    {"many", NULL},
    {"many of the", NULL},
    {"multiple", NULL},
    {"numerous", NULL},
    {"several", NULL},
    {"thousands of", NULL},
    {"various", NULL},
};

/* What an impact is counted in: beginnings of words. */
static const char *const counted[] = {
    "account", "appeal",      "buyer",   "case",    "claim",   "client",  "complaint", "consumer", "customer",
    "defect",  "dollar",      "error",   "euro",    "failure", "hour",    "incident",  "invoice",  "listing",
    "order",   "outage",      "payment", "product", "refund",  "request", "seller",    "shipment", "store",
    "ticket",  "transaction", "unit",    "user",    "victim",  NULL};

/* "many times", "how many", "as many as", "joint and several" are no quantities of that kind. */
static bool is_idiom(struct str text, struct word w)
{
    static const char *const before[] = {"and", "as", "how", "not", "so", "too"};
    struct str lead = str_sub(text, w.start > WORDS_KEY_MAX ? w.start - WORDS_KEY_MAX : 0, w.start);
    struct word x, last = {0};
    bool any = false;
    for (size_t at = 0; words_next(lead, &at, &x); any = true)
        last = x;
    char buf[WORDS_KEY_MAX];
    return any && WORDS_IN(before, words_key(words_text(lead, last), buf));
}

/* Does one of the next words name what an impact is counted in? */
static bool noun_follows(struct str text, size_t at)
{
    struct word w;
    for (size_t n = 0; n < NOUN_REACH && words_next(str_sub(text, 0, at + 4 * WORDS_KEY_MAX), &at, &w); n++)
        for (const char *const *noun = counted; *noun; noun++)
            if (str_starts_nocase(words_text(text, w), str_from_c(*noun))) return true;
    return false;
}

static enum err vague_in(struct rules_run *run, const struct rule *rule, const struct phrases *set,
                         struct facts_span at, struct error *e)
{
    struct str text = str_sub(run->doc->blocks.at[at.block].text, 0, at.end);
    if (words_has_digit(text, at.start, at.end)) return ERR_OK;
    struct word w;
    for (size_t i = at.start; words_next(text, &i, &w);) {
        size_t end = 0;
        const struct phrase *phrase = phrases_at(set, text, w, &end);
        if (!phrase || is_idiom(text, w) || !noun_follows(text, end)) continue;
        struct str words = str_sub(text, w.start, end);
        TRY(rules__hit_at(run, rule, at.block, w.start, end, "Give the figure, or a range with its source.", e,
                          "\"%.*s\" stands where the reader needs a figure.", STR_ARG(words)));
        return ERR_OK; /* one a sentence */
    }
    return ERR_OK;
}

static enum err check_vague(struct rules_run *run, const struct rule *rule, struct error *e)
{
    static const char *const topics[] = {"impact", "finding", "result",     "summary", "incident",   "customer",
                                         "effect", "damage",  "scope",      "metric",  "conclusion", "overview",
                                         "cause",  "problem", "background", NULL};
    const bool *sections = sections_about(run, topics);
    if (!sections) return error_no_memory(e);
    struct phrases set = {0};
    TRY(phrases_make(run->arena, PHRASES(vague), &set, e));
    for (size_t i = 0; i < run->facts->sentences.n; i++) {
        struct facts_span at = run->facts->sentences.at[i];
        if (!block_in(run, sections, at.block) || !words_is_prose(&run->doc->blocks.at[at.block])) continue;
        TRY(vague_in(run, rule, &set, at, e));
    }
    return ERR_OK;
}

/* ---- impact without a number ---- */

#define IMPACT_WORDS_MIN 8 /* fewer: an empty section, which is another finding */
#define IMPACT_TITLE_MAX 5 /* words of a title that is about impact and nothing else */

static bool is_impact_title(struct str title)
{
    struct word w;
    size_t words = 0;
    bool impact = false;
    for (size_t at = 0; words <= IMPACT_TITLE_MAX && words_next(title, &at, &w); words++)
        impact = impact || str_eq_nocase(words_text(title, w), STR("impact")) ||
                 str_eq_nocase(words_text(title, w), STR("impacts"));
    return impact && words <= IMPACT_TITLE_MAX;
}

/* Words of [first, end); *ret_number: a figure or a number word is among them. */
static size_t read_blocks(const struct rules_run *run, uint32_t first, uint32_t end, bool *ret_number)
{
    static const char *const numbers[] = {"eight", "eleven", "five",   "four", "half",    "hundred", "million", "nil",
                                          "nine",  "no",     "nobody", "none", "one",     "seven",   "six",     "ten",
                                          "three", "twelve", "twice",  "two",  "unknown", "zero"};
    size_t words = 0;
    *ret_number = false;
    for (uint32_t b = first; b < end && b < run->doc->blocks.n && !*ret_number; b++) {
        if (!rules__reviewed(run, b)) continue;
        struct str text = run->doc->blocks.at[b].text;
        struct word w;
        for (size_t at = 0; words_next(text, &at, &w); words++) {
            char buf[WORDS_KEY_MAX];
            if (w.has_digit || WORDS_IN(numbers, words_key(words_text(text, w), buf))) *ret_number = true;
        }
    }
    return words;
}

static enum err check_impact(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    for (uint32_t i = 0, done = 0; i < doc->sections.n; i++) {
        const struct doc_section *s = &doc->sections.at[i];
        if (s->heading == DOC_NONE || s->first_block < done || !rules__reviewed(run, s->heading)) continue;
        if (!is_impact_title(s->title)) continue;
        done = s->subtree_end_block; /* what is inside belongs to it: every block is read once */
        bool number = false;
        size_t words = read_blocks(run, s->heading + 1, s->subtree_end_block, &number);
        if (number || words < IMPACT_WORDS_MIN) continue;
        TRY(rules__hit_at(
            run, rule, s->heading, 0, doc->blocks.at[s->heading].text.n,
            "Say how many customers, orders, hours or how much money it was; if that is not known, say so and by when "
            "it will be.",
            e, "\"%.*s\" has no figure in it.", STR_ARG(s->title)));
    }
    return ERR_OK;
}

/* ---- claims without a source ---- */

static const struct phrase claims[] = {
    {"according to experts", NULL},
    {"according to research", NULL},
    {"according to studies", NULL},
    {"analysts agree", NULL},
    {"best practice dictates", NULL},
    {"data indicates", NULL},
    {"data proves", NULL},
    {"data shows", NULL},
    {"data suggests", NULL},
    {"evidence indicates", NULL},
    {"evidence shows", NULL},
    {"evidence suggests", NULL},
    {"experts agree", NULL},
    {"experts believe", NULL},
    {"experts say", NULL},
    {"has been scientifically proven", NULL},
    {"it has been proven", NULL},
    {"it has been shown that", NULL},
    {"it has been shown time and again", NULL},
    {"it has often been shown", NULL},
    {"it is a known fact", NULL},
    {"it is common knowledge", NULL},
    {"it is generally accepted", NULL},
    {"it is often said", NULL},
    {"it is well known", NULL},
    {"it is well established", NULL},
    {"it is widely accepted", NULL},
    {"it is widely known", NULL},
    {"literature indicates", NULL},
    {"literature shows", NULL},
    {"literature suggests", NULL},
    {"most experts", NULL},
    {"reports suggest", NULL},
    {"research has proven", NULL},
    {"research has shown", NULL},
    {"research indicates", NULL},
    {"research proves", NULL},
    {"research shows", NULL},
    {"research suggests", NULL},
    {"statistics indicate", NULL},
    {"statistics show", NULL},
    {"studies confirm", NULL},
    {"studies have proven", NULL},
    {"studies have shown", NULL},
    {"studies indicate", NULL},
    {"studies prove", NULL},
    {"studies show", NULL},
    {"studies suggest", NULL},
    {"surveys indicate", NULL},
    {"surveys show", NULL},
};

static bool is_own_data(struct str text, struct word w)
{
    struct str before =
        str_sub(text, w.start > 8 ? w.start - 8 : 0, w.start); /* "the data shows", "our research shows": their own */
    return str_ends_nocase(before, STR("our ")) || str_ends_nocase(before, STR("these ")) ||
           str_ends_nocase(before, STR("this ")) || str_ends_nocase(before, STR("the ")) ||
           str_ends_nocase(before, STR("whose "));
}

/* Notes and links of each block: they count as its sources. NULL on no memory. */
static const bool *blocks_with_source(const struct rules_run *run)
{
    const struct doc *doc = run->doc;
    bool *sourced = NEW(run->arena, bool, (size_t)doc->blocks.n + 1);
    if (!sourced) return NULL;
    for (uint32_t i = 0; i < doc->links.n; i++)
        if (doc->links.at[i].anchor.start.block < doc->blocks.n) sourced[doc->links.at[i].anchor.start.block] = true;
    for (uint32_t i = 0; i < doc->notes.n; i++)
        if (doc->notes.at[i].ref.block < doc->blocks.n) sourced[doc->notes.at[i].ref.block] = true;
    return sourced;
}

static bool points_to_source(struct str sentence)
{
    static const char *const pointers[] = {"according", "annex",  "appendix",  "attachment", "attached", "cf",
                                           "chart",     "cited",  "exhibit",   "fig",        "figure",   "footnote",
                                           "graph",     "ref",    "reference", "report",     "section",  "see",
                                           "source",    "survey", "table",     NULL};
    struct word w;
    for (size_t at = 0; words_next(sentence, &at, &w);)
        for (const char *const *p = pointers; *p; p++)
            if (str_eq_nocase(words_text(sentence, w), str_from_c(*p))) return true;
    return words_has_digit(sentence, 0, sentence.n) || str_find(sentence, STR("://"), 0) != STR_NONE ||
           str_find(sentence, STR("et al"), 0) != STR_NONE;
}

static enum err check_source(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const bool *sourced = blocks_with_source(run);
    if (!sourced) return error_no_memory(e);
    struct phrases set = {0};
    TRY(phrases_make(run->arena, PHRASES(claims), &set, e));
    for (size_t i = 0; i < run->facts->sentences.n; i++) {
        struct facts_span at = run->facts->sentences.at[i];
        const struct doc_block *block = &run->doc->blocks.at[at.block];
        if (sourced[at.block] || !words_is_prose(block)) continue;
        struct str text = str_sub(block->text, 0, at.end);
        struct word w;
        for (size_t k = at.start; words_next(text, &k, &w);) {
            size_t end = 0;
            if (!phrases_at(&set, text, w, &end) || is_own_data(text, w)) continue;
            /* the words themselves may hold one: "according to experts" */
            if (points_to_source(str_sub(text, at.start, w.start)) || points_to_source(str_sub(text, end, at.end)))
                break;
            TRY(rules__hit_at(run, rule, at.block, w.start, end,
                              "Name the source: a reference, a link, or the figures themselves.", e,
                              "\"%.*s\" gives no source.", STR_ARG(str_sub(text, w.start, end))));
            break;
        }
    }
    return ERR_OK;
}

/* ---- the table ---- */

const struct rule rules__evidence_claims[] = {
    {.id = "evidence.vague_quantity",
     .family = RULE_EVIDENCE,
     .title = "Vague quantity where a figure is due",
     .why =
         "\"Several customers\" may be three or three thousand; the decision that the report asks for depends on it.",
     .category = "Evidence",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.7,
     .fires = "# Impact\nSeveral customers were charged twice.",
     .spares = "# Impact\nSeveral customers (42) were charged twice.",
     .check = check_vague},
    {.id = "evidence.impact_unquantified",
     .family = RULE_EVIDENCE,
     .title = "Impact without a figure",
     .why = "Without a figure nobody can weigh the impact against the cost of the actions, or see whether they worked.",
     .category = "Evidence",
     .kind = RULE_KIND_IMPORTANT,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.8,
     .fires = "# Impact\nCustomers were unhappy and complained about the late deliveries.",
     .spares = "# Impact\nIn March, 312 customers complained about late deliveries.",
     .check = check_impact},
    {.id = "evidence.claim_without_source",
     .family = RULE_EVIDENCE,
     .title = "Claim without a source",
     .why = "A reader cannot check, and a reviewer cannot defend, what \"studies show\".",
     .category = "Evidence",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.75,
     .fires = "Studies show that most sellers never read the policy.",
     .spares = "Studies show that 60 % of sellers never read the policy (Miller, 2024).",
     .check = check_source},
};
const size_t rules__evidence_claims_count = RULES__COUNT(rules__evidence_claims);
