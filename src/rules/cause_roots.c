/* Rules about what is given as a root cause: a person's mistake, or the symptom in other words.
 * They read the blocks of a section on root causes, blocks labelled RC, and sentences that say "the root cause was".
 * Limits: restating is judged by shared words, cut to their first letters; a cause that adds a few new words is not caught, on purpose. */
#include "rules/cause_priv.h"
#include "rules/registry_priv.h"

#define STEM          6 /* bytes of a word that are compared */
#define WORD_MIN      4
#define WORDS_MIN     5 /* a sentence with fewer words of content cannot be judged */
#define WORDS_MAX     64
#define SENTENCES_MAX 300 /* of each side */

static struct str sentence_text(const struct rules_run *run, const struct facts_span *s)
{
    return str_sub(run->doc->blocks.at[s->block].text, s->start, s->end);
}

/* Does the block as a whole tell of root causes? */
static bool is_cause_block(const struct rules_run *run, const uint8_t *topics, uint32_t block)
{
    const struct doc_block *b = &run->doc->blocks.at[block];
    if (b->heading_level) return false;
    const struct facts_label *label = cause__label_of(run, block);
    if (label) return !label->is_action;
    return cause__topic_at(run, topics, block) == CAUSE_ROOTS;
}

static enum err check_human_error(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const uint8_t *topics = cause__topics(run);
    if (!topics) return error_no_memory(e);
    const struct rules_facts *f = run->facts;
    const struct pattern *p = rules__pattern(run, "cause.human_error");
    for (size_t i = 0; i < f->sentences.n; i++) {
        const struct facts_span *span = &f->sentences.at[i];
        struct str text = sentence_text(run, span);
        struct pattern_match m;
        if (!is_cause_block(run, topics, span->block) &&
            (str_find_nocase(text, STR("cause"), 0) == STR_NONE || !rules__matches(run, "cause.says_root_cause", text)))
            continue;
        if (!pattern_find(p, text, 0, &m) || rules__matches(run, "cause.explains_error", text)) continue;
        bool more = i + 1 < f->sentences.n && f->sentences.at[i + 1].block == span->block;
        if (more && rules__matches(run, "cause.explains_error", sentence_text(run, &f->sentences.at[i + 1]))) continue;
        struct str words = rules__excerpt(run, pattern_group(text, &m, 0), 60);
        if (!words.p) return error_no_memory(e);
        TRY(rules__hit_at(run, rule, span->block, span->start + m.start, span->start + m.end,
                          "Ask what made the mistake possible and why nothing caught it.", e,
                          "\"%.*s\" is given as a root cause; it is where the question why begins.", STR_ARG(words)));
    }
    return ERR_OK;
}

/* The stems of a sentence's words of content, each once. */
struct stems {
    uint64_t at[WORDS_MAX];
    size_t n;
    uint64_t bits; /* one of 64 for each stem: most pairs of sentences are told apart by them alone */
};

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0; }

static bool is_stop_word(struct str word)
{
    static const char *const stop[] = {"that",  "this",  "with",  "from",   "were",   "have",    "been",  "which",
                                       "when",  "root",  "cause", "causes", "caused", "because", "there", "their",
                                       "they",  "will",  "into",  "also",   "then",   "than",    "after", "before",
                                       "over",  "under", "some",  "such",   "very",   "more",    "most",  "only",
                                       "other", "these", "those", "about",  "issue",  "problem", "reason"};
    for (size_t i = 0; i < sizeof(stop) / sizeof(stop[0]); i++)
        if (str_eq_nocase(word, str_from_c(stop[i]))) return true;
    return false;
}

static bool has_stem(const struct stems *s, uint64_t stem)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->at[i] == stem) return true;
    return false;
}

static uint64_t bit_of(uint64_t stem) { return (uint64_t)1 << (stem * 0x9E3779B97F4A7C15u >> 58); }

static void read_stems(struct str text, struct stems *ret)
{
    ret->n = 0;
    ret->bits = 0;
    for (size_t i = 0; i < text.n && ret->n < WORDS_MAX;) {
        size_t start = i;
        while (i < text.n && is_letter(text.p[i]))
            i++;
        struct str word = str_sub(text, start, i);
        if (i == start) i++;
        if (word.n < WORD_MIN || is_stop_word(word)) continue;
        uint64_t stem = 0;
        for (size_t k = 0; k < word.n && k < STEM; k++)
            stem = stem << 8 | (unsigned char)(word.p[k] >= 'A' && word.p[k] <= 'Z' ? word.p[k] + 32 : word.p[k]);
        if (has_stem(ret, stem)) continue;
        ret->at[ret->n++] = stem;
        ret->bits |= bit_of(stem);
    }
}

struct problem { /* a sentence of the problem's description */
    const struct facts_span *span;
    struct stems stems;
};
struct problems {
    struct problem *at;
    size_t n;
};

static enum err read_problems(struct rules_run *run, const uint8_t *topics, struct problems *ret, struct error *e)
{
    const struct rules_facts *f = run->facts;
    ret->at = NULL;
    ret->n = 0;
    if (!memchr(topics, CAUSE_PROBLEM, run->doc->sections.n)) return ERR_OK;
    ret->at = NEW(run->arena, struct problem, SENTENCES_MAX);
    if (!ret->at) return error_no_memory(e);
    for (size_t i = 0; i < f->sentences.n && ret->n < SENTENCES_MAX; i++) {
        const struct facts_span *span = &f->sentences.at[i];
        if (cause__topic_at(run, topics, span->block) != CAUSE_PROBLEM ||
            run->doc->blocks.at[span->block].heading_level)
            continue;
        struct problem *problem = &ret->at[ret->n];
        problem->span = span;
        read_stems(sentence_text(run, span), &problem->stems);
        if (problem->stems.n >= WORDS_MIN) ret->n++;
    }
    return ERR_OK;
}

