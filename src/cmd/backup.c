/* prism backup FOLDER, prism restore FOLDER: everything that is kept, of a server that goes on serving, and back.
 * A backup is a folder: the store as of one moment, the files, prism.conf, and last of all a manifest with the SHA-256 of each; without it, it is none.
 * Files never change once they are there, so those that are there before the store is copied and those that came meanwhile are together all that the
 * copy of the store names. What was deleted in between is copied for nothing, and swept by the server that is restored.
 * A restore checks every file against the manifest before it touches the data folder, which must hold no store, and holds its lock meanwhile.
 * Rejected: one archive file (tar does that, and rsync of a folder only carries what is new); stopping the server. */
#include "cmd/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/time.h"
#include "cmd/options.h"
#include "cmd/say.h"
#include "cmd/serve_priv.h"
#include "store/store.h"

#define MANIFEST "manifest.json"
#define FORMAT   "prism-backup/1"

enum { ARENA_MAX = 1 << 30, MANIFEST_MAX_BYTES = 256 << 20, COPY_BYTES = 1 << 20 };

struct copying {
    struct arena *a;
    const char *from, *to; /* folders */
    struct sb list;        /* of the manifest */
    struct json_out o;
    size_t n;
    uint64_t bytes;
};

/* --- one file --- */

static enum err failed(const char *what, const char *path, struct error *e)
{
    int cause = errno;
    bool room = cause == ENOSPC || cause == EDQUOT;
    return error_set_reason(e, room ? ERR_STORAGE : ERR_INVALID, room ? "disk_full" : "file_not_usable",
                            "could not %s \"%s\": %s", what, path, strerrordesc_np(cause));
}

static enum err copy_bytes(int in, int out, const char *path, struct error *e)
{
    for (;;) {
        ssize_t n = copy_file_range(in, NULL, out, NULL, COPY_BYTES, 0);
        if (n == 0) return ERR_OK;
        if (n < 0 && errno != EINTR) break;
    }
    if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) return failed("copy", path, e);
    char room[65536]; /* between file systems that cannot do it themselves */
    for (;;) {
        ssize_t n = read(in, room, sizeof room);
        if (n == 0) return ERR_OK;
        if (n < 0 || write(out, room, (size_t)n) != n) return failed("copy", path, e);
    }
}

/* On disk when it returns. */
static enum err copy_file(const char *from, const char *to, struct error *e)
{
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (in < 0) return failed("open", from, e);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum err err = out < 0 ? failed("make", to, e) : copy_bytes(in, out, to, e);
    if (err == ERR_OK && fsync(out) != 0) err = failed("write", to, e);
    if (out >= 0 && close(out) != 0 && err == ERR_OK) err = failed("write", to, e);
    close(in);
    return err;
}

static enum err hash_file(const char *path, char ret[HASH_SHA256_HEX + 1], uint64_t *ret_bytes, struct error *e)
{
    struct stat s;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &s) != 0) {
        enum err err = failed("read", path, e);
        if (fd >= 0) close(fd);
        return err;
    }
    size_t n = (size_t)s.st_size;
    void *at = n > 0 ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    enum err err = at == MAP_FAILED ? failed("read", path, e) : hash_sha256_hex((struct str){at, n}, ret, e);
    if (n > 0 && at != MAP_FAILED) munmap(at, n);
    close(fd);
    *ret_bytes = n;
    return err;
}

static char *join(struct arena *a, const char *folder, struct str name)
{
    struct str path = str_printf(a, "%s/%.*s", folder, STR_ARG(name));
    return path.p ? str_to_c(a, path) : NULL;
}

static enum err list_file(struct copying *c, struct str name, struct error *e)
{
    char hash[HASH_SHA256_HEX + 1];
    uint64_t bytes = 0;
    char *path = join(c->a, c->to, name);
    if (!path) return error_no_memory(e);
    TRY(hash_file(path, hash, &bytes, e));
    json_out_begin_object(&c->o, NULL);
    json_out_str(&c->o, "path", name);
    json_out_u64(&c->o, "bytes", bytes);
    json_out_c(&c->o, "sha256", hash);
    json_out_end_object(&c->o);
    c->n++;
    c->bytes += bytes;
    return ERR_OK;
}

/* --- backup --- */

static enum err make_parent(char *path, struct error *e)
{
    char *slash = strrchr(path, '/');
    *slash = 0;
    enum err err = fs_make_folders(path, e);
    *slash = '/';
    return err;
}

