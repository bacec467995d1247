/* What people and other instances see of the models, and say to them. */
#include <stdlib.h>

#include "ai/router_priv.h"
#include "base/time.h"

const char *ai_health_name(enum ai_health h)
{
    static const char *const names[] = {"well", "cooling", "probing", "broken"};
    return names[h];
}

static int compare(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static int64_t median(const struct ai__model *m)
{
    int32_t ms[AI__FIRST_TOKENS];
    size_t n = m->n_first_tokens < AI__FIRST_TOKENS ? m->n_first_tokens : AI__FIRST_TOKENS;
    if (n == 0) return -1;
    memcpy(ms, m->first_tokens, n * sizeof *ms);
    qsort(ms, n, sizeof *ms, compare);
    return ms[n / 2];
}

static void fill(struct ai_router *r, const struct ai__model *m, struct ai_model_state *s, char *reason)
{
    int64_t now = ai__now(r);
    *s = (struct ai_model_state){.model = m->name,
                                 .health = m->health,
                                 .running = m->running,
                                 .limit = (uint32_t)m->limit,
                                 .tokens_per_minute = m->tokens_per_minute,
                                 .calls = m->calls,
                                 .failed = m->failed,
                                 .throttled = m->throttled,
                                 .tokens_in = m->tokens_in,
                                 .tokens_out = m->tokens_out,
                                 .tokens_cached = m->tokens_cached,
                                 .priced = m->priced,
                                 .cost_microusd = m->cost_microusd,
                                 .first_token_ms = median(m)};
    if (m->health == AI_WELL) return;
    memcpy(reason, m->last.reason, sizeof m->last.reason);
    s->reason = str_from_c(reason);
    if (m->health != AI_PROBING) s->until_unix_ms = time_now_unix_ms() + (m->until_ns - now) / AI__MS_NS;
}

enum err ai_router_models(struct ai_router *r, struct arena *a, struct ai_model_state **ret, size_t *ret_n,
                          struct error *e)
{
    const size_t reason_n = sizeof r->models[0].last.reason;
    struct ai_model_state *states = NEW(a, struct ai_model_state, r->o.n_models);
    char *reasons = NEW(a, char, r->o.n_models *reason_n);
    if (!states || !reasons) return error_no_memory(e);
    lock_take(&r->lock);
    for (size_t i = 0; i < r->o.n_models; i++)
        fill(r, &r->models[i], &states[i], reasons + i * reason_n);
    for (const struct ai_router_call *c = r->all; c; c = c->all_next)
        if (c->state == AI__WAITING || c->state == AI__BACKOFF) states[c->first].waiting++;
    lock_give(&r->lock);
    *ret = states;
    *ret_n = r->o.n_models;
    return ERR_OK;
}

static void put_outcomes(const struct ai__model *m, struct sb *out, const char *name)
{
    struct metrics_label labels[] = {{"model", m->name}, {"outcome", STR("answered")}};
    if (m->answered) metrics_u64(out, name, labels, 2, m->answered);
    for (size_t i = 0; i <= AI_REASONS; i++) {
        labels[1].value = i < AI_REASONS ? str_from_c(ai_reason_name((enum ai_reason)i)) : STR("other");
        if (m->outcomes[i]) metrics_u64(out, name, labels, 2, m->outcomes[i]);
    }
}

void ai_router_metrics(struct ai_router *r, struct sb *out)
{
    static const char ends[] = "prism_model_outcomes_total", first[] = "prism_model_first_token_seconds",
                      whole[] = "prism_model_call_seconds";
    metrics_family(out, ends, METRICS_COUNTER,
                   "Calls of a model that have ended, by how: answered, or the reason of the failure.");
    lock_take(&r->lock); /* what is written is some lines a model */
    for (size_t i = 0; i < r->o.n_models; i++)
        put_outcomes(&r->models[i], out, ends);
    lock_give(&r->lock);
    metrics_family(out, first, METRICS_HISTOGRAM, "From asking a model to its first token.");
    for (size_t i = 0; i < r->o.n_models; i++)
        metrics_histogram_put(out, first, &(struct metrics_label){"model", r->models[i].name}, 1,
                              &r->models[i].first_token);
    metrics_family(out, whole, METRICS_HISTOGRAM, "From asking a model to the end of the call, however it ended.");
    for (size_t i = 0; i < r->o.n_models; i++)
        metrics_histogram_put(out, whole, &(struct metrics_label){"model", r->models[i].name}, 1, &r->models[i].whole);
}

static struct ai__model *model_find(struct ai_router *r, struct str name)
{
    for (size_t i = 0; i < r->o.n_models; i++)
        if (str_eq(r->models[i].name, name)) return &r->models[i];
    return NULL;
}

static void recover(struct ai_router *r, struct ai__model *m)
{
    ai__health_well(m);
    m->epoch++; /* what is on its way was asked of the model as it was */
    m->failures = m->throttles = m->breaks = 0;
    ai__limits_init(m, &r->o);
    lock_cond_signal(&r->work);
}

bool ai_router_reset(struct ai_router *r, struct str model)
{
    struct ai__model *m = model_find(r, model);
    if (!m) return false;
    lock_take(&r->lock);
    recover(r, m);
    m->tell = true;
    lock_give(&r->lock);
    return true;
}

void ai_router_heard(struct ai_router *r, struct str model, int64_t until_unix_ms, struct str reason)
{
    struct ai__model *m = model_find(r, model);
    struct error why = {0}, said = {0};
    if (!m) return;
    size_t n = reason.n < sizeof said.reason - 1 ? reason.n : sizeof said.reason - 1;
    if (n > 0) memcpy(said.reason, reason.p, n);
    enum ai_reason row = ai_error_reason(&said);
    if (row == AI_REASONS) row = AI_OVERLOADED;
    (void)ai_error(&why, row, "%.*s %s", STR_ARG(m->name), ai_reason_what(row));
    int64_t ms = until_unix_ms - time_now_unix_ms();
    if (ms > AI_RETRY_AFTER_MAX_MS) ms = AI_RETRY_AFTER_MAX_MS;
    lock_take(&r->lock);
    if (until_unix_ms == 0) {
        recover(r, m);
    } else if (ms > 0 && ai__health_ill(m, AI_COOLING, ai__now(r) + ms * AI__MS_NS, &why)) {
        r->sweep = true;
        lock_cond_signal(&r->work);
    }
    lock_give(&r->lock);
}
