/* prism review: from the command line to the list of documents, the engine and the places where results go.
 * Everything that is the same for all documents is settled and checked before the first is read: a wrong framework or an output that would
 * hit an input is said at once. Then each document is on its own; one that fails does not stop the others. */
#include "cmd/review.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "cmd/review_priv.h"
#include "cmd/say.h"
#include "doc/read.h"
#include "ops/program.h"
#include "review/guidelines.h"

enum { RUN_ARENA_MAX = 512 << 20, SETTINGS_MAX_BYTES = 1 << 20 };

void cmd__progress(const struct cmd__run *run, size_t n)
{
    if (run->inputs.n < 2 || !isatty(STDERR_FILENO)) return;
    if (n == 0)
        fputs("\r\033[K", stderr);
    else
        fprintf(stderr, "\r\033[K[%zu/%zu] %.60s", n, run->inputs.n,
                fs_base_name(str_from_c(run->inputs.at[n - 1].path)).p);
}

static enum err settle_engine(struct cmd__run *run, struct error *e)
{
    struct rules_options o = {.dictionary_folder = ops_program_dictionary(),
                              .load_in_background = true}; /* while the first document is read */
    const char *path = run->values->rules;
    struct str text;
    if (path) {
        TRY(fs_read(run->arena, path, SETTINGS_MAX_BYTES, &text, e));
        if (json_parse(run->arena, text, &o.settings, e) != ERR_OK) return error_prefix(e, "%s", path);
    }
    enum err err = rules_engine_new(&o, &run->engine, e);
    return err != ERR_OK && path ? error_prefix(e, "%s", path) : err;
}

static enum err settle_guidelines(struct cmd__run *run, struct error *e)
{
    const char *path = run->values->guidelines;
    const struct cmd_input input = {.path = path};
    struct str bytes, name = fs_base_name(str_from_c(path));
    CLEANUP_DOC struct doc *doc = NULL;
    if (cmd__document_read(&input, run->arena, &bytes, &doc, e) != ERR_OK) return error_prefix(e, "%s", path);
    size_t dot = str_find(name, STR(".do"), 0);
    if (dot != STR_NONE && dot > 0) name = str_sub(name, 0, dot);
    if (guidelines_to_framework(run->arena, doc, name, &run->guidelines, e) != ERR_OK)
        return error_prefix(e, "%s", path);
    return ERR_OK;
}

static enum err settle_framework(struct cmd__run *run, struct error *e)
{
    const struct cmd_review_values *v = run->values;
    if (v->guidelines) TRY(settle_guidelines(run, e));
    if (!v->framework) return ERR_OK;
    if (strcmp(v->framework, "none") != 0) return framework_load(run->arena, v->framework, &run->framework, e);
    if (run->guidelines) return ERR_OK;
    error_set_reason(e, ERR_INVALID, "bad_option", "--framework none leaves nothing to review against");
    return error_hint(e, "Name a framework, or give --guidelines.");
}

/* Where reviewed documents go. */
static enum err settle_out(struct cmd__run *run, struct error *e)
{
    const char *out = run->values->out;
    if (!out) return ERR_OK;
    size_t n = strlen(out);
    bool is_stream = strcmp(out, "-") == 0;
    run->out_is_folder = !is_stream && (run->inputs.many || out[n - 1] == '/' || fs_kind(out) == FS_FOLDER);
    if (is_stream && run->inputs.many)
        return error_set_reason(e, ERR_INVALID, "bad_option", "only one document can go to standard output");
    if (is_stream && isatty(STDOUT_FILENO)) {
        error_set_reason(e, ERR_INVALID, "bad_option", "a document is not written to a terminal");
        return error_hint(e, "Send it to a file: -o FILE, or > FILE.");
    }
    if (run->out_is_folder) {
        run->out_names = cmd_names_make(run->arena, out, &run->inputs);
        return fs_make_folders(out, e);
    }
    if (!is_stream && cmd_inputs_have(&run->inputs, out)) {
        error_set_reason(e, ERR_INVALID, "output_is_input", "\"%s\" is the document itself; it is not written over",
                         out);
        return error_hint(e, "Give the reviewed document another name.");
    }
    return ERR_OK;
}

