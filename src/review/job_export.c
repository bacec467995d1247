/* The job that makes a file of a review: the model is read again from the original, findings and decisions come from the store as they are in that
 * moment, and the writers of review/export.h do the rest.
 * The file is put under a key of this attempt before the row names it; a job first removes what attempts before it may have left.
 * A reviewed .docx that does not pass its proof is never handed out. It is kept, and the export says under which name, so that it can be looked into. */
#include <stdio.h>

#include "base/time.h"
#include "blob/blob.h"
#include "doc/read.h"
#include "review/coverage.h"
#include "review/events.h"
#include "review/finding_rows.h"
#include "review/guidelines_kept.h"
#include "review/job_export_priv.h"

static enum exports_format format_of(const struct export__work *w)
{
    enum exports_format f = EXPORTS_DOCX;
    while (exports_format_names[f + 1] && !str_eq_c(w->row.format, exports_format_names[f]))
        f++;
    return f;
}

struct str export__attempt_key(const struct export__work *w, uint32_t attempt)
{
    return str_printf(w->run->a, "%.*sa%u", STR_ARG(w->run->job.ref), attempt);
}

/* --- what is needed, in one snapshot --- */

static enum err find_author(struct store_tx *tx, struct export__work *w, struct error *e)
{
    struct store_visitor visitor;
    enum err err = store_visitor_find(tx, w->row.by, w->run->a, &visitor, e);
    if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
    w->author = review_shown_name(err == ERR_OK ? visitor.name : STR_EMPTY);
    return ERR_OK;
}

static enum err find_all(struct export__work *w, struct error *e)
{
    struct store_finding_filter filter = {.decisions = STORE_BIT(STORE_ACCEPTED)};
    struct arena *a = w->run->a;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(w->run->c->store, &tx, e));
    TRY(store_export_find(tx, w->run->job.ref, STR_EMPTY, a, &w->row, e));
    TRY(store_review_find(tx, w->row.review_id, STR_EMPTY, a, &w->review, e));
    TRY(store_document_find(tx, w->review.document_id, STR_EMPTY, a, &w->document, e));
    TRY(store_version_find(tx, w->review.version_id, a, &w->version, e));
    TRY(guidelines_framework(tx, w->run->c, &w->review, a, &w->framework, e));
    TRY(find_author(tx, w, e));
    w->options = exports_options_of(w->row.options);
    if (w->options.include == EXPORTS_OPEN_AND_ACCEPTED) filter.decisions |= STORE_BIT(STORE_OPEN);
    if (w->options.include == EXPORTS_ALL) filter.decisions = 0;
    return store_finding_list(tx, w->review.id, &filter, STORE_BY_PLACE, STR_EMPTY, 0, a, &w->rows, e);
}

/* --- the review as reports want it --- */

/* In the place of a document whose file was removed: blocks that are as long as their findings reach, and nothing else. So findings have their offsets,
 * and a report their places in words; it names no sections. */
static enum err stand_in(struct export__work *w, struct doc **ret, struct error *e)
{
    struct arena *a = w->run->a;
    struct doc *doc = NEW(a, struct doc, 1);
    uint32_t n = 0, reach = 0;
    for (size_t i = 0; i < w->rows.n; i++) {
        const struct store_finding *row = &w->rows.at[i];
        if (row->block < w->version.blocks && row->block >= n) n = row->block + 1;
        if (row->end > reach) reach = row->end;
    }
    char *spaces = arena_alloc(a, (size_t)reach + 1);
    if (!doc || !spaces) return error_no_memory(e);
    memset(spaces, ' ', (size_t)reach + 1);
    doc->blocks.at = NEW(a, struct doc_block, n);
    if (!doc->blocks.at) return error_no_memory(e);
    doc->blocks.n = n;
    for (uint32_t i = 0; i < n; i++)
        doc->blocks.at[i].text = (struct str){spaces, reach};
    doc->properties.title = w->version.title;
    *ret = doc;
    return ERR_OK;
}

/* Has the format the document in it? */
static bool shows_document(enum exports_format format) { return format != EXPORTS_JSON && format != EXPORTS_CSV; }

static enum err read_document(struct export__work *w, struct error *e)
{
    if (w->version.file_removed_unix_ms > 0 && !shows_document(format_of(w))) return stand_in(w, &w->stand_in, e);
    return review__version_read(w->run->c, &w->version, w->run->a, &w->doc, e);
}

