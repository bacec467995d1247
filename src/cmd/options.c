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

/* The words of the command line that are looked at. */
struct words {
    int i, n;
    char **at;
};

/* Gives an option its value: the one that its own word holds, or the next word. */
static enum err take(const struct cmd_option *o, const char *value, struct words *words, void *values, struct error *e)
{
    if (o->kind == CMD_OPTION_FLAG && value)
        return error_set_reason(e, ERR_INVALID, "bad_option", "--%s takes no value", o->name);
    if (o->kind != CMD_OPTION_FLAG && !value) {
        if (words->i + 1 >= words->n) {
            error_set_reason(e, ERR_INVALID, "bad_option", "--%s needs a value", o->name);
            return error_hint(e, "Write it as --%s %s.", o->name, o->value);
        }
        value = words->at[++words->i];
    }
    return set_value(o, value ? value : "", values, e);
}

/* "-o OUT", "-oOUT", "-o=OUT"; "-st" is "-s -t". */
static enum err parse_letters(const struct cmd_command *c, struct words *words, void *values, struct error *e)
{
    const char *word = words->at[words->i];
    for (const char *at = word + 1; *at; at++) {
        const struct cmd_option *o = NULL;
        for (size_t i = 0; i < c->n_options && !o; i++)
            if (c->options[i].letter == *at) o = &c->options[i];
        if (!o) return unknown_option(c, word, e);
        const char *value = at[1] == '=' ? at + 2 : at[1] && o->kind != CMD_OPTION_FLAG ? at + 1 : NULL;
        TRY(take(o, value, words, values, e));
        if (o->kind != CMD_OPTION_FLAG) return ERR_OK;
    }
    return ERR_OK;
}

/* "--out OUT", "--out=OUT". */
static enum err parse_name(const struct cmd_command *c, struct words *words, void *values, struct error *e)
{
    const char *word = words->at[words->i];
    for (size_t i = 0; i < c->n_options; i++) {
        const struct cmd_option *o = &c->options[i];
        size_t n = strlen(o->name);
        if (strncmp(word + 2, o->name, n) != 0 || (word[2 + n] && word[2 + n] != '=')) continue;
        return take(o, word[2 + n] ? word + 2 + n + 1 : NULL, words, values, e);
    }
    return unknown_option(c, word, e);
}

enum err cmd_options_parse(const struct cmd_command *c, int argc, char **argv, void *values, struct cmd_operands *ret,
                           struct error *e)
{
    size_t n = 0;
    struct words words = {.n = argc, .at = argv};
    for (; words.i < argc; words.i++) {
        char *word = argv[words.i];
        if (strcmp(word, "--") == 0) {
            while (++words.i < argc)
                argv[n++] = argv[words.i];
            break;
        }
        if (word[0] != '-' || word[1] == '\0')
            argv[n++] = word;
        else
            TRY(word[1] == '-' ? parse_name(c, &words, values, e) : parse_letters(c, &words, values, e));
    }
    *ret = (struct cmd_operands){.at = argv, .n = n};
    return ERR_OK;
}
