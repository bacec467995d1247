#include "review/model_question.h"

#include "base/random.h"
#include "review/models.h"

enum { TICK_MS = 500 }; /* whether it is still wanted */

struct asking {
    const struct model_question *q;
    struct str model;
};

static enum err begin(void *ctx, struct str model, const struct error *why, struct error *e)
{
    struct asking *asking = ctx;
    (void)why;
    asking->model = str_dup(asking->q->run->a, model);
    return asking->model.p ? ERR_OK : error_no_memory(e);
}

static enum err no_text(void *ctx, struct str text, struct error *e)
{
    (void)ctx;
    (void)text;
    (void)e;
    return ERR_OK;
}

static enum err tick(void *ctx, struct error *e) { return job__go_on(((struct asking *)ctx)->q->run, e); }

static enum err call(struct asking *asking, struct chat_stop *stop, struct chat_call *ret, struct error *e)
{
    const struct model_question *q = asking->q;
    const struct review_models *models = q->run->c->models;
    const struct chat_consumer consumer = {
        .begin = begin, .text = no_text, .tick = tick, .ctx = asking, .tick_ms = TICK_MS};
    const struct ai_part system = {.kind = AI_TEXT, .text = q->system, .cache = q->repeated};
    const struct ai_part text = {.kind = AI_TEXT, .text = q->text};
    const struct ai_message message = {.role = AI_USER, .parts = &text, .n_parts = 1};
    const struct ai_request rq = {.system = &system,
                                  .n_system = 1,
                                  .messages = &message,
                                  .n_messages = 1,
                                  .tools = q->tool,
                                  .n_tools = 1,
                                  .forced_tool = q->tool->name,
                                  .max_tokens = models->max_tokens,
                                  .temperature = models->temperature,
                                  .limits = AI_LIMITS};
    const struct ai_ask ask = {
        .purpose = AI_FOR_REVIEW, .person = q->person, .document = q->document, .review = q->review, .request = &rq};
    return chat_call(models->router, &ask, stop, &consumer, q->run->a, ret, e);
}

/* The router ends with the server: the job is begun again, and asks then. */
static bool is_stopping(const struct error *e)
{
    return strcmp(e->reason, "stopping") == 0 || strcmp(e->reason, "cancelled") == 0;
}

enum err model_question_ask(const struct model_question *q, struct chat_call *ret, struct str *ret_model,
                            struct error *e)
{
    struct asking asking = {.q = q};
    struct chat_stop stop;
    chat_stop_init(&stop);
    enum err err = call(&asking, &stop, ret, e);
    chat_stop_done(&stop);
    if (err != ERR_OK && is_stopping(e))
        return error_set_reason(e, ERR_CONFLICT, "stopped", "the answer is no longer wanted");
    if (err != ERR_OK) return err;
    if (ret->stop != AI_STOP_TOOL || ret->n_tools == 0 || !ret->tools[0].input.p)
        return error_set_reason(e, ERR_UPSTREAM, "bad_answer", "the model handed in no list of %s", q->list);
    *ret_model = asking.model;
    return ERR_OK;
}

bool model_question_ends_job(const struct error *e)
{
    return error_is_no_memory(e) || strcmp(e->reason, "stopped") == 0 || strcmp(e->reason, "lease_lost") == 0;
}

enum err model_question_fence(struct arena *a, const char *what, struct str *ret, struct error *e)
{
    char nonce[RANDOM_ID_CHARS + 1];
    random_id(nonce);
    *ret = str_printf(a, "%s-%.12s", what, nonce);
    return ret->p ? ERR_OK : error_no_memory(e);
}

enum err model_question_fenced(struct arena *a, struct str fence, struct str text, const char *asked, struct str *ret,
                               struct error *e)
{
    *ret = str_printf(a, "<%.*s>\n%.*s</%.*s>\n\n%s", STR_ARG(fence), STR_ARG(text), STR_ARG(fence), asked);
    return ret->p ? ERR_OK : error_no_memory(e);
}
