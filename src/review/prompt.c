/* Filling is one pass: a value is never looked into, so a document that contains "{{FENCE}}" stays what it is. */
#include "review/prompt.h"

#include "base/fs.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "review/embedded.h"

enum { PROMPT_MAX_BYTES = 64 << 10, VERSION_DIGITS = 12 };

struct prompts {
    struct prompt *at;
    size_t n;
};

static struct prompt *find(const struct prompts *prompts, struct str name)
{
    for (size_t i = 0; i < prompts->n; i++)
        if (str_eq(prompts->at[i].name, name)) return &prompts->at[i];
    return NULL;
}

const struct prompt *prompts_get(const struct prompts *prompts, const char *name)
{
    return find(prompts, str_from_c(name));
}

static enum err bad(const char *path, const char *what, struct error *e)
{
    error_set_reason(e, ERR_INVALID, "bad_prompt", "\"%s\" %s", path, what);
    return error_hint(e, "prompts/ in the sources has the texts that are built in, to begin from.");
}

static enum err version_make(struct arena *a, struct prompt *p, struct error *e)
{
    char hex[HASH_SHA256_HEX + 1];
    TRY(hash_sha256_hex(p->text, hex, e));
    p->version = str_dup(a, (struct str){hex, VERSION_DIGITS});
    return p->version.p ? ERR_OK : error_no_memory(e);
}

static enum err unknown(const struct prompts *prompts, const char *path, struct error *e)
{
    CLEANUP_SB struct sb names = SB_INIT(200);
    for (size_t i = 0; i < prompts->n; i++)
        sb_printf(&names, "%s%.*s.md", i ? ", " : "", STR_ARG(prompts->at[i].name));
    return error_set_reason(e, ERR_INVALID, "bad_prompt", "\"%s\" is none of the prompts: %.*s", path,
                            STR_ARG(sb_view(&names)));
}

/* One file of the team's. */
static enum err replace(struct arena *a, struct prompts *prompts, const char *path, struct error *e)
{
    struct str text, name = fs_base_name(str_from_c(path));
    struct prompt *p = find(prompts, str_sub(name, 0, name.n - strlen(".md")));
    if (!p) return unknown(prompts, path, e);
    TRY(fs_read(a, path, PROMPT_MAX_BYTES, &text, e));
    if (str_trim(text).n == 0) return bad(path, "is empty", e);
    if (!utf8_valid(text)) return bad(path, "is no UTF-8", e);
    p->text = text;
    return version_make(a, p, e);
}

static bool is_prompt(struct str name) { return str_ends(name, STR(".md")) && name.p[0] != '.'; }

static enum err replace_all(struct arena *a, struct prompts *prompts, const char *folder, struct error *e)
{
    struct fs_list files = {0};
    TRY(fs_walk(a, folder, is_prompt, &files, e));
    for (size_t i = 0; i < files.n; i++)
        TRY(replace(a, prompts, files.at[i], e));
    return ERR_OK;
}

enum err prompts_load(struct arena *a, const char *folder, struct prompts **ret, struct error *e)
{
    struct prompts *made = NEW(a, struct prompts, 1);
    if (!made) return error_no_memory(e);
    made->n = prompt__builtin_n;
    made->at = NEW(a, struct prompt, made->n);
    if (!made->at) return error_no_memory(e);
    for (size_t i = 0; i < made->n; i++) {
        const struct embedded_file *file = &prompt__builtins[i];
        made->at[i] = (struct prompt){.name = str_from_c(file->name), .text = {(const char *)file->bytes, file->n}};
        TRY(version_make(a, &made->at[i], e));
    }
    if (folder) TRY(replace_all(a, made, folder, e));
    *ret = made;
    return ERR_OK;
}

/* --- filling --- */

static size_t var_find(const struct prompt_var *vars, size_t n_vars, struct str name)
{
    size_t i = 0;
    while (i < n_vars && !str_eq_c(name, vars[i].name))
        i++;
    return i;
}

enum err prompt_fill(const struct prompt *prompt, const struct prompt_var *vars, size_t n_vars, struct arena *a,
                     struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct str text = prompt->text;
    bool fenced = false;
    for (size_t at = 0;;) {
        size_t open = str_find(text, STR("{{"), at), close = str_find(text, STR("}}"), open == STR_NONE ? 0 : open);
        sb_str(&b, str_sub(text, at, open));
        if (open == STR_NONE || close == STR_NONE) break;
        struct str name = str_sub(text, open + 2, close);
        size_t i = var_find(vars, n_vars, name);
        if (i == n_vars)
            return error_set_reason(e, ERR_INVALID, "bad_prompt",
                                    "the prompt \"%.*s\" names {{%.*s}}, which it has no value for",
                                    STR_ARG(prompt->name), STR_ARG(name));
        fenced = fenced || str_eq_c(name, "FENCE");
        sb_str(&b, vars[i].value);
        at = close + 2;
    }
    if (!fenced && var_find(vars, n_vars, STR("FENCE")) < n_vars)
        return error_set_reason(
            e, ERR_INVALID, "bad_prompt",
            "the prompt \"%.*s\" does not name {{FENCE}}, which tells the model what is the document's",
            STR_ARG(prompt->name));
    return sb_take(&b, a, ret, e);
}
