/* prism serve: a supervisor (serve_supervise.c), and under it, started with the same command, the server process. That one is here: it makes every
 * part of the server in the order in which they need each other, waits for a signal, and takes them down in reverse.
 *
 *   settings -> log -> store -> files -> traces -> bus -> rules -> events -> models -> jobs -> retention -> pool -> interface -> network
 *   -> metrics
 *
 * What takes long is not waited for: the dictionary is loaded in the background, so the first answer comes within milliseconds of the start.
 * SIGTERM stops taking requests, lets what has begun end, and leaves; a second one to the supervisor kills it, which loses nothing acknowledged (the
 * store's promise). SIGUSR2 is the same when another server takes the connections: then clients may use theirs once more.
 * The umask is 077: documents are for the one who runs the server alone. */
#include "cmd/serve.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "auth/visitor.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/time.h"
#include "blob/blob.h"
#include "bus/bus.h"
#include "cmd/options.h"
#include "cmd/pages.h"
#include "cmd/say.h"
#include "cmd/serve_priv.h"
#include "ops/child.h"
#include "ops/crash.h"
#include "ops/program.h"
#include "review/chat.h"
#include "review/events.h"
#include "review/jobs.h"
#include "review/retention.h"
#include "rules/rules.h"
#include "store/store.h"
#include "telemetry/exporter.h"

enum {
    ARENA_MAX = 64 << 20,
    SETTINGS_MAX_BYTES = 1 << 20,
    QUEUE_A_WORKER = 64,     /* requests that may wait for each worker */
    REQUEST_MAX = 512 << 20, /* bytes of memory of one request: the content of the largest document as JSON */
    DRAIN_IDLE_MS = 3000,    /* of a server that is replaced: for clients to use an idle connection once more */
    MODEL_READERS = 8,
    SWEEP_OLDER_MS = 3600000, /* than any upload takes */
};

/* --- one part after the other --- */

static enum err open_store(struct cmd__server *s, struct error *e)
{
    const struct conf *c = &s->conf;
    struct store_options o = {
        .folder = c->data_folder.p,
        .lock_fd = OPS_FD_LOCK,
        /* and the events' thread, one to spare, and some for the many that wait for models */
        .readers = (unsigned)(c->workers + c->job_workers + 2) + (s->models ? MODEL_READERS : 0),
    };
    return store_open(&o, &s->store, e);
}

static enum err open_files(struct cmd__server *s, struct error *e)
{
    size_t removed = 0;
    struct error swept = {0};
    struct str folder = str_printf(s->arena, "%s/files", s->conf.data_folder.p);
    if (!folder.p) return error_no_memory(e);
    TRY(blob_folder_open(folder.p, &s->blob, e));
    if (blob_sweep(s->blob, SWEEP_OLDER_MS, &removed, &swept) != ERR_OK) log_warn("sweep_failed", L_ERROR(&swept));
    if (removed) log_info("swept", L_U64("files", removed));
    return ERR_OK;
}

static enum err load_rules(struct cmd__server *s, struct error *e)
{
    struct rules_options o = {.dictionary_folder = ops_program_dictionary(), .load_in_background = true};
    struct str path = s->conf.rules_file, text;
    if (path.n > 0) {
        TRY(fs_read(s->arena, path.p, SETTINGS_MAX_BYTES, &text, e));
        if (json_parse(s->arena, text, &o.settings, e) != ERR_OK) return error_prefix(e, "%s", path.p);
    }
    enum err err = rules_engine_new(&o, &s->engine, e);
    return err != ERR_OK && path.n > 0 ? error_prefix(e, "%s", path.p) : err;
}

static enum err choose_framework(struct cmd__server *s, struct error *e)
{
    struct str name = s->conf.framework;
    TRY(frameworks_load(s->arena, &s->context.frameworks, e));
    if (name.n == 0) return ERR_OK;
    s->context.framework = frameworks_find(&s->context.frameworks, name);
    if (s->context.framework) return ERR_OK;
    error_set_reason(e, ERR_INVALID, "bad_setting", "PRISM_FRAMEWORK: there is no framework \"%.*s\"", STR_ARG(name));
    return error_hint(e, "\"prism framework list\" lists those that there are.");
}

