/* prism check: each configured part tried for real, without a server, or beside one that runs.
 * What the first start of the server will make is not made here: whoever checks may be another user, and the folder would then be that one's. Where a
 * server runs it has the records; that it has them is what can be said, and its GET /ready says the rest. */
#include "cmd/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "blob/blob.h"
#include "cmd/bucket.h"
#include "cmd/checks.h"
#include "cmd/options.h"
#include "cmd/say.h"
#include "cmd/serve_priv.h"
#include "store/store.h"

enum { ARENA_MAX = 64 << 20, OUT_MAX_BYTES = 1 << 20, NAME_WIDTH = 8, WIDTH = 80, SMALL_UPLOAD_BYTES = 1 << 20 };

struct values {
    bool json;
};

const struct cmd_option cmd_check_options[CMD_CHECK_OPTION_COUNT] = {
    {.name = "json",
     .kind = CMD_OPTION_FLAG,
     .offset = offsetof(struct values, json),
     .help = "Print what was found as JSON, as POST /api/v1/check answers."},
};

struct checking {
    struct arena *arena;
    struct conf conf;
    struct cmd__checks checks;
};

/* --- the parts --- */

static struct str made_at_start(struct checking *k, const char *what)
{
    return str_printf(k->arena, "%s is not there yet; the first start of the server makes it", what);
}

static enum err check_settings(struct checking *k, struct error *e)
{
    struct error why = {0};
    cmd__check_begin(&k->checks);
    if (cmd__conf_load(k->arena, &k->conf, &why) != ERR_OK) return cmd__check_failed(&k->checks, "settings", &why, e);
    struct str text = k->conf.conf_file.n
                          ? str_printf(k->arena, "the environment and %s are right", k->conf.conf_file.p)
                          : STR("the environment is right; there is no prism.conf");
    return text.p ? cmd__check_ok(&k->checks, "settings", text, e) : error_no_memory(e);
}

/* Whether something can be written there: a file that is gone again at once. */
static enum err try_folder(struct checking *k, const char *path, struct error *e)
{
    struct str name = str_printf(k->arena, "%s/.check-XXXXXX", path);
    if (!name.p) return error_no_memory(e);
    char *file = str_to_c(k->arena, name);
    if (!file) return error_no_memory(e);
    int fd = mkstemp(file);
    bool written = fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0;
    int cause = errno;
    bool room = fd < 0 || fs_has_room(fd, SMALL_UPLOAD_BYTES);
    if (fd >= 0) (void)close(fd);
    if (fd >= 0) (void)unlink(file);
    if (!written) {
        (void)error_set_reason(e, ERR_STORAGE, "files_readonly", "nothing can be written into %s: %s", path,
                               strerrordesc_np(cause));
        return error_hint(e, "Give the folder to the user that runs the server, or set PRISM_DATA to another.");
    }
    if (room) return ERR_OK;
    (void)error_set_reason(e, ERR_STORAGE, "files_full", "there is no room left on the disk of %s", path);
    return error_hint(e, "Make room, or set PRISM_DATA to a folder on a larger disk.");
}

static enum err check_data(struct checking *k, struct error *e)
{
    struct error why = {0};
    const char *path = k->conf.data_folder.p;
    struct str text = str_printf(k->arena, "%s can be written, and there is room", path);
    enum err tried = ERR_OK;
    cmd__check_begin(&k->checks);
    switch (fs_kind(path)) {
    case FS_MISSING: text = made_at_start(k, path); break;
    case FS_FOLDER: tried = try_folder(k, path, &why); break;
    case FS_FILE:
    case FS_OTHER:
        tried = error_set_reason(&why, ERR_INVALID, "bad_setting", "%s is no folder", path);
        (void)error_hint(&why, "Set PRISM_DATA to a folder.");
    }
    if (!text.p) return error_no_memory(e);
    return cmd__check_tried(&k->checks, "data", text, tried, &why, e);
}

/* The records, unless a server has them. */
static enum err try_store(struct checking *k, struct str *text, struct error *e)
{
    int lock = -1;
    struct store *store = NULL;
    enum err err = store_lock_take(k->conf.data_folder.p, &lock, e);
    if (err == ERR_CONFLICT && strcmp(e->reason, "store_in_use") == 0) {
        *e = (struct error){0};
        *text = STR("a server that runs has them; its GET /ready says how they are");
        return ERR_OK;
    }
    if (err != ERR_OK) return err;
    const struct store_options o = {.folder = k->conf.data_folder.p, .lock_fd = lock, .readers = 1};
    err = store_open(&o, &store, e);
    if (err == ERR_OK) err = store_probe(store, e);
    store_close(store);
    (void)close(lock);
    return err;
}

static enum err check_store(struct checking *k, struct error *e)
{
    struct error why = {0};
    struct str text = STR("records can be read and written"),
               file = str_printf(k->arena, "%s/" STORE_FILE, k->conf.data_folder.p);
    if (!file.p) return error_no_memory(e);
    enum err tried = ERR_OK;
    cmd__check_begin(&k->checks);
    if (fs_kind(file.p) == FS_MISSING)
        text = made_at_start(k, "the file of records");
    else
        tried = try_store(k, &text, &why);
    if (!text.p) return error_no_memory(e);
    return cmd__check_tried(&k->checks, "store", text, tried, &why, e);
}

