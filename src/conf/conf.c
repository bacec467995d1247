/* Configuration: gathering the texts (environment, then file), then reading each by its row.
 * Gathering comes first, because where the file lies depends on the data folder, which may be set itself. So PRISM_DATA may stand in a file that
 * PRISM_CONF names, and not in the prism.conf that lies in the data folder: it would point away from itself.
 * An empty value counts as none: compose files and shells pass on variables that are not set as empty.
 * The default data folder follows the XDG base directories and not the working directory: the records of a server that is started from another folder
 * must be the same. As root it is /var/lib, where a service's state belongs.
 * Rejected: a prism.conf in the working directory (whoever can place a file where you stand would configure your server), reading unknown PRISM_
 * variables as "for someone else" (a typing mistake in a limit must not be ignored). */
#include "conf/conf.h"

#include <assert.h>
#include <sched.h>
#include <unistd.h>

#include "base/closest.h"
#include "base/fs.h"
#include "base/utf8.h"
#include "conf/conf_priv.h"
#include "conf/file.h"

static const char *const conf_access_logs[] = {"none", "combined", "gunicorn", "json", NULL};
static const char *const conf_metrics[] = {"local", "all", "off", NULL};
static const char *const conf_retention_records[] = {"keep", "remove", NULL};
static const char *const conf_secure_cookies[] = {"auto", "always", NULL};
static const char *const conf_log_levels[] = {
#define X(name, word) word,
    LOG_LEVELS(X)
#undef X
        NULL};
static const char *const conf_log_formats[] = {
    [LOG_FORMAT_AUTO] = "auto", [LOG_FORMAT_JSON] = "json", [LOG_FORMAT_TEXT] = "text", NULL};
static const char *const conf_model_providers[] = {
    [CONF_PROVIDER_AUTO] = "auto",           [CONF_PROVIDER_NONE] = "none",     [CONF_PROVIDER_BEDROCK] = "bedrock",
    [CONF_PROVIDER_ANTHROPIC] = "anthropic", [CONF_PROVIDER_OPENAI] = "openai", NULL};
static const char *const conf_booleans[] = {"false", "true", NULL};

#define WORKERS_LEAST                                                                                                  \
    16 /* those that write wait for a commit, and share it: with four, reading queues behind writing */

#define DIGITS_(n)         #n
#define DIGITS(n)          DIGITS_(n)
#define ROW(field_, name_) .name = (name_), .offset = offsetof(struct conf, field_)
#define N(field_, name_, default_, min_, max_, meaning_)                                                               \
    [CONF_##field_] = {ROW(field_, name_), .kind = CONF__KIND_NUMBER, .default_text = DIGITS(default_), .min = (min_), \
                       .max = (max_),      .meaning = (meaning_)},
#define C(field_, name_, default_, words_, meaning_)                                                                   \
    [CONF_##field_] = {ROW(field_, name_), .kind = CONF__KIND_CHOICE, .default_text = (default_), .words = (words_),   \
                       .meaning = (meaning_)},
#define P(field_, name_, default_, meaning_)                                                                           \
    [CONF_##field_] = {ROW(field_, name_), .kind = CONF__KIND_PATH, .default_text = (default_), .default_words = true, \
                       .meaning = (meaning_)},
#define T(field_, name_, default_, check_, accepted_, meaning_)                                                        \
    [CONF_##field_] = {ROW(field_, name_), .kind = CONF__KIND_TEXT, .default_text = (default_),                        \
                       .check = (check_),  .accepted = (accepted_), .meaning = (meaning_)},
#define L(field_, name_, default_, check_, accepted_, meaning_)                                                        \
    [CONF_##field_] = {ROW(field_, name_), .kind = CONF__KIND_LIST, .default_text = (default_), .default_words = true, \
                       .check = (check_),  .accepted = (accepted_), .meaning = (meaning_)},
#define D(field_, name_, default_, min_, max_, meaning_)                                                               \
    [CONF_##                                                                                                           \
        field_] = {ROW(field_, name_), .kind = CONF__KIND_DECIMAL, .default_text = DIGITS(default_), .min = (min_),    \
                   .max = (max_),      .meaning = (meaning_)},
