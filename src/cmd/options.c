/* Command-line options by table.
 * One row an option, with its help in the row (cmd/commands.h). A wrong word is answered with the option that it most likely means.
 * Rejected: getopt_long, which reports errors itself, keeps its state in globals and knows no choices; abbreviated long options, because
 * they change their meaning when an option is added. */
#include "cmd/options.h"

#include <stdio.h>

#include "base/closest.h"

static const char *option_name_at(const void *ctx, size_t i)
{
    return ((const struct cmd_command *)ctx)->options[i].name;
}

static const char *choice_at(const void *ctx, size_t i) { return ((const struct cmd_option *)ctx)->choices[i]; }

static enum err unknown_option(const struct cmd_command *c, const char *word, struct error *e)
{
    error_set_reason(e, ERR_INVALID, "bad_option", "unknown option \"%s\"", word);
    const char *closest = word[1] == '-' ? closest_name(word + 2, c->n_options, option_name_at, c) : NULL;
    if (closest) return error_hint(e, "Did you mean --%s? \"prism help %s\" lists the options.", closest, c->name);
    return error_hint(e, "\"prism help %s\" lists the options.", c->name);
}

static enum err set_choice(const struct cmd_option *o, const char *value, int *out, struct error *e)
{
    size_t n = 0;
    char list[160] = "";
    for (; o->choices[n]; n++) {
        if (strcmp(o->choices[n], value) == 0) {
            *out = (int)n;
            return ERR_OK;
        }
        size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%s", n ? ", " : "", o->choices[n]);
    }
    error_set_reason(e, ERR_INVALID, "bad_option", "--%s does not take \"%s\"", o->name, value);
    const char *closest = closest_name(value, n, choice_at, o);
    if (closest) return error_hint(e, "Accepted: %s. Did you mean \"%s\"?", list, closest);
    return error_hint(e, "Accepted: %s.", list);
}

static enum err set_value(const struct cmd_option *o, const char *value, void *values, struct error *e)
{
    void *at = (char *)values + o->offset;
    switch (o->kind) {
    case CMD_OPTION_FLAG: *(bool *)at = true; return ERR_OK;
    case CMD_OPTION_TEXT:
        if (!*value) return error_set_reason(e, ERR_INVALID, "bad_option", "--%s has an empty value", o->name);
        *(const char **)at = value;
        return ERR_OK;
    case CMD_OPTION_CHOICE: return set_choice(o, value, at, e);
    }
    return ERR_OK;
}

/* The option that a word names, and its value where the word holds it too. */
static const struct cmd_option *option_of(const struct cmd_command *c, const char *word, const char **ret_value)
{
    *ret_value = NULL;
    for (size_t i = 0; i < c->n_options; i++) {
        const struct cmd_option *o = &c->options[i];
        if (word[1] != '-') {
            if (!o->letter || o->letter != word[1]) continue;
            if (word[2]) *ret_value = word[2] == '=' ? word + 3 : word + 2;
            return o;
        }
        size_t n = strlen(o->name);
        if (strncmp(word + 2, o->name, n) != 0) continue;
        if (word[2 + n] == '\0') return o;
        if (word[2 + n] != '=') continue;
        *ret_value = word + 2 + n + 1;
        return o;
    }
    return NULL;
}

enum err cmd_options_parse(const struct cmd_command *c, int argc, char **argv, void *values, struct cmd_operands *ret,
                           struct error *e)
{
    size_t n = 0;
    for (int i = 0; i < argc; i++) {
        char *word = argv[i];
        if (strcmp(word, "--") == 0) {
            while (++i < argc)
                argv[n++] = argv[i];
            break;
        }
        if (word[0] != '-' || word[1] == '\0') {
            argv[n++] = word;
            continue;
        }
        const char *value;
        const struct cmd_option *o = option_of(c, word, &value);
        if (!o) return unknown_option(c, word, e);
        if (o->kind == CMD_OPTION_FLAG && value)
            return error_set_reason(e, ERR_INVALID, "bad_option", "--%s takes no value", o->name);
        if (o->kind != CMD_OPTION_FLAG && !value) {
            if (i + 1 >= argc) {
                error_set_reason(e, ERR_INVALID, "bad_option", "--%s needs a value", o->name);
                return error_hint(e, "Write it as --%s %s.", o->name, o->value);
            }
            value = argv[++i];
        }
        TRY(set_value(o, value ? value : "", values, e));
    }
    *ret = (struct cmd_operands){.at = argv, .n = n};
    return ERR_OK;
}
