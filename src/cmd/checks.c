/* How the parts of a check are tried and worded. A model is asked by the same router, provider and credentials as in earnest, with a call of one
 * token, past its queue, budget and cool-down, and once: a check that tries again would hide what it is to show. */
#include "cmd/checks.h"

#include "base/lock.h"
#include "base/time.h"

enum { CONNECT_MS = 10000, ANSWER_MS = 30000 };

/* --- what was found --- */

void cmd__check_begin(struct cmd__checks *c) { c->began_ns = time_monotonic_ns(); }

static enum err put(struct cmd__checks *c, const struct api_checked *part, struct error *e)
{
    struct api_checked *slot = VEC_PUSH(c->arena, &c->parts);
    if (!slot) return error_no_memory(e);
    *slot = *part;
    slot->message = str_dup(c->arena, part->message);
    slot->hint = str_dup(c->arena, part->hint);
    slot->reason = str_dup(c->arena, part->reason);
    slot->detail = str_dup(c->arena, part->detail);
    return slot->message.p && slot->hint.p && slot->reason.p && slot->detail.p ? ERR_OK : error_no_memory(e);
}

static int64_t took_ms(const struct cmd__checks *c) { return (time_monotonic_ns() - c->began_ns) / 1000000; }

enum err cmd__check_ok(struct cmd__checks *c, const char *part, struct str message, struct error *e)
{
    const struct api_checked p = {.part = part, .state = API_CHECKED_OK, .ms = took_ms(c), .message = message};
    return put(c, &p, e);
}

static void fill(struct api_checked *p, const struct error *why)
{
    p->state = API_CHECKED_FAILED;
    p->message = str_from_c(why->message);
    p->hint = str_from_c(why->hint);
    p->reason = str_from_c(why->reason[0] ? why->reason : error_code_name(why->code));
    p->detail = str_from_c(why->detail);
}

enum err cmd__check_failed(struct cmd__checks *c, const char *part, const struct error *why, struct error *e)
{
    struct api_checked p = {.part = part, .ms = took_ms(c)};
    fill(&p, why);
    return put(c, &p, e);
}

enum err cmd__check_tried(struct cmd__checks *c, const char *part, struct str message, enum err tried,
                          const struct error *why, struct error *e)
{
    return tried == ERR_OK ? cmd__check_ok(c, part, message, e) : cmd__check_failed(c, part, why, e);
}

/* --- models --- */

struct asking;

struct asked { /* one model; what is written by callbacks is guarded by the lock of all */
    struct asking *all;
    struct ai_router_call *call;
    int64_t began_ns, ended_ns;
    struct error why; /* ERR_OK: it has answered */
    char model[512];  /* that answered */
    bool refused;
};

struct asking {
    struct lock lock;
    struct lock_cond ended;
    size_t open;
    struct asked at[AI_MODELS_MAX];
};

static void on_end(void *ctx, const struct ai_end *end)
{
    struct asked *one = ctx;
    struct asking *all = one->all;
    size_t n = end->model.n < sizeof one->model - 1 ? end->model.n : sizeof one->model - 1;
    lock_take(&all->lock);
    one->ended_ns = time_monotonic_ns();
    one->refused = end->stop == AI_STOP_REFUSAL;
    if (end->stop == AI_STOP_ERROR && end->e) one->why = *end->e;
    if (n) memcpy(one->model, end->model.p, n);
    one->model[n] = '\0';
    all->open--;
    lock_cond_broadcast(&all->ended);
    lock_give(&all->lock);
}