#define S(field_, name_, min_, meaning_)                                                                               \
    [CONF_##field_] = {ROW(field_, name_), .kind = CONF__KIND_SECRET, .default_text = "", .min = (min_),               \
                       .meaning = (meaning_)},

const struct conf__row conf__rows[CONF_SETTING_COUNT] = {CONF_SETTINGS(N, C, P, T, L, D, S)};

#undef N
#undef C
#undef P
#undef T
#undef L
#undef D
#undef S

enum { LIST_MAX = 64, SECRET_MAX = 4096 };

/* What was said about one setting. */
struct given {
    struct str text; /* .p NULL: nothing */
    enum conf_origin origin;
    unsigned line; /* of the file */
};

struct loading {
    struct arena *a;
    char *const *environment;
    struct str folder;      /* the working directory */
    struct str file;        /* path of prism.conf; .p NULL: none */
    struct str file_folder; /* where relative paths of the file begin */
    struct given given[CONF_SETTING_COUNT];
    struct conf *c;
    VEC(struct str) notes;
    struct error *e;
};

/* ---- errors and notes ---- */

void conf__accepted(const struct conf__row *row, struct sb *b)
{
    switch (row->kind) {
    case CONF__KIND_NUMBER:
        sb_printf(b, "a whole number from %llu to %llu", (unsigned long long)row->min, (unsigned long long)row->max);
        break;
    case CONF__KIND_CHOICE:
        for (size_t i = 0; row->words[i]; i++)
            sb_printf(b, "%s%s", i == 0 ? "" : row->words[i + 1] ? ", " : " or ", row->words[i]);
        break;
    case CONF__KIND_PATH: sb_c(b, "a path"); break;
    case CONF__KIND_TEXT: sb_c(b, row->accepted); break;
    case CONF__KIND_LIST: sb_printf(b, "%s, with commas between them", row->accepted); break;
    case CONF__KIND_DECIMAL:
        sb_printf(b, "a number from %llu to %llu", (unsigned long long)row->min, (unsigned long long)row->max);
        break;
    case CONF__KIND_SECRET:
        sb_printf(b, "at least %llu character%s of ASCII, without spaces", (unsigned long long)row->min,
                  row->min == 1 ? "" : "s");
        break;
    }
}

/* Says in the hint where a wrong setting stands. */
static enum err where(struct loading *l, enum conf_origin origin, unsigned line)
{
    if (origin == CONF_FROM_FILE)
        return error_hint(l->e, "It stands in \"%.*s\", line %u. docs/configuration.md lists all settings.",
                          STR_ARG(l->file), line);
    return error_hint(l->e, "It is a variable of the environment. docs/configuration.md lists all settings.");
}

/* After a check has refused the value of a row: completes the message if the check had none of its own. */
static enum err refuse(struct loading *l, const struct conf__row *row, const struct given *g)
{
    char own[sizeof l->e->message];
    CLEANUP_SB struct sb accepted = SB_INIT(1000);
    memcpy(own, l->e->message, sizeof own);
    conf__accepted(row, &accepted);
    if (own[0]) /* "it is too long" becomes "PORT: it is too long" */
        error_set_reason(l->e, ERR_INVALID, "bad_setting", "%s%s%s", strncmp(own, "it ", 3) == 0 ? row->name : "",
                         strncmp(own, "it ", 3) == 0 ? ": " : "", own);
    else if (row->kind == CONF__KIND_SECRET) /* never quoted */
        error_set_reason(l->e, ERR_INVALID, "bad_setting", "%s is not what is accepted: %.*s", row->name,
                         STR_ARG(sb_view(&accepted)));
    else
        error_set_reason(l->e, ERR_INVALID, "bad_setting", "%s is \"%.*s\"; accepted is %.*s", row->name,
                         STR_ARG(str_sub(g->text, 0, utf8_floor(g->text, g->text.n < 80 ? g->text.n : 80))),
                         STR_ARG(sb_view(&accepted)));
    return where(l, g->origin, g->line);
}