enum err export__rebuild(struct export__work *w, const struct store_finding_list *rows, struct error *e)
{
    struct arena *a = w->run->a;
    const struct framework *framework = w->framework;
    if (!w->doc) TRY(read_document(w, e));
    const struct doc *doc = w->doc ? w->doc : w->stand_in;
    w->result = (struct review_result){.findings = {.n = 0}};
    TRY(finding_rows_read(rows, doc, framework, a, &w->result.findings, e));
    TRY(coverage_read(w->review.not_reviewed, a, &w->result.coverage, e));
    TRY(framework_touches(framework, doc, a, &w->result.coverage.touches, e));
    w->shown = (struct export_review){
        .file_name = w->document.name,
        .sha256 = w->version.sha256,
        .doc = doc,
        .framework = framework,
        .framework_why = w->review.why_framework,
        .result = &w->result,
        .model = w->review.model,
        .model_coverage = w->review.coverage.n > 2 ? w->review.coverage : STR_EMPTY, /* more than {} */
        .at_unix_ms = w->review.finished_unix_ms,
    };
    return ERR_OK;
}

/* --- the file --- */

static const char *suffix_of(const struct export__work *w, enum exports_format format)
{
    static const char *const others[] = {
        [EXPORTS_JSON] = "-review.json", [EXPORTS_CSV] = "-findings.csv", [EXPORTS_HTML] = "-review.html"};
    static const char *const kinds[] = {"-reviewed.docm", "-reviewed.dotx", "-reviewed.dotm"};
    if (format != EXPORTS_DOCX) return others[format];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (str_ends_nocase(w->document.name, str_from_c(kinds[i] + sizeof "-reviewed" - 1))) return kinds[i];
    return "-reviewed.docx";
}

enum err export__make_docx(struct export__work *w, struct str *ret_name, struct error *e)
{
    struct doc_write_result written = {0};
    const struct export_docx_options o = {
        .author = w->author,
        .initials = export_initials(w->author, w->run->a),
        .date_unix_ms = w->run->c->now_unix_ms(),
        .summary = w->options.summary,
        .track_changes = w->options.tracked_changes,
        .open_too = true, /* what is included was chosen from the store */
        .rejected_too = true,
    };
    TRY(export_file_name(w->document.name, suffix_of(w, EXPORTS_DOCX), w->run->a, ret_name, e));
    enum err err = export_docx(&w->shown, &o, w->run->a, &written, e);
    if (err == ERR_OK || strcmp(e->reason, "proof_failed") == 0) w->bytes = written.bytes;
    return err;
}

static enum err make(struct export__work *w, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    enum exports_format format = format_of(w);
    struct json_out o = json_out_make(&b, true);
    if (format == EXPORTS_DOCX) return export__make_docx(w, &w->row.name, e);
    TRY(export_file_name(w->document.name, suffix_of(w, format), w->run->a, &w->row.name, e));
    switch (format) {
    case EXPORTS_JSON: export_json(&w->shown, &o); break;
    case EXPORTS_CSV: export_csv(&w->shown, &b); break;
    case EXPORTS_HTML: TRY(export_html(&w->shown, &b, e)); break;
    case EXPORTS_DOCX:
    case EXPORTS_ZIP:
    case EXPORTS_S3: break;
    }
    if (format == EXPORTS_JSON) sb_char(&b, '\n');
    return sb_take(&b, w->run->a, &w->bytes, e);
}

/* --- keeping it --- */

static enum err end_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct export__work *w = ctx;
    const struct job__run *run = w->run;
    bool changed = false;
    w->row.state = STORE_DONE;
    w->row.finished_unix_ms = run->c->now_unix_ms();
    TRY(store_job_end(tx, run->job.id, run->worker, STORE_DONE, STR(""), e));
    TRY(store_export_update(tx, &w->row, STORE_UNFINISHED, &changed, e));
    if (!changed) return error_set_reason(e, ERR_CONFLICT, "export_ended", "the export has ended otherwise");
    return review__export_tell(tx, &w->row, w->review.document_id, "export.done", STR_EMPTY, w->row.finished_unix_ms,
                               e);
}

enum err export__end(struct export__work *w, struct error *e) { return store_write(w->run->c->store, end_write, w, e); }

