/* Messages that are known, with what they mean and what to do: the table that a report explains warnings by.
 * A row is an id, a weight and three sentences; the patterns below lead to it. A pattern is one or two texts that the message holds, in one kind of log:
 * the formats are fixed words of nginx, gunicorn, systemd and the kernel, so regular expressions would only hide which words count. The first
 * pattern that fits counts. Sources: nginx and gunicorn, their source texts; the Elastic Beanstalk developer guide, "Viewing logs". */
#include <assert.h>
#include <stdlib.h>

#include "ops/logs_priv.h"

static const struct logs_note_row rows[] = {
    {"types_hash", LOGS_REMARK, "nginx could not build an optimal types_hash",
     "The table of MIME types does not fit into the sizes that nginx guessed. It looks types up a little slower; no answer differs.",
     "Put \"types_hash_max_size 4096;\" into nginx's configuration, as deploy/nginx/prism.conf does in its server."},
    {"response_to_disk", LOGS_REMARK, "A response was buffered to a temporary file",
     "The answer was larger than the memory that nginx has for one (proxy_buffers), so it went through a file. The reader got all of it, later.",
     "Give nginx room for the largest usual answer (proxy_buffers 32 16k), or forbid the file (proxy_max_temp_file_size 0)."},
    {"request_to_disk", LOGS_REMARK, "A request body was buffered to a temporary file",
     "An upload was larger than client_body_buffer_size, so nginx kept it in a file before passing it on. This is usual for documents.",
     "Nothing; \"proxy_request_buffering off\" passes uploads on as they come."},
    {"body_too_large", LOGS_WARNING, "Uploads were refused as too large",
     "A request was larger than client_max_body_size (1 MB unless it is set), so nginx answered 413 and the program never saw it.",
     "Set client_max_body_size to the program's own limit (MAX_CONTENT_LENGTH, 16 MiB, and the room of a form around it)."},
    {"upstream_refused", LOGS_GRAVE, "The program did not take connections",
     "nginx found nothing listening where the program should be: it had not started yet, had ended, or listens on another port. People got 502.",
     "Look at the program's own log at these times. Harmless only within a deployment, before the program was started."},
    {"upstream_timeout", LOGS_GRAVE, "The program did not answer in time",
     "nginx waited as long as proxy_read_timeout says (60 s unless it is set) and answered 504.",
     "Set proxy_read_timeout to at least the longest answer (600 s), and look at what the slow requests waited for."},
    {"upstream_closed", LOGS_GRAVE, "The program closed a connection before it had answered",
     "A worker ended, was killed or was restarted while it worked on a request. People got 502.",
     "Look for killed, restarted or crashed workers at these times."},
    {"no_live_upstream", LOGS_GRAVE, "nginx counted every upstream as dead",
     "After failures nginx asks none for a while and answers 502 itself.",
     "Find the first error of the program before these times."},
    {"nginx_connections", LOGS_GRAVE, "nginx ran out of connections or descriptors",
     "worker_connections or the limit of open files was reached; new clients were refused.",
     "Raise worker_connections and worker_rlimit_nofile; a client and its upstream need two."},
    {"nginx_config", LOGS_GRAVE, "nginx refused its configuration",
     "A line of the configuration is wrong, so nginx did not start or did not reload.",
     "Run \"nginx -t\" on the instance; the message names file and line."},
    {"healthd_missing", LOGS_REMARK, "The health agent missed its log of the hour",
     "healthd reads /var/log/nginx/healthd/application.log.<hour>, which nginx makes with the first request of that hour. Before it, the agent warns.",
     "Nothing when it is single lines at the start of an hour or of the environment. If it goes on, nginx does not write that log (log_format healthd)."},
    {"worker_timeout", LOGS_GRAVE, "A worker was ended because it did not answer in time",
     "gunicorn's arbiter heard nothing from a worker for its time limit and aborted it, with every request that it had.",
     "Find what blocked it: a call without a time limit, or work on the CPU in an asynchronous worker."},
    {"worker_killed", LOGS_GRAVE, "A worker was killed",
     "A worker ended by SIGKILL, which the kernel sends when memory is short, or the arbiter after a time limit.",
     "Look for \"Out of memory\" in messages; use fewer workers or a larger instance."},
    {"worker_recycled", LOGS_REMARK, "A worker was replaced after its number of requests",
     "gunicorn's max_requests ends a worker after so many requests, to bound leaks. What the worker kept in memory is gone.",
     "Nothing, unless sessions live in the worker's memory."},
    {"worker_boot_failed", LOGS_GRAVE, "A worker could not start",
     "The program raised an error while it was loaded, so no worker could serve.",
     "Read the first traceback before this line; often a module is missing from requirements.txt."},
    {"address_in_use", LOGS_GRAVE, "The port was taken",
     "Another process listens on the program's port; often the one before had not ended.",
     "Find it with \"ss -ltnp\"; give the old process time to end (graceful timeout)."},
    {"traceback", LOGS_WARNING, "The program raised exceptions",
     "A request or a background task ended in an exception of Python.",
     "The lines behind it in the log name the file; the last one is the error."},
    {"server_stopped", LOGS_REMARK, "The program was stopped",
     "It was told to end: a deployment, a restart or the end of the instance.", "Nothing, if somebody meant it."},
    {"server_died", LOGS_GRAVE, "The server process died",
     "prism's supervisor saw its server end by a signal or an error and started another one; work that was begun is taken up again.",
     "The line names the signal; a crash report follows it in the log."},
    {"server_not_ready", LOGS_GRAVE, "A new server process did not become ready",
     "It was started and did not say in time that it serves.",
     "The lines before it say what it waited for; often a setting or the data folder."},
    {"requests_cut", LOGS_WARNING, "Requests were cut off at the end",
     "The time for ending (PRISM_GRACEFUL_TIMEOUT) was over while requests ran.",
     "Raise it and the balancer's deregistration delay together."},
    {"request_failed", LOGS_GRAVE, "Requests ended in an error of the program's own",
     "The program answered 5xx and says why in its log.", "The line has code, reason and detail."},
    {"oom_kill", LOGS_GRAVE, "The kernel killed a process for want of memory",
     "The instance had no memory left; the kernel chose a process and ended it.",
     "Use fewer workers, a larger instance, or find what grows; add an alarm on memory."},
    {"service_restarted", LOGS_WARNING, "systemd restarted the program",
     "The program's service had ended and was started again.",
     "The lines before say how it ended; Beanstalk restarts what a Procfile names for ever."},
    {"service_failed", LOGS_GRAVE, "The program's service failed",
     "systemd saw the program's main process end with an error or by a signal.",
     "Look at the program's own log at that time."},
    {"disk_full", LOGS_GRAVE, "A disk is full", "Something could not be written because no room is left.",
     "Find what grows (df, du); logs without rotation and uploads that nobody deletes are usual."},
    {"engine_error", LOGS_GRAVE, "Beanstalk's engine reported an error",
     "A step of a deployment failed; the engine stops at the first.",
     "The message names the step; eb-hooks.log and cfn-init.log hold its output."},
    {"engine_warning", LOGS_REMARK, "Beanstalk's engine warned",
     "A step of a deployment was not as the engine likes it, and went on.", "Read it."},
    {"command_failed", LOGS_GRAVE, "A command of .ebextensions or a hook failed",
     "With ignoreErrors the deployment goes on without what it should have done.",
     "cfn-init-cmd.log or eb-hooks.log hold its output."},
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static const struct pattern {
    unsigned kinds; /* bits */
    const char *first, *second;
    const char *id;
} patterns[] = {
#define IN(kind) (1u << (kind))
    {IN(LOGS_ERROR) | IN(LOGS_ENGINE), "types_hash", NULL, "types_hash"},
    {IN(LOGS_ERROR), "upstream response is buffered to a temporary file", NULL, "response_to_disk"},
    {IN(LOGS_ERROR), "client request body is buffered to a temporary file", NULL, "request_to_disk"},
    {IN(LOGS_ERROR), "intended to send too large body", NULL, "body_too_large"},
    {IN(LOGS_ERROR), "while connecting to upstream", "refused", "upstream_refused"},
    {IN(LOGS_ERROR), "upstream timed out", NULL, "upstream_timeout"},
    {IN(LOGS_ERROR), "prematurely closed connection", "upstream", "upstream_closed"},
    {IN(LOGS_ERROR), "Connection reset by peer", "upstream", "upstream_closed"},
    {IN(LOGS_ERROR), "no live upstreams", NULL, "no_live_upstream"},
    {IN(LOGS_ERROR), "worker_connections are not enough", NULL, "nginx_connections"},
    {IN(LOGS_ERROR), "Too many open files", NULL, "nginx_connections"},
    {IN(LOGS_ERROR), "[emerg]", NULL, "nginx_config"},
    {IN(LOGS_DAEMON), "application.log", "not exist", "healthd_missing"},
    {IN(LOGS_DAEMON), "application.log", "missing", "healthd_missing"},
    {IN(LOGS_DAEMON), "application.log", "No such file", "healthd_missing"},
    {IN(LOGS_APP), "WORKER TIMEOUT", NULL, "worker_timeout"},
    {IN(LOGS_APP), "was sent SIGKILL", NULL, "worker_killed"},
    {IN(LOGS_APP), "was terminated due to signal 9", NULL, "worker_killed"},
    {IN(LOGS_APP), "Autorestarting worker", NULL, "worker_recycled"},
    {IN(LOGS_APP), "Worker failed to boot", NULL, "worker_boot_failed"},
    {IN(LOGS_APP), "Exception in worker process", NULL, "worker_boot_failed"},
    {IN(LOGS_APP), "Connection in use", NULL, "address_in_use"},
    {IN(LOGS_APP), "Address already in use", NULL, "address_in_use"},
    {IN(LOGS_APP), "Traceback (most recent call last)", NULL, "traceback"},
    {IN(LOGS_APP), "Shutting down: Master", NULL, "server_stopped"},
    {IN(LOGS_SYSTEM), "Killed process", NULL, "oom_kill"},
    {IN(LOGS_SYSTEM), "Scheduled restart job", ".service", "service_restarted"},
    {IN(LOGS_SYSTEM), "web.service", "Failed with result", "service_failed"},
    {IN(LOGS_SYSTEM), "worker.service", "Failed with result", "service_failed"},
    {IN(LOGS_ERROR) | IN(LOGS_APP) | IN(LOGS_SYSTEM) | IN(LOGS_ENGINE) | IN(LOGS_HOOKS), "No space left on device",
     NULL, "disk_full"},
#undef IN
};

size_t logs__note_count(void) { return ROWS; }

const struct logs_note_row *logs__note_row(size_t i) { return &rows[i]; }

static size_t row_of(const char *id)
{
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].id, id) == 0) return i;
    assert(!"a note that has no row");
    return 0;
}

