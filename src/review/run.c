/* One review over a version: the rules' hits are made findings, doubles are merged, and a record is kept of what was looked at and what was not.
 * Ids: the first ID_HEX digits of a SHA-256 over the rule, the quote (case and white space made one), the text of its block, and which of several equal ones it is. So the same document gives the
 * same ids however often it is read, and a change elsewhere in it changes none of them.
 * Rejected: numbering findings (an id would name another finding after every edit). Limits: reviewers other than the rules come with the server. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/map.h"
#include "base/vec.h"
#include "doc/text.h"
#include "review/framework_priv.h"
#include "review/review.h"

#define ID_HEX 16

struct run {
    const struct doc *doc;
    const struct review_options *o;
    struct arena *a;
    VEC(struct finding) findings;
    VEC(struct review_left_out) left_out;
    struct map occurrences; /* key of an id without the occurrence -> size_t * */
};

static enum err copy(struct arena *a, struct str s, struct str *ret, struct error *e)
{
    *ret = str_dup(a, s);
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err finding_id(struct run *run, const struct finding *f, struct error *e, struct str *ret)
{
    CLEANUP_SB struct sb key = SB_INIT(SIZE_MAX);
    struct str quote = framework__fold(run->a, f->quote), kept = STR_EMPTY;
    if (!quote.p) return error_no_memory(e);
    sb_str(&key, f->reviewer);
    sb_char(&key, 0);
    sb_str(&key, quote);
    sb_char(&key, 0);
    if (f->anchor.start.block < run->doc->blocks.n) sb_str(&key, run->doc->blocks.at[f->anchor.start.block].text);
    char hex[HASH_SHA256_HEX + 1];
    TRY(hash_sha256_hex(sb_view(&key), hex, e));
    TRY(copy(run->a, str_from_c(hex), &kept, e));
    size_t *seen = map_get(&run->occurrences, kept);
    if (!seen) {
        seen = NEW(run->a, size_t, 1);
        if (!seen || !map_put(&run->occurrences, kept, seen)) return error_no_memory(e);
    }
    sb_char(&key, 0);
    sb_u64(&key, (*seen)++);
    if (!sb_ok(&key)) return error_no_memory(e);
    TRY(hash_sha256_hex(sb_view(&key), hex, e));
    return copy(run->a, (struct str){hex, ID_HEX}, ret, e);
}

static enum err take_questions(struct run *run, const struct rules_hit *hit, struct finding *f, struct error *e)
{
    struct str *questions = NEW(run->a, struct str, hit->n_questions);
    if (!questions) return error_no_memory(e);
    for (size_t i = 0; i < hit->n_questions; i++)
        TRY(copy(run->a, hit->questions[i], &questions[i], e));
    f->questions = questions;
    f->n_questions = hit->n_questions;
    return ERR_OK;
}

static enum err on_hit(void *ctx, const struct rules_hit *hit, struct error *e)
{
    struct run *run = ctx;
    uint32_t block = hit->anchor.start.block;
    struct finding f = {
        .source = FINDING_BY_RULE,
        .reviewer = str_from_c(hit->rule->id),
        .located = true,
        .anchor = hit->anchor,
        .kind = (enum finding_kind)hit->rule->kind,
        .risk = (enum finding_risk)hit->rule->risk,
        .category = str_from_c(hit->rule->category),
        .confidence = hit->confidence > 0 ? hit->confidence : hit->rule->confidence,
        .title = str_from_c(hit->rule->title),
        .has_rewrite = hit->has_rewrite,
        .section = block < run->doc->blocks.n ? run->doc->blocks.at[block].section : DOC_NONE,
    };
    struct str quote = doc_text_of(run->doc, hit->anchor, run->a);
    if (!quote.p && quote.n) return error_no_memory(e);
    TRY(copy(run->a, quote, &f.quote, e));
    TRY(copy(run->a, hit->description, &f.description, e));
    TRY(copy(run->a, hit->suggestion, &f.suggestion, e));
    TRY(copy(run->a, hit->rewrite, &f.rewrite, e));
    TRY(take_questions(run, hit, &f, e));
    TRY(framework_points_of_rule(run->o->framework, f.reviewer, run->a, &f.points, &f.n_points, e));
    f.place = doc_place_name(run->doc, block, run->a);
    if (!f.place.p) return error_no_memory(e);
    TRY(finding_id(run, &f, e, &f.id));
    struct finding *kept = VEC_PUSH(run->a, &run->findings);
    if (!kept) return error_no_memory(e);
    *kept = f;
    return ERR_OK;
}

/* --- what was not looked at --- */

static enum err leave_out(struct run *run, struct str what, struct str why, struct error *e)
{
    struct review_left_out *l = what.p && why.p ? VEC_PUSH(run->a, &run->left_out) : NULL;
    if (!l) return error_no_memory(e);
    *l = (struct review_left_out){what, why};
    return ERR_OK;
}

static enum err leave_out_sections(struct run *run, struct error *e)
{
    size_t toc = 0;
    for (uint32_t i = 0; i < run->doc->sections.n; i++) {
        const struct doc_section *s = &run->doc->sections.at[i];
        if (s->reviewed || s->kind != DOC_SECTION_QUOTED_MAIL) continue;
        struct str what = s->title.n
                              ? str_printf(run->a, "the e-mail \"%.*s\" that the document quotes", STR_ARG(s->title))
                              : str_dup(run->a, STR("an e-mail that the document quotes"));
        TRY(leave_out(run, what, STR("a quoted e-mail is not the author's own text; it is reviewed on request"), e));
    }
    for (uint32_t i = 0; i < run->doc->blocks.n; i++)
        toc += run->doc->blocks.at[i].is_toc && !doc_block_is_blank(&run->doc->blocks.at[i]);
    if (toc == 0) return ERR_OK;
    return leave_out(run, str_printf(run->a, "the table of contents (%zu %s)", toc, toc == 1 ? "line" : "lines"),
                     STR("it repeats the headings, which are reviewed where they stand"), e);
}

/* What stands in the file and is no text of the document for us. */
static const char *warning_what(enum doc_warning_code code)
{
    switch (code) {
    case DOC_WARN_ALT_CHUNK: return "content imported from another file";
    case DOC_WARN_EMBEDDED_OBJECT: return "an embedded object";
    case DOC_WARN_CORRUPT_ENTRY: return "a damaged part of the file";
    case DOC_WARN_PART_SKIPPED: return "a part of the file";
    case DOC_WARN_COMMENTS_BROKEN: return "the comments that are already in the file";
    case DOC_WARN_EXTERNAL_TARGET:
    case DOC_WARN_SIGNED:
    case DOC_WARN_PROTECTED:
    case DOC_WARN_MACROS:
    case DOC_WARN_DUPLICATE_COMMENT_ID:
    case DOC_WARN_DANGLING_COMMENT:
    case DOC_WARN_NUMBERING: break;
    }
    return NULL;
}

static enum err leave_out_content(struct run *run, struct error *e)
{
    const struct doc *doc = run->doc;
    for (uint32_t i = 0; i < doc->warnings.n; i++) {
        const char *what = warning_what(doc->warnings.at[i].code);
        if (what) TRY(leave_out(run, str_from_c(what), doc->warnings.at[i].message, e));
    }
    if (doc->images.n > 0)
        TRY(leave_out(run, str_printf(run->a, "%u %s", doc->images.n, doc->images.n == 1 ? "picture" : "pictures"),
                      STR("what a picture shows cannot be read"), e));
    size_t deleted = 0;
    for (uint32_t i = 0; i < doc->revisions.n; i++)
        deleted += doc->revisions.at[i].kind == DOC_REVISION_DELETE;
    if (deleted > 0)
        TRY(leave_out(run, str_printf(run->a, "%zu tracked %s", deleted, deleted == 1 ? "deletion" : "deletions"),
                      STR("text that a tracked change deletes is no longer the document's"), e));
    return ERR_OK;
}

static enum err leave_out_reviewers(struct run *run, const struct rules_coverage *rules, struct error *e)
{
    for (size_t i = 0; i < rules->n_skipped; i++) {
        const struct rules_skipped *s = &rules->skipped[i];
        TRY(leave_out(run, str_printf(run->a, "the rule %s (%s)", s->rule->id, s->rule->title), s->reason, e));
    }
    if (run->o->no_model_why.n == 0) return ERR_OK;
    return leave_out(run, STR(REVIEW_BY_MODEL), run->o->no_model_why, e);
}

static enum err cover(struct run *run, const struct rules_coverage *rules, struct review_coverage *c, struct error *e)
{
    const struct doc *doc = run->doc;
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        const struct doc_block *b = &doc->blocks.at[i];
        if (doc_block_is_blank(b)) continue;
        c->blocks++;
        bool by_default = !b->is_toc && (b->section >= doc->sections.n || doc->sections.at[b->section].reviewed);
        if (!by_default && !run->o->whole_document) continue;
        c->blocks_reviewed++;
        c->words += doc_count_words(b->text);
    }
    c->rules_run = rules->n_run;
    c->rules_off = rules->n_off;
    if (!run->o->whole_document) TRY(leave_out_sections(run, e));
    TRY(leave_out_content(run, e));
    TRY(leave_out_reviewers(run, rules, e));
    c->left_out = run->left_out.at;
    c->n_left_out = run->left_out.n;
    return framework_touches(run->o->framework, doc, run->a, &c->touches, e);
}

enum err review_run(const struct doc *doc, const struct review_options *o, struct arena *a, struct review_result *ret,
                    struct error *e)
{
    struct run run = {.doc = doc, .o = o, .a = a, .occurrences = map_make(a)};
    struct rules_input input = {
        .doc = doc,
        .expected_sections = o->framework->sections,
        .n_expected_sections = o->framework->n_sections,
        .whole_document = o->whole_document,
    };
    struct rules_coverage rules = {0};
    struct review_coverage coverage = {0};
    TRY(rules_run(o->engine, &input, on_hit, &run, a, &rules, e));
    TRY(cover(&run, &rules, &coverage, e));
    struct finding_list list = {run.findings.at, run.findings.n};
    if (list.n > 0) qsort(list.at, list.n, sizeof *list.at, finding_compare);
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    if (!scratch) return error_no_memory(e);
    TRY(review_merge(&list, scratch, &coverage.merged, e));
    size_t kept = 0;
    for (size_t i = 0; i < list.n; i++)
        if (list.at[i].risk >= o->min_risk) list.at[kept++] = list.at[i];
    coverage.below_min_risk = list.n - kept;
    list.n = kept;
    *ret = (struct review_result){list, coverage};
    return ERR_OK;
}