static void ask(struct asking *all, size_t i, const struct cmd__models *m)
{
    static const struct ai_part hello = {.kind = AI_TEXT, .text = STR_INIT("Say OK.")};
    static const struct ai_message message = {.role = AI_USER, .parts = &hello, .n_parts = 1};
    struct asked *one = &all->at[i];
    const struct ai_request rq = {.model = m->names[i],
                                  .messages = &message,
                                  .n_messages = 1,
                                  .max_tokens = 1,
                                  .temperature = -1,
                                  .limits = {.connect_ms = CONNECT_MS,
                                             .first_token_ms = ANSWER_MS,
                                             .stall_ms = ANSWER_MS,
                                             .whole_ms = ANSWER_MS + CONNECT_MS}};
    const struct ai_ask question = {.purpose = AI_FOR_CHECK, .request = &rq};
    const struct ai_router_handler handler = {.h = {.on_end = on_end, .ctx = one}};
    struct error why = {0};
    one->all = all;
    one->began_ns = time_monotonic_ns();
    if (ai_router_ask(m->router, &question, &handler, &one->call, &why) == ERR_OK) return;
    lock_take(&all->lock);
    one->why = why;
    one->ended_ns = one->began_ns;
    all->open--;
    lock_give(&all->lock);
}

/* "answered, through the inference profile eu.x", and what an operator should know beside. */
static enum err say_answered(struct cmd__checks *c, const struct cmd__models *m, size_t i, struct asked *one,
                             struct api_checked *p, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(2000);
    struct ai_price ignored;
    const struct conf *conf = m->conf;
    sb_printf(&b, "it answers (%s, %.*s)", m->provider, STR_ARG(m->where));
    if (one->model[0] && !str_eq_c(m->names[i], one->model))
        sb_printf(&b, ", through the inference profile %s, as the region does not have it on demand", one->model);
    if (one->refused) SB_LIT(&b, "; this time a filter around it refused to");
    bool budget = conf->budget_day > 0 || conf->budget_person > 0 || conf->budget_document > 0;
    if (!ai_prices_find(m->prices, m->names[i], &ignored)) {
        SB_LIT(&b, "; there is no price for it");
        if (budget)
            p->hint =
                STR("The budgets that are set do not count it. Write its price into a file that PRISM_PRICES names.");
    }
    p->state = API_CHECKED_OK;
    return sb_take(&b, c->arena, &p->message, e);
}

static enum err say_model(struct cmd__checks *c, const struct cmd__models *m, size_t i, struct asked *one,
                          struct error *e)
{
    struct api_checked p = {.part = "model", .model = m->names[i], .ms = (one->ended_ns - one->began_ns) / 1000000};
    if (one->why.code == ERR_OK) {
        TRY(say_answered(c, m, i, one, &p, e));
    } else {
        fill(&p, &one->why);
        if (m->conf->bedrock_url.n && str_find(p.detail, STR("scoped to a valid region"), 0) != STR_NONE)
            p.hint = STR("PRISM_BEDROCK_URL and AWS_REGION name two regions; set both to the one that has the model.");
        p.message = str_printf(c->arena, "%.*s (%s, %.*s)", STR_ARG(p.message), m->provider, STR_ARG(m->where));
        if (!p.message.p) return error_no_memory(e);
    }
    return put(c, &p, e);
}

enum err cmd__check_models(struct cmd__checks *c, const struct cmd__models *m, struct error *e)
{
    if (!m) {
        const struct api_checked none = {.part = "model",
                                         .state = API_CHECKED_NONE,
                                         .message = STR("no language model is configured; the rules review alone")};
        return put(c, &none, e);
    }
    struct asking *all = NEW(c->arena, struct asking, 1);
    enum err err = ERR_OK;
    if (!all) return error_no_memory(e);
    *all = (struct asking){.open = m->n};
    lock_init(&all->lock, LOCK_RANK_CHECK);
    lock_cond_init(&all->ended);
    for (size_t i = 0; i < m->n; i++)
        ask(all, i, m);
    lock_take(&all->lock);
    while (all->open > 0)
        lock_cond_wait(&all->ended, &all->lock);
    lock_give(&all->lock);
    for (size_t i = 0; i < m->n && err == ERR_OK; i++)
        err = say_model(c, m, i, &all->at[i], e);
    for (size_t i = 0; i < m->n; i++)
        ai_router_call_free(all->at[i].call);
    lock_cond_done(&all->ended);
    lock_done(&all->lock);
    return err;
}
