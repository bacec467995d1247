/* What a person has in view. Findings that are gone since (deleted, or a review that is) are just not told. */
#include "review/chat_view.h"

#include "review/chat_text.h"
#include "review/finding.h"

enum { VIEW_MAX = 64 << 10, SECTION_MAX = 24 << 10 };

/* --- keeping --- */

static enum err check_view(struct store_tx *tx, struct str document_id, const struct chat_view *v, struct arena *a,
                           struct error *e)
{
    struct store_document document;
    TRY(store_document_find(tx, document_id, STR_EMPTY, a, &document, e));
    if (v->has_section && v->section >= document.version.sections) {
        error_set_reason(e, ERR_INVALID, "no_such_section", "the document has no section %u", v->section);
        return error_hint(e, "Its sections are numbered from 0 to %u.",
                          document.version.sections ? document.version.sections - 1 : 0);
    }
    if (v->review.n > 0) {
        struct store_review review;
        TRY(store_review_find(tx, v->review, STR_EMPTY, a, &review, e));
        if (!str_eq(review.document_id, document_id))
            return error_set_reason(e, ERR_NOT_FOUND, "not_found", "there is no such review of this document");
    }
    for (size_t i = 0; i < v->n_findings; i++) {
        struct store_finding f;
        TRY(store_finding_find(tx, v->findings[i], STR_EMPTY, a, &f, e));
        if (!str_eq(f.document_id, document_id) || f.deleted)
            return error_set_reason(e, ERR_NOT_FOUND, "not_found", "there is no such finding in this document");
    }
    return ERR_OK;
}

static void put_view(struct json_out *o, const struct chat_view *v)
{
    json_out_begin_object(o, NULL);
    if (v->has_section)
        json_out_u64(o, "section", v->section);
    else
        json_out_null(o, "section");
    json_out_filled_or_null(o, "review", v->review);
    json_out_begin_array(o, "findings");
    for (size_t i = 0; i < v->n_findings; i++)
        json_out_str(o, NULL, v->findings[i]);
    json_out_end_array(o);
    if (v->has_selection) {
        const struct chat_cited at = {v->selection.block, v->selection.start, v->selection.end, v->selection.quote};
        chat_anchor_json(o, "selection", &at);
    } else {
        json_out_null(o, "selection");
    }
    json_out_end_object(o);
}

enum err chat_view_keep(const struct review_context *c, struct str document_id, const struct chat_view *view,
                        struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(VIEW_MAX);
    struct json_out o = json_out_make(&b, false);
    struct store_tx *tx = NULL;
    TRY(store_read(c->store, &tx, e));
    enum err err = check_view(tx, document_id, view, a, e);
    store_read_end(tx);
    if (err != ERR_OK) return err;
    put_view(&o, view);
    return sb_take(&b, a, ret, e);
}

enum err chat_view_read(struct str json, struct arena *a, struct chat_view *ret, struct error *e)
{
    const struct json *v = NULL;
    TRY(json_parse(a, json, &v, e));
    const struct json *findings = json_get(v, "findings"), *selection = json_get(v, "selection");
    double section = json_double(json_get(v, "section"), -1);
    struct str *ids = NEW(a, struct str, json_count(findings) + 1);
    if (!ids) return error_no_memory(e);
    for (size_t i = 0; i < json_count(findings); i++)
        ids[i] = json_str(json_at(findings, i));
    *ret = (struct chat_view){.has_section = section >= 0,
                              .section = section >= 0 ? (uint32_t)section : 0,
                              .review = json_str(json_get(v, "review")),
                              .findings = ids,
                              .n_findings = json_count(findings),
                              .has_selection = json_get(selection, "quote") != NULL};
    ret->selection.block = (uint32_t)json_double(json_get(selection, "block"), 0);
    ret->selection.quote = json_str(json_get(selection, "quote"));
    return ERR_OK;
}

/* --- telling --- */

enum err chat_view_review(const struct review_context *c, struct str document_id, const struct chat_view *view,
                          struct arena *a, struct str *ret, struct error *e)
{
    struct store_review_list list;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    *ret = view->review;
    if (view->review.n > 0) return ERR_OK;
    TRY(store_read(c->store, &tx, e));
    TRY(store_review_list(tx, document_id, 0, a, &list, e));
    for (size_t i = 0; i < list.n; i++) {
        if (list.at[i].state != STORE_DONE) continue;
        *ret = list.at[i].id;
        return ERR_OK;
    }
    return ERR_OK;
}

static enum err put_findings(const struct chat_lookup *l, const struct chat_view *v, struct arena *a, struct sb *b,
                             struct error *e)
{
    struct store_tx *tx = NULL;
    if (v->n_findings == 0) return ERR_OK;
    SB_LIT(b, "Findings that the person asks about:\n");
    TRY(store_read(l->c->store, &tx, e));
    enum err err = ERR_OK;
    for (size_t i = 0; i < v->n_findings && err == ERR_OK; i++) {
        struct store_finding f;
        err = store_finding_find(tx, v->findings[i], STR_EMPTY, a, &f, e);
        if (err == ERR_OK && !f.deleted) chat_finding_line(b, &f);
        if (err == ERR_NOT_FOUND) err = ERR_OK;
    }
    store_read_end(tx);
    return err;
}

static void put_section(const struct chat_lookup *l, const struct chat_view *v, bool with_text, struct sb *b)
{
    if (!v->has_section || v->section >= l->doc->sections.n) return;
    const struct doc_section *s = &l->doc->sections.at[v->section];
    sb_printf(b, "The person has section %u in view: ", v->section);
    chat_text_short(b, s->title.n > 0 ? s->title : STR("(no heading)"), 0, 200);
    sb_printf(b, " (blocks %u to %u)\n", s->first_block, s->end_block ? s->end_block - 1 : 0);
    if (!with_text) return;
    uint32_t next = chat_text_blocks(b, l->doc, s->first_block, s->end_block, SECTION_MAX);
    if (next < s->end_block) sb_printf(b, "(the section goes on at block %u; read_section gives the rest)\n", next);
}

enum err chat_view_text(const struct chat_lookup *l, const struct chat_view *v, bool with_section, struct str fence,
                        struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX), whole = SB_INIT(SIZE_MAX);
    struct str text;
    put_section(l, v, with_section, &b);
    TRY(put_findings(l, v, a, &b, e));
    if (v->has_selection) {
        sb_printf(&b, "Words that the person has selected, in block %u: \"", v->selection.block);
        chat_text_short(&b, v->selection.quote, 0, CHAT_TEXT_MAX);
        SB_LIT(&b, "\"\n");
    }
    *ret = STR_EMPTY;
    if (b.n == 0 && sb_ok(&b)) return ERR_OK;
    TRY(sb_take(&b, a, &text, e));
    sb_printf(&whole, "(What the person has before them:)\n<%.*s>\n%.*s</%.*s>", STR_ARG(fence), STR_ARG(text),
              STR_ARG(fence));
    return sb_take(&whole, a, ret, e);
}
