/* Frameworks out of JSON: decoded by tables that mirror frameworks/framework.schema.json, then checked for what a table cannot say.
 * The built-in ones are the project's own files, made part of the program by the build (tools/embed.c), so what ships is what is published.
 * Limits: FRAMEWORK_MAX_BYTES a file; the counts and lengths of the tables below, in bytes (the schema counts characters). */
#include "review/framework.h"

#include <stddef.h>
#include <stdio.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "review/embedded.h"

#define FRAMEWORK_MAX_BYTES ((size_t)4 << 20)

/* What the JSON says, before it is what framework.h says. */
struct raw_point {
    int64_t number;
    struct str name, asks;
    struct json_list questions, words, rules, sections;
};
struct raw_section {
    struct str title;
    struct json_list aliases;
};
struct raw_recognise {
    struct json_list words;
    int64_t at_least;
};
struct raw_framework {
    struct str id, name, version, description;
    struct raw_recognise recognise;
    struct json_list sections, points;
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct json_field point_fields[] = {
    {.name = "number",
     .kind = JSON_K_INT,
     .offset = offsetof(struct raw_point, number),
     .required = true,
     .min = 1,
     .max = 100000},
    {.name = "name",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw_point, name),
     .required = true,
     .min = 1,
     .max = 800},
    {.name = "asks",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw_point, asks),
     .required = true,
     .min = 1,
     .max = 8000},
    {.name = "questions", .kind = JSON_K_STRS, .offset = offsetof(struct raw_point, questions), .min = 0, .max = 50},
    {.name = "words", .kind = JSON_K_STRS, .offset = offsetof(struct raw_point, words), .min = 0, .max = 200},
    {.name = "rules", .kind = JSON_K_STRS, .offset = offsetof(struct raw_point, rules), .min = 0, .max = 100},
    {.name = "sections", .kind = JSON_K_STRS, .offset = offsetof(struct raw_point, sections), .min = 0, .max = 50},
};
static const struct json_table point_table = {sizeof(struct raw_point), point_fields, COUNT(point_fields)};

static const struct json_field section_fields[] = {
    {.name = "title",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw_section, title),
     .required = true,
     .min = 1,
     .max = 800},
    {.name = "aliases", .kind = JSON_K_STRS, .offset = offsetof(struct raw_section, aliases), .min = 0, .max = 100},
};
static const struct json_table section_table = {sizeof(struct raw_section), section_fields, COUNT(section_fields)};

static const struct json_field recognise_fields[] = {
    {.name = "words",
     .kind = JSON_K_STRS,
     .offset = offsetof(struct raw_recognise, words),
     .required = true,
     .min = 1,
     .max = 200},
    {.name = "at_least",
     .kind = JSON_K_INT,
     .offset = offsetof(struct raw_recognise, at_least),
     .required = true,
     .min = 1,
     .max = 1000},
};
static const struct json_table recognise_table = {sizeof(struct raw_recognise), recognise_fields,
                                                  COUNT(recognise_fields)};

static const struct json_field framework_fields[] = {
    {.name = "id",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw_framework, id),
     .required = true,
     .min = 1,
     .max = 64},
    {.name = "name",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw_framework, name),
     .required = true,
     .min = 1,
     .max = 800},
    {.name = "version",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw_framework, version),
     .required = true,
     .min = 1,
     .max = 800},
    {.name = "description",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw_framework, description),
     .required = true,
     .min = 1,
     .max = 8000},
    {.name = "recognise",
     .kind = JSON_K_OBJECT,
     .offset = offsetof(struct raw_framework, recognise),
     .table = &recognise_table},
    {.name = "sections",
     .kind = JSON_K_ARRAY,
     .offset = offsetof(struct raw_framework, sections),
     .min = 0,
     .max = 100,
     .table = &section_table},
    {.name = "points",
     .kind = JSON_K_ARRAY,
     .offset = offsetof(struct raw_framework, points),
     .required = true,
     .min = 1,
     .max = 1000,
     .table = &point_table},
};
static const struct json_table framework_table = {sizeof(struct raw_framework), framework_fields,
                                                  COUNT(framework_fields)};

/* --- what a table cannot say --- */

static enum err wrong(struct error *e, const char *path, const char *reason)
{
    return error_set_reason(e, ERR_INVALID, "bad_framework", "%s: %s", path, reason);
}

