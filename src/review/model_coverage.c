/* Blocks are looked up in the units that reviewed them; what belongs to a section is what its blocks say they belong to, so notes count where they are
 * referred to. Sections without a word of their own (and nothing else) do not show up. */
#include "review/model_coverage.h"

#include "base/json.h"
#include "base/vec.h"
#include "doc/text.h"

enum section_state { REVIEWED, CACHED, EXCLUDED, CUT, OVER_BUDGET, FAILED, SECTION_STATES }; /* the worse, the later */
static const char *const state_names[] = {"reviewed", "cached", "excluded", "cut", "over_budget", "failed"};

struct section {
    bool shown; /* it has blocks with text */
    enum section_state state;
    struct str model, why;
};

struct table { /* by section; the last one is for blocks that belong to none */
    struct section *at;
    size_t n;
    size_t blocks, blocks_reviewed;
};

static enum section_state state_of(enum model_unit_state s)
{
    switch (s) {
    case MODEL_UNIT_REVIEWED: return REVIEWED;
    case MODEL_UNIT_CACHED: return CACHED;
    case MODEL_UNIT_CUT: return CUT;
    case MODEL_UNIT_OVER_BUDGET: return OVER_BUDGET;
    case MODEL_UNIT_FAILED:
    case MODEL_UNIT_WAITS:
    case MODEL_UNIT_ASKED:
    case MODEL_UNIT_SPLIT: break;
    }
    return FAILED;
}

static void worsen(struct section *s, enum section_state state, struct str model, struct str why)
{
    if (s->shown && state <= s->state) return;
    *s = (struct section){.shown = true, .state = state, .model = model, .why = why};
}

static const char *excluded_why(const struct doc *doc, uint32_t block)
{
    const struct doc_block *b = &doc->blocks.at[block];
    if (b->is_toc) return "a table of contents repeats the headings";
    bool mail = b->section < doc->sections.n && doc->sections.at[b->section].kind == DOC_SECTION_QUOTED_MAIL;
    return mail ? "a quoted e-mail is not the author's own text" : "it is not reviewed by default";
}

static enum err table_make(const struct model_coverage_of *of, struct arena *a, struct table *ret, struct error *e)
{
    const struct doc *doc = of->doc;
    const struct model_run_result *run = of->run;
    *ret = (struct table){.n = (size_t)doc->sections.n + 1};
    ret->at = NEW(a, struct section, ret->n);
    if (!ret->at) return error_no_memory(e);
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        const struct doc_block *b = &doc->blocks.at[i];
        struct section *s = &ret->at[b->section < doc->sections.n ? b->section : doc->sections.n];
        if (doc_block_is_blank(b)) continue;
        if (!run->plan->reviewed[i]) {
            worsen(s, EXCLUDED, STR(""), str_from_c(excluded_why(doc, i)));
            continue;
        }
        ret->blocks++;
        for (size_t k = 0; k < run->n; k++) {
            const struct model_unit *u = &run->units[k];
            if (u->whole || u->state == MODEL_UNIT_SPLIT || i < u->part.first || i >= u->part.end) continue;
            enum section_state state = state_of(u->state);
            ret->blocks_reviewed += state == REVIEWED || state == CACHED;
            worsen(s, state, u->model.n > 0 ? u->model : STR(""), str_from_c(u->why.message));
        }
    }
    return ERR_OK;
}

static const struct model_unit *whole_of(const struct model_run_result *run)
{
    return run->n > 0 && run->units[run->n - 1].whole ? &run->units[run->n - 1] : NULL;
}

static bool is_complete(const struct table *t, const struct model_run_result *run)
{
    const struct model_unit *whole = whole_of(run);
    bool whole_done = whole ? state_of(whole->state) <= CACHED : run->plan->n == 0;
    return t->blocks == t->blocks_reviewed && whole_done;
}

/* --- the record --- */

static struct str title_of(const struct doc *doc, size_t section)
{
    return section < doc->sections.n ? doc->sections.at[section].title : STR("");
}

static void put_section(struct json_out *o, const struct doc *doc, size_t i, const struct section *s)
{
    json_out_begin_object(o, NULL);
    if (i < doc->sections.n)
        json_out_u64(o, "section", i);
    else
        json_out_null(o, "section");
    json_out_str(o, "title", title_of(doc, i));
    json_out_c(o, "state", state_names[s->state]);
    json_out_str(o, "model", s->model);
    json_out_str(o, "why", s->why);
    json_out_end_object(o);
}

static void put_whole(struct json_out *o, const struct model_run_result *run)
{
    const struct model_unit *whole = whole_of(run);
    if (!whole) {
        json_out_null(o, "whole");
        return;
    }
    json_out_begin_object(o, "whole");
    json_out_c(o, "state", state_names[state_of(whole->state)]);
    json_out_str(o, "model", whole->model.n > 0 ? whole->model : STR(""));
    json_out_str(o, "why", str_from_c(whole->why.message));
    json_out_end_object(o);
}

