/* What the tests of ai share: a server that answers what the test wrote, byte for byte, and a handler that notes what it hears. */
#pragma once

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "../client/http_test.h"
#include "ai/provider.h"

/* --- the server --- */

#define REPLIES_MAX 8

struct reply {
    int status;
    const char *headers; /* "Name: value\r\n", more than one; NULL: none */
    struct str body;
    size_t step; /* bytes in one piece; 0: all */
    bool stall;  /* falls silent after the body, until the client goes away; without a head where status is 0 */
};

struct server {
    int fd;
    unsigned port;
    pthread_t thread;
    struct lock lock;
    struct lock_cond more;
    struct reply replies[REPLIES_MAX]; /* one a connection, in order; guarded by lock, as all below */
    size_t n_replies, n_asked;
    struct sb asked[REPLIES_MAX]; /* heads and bodies */
    size_t n_begun;               /* replies whose head and body were sent */
};

static inline size_t server_read(int fd, struct sb *b)
{
    char room[65536];
    size_t head = STR_NONE, want = SIZE_MAX;
    while (b->n < want) {
        ssize_t got = recv(fd, room, sizeof room, 0);
        if (got <= 0) return 0;
        sb_str(b, (struct str){room, (size_t)got});
        if (head == STR_NONE) head = str_find(sb_view(b), STR("\r\n\r\n"), 0);
        if (head == STR_NONE || want != SIZE_MAX) continue;
        size_t at = str_find_nocase(sb_view(b), STR("content-length: "), 0);
        assert_true(at < head);
        uint64_t n = 0;
        struct str rest, line = str_cut(str_sub(sb_view(b), at + 16, b->n), '\r', &rest);
        struct error e;
        assert_int_equal(str_to_u64(line, 0, 1 << 26, &n, &e), ERR_OK);
        want = head + 4 + n;
    }
    return b->n;
}

static inline void server_write(int fd, const struct reply *r)
{
    CLEANUP_SB struct sb b = SB_INIT(1 << 26);
    if (r->status)
        sb_printf(&b, "HTTP/1.1 %d X\r\nConnection: close\r\n%s\r\n", r->status, r->headers ? r->headers : "");
    sb_str(&b, r->body);
    size_t head = b.n - r->body.n, step = r->step ? r->step : b.n;
    for (size_t at = 0, n; at < b.n; at += n) {
        n = at == 0 && head ? head : b.n - at < step ? b.n - at : step;
        if (send(fd, b.p + at, n, MSG_NOSIGNAL) < 0) return;
        if (r->step) sleep_ms(0);
    }
}

static inline void *server_run(void *object)
{
    struct server *s = object;
    for (int fd; (fd = accept4(s->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0; (void)close(fd)) {
        int on = 1;
        (void)setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
        struct sb b = SB_INIT(1 << 26);
        size_t n = server_read(fd, &b);
        lock_take(&s->lock);
        size_t i = s->n_asked;
        bool is_known = n > 0 && i < s->n_replies;
        struct reply r = s->replies[is_known ? i : 0];
        if (is_known) {
            s->asked[i] = b;
            s->n_asked++;
            lock_cond_broadcast(&s->more);
        }
        lock_give(&s->lock);
        if (!is_known) {
            sb_done(&b);
            continue;
        }
        server_write(fd, &r);
        lock_take(&s->lock);
        s->n_begun++;
        lock_cond_broadcast(&s->more);
        lock_give(&s->lock);
        char c;
        while (r.stall && recv(fd, &c, 1, 0) > 0)
            continue;
    }
    return NULL;
}

static inline void server_start(struct server *s)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *s = (struct server){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    lock_init(&s->lock, LOCK_RANK_LOG);
    lock_cond_init(&s->more);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(listen(s->fd, 64), 0);
    s->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, server_run, s), 0);
}

static inline void server_forget(struct server *s)
{
    lock_take(&s->lock);
    for (size_t i = 0; i < s->n_asked; i++)
        sb_done(&s->asked[i]);
    s->n_replies = s->n_asked = s->n_begun = 0;
    lock_give(&s->lock);
}

