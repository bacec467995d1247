/* Help texts, made from the table of commands and wrapped at 80 columns. */
#include <stdio.h>

#include "cmd/commands.h"
#include "cmd/options.h"
#include "cmd/say.h"

enum { WIDTH = 80, OPTION_COLUMN = 26, HELP_MAX_BYTES = 1 << 16 };

/* Words of text from column `at` on, each line beginning at `indent`. LF ends a paragraph. */
static void put_wrapped(struct sb *out, const char *text, size_t at, size_t indent)
{
    while (*text) {
        size_t n = strcspn(text, " \n");
        if (at > indent && at + 1 + n > WIDTH) {
            sb_char(out, '\n');
            at = 0;
        }
        if (at == 0)
            for (; at < indent; at++)
                sb_char(out, ' ');
        else if (at > indent) {
            sb_char(out, ' ');
            at++;
        }
        sb_str(out, (struct str){text, n});
        at += n;
        text += n;
        if (*text == '\n') {
            sb_char(out, '\n');
            at = 0;
        }
        if (*text) text++;
    }
    if (at) sb_char(out, '\n');
}

static void put_choices(struct sb *out, const struct cmd_option *o)
{
    for (size_t i = 0; o->choices[i]; i++)
        sb_printf(out, "%s%s", i ? "|" : "", o->choices[i]);
}

static void put_option(struct sb *out, const struct cmd_option *o)
{
    size_t start = out->n;
    if (o->letter)
        sb_printf(out, "  -%c, --%s", o->letter, o->name);
    else
        sb_printf(out, "      --%s", o->name);
    if (o->kind != CMD_OPTION_FLAG) sb_printf(out, " %s", o->value);
    size_t at = out->n - start;
    if (at + 2 > OPTION_COLUMN) {
        sb_char(out, '\n');
        at = 0;
    }
    for (; at && at < OPTION_COLUMN; at++)
        sb_char(out, ' ');
    CLEANUP_SB struct sb help = SB_INIT(4096);
    sb_c(&help, o->help);
    if (o->kind == CMD_OPTION_CHOICE) {
        sb_c(&help, " One of ");
        put_choices(&help, o);
        sb_char(&help, '.');
    }
    sb_char(&help, '\0');
    if (sb_ok(&help)) put_wrapped(out, help.p, at, OPTION_COLUMN);
}

void cmd_help_program(struct sb *out)
{
    sb_c(out, "prism reviews Word documents: it finds what is missing, wrong or unclear, and\n"
              "writes each finding as a comment on the words that it is about.\n\n"
              "Usage: prism COMMAND [arguments]\n\n");
    for (size_t i = 0; i < cmd_count(); i++)
        sb_printf(out, "  %-10s %s\n", cmd_at(i)->name, cmd_at(i)->summary);
    sb_c(out, "\n\"prism help COMMAND\" explains a command. Begin with: prism review FILE.docx\n");
}

void cmd_help_command(const struct cmd_command *c, struct sb *out)
{
    sb_printf(out, "Usage: prism %s%s%s\n\n", c->name, *c->synopsis ? " " : "", c->synopsis);
    put_wrapped(out, c->description, 0, 0);
    if (c->n_options) sb_c(out, "\nOptions:\n");
    for (size_t i = 0; i < c->n_options; i++)
        put_option(out, &c->options[i]);
    if (!c->examples) return;
    sb_c(out, "\nExamples:\n");
    for (const char *p = c->examples; *p;) {
        size_t n = strcspn(p, "\n");
        sb_printf(out, "  %.*s\n", (int)n, p);
        p += n + (p[n] == '\n');
    }
}

static int print(const struct sb *text)
{
    struct error e;
    if (!sb_ok(text))
        error_no_memory(&e);
    else if (cmd_print(sb_view(text), &e) == ERR_OK)
        return CMD_EXIT_OK;
    cmd_say_error(NULL, &e);
    return CMD_EXIT_INTERNAL;
}

int cmd_help(const struct cmd_command *self, int argc, char **argv)
{
    CLEANUP_SB struct sb text = SB_INIT(HELP_MAX_BYTES);
    if (argc == 0) {
        cmd_help_program(&text);
        return print(&text);
    }
    const struct cmd_command *c = cmd_find(argv[0]);
    if (!c && argv[0][0] == '-') c = self; /* "prism -h review" asks for the program's help */
    if (!c) {
        struct error e;
        error_set(&e, ERR_INVALID, "there is no command \"%s\"", argv[0]);
        error_hint(&e, "\"prism help\" lists the commands.");
        cmd_say_error(NULL, &e);
        return CMD_EXIT_BAD_INPUT;
    }
    cmd_help_command(c, &text);
    return print(&text);
}

int cmd_version(const struct cmd_command *self, int argc, char **argv)
{
    struct cmd_operands operands;
    struct error e;
    if (cmd_options_parse(self, argc, argv, NULL, &operands, &e) != ERR_OK) {
        cmd_say_error(NULL, &e);
        return CMD_EXIT_BAD_INPUT;
    }
    CLEANUP_SB struct sb text = SB_INIT(256);
    sb_c(&text, "prism " PRISM_VERSION "\n");
    return print(&text);
}