static const char *name_at(const void *ctx, size_t i)
{
    (void)ctx;
    return conf__rows[i].name;
}

static enum err unknown(struct loading *l, struct str name, enum conf_origin origin, unsigned line)
{
    char *c = str_to_c(l->a, name);
    if (!c) return error_no_memory(l->e);
    struct str ours = str_starts(name, STR("PRISM_")) ? str_sub(name, 6, name.n) : name;
    const char *closest = NULL;
    for (size_t i = 0; i < CONF_SETTING_COUNT && !closest; i++) { /* PRISM_PORT is PORT, WORKERS is PRISM_WORKERS */
        struct str row = str_from_c(conf__rows[i].name);
        if (str_starts(row, STR("PRISM_"))) row = str_sub(row, 6, row.n);
        if (str_eq(ours, row)) closest = conf__rows[i].name;
    }
    if (!closest) closest = closest_name(c, CONF_SETTING_COUNT, name_at, NULL);
    error_set_reason(l->e, ERR_INVALID, "unknown_setting", "there is no setting %.*s%s%s%s", STR_ARG(name),
                     closest ? "; did you mean " : "", closest ? closest : "", closest ? "?" : "");
    return where(l, origin, line);
}

static enum err note(struct loading *l, struct str text)
{
    struct str *slot = text.p ? VEC_PUSH(l->a, &l->notes) : NULL;
    if (!slot) return error_no_memory(l->e);
    *slot = text;
    return ERR_OK;
}

/* ---- gathering ---- */

static const struct conf__row *row_of(struct str name)
{
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++)
        if (str_eq_c(name, conf__rows[i].name)) return &conf__rows[i];
    return NULL;
}

static struct str variable(const struct loading *l, const char *name)
{
    for (size_t i = 0; l->environment[i]; i++) {
        struct str value = STR_EMPTY, key = str_cut(str_from_c(l->environment[i]), '=', &value);
        if (str_eq_c(key, name) && value.n) return value;
    }
    return STR_EMPTY;
}

static enum err gather_environment(struct loading *l)
{
    for (size_t i = 0; l->environment[i]; i++) {
        struct str value = STR_EMPTY, name = str_cut(str_from_c(l->environment[i]), '=', &value);
        const struct conf__row *row = row_of(name);
        if (!row && str_starts(name, STR("PRISM_"))) return unknown(l, name, CONF_FROM_ENVIRONMENT, 0);
        if (!row || value.n == 0) continue;
        bool text = utf8_valid(value);
        for (size_t k = 0; k < value.n && text; k++)
            text = (unsigned char)value.p[k] >= 0x20 && value.p[k] != 0x7F;
        if (!text) {
            error_set_reason(l->e, ERR_INVALID, "bad_setting", "%s is not a line of text in UTF-8", row->name);
            return where(l, CONF_FROM_ENVIRONMENT, 0);
        }
        l->given[row - conf__rows] = (struct given){.text = value, .origin = CONF_FROM_ENVIRONMENT};
    }
    return ERR_OK;
}

static enum err take_line(struct loading *l, const struct conf_line *line, bool in_data_folder)
{
    const struct conf__row *row = row_of(line->name);
    if (!row) return unknown(l, line->name, CONF_FROM_FILE, line->line);
    size_t i = (size_t)(row - conf__rows);
    if (i == CONF_conf_file || (i == CONF_data_folder && in_data_folder)) {
        error_set_reason(l->e, ERR_INVALID, "bad_setting", "%s cannot be set in this file, which is found by it",
                         row->name);
        return where(l, CONF_FROM_FILE, line->line);
    }
    if (l->given[i].text.p || line->value.n == 0) return ERR_OK; /* the environment wins */
    l->given[i] = (struct given){.text = line->value, .origin = CONF_FROM_FILE, .line = line->line};
    return ERR_OK;
}