static enum err open_bucket(struct cmd__server *s, struct error *e)
{
    if (!s->bucket) return ERR_OK;
    TRY(cmd__bucket_open(s->bucket, e));
    s->context.bucket = &s->bucket->domain;
    log_info("bucket", L_STR("name", s->conf.s3_bucket), L_STR("region", s->bucket->region),
             L_STR("base_path", s->conf.s3_base_path));
    return ERR_OK;
}

static enum err start_domain(struct cmd__server *s, struct error *e)
{
    struct bus_local_options bus = BUS_LOCAL_DEFAULTS;
    struct jobs_options jobs = JOBS_DEFAULTS;
    const struct chat_options chat = {.alone = s->kind == OPS_CHILD_FIRST};
    jobs.threads = s->conf.job_workers;
    if (s->models) jobs.model_threads = s->conf.model_workers;
    TRY(bus_local_new(&bus, &s->bus, e));
    TRY(load_rules(s, e));
    s->context =
        (struct review_context){.store = s->store,
                                .blob = s->blob,
                                .bus = s->bus,
                                .engine = s->engine,
                                .limits = DOC_LIMITS_DEFAULT,
                                .retention = {.days = (unsigned)s->conf.retention_days,
                                              .records = s->conf.retention_records == CONF_RETENTION_RECORDS_REMOVE},
                                .now_unix_ms = time_now_unix_ms};
    if (s->context.limits.max_file_bytes > s->conf.max_content_bytes)
        s->context.limits.max_file_bytes = s->conf.max_content_bytes;
    TRY(choose_framework(s, e));
    TRY(events_new(&s->context, &s->events, e));
    s->context.events = s->events;
    s->context.export_counts = &s->export_counts;
    TRY(open_bucket(s, e));
    TRY(cmd__server_models_start(s, e));
    TRY(chat_new(&s->context, &chat, &s->chat, e));
    s->context.chat = s->chat;
    TRY(jobs_new(&s->context, &jobs, &s->jobs, e));
    s->context.jobs = s->jobs;
    return retention_new(&s->context, &s->retention, e);
}

static bool is_loopback(struct str address) { return str_starts(address, STR("127.")) || str_eq_c(address, "::1"); }

static enum err probe_store(void *ctx, struct error *e) { return store_probe(ctx, e); }
static enum err probe_files(void *ctx, struct error *e) { return blob_probe(ctx, e); }

static enum err start_network(struct cmd__server *s, struct error *e)
{
    const struct conf *c = &s->conf;
    s->probes[0] = (struct api_probe){"store", probe_store, s->store};
    s->probes[1] = (struct api_probe){"files", probe_files, s->blob};
    struct net_options net = {.listen_fd = OPS_FD_LISTEN,
                              .on_error = api_on_error,
                              .on_done = api_on_done,
                              .io_threads = c->io_threads,
                              .max_connections = c->max_connections,
                              .max_connections_per_client = c->max_connections_per_client,
                              .max_uploads = c->max_uploads,
                              .head_timeout_ms = (unsigned)c->head_timeout_s * 1000,
                              .body_timeout_ms = (unsigned)c->body_timeout_s * 1000,
                              .idle_timeout_ms = (unsigned)c->idle_timeout_s * 1000,
                              .whole_timeout_ms = (unsigned)c->request_timeout_s * 1000,
                              .request_max_bytes = REQUEST_MAX,
                              .base_path = c->base_path,
                              .temp_folder = c->data_folder.p};
    TRY(cmd__tls_load(c, s->arena, s->kind == OPS_CHILD_NEXT, &net.tls, e));
    if (net.tls) cmd__tls_warn(c, net.tls);
    TRY(pool_new(c->workers, c->workers * QUEUE_A_WORKER, &s->pool, e));
    struct api_options api = {.review = &s->context,
                              .pool = s->pool,
                              .max_upload_bytes = c->max_content_bytes,
                              .visitor_idle_ms =
                                  is_loopback(c->bind) ? VISITOR_LOOPBACK_MS : (int64_t)c->session_timeout_s * 1000,
                              .secure_cookies = c->secure_cookies == CONF_SECURE_COOKIES_ALWAYS,
                              .stopping = &s->stopping,
                              .probes = s->probes,
                              .n_probes = sizeof s->probes / sizeof *s->probes,
                              .access_log = (enum api_access_log)c->access_log,
                              .metrics = cmd__metrics,
                              .metrics_ctx = s,
                              .models = cmd__server_models_api(s),
                              .admin_token = c->admin_token,
                              .local = is_loopback(c->bind),
                              .check = cmd__server_check,
                              .check_ctx = s,
                              .status = cmd__server_status,
                              .status_ctx = s,
                              .base_path = c->base_path,
                              .assets = cmd__pages,
                              .n_assets = cmd__page_n};
    TRY(api_new(s->arena, &api, &s->api, e));
    TRY(cmd__status_start(s, e));
    net.routes = api_routes(s->api, &net.n_routes);
    net.pool = s->pool;
    net.ctx = s->api;
    TRY(cmd__allowed_hosts(c, s->arena, &net.allowed_hosts, &net.n_allowed_hosts, e));
    TRY(cmd__trusted_proxies(c, s->arena, &net.trusted_proxies, &net.n_trusted_proxies, e));
    struct net_server *made = NULL;
    TRY(net_server_new(&net, &made, e));
    s->net = made;
    return ERR_OK;
}