static inline void server_stop(struct server *s)
{
    (void)shutdown(s->fd, SHUT_RDWR);
    (void)pthread_join(s->thread, NULL);
    (void)close(s->fd);
    server_forget(s);
    lock_cond_done(&s->more);
    lock_done(&s->lock);
}

static inline void server_says(struct server *s, struct reply r)
{
    lock_take(&s->lock);
    assert_true(s->n_replies < REPLIES_MAX);
    s->replies[s->n_replies++] = r;
    lock_give(&s->lock);
}

static inline void server_wait_begun(struct server *s, size_t n)
{
    lock_take(&s->lock);
    while (s->n_begun < n)
        lock_cond_wait(&s->more, &s->lock);
    lock_give(&s->lock);
}

/* What was asked the i-th time; valid until server_forget. */
static inline const char *server_asked(struct server *s, size_t i)
{
    lock_take(&s->lock);
    assert_true(i < s->n_asked);
    sb_char(&s->asked[i], 0);
    s->asked[i].n--;
    const char *text = s->asked[i].p;
    lock_give(&s->lock);
    return text;
}

/* --- the handler --- */

struct got {
    struct lock lock;
    struct lock_cond more;
    struct sb text, thoughts, signature, tools; /* guarded by lock, as all below */
    struct ai_usage usage;
    unsigned usages, ends;
    enum ai_stop stop;
    struct error e;
    int64_t retry_after_ms;
    char model[128], note[256];
    bool late; /* something came after the end */
    struct ai_call *call;
};

/* Takes the lock; got_leave() gives it back. The analysis follows no lock through a pointer that is returned. */
LOCK__ATTRIBUTE(no_thread_safety_analysis)
static inline struct got *got_enter(void *ctx)
{
    struct got *g = ctx;
    lock_take(&g->lock);
    g->late = g->late || g->ends > 0;
    return g;
}

LOCK__ATTRIBUTE(no_thread_safety_analysis)
static inline void got_leave(struct got *g)
{
    lock_cond_broadcast(&g->more);
    lock_give(&g->lock);
}

static inline void got_text(void *ctx, struct str delta)
{
    struct got *g = got_enter(ctx);
    sb_str(&g->text, delta);
    got_leave(g);
}

static inline void got_reasoning(void *ctx, struct str delta, struct str signature)
{
    struct got *g = got_enter(ctx);
    sb_str(&g->thoughts, delta);
    sb_str(&g->signature, signature);
    got_leave(g);
}

static inline void got_start(void *ctx, unsigned tool, struct str id, struct str name)
{
    struct got *g = got_enter(ctx);
    sb_printf(&g->tools, "%u %.*s %.*s;", tool, STR_ARG(id), STR_ARG(name));
    got_leave(g);
}

static inline void got_item(void *ctx, unsigned tool, struct str member, size_t index, struct str json)
{
    struct got *g = got_enter(ctx);
    sb_printf(&g->tools, "%u %.*s[%zu]=%.*s;", tool, STR_ARG(member), index, STR_ARG(json));
    got_leave(g);
}

static inline void got_input(void *ctx, unsigned tool, struct str json)
{
    struct got *g = got_enter(ctx);
    sb_printf(&g->tools, "%u=%.*s;", tool, STR_ARG(json));
    got_leave(g);
}

static inline void got_usage(void *ctx, const struct ai_usage *u)
{
    struct got *g = got_enter(ctx);
    g->usage = *u;
    g->usages++;
    got_leave(g);
}

static inline void got_end(void *ctx, const struct ai_end *end)
{
    struct got *g = got_enter(ctx);
    g->ends++;
    g->stop = end->stop;
    if (end->e) g->e = *end->e;
    assert((end->stop == AI_STOP_ERROR) == (end->e != NULL));
    g->retry_after_ms = end->retry_after_ms;
    (void)snprintf(g->model, sizeof g->model, "%.*s", STR_ARG(end->model));
    (void)snprintf(g->note, sizeof g->note, "%.*s", STR_ARG(end->profile_note));
    got_leave(g);
}

static inline void got_init(struct got *g)
{
    *g = (struct got){.text = SB_INIT(1 << 24),
                      .thoughts = SB_INIT(1 << 20),
                      .signature = SB_INIT(1 << 16),
                      .tools = SB_INIT(1 << 24)};
    lock_init(&g->lock, LOCK_RANK_LOG);
    lock_cond_init(&g->more);
}