void logs__note(struct ops_logs *l, const char *id, int64_t at, struct str line)
{
    size_t row = row_of(id);
    struct logs_note *note = &l->notes[row];
    if (note->n++ == 0) {
        *note = (struct logs_note){.n = 1, .first = at, .last = at, .file = l->file->name};
        note->example = logs__shown(l, line, LOGS_EXCERPT_MAX);
    }
    if (at == LOGS_NO_TIME) return;
    if (note->first == LOGS_NO_TIME || at < note->first) note->first = at;
    if (note->last == LOGS_NO_TIME || at > note->last) note->last = at;
    if (rows[row].level == LOGS_REMARK || l->marks.n >= LOGS_MARKS_MAX) return;
    struct logs_mark *mark = VEC_PUSH(l->a, &l->marks);
    if (mark)
        *mark = (struct logs_mark){.at = at, .note = row};
    else
        l->no_memory = true;
}

bool logs__note_known(struct ops_logs *l, enum logs_kind kind, int64_t at, struct str message)
{
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        const struct pattern *p = &patterns[i];
        if (!(p->kinds & (1u << kind)) || !logs__has(message, p->first)) continue;
        if (p->second && !logs__has(message, p->second)) continue;
        logs__note(l, p->id, at, message);
        return true;
    }
    return false;
}

