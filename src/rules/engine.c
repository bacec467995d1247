/* The engine of the rules: compiles patterns once, runs every enabled rule over a document, gathers what they find.
 *
 * The idea: rules are rows with a function; the engine is the loop around them and one sink. The sink holds the hits of one rule until
 * it returns, sorts them by place and joins those of one block, so that no rule has to care for order or repetition.
 * Rejected: handing hits out at once (a rule that fires five times in a paragraph would be five comments on it), threads inside
 * a run (documents are the unit of parallelism; a run takes milliseconds).
 * Limits: scratch of one run RUN_ARENA_MAX, hits of one rule RULE_HITS_MAX (then the rest is counted on the last one). */
#include "rules/engine_priv.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "rules/facts.h"
#include "rules/ledger.h"
#include "rules/registry_priv.h"
#include "rules/spelling.h"

#define ENGINE_ARENA_MAX ((size_t)64 << 20)
#define RUN_ARENA_MAX    ((size_t)1 << 30)
#define JOINED_QUOTES    3 /* of the further places in a joined hit */
#define QUOTE_BYTES_MAX  60
#define WORD_BYTES_MAX   128

/* ---- the engine ---- */

static enum err compile_patterns(struct rules_engine *engine, struct error *e)
{
    for (const struct rules_pattern_list *list = rules__pattern_lists; list->specs; list++) {
        for (size_t i = 0; i < *list->count; i++) {
            const struct rules_pattern_spec *spec = &list->specs[i];
            struct str name = str_from_c(spec->name);
            assert(!map_get(&engine->patterns, name)); /* names are unique over all files */
            struct pattern *p = NULL;
            enum err err = pattern_new(spec->source, spec->caseless, &p, e);
            if (err == ERR_INTERNAL) return error_prefix(e, "pattern %s", spec->name);
            if (err != ERR_OK) return err;
            if (!map_put(&engine->patterns, name, p)) {
                pattern_free(p);
                return error_no_memory(e);
            }
        }
    }
    return ERR_OK;
}

/* For the spelling rule alone. Without a dictionary the engine runs: the rule says so in the coverage. */
static enum err load_dictionary(struct rules_engine *engine, const struct rules_options *o, struct error *e)
{
    bool wanted = false;
    for (size_t i = 0; i < engine->n_rules; i++)
        if (strcmp(engine->rules[i]->id, "language.spelling") == 0) wanted = engine->settings[i].enabled;
    if (!wanted) return ERR_OK;
    enum err err = spelling_new(o ? o->dictionary_folder : NULL, o && o->load_in_background, &engine->dictionary, e);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void engine__cleanup(struct rules_engine **engine) { rules_engine_free(*engine); }

enum err rules_engine_new(const struct rules_options *o, struct rules_engine **ret, struct error *e)
{
    CLEANUP_ARENA struct arena *arena = arena_new(ENGINE_ARENA_MAX);
    if (!arena) return error_no_memory(e);
    struct rules_engine *made = NEW(arena, struct rules_engine, 1);
    if (!made) return error_no_memory(e);
    made->arena = TAKE(arena);
    __attribute__((cleanup(engine__cleanup))) struct rules_engine *engine = made;

    engine->n_rules = rules_count();
    engine->rules = NEW(engine->arena, const struct rule *, engine->n_rules);
    engine->settings = NEW(engine->arena, struct rules__setting, engine->n_rules);
    if (!engine->rules || !engine->settings) return error_no_memory(e);
    for (size_t i = 0; i < engine->n_rules; i++)
        engine->rules[i] = rules_at(i);
    engine->patterns = map_make(engine->arena);
    engine->words = map_make(engine->arena);
    TRY(rules__settings_read(engine, o ? o->settings : NULL, e));
    TRY(compile_patterns(engine, e));
    TRY(load_dictionary(engine, o, e));
    *ret = TAKE(engine);
    return ERR_OK;
}

void rules_engine_free(struct rules_engine *engine)
{
    if (!engine) return;
    const struct map_slot *slot;
    for (size_t i = 0; (slot = map_next(&engine->patterns, &i));)
        pattern_free(slot->value);
    spelling_free(engine->dictionary);
    arena_free(engine->arena);
}

/* ---- what rules ask the run ---- */

bool rules__reviewed(const struct rules_run *run, uint32_t block)
{
    return block < run->doc->blocks.n && run->reviewed[block];
}

static const struct rules__setting *setting_of(const struct rules_run *run, const struct rule *rule)
{
    for (size_t i = 0; i < run->engine->n_rules; i++)
        if (run->engine->rules[i] == rule) return &run->engine->settings[i];
    abort(); /* our bug: a rule that is in no list of the registry */
}

static size_t param_index(const struct rule *rule, const char *name, bool words)
{
    for (size_t i = 0; i < RULE_PARAMS_MAX && rule->params[i].name; i++)
        if (strcmp(rule->params[i].name, name) == 0 && (rule->params[i].type == RULE_PARAM_STRS) == words) return i;
    abort(); /* our bug: a parameter that the rule's row does not have */
}

double rules__param_double(const struct rules_run *run, const struct rule *rule, const char *name)
{
    return setting_of(run, rule)->values[param_index(rule, name, false)];
}

int64_t rules__param_int(const struct rules_run *run, const struct rule *rule, const char *name)
{
    return (int64_t)rules__param_double(run, rule, name);
}

bool rules__param_has(const struct rules_run *run, const struct rule *rule, const char *name, struct str word)
{
    const struct rules__words *words = &setting_of(run, rule)->words[param_index(rule, name, true)];
    for (size_t i = 0; i < words->n; i++)
        if (str_eq_nocase(words->at[i], word)) return true;
    return false;
}

/* UTF-8 of the rune, at most 4 bytes: a builder would allocate, and asking for a word cannot fail. */
static size_t put_rune(char *at, uint32_t rune)
{
    if (rune < 0x80) {
        at[0] = (char)rune;
        return 1;
    }
    size_t n = rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; rune >>= 6)
        at[i] = (char)(0x80 | (rune & 0x3F));
    at[0] = (char)((0xF00u >> n) | rune); /* 110…, 1110…, 11110… */
    return n;
}

