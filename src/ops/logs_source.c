/* A folder or a .zip as a list of logs, and each log as lines.
 * Files come in pieces of a fixed size through one way: the bytes of a file or of a zip entry, unpacked once more where they begin as gzip does
 * (rotated logs), cut into lines of at most LOGS_LINE_MAX. So memory does not depend on what is read; what bounds the time are the maxima of bytes,
 * which count what comes out of both unpackers: a bomb ends there, and the report says that the file was cut.
 * Nothing is written to disk, so names in a zip can lead nowhere: they are shown, and compared with names of logs. Links are not followed.
 * libzip is used straight, not doc/package.h, which asks for what only documents have and takes the whole file into memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>
#define ZLIB_CONST /* what it reads stays as it is */
#include <zlib.h>

#include "base/fs.h"
#include "ops/logs_priv.h"

enum { PIECE = 64 << 10, NAME_MAX_BYTES = 300 };

static const char *const kind_names[] = {
    [LOGS_ACCESS] = "nginx access", [LOGS_HEALTHD] = "healthd requests",
    [LOGS_APP] = "program",         [LOGS_ENGINE] = "engine",
    [LOGS_HOOKS] = "hooks",         [LOGS_CFN] = "cfn-init",
    [LOGS_ERROR] = "nginx error",   [LOGS_DAEMON] = "healthd agent",
    [LOGS_SYSTEM] = "system",       [LOGS_TAIL] = "last lines of all",
    [LOGS_OTHER] = "not read",
};

const char *logs__kind_name(enum logs_kind kind) { return kind_names[kind]; }

static bool has(struct str s, const char *needle) { return str_find_nocase(s, str_from_c(needle), 0) != STR_NONE; }

/* By name alone: the path in front matters where two programs call a log the same. "nginx_error.log" is one too. */
enum logs_kind logs__kind_of(struct str path)
{
    struct str name = fs_base_name(path);
    if (has(name, "eb-engine")) return LOGS_ENGINE;
    if (has(name, "eb-hooks")) return LOGS_HOOKS;
    if (has(name, "cfn-init")) return LOGS_CFN;
    if (has(path, "healthd") && has(name, "application.log")) return LOGS_HEALTHD;
    if (has(path, "healthd") && has(name, "daemon.log")) return LOGS_DAEMON;
    if (has(name, "access.log") || has(name, "access_log")) return has(path, "gunicorn") ? LOGS_APP : LOGS_ACCESS;
    if (has(path, "gunicorn") || has(name, "stdout") || has(name, "prism") || str_starts_nocase(name, STR("web-")) ||
        str_starts_nocase(name, STR("web.")))
        return LOGS_APP;
    if (has(name, "error.log") || has(name, "error_log")) return LOGS_ERROR;
    if (str_starts_nocase(name, STR("messages")) || str_starts_nocase(name, STR("syslog")) || has(name, "dmesg") ||
        str_starts_nocase(name, STR("kern.log")))
        return LOGS_SYSTEM;
    if (str_ends_nocase(name, STR(".txt"))) return LOGS_TAIL;
    return LOGS_OTHER;
}

/* --- lines --- */
static bool line_of_kind(struct ops_logs *l, struct str line)
{
    switch (l->kind) {
    case LOGS_ACCESS: return logs__access_line(l, line, LOGS_FROM_NGINX);
    case LOGS_HEALTHD: return logs__healthd_line(l, line);
    case LOGS_APP: return logs__app_line(l, line);
    case LOGS_ENGINE:
    case LOGS_HOOKS: return logs__engine_line(l, line);
    case LOGS_CFN: return logs__cfn_line(l, line);
    case LOGS_ERROR: return logs__error_line(l, line);
    case LOGS_DAEMON: return logs__daemon_line(l, line);
    case LOGS_SYSTEM: return logs__system_line(l, line);
    case LOGS_TAIL:
    case LOGS_OTHER:
    case LOGS_KIND_COUNT: break;
    }
    return false;
}