/* --- up and down --- */

static enum err start(struct cmd__server *s, struct error *e)
{
    TRY(cmd__conf_load(s->arena, &s->conf, e));
    TRY(cmd__logs_open(&s->conf, true, e));
    log_start(STDERR_FILENO, (enum log_level)s->conf.log_level, (enum log_format)s->conf.log_format);
    for (size_t i = 0; i < s->conf.notes.n; i++)
        log_info("setting", L_STR("note", s->conf.notes.at[i]));
    TRY(cmd__server_models_plan(s, e));
    TRY(cmd__bucket_plan(&s->conf, s->arena, &s->bucket, e));
    TRY(open_store(s, e));
    TRY(open_files(s, e));
    TRY(cmd__traces_start(s, e));
    TRY(start_domain(s, e));
    TRY(start_network(s, e));
    return cmd__metrics_start(s, e);
}

static void stop(struct cmd__server *s)
{
    cmd__emf_stop(s);
    chat_end(s->chat);
    cmd__server_models_stop(s);
    net_server_free(s->net);
    pool_free(s->pool);
    cmd__status_stop(s);
    api_done(s->api);
    chat_free(s->chat);
    retention_free(s->retention);
    jobs_free(s->jobs);
    cmd__bucket_close(s->bucket);
    events_free(s->events);
    cmd__server_models_free(s);
    bus_free(s->bus);
    rules_engine_free(s->engine);
    blob_free(s->blob);
    store_close(s->store);
    exporter_free(s->exporter);
}

/* What the person at the terminal wants to know, in one line. */
static enum err say_where(const struct cmd__server *s, struct error *e)
{
    struct str at = s->conf.bind;
    bool all = str_eq_c(at, "0.0.0.0") || str_eq_c(at, "::");
    if (all) at = STR("127.0.0.1");
    bool six = str_find_char(at, ':', 0) != STR_NONE;
    struct str line =
        str_printf(s->arena, "prism serves on %s://%s%s%s:%u%s (documents are kept in %s)\n",
                   s->conf.tls_cert.n ? "https" : "http", six ? "[" : "", at.p, six ? "]" : "", net_server_port(s->net),
                   all ? " and the other addresses of this machine" : "", s->conf.data_folder.p);
    if (!line.p) return error_no_memory(e);
    log_info("started", L_C("version", PRISM_VERSION), L_STR("bind", s->conf.bind),
             L_U64("port", net_server_port(s->net)), L_I64("pid", getpid()));
    if (s->conf.access_log_file.n) return ERR_OK; /* nobody reads standard output */
    TRY(cmd_print(line, e));
    struct str models = cmd__server_models_say(s);
    return models.p ? cmd_print(models, e) : error_no_memory(e);
}