bool rules__team_word(const struct rules_run *run, struct str word)
{
    if (run->engine->words.n == 0 || word.n == 0 || word.n > WORD_BYTES_MAX) return false;
    char lower[4 * WORD_BYTES_MAX];
    size_t n = 0;
    for (size_t at = 0; at < word.n;)
        n += put_rune(lower + n, utf8_to_lower(utf8_next(word, &at)));
    return map_get(&run->engine->words, (struct str){lower, n}) != NULL;
}

const struct pattern *rules__pattern(const struct rules_run *run, const char *name)
{
    const struct pattern *p = map_get(&run->engine->patterns, str_from_c(name));
    assert(p);
    return p;
}

bool rules__matches(const struct rules_run *run, const char *name, struct str text)
{
    struct pattern_match m;
    return pattern_find(rules__pattern(run, name), text, 0, &m);
}

struct str rules__excerpt(const struct rules_run *run, struct str text, size_t max)
{
    if (text.n <= max) return str_dup(run->arena, text);
    struct str cut = str_trim(str_sub(text, 0, utf8_floor(text, max)));
    return str_printf(run->arena, "%.*s…", STR_ARG(cut));
}

/* ---- the sink ---- */

enum err rules__hit(struct rules_run *run, const struct rules_hit *hit, struct error *e)
{
    if (run->sink->hits.n >= RULE_HITS_MAX) return ERR_OK;
    struct rules_hit *kept = VEC_PUSH(run->arena, &run->sink->hits);
    if (!kept) return error_no_memory(e);
    *kept = *hit;
    if (kept->confidence == 0) kept->confidence = hit->rule->confidence;
    return ERR_OK;
}

enum err rules__hit_at(struct rules_run *run, const struct rule *rule, uint32_t block, size_t start, size_t end,
                       const char *suggestion, struct error *e, const char *format, ...)
{
    CLEANUP_SB struct sb text = SB_INIT(1 << 16);
    va_list args;
    va_start(args, format);
    sb_vprintf(&text, format, args);
    va_end(args);
    struct rules_hit hit = {.rule = rule, .suggestion = str_from_c(suggestion)};
    TRY(sb_take(&text, run->arena, &hit.description, e));
    hit.anchor = doc_anchor_make(run->doc, block, start, end);
    return rules__hit(run, &hit, e);
}

enum err rules__skip(struct rules_run *run, const struct rule *rule, const char *reason, struct error *e)
{
    struct str copy = str_dup(run->sink->lasting, str_from_c(reason));
    struct rules_skipped *skipped = VEC_PUSH(run->sink->lasting, &run->sink->skipped);
    if (!copy.p || !skipped) return error_no_memory(e);
    *skipped = (struct rules_skipped){.rule = rule, .reason = copy};
    return ERR_OK;
}

static int by_place(const void *a, const void *b)
{
    const struct doc_anchor *x = &((const struct rules_hit *)a)->anchor, *y = &((const struct rules_hit *)b)->anchor;
    if (x->start.block != y->start.block) return x->start.block < y->start.block ? -1 : 1;
    if (x->start.offset != y->start.offset) return x->start.offset < y->start.offset ? -1 : 1;
    if (x->end.block != y->end.block) return x->end.block < y->end.block ? -1 : 1;
    return (x->end.offset > y->end.offset) - (x->end.offset < y->end.offset);
}

static bool same_anchor(const struct rules_hit *a, const struct rules_hit *b) { return by_place(a, b) == 0; }

static const char *place_word(const struct doc_block *block)
{
    switch (block->kind) {
    case DOC_BLOCK_HEADING: return "heading";
    case DOC_BLOCK_CELL: return "cell";
    case DOC_BLOCK_LIST_ITEM: return "list item";
    default: return "paragraph";
    }
}