/* Those of the data folder's files that the backup does not have yet. */
static enum err copy_new_files(struct copying *c, struct error *e)
{
    struct fs_list list = {0};
    char *folder = join(c->a, c->from, STR("files"));
    if (!folder) return error_no_memory(e);
    if (fs_kind(folder) == FS_MISSING) return ERR_OK;
    TRY(fs_walk(c->a, folder, NULL, &list, e));
    for (size_t i = 0; i < list.n; i++) {
        struct str name = str_sub(str_from_c(list.at[i]), strlen(c->from) + 1, SIZE_MAX);
        char *to = join(c->a, c->to, name);
        if (!to) return error_no_memory(e);
        if (str_starts(name, STR("files/tmp/")) || fs_kind(to) == FS_FILE) continue;
        TRY(make_parent(to, e));
        if (copy_file(list.at[i], to, e) == ERR_OK) {
            TRY(list_file(c, name, e));
            continue;
        }
        if (fs_kind(list.at[i]) != FS_MISSING) return e->code;
        (void)unlink(to); /* it was deleted while we copied */
    }
    return ERR_OK;
}

static enum err copy_conf(struct copying *c, struct error *e)
{
    char *from = join(c->a, c->from, STR("prism.conf")), *to = join(c->a, c->to, STR("prism.conf"));
    if (!from || !to) return error_no_memory(e);
    if (fs_kind(from) != FS_FILE) return ERR_OK;
    TRY(copy_file(from, to, e));
    return list_file(c, STR("prism.conf"), e);
}

static enum err write_manifest(struct copying *c, struct error *e)
{
    CLEANUP_SB struct sb text = SB_INIT(MANIFEST_MAX_BYTES), at = SB_INIT(64);
    struct json_out o = json_out_make(&text, true);
    sb_time(&at, time_now_unix_ms(), false);
    json_out_begin_object(&o, NULL);
    json_out_c(&o, "format", FORMAT);
    json_out_c(&o, "version", PRISM_VERSION);
    json_out_str(&o, "at", sb_view(&at));
    json_out_raw(&o, "files", sb_view(&c->list));
    json_out_end_object(&o);
    sb_char(&text, '\n');
    char *path = join(c->a, c->to, STR(MANIFEST));
    if (!path || !sb_ok(&text) || !sb_ok(&at)) return error_no_memory(e);
    return fs_write_atomic(path, sb_view(&text), 0600, e);
}

static enum err check_empty(struct arena *a, const char *folder, const char *what, struct error *e)
{
    struct fs_list list = {0};
    if (fs_kind(folder) == FS_MISSING) return ERR_OK;
    TRY(fs_walk(a, folder, NULL, &list, e));
    if (list.n == 0) return ERR_OK;
    error_set_reason(e, ERR_CONFLICT, "not_empty", "the folder \"%s\" is not empty", folder);
    return error_hint(e, "%s", what);
}

static enum err backup(struct copying *c, struct error *e)
{
    TRY(check_empty(c->a, c->to, "Name a folder that is not there yet, or an empty one.", e));
    TRY(fs_make_folders(c->to, e));
    c->o = json_out_make(&c->list, false);
    json_out_begin_array(&c->o, NULL);
    TRY(copy_new_files(c, e));
    TRY(store_backup(c->from, c->to, e));
    TRY(list_file(c, STR(STORE_FILE), e));
    TRY(copy_new_files(c, e));
    TRY(copy_conf(c, e));
    json_out_end_array(&c->o);
    if (!sb_ok(&c->list)) return error_no_memory(e);
    return write_manifest(c, e);
}

/* --- restore --- */

static enum err bad_backup(struct error *e, const char *folder, const char *what)
{
    error_set_reason(e, ERR_INVALID, "bad_backup", "\"%s\" is no whole backup: %s", folder, what);
    return error_hint(e, "A backup is a folder that \"prism backup\" has made and not changed since.");
}

static bool is_safe(struct str name)
{
    return name.n > 0 && name.p[0] != '/' && str_find(name, STR(".."), 0) == STR_NONE &&
           str_find_char(name, 0, 0) == STR_NONE;
}

struct entry { /* of the manifest */
    struct str path, sha256;
    int64_t bytes;
};

struct manifest {
    struct str format, version, at;
    struct json_list files;
};

static const struct json_field entry_fields[] = {
    {.name = "path", .kind = JSON_K_STR, .offset = offsetof(struct entry, path), .required = true},
    {.name = "bytes", .kind = JSON_K_INT, .offset = offsetof(struct entry, bytes), .required = true},
    {.name = "sha256", .kind = JSON_K_STR, .offset = offsetof(struct entry, sha256), .required = true},
};
static const struct json_table entry_table = {sizeof(struct entry), entry_fields,
                                              sizeof entry_fields / sizeof *entry_fields};
