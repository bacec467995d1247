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
#include "cmd/serve_priv.h"
#include "review/jobs.h"

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

static void put_process(struct sb *b)
{
    struct rusage u = {0};
    (void)getrusage(RUSAGE_SELF, &u);
    double seconds =
        (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    metrics_family(b, "prism_process_cpu_seconds_total", METRICS_COUNTER, "Processor time of the server process.");
    metrics_f64(b, "prism_process_cpu_seconds_total", NULL, 0, seconds);
    metrics_one(b, "prism_process_memory_bytes", METRICS_GAUGE, "Resident memory of the server process.",
                resident_bytes());
    metrics_one(b, "prism_process_open_files", METRICS_GAUGE, "Descriptors that the server process has open.",
                open_files());
}

static void put_parts(const struct cmd__server *s, struct sb *b)
{
    const struct metrics_label version = {"version", STR_INIT(PRISM_VERSION)};
    metrics_family(b, "prism_info", METRICS_GAUGE, "The program; always 1.");
    metrics_u64(b, "prism_info", &version, 1, 1);
    metrics_one(b, "prism_connections", METRICS_GAUGE, "Connections of clients that are open.",
                net_server_connections(s->net));
    metrics_one(b, "prism_requests_waiting", METRICS_GAUGE, "Requests that wait for a worker.", pool_waiting(s->pool));
    metrics_one(b, "prism_jobs_running", METRICS_GAUGE, "Reviews, exports and the like being worked on.",
                jobs_running(s->jobs));
}

bool cmd__metrics(void *ctx, struct str client, struct sb *out)
{
    const struct cmd__server *s = ctx;
    if (!may_see(s, client)) return false;
    put_parts(s, out);
    put_process(out);
    return true;
}