static void sb_quote(struct sb *text, const struct rules_run *run, const struct rules_hit *hit)
{
    struct str quote = doc_text_of(run->doc, hit->anchor, run->arena);
    quote = rules__excerpt(run, quote, QUOTE_BYTES_MAX);
    if (!quote.p) text->failed = text->no_memory = true;
    sb_printf(text, "\"%.*s\"", STR_ARG(quote));
}

/* The description of hits[0], with its n - 1 companions of the same block in it. */
static enum err describe_joined(struct rules_run *run, struct rules_hit *hits, size_t n, struct error *e)
{
    size_t others = 0;
    for (size_t i = 1; i < n; i++)
        if (!same_anchor(&hits[i], &hits[i - 1])) others++;
    if (others == 0) return ERR_OK;
    CLEANUP_SB struct sb text = SB_INIT(1 << 16);
    sb_str(&text, hits[0].description);
    sb_printf(&text, " And %zu more in this %s: ", others,
              place_word(&run->doc->blocks.at[hits[0].anchor.start.block]));
    size_t quoted = 0;
    for (size_t i = 1; i < n && quoted < JOINED_QUOTES; i++) {
        if (same_anchor(&hits[i], &hits[i - 1])) continue;
        if (quoted++) SB_LIT(&text, ", ");
        sb_quote(&text, run, &hits[i]);
    }
    sb_c(&text, quoted < others ? ", …" : ".");
    return sb_take(&text, run->arena, &hits[0].description, e);
}

/* Hands out what the rule found: in document order, joined by block. */
static enum err flush(struct rules_run *run,
                      enum err (*on_hit)(void *ctx, const struct rules_hit *hit, struct error *e), void *ctx,
                      struct error *e)
{
    struct rules_hit *hits = run->sink->hits.at;
    size_t n = run->sink->hits.n;
    if (n > 1) qsort(hits, n, sizeof(*hits), by_place);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && hits[end].anchor.start.block == hits[i].anchor.start.block;)
            end++;
        TRY(describe_joined(run, &hits[i], end - i, e));
        TRY(on_hit(ctx, &hits[i], e));
    }
    run->sink->hits.n = 0;
    return ERR_OK;
}

/* ---- a run ---- */

static enum err find_reviewed(struct rules_run *run, struct rules_coverage *coverage, struct error *e)
{
    const struct doc *doc = run->doc;
    bool *reviewed = NEW(run->arena, bool, (size_t)doc->blocks.n + 1);
    if (!reviewed) return error_no_memory(e);
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        const struct doc_block *block = &doc->blocks.at[i];
        if (doc_block_is_blank(block)) continue;
        bool asked = block->section >= doc->sections.n || doc->sections.at[block->section].reviewed;
        reviewed[i] = run->input->whole_document || (asked && !block->is_toc);
        if (reviewed[i])
            coverage->blocks_reviewed++;
        else
            coverage->blocks_left_out++;
    }
    run->reviewed = reviewed;
    return ERR_OK;
}

enum err rules_run(const struct rules_engine *engine, const struct rules_input *input,
                   enum err (*on_hit)(void *ctx, const struct rules_hit *hit, struct error *e), void *ctx,
                   struct arena *a, struct rules_coverage *ret_coverage, struct error *e)
{
    CLEANUP_ARENA struct arena *arena = arena_new(RUN_ARENA_MAX);
    if (!arena) return error_no_memory(e);
    struct rules__sink sink = {.lasting = a};
    struct rules_run run = {.engine = engine, .input = input, .doc = input->doc, .arena = arena, .sink = &sink};
    struct rules_coverage coverage = {0};
    TRY(find_reviewed(&run, &coverage, e));
    TRY(facts_find(&run, &run.facts, e));
    for (size_t i = 0; i < engine->n_rules; i++) {
        if (!engine->settings[i].enabled) {
            coverage.n_off++;
            continue;
        }
        size_t skipped = sink.skipped.n;
        TRY(engine->rules[i]->check(&run, engine->rules[i], e));
        TRY(flush(&run, on_hit, ctx, e));
        if (sink.skipped.n == skipped) coverage.n_run++;
    }
    coverage.skipped = sink.skipped.at;
    coverage.n_skipped = sink.skipped.n;
    *ret_coverage = coverage;
    return ERR_OK;
}

enum err rules_ledger(const struct rules_engine *engine, const struct rules_input *input, size_t max, struct sb *out,
                      struct error *e)
{
    CLEANUP_ARENA struct arena *arena = arena_new(RUN_ARENA_MAX);
    if (!arena) return error_no_memory(e);
    struct rules_run run = {.engine = engine, .input = input, .doc = input->doc, .arena = arena};
    struct rules_coverage ignored = {0};
    TRY(find_reviewed(&run, &ignored, e));
    TRY(facts_find(&run, &run.facts, e));
    return rules__ledger_put(&run, max, out, e);
}