static bool is_id(struct str s)
{
    if (s.n == 0 || s.n > 64) return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool alnum = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!alnum && (i == 0 || (c != '-' && c != '_'))) return false;
    }
    return true;
}

/* "family.name" or "family.*". */
static bool is_rule_glob(struct str s)
{
    struct str name = STR_EMPTY, family = str_cut(s, '.', &name);
    if (family.n == 0 || !name.p || name.n == 0) return false;
    for (size_t i = 0; i < family.n; i++)
        if (!((family.p[i] >= 'a' && family.p[i] <= 'z') || family.p[i] == '_')) return false;
    if (str_eq_c(name, "*")) return true;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

/* A word to look for: two characters or more, not all stars and white space. */
static bool is_word(struct str s)
{
    bool said = false;
    size_t n = 0;
    for (size_t i = 0; i < s.n; n++) {
        uint32_t r = utf8_next(s, &i);
        said = said || (r != '*' && !utf8_is_space(r));
    }
    return said && n >= 2 && n <= 100;
}

static bool is_line(struct str s) { return str_trim(s).n > 0; }

static enum err check_strs(struct arena *a, struct json_list list, bool (*passes)(struct str s), const char *where,
                           const char *member, const char *reason, struct error *e)
{
    const struct str *at = list.at;
    for (size_t i = 0; i < list.n; i++) {
        if (passes(at[i])) continue;
        struct str path = str_printf(a, "%s%s[%zu]", where, member, i);
        if (!path.p) return error_no_memory(e);
        return wrong(e, path.p, reason);
    }
    return ERR_OK;
}

static const char word_reason[] = "must be 2 to 100 characters with something other than stars and white space";
static const char line_reason[] = "must not be empty";

static enum err check_point(struct arena *a, const struct raw_point *points, size_t i, struct error *e)
{
    const struct raw_point *p = &points[i];
    struct str where = str_printf(a, "points[%zu].", i);
    if (!where.p) return error_no_memory(e);
    for (size_t k = 0; k < i; k++) {
        if (points[k].number != p->number) continue;
        struct str path = str_printf(a, "points[%zu].number", i);
        return path.p ? wrong(e, path.p, "another point has the same number") : error_no_memory(e);
    }
    if (!is_line(p->name) || !is_line(p->asks)) {
        struct str path = str_printf(a, "points[%zu].%s", i, is_line(p->name) ? "asks" : "name");
        return path.p ? wrong(e, path.p, line_reason) : error_no_memory(e);
    }
    TRY(check_strs(a, p->questions, is_line, where.p, "questions", line_reason, e));
    TRY(check_strs(a, p->words, is_word, where.p, "words", word_reason, e));
    TRY(check_strs(a, p->sections, is_line, where.p, "sections", line_reason, e));
    return check_strs(a, p->rules, is_rule_glob, where.p, "rules",
                      "must be the id of a rule (cause.action_without_owner) or a family (cause.*)", e);
}

static enum err check(struct arena *a, const struct raw_framework *raw, struct error *e)
{
    if (!is_id(raw->id))
        return wrong(e, "id", "must be lower-case letters, digits, \"-\" and \"_\", beginning with a letter or digit");
    if (!is_line(raw->name)) return wrong(e, "name", line_reason);
    if (!is_line(raw->version)) return wrong(e, "version", line_reason);
    if (!is_line(raw->description)) return wrong(e, "description", line_reason);
    TRY(check_strs(a, raw->recognise.words, is_word, "recognise.", "words", word_reason, e));
    const struct raw_section *sections = raw->sections.at;
    for (size_t i = 0; i < raw->sections.n; i++) {
        struct str where = str_printf(a, "sections[%zu].", i), title = str_printf(a, "sections[%zu].title", i);
        if (!where.p || !title.p) return error_no_memory(e);
        if (!is_line(sections[i].title)) return wrong(e, title.p, line_reason);
        TRY(check_strs(a, sections[i].aliases, is_line, where.p, "aliases", line_reason, e));
    }
    for (size_t i = 0; i < raw->points.n; i++)
        TRY(check_point(a, raw->points.at, i, e));
    return ERR_OK;
}

/* --- out of the raw form --- */

static enum err points_take(struct arena *a, const struct raw_framework *raw, struct framework *f, struct error *e)
{
    struct framework_point *points = NEW(a, struct framework_point, raw->points.n);
    if (!points) return error_no_memory(e);
    const struct raw_point *from = raw->points.at;
    for (size_t i = 0; i < raw->points.n; i++) {
        const struct raw_point *p = &from[i];
        points[i] = (struct framework_point){
            .number = p->number,
            .name = p->name,
            .asks = p->asks,
            .questions = p->questions.at,
            .n_questions = p->questions.n,
            .words = p->words.at,
            .n_words = p->words.n,
            .rules = p->rules.at,
            .n_rules = p->rules.n,
            .sections = p->sections.at,
            .n_sections = p->sections.n,
        };
    }
    f->points = points;
    f->n_points = raw->points.n;
    return ERR_OK;
}

static enum err sections_take(struct arena *a, const struct raw_framework *raw, struct framework *f, struct error *e)
{
    struct rules_expected_section *sections = NEW(a, struct rules_expected_section, raw->sections.n);
    if (!sections) return error_no_memory(e);
    const struct raw_section *from = raw->sections.at;
    for (size_t i = 0; i < raw->sections.n; i++)
        sections[i] = (struct rules_expected_section){from[i].title, from[i].aliases.at, from[i].aliases.n};
    f->sections = sections;
    f->n_sections = raw->sections.n;
    return ERR_OK;
}

enum err framework_parse(struct arena *a, struct str json, struct framework **ret, struct error *e)
{
    const struct json *v = NULL;
    struct raw_framework raw = {0};
    struct error cause = {0};
    enum err err = json_parse(a, json, &v, &cause);
    if (err == ERR_OK) err = json_decode(a, v, &framework_table, &raw, &cause);
    if (err == ERR_INVALID) return error_set_reason(e, ERR_INVALID, "bad_framework", "%s", cause.message);
    if (err != ERR_OK) {
        if (e) *e = cause;
        return err;
    }
    TRY(check(a, &raw, e));
    struct framework *f = NEW(a, struct framework, 1);
    if (!f) return error_no_memory(e);
    *f = (struct framework){
        .id = raw.id,
        .name = raw.name,
        .version = raw.version,
        .description = raw.description,
        .recognise = raw.recognise.words.at,
        .n_recognise = raw.recognise.words.n,
        .recognise_at_least = raw.recognise.at_least,
    };
    TRY(points_take(a, &raw, f, e));
    TRY(sections_take(a, &raw, f, e));
    *ret = f;
    return ERR_OK;
}

/* --- by name --- */

size_t framework_builtin_count(void) { return framework__builtin_n; }
const char *framework_builtin_name(size_t i) { return framework__builtins[i].name; }

static enum err load_builtin(struct arena *a, size_t i, struct framework **ret, struct error *e)
{
    const struct embedded_file *b = &framework__builtins[i];
    return framework_parse(a, (struct str){(const char *)b->bytes, b->n}, ret, e);
}

/* Every name that is built in, for messages. */
static void names(char *ret, size_t n)
{
    size_t used = 0;
    ret[0] = 0;
    for (size_t i = 0; i < framework__builtin_n; i++) {
        int wrote = snprintf(ret + used, n - used, "%s%s", i ? ", " : "", framework__builtins[i].name);
        if (wrote < 0 || (size_t)wrote >= n - used) return;
        used += (size_t)wrote;
    }
}

enum err framework_load(struct arena *a, const char *name_or_path, struct framework **ret, struct error *e)
{
    struct str name = str_from_c(name_or_path), text = STR_EMPTY;
    for (size_t i = 0; i < framework__builtin_n; i++)
        if (str_eq_c(name, framework__builtins[i].name)) return load_builtin(a, i, ret, e);
    if (!str_ends(name, STR(".json")) && str_find_char(name, '/', 0) == STR_NONE) {
        char all[200];
        names(all, sizeof all);
        (void)error_set_reason(e, ERR_NOT_FOUND, "no_framework", "there is no framework \"%.*s\"; there are: %s",
                               (int)(name.n < 64 ? name.n : 64), name.p, all);
        return error_hint(e, "Name one of these, or give the path of a .json file.");
    }
    TRY(fs_read(a, name_or_path, FRAMEWORK_MAX_BYTES, &text, e));
    if (framework_parse(a, text, ret, e) == ERR_OK) return ERR_OK;
    struct str file = fs_base_name(name);
    return error_prefix(e, "framework \"%.*s\"", (int)(file.n < 64 ? file.n : 64), file.p);
}
