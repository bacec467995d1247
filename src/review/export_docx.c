/* The reviewed .docx: each finding a comment on its words, a summary at the end, and, where asked, exact rewrites as tracked changes.
 * Which changes can be made only the writer knows (a field, a locked control, another's deletion). So a change that is refused is told in its comment: the document is then written once more, with
 * the comments that say so. Two rewrites of the same words: the first is made, the second is told.
 * Limits: the writer's (doc/write.h). */
#include "base/time.h"
#include "base/vec.h"
#include "review/export_priv.h"

#define NO_CHANGE SIZE_MAX

struct maker {
    const struct export_review *r;
    const struct export_docx_options *o;
    struct arena *a;
    VEC(const struct finding *) findings; /* those that are exported */
    VEC(struct doc_new_change) changes;
    size_t *change_of; /* for each of them: its change, or NO_CHANGE */
    const char **why;  /* for each of them: why its rewrite is no change (a sentence), or NULL */
    VEC(struct doc_new_block) blocks;
};

static bool is_exported(const struct export_docx_options *o, const struct finding *f)
{
    switch (f->decision) {
    case FINDING_OPEN: return o->open_too;
    case FINDING_ACCEPTED: return true;
    case FINDING_REJECTED: break;
    }
    return o->rejected_too;
}

static bool overlaps(const struct doc_anchor *a, const struct doc_anchor *b)
{
    if (a->start.block != b->start.block) return false;
    if (a->start.offset == b->start.offset) return true;
    return a->start.offset < b->end.offset && b->start.offset < a->end.offset;
}

/* --- changes --- */

static enum err plan_change(struct maker *m, size_t i, struct error *e)
{
    const struct finding *f = m->findings.at[i];
    m->change_of[i] = NO_CHANGE;
    if (!m->o->track_changes || !f->has_rewrite || f->decision == FINDING_REJECTED) return ERR_OK;
    if (!f->located || f->anchor.start.block != f->anchor.end.block) {
        m->why[i] =
            f->located ? "the words stand in more than one paragraph" : "the words were not found in the document";
        return ERR_OK;
    }
    for (size_t k = m->changes.n; k > 0; k--) {
        if (!overlaps(&m->changes.at[k - 1].anchor, &f->anchor)) continue;
        m->why[i] = "another change is made in the same words";
        return ERR_OK;
    }
    struct doc_new_change *c = VEC_PUSH(m->a, &m->changes);
    if (!c) return error_no_memory(e);
    *c = (struct doc_new_change){f->anchor, f->rewrite, m->o->author, m->o->date_unix_ms};
    m->change_of[i] = m->changes.n - 1;
    return ERR_OK;
}

/* --- the text of a comment --- */

struct paragraphs {
    struct str *at;
    size_t n, cap;
};

static enum err add(struct maker *m, struct paragraphs *p, struct sb *b, struct error *e)
{
    struct str *s = VEC_PUSH(m->a, p);
    if (!s) return error_no_memory(e);
    return sb_take(b, m->a, s, e);
}

static enum err add_labelled(struct maker *m, struct paragraphs *p, const char *label, struct str text, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    if (text.n == 0) return ERR_OK;
    sb_c(&b, label);
    sb_str(&b, text);
    return add(m, p, &b, e);
}

/* The exact words proposed, when no tracked change shows them. */
static enum err add_rewrite(struct maker *m, struct paragraphs *p, size_t i, struct error *e)
{
    const struct finding *f = m->findings.at[i];
    if (!f->has_rewrite || (m->change_of[i] != NO_CHANGE && !m->why[i])) return ERR_OK;
    TRY(add_labelled(m, p, "Proposed wording: ", f->rewrite.n ? f->rewrite : STR("(delete these words)"), e));
    if (!m->why[i]) return ERR_OK;
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct str why = str_from_c(m->why[i]);
    sb_printf(&b, "This could not be made as a tracked change because %.*s%s", STR_ARG(why),
              str_ends(why, STR(".")) ? "" : ".");
    return add(m, p, &b, e);
}

