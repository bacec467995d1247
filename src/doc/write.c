/* Writes comments, tracked changes and a summary into a copy of a document.
 * Everything that is asked for is planned first: places in the main part, texts of the parts around it. The plan becomes splices, so that each byte that no edit needs stays as it was, and the package is
 * written with the changed parts alone. Then the output is read back and proven; a document that does not pass is never handed out as if it had.
 * Rejected: changing the parts one edit after another (each would move the byte ranges that the model holds for the next).
 * Limits: only the main part of the stories is written to; programs do not support comments in the others.
 * Source: ECMA-376 part 1, 17.13; part 2; reference, sections 2-7. */
#include "doc/write.h"

#include "doc/blocks_write.h"
#include "doc/comments_write.h"
#include "doc/revisions_write.h"

static enum err collect_ids(struct write_plan *p, struct error *e)
{
    static const char *const kinds[] = {"comments", "commentsExtended", "commentsIds", "commentsExtensible"};
    for (uint32_t i = 0; i < p->doc->parts.n; i++)
        if (!write_ids_scan(&p->ids, p->doc->parts.at[i].bytes)) return error_no_memory(e);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct doc_rel *rel = doc_rels_first(&p->parts.rels, kinds[i]);
        struct str bytes;
        if (!rel || !doc_package_has(p->doc->package, rel->target)) continue;
        TRY(doc_package_part(p->doc->package, rel->target, &bytes, e));
        if (!write_ids_scan(&p->ids, bytes)) return error_no_memory(e);
    }
    return ERR_OK;
}

/* At most as many ids as a plan uses: each change makes some deletions and insertions, each cut may copy a noted change of format. */
static size_t revision_room(const struct write_plan *p)
{
    return 65536 + 16 * (p->edits->n_comments + p->edits->n_changes);
}

static enum err plan_init(struct write_plan *p, const struct doc *doc, const struct doc_edits *edits, struct arena *a,
                          struct error *e)
{
    *p = (struct write_plan){
        .doc = doc, .edits = edits, .arena = a, .ids = write_ids_make(a), .splices = splice_list_make(a)};
    TRY(write_place_init(&p->place, doc, a, e));
    TRY(part_plan_init(&p->parts, doc->package, a, e));
    TRY(part_styles_find(&p->parts, p->styles, e));
    TRY(collect_ids(p, e));
    struct str prefix = doc->parts.at[0].w_prefix;
    const char *uri = doc->strict ? "http://purl.oclc.org/ooxml/wordprocessingml/main"
                                  : "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    p->w = prefix.n ? str_printf(a, "%.*s:", STR_ARG(prefix)) : STR("w:");
    p->w_declaration = prefix.n ? STR("") : str_printf(a, " xmlns:w=\"%s\"", uri);
    if (!p->w.p || !p->w_declaration.p) return error_no_memory(e);
    p->first_comment_id = write_ids_comments(&p->ids, write_comment_count(edits));
    if (p->first_comment_id == UINT64_MAX)
        return error_set_reason(e, ERR_LIMIT, "too_many_comments", "the document has no comment numbers left");
    p->first_revision_id = p->next_revision_id = write_ids_revisions(&p->ids, revision_room(p));
    return ERR_OK;
}

static void refuse_all(const struct doc_edits *edits, struct doc_edit_result *results)
{
    for (size_t i = 0; i < edits->n_changes; i++)
        results[i] = (struct doc_edit_result){DOC_EDIT_REFUSED, edits->changes[i].anchor,
                                              STR("the document has no numbers left for tracked changes")};
}

/* Fills the plan and makes the main part. */
static enum err plan_edits(struct write_plan *p, struct doc_write_result *ret, struct error *e)
{
    const struct doc_edits *edits = p->edits;
    if (p->first_revision_id == UINT64_MAX)
        refuse_all(edits, ret->changes);
    else
        TRY(write_changes_place(p, ret->changes, e));
    TRY(write_comments_place(p, ret->comments, e));
    TRY(write_plan_emit(p, e));
    if (edits->n_blocks) TRY(write_blocks_add(p, e));
    if (edits->n_comments) TRY(write_comments_parts(p, ret->comments, e));
    if (!p->splices.items.n && !p->splices.failed) return ERR_OK;
    struct str main;
    TRY(splice_apply(&p->splices, &p->place.main, p->arena, &main, e));
    return part_plan_change(&p->parts, p->doc->parts.at[0].name, main, e);
}

enum err doc_write(const struct doc *doc, const struct doc_edits *edits, struct arena *a, struct doc_write_result *ret,
                   struct error *e)
{
    struct doc_write_result result = {0};
    result.comments = NEW(a, struct doc_edit_result, edits->n_comments + 1);
    result.changes = NEW(a, struct doc_edit_result, edits->n_changes + 1);
    if (!result.comments || !result.changes) return error_no_memory(e);
    struct write_plan plan;
    TRY(plan_init(&plan, doc, edits, a, e));
    TRY(plan_edits(&plan, &result, e));
    TRY(part_plan_finish(&plan.parts, e));
    result.first_comment_id = plan.first_comment_id;
    result.first_revision_id = plan.first_revision_id;
    TRY(doc_package_write(doc->package, plan.parts.changes.at, plan.parts.changes.n, a, &result.bytes, e));
    enum err err = doc_prove(doc, edits, &result, e);
    if (err == ERR_OK || (e && strcmp(e->reason, "proof_failed") == 0)) *ret = result;
    return err;
}
