/* One thread, several calls.
 *
 *   units that wait -> cache? -> asked -> items: found -> ended: reviewed, kept in the cache
 *                                                '-> cut: split in two, which wait
 *
 * The first call is let begin its answer before the others start: what they share is in the provider's cache then, and is paid once.
 * A model that cannot be asked at all (credentials, access, settings) is not asked again for every part: the rest fails with the same words. So does it
 * when GIVE_UP_AFTER parts have failed and none was reviewed.
 * Limits: calls at once (review_models.max_calls_per_review), SPLITS_MAX halvings of a part. */
#include "review/model_run.h"

#include "base/json.h"
#include "base/time.h"
#include "base/vec.h"
#include "review/model_calls.h"
#include "review/model_prompt.h"
#include "review/model_tools.h"

#define LOOK_NS ((int64_t)200 * 1000000) /* whether it is still wanted */
enum {
    CALLS_AT_ONCE = 4, /* where the settings say nothing */
    GIVE_UP_AFTER = 3,
    SPLITS_MAX = 6,
    ASKED_MAX = 2, /* for a list that did not come at all */
    ITEMS_MAX = 4 << 20,
    ITEM_ARENA_MAX = 16 << 20,
    CALL_ARENA_MAX = 64 << 20
};

struct run {
    const struct doc *doc;
    const struct model_run_options *o;
    const struct model_run_hooks *hooks;
    struct arena *a;
    struct model_plan plan;
    struct model_prompt prompt, whole;
    struct model_ground ground;
    struct model_calls *calls;
    VEC(struct model_unit) units;
    size_t ended, failed; /* units about parts, but split ones; of them failed */
    bool any;             /* one was reviewed */
    bool whole_asked;
    struct error give_up; /* code OK: go on */
    struct str *models;   /* whose answers are taken from the cache */
    size_t n_models;
    struct model_run_result ret;
};

/* --- units --- */

static enum err add_unit(struct run *r, const struct model_part *part, unsigned depth, struct error *e)
{
    struct model_unit *u = VEC_PUSH(r->a, &r->units);
    if (!u) return error_no_memory(e);
    *u = (struct model_unit){.depth = depth, .whole = part == NULL, .items = SB_INIT(ITEMS_MAX)};
    if (part) u->part = *part;
    return ERR_OK;
}

static size_t count(const struct run *r)
{
    size_t n = r->whole_asked || r->plan.n == 0 ? 0 : 1; /* the call about the whole is still to come */
    for (size_t i = 0; i < r->units.n; i++)
        n += r->units.at[i].state != MODEL_UNIT_SPLIT;
    return n;
}

static enum err progress(struct run *r, struct str model, struct error *e)
{
    return r->hooks->progress(r->hooks->ctx, r->ended, count(r), model, e);
}

/* What is asked of models from here to span_leave is part of the unit. Without memory there is no span. */
static void span_begin(struct run *r, struct model_unit *u)
{
    u->span = trace_is_on() ? NEW(r->a, struct trace_span, 1) : NULL;
    if (!u->span) return;
    trace_begin(u->span, TRACE_INTERNAL, u->whole ? STR("whole document") : STR("section"));
    trace_text(u->span, "prism.document", r->o->document);
    trace_text(u->span, "prism.review", r->o->review);
    trace_number(u->span, "prism.asked", u->asked + 1);
    if (u->whole) return;
    trace_number(u->span, "prism.first_block", u->part.first);
    trace_number(u->span, "prism.end_block", u->part.end);
}

static void span_leave(struct model_unit *u)
{
    if (u->span) trace_leave(u->span);
}

static void span_end(struct model_unit *u, const char *reason)
{
    if (u->span) trace_end(u->span, reason);
    u->span = NULL;
}

