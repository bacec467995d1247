/* The box is a list of pieces, each its own memory, made where it comes in and freed where it is taken out. A call is freed when its end was taken
 * out: no callback comes after that.
 * An attempt that breaks off does not take back what it has handed in: each finding stands on words of the document, whoever said it first, and what
 * the next attempt says again is a double of it. */
#include "review/model_calls.h"

#include <stdlib.h>

#include "base/lock.h"
#include "base/sb.h"
#include "base/time.h"

struct call;

struct piece { /* of news */
    struct piece *next;
    struct call *call;
    struct model_news news; /* text points behind it */
};

struct call {
    struct model_calls *calls;
    struct call *next; /* of all that are on their way; the waiting thread's */
    struct ai_router_call *router;
    size_t number;
    bool listed;      /* by lock: the list has ended */
    bool too_long;    /* by lock: it is being cancelled for what lay in the box */
    struct piece end; /* its last news: there is memory for that, whatever happens */
};

struct model_calls {
    struct ai_router *router;
    const char *list;
    struct lock lock;
    struct lock_cond cond;
    struct piece *first, **last; /* by lock */
    size_t bytes;                /* by lock: of texts in the box */
    bool warm, no_memory;        /* by lock */
    struct call *running;
    size_t n_running;
};

/* --- on the threads of the router and the provider --- */

static void add(struct model_calls *m, struct piece *p)
{
    lock_take(&m->lock);
    if (p) {
        *m->last = p;
        m->last = &p->next;
        m->bytes += p->news.text.n;
    } else {
        m->no_memory = true;
    }
    lock_cond_signal(&m->cond);
    lock_give(&m->lock);
}

static void put(struct call *c, struct model_news news)
{
    struct piece *p = malloc(sizeof *p + news.text.n);
    if (p) {
        char *text = (char *)(p + 1);
        if (news.text.n > 0) memcpy(text, news.text.p, news.text.n);
        news.call = c->number;
        news.text.p = text;
        *p = (struct piece){.call = c, .news = news};
    }
    add(c->calls, p);
}

static void warm(struct call *c)
{
    lock_take(&c->calls->lock);
    bool first = !c->calls->warm;
    c->calls->warm = true;
    if (first) lock_cond_signal(&c->calls->cond);
    lock_give(&c->calls->lock);
}

static void on_begin(void *ctx, struct str model, const struct error *why)
{
    struct call *c = ctx;
    lock_take(&c->calls->lock);
    c->listed = false;
    lock_give(&c->calls->lock);
    put(c, (struct model_news){
               .kind = MODEL_ASKED, .text = model, .again = why != NULL, .error = why ? *why : (struct error){0}});
}

static void on_text(void *ctx, struct str delta)
{
    (void)delta; /* what it says beside the list is not asked for */
    warm(ctx);
}

static void on_reasoning(void *ctx, struct str delta, struct str signature)
{
    (void)delta;
    (void)signature;
    warm(ctx);
}

static void on_tool_start(void *ctx, unsigned tool, struct str id, struct str name)
{
    (void)tool;
    (void)id;
    (void)name;
    warm(ctx);
}

static void on_tool_item(void *ctx, unsigned tool, struct str member, size_t index, struct str json)
{
    struct call *c = ctx;
    (void)tool;
    (void)index;
    if (!str_eq_c(member, c->calls->list)) return;
    lock_take(&c->calls->lock);
    bool full = c->calls->bytes + json.n > MODEL_BOX_MAX;
    bool cancel = full && !c->too_long;
    if (full) c->too_long = true;
    lock_give(&c->calls->lock);
    if (cancel) ai_router_cancel(c->router);
    if (!full) put(c, (struct model_news){.kind = MODEL_ITEM, .text = json});
}

static void on_tool_input(void *ctx, unsigned tool, struct str json)
{
    struct call *c = ctx;
    (void)tool;
    (void)json;
    lock_take(&c->calls->lock);
    c->listed = true;
    lock_give(&c->calls->lock);
}