static inline struct ai_handler got_handler(struct got *g)
{
    return (struct ai_handler){got_text, got_reasoning, got_start, got_item, got_input, got_usage, got_end, g};
}

static inline void got_wait(struct got *g)
{
    lock_take(&g->lock);
    while (g->ends == 0)
        lock_cond_wait(&g->more, &g->lock);
    assert_int_equal(g->ends, 1);
    assert_false(g->late);
    assert_true(g->usages <= 1);
    lock_give(&g->lock);
}

static inline void got_wait_text(struct got *g, const char *text)
{
    lock_take(&g->lock);
    while (g->ends == 0 && str_find(sb_view(&g->text), str_from_c(text), 0) == STR_NONE)
        lock_cond_wait(&g->more, &g->lock);
    if (g->ends) fail_msg("it is over (%s) before \"%s\" came", g->e.message, text);
    lock_give(&g->lock);
}

static inline void got_done(struct got *g, struct ai_provider *p)
{
    p->ops->free_call(g->call);
    sb_done(&g->text);
    sb_done(&g->thoughts);
    sb_done(&g->signature);
    sb_done(&g->tools);
    lock_cond_done(&g->more);
    lock_done(&g->lock);
}

static inline void ask(struct ai_provider *p, struct got *g, const struct ai_request *rq)
{
    struct ai_handler handler = got_handler(g);
    struct error e = {0};
    got_init(g);
    if (p->ops->start(p, rq, &handler, &g->call, &e) != ERR_OK) fail_msg("%s (%s)", e.message, e.detail);
}

static inline void ask_whole(struct ai_provider *p, struct got *g, const struct ai_request *rq)
{
    ask(p, g, rq);
    got_wait(g);
}

/* --- a request --- */

static const struct ai_part ask_system[] = {{.kind = AI_TEXT, .text = STR_INIT("You review."), .cache = true}};
static const struct ai_part ask_parts[] = {
    {.kind = AI_TEXT, .text = STR_INIT("The secret report of the third quarter."), .cache = true},
    {.kind = AI_TEXT, .text = STR_INIT("Review section 1.")}};
static const struct ai_message ask_messages[] = {{AI_USER, ask_parts, 2}};
static const struct ai_tool ask_tools[] = {
    {STR_INIT("report"), STR_INIT("Reports findings."), STR_INIT("{\"type\":\"object\"}")}};

/* A forced tool where with_tool. */
static inline struct ai_request ask_request(const char *model, bool with_tool)
{
    struct ai_request rq = {.model = str_from_c(model),
                            .system = ask_system,
                            .n_system = 1,
                            .messages = ask_messages,
                            .n_messages = 1,
                            .max_tokens = 500,
                            .temperature = 0.5,
                            .limits = {10000, 20000, 20000, 60000}};
    if (with_tool) {
        rq.tools = ask_tools;
        rq.n_tools = 1;
        rq.cache_tools = true;
        rq.forced_tool = ask_tools[0].name;
    }
    return rq;
}

/* A dialogue that has everything in it: a thought, a call of a tool, its results. */
static const struct ai_part ask_hello[] = {{.kind = AI_TEXT, .text = STR_INIT("Where is the owner?")}};
static const struct ai_part ask_called[] = {
    {.kind = AI_REASONING, .text = STR_INIT("Look."), .signature = STR_INIT("sig")},
    {.kind = AI_TEXT, .text = STR_INIT("I look.")},
    {.kind = AI_TOOL_USE,
     .text = STR_INIT("{\"q\":\"owner\"}"),
     .tool_id = STR_INIT("t1"),
     .tool_name = STR_INIT("report")}};
static const struct ai_part ask_result[] = {
    {.kind = AI_TOOL_RESULT, .text = STR_INIT("none"), .tool_id = STR_INIT("t1"), .failed = true},
    {.kind = AI_TEXT, .text = STR_INIT("Well?")}};
static const struct ai_message ask_dialogue[] = {
    {AI_USER, ask_hello, 1}, {AI_ASSISTANT, ask_called, 3}, {AI_USER, ask_result, 2}};