static enum err end_unit(struct run *r, struct model_unit *u, enum model_unit_state state, const struct error *why,
                         struct error *e)
{
    bool failed = state == MODEL_UNIT_FAILED || state == MODEL_UNIT_OVER_BUDGET;
    span_end(u, why ? (why->reason[0] ? why->reason : "failed") : NULL);
    u->state = state;
    if (why) u->why = *why;
    sb_done(&u->items);
    if (state == MODEL_UNIT_SPLIT) return ERR_OK;
    r->ended++;
    r->failed += failed;
    r->any = r->any || !failed;
    bool hopeless = failed && !u->whole && !r->any && r->failed >= GIVE_UP_AFTER;
    if (hopeless && r->give_up.code == ERR_OK) r->give_up = u->why;
    return progress(r, STR_EMPTY, e);
}

/* --- what comes in --- */

static enum err take_item(struct run *r, const struct model_unit *u, struct str json, struct error *e)
{
    CLEANUP_ARENA struct arena *scratch = arena_new(ITEM_ARENA_MAX);
    enum model_refusal refusal;
    struct finding f;
    if (!scratch) return error_no_memory(e);
    TRY(model_find(&r->ground, u->whole ? NULL : &u->part, json, u->model, scratch, &refusal, &f, e));
    r->ret.refused[refusal]++;
    return refusal == MODEL_TAKEN ? r->hooks->found(r->hooks->ctx, &f, e) : ERR_OK;
}

static enum err on_item(struct run *r, struct model_unit *u, struct str json, struct error *e)
{
    struct json_out o = json_out_make(&u->items, false);
    if (u->items.n > 0) sb_char(&u->items, ',');
    json_out_str(&o, NULL, json);
    return take_item(r, u, json, e);
}

/* --- the cache --- */

static enum err keep_answer(struct run *r, const struct model_unit *u, bool split, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(2 * ITEMS_MAX);
    CLEANUP_ARENA struct arena *scratch = arena_new(ITEM_ARENA_MAX);
    struct json_out o = json_out_make(&b, false);
    struct str key;
    if (!sb_ok(&u->items)) return ERR_OK; /* too long to be kept */
    if (!scratch) return error_no_memory(e);
    TRY(model_prompt_key(u->content, u->model, scratch, &key, e));
    json_out_begin_object(&o, NULL);
    json_out_str(&o, "model", u->model);
    json_out_bool(&o, "split", split);
    json_out_begin_array(&o, "items");
    if (u->items.n > 0) json_out_raw(&o, NULL, sb_view(&u->items));
    json_out_end_array(&o);
    json_out_end_object(&o);
    return sb_ok(&b) ? r->hooks->cache(r->hooks->ctx, key, sb_view(&b), e) : error_no_memory(e);
}

static enum err split(struct run *r, size_t at, struct error *e)
{
    struct model_part halves[2];
    unsigned depth = r->units.at[at].depth + 1;
    const struct model_part part = r->units.at[at].part;
    if (!model_plan_split(r->doc, &r->plan, &part, halves))
        return error_set(e, ERR_INTERNAL, "a part of one block was to be split");
    TRY(end_unit(r, &r->units.at[at], MODEL_UNIT_SPLIT, NULL, e));
    TRY(add_unit(r, &halves[0], depth, e));
    return add_unit(r, &halves[1], depth, e);
}

static bool can_split(const struct run *r, const struct model_unit *u)
{
    struct model_part halves[2];
    return !u->whole && u->depth < SPLITS_MAX && model_plan_split(r->doc, &r->plan, &u->part, halves);
}

/* What was answered before goes the way of what is answered now. */
static enum err use_answer(struct run *r, size_t at, struct str answer, struct error *e)
{
    CLEANUP_ARENA struct arena *scratch = arena_new(CALL_ARENA_MAX);
    const struct json *v = NULL;
    if (!scratch) return error_no_memory(e);
    TRY(json_parse(scratch, answer, &v, e));
    struct model_unit *u = &r->units.at[at];
    if (json_bool(json_get(v, "split"), false) && can_split(r, u)) return split(r, at, e);
    u->model = str_dup(r->a, json_str(json_get(v, "model")));
    if (!u->model.p) return error_no_memory(e);
    if (r->ret.model.n == 0) r->ret.model = u->model;
    const struct json *items = json_get(v, "items");
    for (size_t i = 0; i < json_count(items); i++)
        TRY(take_item(r, u, json_str(json_at(items, i)), e));
    return end_unit(r, u, MODEL_UNIT_CACHED, NULL, e);
}