static void on_end(void *ctx, const struct ai_end *end)
{
    struct call *c = ctx;
    struct model_news news = {.kind = MODEL_ENDED, .call = c->number, .stop = end->stop};
    if (end->e) news.error = *end->e;
    lock_take(&c->calls->lock);
    c->calls->warm = true;
    news.listed = c->listed;
    bool too_long = c->too_long;
    lock_give(&c->calls->lock);
    if (too_long && end->stop == AI_STOP_ERROR)
        error_set_reason(&news.error, ERR_UPSTREAM, "answer_too_long",
                         "the model handed in more than can be read in one answer");
    c->end = (struct piece){.call = c, .news = news};
    add(c->calls, &c->end); /* the one who waits may free the call from here on */
}

/* --- on the thread that waits --- */

enum err model_calls_new(struct ai_router *router, const char *list, struct model_calls **ret, struct error *e)
{
    struct model_calls *m = calloc(1, sizeof *m);
    if (!m) return error_no_memory(e);
    m->router = router;
    m->list = list;
    m->last = &m->first;
    lock_init(&m->lock, LOCK_RANK_MODEL_BOX);
    lock_cond_init(&m->cond);
    *ret = m;
    return ERR_OK;
}

enum err model_calls_ask(struct model_calls *m, size_t number, const struct ai_ask *ask, struct error *e)
{
    static const struct ai_handler tells = {.on_text = on_text,
                                            .on_reasoning = on_reasoning,
                                            .on_tool_start = on_tool_start,
                                            .on_tool_item = on_tool_item,
                                            .on_tool_input = on_tool_input,
                                            .on_end = on_end};
    struct call *c = calloc(1, sizeof *c);
    if (!c) return error_no_memory(e);
    struct ai_router_handler handler = {.h = tells, .on_begin = on_begin};
    handler.h.ctx = c;
    c->calls = m;
    c->number = number;
    enum err err = ai_router_ask(m->router, ask, &handler, &c->router, e);
    if (err != ERR_OK) {
        free(c);
        return err;
    }
    c->next = m->running;
    m->running = c;
    m->n_running++;
    return ERR_OK;
}

size_t model_calls_running(const struct model_calls *m) { return m->n_running; }

bool model_calls_warm(struct model_calls *m)
{
    lock_take(&m->lock);
    bool is_warm = m->warm;
    lock_give(&m->lock);
    return is_warm;
}

static void forget(struct model_calls *m, struct call *c)
{
    struct call **at = &m->running;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    m->n_running--;
    ai_router_call_free(c->router);
    free(c);
}

static struct piece *take(struct model_calls *m, int64_t until_ns, bool *ret_no_memory)
{
    lock_take(&m->lock);
    bool was_warm = m->warm;
    while (!m->first && !m->no_memory && m->warm == was_warm && lock_cond_wait_until(&m->cond, &m->lock, until_ns))
        ;
    struct piece *p = m->first;
    if (p) {
        m->first = p->next;
        if (!m->first) m->last = &m->first;
        m->bytes -= p->news.text.n;
    }
    *ret_no_memory = m->no_memory;
    m->no_memory = false;
    lock_give(&m->lock);
    return p;
}

static void drop(struct model_calls *m, struct piece *p)
{
    if (p && p->news.kind == MODEL_ENDED)
        forget(m, p->call); /* the piece is in it */
    else
        free(p);
}

enum err model_calls_wait(struct model_calls *m, int64_t until_ns, struct arena *a, bool *ret_any,
                          struct model_news *ret, struct error *e)
{
    bool no_memory = false;
    struct piece *p = take(m, until_ns, &no_memory);
    *ret_any = p != NULL;
    if (p) {
        *ret = p->news;
        ret->text = str_dup(a, p->news.text);
        no_memory = no_memory || !ret->text.p;
        drop(m, p);
    }
    return no_memory ? error_no_memory(e) : ERR_OK;
}

void model_calls_free(struct model_calls *m)
{
    if (!m) return;
    for (struct call *c = m->running; c; c = c->next)
        ai_router_cancel(c->router);
    while (m->n_running > 0) {
        bool no_memory = false;
        drop(m, take(m, time_monotonic_ns() + 1000000000, &no_memory));
    }
    while (m->first) {
        struct piece *p = m->first;
        m->first = p->next;
        free(p);
    }
    lock_cond_done(&m->cond);
    lock_done(&m->lock);
    free(m);
}
