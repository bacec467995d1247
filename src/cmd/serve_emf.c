/* Metrics in CloudWatch's embedded format: a thread that writes a line every PRISM_EMF_SECONDS, of what happened since the line before. Names are those
 * that Elastic Beanstalk and its balancer use, where they have one. The last line is written at the end, so nothing that happened is missing.
 * Percentiles are of base/latency.h: within 3.2 % of the true ones. What did not happen has no percentile, and the metric is left out of that line. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/pool.h"
#include "base/time.h"
#include "cmd/serve_priv.h"
#include "review/jobs.h"
#include "telemetry/emf.h"

enum { LINE_MAX_BYTES = 16 << 10, MODELS_MAX_BYTES = 1 << 20 };

struct seen { /* all that ever happened, when the line before was written */
    struct api_totals requests;
    uint64_t calls, failed, throttled;
    double cpu_s;
    int64_t at_ns;
};

struct cmd__emf {
    struct cmd__server *server;
    struct emf_source from;
    pthread_t thread;
    struct lock lock;
    struct lock_cond ending;
    bool end;           /* by lock */
    struct seen before; /* the thread's */
};

static double cpu_seconds(void)
{
    struct rusage u = {0};
    (void)getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* How many calls of models run, too. */
static uint64_t look_at_models(const struct cmd__server *s, struct seen *now)
{
    struct ai_model_state *at = NULL;
    size_t n = 0;
    uint64_t running = 0;
    const struct cmd__models *models = cmd__server_models_plan_of(s);
    CLEANUP_ARENA struct arena *a = models ? arena_new(MODELS_MAX_BYTES) : NULL;
    if (!a || ai_router_models(models->router, a, &at, &n, NULL) != ERR_OK) return 0;
    for (size_t i = 0; i < n; i++) {
        now->calls += at[i].calls;
        now->failed += at[i].failed;
        now->throttled += at[i].throttled;
        running += at[i].running;
    }
    return running;
}

static double quantile_s(const struct latency_counts *c, double q)
{
    return c->n ? (double)latency_quantile_us(c, q) / 1e6 : NAN;
}

static void put_line(struct cmd__emf *m, struct sb *out)
{
    const struct cmd__server *s = m->server;
    const struct seen *was = &m->before;
    struct seen now = {.cpu_s = cpu_seconds(), .at_ns = time_monotonic_ns()};
    api_totals(s->api, &now.requests);
    uint64_t running = look_at_models(s, &now);
    struct latency_counts took = now.requests.took;
    latency_since(&took, &was->requests.took);
    double whole_s = (double)(now.at_ns - was->at_ns) / 1e9;
#define SINCE(member) (double)(now.member - was->member)
    const struct emf_metric metrics[] = {
        {"ApplicationRequestsTotal", EMF_COUNT, SINCE(requests.requests)},
        {"ApplicationRequests2xx", EMF_COUNT, SINCE(requests.status[2])},
        {"ApplicationRequests3xx", EMF_COUNT, SINCE(requests.status[3])},
        {"ApplicationRequests4xx", EMF_COUNT, SINCE(requests.status[4])},
        {"ApplicationRequests5xx", EMF_COUNT, SINCE(requests.status[5])},
        {"ApplicationLatencyP50", EMF_SECONDS, quantile_s(&took, 0.5)},
        {"ApplicationLatencyP90", EMF_SECONDS, quantile_s(&took, 0.9)},
        {"ApplicationLatencyP99", EMF_SECONDS, quantile_s(&took, 0.99)},
        {"TargetResponseTime", EMF_SECONDS, took.n ? (double)took.sum_us / (double)took.n / 1e6 : NAN},
        {"RequestsInFlight", EMF_COUNT, (double)(pool_busy(s->pool) + pool_waiting(s->pool))},
        {"Connections", EMF_COUNT, (double)net_server_connections(s->net)},
        {"JobsQueued", EMF_COUNT, (double)jobs_waiting(s->jobs)},
        {"JobsRunning", EMF_COUNT, (double)jobs_running(s->jobs)},
        {"ModelCalls", EMF_COUNT, s->models ? SINCE(calls) : NAN},
        {"ModelCallsFailed", EMF_COUNT, s->models ? SINCE(failed) : NAN},
        {"ModelThrottles", EMF_COUNT, s->models ? SINCE(throttled) : NAN},
        {"ModelCallsRunning", EMF_COUNT, s->models ? (double)running : NAN},
        {"ProcessMemory", EMF_BYTES, (double)cmd__memory_bytes()},
        {"ProcessCPU", EMF_PERCENT, whole_s > 0 ? 100 * SINCE(cpu_s) / whole_s : NAN},
    };
#undef SINCE
    emf_line(out, &m->from, metrics, sizeof metrics / sizeof *metrics, time_now_unix_ms());
    m->before = now;
}

static void write_line(struct cmd__emf *m)
{
    struct str path = m->server->conf.emf_file;
    CLEANUP_SB struct sb line = SB_INIT(LINE_MAX_BYTES);
    int fd = STDOUT_FILENO;
    put_line(m, &line);
    if (!sb_ok(&line) || line.n == 0) return;
    if (path.n > 0) fd = open(path.p, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    ssize_t put = fd < 0 ? -1 : write(fd, line.p, line.n);
    if (put != (ssize_t)line.n)
        log_warn("metrics_not_written", L_STR("file", path), L_C("why", strerrordesc_np(errno)));
    if (path.n > 0 && fd >= 0) close(fd);
}

static void *work(void *ctx)
{
    struct cmd__emf *m = ctx;
    int64_t period_ns = (int64_t)m->server->conf.emf_seconds * 1000000000, due = time_monotonic_ns() + period_ns;
    for (bool end = false; !end; due += period_ns) {
        lock_take(&m->lock);
        while (!m->end && lock_cond_wait_until(&m->ending, &m->lock, due))
            ;
        end = m->end;
        lock_give(&m->lock);
        write_line(m);
    }
    return NULL;
}

enum err cmd__emf_start(struct cmd__server *s, struct str instance, struct error *e)
{
    if (s->conf.emf_seconds == 0) return ERR_OK;
    struct cmd__emf *m = NEW(s->arena, struct cmd__emf, 1);
    if (!m) return error_no_memory(e);
    m->server = s;
    m->from = (struct emf_source){s->conf.emf_namespace, s->conf.environment, instance};
    m->before.cpu_s = cpu_seconds();
    m->before.at_ns = time_monotonic_ns();
    lock_init(&m->lock, LOCK_RANK_EMF);
    lock_cond_init(&m->ending);
    if (pthread_create(&m->thread, NULL, work, m) == 0) {
        s->emf = m;
        return ERR_OK;
    }
    lock_cond_done(&m->ending);
    lock_done(&m->lock);
    return error_set_reason(e, ERR_LIMIT, "no_thread", "could not start a thread for metrics");
}

void cmd__emf_stop(struct cmd__server *s)
{
    struct cmd__emf *m = s->emf;
    if (!m) return;
    lock_take(&m->lock);
    m->end = true;
    lock_cond_signal(&m->ending);
    lock_give(&m->lock);
    (void)pthread_join(m->thread, NULL);
    lock_cond_done(&m->ending);
    lock_done(&m->lock);
    s->emf = NULL;
}