/* --- asking --- */

/* The text goes with the arena; what it rests on stays with the unit. */
static enum err text_of(struct run *r, struct model_unit *u, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb list = SB_INIT(SIZE_MAX);
    struct str content;
    if (u->whole) {
        TRY(r->hooks->list(r->hooks->ctx, &list, e));
        if (!sb_ok(&list)) return error_no_memory(e);
        TRY(model_prompt_whole(&r->whole, sb_view(&list), a, ret, &content, e));
    } else {
        TRY(model_prompt_part(&r->prompt, &u->part, a, ret, &content, e));
    }
    u->content = str_dup(r->a, content);
    return u->content.p ? ERR_OK : error_no_memory(e);
}

static enum err look_up(struct run *r, const struct model_unit *u, struct arena *scratch, struct str *ret,
                        struct error *e)
{
    struct str key;
    *ret = STR_EMPTY;
    for (size_t i = 0; i < r->n_models && !ret->p && u->asked == 0; i++) {
        TRY(model_prompt_key(u->content, r->models[i], scratch, &key, e));
        TRY(r->hooks->cached(r->hooks->ctx, key, scratch, ret, e));
    }
    return ERR_OK;
}

static bool is_stopping(const struct error *e)
{
    return strcmp(e->reason, "stopping") == 0 || strcmp(e->reason, "cancelled") == 0;
}

static enum err stopped(struct error *e)
{
    return error_set_reason(e, ERR_CONFLICT, "stopped", "the review is no longer wanted");
}

static enum err fail(struct run *r, struct model_unit *u, const struct error *why, struct error *e)
{
    bool over = strcmp(why->reason, "over_budget") == 0;
    bool reason_of_all = over || (ai_error_reason(why) != AI_REASONS && !ai_error_worth_retry(why) &&
                                  !ai_error_worth_fallback(why) && ai_error_reason(why) != AI_CONTEXT_TOO_LONG);
    if (is_stopping(why)) return stopped(e);
    if (reason_of_all) r->give_up = *why;
    return end_unit(r, u, over ? MODEL_UNIT_OVER_BUDGET : MODEL_UNIT_FAILED, why, e);
}

static enum err ask(struct run *r, size_t at, struct error *e)
{
    struct model_unit *u = &r->units.at[at];
    CLEANUP_ARENA struct arena *scratch = arena_new(CALL_ARENA_MAX);
    struct str answer, text;
    struct error why = {0};
    if (!scratch) return error_no_memory(e);
    TRY(text_of(r, u, scratch, &text, e));
    TRY(look_up(r, u, scratch, &answer, e));
    if (answer.p) return use_answer(r, at, answer, e);
    struct model_request request;
    model_prompt_request(u->whole ? &r->whole : &r->prompt, text, &request);
    const struct ai_ask ask = {.purpose = AI_FOR_REVIEW,
                               .person = r->o->person,
                               .document = r->o->document,
                               .review = r->o->review,
                               .request = &request.rq};
    span_begin(r, u);
    enum err err = model_calls_ask(r->calls, at, &ask, &why);
    span_leave(u);
    if (err != ERR_OK) {
        if (!error_is_no_memory(&why)) return fail(r, u, &why, e);
        *e = why;
        return err;
    }
    u->state = MODEL_UNIT_ASKED;
    u->asked++;
    r->ret.calls++;
    return ERR_OK;
}

/* --- the end of a call --- */