static enum err check_files(struct checking *k, struct error *e)
{
    struct error why = {0};
    struct blob *blob = NULL;
    struct str text = STR("files can be kept"), folder = str_printf(k->arena, "%s/files", k->conf.data_folder.p);
    if (!folder.p) return error_no_memory(e);
    enum err tried = ERR_OK;
    cmd__check_begin(&k->checks);
    if (fs_kind(folder.p) == FS_MISSING)
        text = made_at_start(k, "the folder of files");
    else
        tried = blob_folder_open(folder.p, &blob, &why);
    if (blob) tried = blob_probe(blob, &why);
    blob_free(blob);
    if (!text.p) return error_no_memory(e);
    return cmd__check_tried(&k->checks, "files", text, tried, &why, e);
}

static enum err check_bucket(struct checking *k, struct error *e)
{
    struct error why = {0};
    struct cmd__bucket *bucket = NULL;
    cmd__check_begin(&k->checks);
    enum err err = cmd__bucket_plan(&k->conf, k->arena, &bucket, &why);
    if (err == ERR_OK && !bucket) return ERR_OK;
    if (err == ERR_OK) err = cmd__bucket_open(bucket, &why);
    enum err told =
        err == ERR_OK ? cmd__check_bucket(&k->checks, bucket, e) : cmd__check_failed(&k->checks, "s3", &why, e);
    cmd__bucket_close(bucket);
    return told;
}

static enum err check_models(struct checking *k, struct error *e)
{
    struct error why = {0};
    struct cmd__models *plan = NULL;
    cmd__check_begin(&k->checks);
    enum err err = cmd__models_plan(&k->conf, k->arena, &plan, &why);
    if (err == ERR_OK && plan) err = cmd__models_open(plan, NULL, NULL, NULL, &why);
    enum err told =
        err == ERR_OK ? cmd__check_models(&k->checks, plan, e) : cmd__check_failed(&k->checks, "model", &why, e);
    cmd__models_close(plan);
    return told;
}

/* With wrong settings nothing else is known. */
static enum err check_all(struct checking *k, struct error *e)
{
    TRY(check_settings(k, e));
    if (k->checks.parts.at[0].state == API_CHECKED_FAILED) return ERR_OK;
    TRY(check_data(k, e));
    TRY(check_store(k, e));
    TRY(check_files(k, e));
    TRY(check_bucket(k, e));
    return check_models(k, e);
}

/* --- saying it --- */

static bool is_all_well(const struct cmd__checks *c)
{
    for (size_t i = 0; i < c->parts.n; i++)
        if (c->parts.at[i].state == API_CHECKED_FAILED) return false;
    return true;
}

static void put_text(const struct cmd__checks *c, struct sb *b)
{
    static const char *const words[] = {
        [API_CHECKED_OK] = "ok", [API_CHECKED_FAILED] = "FAILED", [API_CHECKED_NONE] = "none"};
    for (size_t i = 0; i < c->parts.n; i++) {
        const struct api_checked *p = &c->parts.at[i];
        sb_printf(b, "%-*s  %-6s  ", NAME_WIDTH, p->part, words[p->state]);
        if (p->model.n && p->state == API_CHECKED_OK) sb_printf(b, "%.*s: ", STR_ARG(p->model));
        sb_str(b, p->message);
        if (p->model.n) sb_printf(b, " [%lld ms]", (long long)p->ms);
        sb_char(b, '\n');
        if (p->hint.n) sb_printf(b, "%*s  -> %.*s\n", NAME_WIDTH + 8, "", STR_ARG(p->hint));
        if (p->detail.n) sb_printf(b, "%*s     (%.*s)\n", NAME_WIDTH + 8, "", STR_ARG(p->detail));
    }
}

static void put_json(const struct cmd__checks *c, struct sb *b)
{
    struct json_out o = json_out_make(b, true);
    json_out_begin_object(&o, NULL);
    json_out_begin_array(&o, "parts");
    for (size_t i = 0; i < c->parts.n; i++) {
        const struct api_checked *p = &c->parts.at[i];
        json_out_begin_object(&o, NULL);
        json_out_c(&o, "part", p->part);
        if (p->model.n) json_out_str(&o, "model", p->model);
        json_out_c(&o, "state", api_checked_state_name(p->state));
        json_out_i64(&o, "ms", p->ms);
        json_out_str(&o, "message", p->message);
        json_out_str(&o, "hint", p->hint);
        json_out_str(&o, "reason", p->reason);
        json_out_end_object(&o);
    }
    json_out_end_array(&o);
    json_out_end_object(&o);
    sb_char(b, '\n');
}

static enum err run(const struct cmd_command *self, int argc, char **argv, struct arena *a, int *ret_code,
                    struct error *e)
{
    struct values values = {0};
    struct cmd_operands words;
    struct checking k = {.arena = a, .checks = {.arena = a}};
    CLEANUP_SB struct sb out = SB_INIT(OUT_MAX_BYTES);
    TRY(cmd_options_parse(self, argc, argv, &values, &words, e));
    if (words.n > 0) return error_set_reason(e, ERR_INVALID, "bad_option", "prism check takes no arguments");
    TRY(check_all(&k, e));
    if (values.json)
        put_json(&k.checks, &out);
    else
        put_text(&k.checks, &out);
    if (!sb_ok(&out)) return error_no_memory(e);
    *ret_code = is_all_well(&k.checks) ? CMD_EXIT_OK : CMD_EXIT_FINDINGS;
    return cmd_print(sb_view(&out), e);
}

int cmd_check(const struct cmd_command *self, int argc, char **argv)
{
    return cmd_in_arena(self, argc, argv, ARENA_MAX, run);
}