static enum err comment_text(struct maker *m, size_t i, struct paragraphs *ret, struct error *e)
{
    const struct finding *f = m->findings.at[i];
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    sb_printf(&b, "%s · %.*s%s%.*s", export__risk_words(f->risk), STR_ARG(f->category), f->category.n ? ": " : "",
              STR_ARG(f->title));
    TRY(add(m, ret, &b, e));
    if (!f->located) TRY(add_labelled(m, ret, "These words were not found in the document: ", f->quote, e));
    TRY(add_labelled(m, ret, "", f->description, e));
    TRY(add_labelled(m, ret, "Suggestion: ", f->suggestion, e));
    TRY(add_rewrite(m, ret, i, e));
    if (f->decision == FINDING_REJECTED) TRY(add_labelled(m, ret, "", STR("This finding was rejected."), e));
    TRY(add_labelled(m, ret, "Note: ", f->note, e));
    if (f->n_questions > 0) TRY(add_labelled(m, ret, "", STR("Questions:"), e));
    for (size_t k = 0; k < f->n_questions; k++)
        TRY(add_labelled(m, ret, "– ", f->questions[k], e));
    if (f->n_points == 0) return ERR_OK;
    SB_LIT(&b, "Framework: ");
    export__points(&b, m->r->framework, f);
    return add(m, ret, &b, e);
}

static enum err comments_make(struct maker *m, const struct doc_new_comment **ret, struct error *e)
{
    struct doc_new_comment *comments = NEW(m->a, struct doc_new_comment, m->findings.n);
    if (!comments) return error_no_memory(e);
    for (size_t i = 0; i < m->findings.n; i++) {
        struct paragraphs text = {0};
        TRY(comment_text(m, i, &text, e));
        comments[i] = (struct doc_new_comment){
            .anchor = m->findings.at[i]->anchor,
            .author = m->o->author,
            .initials = m->o->initials,
            .date_unix_ms = m->o->date_unix_ms,
            .paragraphs = text.at,
            .n_paragraphs = text.n,
            .done = m->findings.at[i]->decision == FINDING_REJECTED,
        };
    }
    *ret = comments;
    return ERR_OK;
}

/* --- the summary --- */

static enum err add_block(struct maker *m, enum doc_new_block_style style, struct sb *b, struct error *e)
{
    struct doc_new_block *block = VEC_PUSH(m->a, &m->blocks);
    if (!block) return error_no_memory(e);
    block->style = style;
    return sb_take(b, m->a, &block->text, e);
}

static enum err add_title(struct maker *m, enum doc_new_block_style style, const char *text, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    sb_c(&b, text);
    return add_block(m, style, &b, e);
}

static enum err summary_sections(struct maker *m, const struct finding_list *list, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    TRY(add_title(m, DOC_NEW_SUBHEADING, "By section", e));
    for (uint32_t i = 0; i < m->r->doc->sections.n; i++) {
        struct export__counts c = export__count_findings(list, i, DOC_NONE);
        if (c.all == 0) continue;
        export__section_name(&b, m->r->doc, i);
        SB_LIT(&b, ": ");
        export__count(&b, c.all, "finding", "findings");
        SB_LIT(&b, " (");
        export__risks(&b, &c);
        SB_LIT(&b, ")");
        TRY(add_block(m, DOC_NEW_BULLET, &b, e));
    }
    return ERR_OK;
}

static enum err summary_points(struct maker *m, const struct finding_list *list, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    const struct framework *f = m->r->framework;
    const struct framework_touch *touches = m->r->result->coverage.touches;
    TRY(add_title(m, DOC_NEW_SUBHEADING, "By framework point", e));
    for (uint32_t i = 0; i < f->n_points; i++) {
        struct export__counts c = export__count_findings(list, DOC_NONE, i);
        sb_printf(&b, "%lld %.*s: ", (long long)f->points[i].number, STR_ARG(f->points[i].name));
        export__count(&b, c.all, "finding", "findings");
        if (touches && touches[i].mentions == 0) SB_LIT(&b, "; the document does not speak of it");
        if (touches && touches[i].mentions > 0) {
            SB_LIT(&b, "; ");
            export__count(&b, touches[i].mentions, "paragraph speaks of it", "paragraphs speak of it");
        }
        TRY(add_block(m, DOC_NEW_BULLET, &b, e));
    }
    return ERR_OK;
}

