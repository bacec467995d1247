/* What GET /status tells that only this room knows: how each part is, this process, the last hour by the minute, and how large the data folder is.
 * A thread ends each minute (base/minutes.h), so that an hour is there when somebody looks for the first time. The folder is measured when somebody looks, at most
 * once in MEASURE_MS, as that walks through all files. */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/pool.h"
#include "base/time.h"
#include "blob/blob.h"
#include "cmd/serve_priv.h"
#include "rules/rules.h"
#include "store/store.h"

enum { MEASURE_MS = 30000, PARTS_MAX = 8, LOW_ROOM_BYTES = 256 << 20 };

struct cmd__status {
    struct cmd__server *server;
    struct str name;
    pthread_t thread;
    struct lock lock;
    struct lock_cond ending;
    bool end;               /* by lock */
    struct minutes minutes; /* by lock */
    struct api_room room;   /* by lock */
};

/* --- the last hour --- */

static void read_totals(const struct cmd__status *s, struct minutes_totals *ret)
{
    struct api_totals t;
    api_totals(s->server->api, &t);
    *ret = (struct minutes_totals){
        .requests = t.requests, .errors_4xx = t.status[4], .errors_5xx = t.status[5], .took = t.took};
}

static void *work(void *ctx)
{
    struct cmd__status *s = ctx;
    struct minutes_totals totals;
    lock_take(&s->lock);
    while (!s->end) {
        int64_t left_ms = MINUTE_MS - time_now_unix_ms() % MINUTE_MS;
        int64_t due = time_monotonic_ns() + left_ms * 1000000;
        while (!s->end && lock_cond_wait_until(&s->ending, &s->lock, due))
            ;
        if (s->end) break;
        read_totals(s, &totals);
        minutes_turn(&s->minutes, time_now_unix_ms(), &totals);
    }
    lock_give(&s->lock);
    return NULL;
}

enum err cmd__status_start(struct cmd__server *server, struct error *e)
{
    struct cmd__status *s = NEW(server->arena, struct cmd__status, 1);
    if (!s) return error_no_memory(e);
    s->server = server;
    s->name = cmd__instance(server);
    lock_init(&s->lock, LOCK_RANK_STATUS);
    lock_cond_init(&s->ending);
    minutes_begin(&s->minutes, time_now_unix_ms());
    if (pthread_create(&s->thread, NULL, work, s) == 0) {
        server->status = s;
        return ERR_OK;
    }
    lock_cond_done(&s->ending);
    lock_done(&s->lock);
    return error_set_reason(e, ERR_LIMIT, "no_thread", "could not start a thread for the status");
}

void cmd__status_stop(struct cmd__server *server)
{
    struct cmd__status *s = server->status;
    if (!s) return;
    lock_take(&s->lock);
    s->end = true;
    lock_cond_signal(&s->ending);
    lock_give(&s->lock);
    (void)pthread_join(s->thread, NULL);
    lock_cond_done(&s->ending);
    lock_done(&s->lock);
}

/* --- room --- */

/* Bytes of the files below; a folder of another name than `but`. Folders are a few deep; what cannot be read is nothing. */
static uint64_t bytes_below(int at, const char *name, const char *but, unsigned depth)
{
    uint64_t sum = 0;
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry = NULL;
    if (!folder) {
        if (fd >= 0) close(fd);
        return 0;
    }
    while ((entry = readdir(folder))) {
        struct stat st;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        if (but && strcmp(entry->d_name, but) == 0) continue;
        if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (S_ISREG(st.st_mode)) sum += (uint64_t)st.st_size;
        if (S_ISDIR(st.st_mode) && depth > 0) sum += bytes_below(fd, entry->d_name, NULL, depth - 1);
    }
    closedir(folder);
    return sum;
}

static void measure(const char *folder, struct api_room *ret)
{
    struct statvfs disk = {0};
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    *ret = (struct api_room){.measured_unix_ms = time_now_unix_ms()};
    if (fd < 0) return;
    ret->store_bytes = bytes_below(fd, ".", "files", 0);
    ret->files_bytes = bytes_below(fd, "files", "tmp", 1);
    ret->temp_bytes = bytes_below(fd, "files/tmp", NULL, 0);
    if (fstatvfs(fd, &disk) == 0) {
        ret->free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
        ret->disk_bytes = (uint64_t)disk.f_blocks * disk.f_frsize;
    }
    close(fd);
}

/* --- parts --- */

struct parts {
    struct arena *a;
    struct api_part *at;
    size_t n;
};

static void add(struct parts *p, const char *name, enum api_part_state state, struct str message, struct str hint)
{
    p->at[p->n++] = (struct api_part){name, state, message, hint};
}

