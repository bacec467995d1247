/* How much of a model at once: calls, and tokens a minute. Providers say "too much" and not what would be right, so it is learnt as TCP learns the
 * room of a line: halved when it throttles, one more after as many answers as there are places (additive increase, multiplicative decrease).
 * What is throttled comes in bunches: only a call that began after the last lowering lowers again, or raises with its answer, and that only
 * where the places are in use.
 * Tokens a minute hold a model back only when they are configured, or when it goes on throttling for most of a minute though the calls at once are
 * halved each time: then it is the rate that is too high, and four fifths of what it was asked for in this minute are the new rate. A burst
 * teaches no rate: what a model was asked for in its first seconds says nothing of a minute.
 * Tokens count when they are asked for, as Bedrock counts them (text in and max_tokens), and are set right when the answer has come.
 * A part of the places is kept free of reviews: an answer takes a minute, and a person who asks a question would wait for one to end.
 * Rejected: a token bucket (starts full: twice the rate in its first minute), reading the providers' rate headers (Bedrock has none). */
#include "ai/router_priv.h"

#define SECOND_NS   ((int64_t)1000000000)
#define MINUTE_NS   (60 * SECOND_NS)
#define RAISE_NS    (10 * SECOND_NS) /* between two raises of the rate */
#define SERIES_NS   (50 * SECOND_NS)
#define RATE_MIN    1000
#define CHAT_PLACES 4

void ai__limits_init(struct ai__model *m, const struct ai_router_options *o)
{
    m->limit = (double)o->max_calls;
    m->tokens_per_minute = o->tokens_per_minute;
    m->short_of_tokens = false;
    m->lowered_ns = m->raised_ns = m->series_ns = INT64_MIN / 2;
}

/* Forgets the seconds that are out of the window. */
static void roll(struct ai__model *m, int64_t now_ns)
{
    int64_t now = now_ns / SECOND_NS;
    if (now - m->second >= AI__WINDOW) {
        memset(m->seconds, 0, sizeof m->seconds);
        m->sum = 0;
        m->second = now;
    }
    while (m->second < now) {
        uint64_t *s = &m->seconds[++m->second % AI__WINDOW];
        m->sum -= *s;
        *s = 0;
    }
}

static uint32_t chat_places(const struct ai__model *m)
{
    uint32_t limit = (uint32_t)m->limit;
    if (limit < 2) return 0;
    return limit / 8 < 1 ? 1 : limit / 8 > CHAT_PLACES ? CHAT_PLACES : limit / 8;
}

bool ai__limits_room(struct ai__model *m, const struct ai_router_call *c, int64_t now_ns)
{
    uint32_t limit = (uint32_t)m->limit - (c->purpose == AI_FOR_REVIEW ? chat_places(m) : 0);
    if (m->running >= limit) return false;
    if (m->tokens_per_minute == 0) return true;
    roll(m, now_ns);
    /* one that is larger than a minute's tokens goes alone */
    if (m->sum == 0 || m->sum + ai__call_tokens(c) <= m->tokens_per_minute) return true;
    m->short_of_tokens = true;
    return false;
}

void ai__limits_began(struct ai__model *m, struct ai__attempt *t, uint64_t tokens, int64_t now_ns)
{
    roll(m, now_ns);
    m->running++;
    m->seconds[m->second % AI__WINDOW] += tokens;
    m->sum += tokens;
    t->tokens = tokens;
}

static void lower(struct ai__model *m, int64_t now_ns)
{
    double half = (double)(m->running / 2);
    if (half < m->limit) m->limit = half < 1 ? 1 : half;
    if (now_ns - m->lowered_ns >= MINUTE_NS) m->series_ns = now_ns;
    if (now_ns - m->series_ns >= SERIES_NS) {
        uint64_t rate = m->sum / 5 * 4;
        if (rate < RATE_MIN) rate = RATE_MIN;
        if (m->tokens_per_minute == 0 || rate < m->tokens_per_minute) m->tokens_per_minute = rate;
    }
    m->lowered_ns = m->raised_ns = now_ns;
}

static void raise(const struct ai_router_options *o, struct ai__model *m, int64_t now_ns)
{
    bool in_use = m->running + chat_places(m) >= (uint32_t)m->limit;
    if (in_use) m->limit += 1 / m->limit;
    if (m->limit > (double)o->max_calls) m->limit = (double)o->max_calls;
    if (!m->short_of_tokens || now_ns - m->raised_ns < RAISE_NS) return;
    m->tokens_per_minute += m->tokens_per_minute / 10;
    if (o->tokens_per_minute > 0 && m->tokens_per_minute > o->tokens_per_minute)
        m->tokens_per_minute = o->tokens_per_minute;
    m->short_of_tokens = false;
    m->raised_ns = now_ns;
}

void ai__limits_ended(const struct ai_router_options *o, struct ai__model *m, const struct ai__attempt *t,
                      const struct error *e, int64_t now_ns)
{
    roll(m, now_ns);
    if (e && ai_error_reason(e) == AI_THROTTLED && t->epoch == m->epoch) lower(m, now_ns);
    if (!e && t->epoch == m->epoch) raise(o, m, now_ns);
    m->running--;
    int64_t began = t->began_ns / SECOND_NS;
    if (m->second - began >= AI__WINDOW) return;
    uint64_t used = t->usage.in + t->usage.cache_write + t->usage.out, *s = &m->seconds[began % AI__WINDOW];
    if (used > t->tokens || (!e && !t->has_usage)) return; /* what came on top is the model's to say */
    *s -= t->tokens - used;
    m->sum -= t->tokens - used;
}