static enum err summary_coverage(struct maker *m, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    const struct review_coverage *c = &m->r->result->coverage;
    TRY(add_title(m, DOC_NEW_SUBHEADING, "What was reviewed", e));
    sb_printf(&b, "%zu of %zu paragraphs (%zu words), with %zu rules.", c->blocks_reviewed, c->blocks, c->words,
              c->rules_run);
    TRY(add_block(m, DOC_NEW_PARAGRAPH, &b, e));
    export__model(&b, m->r);
    if (b.n > 0) TRY(add_block(m, DOC_NEW_PARAGRAPH, &b, e));
    for (size_t i = 0; i < c->n_left_out; i++) {
        sb_printf(&b, "Not reviewed: %.*s: %.*s", STR_ARG(c->left_out[i].what), STR_ARG(c->left_out[i].why));
        TRY(add_block(m, DOC_NEW_BULLET, &b, e));
    }
    return ERR_OK;
}

static enum err summary_make(struct maker *m, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct finding *kept = NEW(m->a, struct finding, m->findings.n);
    if (!kept) return error_no_memory(e);
    for (size_t i = 0; i < m->findings.n; i++)
        kept[i] = *m->findings.at[i];
    struct finding_list list = {kept, m->findings.n};
    TRY(add_title(m, DOC_NEW_HEADING, "Review summary", e));
    export__count(&b, list.n, "finding", "findings");
    sb_printf(&b, " against the framework %.*s %.*s, reviewed ", STR_ARG(m->r->framework->name),
              STR_ARG(m->r->framework->version));
    sb_time(&b, m->r->at_unix_ms, false);
    SB_LIT(&b, ".");
    TRY(add_block(m, DOC_NEW_PARAGRAPH, &b, e));
    TRY(add_title(m, DOC_NEW_SUBHEADING, "By risk", e));
    struct export__counts c = export__count_findings(&list, DOC_NONE, DOC_NONE);
    for (int risk = FINDING_HIGH; risk >= FINDING_LOW; risk--) {
        sb_printf(&b, "%s: %zu", export__risk_words((enum finding_risk)risk), c.by_risk[risk]);
        TRY(add_block(m, DOC_NEW_BULLET, &b, e));
    }
    if (list.n > 0) TRY(summary_sections(m, &list, e));
    TRY(summary_points(m, &list, e));
    return summary_coverage(m, e);
}

/* --- writing --- */

/* Notes which planned changes were refused; true when any was. */
static enum err refused(struct maker *m, const struct doc_write_result *w, bool *ret, struct error *e)
{
    *ret = false;
    for (size_t i = 0; i < m->findings.n; i++) {
        if (m->change_of[i] == NO_CHANGE) continue;
        const struct doc_edit_result *result = &w->changes[m->change_of[i]];
        if (result->outcome != DOC_EDIT_REFUSED) continue;
        m->why[i] = result->reason.n ? str_to_c(m->a, result->reason) : "the words cannot be changed there";
        if (!m->why[i]) return error_no_memory(e);
        *ret = true;
    }
    return ERR_OK;
}

enum err export_docx(const struct export_review *r, const struct export_docx_options *o, struct arena *a,
                     struct doc_write_result *ret, struct error *e)
{
    struct maker m = {.r = r, .o = o, .a = a};
    for (size_t i = 0; i < r->result->findings.n; i++) {
        if (!is_exported(o, &r->result->findings.at[i])) continue;
        const struct finding **kept = VEC_PUSH(a, &m.findings);
        if (!kept) return error_no_memory(e);
        *kept = &r->result->findings.at[i];
    }
    m.change_of = NEW(a, size_t, m.findings.n);
    m.why = NEW(a, const char *, m.findings.n);
    if (!m.change_of || !m.why) return error_no_memory(e);
    for (size_t i = 0; i < m.findings.n; i++)
        TRY(plan_change(&m, i, e));
    if (o->summary) TRY(summary_make(&m, e));
    struct doc_edits edits = {.n_comments = m.findings.n,
                              .changes = m.changes.at,
                              .n_changes = m.changes.n,
                              .blocks = m.blocks.at,
                              .n_blocks = m.blocks.n};
    TRY(comments_make(&m, &edits.comments, e));
    TRY(doc_write(r->doc, &edits, a, ret, e));
    bool again = false;
    TRY(refused(&m, ret, &again, e));
    if (!again) return ERR_OK;
    TRY(comments_make(&m, &edits.comments, e));
    return doc_write(r->doc, &edits, a, ret, e);
}