static void put_findings(struct json_out *o, const struct model_coverage_of *of)
{
    const size_t *refused = of->run->refused;
    json_out_begin_object(o, "findings");
    json_out_u64(o, "kept", of->kept);
    json_out_u64(o, "refused_not_found", refused[MODEL_NOT_FOUND] + refused[MODEL_AMBIGUOUS]);
    json_out_u64(o, "refused_invalid", refused[MODEL_INVALID]);
    json_out_u64(o, "merged", of->merged);
    json_out_u64(o, "over_budget", of->over_budget);
    json_out_u64(o, "dismissed", of->dismissed);
    json_out_end_object(o);
}

enum err model_coverage_record(const struct model_coverage_of *of, struct arena *a, struct str *ret, bool *ret_complete,
                               struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&b, false);
    struct table t;
    TRY(table_make(of, a, &t, e));
    *ret_complete = is_complete(&t, of->run);
    json_out_begin_object(&o, NULL);
    json_out_bool(&o, "complete", *ret_complete);
    json_out_begin_array(&o, "sections");
    for (size_t i = 0; i < t.n; i++)
        if (t.at[i].shown) put_section(&o, of->doc, i, &t.at[i]);
    json_out_end_array(&o);
    put_whole(&o, of->run);
    json_out_u64(&o, "blocks", t.blocks);
    json_out_u64(&o, "blocks_reviewed", t.blocks_reviewed);
    json_out_begin_array(&o, "points"); /* each call is given all of them */
    for (size_t i = 0; i < of->framework->n_points && t.blocks_reviewed > 0; i++)
        json_out_i64(&o, NULL, of->framework->points[i].number);
    json_out_end_array(&o);
    json_out_str(&o, "prompt_version", of->run->prompt_version);
    json_out_str(&o, "framework_version", of->framework->version);
    json_out_u64(&o, "calls", of->run->calls);
    put_findings(&o, of);
    json_out_end_object(&o);
    return sb_take(&b, a, ret, e);
}

/* --- for people --- */

static bool is_left_out(const struct section *s) { return s->shown && s->state >= CUT; }

static enum err add(struct str what, struct str why, struct review_left_out *list, size_t *n, struct error *e)
{
    if (!what.p || !why.p) return error_no_memory(e);
    list[(*n)++] = (struct review_left_out){what, why};
    return ERR_OK;
}

static struct str name_of(const struct doc *doc, size_t section, struct arena *a)
{
    struct str title = title_of(doc, section);
    if (title.n == 0) return str_dup(a, STR("what stands before the first heading"));
    return str_printf(a, "\"%.*s\"", STR_ARG(title));
}

enum err model_coverage_left_out(const struct model_coverage_of *of, struct arena *a,
                                 const struct review_left_out **ret, size_t *ret_n, struct error *e)
{
    struct table t;
    size_t n = 0;
    const struct model_unit *whole = whole_of(of->run);
    TRY(table_make(of, a, &t, e));
    struct review_left_out *list = NEW(a, struct review_left_out, t.n + 1);
    if (!list) return error_no_memory(e);
    for (size_t i = 0, end; i < t.n; i = end) {
        end = i + 1;
        if (!is_left_out(&t.at[i])) continue;
        while (end < t.n && (!t.at[end].shown || (is_left_out(&t.at[end]) && str_eq(t.at[end].why, t.at[i].why))))
            end++;
        struct str name = name_of(of->doc, i, a);
        size_t more = end - i - 1;
        struct str what =
            more ? str_printf(a, REVIEW_BY_MODEL " of %.*s and the %zu sections behind it", STR_ARG(name), more)
                 : str_printf(a, REVIEW_BY_MODEL " of %.*s", STR_ARG(name));
        TRY(add(what, t.at[i].why, list, &n, e));
    }
    if (whole && state_of(whole->state) >= CUT)
        TRY(add(str_dup(a, STR(REVIEW_BY_MODEL " of what is missing from the document as a whole")),
                str_from_c(whole->why.message), list, &n, e));
    *ret = list;
    *ret_n = n;
    return ERR_OK;
}

const struct error *model_coverage_failure(const struct model_run_result *run)
{
    const struct error *first = NULL;
    for (size_t i = 0; i < run->n; i++) {
        const struct model_unit *u = &run->units[i];
        if (u->whole || u->state == MODEL_UNIT_SPLIT) continue;
        if (state_of(u->state) <= CUT) return NULL;
        if (!first) first = &u->why;
    }
    return first;
}
