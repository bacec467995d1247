/* prism logs: what the logs of a deployment say, as a report. The work is ops/logs.h's; here are its options and exit codes. */
#include "cmd/logs.h"

#include "base/fs.h"
#include "cmd/options.h"
#include "cmd/say.h"
#include "ops/logs.h"

enum { ARENA_MAX = 128 << 20, REPORT_MAX_BYTES = 64 << 20, FORMAT_BY_NAME = -1 };

struct values {
    int format; /* enum ops_logs_format, or FORMAT_BY_NAME */
    const char *out;
};

static const char *const formats[] = {"markdown", "html", "json", NULL}; /* as enum ops_logs_format */

const struct cmd_option cmd_logs_options[CMD_LOGS_OPTION_COUNT] = {
    {.name = "format",
     .letter = 'f',
     .kind = CMD_OPTION_CHOICE,
     .offset = offsetof(struct values, format),
     .value = "FORMAT",
     .choices = formats,
     .help = "Without it the name of FILE decides (.md, .html, .json), else markdown."},
    {.name = "out",
     .letter = 'o',
     .kind = CMD_OPTION_TEXT,
     .offset = offsetof(struct values, out),
     .value = "FILE",
     .help = "Write the report to FILE instead of standard output."},
};

static int exit_of(enum ops_logs_verdict verdict)
{
    switch (verdict) {
    case OPS_LOGS_HEALTHY: return CMD_EXIT_OK;
    case OPS_LOGS_PROBLEMS: return CMD_EXIT_LOGS_PROBLEMS;
    case OPS_LOGS_FAILED: return CMD_EXIT_LOGS_FAILED;
    case OPS_LOGS_UNKNOWN: return CMD_EXIT_LOGS_UNKNOWN;
    }
    return CMD_EXIT_INTERNAL;
}

static enum ops_logs_format format_of(const struct values *v)
{
    struct str name = str_from_c(v->out);
    if (v->format != FORMAT_BY_NAME) return (enum ops_logs_format)v->format;
    if (str_ends_nocase(name, STR(".json"))) return OPS_LOGS_JSON;
    if (str_ends_nocase(name, STR(".html")) || str_ends_nocase(name, STR(".htm"))) return OPS_LOGS_HTML;
    return OPS_LOGS_MARKDOWN;
}

static enum err run(const struct cmd_command *self, int argc, char **argv, struct arena *a, int *exit_code,
                    struct error *e)
{
    struct values values = {.format = FORMAT_BY_NAME};
    struct cmd_operands words;
    struct ops_logs *logs;
    CLEANUP_SB struct sb out = SB_INIT(REPORT_MAX_BYTES);
    TRY(cmd_options_parse(self, argc, argv, &values, &words, e));
    if (words.n != 2 || strcmp(words.at[0], "report") != 0) {
        error_set_reason(e, ERR_INVALID, "bad_option", "say what to do: report DIR or report ZIP");
        return error_hint(e, "\"prism help logs\" explains it.");
    }
    TRY(ops_logs_read(a, words.at[1], NULL, &logs, e));
    TRY(ops_logs_write(logs, format_of(&values), &out, e));
    if (!values.out || strcmp(values.out, "-") == 0)
        TRY(cmd_print(sb_view(&out), e));
    else
        TRY(fs_write_atomic(values.out, sb_view(&out), 0644, e));
    *exit_code = exit_of(ops_logs_verdict(logs));
    return ERR_OK;
}

int cmd_logs(const struct cmd_command *self, int argc, char **argv)
{
    return cmd_in_arena(self, argc, argv, ARENA_MAX, run);
}