/* The sentence that holds nearly all words of the cause, or NULL. */
static const struct facts_span *restated(const struct problems *problems, const struct stems *cause, double share)
{
    double may_lack = (1.0 - share) * (double)cause->n + 1e-9;
    for (size_t i = 0; i < problems->n; i++) {
        const struct stems *problem = &problems->at[i].stems;
        if ((double)__builtin_popcountll(cause->bits & ~problem->bits) > may_lack) continue;
        size_t lacking = 0;
        for (size_t k = 0; k < cause->n; k++)
            lacking += !has_stem(problem, cause->at[k]);
        if ((double)lacking <= may_lack) return problems->at[i].span;
    }
    return NULL;
}

static enum err check_restated(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const uint8_t *topics = cause__topics(run);
    if (!topics) return error_no_memory(e);
    const struct rules_facts *f = run->facts;
    double share = rules__param_double(run, rule, "share");
    struct problems problems;
    TRY(read_problems(run, topics, &problems, e));
    size_t looked = 0;
    for (size_t i = 0; problems.n && i < f->sentences.n && looked < SENTENCES_MAX; i++) {
        const struct facts_span *span = &f->sentences.at[i];
        if (!is_cause_block(run, topics, span->block)) continue;
        looked++;
        struct str text = sentence_text(run, span);
        struct stems cause;
        read_stems(text, &cause);
        if (cause.n < WORDS_MIN || rules__matches(run, "cause.gives_reason", text)) continue;
        const struct facts_span *problem = restated(&problems, &cause, share);
        if (!problem) continue;
        struct str words = rules__excerpt(run, sentence_text(run, problem), 120);
        if (!words.p) return error_no_memory(e);
        TRY(rules__hit_at(run, rule, span->block, span->start, span->end,
                          "Say why it happened: ask why until the answer can be changed.", e,
                          "This says again what happened (\"%.*s\"), not why.", STR_ARG(words)));
    }
    return ERR_OK;
}

const struct rules_pattern_spec rules__cause_roots_patterns[] = {
    {"cause.says_root_cause", "\\broot[- ]cause\\b[^.]{0,60}?(?:\\b(?:is|was|were|lies|lay)\\b|:)", true},
    {"cause.human_error",
     "\\b(?<!not )(?:(?:human|operator|manual|user|individual|agent|associate|employee|investigator|personal) (?:error|mistake|failure|oversight)s?|(?:an|by|through|simple|mere) "
     "oversight\\b(?! (?:committee|board|body|team|function|process|of))|due to oversight|negligence|carelessness|inattenti(?:on|veness)|forgetfulness|"
     "lack of (?:attention|care|focus|diligence|concentration|awareness)|(?:simply |just )?forgot(?:ten)?|made (?:an? |the )?(?:\\w+ )?(?:mistake|error)s?)\\b",
     true},
    {"cause.explains_error",
     "\\b(?:because|since the|as there (?:is|was)|there (?:is|was) no|allowed|allows|permitted|no (?:check|control|alarm|validation|safeguard|warning|second|"
     "review)|missing|without a|did not (?:warn|check|validate|block|alert|prevent)|does not (?:warn|check|validate|block|alert|prevent)|rather than|not (?:a |due to |caused by )?(?:human|negligence|oversight)|which made|made it "
     "possible|unclear|ambiguous|was not (?:documented|trained)|had not been (?:documented|trained))\\b",
     true},
    {"cause.gives_reason",
     "\\b(?:because|due to|since|owing to|as a result of|lack of|lacked|missing|failed to|did not|does not|no (?:check|control|alarm|"
     "validation|owner|process)|without|not (?:been )?(?:configured|documented|tested|trained|reviewed)|after the|caused by|led to|which|"
     "so that|why)\\b",
     true},
};
const size_t rules__cause_roots_patterns_count = RULES__COUNT(rules__cause_roots_patterns);

#define ROW .family = RULE_CAUSE, .category = "Root cause"

const struct rule rules__cause_roots[] = {
    {ROW, .id = "cause.human_error", .title = "Human error given as a root cause",
     .why = "People make mistakes; a root cause is what let the mistake happen or pass, because that can be changed.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_HIGH, .confidence = 0.85,
     .fires = "# Root Causes\nThe listing was blocked by human error.",
     .spares =
         "# Root Causes\nThe listing was blocked by human error, which was possible because the tool has no second check.",
     .check = check_human_error},
    {ROW, .id = "cause.restates_problem", .title = "Root cause restates the problem",
     .why = "A cause that says again what happened leaves the question why without an answer.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_HIGH, .confidence = 0.7,
     .params = {{"share", RULE_PARAM_DOUBLE, 0.8, 0.5, 1.0,
                 "share of a cause's words that one sentence on the problem holds"}},
     .fires =
         "# Problem Statement\nListings of twelve sellers were suspended wrongly in the toys category.\n# Root Cause\nSeller listings "
         "in the toys category were suspended wrongly.",
     .spares =
         "# Problem Statement\nListings of twelve sellers were suspended wrongly in the toys category.\n# Root Cause\nThe "
         "classifier had been trained on data without labels for handmade toys.",
     .check = check_restated},
};
const size_t rules__cause_roots_count = RULES__COUNT(rules__cause_roots);