/* What trying it has returned. */
static void add_tried(struct parts *p, const char *name, enum err tried, const struct error *why)
{
    bool ok = tried == ERR_OK;
    add(p, name, ok ? API_PART_OK : API_PART_FAILED, ok ? STR("") : str_dup(p->a, str_from_c(why->message)),
        ok ? STR("") : str_dup(p->a, str_from_c(why->hint)));
}

static void add_models(struct parts *p, const struct cmd__server *s)
{
    struct ai_model_state *at = NULL;
    size_t n = 0, well = 0;
    const struct cmd__models *models = cmd__server_models_plan_of(s);
    if (!models) {
        add(p, "models", API_PART_NONE, STR("the rules review alone"), STR(""));
        return;
    }
    if (ai_router_models(models->router, p->a, &at, &n, NULL) != ERR_OK) n = 0;
    for (size_t i = 0; i < n; i++)
        well += at[i].health == AI_WELL;
    add(p, "models", well > 0 ? API_PART_OK : API_PART_FAILED, str_printf(p->a, "%zu of %zu are well", well, n),
        well > 0 ? STR("") : STR("What the models say stands beside each of them; \"prism check\" tries them."));
}

static void add_disk(struct parts *p, const struct cmd__server *s, const struct api_room *room)
{
    struct error why = {0};
    enum err tried = store_room(s->store, LOW_ROOM_BYTES, &why);
    if (tried != ERR_OK && room->free_bytes > 0)
        add(p, "disk", API_PART_FAILED, STR("there is little room left: uploads are refused before records are"),
            STR("Make room on the disk of the data folder, or keep documents for fewer days (PRISM_RETENTION_DAYS)."));
    else
        add_tried(p, "disk", tried, &why);
}

static enum err find_parts(const struct cmd__server *s, const struct api_room *room, struct parts *p, struct error *e)
{
    struct error why = {0};
    p->at = NEW(p->a, struct api_part, PARTS_MAX);
    if (!p->at) return error_no_memory(e);
    enum err tried = store_probe(s->store, &why);
    add_tried(p, "store", tried, &why);
    tried = blob_probe(s->blob, &why);
    add_tried(p, "files", tried, &why);
    add_disk(p, s, room);
    add(p, "rules", API_PART_OK, str_printf(p->a, "%zu rules, %zu frameworks", rules_count(), s->context.frameworks.n),
        STR(""));
    add(p, "bus", API_PART_OK, STR("within this process"), STR(""));
    add_models(p, s);
    if (s->bucket)
        add(p, "bucket", API_PART_UNTRIED, s->conf.s3_bucket,
            STR("\"Check now\" in the settings of the page tries it."));
    else
        add(p, "bucket", API_PART_NONE, STR("packages are downloads alone"), STR(""));
    return ERR_OK;
}

/* --- all of it --- */

static struct api_instance self(const struct cmd__server *s)
{
    const struct ops_child_restarts restarts = ops_child_restarts();
    return (struct api_instance){
        .name = s->status->name,
        .pid = getpid(),
        .began_unix_ms = s->began_unix_ms,
        .restarts = restarts.deaths,
        .reloads = restarts.reloads,
        .memory_bytes = cmd__memory_bytes(),
        .connections = s->net ? net_server_connections(s->net) : 0,
        .connections_max = s->conf.max_connections,
        .workers = pool_threads(s->pool),
        .workers_busy = pool_busy(s->pool),
        .requests_waiting = pool_waiting(s->pool),
    };
}

enum err cmd__server_status(void *ctx, struct arena *a, struct api_status *ret, struct error *e)
{
    struct cmd__server *server = ctx;
    struct cmd__status *s = server->status;
    struct minutes_totals totals;
    struct parts parts = {.a = a};
    int64_t now = time_now_unix_ms();
    lock_take(&s->lock);
    read_totals(s, &totals);
    minutes_turn(&s->minutes, now, &totals);
    ret->minutes_from_unix_ms = minutes_read(&s->minutes, &totals, ret->minutes);
    ret->room = s->room;
    lock_give(&s->lock);
    if (now - ret->room.measured_unix_ms >= MEASURE_MS || now < ret->room.measured_unix_ms) {
        measure(server->conf.data_folder.p, &ret->room);
        lock_take(&s->lock);
        s->room = ret->room;
        lock_give(&s->lock);
    }
    TRY(find_parts(server, &ret->room, &parts, e));
    ret->parts = parts.at;
    ret->n_parts = parts.n;
    ret->self = self(server);
    ret->retention = retention_state(server->retention);
    return ERR_OK;
}
