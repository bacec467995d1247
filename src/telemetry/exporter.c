/* One thread, one request at a time. While it pauses after a failure, the batch stays in its hands and newer spans fill the list; so a collector that is away
 * for long costs the spans of that time and nothing else.
 * Rejected: sending through the client of the models (its thread would carry both, and models are not always configured); protobuf (every collector takes
 * JSON, and it can be read). */
#include "telemetry/exporter.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/time.h"
#include "client/http.h"

enum {
    HEADERS_MAX = 16,
    ARENA_BYTES = 64 << 10,
    BODY_MAX = 8 << 20,    /* a batch at its largest is some hundred KB */
    ANSWER_MAX = 64 << 10, /* {} mostly */
    SEND_MS = 10000,
    LAST_MS = 2000 /* of a server that ends */
};

struct exporter {
    struct exporter_options o;
    struct arena *arena;
    struct str url;
    struct client_header headers[HEADERS_MAX + 1];
    size_t n_headers;
    struct client_http *http;
    struct trace_span *batch;
    pthread_t thread;
    bool has_thread;
    atomic_bool stop;
    atomic_uint_fast64_t sent, lost, batches, failures; /* spans, spans, requests, requests */
};

/* --- the headers of the setting --- */

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool decode(struct arena *a, struct str text, struct str *ret)
{
    char *to = NEW(a, char, text.n + 1);
    size_t n = 0;
    if (!to) return false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '%') {
            if (i + 2 >= text.n || hex(text.p[i + 1]) < 0 || hex(text.p[i + 2]) < 0) return false;
            c = (char)(hex(text.p[i + 1]) << 4 | hex(text.p[i + 2]));
            i += 2;
        }
        if ((unsigned char)c < 0x20 || c == 0x7f) return false;
        to[n++] = c;
    }
    *ret = (struct str){to, n};
    return true;
}

static bool is_token(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && !strchr("!#$&'*+-.^_`|~", c)) return false;
    }
    return name.n > 0;
}

static enum err read_headers(struct exporter *x, struct error *e)
{
    x->headers[x->n_headers++] = (struct client_header){STR("content-type"), STR("application/json")};
    for (struct str rest = x->o.headers; rest.n > 0;) {
        struct str value = STR_EMPTY, pair = str_cut(rest, ',', &rest), name = str_cut(pair, '=', &value);
        struct client_header h = {name, STR_EMPTY};
        if (!value.p || !is_token(name) || !decode(x->arena, value, &h.value) || x->n_headers > HEADERS_MAX) {
            error_set_reason(e, ERR_INVALID, "bad_setting", "OTEL_EXPORTER_OTLP_HEADERS is not what is accepted");
            return error_hint(
                e, "It is name=value, with commas between several; other characters in a value are written as %%20.");
        }
        x->headers[x->n_headers++] = h;
    }
    return ERR_OK;
}

/* --- sending --- */

/* Spans of a batch that was taken, and yet refused. */
static uint64_t rejected(struct str answer)
{
    const struct json *v = NULL;
    CLEANUP_ARENA struct arena *a = arena_new(ANSWER_MAX * 8);
    uint64_t n = 0;
    if (!a || json_parse(a, answer, &v, NULL) != ERR_OK) return 0;
    const struct json *said = json_get(json_get(v, "partialSuccess"), "rejectedSpans");
    (void)!str_to_u64(json_str(said), 0, EXPORTER_BATCH, &n, NULL); /* 64 bits are a text */
    return n;
}

static int64_t pause_of(const struct client_http_answer *answer)
{
    struct str after = client_header_find(answer->headers, answer->n_headers, STR("retry-after"));
    uint64_t seconds = 0;
    if (str_to_u64(str_trim(after), 0, 3600, &seconds, NULL) != ERR_OK) return 0;
    return (int64_t)seconds * 1000;
}

/* ERR_BUSY: it is worth another try; *ret_pause_ms: not before, if the collector says so. */
static enum err post(struct exporter *x, struct str body, int64_t whole_ms, uint64_t *ret_rejected,
                     int64_t *ret_pause_ms, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(ANSWER_MAX * 4);
    struct client_http_request rq = {
        .method = STR("POST"), .url = x->url, .headers = x->headers, .n_headers = x->n_headers, .body = body};
    struct client_http_answer answer = {0};
    rq.limits = (struct client_http_limits){.connect_ms = whole_ms, .whole_ms = whole_ms, .max_body = ANSWER_MAX};
    *ret_pause_ms = 0;
    if (!a) return error_no_memory(e);
    if (client_http_get_all(x->http, &rq, a, &answer, e) != ERR_OK) return e->code == ERR_UPSTREAM ? ERR_BUSY : e->code;
    if (answer.status == 200) {
        *ret_rejected = rejected(answer.body);
        return ERR_OK;
    }
    error_set_reason(e, ERR_UPSTREAM, "refused", "the collector answered with status %d", answer.status);
    if (answer.status != 429 && answer.status != 502 && answer.status != 503 && answer.status != 504)
        return ERR_UPSTREAM;
    *ret_pause_ms = pause_of(&answer);
    return ERR_BUSY;
}