/* Digits become one '#', so that the same error of two requests is one kind. */
static void put_kind_of_text(struct sb *b, struct str s)
{
    bool digit = false;
    for (size_t i = 0; i < s.n && b->n < 120; i++) {
        bool is_digit = s.p[i] >= '0' && s.p[i] <= '9';
        if (!is_digit || !digit) sb_char(b, is_digit ? '#' : s.p[i]);
        digit = is_digit;
    }
}

void logs__note_other(struct ops_logs *l, int64_t at, struct str message)
{
    CLEANUP_SB struct sb kind = SB_INIT(256);
    sb_char(&kind, ' '); /* a key is never empty */
    put_kind_of_text(&kind, message);
    if (!sb_ok(&kind)) {
        l->no_memory = true;
        return;
    }
    struct logs_other *other = map_get(&l->others, sb_view(&kind));
    if (other) {
        other->n++;
        return;
    }
    if (l->n_others >= LOGS_OTHERS_MAX) {
        l->more_others++;
        return;
    }
    struct str key = str_dup(l->a, sb_view(&kind));
    other = NEW(l->a, struct logs_other, 1);
    if (!key.p || !other || !map_put(&l->others, key, other)) {
        l->no_memory = true;
        return;
    }
    l->n_others++;
    *other = (struct logs_other){.n = 1, .first = at, .file = l->file->name};
    other->example = logs__shown(l, message, LOGS_EXCERPT_MAX);
}

static int by_example(const void *a, const void *b)
{
    const struct logs_other *x = *(const struct logs_other *const *)a, *y = *(const struct logs_other *const *)b;
    if (x->n != y->n) return x->n < y->n ? 1 : -1;
    return str_cmp(x->example, y->example);
}

const struct logs_other **logs__others(const struct ops_logs *l, size_t *n)
{
    const struct logs_other **list = NEW(l->a, const struct logs_other *, l->n_others);
    const struct map_slot *slot;
    *n = 0;
    if (!list) return NULL;
    for (size_t i = 0; (slot = map_next(&l->others, &i));)
        list[(*n)++] = slot->value;
    qsort(list, *n, sizeof list[0], by_example);
    return list;
}
