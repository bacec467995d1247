/* Which model is asked at all.
 *
 *   WELL --throttled, not ready--> COOLING --time is over, one call--> PROBING --first token--> WELL
 *    '---failures in a row-------> BROKEN ---------------------------'    '---failed---> COOLING, BROKEN
 *
 * One state for all calls, since a hundred calls that each find out for themselves that a model throttles are what it throttles for. Each fall begins
 * an epoch; of calls that began in an earlier one, only a time that the server names is news: what was already on its way when it fell says again
 * what is known. A probe that is slow (it thinks) does not keep all others waiting: another is let through every PROBE_MS.
 * A model that refuses a request (bad request, access denied, too long) is well: it answers.
 * Rejected: an error rate over a window (needs traffic, and a threshold for each size of team); falling silent for a fixed time on each throttling
 * (at the edge of a quota, where a good router works, that is half of the time). */
#include "ai/router_priv.h"

#define PROBE_MS 5000

bool ai__health_open(const struct ai__model *m, int64_t now_ns)
{
    return m->health == AI_WELL || now_ns >= m->until_ns;
}

void ai__health_began(struct ai__model *m, struct ai__attempt *t, int64_t now_ns)
{
    t->epoch = m->epoch;
    t->probe = m->health != AI_WELL;
    if (!t->probe || now_ns < m->until_ns)
        return; /* a check may come before its time: it may help, and changes nothing else */
    m->health = AI_PROBING;
    m->until_ns = now_ns + PROBE_MS * AI__MS_NS;
}

void ai__health_well(struct ai__model *m)
{
    m->health = AI_WELL;
    m->until_ns = 0;
}

void ai__health_alive(struct ai__model *m, const struct ai__attempt *t)
{
    if (t->epoch == m->epoch && t->probe) ai__health_well(m);
}

bool ai__health_ill(struct ai__model *m, enum ai_health as, int64_t until_ns, const struct error *why)
{
    bool is_ill = m->health == AI_COOLING || m->health == AI_BROKEN;
    if (is_ill && until_ns <= m->until_ns) return false;
    m->health = as;
    m->until_ns = until_ns;
    m->last = *why;
    m->epoch++;
    return true;
}

static int64_t doubled(int64_t ms, unsigned times, int64_t most_ms)
{
    while (times-- > 0 && ms < most_ms)
        ms *= 2;
    return ms < most_ms ? ms : most_ms;
}

static bool cool(struct ai_router *r, struct ai__model *m, const struct ai__attempt *t, const struct error *e,
                 int64_t now_ns)
{
    bool is_new = t->epoch == m->epoch;
    int64_t ms = t->retry_after_ms < AI_RETRY_AFTER_MAX_MS ? t->retry_after_ms : AI_RETRY_AFTER_MAX_MS;
    if (ms <= 0 && !is_new) return false;
    if (ms <= 0) ms = doubled(r->o.backoff_base_ms, m->throttles, r->o.cooldown_ms);
    if (is_new) m->throttles++;
    return ai__health_ill(m, AI_COOLING, now_ns + ms * AI__MS_NS, e);
}

static bool fail(struct ai_router *r, struct ai__model *m, const struct ai__attempt *t, const struct error *e,
                 int64_t now_ns)
{
    if (t->epoch != m->epoch) return false;
    m->failures++;
    if (m->failures < AI_BREAK_AFTER && !t->probe) return t->retry_after_ms > 0 && cool(r, m, t, e, now_ns);
    int64_t most = r->o.cooldown_ms > AI_BROKEN_MAX_MS ? r->o.cooldown_ms : AI_BROKEN_MAX_MS;
    int64_t ms = doubled(r->o.cooldown_ms, m->breaks++, most);
    m->failures = 0;
    return ai__health_ill(m, AI_BROKEN, now_ns + ms * AI__MS_NS, e);
}

bool ai__health_ended(struct ai_router *r, struct ai__model *m, const struct ai__attempt *t, const struct error *e,
                      bool own, int64_t now_ns)
{
    bool is_new = t->epoch == m->epoch;
    if (own) { /* a probe that found out nothing: the next may go */
        if (is_new && m->health == AI_PROBING) m->until_ns = now_ns;
        return false;
    }
    enum ai_reason reason = e ? ai_error_reason(e) : AI_REASONS;
    if (reason == AI_THROTTLED || reason == AI_QUOTA || reason == AI_NOT_READY) return cool(r, m, t, e, now_ns);
    if (e && (ai_error_worth_retry(e) || ai_error_worth_fallback(e))) return fail(r, m, t, e, now_ns);
    ai__health_alive(m, t);
    if (!is_new || e) return false;
    m->failures = m->throttles = m->breaks = 0;
    return false;
}

bool ai__health_hopeless(struct ai_router *r, const struct ai_router_call *c, int64_t now_ns,
                         const struct ai__model **ret)
{
    int64_t patience = c->purpose == AI_FOR_CHAT ? AI_CHAT_PATIENCE_MS : AI_REVIEW_PATIENCE_MS;
    const struct ai__model *soonest = NULL;
    for (size_t i = c->first; i < c->first + c->n_models; i++) {
        const struct ai__model *m = &r->models[i];
        if (m->health == AI_WELL || m->until_ns - now_ns <= patience * AI__MS_NS) return false;
        if (!soonest || m->until_ns < soonest->until_ns) soonest = m;
    }
    *ret = soonest;
    return true;
}
