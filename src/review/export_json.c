/* A review as JSON, for programs: docs/review.schema.json. Offsets are UTF-16 code units of a block's text, as in DOM ranges. */
#include "base/time.h"
#include "doc/text.h"
#include "review/export_priv.h"

static void place(const struct export_review *r, struct json_out *o, const char *key, struct doc_place p)
{
    json_out_begin_object(o, key);
    json_out_u64(o, "block", p.block);
    json_out_u64(o, "offset",
                 p.block < r->doc->blocks.n ? doc_offset_to_utf16(&r->doc->blocks.at[p.block], p.offset) : 0);
    json_out_end_object(o);
}

static void decision(struct json_out *o, const struct finding *f)
{
    json_out_c(o, "decision", finding_decision_name(f->decision));
    json_out_str(o, "note", f->note);
    if (f->decision == FINDING_OPEN) {
        json_out_null(o, "decided_by");
        json_out_null(o, "decided_at");
        return;
    }
    json_out_str(o, "decided_by", f->decided_by);
    json_out_time(o, "decided_at", f->decided_at_unix_ms);
}

static void finding(const struct export_review *r, struct json_out *o, const struct finding *f)
{
    json_out_begin_object(o, NULL);
    json_out_str(o, "id", f->id);
    json_out_c(o, "source", finding_source_name(f->source));
    json_out_str(o, "reviewer", f->reviewer);
    json_out_c(o, "kind", finding_kind_name(f->kind));
    json_out_c(o, "risk", finding_risk_name(f->risk));
    json_out_str(o, "category", f->category);
    json_out_double(o, "confidence", f->confidence);
    json_out_bool(o, "located", f->located);
    json_out_begin_object(o, "anchor");
    place(r, o, "start", f->anchor.start);
    place(r, o, "end", f->anchor.end);
    json_out_end_object(o);
    json_out_str(o, "quote", f->quote);
    json_out_str(o, "place", f->place);
    if (f->section < r->doc->sections.n)
        json_out_u64(o, "section", f->section);
    else
        json_out_null(o, "section");
    json_out_str(o, "title", f->title);
    json_out_str(o, "description", f->description);
    json_out_str(o, "suggestion", f->suggestion);
    if (f->has_rewrite)
        json_out_str(o, "rewrite", f->rewrite);
    else
        json_out_null(o, "rewrite");
    json_out_begin_array(o, "questions");
    for (size_t i = 0; i < f->n_questions; i++)
        json_out_str(o, NULL, f->questions[i]);
    json_out_end_array(o);
    json_out_begin_array(o, "points");
    for (size_t i = 0; i < f->n_points; i++)
        json_out_i64(o, NULL, r->framework->points[f->points[i]].number);
    json_out_end_array(o);
    decision(o, f);
    json_out_bool(o, "edited", f->edited);
    json_out_end_object(o);
}

static void framework(const struct export_review *r, struct json_out *o)
{
    const struct framework *f = r->framework;
    json_out_begin_object(o, "framework");
    json_out_str(o, "id", f->id);
    json_out_str(o, "name", f->name);
    json_out_str(o, "version", f->version);
    json_out_str(o, "why", r->framework_why);
    json_out_begin_array(o, "points");
    for (size_t i = 0; i < f->n_points; i++) {
        struct framework_touch touch = {0, DOC_NONE};
        if (r->result->coverage.touches) touch = r->result->coverage.touches[i];
        json_out_begin_object(o, NULL);
        json_out_i64(o, "number", f->points[i].number);
        json_out_str(o, "name", f->points[i].name);
        json_out_u64(o, "findings", export__count_findings(&r->result->findings, DOC_NONE, (uint32_t)i).all);
        json_out_u64(o, "mentions", touch.mentions);
        if (touch.first_block != DOC_NONE)
            json_out_u64(o, "first_block", touch.first_block);
        else
            json_out_null(o, "first_block");
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

static void coverage(const struct export_review *r, struct json_out *o)
{
    const struct review_coverage *c = &r->result->coverage;
    json_out_begin_object(o, "coverage");
    json_out_u64(o, "blocks", c->blocks);
    json_out_u64(o, "blocks_reviewed", c->blocks_reviewed);
    json_out_u64(o, "words", c->words);
    json_out_u64(o, "rules_run", c->rules_run);
    json_out_u64(o, "rules_off", c->rules_off);
    json_out_u64(o, "below_min_risk", c->below_min_risk);
    json_out_u64(o, "merged", c->merged);
    json_out_u64(o, "dismissed", c->dismissed);
    if (r->model_coverage.n > 0)
        json_out_raw(o, "model", r->model_coverage);
    else
        json_out_null(o, "model");
    json_out_begin_array(o, "left_out");
    for (size_t i = 0; i < c->n_left_out; i++) {
        json_out_begin_object(o, NULL);
        json_out_str(o, "what", c->left_out[i].what);
        json_out_str(o, "why", c->left_out[i].why);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

static void sections(const struct export_review *r, struct json_out *o)
{
    json_out_begin_array(o, "sections");
    for (uint32_t i = 0; i < r->doc->sections.n; i++) {
        const struct doc_section *s = &r->doc->sections.at[i];
        json_out_begin_object(o, NULL);
        json_out_str(o, "label", s->label);
        json_out_str(o, "title", s->title);
        json_out_u64(o, "level", s->level);
        json_out_u64(o, "first_block", s->first_block);
        json_out_u64(o, "end_block", s->end_block);
        json_out_bool(o, "reviewed", s->reviewed);
        json_out_u64(o, "findings", export__count_findings(&r->result->findings, i, DOC_NONE).all);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

void export_json(const struct export_review *r, struct json_out *out)
{
    CLEANUP_SB struct sb at = SB_INIT(64);
    sb_time(&at, r->at_unix_ms, false);
    struct export__counts c = export__count_findings(&r->result->findings, DOC_NONE, DOC_NONE);
    json_out_begin_object(out, NULL);
    json_out_c(out, "format", "prism-review/1");
    json_out_c(out, "version", PRISM_VERSION);
    json_out_str(out, "file", r->file_name);
    json_out_str(out, "sha256", r->sha256);
    json_out_str(out, "reviewed_at", sb_view(&at));
    if (at.failed) out->sb->failed = true;
    json_out_str(out, "title", r->doc->properties.title);
    framework(r, out);
    json_out_begin_object(out, "counts");
    json_out_u64(out, "high", c.by_risk[FINDING_HIGH]);
    json_out_u64(out, "medium", c.by_risk[FINDING_MEDIUM]);
    json_out_u64(out, "low", c.by_risk[FINDING_LOW]);
    json_out_end_object(out);
    sections(r, out);
    json_out_begin_array(out, "findings");
    for (size_t i = 0; i < r->result->findings.n; i++)
        finding(r, out, &r->result->findings.at[i]);
    json_out_end_array(out);
    coverage(r, out);
    json_out_end_object(out);
}