/* Those that failed together do not come back together. */
static void rest(const struct exporter *x, unsigned attempt, int64_t least_ms)
{
    int64_t ms = x->o.delay_ms;
    uint32_t chance = 0;
    while (attempt-- > 1 && ms < EXPORTER_PAUSE_MAX_MS)
        ms *= 2;
    if (ms > EXPORTER_PAUSE_MAX_MS) ms = EXPORTER_PAUSE_MAX_MS;
    random_bytes(&chance, sizeof chance);
    ms = ms / 2 + (int64_t)(chance % (uint32_t)(ms / 2 + 1));
    if (ms < least_ms) ms = least_ms;
    trace_wait(SIZE_MAX, time_monotonic_ns() + ms * 1000000); /* until the time or the end */
}

static void lose(struct exporter *x, const struct error *why, size_t n)
{
    atomic_fetch_add(&x->lost, n);
    if (x->o.on_lost) x->o.on_lost(x->o.ctx, why, n);
}

static void send(struct exporter *x, size_t n, int64_t whole_ms)
{
    CLEANUP_SB struct sb body = SB_INIT(BODY_MAX);
    struct error e = {0};
    otlp_traces(&body, &x->o.from, x->batch, n);
    if (!sb_ok(&body)) {
        (void)error_no_memory(&e);
        lose(x, &e, n);
        return;
    }
    for (unsigned attempt = 1;; attempt++) {
        uint64_t refused = 0;
        int64_t pause_ms = 0;
        atomic_fetch_add(&x->batches, 1);
        enum err err = post(x, sb_view(&body), whole_ms, &refused, &pause_ms, &e);
        if (err == ERR_OK) {
            atomic_fetch_add(&x->sent, n - refused);
            atomic_fetch_add(&x->lost, refused);
            return;
        }
        atomic_fetch_add(&x->failures, 1);
        if (err != ERR_BUSY || attempt == EXPORTER_ATTEMPTS || atomic_load(&x->stop)) break;
        rest(x, attempt, pause_ms);
    }
    lose(x, &e, n);
}

static void *work(void *ctx)
{
    struct exporter *x = ctx;
    while (!atomic_load(&x->stop)) {
        trace_wait(x->o.spans < EXPORTER_BATCH ? x->o.spans : EXPORTER_BATCH,
                   time_monotonic_ns() + x->o.delay_ms * 1000000);
        size_t n = trace_take(x->batch, EXPORTER_BATCH);
        if (n > 0) send(x, n, atomic_load(&x->stop) ? LAST_MS : SEND_MS);
    }
    /* what is left, unless it cannot be sent at once */
    uint64_t lost = atomic_load(&x->lost);
    for (size_t n = trace_take(x->batch, EXPORTER_BATCH); n > 0 && atomic_load(&x->lost) == lost;
         n = trace_take(x->batch, EXPORTER_BATCH))
        send(x, n, LAST_MS);
    return NULL;
}

/* --- up and down --- */

static enum err start(struct exporter *x, struct error *e)
{
    struct client_http_options http = CLIENT_HTTP_DEFAULTS;
    const struct trace_options keep = {.spans = x->o.spans, .ratio = x->o.ratio};
    x->arena = arena_new(ARENA_BYTES);
    x->batch = calloc(EXPORTER_BATCH, sizeof *x->batch);
    if (!x->arena || !x->batch) return error_no_memory(e);
    x->url = str_printf(x->arena, "%.*s/v1/traces", STR_ARG(x->o.url));
    if (!x->url.p) return error_no_memory(e);
    TRY(read_headers(x, e));
    http.max_open = 2;
    http.max_kept = 1;
    TRY(client_http_new(&http, &x->http, e));
    TRY(trace_start(&keep, e));
    x->has_thread = pthread_create(&x->thread, NULL, work, x) == 0;
    return x->has_thread ? ERR_OK : error_set_reason(e, ERR_LIMIT, "no_thread", "could not start a thread for traces");
}

enum err exporter_new(const struct exporter_options *o, struct exporter **ret, struct error *e)
{
    struct exporter *x = calloc(1, sizeof *x);
    if (!x) return error_no_memory(e);
    x->o = *o;
    enum err err = start(x, e);
    if (err == ERR_OK)
        *ret = x;
    else
        exporter_free(x);
    return err;
}

void exporter_free(struct exporter *x)
{
    if (!x) return;
    atomic_store(&x->stop, true);
    if (x->has_thread) {
        trace_wake();
        (void)pthread_join(x->thread, NULL);
    }
    trace_stop();
    client_http_free(x->http);
    free(x->batch);
    arena_free(x->arena);
    free(x);
}

void exporter_metrics(struct exporter *x, struct sb *out)
{
    const struct trace_counts c = trace_counts();
    const struct {
        const char *fate;
        uint64_t n;
    } rows[] = {{"sent", atomic_load(&x->sent)}, {"lost", atomic_load(&x->lost)}, {"dropped", c.dropped}};
    metrics_family(
        out, "prism_trace_spans_total", METRICS_COUNTER,
        "Spans that were kept, by what became of them: sent, lost (the collector was away too long, or refused "
        "them), dropped (too many waited).");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct metrics_label label = {"fate", str_from_c(rows[i].fate)};
        metrics_u64(out, "prism_trace_spans_total", &label, 1, rows[i].n);
    }
    metrics_one(out, "prism_trace_spans_waiting", METRICS_GAUGE, "Spans that wait to be sent.", c.waiting);
    metrics_one(out, "prism_trace_requests_total", METRICS_COUNTER, "Requests to the collector.",
                atomic_load(&x->batches));
    metrics_one(out, "prism_trace_requests_failed_total", METRICS_COUNTER, "Of them, those that failed.",
                atomic_load(&x->failures));
}