static enum cmd_format format_of_name(const char *path)
{
    static const struct {
        const char *end;
        enum cmd_format format;
    } rows[] = {{".json", CMD_FORMAT_JSON},
                {".sarif", CMD_FORMAT_SARIF},
                {".html", CMD_FORMAT_HTML},
                {".htm", CMD_FORMAT_HTML},
                {".csv", CMD_FORMAT_CSV}};
    for (size_t i = 0; path && i < sizeof rows / sizeof rows[0]; i++)
        if (str_ends_nocase(str_from_c(path), str_from_c(rows[i].end))) return rows[i].format;
    return CMD_FORMAT_TEXT;
}

static bool wants_color(const struct cmd_review_values *v)
{
    if (v->color) return v->color == 1;
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return !v->report && isatty(STDOUT_FILENO) && !(no_color && *no_color) && !(term && strcmp(term, "dumb") == 0);
}

static enum err settle_report(struct cmd__run *run, struct error *e)
{
    const struct cmd_review_values *v = run->values;
    struct cmd__report *report = &run->report;
    report->format = v->format == CMD_FORMAT_UNSET ? format_of_name(v->report) : (enum cmd_format)v->format;
    report->path = v->report && strcmp(v->report, "-") != 0 ? v->report : NULL;
    report->to_stderr = v->out && strcmp(v->out, "-") == 0;
    report->color = wants_color(v);
    if (report->path && (cmd_inputs_have(&run->inputs, report->path) || (v->out && strcmp(v->out, v->report) == 0))) {
        error_set_reason(e, ERR_INVALID, "output_is_input", "the report cannot go to \"%s\": it is a document",
                         report->path);
        return error_hint(e, "Give the report another name.");
    }
    if (report->format == CMD_FORMAT_HTML && run->inputs.many && !report->path) {
        error_set_reason(e, ERR_INVALID, "bad_option", "HTML reports of several documents need a folder");
        return error_hint(e, "Add --report FOLDER.");
    }
    return cmd__report_begin(run, e);
}

static enum err settle(struct cmd__run *run, const struct cmd_operands *words, struct error *e)
{
    if (words->n == 0) {
        error_set_reason(e, ERR_INVALID, "bad_option", "no document named");
        return error_hint(e, "prism review FILE.docx; \"prism help review\" explains the rest.");
    }
    TRY(settle_engine(run, e));
    TRY(settle_framework(run, e));
    TRY(cmd_inputs_find(run->arena, words, &run->inputs, e));
    TRY(settle_out(run, e));
    return settle_report(run, e);
}

static enum err review_all(struct cmd__run *run, struct error *e)
{
    for (size_t i = 0; i < run->inputs.n; i++) {
        struct error failed = {0};
        cmd__progress(run, i + 1);
        enum err err = cmd__review_file(run, i, &failed);
        cmd__progress(run, 0);
        if (err == ERR_OK) continue;
        run->n_failed++;
        run->n_internal += cmd_exit_of(err) == CMD_EXIT_INTERNAL;
        cmd_say_error(run->inputs.at[i].path, &failed);
        TRY(cmd__report_fail(run, run->inputs.at[i].path, &failed, e));
    }
    return cmd__report_end(run, e);
}

static int exit_of_run(const struct cmd__run *run)
{
    if (run->n_internal) return CMD_EXIT_INTERNAL;
    if (run->n_failed || run->inputs.wrong.n) return CMD_EXIT_BAD_INPUT;
    return run->n_with_findings ? CMD_EXIT_FINDINGS : CMD_EXIT_OK;
}

int cmd_review(const struct cmd_command *self, int argc, char **argv)
{
    struct error e = {0};
    struct cmd_review_values values = {.format = CMD_FORMAT_UNSET};
    struct cmd_operands words;
    CLEANUP_ARENA struct arena *a = arena_new(RUN_ARENA_MAX);
    struct cmd__run run = {.values = &values, .arena = a};
    enum err err = a ? cmd_options_parse(self, argc, argv, &values, &words, &e) : error_no_memory(&e);
    if (err == ERR_OK) err = settle(&run, &words, &e);
    if (err == ERR_OK) err = review_all(&run, &e);
    cmd__report_done(&run.report);
    rules_engine_free(run.engine);
    if (err == ERR_OK) return exit_of_run(&run);
    cmd_say_error(NULL, &e);
    return cmd_exit_of(err);
}