/* The headings of "last 100 lines": a rule of hyphens, the path, a rule. true: the line is part of one. */
static bool tail_heading(struct ops_logs *l, struct str line)
{
    size_t hyphens = 0;
    while (hyphens < line.n && line.p[hyphens] == '-')
        hyphens++;
    bool rule = hyphens >= 20 && hyphens == line.n, was_rule = l->tail_rule;
    l->tail_rule = rule;
    if (rule) return true;
    if (!was_rule || line.n == 0 || line.p[0] != '/') return false;
    enum logs_kind kind = logs__kind_of(line);
    l->kind = kind == LOGS_TAIL ? LOGS_OTHER : kind;
    logs__engine_end(l);
    return true;
}

static void line_done(struct ops_logs *l, struct str line)
{
    if (line.n && line.p[line.n - 1] == '\r') line.n--;
    l->file->lines++;
    if (line.n == 0) return;
    if (l->file->kind == LOGS_TAIL && tail_heading(l, line)) return;
    if (!line_of_kind(l, line)) l->file->unknown++;
}

void logs__file_begin(struct ops_logs *l, struct str name, enum logs_kind kind, struct logs_lines *lines)
{
    struct logs_file *file = VEC_PUSH(l->a, &l->files);
    lines->n = 0;
    l->kind = kind;
    l->tail_rule = false;
    logs__engine_end(l);
    l->file = file;
    if (!file) {
        l->no_memory = true;
        return;
    }
    file->kind = kind;
    file->name = logs__shown(l, name, NAME_MAX_BYTES);
    file->instance = logs__shown(l, logs__instance(name), 40);
}

/* A piece without the end of its line is kept; the line counts as far as there is room. */
static void keep(struct logs_lines *lines, struct str piece)
{
    size_t room = LOGS_LINE_MAX - lines->n, n = piece.n < room ? piece.n : room;
    if (n) memcpy(lines->part + lines->n, piece.p, n);
    lines->n += n;
}

void logs__file_feed(struct ops_logs *l, struct logs_lines *lines, struct str bytes)
{
    if (!l->file) return;
    l->file->bytes += bytes.n;
    l->total_bytes += bytes.n;
    while (bytes.n) {
        size_t end = str_find_char(bytes, '\n', 0);
        keep(lines, str_sub(bytes, 0, end));
        if (end == STR_NONE) return;
        line_done(l, (struct str){lines->part, lines->n});
        lines->n = 0;
        bytes = str_sub(bytes, end + 1, bytes.n);
    }
}

void logs__file_end(struct ops_logs *l, struct logs_lines *lines)
{
    if (l->file && lines->n) line_done(l, (struct str){lines->part, lines->n});
    lines->n = 0;
    logs__engine_end(l);
}

/* --- one file --- */
struct stream {
    struct ops_logs *l;
    struct logs_lines *lines;
    z_stream z;
    enum { STREAM_START, STREAM_PLAIN, STREAM_GZIP } state;
    bool within; /* a member of gzip has not ended */
    unsigned char out[PIECE];
};

static void wrong(struct ops_logs *l, const char *why)
{
    if (l->file && l->file->wrong.n == 0) l->file->wrong = str_from_c(why);
}

/* Plain bytes on to the lines, as many as may be. false: a maximum was reached. */
static bool pass_on(struct ops_logs *l, struct logs_lines *lines, struct str bytes)
{
    uint64_t room = l->limits.max_file_bytes - l->file->bytes, all = l->limits.max_total_bytes - l->total_bytes;
    if (all < room) room = all;
    if (bytes.n > room) l->file->cut = true;
    logs__file_feed(l, lines, str_sub(bytes, 0, (size_t)(bytes.n < room ? bytes.n : room)));
    return !l->file->cut && !l->no_memory;
}

/* false: the file has ended, or cannot be read on. Several gzip members may follow each other. */
static bool inflate_piece(struct stream *s, const unsigned char *bytes, size_t n)
{
    s->z.next_in = bytes;
    s->z.avail_in = (uInt)n;
    do {
        s->z.next_out = s->out;
        s->z.avail_out = PIECE;
        int status = inflate(&s->z, Z_NO_FLUSH);
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
            wrong(s->l, "the gzip data is damaged");
            s->within = false;
            return false;
        }
        size_t made = PIECE - s->z.avail_out;
        if (made && !pass_on(s->l, s->lines, (struct str){(const char *)s->out, made})) return false;
        s->within = status != Z_STREAM_END;
        if (status == Z_STREAM_END && inflateReset(&s->z) != Z_OK) return false;
        if (status == Z_BUF_ERROR && made == 0) break;
    } while (s->z.avail_in || s->z.avail_out == 0);
    return true;
}