/* Joins to begin, unless path is absolute, and drops "." parts and doubled slashes; ".." stays, as links may be in the way. */
static struct str absolute(struct arena *a, struct str begin, struct str path)
{
    CLEANUP_SB struct sb b = SB_INIT(begin.n + path.n + 2);
    struct str ret = STR_EMPTY;
    struct str parts[] = {str_starts(path, STR("/")) ? STR_EMPTY : begin, path};
    for (size_t i = 0; i < 2; i++) {
        for (struct str rest = parts[i]; rest.p;) {
            struct str part = str_cut(rest, '/', &rest);
            if (part.n == 0 || str_eq_c(part, ".")) continue;
            sb_char(&b, '/');
            sb_str(&b, part);
        }
    }
    if (b.n == 0) sb_char(&b, '/');
    return sb_take(&b, a, &ret, NULL) == ERR_OK ? ret : STR_EMPTY;
}

/* The absolute form of a path that stands in the environment or in the file. */
static enum err read_path(struct loading *l, const struct conf__row *row, const struct given *g, struct str path,
                          struct str *ret)
{
    if (str_starts(path, STR("~"))) {
        error_set_reason(l->e, ERR_INVALID, "bad_setting",
                         "%s begins with \"~\", which only a shell replaces; write the whole path", row->name);
        return where(l, g->origin, g->line);
    }
    struct str whole = absolute(l->a, g->origin == CONF_FROM_FILE ? l->file_folder : l->folder, path);
    if (!whole.p) return error_no_memory(l->e);
    if (!str_starts(path, STR("/")))
        TRY(note(l, str_printf(l->a, "%s is a relative path; it is taken as %.*s", row->name, STR_ARG(whole))));
    *ret = whole;
    return ERR_OK;
}

static enum err default_data_folder(struct loading *l, struct str *ret)
{
    struct str xdg = variable(l, "XDG_DATA_HOME"), home = variable(l, "HOME");
    struct str folder = STR_EMPTY;
    if (geteuid() == 0)
        folder = STR("/var/lib/prism");
    else if (str_starts(xdg, STR("/"))) /* a relative one counts as none, says the specification */
        folder = str_printf(l->a, "%.*s/prism", STR_ARG(xdg));
    else if (str_starts(home, STR("/")))
        folder = str_printf(l->a, "%.*s/.local/share/prism", STR_ARG(home));
    else
        return error_set_reason(
            l->e, ERR_INVALID, "bad_setting",
            "there is no HOME in the environment, so no place for the data; set PRISM_DATA to a folder");
    if (!folder.p) return error_no_memory(l->e);
    *ret = absolute(l->a, STR_EMPTY, folder);
    return ret->p ? ERR_OK : error_no_memory(l->e);
}

/* Where the data are, as far as is known before the file is read. */
static enum err find_data_folder(struct loading *l, struct str *ret)
{
    const struct given *g = &l->given[CONF_data_folder];
    if (!g->text.p) return default_data_folder(l, ret);
    return read_path(l, &conf__rows[CONF_data_folder], g, g->text, ret);
}

static enum err read_file(struct loading *l, struct str path, bool in_data_folder)
{
    struct str text = STR_EMPTY;
    struct conf_lines lines = {0};
    l->file = path;
    l->file_folder = str_sub(path, 0, path.n - fs_base_name(path).n);
    TRY(fs_read(l->a, path.p, CONF_FILE_MAX_BYTES, &text, l->e));
    if (conf_file_parse(l->a, text, &lines, l->e) != ERR_OK) return error_prefix(l->e, "\"%.*s\"", STR_ARG(path));
    for (size_t i = 0; i < lines.n; i++)
        TRY(take_line(l, &lines.at[i], in_data_folder));
    return ERR_OK;
}

static enum err gather_file(struct loading *l)
{
    const struct given *g = &l->given[CONF_conf_file];
    struct str path = STR_EMPTY, data = STR_EMPTY;
    if (g->text.p) {
        TRY(read_path(l, &conf__rows[CONF_conf_file], g, g->text, &path));
        return read_file(l, path, false);
    }
    TRY(find_data_folder(l, &data));
    path = absolute(l->a, data, STR("prism.conf"));
    if (!path.p) return error_no_memory(l->e);
    return fs_kind(path.p) == FS_MISSING ? ERR_OK : read_file(l, path, true);
}

/* ---- reading ---- */

