/* The deterministic reviewer: rules that read the model of a document and hand out hits. No network, no clock, no randomness: the same document and settings give the same hits in the same order.
 * Thread: an engine is immutable after rules_engine_new() and may be used by any number of threads at once. */
#pragma once

#include "base/json.h"
#include "doc/model.h"

enum rule_risk { RULE_RISK_LOW, RULE_RISK_MEDIUM, RULE_RISK_HIGH };
enum rule_kind { RULE_KIND_SUGGESTION, RULE_KIND_IMPORTANT, RULE_KIND_CRITICAL };

enum rule_family {
    RULE_STRUCTURE,
    RULE_TIME,
    RULE_CAUSE,
    RULE_EVIDENCE,
    RULE_LANGUAGE,
    RULE_PRIVACY,
    RULE_LINKS,
    RULE_FAMILY_COUNT
};

enum rule_param_type { RULE_PARAM_INT, RULE_PARAM_DOUBLE, RULE_PARAM_STRS /* adds to the built-in words */ };

struct rule_param { /* a value that a team can set */
    const char *name;
    enum rule_param_type type;
    double value, min, max; /* INT, DOUBLE: default and limits */
    const char *meaning;
};

#define RULE_PARAMS_MAX 4

struct rules_run;

struct rule {       /* one row of the registry: all there is to know about a rule */
    const char *id; /* "time.weekday_mismatch": family and name */
    enum rule_family family;
    const char *title;    /* "Weekday does not match the date" */
    const char *why;      /* one or two sentences for the author of a document */
    const char *category; /* the finding's category: "Timeline", "Root cause", … */
    enum rule_kind kind;
    enum rule_risk risk;
    double confidence;                         /* 0–1: how often a hit is right */
    bool off;                                  /* not run unless a team switches it on */
    struct rule_param params[RULE_PARAMS_MAX]; /* up to the first without a name */
    const char *fires,
        *spares; /* a short text that must and one that must not fire: for the docs page; the tests hold far more */
    enum err (*check)(struct rules_run *run, const struct rule *rule, struct error *e);
};

size_t rules_count(void);
const struct rule *rules_at(size_t i);                  /* sorted by family, then id */
const struct rule *rules_find(struct str id);           /* or NULL */
const char *rules_family_name(enum rule_family family); /* "structure" */

struct rules_hit {
    const struct rule *rule;
    struct doc_anchor anchor;
    struct str description; /* what is wrong here, a sentence or two, quoting the words */
    struct str suggestion;  /* what to do; may be empty */
    bool has_rewrite;
    struct str rewrite; /* the exact words to put in place of the anchored ones */
    const struct str *questions;
    size_t n_questions;
    double confidence;
};

struct rules_engine;

struct rules_options {
    const struct json *
        settings; /* {"rules": {"language.long_sentence": {"enabled": true, "max_words": 40}}, "words": ["Hawkeye"]} or NULL */
    const char *
        dictionary_folder; /* where en_US.aff and en_US.dic are; NULL: the system's; spelling says so when there is none */
    bool load_in_background; /* the dictionary, which takes a tenth of a second: the first run waits for it */
};

/* Compiles patterns and loads the dictionary. ERR_INVALID "bad_settings": the message has the path and what is accepted. */
enum err rules_engine_new(const struct rules_options *o, struct rules_engine **ret, struct error *e) MUST_USE;
void rules_engine_free(struct rules_engine *engine); /* NULL is fine */

/* A section that the framework expects, and the words by which its title may be known. */
struct rules_expected_section {
    struct str title;
    const struct str *aliases;
    size_t n_aliases;
};

struct rules_input {
    const struct doc *doc;
    const struct rules_expected_section *expected_sections; /* none: the rule for missing sections says nothing */
    size_t n_expected_sections;
    bool whole_document; /* also sections that are not reviewed by default (quoted e-mail, table of contents) */
};

struct rules_skipped { /* a rule that could not run, and why: shown in the coverage record */
    const struct rule *rule;
    struct str reason;
};

struct rules_coverage {
    size_t n_run, n_off; /* rules that ran, that are switched off */
    const struct rules_skipped *skipped;
    size_t n_skipped;
    size_t blocks_reviewed, blocks_left_out;
};

/* Runs every enabled rule. Hits arrive in registry order, then document order; findings of one rule on one block are one hit. on_hit's data is valid
 * during the call only. An error of on_hit stops the run and is returned. *ret_coverage lives in the arena. */
enum err rules_run(const struct rules_engine *engine, const struct rules_input *input,
                   enum err (*on_hit)(void *ctx, const struct rules_hit *hit, struct error *e), void *ctx,
                   struct arena *a, struct rules_coverage *ret_coverage, struct error *e) MUST_USE;