static enum err cut(struct run *r, size_t at, const struct error *why, enum model_unit_state state, struct error *e)
{
    struct model_unit *u = &r->units.at[at];
    if (!can_split(r, u)) return end_unit(r, u, state, why, e);
    sb_reset(&u->items);
    TRY(keep_answer(r, u, true, e));
    return split(r, at, e);
}

static enum err no_list(struct run *r, size_t at, struct error *e)
{
    struct model_unit *u = &r->units.at[at];
    struct error why = {0};
    if (u->asked < ASKED_MAX) {
        span_end(u, "no_list");
        u->state = MODEL_UNIT_WAITS;
        return ERR_OK;
    }
    error_set_reason(&why, ERR_UPSTREAM, "no_list", "the model answered without the list of findings");
    (void)error_hint(&why, "Try again, or use a model that knows tools.");
    return end_unit(r, u, MODEL_UNIT_FAILED, &why, e);
}

static enum err on_end(struct run *r, const struct model_news *n, struct error *e)
{
    struct model_unit *u = &r->units.at[n->call];
    struct error why = n->error;
    if (n->stop == AI_STOP_ERROR && ai_error_reason(&why) != AI_CONTEXT_TOO_LONG) return fail(r, u, &why, e);
    if (n->stop == AI_STOP_ERROR) return cut(r, n->call, &why, MODEL_UNIT_FAILED, e);
    if (n->stop == AI_STOP_REFUSAL) {
        error_set_reason(&why, ERR_UPSTREAM, "refused", "the model, or a filter around it, would not review this part");
        return end_unit(r, u, MODEL_UNIT_FAILED, &why, e);
    }
    if (!n->listed && n->stop == AI_STOP_MAX_TOKENS) {
        error_set_reason(&why, ERR_UPSTREAM, "cut", "the answer was longer than %lld tokens and ends in the middle",
                         (long long)r->o->models->max_tokens);
        (void)error_hint(&why, "Raise BEDROCK_MAX_TOKENS.");
        return cut(r, n->call, &why, MODEL_UNIT_CUT, e);
    }
    if (!n->listed) return no_list(r, n->call, e);
    TRY(keep_answer(r, u, false, e));
    return end_unit(r, u, MODEL_UNIT_REVIEWED, NULL, e);
}

static enum err on_news(struct run *r, const struct model_news *n, struct error *e)
{
    struct model_unit *u = &r->units.at[n->call];
    switch (n->kind) {
    case MODEL_ASKED:
        sb_reset(&u->items);
        u->model = str_dup(r->a, n->text);
        if (!u->model.p) return error_no_memory(e);
        if (r->ret.model.n == 0) r->ret.model = u->model;
        return progress(r, u->model, e);
    case MODEL_ITEM: return on_item(r, u, n->text, e);
    case MODEL_ENDED: return on_end(r, n, e);
    }
    return ERR_OK;
}

/* --- the run --- */

static bool may_start(struct run *r)
{
    size_t max = r->o->models->max_calls_per_review, running = model_calls_running(r->calls);
    if (running > 0 && !model_calls_warm(r->calls)) return false;
    return running < (max > 0 ? max : CALLS_AT_ONCE);
}

/* The next that waits; the one about the whole when all others have ended, and one of them well. */
static enum err next_unit(struct run *r, size_t *ret, struct error *e)
{
    *ret = SIZE_MAX;
    for (size_t i = 0; i < r->units.n && *ret == SIZE_MAX; i++)
        if (r->units.at[i].state == MODEL_UNIT_WAITS) *ret = i;
    if (*ret != SIZE_MAX || r->whole_asked || model_calls_running(r->calls) > 0 || !r->any) return ERR_OK;
    r->whole_asked = true;
    *ret = r->units.n;
    return add_unit(r, NULL, 0, e);
}