static enum err read_number(struct loading *l, const struct conf__row *row, const struct given *g, uint64_t *ret)
{
    if (str_to_u64(g->text, row->min, row->max, ret, NULL) == ERR_OK) return ERR_OK;
    (void)conf__not_accepted(l->e);
    return refuse(l, row, g);
}

static enum err read_choice(struct loading *l, const struct conf__row *row, const struct given *g, unsigned *ret)
{
    for (unsigned i = 0; row->words[i]; i++) {
        if (!str_eq_nocase(g->text, str_from_c(row->words[i]))) continue;
        *ret = i;
        return ERR_OK;
    }
    (void)conf__not_accepted(l->e);
    return refuse(l, row, g);
}

static enum err read_decimal(struct loading *l, const struct conf__row *row, const struct given *g, double *ret)
{
    if (str_to_double(g->text, (double)row->min, (double)row->max, ret, NULL) == ERR_OK) return ERR_OK;
    (void)conf__not_accepted(l->e);
    return refuse(l, row, g);
}

static enum err read_secret(struct loading *l, const struct conf__row *row, const struct given *g, struct str *ret)
{
    bool right = g->text.n >= row->min && g->text.n <= SECRET_MAX;
    for (size_t i = 0; i < g->text.n && right; i++)
        right = g->text.p[i] > ' ' && g->text.p[i] <= '~';
    if (!right) {
        (void)conf__not_accepted(l->e);
        return refuse(l, row, g);
    }
    *ret = str_dup(l->a, g->text);
    return ret->p ? ERR_OK : error_no_memory(l->e);
}

static enum err read_text(struct loading *l, const struct conf__row *row, const struct given *g, struct str *ret)
{
    struct str kept = STR_EMPTY;
    enum err err = row->check(l->a, g->text, &kept, l->e);
    if (err != ERR_OK) return err == ERR_INVALID ? refuse(l, row, g) : err;
    *ret = str_dup(l->a, kept);
    return ret->p ? ERR_OK : error_no_memory(l->e);
}

static enum err read_list(struct loading *l, const struct conf__row *row, const struct given *g, struct conf_list *ret)
{
    VEC(struct str) list = {0};
    for (struct str rest = g->text; rest.p;) {
        struct given one = {.text = str_trim(str_cut(rest, ',', &rest)), .origin = g->origin, .line = g->line};
        if (one.text.n == 0) continue;
        struct str *slot = VEC_PUSH(l->a, &list);
        if (!slot) return error_no_memory(l->e);
        TRY(read_text(l, row, &one, slot));
        if (list.n <= LIST_MAX) continue;
        (void)error_set(l->e, ERR_INVALID, "%s has more than %d entries", row->name, LIST_MAX);
        return refuse(l, row, g);
    }
    *ret = (struct conf_list){.at = list.at, .n = list.n};
    return ERR_OK;
}

static enum err read_row(struct loading *l, size_t i)
{
    const struct conf__row *row = &conf__rows[i];
    struct given g = l->given[i];
    void *to = (char *)l->c + row->offset;
    l->c->origins[i] = g.text.p ? g.origin : CONF_FROM_DEFAULT;
    if (!g.text.p) {
        g.text = row->default_words ? STR_EMPTY : str_from_c(row->default_text);
        if (g.text.n == 0) return ERR_OK; /* empty, or worked out later */
    }
    switch (row->kind) {
    case CONF__KIND_NUMBER: return read_number(l, row, &g, to);
    case CONF__KIND_CHOICE: return read_choice(l, row, &g, to);
    case CONF__KIND_PATH: return read_path(l, row, &g, g.text, to);
    case CONF__KIND_TEXT: return read_text(l, row, &g, to);
    case CONF__KIND_LIST: return read_list(l, row, &g, to);
    case CONF__KIND_DECIMAL: return read_decimal(l, row, &g, to);
    case CONF__KIND_SECRET: return read_secret(l, row, &g, to);
    }
    return ERR_OK;
}

/* ---- what is worked out ---- */

/* Processors that this process may use. */
static uint64_t processors(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int n = CPU_COUNT(&set);
    return n > 0 ? (uint64_t)n : 1;
}

