/* One document of "prism review": read, reviewed, written, reported. Everything of it is released before the next one is read (except for
 * SARIF, see review_report.c).
 * The reviewed document is written before the report, so that the report never speaks of a file that is not there. A copy that does not pass
 * its proof is never handed out; it is kept beside the place where it would have gone, for whoever looks into it. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/time.h"
#include "cmd/review_priv.h"
#include "cmd/say.h"
#include "doc/read.h"
#include "review/guidelines.h"

enum { DOCUMENT_ARENA_MAX = 1 << 30, READ_CHUNK = 1 << 16 };

static enum err read_stdin(struct arena *a, size_t max_bytes, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb all = SB_INIT(max_bytes);
    char chunk[READ_CHUNK];
    for (;;) {
        ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return error_set(e, ERR_INVALID, "could not read standard input: %s", strerror(errno));
        if (n == 0) return sb_take(&all, a, ret, e);
        sb_str(&all, (struct str){chunk, (size_t)n});
        if (!sb_ok(&all))
            return error_set_reason(e, ERR_LIMIT, "too_large", "the document is larger than the limit of %zu bytes",
                                    max_bytes);
    }
}

enum err cmd__document_read(const struct cmd_input *input, struct arena *a, struct str *ret_bytes, struct doc **ret,
                            struct error *e)
{
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    struct str bytes;
    if (input->is_stdin)
        TRY(read_stdin(a, o.limits.max_file_bytes, &bytes, e));
    else
        TRY(fs_read(a, input->path, o.limits.max_file_bytes, &bytes, e));
    TRY(doc_read(bytes, &o, ret, e));
    *ret_bytes = bytes;
    return ERR_OK;
}

void cmd__document_free(struct cmd__document *d)
{
    doc_free(d->doc);
    arena_free(d->arena);
    *d = (struct cmd__document){0};
}
#define CLEANUP_DOCUMENT __attribute__((cleanup(cmd__document_free)))

static enum err framework_of(const struct cmd__run *run, struct cmd__document *d, struct error *e)
{
    struct framework *framework = run->framework;
    struct str why = STR_EMPTY;                                    /* it was asked for */
    if (!framework && run->guidelines && run->values->framework) { /* --framework none */
        d->shown.framework = run->guidelines;
        return ERR_OK;
    }
    if (!framework) TRY(framework_choose(d->arena, d->doc, &framework, &why, e));
    if (run->guidelines) {
        TRY(framework_join(d->arena, framework, run->guidelines, &framework, e));
    }
    d->shown.framework = framework;
    d->shown.framework_why = why;
    return ERR_OK;
}

static enum err keep_unproven(const char *path, struct str bytes, struct error *e)
{
    struct error failed;
    char kept[4096];
    if (!bytes.n || strcmp(path, "-") == 0) return e->code;
    int n = snprintf(kept, sizeof kept, "%s.unproven", path);
    if (n < 0 || (size_t)n >= sizeof kept || fs_write_atomic(kept, bytes, 0644, &failed) != ERR_OK) return e->code;
    return error_hint(e, "Nothing was written. The copy that failed is kept as \"%s\"; please report it.", kept);
}

static enum err write_document(struct cmd__run *run, const struct cmd_input *input, struct cmd__document *d,
                               struct error *e)
{
    const struct cmd_review_values *v = run->values;
    const char *path = v->out;
    if (run->out_is_folder) path = cmd_names_take(&run->out_names, input->path, "-reviewed", NULL);
    if (!path) return error_no_memory(e);
    struct str author = str_from_c(v->author ? v->author : "AI-Prism");
    const struct export_docx_options o = {
        .author = author,
        .initials = export_initials(author, d->arena),
        .date_unix_ms = d->shown.at_unix_ms,
        .summary = v->summary,
        .track_changes = v->track_changes,
        .open_too = true,
    };
    struct doc_write_result written = {0};
    enum err err = export_docx(&d->shown, &o, d->arena, &written, e);
    if (err != ERR_OK && strcmp(e->reason, "proof_failed") == 0) return keep_unproven(path, written.bytes, e);
    if (err != ERR_OK) return err;
    if (strcmp(path, "-") == 0) return cmd_print(written.bytes, e);
    if (cmd_inputs_have(&run->inputs, path))
        return error_set_reason(e, ERR_INVALID, "output_is_input", "\"%s\" is a document that is reviewed", path);
    TRY(fs_write_atomic(path, written.bytes, 0644, e));
    d->written = path;
    return ERR_OK;
}

static enum err review(struct cmd__run *run, const struct cmd_input *input, struct cmd__document *d, struct error *e)
{
    struct str bytes;
    char hex[HASH_SHA256_HEX + 1];
    TRY(cmd__document_read(input, d->arena, &bytes, &d->doc, e));
    TRY(hash_sha256_hex(bytes, hex, e));
    d->result = NEW(d->arena, struct review_result, 1);
    if (!d->result) return error_no_memory(e);
    d->shown = (struct export_review){
        .file_name = input->is_stdin ? STR("stdin.docx") : fs_base_name(str_from_c(input->path)),
        .sha256 = str_dup(d->arena, str_from_c(hex)),
        .doc = d->doc,
        .result = d->result,
        .at_unix_ms = time_now_unix_ms(),
    };
    if (!d->shown.sha256.p) return error_no_memory(e);
    TRY(framework_of(run, d, e));
    const struct review_options o = {
        .engine = run->engine,
        .framework = d->shown.framework,
        .min_risk = (enum finding_risk)run->values->min_risk,
        .whole_document = run->values->all,
        .no_model_why = STR(REVIEW_NO_MODEL),
    };
    return review_run(d->doc, &o, d->arena, d->result, e);
}

enum err cmd__review_file(struct cmd__run *run, size_t i, struct error *e)
{
    const struct cmd_input *input = &run->inputs.at[i];
    CLEANUP_DOCUMENT struct cmd__document d = {.arena = arena_new(DOCUMENT_ARENA_MAX)};
    if (!d.arena) return error_no_memory(e);
    TRY(review(run, input, &d, e));
    if (run->values->out) TRY(write_document(run, input, &d, e));
    run->n_reviewed++;
    run->n_with_findings += d.result->findings.n > 0;
    for (size_t f = 0; f < d.result->findings.n; f++)
        run->n_findings[d.result->findings.at[f].risk]++;
    cmd__progress(run, 0);
    return cmd__report_add(run, input, &d, e);
}