static void signals_to_wait_for(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT); /* of a terminal: the supervisor says SIGTERM too */
    sigaddset(set, SIGHUP); /* of a terminal that is closed: the supervisor's affair */
    sigaddset(set, SIGUSR2);
    sigaddset(set, SIGUSR1); /* not waited for: its handler runs on this thread alone */
}

/* What comes after the first stays blocked: systemd without KillMode=mixed, as on Elastic Beanstalk, tells every process of a service, and the supervisor
 * tells this one again. An end at once is the supervisor's, by SIGKILL. */
static int wait_for_end(void)
{
    sigset_t set, reopen;
    int signal_number = 0;
    signals_to_wait_for(&set);
    sigdelset(&set, SIGUSR1);
    sigemptyset(&reopen);
    sigaddset(&reopen, SIGUSR1);
    (void)pthread_sigmask(SIG_UNBLOCK, &reopen, NULL);
    while (sigwait(&set, &signal_number) != 0 || signal_number == SIGHUP || signal_number == SIGINT)
        ;
    log_info("ending", L_C("signal", sigabbrev_np(signal_number)));
    return signal_number;
}

static void drain(struct cmd__server *s, bool replaced)
{
    int64_t until_ns = time_monotonic_ns() + (int64_t)s->conf.graceful_timeout_s * 1000000000;
    if (!replaced) atomic_store(&s->stopping, true);
    if (!net_server_drain(s->net, (unsigned)s->conf.graceful_timeout_s * 1000, replaced ? DRAIN_IDLE_MS : 0))
        log_warn("requests_cut", L_U64("connections", net_server_connections(s->net)));
    int64_t left_ms = (until_ns - time_monotonic_ns()) / 1000000;
    if (!jobs_drain(s->jobs, left_ms > 0 ? left_ms : 0))
        log_warn("jobs_left", L_C("what", "the next server begins them again"));
    left_ms = (until_ns - time_monotonic_ns()) / 1000000;
    if (!chat_drain(s->chat, left_ms > 0 ? left_ms : 0)) log_warn("answers_cut");
}

static int serve(enum ops_child_kind kind)
{
    struct error e = {0};
    sigset_t set;
    struct cmd__server s = {.arena = arena_new(ARENA_MAX), .kind = kind, .began_unix_ms = time_now_unix_ms()};
    signals_to_wait_for(&set);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL); /* before the first thread, which inherit it */
    enum err err = s.arena ? start(&s, &e) : error_no_memory(&e);
    if (err == ERR_OK && kind == OPS_CHILD_FIRST) err = say_where(&s, &e);
    if (err == ERR_OK) {
        ops_child_ready();
        drain(&s, wait_for_end() == SIGUSR2);
    }
    stop(&s);
    if (err == ERR_OK) log_info("ended");
    log_stop();
    if (err != ERR_OK) cmd_say_error(NULL, &e);
    (void)cmd__logs_leave();
    arena_free(s.arena);
    return cmd_exit_of(err);
}

int cmd_serve(const struct cmd_command *self, int argc, char **argv)
{
    struct error e = {0};
    struct cmd_operands words;
    enum ops_child_kind kind = ops_child_take();
    (void)umask(077);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGUSR1, SIG_IGN); /* until log files are open */
    ops_crash_report();
    if (kind != OPS_CHILD_NONE) return serve(kind);
    enum err err = cmd_options_parse(self, argc, argv, NULL, &words, &e);
    int code = 0;
    if (err == ERR_OK && words.n > 0)
        err = error_set_reason(&e, ERR_INVALID, "bad_option",
                               "prism serve takes no arguments; settings are environment variables");
    if (err == ERR_OK) err = cmd__supervise(&code, &e);
    if (err != ERR_OK) cmd_say_error(NULL, &e);
    bool terminal = cmd__logs_leave(); /* who has started it reads there why it does not run */
    if (err == ERR_OK && code && terminal) cmd_say("the server could not start; its log file says why");
    if (err == ERR_OK) return code;
    if (terminal) cmd_say_error(NULL, &e);
    return cmd_exit_of(err);
}
