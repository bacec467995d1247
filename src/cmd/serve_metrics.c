/* What the parts of the server say of themselves for GET /metrics. Who may see it is a setting: by default the machine itself, where an agent reads it;
 * to a stranger the page is not there. Reading costs a walk over /proc/self/fd and no lock that a request waits for. */
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/cidr.h"
#include "base/metrics.h"
#include "base/pool.h"
#include "base/time.h"
#include "cmd/serve_priv.h"
#include "ops/child.h"
#include "review/jobs.h"
#include "store/store.h"
#include "telemetry/exporter.h"

enum { MODELS_MAX_BYTES = 1 << 20 };

static bool may_see(const struct cmd__server *s, struct str client)
{
    static const struct in6_addr v6 = IN6ADDR_LOOPBACK_INIT;
    static const struct cidr v4 = {.address = {{{[10] = 0xff, [11] = 0xff, [12] = 127}}}, .bits = 104};
    struct in6_addr at;
    if (s->conf.metrics == CONF_METRICS_ALL) return true;
    if (s->conf.metrics == CONF_METRICS_OFF || !cidr_address(client, &at)) return false;
    return cidr_has(&v4, &at) || IN6_ARE_ADDR_EQUAL(&v6, &at);
}

static uint64_t open_files(void)
{
    uint64_t n = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (!folder) return 0;
    while (readdir(folder))
        n++;
    closedir(folder);
    return n > 3 ? n - 3 : 0; /* ".", "..", and that of the walk itself */
}

