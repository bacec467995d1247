/* What the families of rules work with: one run over one document. Shared only inside rules/. */
#pragma once

#include "base/map.h"
#include "base/vec.h"
#include "doc/text.h"
#include "rules/pattern.h"
#include "rules/rules.h"

struct rules_facts;
struct rules__dictionary; /* spelling.c: hunspell */

struct rules__setting { /* of one rule, as the team set it */
    bool enabled;
    double values[RULE_PARAMS_MAX]; /* INT, DOUBLE */
    struct rules__words {
        struct str *at;
        size_t n;
    } words[RULE_PARAMS_MAX]; /* STRS */
};

struct rules_engine {
    struct arena *arena;
    const struct rule **rules;       /* in the order of the registry */
    struct rules__setting *settings; /* for each of them */
    size_t n_rules;
    struct map patterns;                  /* name -> struct pattern * */
    struct map words;                     /* the team's vocabulary, lower case; the values mean nothing */
    struct rules__dictionary *dictionary; /* NULL: none was found */
};

/* settings.c: fills engine->settings and engine->words; o may be NULL. */
enum err rules__settings_read(struct rules_engine *engine, const struct json *settings, struct error *e) MUST_USE;

struct rules_run {
    const struct rules_engine *engine;
    const struct rules_input *input;
    const struct doc *doc;
    struct arena *arena;       /* of the run: scratch of any rule, freed at its end */
    struct rules_facts *facts; /* rules/facts.h: what several rules need, found once */
    const bool *reviewed;      /* of each block */
    const uint8_t *topics;     /* cause_priv.h: of each section; NULL until the first rule asks */
    struct rules__sink *sink;
    bool every; /* also what a rule spares because it belongs to nobody in particular (personal.c) */
};

#define RULE_HITS_MAX 10000u /* hits of one rule; the rest is not kept */

struct rules__sink {
    VEC(struct rules_hit) hits; /* of the rule that runs now */
    VEC(struct rules_skipped) skipped;
    struct arena *lasting; /* the caller's: for the coverage */
};

/* ledger.c: the lines of rules_ledger(). */
enum err rules__ledger_put(const struct rules_run *run, size_t max, struct sb *out, struct error *e) MUST_USE;

/* Is the block reviewed (its section is, it is not blank, not in a table of contents)? */
bool rules__reviewed(const struct rules_run *run, uint32_t block);

/* A remark needs words to stand on: the block, or the next one of the body that has some, or one before. DOC_NONE: the body is blank. */
uint32_t rules__block_with_words(const struct doc *doc, uint32_t block);

/* Values of a rule's parameters as the team set them. Asking for one that the row does not have is our bug. */
int64_t rules__param_int(const struct rules_run *run, const struct rule *rule, const char *name);
double rules__param_double(const struct rules_run *run, const struct rule *rule, const char *name);
/* Is the word (any case) among those that the team added to a STRS parameter? */
bool rules__param_has(const struct rules_run *run, const struct rule *rule, const char *name, struct str word);
/* The team's own vocabulary ("words" of the settings), any case. */
bool rules__team_word(const struct rules_run *run, struct str word);

/* A compiled pattern of the engine, by the name in its file's table (registry_priv.h). Never NULL: a wrong name is our bug. */
const struct pattern *rules__pattern(const struct rules_run *run, const char *name);
/* Does the pattern match anywhere in the text? */
bool rules__matches(const struct rules_run *run, const char *name, struct str text);

/* Text for a message: at most so many bytes, cut at a character, with "…" where cut. In the run's arena; .p NULL on no memory. */
struct str rules__excerpt(const struct rules_run *run, struct str text, size_t max);

/* Hands out a hit. Several of one rule in one block become one: the first keeps its anchor and texts, and its description
 * counts and quotes the others. hit->rule, anchor and description are required; confidence 0 takes the rule's.
 * Texts must live until the rule returns (the run's arena, the model, constants). */
enum err rules__hit(struct rules_run *run, const struct rules_hit *hit, struct error *e) MUST_USE;

/* The usual case in one call: anchor [start, end) of a block, description by printf, suggestion a constant (or ""). */
enum err rules__hit_at(struct rules_run *run, const struct rule *rule, uint32_t block, size_t start, size_t end,
                       const char *suggestion, struct error *e, const char *format, ...) MUST_USE
    __attribute__((format(printf, 8, 9)));

/* Says that a rule could not run here (no dictionary, …). */
enum err rules__skip(struct rules_run *run, const struct rule *rule, const char *reason, struct error *e) MUST_USE;
