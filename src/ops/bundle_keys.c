/* The file of settings: lines to values, by the table, with a word on each that cannot be.
 * Its names are EB_… for the environment, and the program's own for everything else, so an operator has one file and learns no second set of names. */
#include <stdio.h>
#include <string.h>

#include "base/closest.h"
#include "conf/file.h"
#include "ops/bundle_priv.h"

const struct bundle__key bundle__keys[BUNDLE__KEY_COUNT] = {
#define ROW(field, name_, default_, right_, accepted_)                                                                 \
    [BUNDLE_##field] = {.name = (name_), .default_text = (default_), .right = (right_), .accepted = (accepted_)},
    BUNDLE__KEYS(ROW)
#undef ROW
};

enum { SHOWN_MAX = 60, NAMES_COUNT = BUNDLE__KEY_COUNT + CONF_SETTING_COUNT };

enum err bundle__refuse(const struct ops_bundle *b, const char *name, unsigned line, struct error *e,
                        const char *format, ...)
{
    char text[sizeof e->message];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    error_set_reason(e, ERR_INVALID, "bad_bundle_setting", "%s %s", name, text);
    if (line > 0)
        error_hint(e, "It stands in \"%s\", line %u. \"prism bundle --example\" explains the settings.", b->name, line);
    else
        error_hint(e, "It is not in \"%s\". \"prism bundle --example\" explains the settings.", b->name);
    return ERR_INVALID;
}

enum err bundle__note(struct ops_bundle *b, struct str text, struct error *e)
{
    struct str *slot = text.p ? VEC_PUSH(b->a, &b->list) : NULL;
    if (!slot) return error_no_memory(e);
    *slot = text;
    b->notes = (struct conf_list){.at = b->list.at, .n = b->list.n};
    return ERR_OK;
}

static const char *name_at(const void *ctx, size_t i)
{
    (void)ctx;
    return i < BUNDLE__KEY_COUNT ? bundle__keys[i].name : conf_row_at(i - BUNDLE__KEY_COUNT).name;
}

static enum err unknown(const struct ops_bundle *b, const struct conf_line *line, struct error *e)
{
    char *name = str_to_c(b->a, line->name);
    if (!name) return error_no_memory(e);
    const char *closest = closest_name(name, NAMES_COUNT, name_at, NULL);
    if (str_starts(line->name, STR("AWS_")) && str_find(line->name, STR("KEY"), 0) != STR_NONE) {
        error_set_reason(e, ERR_INVALID, "unknown_bundle_setting", "%s is not written into a bundle", name);
        return error_hint(e,
                          "Instances have credentials by their role (EB_INSTANCE_PROFILE); take line %u out of \"%s\".",
                          line->line, b->name);
    }
    error_set_reason(e, ERR_INVALID, "unknown_bundle_setting", "there is no setting %s%s%s%s", name,
                     closest ? "; did you mean " : "", closest ? closest : "", closest ? "?" : "");
    error_hint(
        e,
        "It stands in \"%s\", line %u. \"prism bundle --example\" explains those of the environment, docs/configuration.md those of the program.",
        b->name, line->line);
    return ERR_INVALID;
}

static enum err take_eb(struct ops_bundle *b, size_t i, const struct conf_line *line, struct error *e)
{
    const struct bundle__key *key = &bundle__keys[i];
    if (line->value.n == 0) {
        if (i == BUNDLE_access_log_bucket)
            return bundle__refuse(b, key->name, line->line, e,
                                  "is empty: the balancer refuses an empty name (3 characters at least), and the whole "
                                  "environment with it; name the bucket, or take the line away");
        return bundle__refuse(b, key->name, line->line, e, "is empty; give it a value, or take the line away");
    }
    if (!key->right(line->value))
        return bundle__refuse(b, key->name, line->line, e, "is \"%.*s\"; accepted is %s",
                              STR_ARG(str_sub(line->value, 0, SHOWN_MAX)), key->accepted);
    b->eb[i] = (struct bundle__value){.text = line->value, .line = line->line};
    return ERR_OK;
}

static enum err take_program(struct ops_bundle *b, size_t i, const struct conf_line *line, struct error *e)
{
    struct conf_row row = conf_row_at(i);
    if (line->value.n == 0) return ERR_OK; /* as the program itself has it */
    if (row.secret && !bundle__is_secret_arn(line->value))
        return bundle__refuse(
            b, row.name, line->line, e,
            "is a secret and stands there as plain text, or with a wrong ARN; a bundle is kept in a bucket "
            "and shown in the console, so only the ARN of Secrets Manager or of a parameter is accepted");
    if (str_find_char(line->value, '`', 0) != STR_NONE)
        return bundle__refuse(b, row.name, line->line, e,
                              "has a \"`\", which begins a function of CloudFormation in configuration files");
    b->program[i] = (struct bundle__value){.text = line->value, .line = line->line};
    return ERR_OK;
}

static enum err take(struct ops_bundle *b, const struct conf_line *line, struct error *e)
{
    for (size_t i = 0; i < BUNDLE__KEY_COUNT; i++)
        if (str_eq_c(line->name, bundle__keys[i].name)) return take_eb(b, i, line, e);
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++)
        if (str_eq_c(line->name, conf_row_at(i).name)) return take_program(b, i, line, e);
    return unknown(b, line, e);
}

static enum err fill_in(struct ops_bundle *b, enum ops_bundle_branch branch, struct error *e)
{
    for (size_t i = 0; i < BUNDLE__KEY_COUNT; i++) {
        const struct bundle__key *key = &bundle__keys[i];
        if (b->eb[i].line > 0) continue;
        if (!key->default_text) {
            error_set_reason(e, ERR_INVALID, "missing_bundle_setting", "%s is missing; it must be given: %s", key->name,
                             key->accepted);
            return error_hint(e, "Write it into \"%s\". \"prism bundle --example\" explains the settings.", b->name);
        }
        b->eb[i].text = str_from_c(key->default_text);
    }
    if (branch != OPS_BUNDLE_AS_SET)
        b->eb[BUNDLE_branch].text = branch == OPS_BUNDLE_DOCKER ? STR("docker") : STR("go");
    return ERR_OK;
}

enum err ops_bundle_settings(struct arena *a, struct str text, const char *name, enum ops_bundle_branch branch,
                             struct ops_bundle **ret, struct error *e)
{
    struct conf_lines lines = {0};
    struct ops_bundle *b = NEW(a, struct ops_bundle, 1);
    if (!b) return error_no_memory(e);
    b->a = a;
    b->name = name;
    if (conf_file_parse(a, text, &lines, e) != ERR_OK) {
        error_prefix(e, "\"%s\"", name);
        return e->code;
    }
    for (size_t i = 0; i < lines.n; i++)
        TRY(take(b, &lines.at[i], e));
    TRY(fill_in(b, branch, e));
    TRY(bundle__settle(b, e));
    *ret = b;
    return ERR_OK;
}

const struct conf_list *ops_bundle_notes(const struct ops_bundle *b) { return &b->notes; }
