/* The report of "prism review" over all its documents.
 * Text, JSON and CSV go out document by document and nothing is kept; HTML is one file a document; SARIF is by its nature one run for all,
 * so its documents are kept until the end (the cost of asking for it over a large folder).
 * The JSON is {"documents": […], "failed": […]}, held to docs/reviews.schema.json: one shape for one document
 * and for many, so that a program needs to know one. */
#include <stdio.h>

#include "base/fs.h"
#include "cmd/review_priv.h"
#include "cmd/say.h"

enum { REPORT_MAX_BYTES = 1 << 30 };

/* Writes out what waits: to the file at the end only (it is written as a whole), to a stream at any time. */
static enum err flush(struct cmd__report *report, bool end, struct error *e)
{
    if (!sb_ok(&report->text))
        return error_set(e, ERR_LIMIT, "the report is larger than the limit of %d bytes", REPORT_MAX_BYTES);
    if (report->path && !report->folder)
        return end ? fs_write_atomic(report->path, sb_view(&report->text), 0644, e) : ERR_OK;
    struct str text = sb_view(&report->text);
    if (report->to_stderr)
        (void)fwrite(text.p, 1, text.n, stderr);
    else
        TRY(cmd_print(text, e));
    sb_reset(&report->text);
    return ERR_OK;
}

static enum err out_of_builder(const struct sb *b, struct error *e) { return sb_ok(b) ? ERR_OK : error_no_memory(e); }

enum err cmd__report_begin(struct cmd__run *run, struct error *e)
{
    struct cmd__report *report = &run->report;
    report->text = (struct sb)SB_INIT(REPORT_MAX_BYTES);
    report->many = run->inputs.n > 1;
    if (report->format == CMD_FORMAT_HTML && report->path && run->inputs.many) {
        report->folder = true;
        report->names = cmd_names_make(run->arena, report->path, &run->inputs);
        return fs_make_folders(report->path, e);
    }
    for (size_t i = 0; i < run->inputs.wrong.n; i++)
        TRY(cmd__report_fail(run, run->inputs.wrong.at[i].word, &run->inputs.wrong.at[i].error, e));
    if (report->format != CMD_FORMAT_JSON) return ERR_OK;
    report->json = json_out_make(&report->text, true);
    json_out_begin_object(&report->json, NULL);
    json_out_c(&report->json, "format", "prism-reviews/1");
    json_out_c(&report->json, "version", PRISM_VERSION);
    json_out_begin_array(&report->json, "documents");
    return ERR_OK;
}

static enum err add_html(struct cmd__report *report, const struct cmd_input *input, const struct cmd__document *d,
                         struct error *e)
{
    if (!report->folder) return export_html(&d->shown, &report->text, e);
    CLEANUP_SB struct sb page = SB_INIT(REPORT_MAX_BYTES);
    const char *path = cmd_names_take(&report->names, input->path, "", ".html");
    if (!path) return error_no_memory(e);
    TRY(export_html(&d->shown, &page, e));
    TRY(out_of_builder(&page, e));
    return fs_write_atomic(path, sb_view(&page), 0644, e);
}

/* Every document's rows under one header. */
static enum err add_csv(struct cmd__report *report, const struct cmd__document *d, struct error *e)
{
    CLEANUP_SB struct sb rows = SB_INIT(REPORT_MAX_BYTES);
    export_csv(&d->shown, &rows);
    TRY(out_of_builder(&rows, e));
    struct str all = sb_view(&rows);
    size_t header = str_find(all, STR("\r\n"), 0);
    if (report->n_csv++ > 0 && header != STR_NONE) all = str_sub(all, header + 2, all.n);
    sb_str(&report->text, all);
    return ERR_OK;
}

static void counts_line(struct sb *out, const size_t n[3])
{
    size_t all = n[FINDING_LOW] + n[FINDING_MEDIUM] + n[FINDING_HIGH];
    sb_printf(out, "%zu finding%s", all, all == 1 ? "" : "s");
    if (all) sb_printf(out, " (%zu high, %zu medium, %zu low)", n[FINDING_HIGH], n[FINDING_MEDIUM], n[FINDING_LOW]);
}

static void written_line(struct sb *out, const struct cmd__document *d)
{
    size_t n = d->result->findings.n;
    if (d->written) sb_printf(out, "      written: %s, with %zu comment%s\n", d->written, n, n == 1 ? "" : "s");
}