static const struct json_field manifest_fields[] = {
    {.name = "format", .kind = JSON_K_STR, .offset = offsetof(struct manifest, format), .required = true},
    {.name = "version", .kind = JSON_K_STR, .offset = offsetof(struct manifest, version), .required = true},
    {.name = "at", .kind = JSON_K_STR, .offset = offsetof(struct manifest, at), .required = true},
    {.name = "files",
     .kind = JSON_K_ARRAY,
     .offset = offsetof(struct manifest, files),
     .required = true,
     .table = &entry_table},
};
static const struct json_table manifest_table = {sizeof(struct manifest), manifest_fields,
                                                 sizeof manifest_fields / sizeof *manifest_fields};

static enum err check_file(struct copying *c, const struct entry *entry, struct error *e)
{
    char hash[HASH_SHA256_HEX + 1];
    uint64_t bytes = 0;
    if (!is_safe(entry->path)) return bad_backup(e, c->from, "its manifest names something that is no file of it");
    char *path = join(c->a, c->from, entry->path);
    if (!path) return error_no_memory(e);
    TRY(hash_file(path, hash, &bytes, e));
    c->bytes += bytes;
    if (str_eq_c(entry->sha256, hash)) return ERR_OK;
    struct str what = str_printf(c->a, "\"%.*s\" is not as it was", STR_ARG(entry->path));
    return what.p ? bad_backup(e, c->from, what.p) : error_no_memory(e);
}

static enum err read_manifest(struct copying *c, struct manifest *ret, struct error *e)
{
    struct str text;
    const struct json *json = NULL;
    char *path = join(c->a, c->from, STR(MANIFEST));
    if (!path) return error_no_memory(e);
    if (fs_kind(path) != FS_FILE) return bad_backup(e, c->from, "it has no " MANIFEST);
    TRY(fs_read(c->a, path, MANIFEST_MAX_BYTES, &text, e));
    if (json_parse(c->a, text, &json, e) != ERR_OK || json_decode(c->a, json, &manifest_table, ret, e) != ERR_OK ||
        !str_eq_c(ret->format, FORMAT))
        return bad_backup(e, c->from, "its " MANIFEST " cannot be read");
    const struct entry *entries = ret->files.at;
    for (size_t i = 0; i < ret->files.n; i++)
        TRY(check_file(c, &entries[i], e));
    return ERR_OK;
}

static enum err put_files(struct copying *c, const struct manifest *manifest, struct error *e)
{
    const struct entry *entries = manifest->files.at;
    for (size_t i = 0; i < manifest->files.n; i++) {
        char *from = join(c->a, c->from, entries[i].path), *to = join(c->a, c->to, entries[i].path);
        if (!from || !to) return error_no_memory(e);
        TRY(make_parent(to, e));
        TRY(copy_file(from, to, e));
        c->n++;
    }
    return ERR_OK;
}

static enum err restore(struct copying *c, struct error *e)
{
    struct manifest manifest = {.format = STR_EMPTY};
    int lock_fd = -1;
    TRY(read_manifest(c, &manifest, e));
    TRY(check_empty(c->a, c->to,
                    "Restore into a data folder (PRISM_DATA) that is not there yet; move the old one away.", e));
    TRY(fs_make_folders(c->to, e));
    TRY(store_lock_take(c->to, &lock_fd, e));
    enum err err = put_files(c, &manifest, e);
    close(lock_fd);
    return err;
}

/* --- the commands --- */

static enum err run(const struct cmd_command *self, int argc, char **argv, struct copying *c, bool back,
                    struct error *e)
{
    struct cmd_operands words;
    struct conf conf;
    TRY(cmd_options_parse(self, argc, argv, NULL, &words, e));
    if (words.n != 1) {
        error_set_reason(e, ERR_INVALID, "bad_option", "prism %s takes the folder of the backup", self->name);
        return error_hint(e, "prism %s FOLDER", self->name);
    }
    TRY(cmd__conf_load(c->a, &conf, e));
    (void)umask(077);
    c->from = back ? words.at[0] : conf.data_folder.p;
    c->to = back ? conf.data_folder.p : words.at[0];
    TRY(back ? restore(c, e) : backup(c, e));
    struct str said = str_printf(c->a, "%zu files, %llu bytes: %s %s\n", c->n, (unsigned long long)c->bytes,
                                 back ? "restored to" : "backed up to", c->to);
    return said.p ? cmd_print(said, e) : error_no_memory(e);
}

static int command(const struct cmd_command *self, int argc, char **argv, bool back)
{
    struct error e = {0};
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    struct copying c = {.a = a, .list = SB_INIT(MANIFEST_MAX_BYTES)};
    enum err err = a ? run(self, argc, argv, &c, back, &e) : error_no_memory(&e);
    sb_done(&c.list);
    if (err != ERR_OK) cmd_say_error(NULL, &e);
    return cmd_exit_of(err);
}

int cmd_backup(const struct cmd_command *self, int argc, char **argv) { return command(self, argc, argv, false); }
int cmd_restore(const struct cmd_command *self, int argc, char **argv) { return command(self, argc, argv, true); }