/* By what is set for one of them. A key that lies in the environment for other programs counts too, which is why the server says whom it asks. */
static enum conf_model_provider find_provider(const struct conf *c)
{
    bool model = c->origins[CONF_bedrock_model] != CONF_FROM_DEFAULT;
    if (model || c->bedrock_bearer.n) return CONF_PROVIDER_BEDROCK;
    if (c->anthropic_key.n) return CONF_PROVIDER_ANTHROPIC;
    return c->openai_url.n ? CONF_PROVIDER_OPENAI : CONF_PROVIDER_NONE;
}

static enum err work_out(struct loading *l)
{
    struct conf *c = l->c;
    if (c->model_provider == CONF_PROVIDER_AUTO) c->model_provider = find_provider(c);
    uint64_t n = processors();
    if (c->workers == 0) c->workers = n * 2 < WORKERS_LEAST ? WORKERS_LEAST : n * 2;
    if (c->io_threads == 0) c->io_threads = n > 8 ? 8 : n;
    if (c->job_workers == 0) c->job_workers = n;
    if (!c->data_folder.p) TRY(default_data_folder(l, &c->data_folder));
    if (!c->conf_file.p && l->file.p) c->conf_file = l->file;
    if (!str_starts(c->bind, STR("127.")) && !str_eq_c(c->bind, "::1"))
        TRY(note(l,
                 str_printf(l->a,
                            "PRISM_BIND is %.*s: other machines can reach the server, and it speaks http; put a proxy "
                            "that speaks https before it",
                            STR_ARG(c->bind))));
    return ERR_OK;
}

/* The value as it would stand in prism.conf. */
static struct str text_of(struct loading *l, size_t i)
{
    const struct conf__row *row = &conf__rows[i];
    const void *at = (const char *)l->c + row->offset;
    const struct conf_list *list = at;
    CLEANUP_SB struct sb b = SB_INIT(CONF_FILE_MAX_BYTES);
    struct str ret = STR_EMPTY;
    switch (row->kind) {
    case CONF__KIND_NUMBER: return str_printf(l->a, "%llu", (unsigned long long)*(const uint64_t *)at);
    case CONF__KIND_CHOICE: return str_dup(l->a, str_from_c(row->words[*(const unsigned *)at]));
    case CONF__KIND_PATH:
    case CONF__KIND_TEXT: return str_dup(l->a, *(const struct str *)at);
    case CONF__KIND_DECIMAL: return str_printf(l->a, "%.15g", *(const double *)at);
    case CONF__KIND_SECRET: return str_dup(l->a, ((const struct str *)at)->n ? STR("set") : STR(""));
    case CONF__KIND_LIST: break;
    }
    for (size_t k = 0; k < list->n; k++)
        sb_printf(&b, "%s%.*s", k ? "," : "", STR_ARG(list->at[k]));
    return sb_take(&b, l->a, &ret, NULL) == ERR_OK ? ret : STR_EMPTY;
}

static enum err load(struct arena *a, char *const *environment, struct str folder, bool with_file, struct conf *ret,
                     struct error *e)
{
    struct conf c = {0};
    struct loading l = {.a = a, .environment = environment, .folder = folder, .c = &c, .e = e};
    assert(str_starts(folder, STR("/")));
    TRY(gather_environment(&l));
    if (with_file) TRY(gather_file(&l));
    l.notes.n = 0; /* the paths that were needed for this are read again with all others */
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++)
        TRY(read_row(&l, i));
    TRY(work_out(&l));
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++) {
        c.texts[i] = text_of(&l, i);
        if (!c.texts[i].p) return error_no_memory(e);
    }
    c.notes = (struct conf_list){.at = l.notes.at, .n = l.notes.n};
    *ret = c;
    return ERR_OK;
}

enum err conf_load(struct arena *a, char *const *environment, struct str folder, struct conf *ret, struct error *e)
{
    return load(a, environment, folder, true, ret, e);
}

enum err conf_check(struct arena *a, char *const *environment, struct conf *ret, struct error *e)
{
    return load(a, environment, STR("/"), false, ret, e);
}
