/* The commands of the program as one table: name, help and options in the row, so that help cannot drift from what is parsed.
 * Thread: main. */
#pragma once

#include "base/sb.h"
#include "base/str.h"

enum cmd_exit {                         /* what the shell sees */
                CMD_EXIT_OK,            /* nothing at or above the asked risk */
                CMD_EXIT_FINDINGS,      /* something */
                CMD_EXIT_BAD_INPUT,     /* wrong usage, or a file that cannot be reviewed (the others were) */
                CMD_EXIT_INTERNAL,      /* our fault */
                CMD_EXIT_LOGS_PROBLEMS, /* the verdicts of "prism logs report" other than healthy */
                CMD_EXIT_LOGS_FAILED,
                CMD_EXIT_LOGS_UNKNOWN,
};

enum cmd_option_kind {
    CMD_OPTION_FLAG,   /* bool at offset becomes true */
    CMD_OPTION_TEXT,   /* const char * at offset */
    CMD_OPTION_CHOICE, /* int at offset: index in choices */
};

struct cmd_option {
    const char *name; /* "min-risk", without the hyphens */
    char letter;      /* 'o' for -o; 0: none */
    enum cmd_option_kind kind;
    size_t offset;              /* in the command's struct of values */
    const char *value;          /* what stands for the value in the help: "FILE" */
    const char *const *choices; /* CHOICE: NULL-terminated */
    const char *help;           /* a sentence or two; wrapped when printed */
};

struct cmd_command {
    const char *name;
    const char *summary;  /* one line of the list of commands */
    const char *synopsis; /* "FILE... [-o OUT] [options]" */
    const char *description;
    const struct cmd_option *options;
    size_t n_options;
    const char *examples; /* lines, or NULL */
    /* argv: what stands behind the command's name. Returns an exit code. */
    int (*run)(const struct cmd_command *self, int argc, char **argv);
};

size_t cmd_count(void);
const struct cmd_command *cmd_at(size_t i);
const struct cmd_command *cmd_find(const char *name); /* or NULL */

/* The program: argv[1] to the table. Returns the exit code. */
int cmd_main(int argc, char **argv);

/* The rows' functions, a file each. */
int cmd_review(const struct cmd_command *self, int argc, char **argv);
int cmd_rules(const struct cmd_command *self, int argc, char **argv);
int cmd_logs(const struct cmd_command *self, int argc, char **argv);
int cmd_framework(const struct cmd_command *self, int argc, char **argv);
int cmd_help(const struct cmd_command *self, int argc, char **argv);
int cmd_version(const struct cmd_command *self, int argc, char **argv);

/* What such a function is around its work: an arena of at most max_bytes, the exit code that the work gives, and its error said. */
typedef enum err (*cmd_work)(const struct cmd_command *self, int argc, char **argv, struct arena *a, int *ret_code,
                             struct error *e);
int cmd_in_arena(const struct cmd_command *self, int argc, char **argv, size_t max_bytes, cmd_work work);

/* Help texts, wrapped at 80 columns. */
void cmd_help_program(struct sb *out);
void cmd_help_command(const struct cmd_command *c, struct sb *out);