/* Pages of memory that are resident. */
static uint64_t resident_bytes(void)
{
    char text[128];
    uint64_t pages = 0;
    struct str rest = STR_EMPTY;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (fd >= 0) close(fd);
    if (n <= 0) return 0;
    (void)str_cut((struct str){text, (size_t)n}, ' ', &rest);
    if (str_to_u64(str_cut(rest, ' ', &rest), 0, UINT64_MAX, &pages, NULL) != ERR_OK) return 0;
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t cmd__memory_bytes(void) { return resident_bytes(); }

static void put_process(const struct cmd__server *s, struct sb *b)
{
    struct rusage u = {0};
    struct rlimit files = {0};
    const struct ops_child_restarts restarts = ops_child_restarts();
    (void)getrusage(RUSAGE_SELF, &u);
    (void)getrlimit(RLIMIT_NOFILE, &files);
    double seconds =
        (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    metrics_family(b, "prism_start_time_seconds", METRICS_GAUGE, "When the server process started, in Unix time.");
    metrics_f64(b, "prism_start_time_seconds", NULL, 0, (double)s->began_unix_ms / 1000);
    metrics_family(b, "prism_uptime_seconds", METRICS_GAUGE, "For how long the server process has run.");
    metrics_f64(b, "prism_uptime_seconds", NULL, 0, (double)(time_now_unix_ms() - s->began_unix_ms) / 1000);
    metrics_one(b, "prism_supervisor_restarts_total", METRICS_COUNTER,
                "Server processes that died and were replaced, since the supervisor started.", restarts.deaths);
    metrics_one(b, "prism_supervisor_reloads_total", METRICS_COUNTER, "Times that the supervisor was told to reload.",
                restarts.reloads);
    metrics_family(b, "prism_process_cpu_seconds_total", METRICS_COUNTER, "Processor time of the server process.");
    metrics_f64(b, "prism_process_cpu_seconds_total", NULL, 0, seconds);
    metrics_one(b, "prism_process_memory_bytes", METRICS_GAUGE, "Resident memory of the server process.",
                resident_bytes());
    metrics_one(b, "prism_process_open_files", METRICS_GAUGE, "Descriptors that the server process has open.",
                open_files());
    metrics_one(b, "prism_process_open_files_max", METRICS_GAUGE, "Descriptors that it may have open.",
                (uint64_t)files.rlim_cur);
}

static void put_parts(const struct cmd__server *s, struct sb *b)
{
    struct net_server *net = s->net;
    size_t connections = net ? net_server_connections(net) : 0;
    const struct metrics_label version = {"version", STR_INIT(PRISM_VERSION)};
    metrics_family(b, "prism_info", METRICS_GAUGE, "The program; always 1.");
    metrics_u64(b, "prism_info", &version, 1, 1);
    metrics_one(b, "prism_connections", METRICS_GAUGE, "Connections of clients that are open.", connections);
    metrics_one(b, "prism_connections_max", METRICS_GAUGE, "Connections that may be open at once.",
                s->conf.max_connections);
    metrics_one(b, "prism_requests_waiting", METRICS_GAUGE, "Requests that wait for a worker.", pool_waiting(s->pool));
    metrics_one(b, "prism_workers", METRICS_GAUGE, "Threads that answer requests.", pool_threads(s->pool));
    metrics_one(b, "prism_workers_busy", METRICS_GAUGE, "Of them, those that do.", pool_busy(s->pool));
    jobs_metrics(s->jobs, b);
    store_metrics(s->store, b);
}

static void put_exports(const struct cmd__server *s, struct sb *b)
{
    static const char name[] = "prism_exports_total";
    metrics_family(b, name, METRICS_COUNTER, "Exports that ended, by format and outcome.");
    for (size_t i = 0; i < EXPORTS_FORMAT_N; i++) {
        const struct metrics_label format = {"format", str_from_c(exports_format_names[i])};
        const struct metrics_label done[] = {format, {"outcome", STR_INIT("done")}},
                                   failed[] = {format, {"outcome", STR_INIT("failed")}};
        metrics_u64(b, name, done, 2, atomic_load(&s->export_counts.done[i]));
        metrics_u64(b, name, failed, 2, atomic_load(&s->export_counts.failed[i]));
    }
}

/* One number of each model. */
static void put_model(struct sb *b, const char *name, enum metrics_kind kind, const char *help,
                      const struct ai_model_state *at, size_t n, uint64_t (*number)(const struct ai_model_state *m))
{
    metrics_family(b, name, kind, help);
    for (size_t i = 0; i < n; i++) {
        const struct metrics_label model = {"model", at[i].model};
        metrics_u64(b, name, &model, 1, number(&at[i]));
    }
}

static uint64_t calls(const struct ai_model_state *m) { return m->calls; }
static uint64_t failed(const struct ai_model_state *m) { return m->failed; }
static uint64_t throttled(const struct ai_model_state *m) { return m->throttled; }
static uint64_t running(const struct ai_model_state *m) { return m->running; }
static uint64_t waiting(const struct ai_model_state *m) { return m->waiting; }
static uint64_t tokens_in(const struct ai_model_state *m) { return m->tokens_in + m->tokens_cached; }
static uint64_t tokens_out(const struct ai_model_state *m) { return m->tokens_out; }
static uint64_t is_well(const struct ai_model_state *m) { return m->health == AI_WELL; }

static void put_models(const struct cmd__server *s, struct sb *b)
{
    struct ai_model_state *at = NULL;
    size_t n = 0;
    const struct cmd__models *models = cmd__server_models_plan_of(s);
    CLEANUP_ARENA struct arena *a = models ? arena_new(MODELS_MAX_BYTES) : NULL;
    if (!a || ai_router_models(models->router, a, &at, &n, NULL) != ERR_OK) return;
    put_model(b, "prism_model_calls_total", METRICS_COUNTER, "Calls of a model that have ended.", at, n, calls);
    put_model(b, "prism_model_failed_total", METRICS_COUNTER, "Of them, those with an error.", at, n, failed);
    put_model(b, "prism_model_throttled_total", METRICS_COUNTER, "Of them, those that were throttled.", at, n,
              throttled);
    put_model(b, "prism_model_tokens_in_total", METRICS_COUNTER, "Tokens read, those of the cache included.", at, n,
              tokens_in);
    put_model(b, "prism_model_tokens_out_total", METRICS_COUNTER, "Tokens written.", at, n, tokens_out);
    put_model(b, "prism_model_running", METRICS_GAUGE, "Calls that run.", at, n, running);
    put_model(b, "prism_model_waiting", METRICS_GAUGE, "Calls that wait for it.", at, n, waiting);
    put_model(b, "prism_model_well", METRICS_GAUGE, "1 unless it is cooling down or broken.", at, n, is_well);
    ai_router_metrics(models->router, b);
    metrics_family(b, "prism_model_cost_usd_total", METRICS_COUNTER, "What its calls have cost, in US dollars.");
    for (size_t i = 0; i < n; i++) {
        const struct metrics_label model = {"model", at[i].model};
        metrics_f64(b, "prism_model_cost_usd_total", &model, 1, (double)at[i].cost_microusd / 1e6);
    }
}

bool cmd__metrics(void *ctx, struct str client, struct sb *out)
{
    const struct cmd__server *s = ctx;
    if (!may_see(s, client)) return false;
    put_parts(s, out);
    put_exports(s, out);
    put_models(s, out);
    put_process(s, out);
    if (s->exporter) exporter_metrics(s->exporter, out);
    return true;
}