/* With the report in a file, the counts of each document are what is printed. */
static enum err print_counts(const struct cmd_input *input, const struct cmd__document *d, struct error *e)
{
    CLEANUP_SB struct sb line = SB_INIT(8192);
    size_t n[3] = {0};
    for (size_t i = 0; i < d->result->findings.n; i++)
        n[d->result->findings.at[i].risk]++;
    sb_printf(&line, "%s: ", input->path);
    counts_line(&line, n);
    sb_char(&line, '\n');
    written_line(&line, d);
    TRY(out_of_builder(&line, e));
    return cmd_print(sb_view(&line), e);
}

enum err cmd__report_add(struct cmd__run *run, const struct cmd_input *input, struct cmd__document *d, struct error *e)
{
    struct cmd__report *report = &run->report;
    if (report->path && !report->to_stderr) TRY(print_counts(input, d, e));
    switch (report->format) {
    case CMD_FORMAT_TEXT:
        export_text(&d->shown, report->color, &report->text);
        if (!report->path) written_line(&report->text, d);
        break;
    case CMD_FORMAT_JSON: export_json(&d->shown, &report->json); break;
    case CMD_FORMAT_HTML: TRY(add_html(report, input, d, e)); break;
    case CMD_FORMAT_CSV: TRY(add_csv(report, d, e)); break;
    case CMD_FORMAT_SARIF: {
        struct cmd__document *kept = VEC_PUSH(run->arena, &report->kept);
        if (!kept) return error_no_memory(e);
        *kept = *d;
        *d = (struct cmd__document){0};
        return ERR_OK;
    }
    case CMD_FORMAT_UNSET: break;
    }
    return flush(report, false, e);
}

enum err cmd__report_fail(struct cmd__run *run, const char *file, const struct error *why, struct error *e)
{
    if (run->report.format != CMD_FORMAT_JSON) return ERR_OK;
    struct cmd__failure *failure = VEC_PUSH(run->arena, &run->report.failed);
    if (!failure) return error_no_memory(e);
    *failure = (struct cmd__failure){.file = file, .error = *why};
    return ERR_OK;
}

static void end_json(struct cmd__report *report)
{
    struct json_out *out = &report->json;
    json_out_end_array(out);
    json_out_begin_array(out, "failed");
    for (size_t i = 0; i < report->failed.n; i++) {
        const struct cmd__failure *f = &report->failed.at[i];
        json_out_begin_object(out, NULL);
        json_out_c(out, "file", f->file);
        json_out_c(out, "code", error_code_name(f->error.code));
        json_out_c(out, "reason", f->error.reason);
        json_out_c(out, "message", f->error.message);
        json_out_c(out, "hint", f->error.hint);
        json_out_end_object(out);
    }
    json_out_end_array(out);
    json_out_end_object(out);
    sb_char(&report->text, '\n');
}

static enum err end_sarif(struct cmd__run *run, struct error *e)
{
    size_t n = run->report.kept.n;
    const struct export_review **reviews = NEW(run->arena, const struct export_review *, n);
    if (!reviews) return error_no_memory(e);
    for (size_t i = 0; i < n; i++)
        reviews[i] = &run->report.kept.at[i].shown;
    export_sarif(reviews, n, &run->report.text);
    return ERR_OK;
}

static void end_totals(const struct cmd__run *run, struct sb *out)
{
    size_t failed = run->n_failed + run->inputs.wrong.n;
    sb_printf(out, "\n%zu documents: %zu reviewed", run->n_reviewed + failed, run->n_reviewed);
    if (failed) sb_printf(out, ", %zu could not be", failed);
    sb_c(out, "; ");
    counts_line(out, run->n_findings);
    sb_printf(out, " in %zu document%s\n", run->n_with_findings, run->n_with_findings == 1 ? "" : "s");
}

enum err cmd__report_end(struct cmd__run *run, struct error *e)
{
    struct cmd__report *report = &run->report;
    if (report->format == CMD_FORMAT_JSON) end_json(report);
    if (report->format == CMD_FORMAT_SARIF) TRY(end_sarif(run, e));
    if (report->format == CMD_FORMAT_TEXT && report->many) end_totals(run, &report->text);
    if (report->format == CMD_FORMAT_HTML && !report->text.n) return ERR_OK; /* no document, or all in the folder */
    return flush(report, true, e);
}

void cmd__report_done(struct cmd__report *report)
{
    for (size_t i = 0; i < report->kept.n; i++)
        cmd__document_free(&report->kept.at[i]);
    sb_done(&report->text);
}