static enum err start_more(struct run *r, struct error *e)
{
    for (size_t next = 0; may_start(r);) {
        if (r->hooks->stopped(r->hooks->ctx)) return stopped(e);
        TRY(next_unit(r, &next, e));
        if (next == SIZE_MAX) break;
        if (r->give_up.code == ERR_OK) {
            TRY(ask(r, next, e));
            continue;
        }
        bool over = strcmp(r->give_up.reason, "over_budget") == 0;
        TRY(end_unit(r, &r->units.at[next], over ? MODEL_UNIT_OVER_BUDGET : MODEL_UNIT_FAILED, &r->give_up, e));
    }
    return ERR_OK;
}

static enum err go(struct run *r, struct error *e)
{
    for (;;) {
        TRY(start_more(r, e));
        if (model_calls_running(r->calls) == 0) return ERR_OK; /* nothing waits either */
        CLEANUP_ARENA struct arena *scratch = arena_new(CALL_ARENA_MAX);
        struct model_news news;
        bool any = false;
        if (!scratch) return error_no_memory(e);
        TRY(model_calls_wait(r->calls, time_monotonic_ns() + LOOK_NS, scratch, &any, &news, e));
        if (r->hooks->stopped(r->hooks->ctx)) return stopped(e);
        if (any) TRY(on_news(r, &news, e));
    }
}

/* The configured one first; after a crash also those that had answered in its place. */
static enum err models_of(struct run *r, struct error *e)
{
    struct ai_model_state *states = NULL;
    size_t n = 0;
    if (r->o->resumed) TRY(ai_router_models(r->o->models->router, r->a, &states, &n, e));
    r->models = NEW(r->a, struct str, n + 1);
    if (!r->models) return error_no_memory(e);
    r->models[r->n_models++] = r->o->models->primary;
    for (size_t i = 0; i < n; i++)
        if (!str_eq(states[i].model, r->o->models->primary)) r->models[r->n_models++] = states[i].model;
    return ERR_OK;
}

static enum err prepare(struct run *r, struct error *e)
{
    struct model_plan_options plan = MODEL_PLAN_DEFAULTS;
    struct redact *redact = NULL;
    struct locate_index *index = NULL;
    plan.engine = r->o->engine;
    TRY(model_plan_make(r->doc, &plan, r->a, &r->plan, e));
    TRY(redact_new(r->o->engine, r->doc, r->o->models->redact, r->a, &redact, e));
    TRY(locate_index_new(r->doc, r->a, &index, e));
    r->ground = (struct model_ground){r->doc, index, r->o->framework, redact};
    const struct model_prompt_of of = {.models = r->o->models,
                                       .doc = r->doc,
                                       .plan = &r->plan,
                                       .framework = r->o->framework,
                                       .redact = redact,
                                       .learnt = r->o->learnt,
                                       .now_unix_ms = r->o->now_unix_ms};
    TRY(model_prompt_make(&of, "review", r->a, &r->prompt, e));
    TRY(model_prompt_make(&of, "whole", r->a, &r->whole, e));
    TRY(models_of(r, e));
    for (size_t i = 0; i < r->plan.n; i++)
        TRY(add_unit(r, &r->plan.parts[i], 0, e));
    return ERR_OK;
}

enum err model_run(const struct doc *doc, const struct model_run_options *o, const struct model_run_hooks *hooks,
                   struct arena *a, struct model_run_result *ret, struct error *e)
{
    struct run *r = NEW(a, struct run, 1);
    if (!r) return error_no_memory(e);
    *r = (struct run){.doc = doc, .o = o, .hooks = hooks, .a = a};
    TRY(prepare(r, e));
    TRY(model_calls_new(o->models->router, MODEL_TOOL_MEMBER, &r->calls, e));
    enum err err = go(r, e);
    model_calls_free(r->calls);
    for (size_t i = 0; i < r->units.n; i++) {
        span_end(&r->units.at[i], "stopped");
        sb_done(&r->units.at[i].items);
    }
    if (err != ERR_OK) return err;
    r->ret.units = r->units.at;
    r->ret.n = r->units.n;
    r->ret.plan = &r->plan;
    r->ret.prompt_version = r->prompt.version;
    *ret = r->ret;
    return ERR_OK;
}