static bool stream_feed(struct stream *s, const unsigned char *bytes, size_t n)
{
    if (s->state == STREAM_START) {
        bool gzip = n >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
        if (gzip && inflateInit2(&s->z, 15 + 16) != Z_OK) {
            s->l->no_memory = true;
            return false;
        }
        s->state = gzip ? STREAM_GZIP : STREAM_PLAIN;
    }
    if (s->state == STREAM_GZIP) return inflate_piece(s, bytes, n);
    return s->state == STREAM_PLAIN && pass_on(s->l, s->lines, (struct str){(const char *)bytes, n});
}

typedef int64_t (*read_fn)(void *from, void *buffer, size_t n); /* bytes, 0 at the end, -1 */

/* Everything that `read` gives, as lines of that log. */
static void read_log(struct ops_logs *l, struct str name, enum logs_kind kind, read_fn read, void *from)
{
    struct stream *s = malloc(sizeof *s);
    struct logs_lines *lines = malloc(sizeof *lines);
    unsigned char *piece = malloc(PIECE);
    if (s && lines && piece) {
        memset(s, 0, offsetof(struct stream, out));
        s->l = l;
        s->lines = lines;
        logs__file_begin(l, name, kind, lines);
        for (bool more = l->file != NULL && kind != LOGS_OTHER; more;) {
            int64_t n = read(from, piece, PIECE);
            if (n < 0) wrong(l, "it is damaged or cannot be read");
            more = n > 0 && stream_feed(s, piece, (size_t)n);
        }
        if (s->within && l->file && !l->file->cut) wrong(l, "the gzip data ends too early");
        logs__file_end(l, lines);
        if (s->state == STREAM_GZIP) (void)inflateEnd(&s->z);
    } else {
        l->no_memory = true;
    }
    free(piece);
    free(lines);
    free(s);
}

/* --- the list --- */
struct entry {
    struct str name; /* within the bundle */
    const char *path;
    uint64_t index; /* in a zip */
    enum logs_kind kind;
    struct str instance;
    int64_t age; /* of rotated logs of one kind the smaller is the older */
};

/* Where a log stands among its rotated ones: "access.log.2" is older than ".1", "access.log1764180061.gz" and "application.log.2025-11-26-18" have
 * times for a number, and what has none is the one that is written. */
static int64_t age_of(struct str name)
{
    uint64_t number = 0;
    struct str rest = str_ends(name, STR(".gz")) ? str_sub(name, 0, name.n - 3) : name;
    size_t at = rest.n, digits = 0;
    while (at > 0 && ((rest.p[at - 1] >= '0' && rest.p[at - 1] <= '9') || rest.p[at - 1] == '-'))
        at--;
    for (; at < rest.n && digits < 18; at++) {
        if (rest.p[at] == '-') continue;
        number = number * 10 + (uint64_t)(rest.p[at] - '0');
        digits++;
    }
    if (digits == 0) return INT64_MAX;
    return digits < 4 ? -(int64_t)number : (int64_t)number;
}

static struct entry entry_make(struct str name)
{
    return (struct entry){
        .name = name, .kind = logs__kind_of(name), .instance = logs__instance(name), .age = age_of(name)};
}

/* Logs of one instance together, from old to new. */
static int by_kind(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int by_instance = str_cmp(x->instance, y->instance);
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (by_instance) return by_instance;
    if (x->age != y->age) return x->age < y->age ? -1 : 1;
    return str_cmp(x->name, y->name);
}

static enum err too_many(const struct ops_logs *l, uint64_t n, struct error *e)
{
    error_set_reason(e, ERR_LIMIT, "too_many_files", "the bundle has %llu files; the limit is %zu",
                     (unsigned long long)n, l->limits.max_files);
    return error_hint(e, "Give the folder of one instance's logs.");
}