static enum err put(struct export__work *w, struct error *e)
{
    const struct review_context *c = w->run->c;
    for (uint32_t i = 1; i < w->run->job.attempts; i++)
        review__discard(c, export__attempt_key(w, i));
    w->key = export__attempt_key(w, w->run->job.attempts);
    if (!w->key.p) return error_no_memory(e);
    TRY(job__go_on(w->run, e));
    TRY(blob_put_bytes(c->blob, w->key, w->bytes, e));
    struct str before = w->row.blob; /* a copy that failed its proof, of an export that is made again */
    w->row.blob = w->key;
    w->row.size_bytes = w->bytes.n;
    enum err err = export__end(w, e);
    review__discard(c, err == ERR_OK ? before : w->key);
    return err;
}

/* --- failing --- */

static void count(const struct review_context *c, const struct store_export *row)
{
    for (size_t i = 0; c->export_counts && i < EXPORTS_FORMAT_N; i++)
        if (str_eq_c(row->format, exports_format_names[i]))
            (void)atomic_fetch_add(row->state == STORE_DONE ? &c->export_counts->done[i] : &c->export_counts->failed[i],
                                   1);
}

static enum err fail_row(struct store_tx *tx, const struct job__run *run, const struct error *why, struct str kept,
                         struct error *e)
{
    struct store_export row;
    struct str document_id, owner;
    bool changed = false;
    enum err err = store_export_find(tx, run->job.ref, STR_EMPTY, run->a, &row, e);
    if (err != ERR_OK) return err == ERR_NOT_FOUND ? ERR_OK : err; /* deleted meanwhile: nobody to tell */
    row.state = STORE_FAILED;
    if (!exports_is_package(row.format)) row.blob = kept.p ? kept : STR(""); /* a package that was made is kept */
    row.reason = str_from_c(why->reason[0] ? why->reason : error_code_name(why->code));
    row.message = str_from_c(why->message);
    row.hint = str_from_c(why->hint);
    row.finished_unix_ms = run->c->now_unix_ms();
    TRY(store_owner_find(tx, STORE_THING_EXPORT, row.id, run->a, &document_id, &owner, NULL, e));
    TRY(store_export_update(tx, &row, STORE_UNFINISHED, &changed, e));
    if (!changed) return ERR_OK;
    count(run->c, &row);
    return review__export_tell(tx, &row, document_id, "export.failed", STR_EMPTY, row.finished_unix_ms, e);
}

static enum err failed(struct store_tx *tx, const struct job__run *run, const struct error *why, struct error *e)
{
    return fail_row(tx, run, why, STR_EMPTY, e);
}

struct unproven {
    const struct job__run *run;
    struct error why;
    struct str key;
};

static enum err unproven_write(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct unproven *u = ctx;
    TRY(store_job_end(tx, u->run->job.id, u->run->worker, STORE_FAILED, str_from_c(u->why.reason), e));
    return fail_row(tx, u->run, &u->why, u->key, e);
}

/* A copy that failed its proof: kept for whoever looks into it, handed out to nobody. */
static enum err keep_unproven(struct export__work *w, struct error *e)
{
    struct error ignored;
    struct unproven u = {.run = w->run, .why = *e, .key = str_printf(w->run->a, "%.*su", STR_ARG(w->run->job.ref))};
    if (!u.key.p) return error_no_memory(e);
    if (w->bytes.n > 0 && blob_put_bytes(w->run->c->blob, u.key, w->bytes, &ignored) == ERR_OK)
        (void)error_hint(&u.why, "Nothing is handed out. The copy that failed is kept as %.*s; please report it.",
                         STR_ARG(u.key));
    else
        u.key = STR("");
    return store_write(w->run->c->store, unproven_write, &u, e);
}

/* --- all of it --- */

static enum err work(struct export__work *w, struct error *e)
{
    TRY(find_all(w, e));
    job__is_of(w->run, w->row.by, w->document.id);
    if (exports_is_package(w->row.format)) return export__package(w, e);
    TRY(export__rebuild(w, &w->rows, e));
    TRY(job__go_on(w->run, e));
    enum err err = make(w, e);
    if (err != ERR_OK && strcmp(e->reason, "proof_failed") == 0) return keep_unproven(w, e);
    return err == ERR_OK ? put(w, e) : err;
}

static enum err run(const struct job__run *run, struct error *e)
{
    struct export__work w = {.run = run};
    enum err err = work(&w, e);
    doc_free(w.doc);
    if (err == ERR_OK && w.row.state == STORE_DONE) count(run->c, &w.row);
    if (err == ERR_OK) events_wake(run->c->events);
    return err;
}

const struct job__kind job__export = {run, failed};