static int64_t read_fd(void *from, void *buffer, size_t n)
{
    ssize_t got;
    do {
        got = read(*(int *)from, buffer, n);
    } while (got < 0 && errno == EINTR);
    return got;
}

static void read_path(struct ops_logs *l, const struct entry *entry)
{
    struct stat st;
    int fd = open(entry->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    bool plain = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    int none = -1;
    read_log(l, entry->name, entry->kind, read_fd, plain ? &fd : &none);
    if (fd >= 0) (void)close(fd);
}

static enum err read_folder(struct ops_logs *l, const char *folder, struct error *e)
{
    struct fs_list list = {0};
    TRY(fs_walk(l->a, folder, NULL, &list, e));
    if (list.n > l->limits.max_files) return too_many(l, list.n, e);
    struct entry *entries = NEW(l->a, struct entry, list.n);
    if (!entries) return error_no_memory(e);
    for (size_t i = 0; i < list.n; i++) {
        struct str name = str_from_c(list.at[i]);
        name = str_sub(name, strlen(folder), name.n);
        while (name.n && name.p[0] == '/')
            name = str_sub(name, 1, name.n);
        entries[i] = entry_make(name);
        entries[i].path = list.at[i];
    }
    if (list.n) qsort(entries, list.n, sizeof entries[0], by_kind);
    for (size_t i = 0; i < list.n; i++)
        read_path(l, &entries[i]);
    return ERR_OK;
}

static int64_t read_entry(void *from, void *buffer, size_t n) { return from ? zip_fread(from, buffer, n) : -1; }

static enum err read_zip(struct ops_logs *l, zip_t *zip, struct error *e)
{
    zip_int64_t n = zip_get_num_entries(zip, 0);
    size_t used = 0;
    if (n < 0) n = 0;
    if ((uint64_t)n > l->limits.max_files) return too_many(l, (uint64_t)n, e);
    struct entry *entries = NEW(l->a, struct entry, (size_t)n);
    if (!entries) return error_no_memory(e);
    for (uint64_t i = 0; i < (uint64_t)n; i++) {
        const char *name = zip_get_name(zip, i, ZIP_FL_ENC_RAW);
        struct str own = name ? str_dup(l->a, str_from_c(name)) : STR("(no name)");
        if (!own.p) return error_no_memory(e);
        if (str_ends(own, STR("/"))) continue;
        entries[used] = entry_make(own);
        entries[used++].index = i;
    }
    if (used) qsort(entries, used, sizeof entries[0], by_kind);
    for (size_t i = 0; i < used; i++) {
        zip_file_t *file = entries[i].kind == LOGS_OTHER ? NULL : zip_fopen_index(zip, entries[i].index, 0);
        read_log(l, entries[i].name, entries[i].kind, read_entry, file);
        if (file) (void)zip_fclose(file);
    }
    return ERR_OK;
}

static enum err not_a_bundle(const char *path, struct error *e)
{
    struct str name = fs_base_name(str_from_c(path));
    error_set_reason(e, ERR_INVALID, "not_a_bundle", "\"%.*s\" is neither a folder nor a .zip that can be read",
                     STR_ARG(name));
    return error_hint(e, "Give a folder of logs, or the .zip that Elastic Beanstalk gives out as \"full logs\".");
}

enum err logs__source_read(struct ops_logs *l, const char *path, struct error *e)
{
    int status = 0;
    switch (fs_kind(path)) {
    case FS_FOLDER: return read_folder(l, path, e);
    case FS_FILE: break;
    case FS_OTHER: return not_a_bundle(path, e);
    case FS_MISSING:
        return error_set_reason(e, ERR_NOT_FOUND, "file_not_found", "there is no file or folder \"%s\"", path);
    }
    zip_t *zip = zip_open(path, ZIP_RDONLY, &status);
    if (!zip && status == ZIP_ER_MEMORY) return error_no_memory(e);
    if (!zip) return not_a_bundle(path, e);
    enum err err = read_zip(l, zip, e);
    zip_discard(zip);
    return err;
}
