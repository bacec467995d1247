/* Findings as rows and back. A row keeps the titles of its points: they are what the reviewer meant, also when a framework is changed later. */
#include "review/finding_rows.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/random.h"
#include "doc/text.h"
#include "review/context.h"
#include "rules/rules.h"

enum err finding_rows_texts(const struct str *texts, size_t n, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&b, false);
    json_out_begin_array(&o, NULL);
    for (size_t i = 0; i < n; i++)
        json_out_str(&o, NULL, texts[i]);
    json_out_end_array(&o);
    return sb_take(&b, a, ret, e);
}

static void put_point(struct json_out *o, struct sb *numbers, const struct framework_point *p)
{
    json_out_begin_object(o, NULL);
    json_out_i64(o, "number", p->number);
    json_out_str(o, "title", p->name);
    json_out_end_object(o);
    if (numbers->n == 0) sb_char(numbers, ',');
    sb_printf(numbers, "%lld,", (long long)p->number);
}

static const struct framework_point *find_point(const struct framework *f, int64_t number)
{
    for (size_t i = 0; i < f->n_points; i++)
        if (f->points[i].number == number) return &f->points[i];
    return NULL;
}

enum err finding_rows_points(const struct framework *framework, const int64_t *numbers, size_t n, struct arena *a,
                             struct str *ret_json, struct str *ret_numbers, struct error *e)
{
    CLEANUP_SB struct sb json = SB_INIT(SIZE_MAX), list = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&json, false);
    json_out_begin_array(&o, NULL);
    for (size_t i = 0; i < n; i++) {
        const struct framework_point *p = find_point(framework, numbers[i]);
        if (!p) {
            error_set_reason(e, ERR_INVALID, "no_such_point", "the framework %.*s has no point %lld",
                             STR_ARG(framework->name), (long long)numbers[i]);
            return error_hint(e, "Its points are numbered from %lld to %lld.", (long long)framework->points[0].number,
                              (long long)framework->points[framework->n_points - 1].number);
        }
        put_point(&o, &list, p);
    }
    json_out_end_array(&o);
    TRY(sb_take(&list, a, ret_numbers, e));
    return sb_take(&json, a, ret_json, e);
}

/* --- rows of findings --- */

static enum err points_of(const struct finding *f, const struct framework *framework, struct arena *a,
                          struct store_finding *row, struct error *e)
{
    int64_t *numbers = NEW(a, int64_t, f->n_points);
    if (!numbers) return error_no_memory(e);
    for (size_t i = 0; i < f->n_points; i++)
        numbers[i] = framework->points[f->points[i]].number;
    return finding_rows_points(framework, numbers, f->n_points, a, &row->points, &row->point_numbers, e);
}

static void anchor_of(const struct finding *f, const struct doc *doc, struct store_finding *row)
{
    const struct doc_block *block = &doc->blocks.at[f->anchor.start.block];
    bool one = f->anchor.end.block == f->anchor.start.block;
    size_t end = one ? f->anchor.end.offset : block->text.n;
    row->block = f->anchor.start.block;
    row->start = (uint32_t)doc_offset_to_utf16(block, f->anchor.start.offset);
    row->end = (uint32_t)doc_offset_to_utf16(block, end);
    row->quote = one ? f->quote : str_sub(block->text, f->anchor.start.offset, end);
}

static struct str text_or_empty(struct str s) { return s.p ? s : STR(""); }

static enum err make_row(const struct finding *f, uint32_t seq, const struct doc *doc,
                         const struct framework *framework, const struct finding_rows_of *of, struct arena *a,
                         struct store_finding *row, struct error *e)
{
    const struct rule *rule = rules_find(f->reviewer);
    char id[RANDOM_ID_CHARS + 1];
    random_id(id);
    *row = (struct store_finding){
        .id = str_dup(a, str_from_c(id)),
        .review_id = of->review_id,
        .document_id = of->document_id,
        .seq = seq,
        .fingerprint = f->id,
        .source = (enum store_source)f->source,
        .reviewer = f->reviewer,
        .reviewer_name = rule ? str_from_c(rule->title) : f->reviewer,
        .located = f->located,
        .section = f->section,
        .place = text_or_empty(f->place),
        .kind = (enum store_kind)f->kind,
        .risk = (enum store_risk)f->risk,
        .category = text_or_empty(f->category),
        .confidence = f->confidence,
        .title = text_or_empty(f->title),
        .description = text_or_empty(f->description),
        .why = rule ? str_from_c(rule->why) : STR(""),
        .suggestion = text_or_empty(f->suggestion),
        .rewrite = f->has_rewrite ? text_or_empty(f->rewrite) : STR_EMPTY,
        .decided_by = STR(""),
        .note = STR(""),
        .created_unix_ms = of->now_unix_ms,
        .changed_unix_ms = of->now_unix_ms,
        .version = 1,
    };
    if (!row->id.p) return error_no_memory(e);
    anchor_of(f, doc, row);
    TRY(finding_rows_texts(f->questions, f->n_questions, a, &row->questions, e));
    return points_of(f, framework, a, row, e);
}

enum err finding_rows_make(const struct finding_list *list, const struct doc *doc, const struct framework *framework,
                           const struct finding_rows_of *of, struct arena *a, struct store_finding **ret,
                           struct error *e)
{
    struct store_finding *rows = NEW(a, struct store_finding, list->n);
    if (!rows) return error_no_memory(e);
    for (size_t i = 0; i < list->n; i++)
        TRY(make_row(&list->at[i], (uint32_t)i, doc, framework, of, a, &rows[i], e));
    *ret = rows;
    return ERR_OK;
}

/* --- findings of rows --- */

static enum err read_texts(struct str json, struct arena *a, const struct str **ret, size_t *ret_n, struct error *e)
{
    const struct json *list = NULL;
    TRY(json_parse(a, json, &list, e));
    size_t n = json_count(list);
    struct str *texts = NEW(a, struct str, n);
    if (!texts) return error_no_memory(e);
    for (size_t i = 0; i < n; i++)
        texts[i] = json_str(json_at(list, i));
    *ret = texts;
    *ret_n = n;
    return ERR_OK;
}

/* Points that the framework no longer has are left out: there is nothing to say of them. */
static enum err read_points(struct str json, const struct framework *framework, struct arena *a, struct finding *f,
                            struct error *e)
{
    const struct json *list = NULL;
    TRY(json_parse(a, json, &list, e));
    uint32_t *points = NEW(a, uint32_t, json_count(list));
    if (!points) return error_no_memory(e);
    for (size_t i = 0; i < json_count(list); i++) {
        double number = json_double(json_get(json_at(list, i), "number"), 0);
        const struct framework_point *p = find_point(framework, (int64_t)number);
        if (p) points[f->n_points++] = (uint32_t)(p - framework->points);
    }
    f->points = points;
    return ERR_OK;
}

static enum err read_row(const struct store_finding *row, const struct doc *doc, const struct framework *framework,
                         struct arena *a, struct finding *f, struct error *e)
{
    bool person = row->source == STORE_BY_PERSON;
    bool placed = row->block < doc->blocks.n;
    *f = (struct finding){
        .id = row->id,
        .source = (enum finding_source)row->source,
        .reviewer = person ? review_shown_name(row->reviewer_name) : row->reviewer,
        .located = row->located && placed,
        .quote = row->quote,
        .kind = (enum finding_kind)row->kind,
        .risk = (enum finding_risk)row->risk,
        .category = row->category,
        .confidence = row->confidence,
        .title = row->title,
        .description = row->description,
        .suggestion = row->suggestion,
        .has_rewrite = row->rewrite.p != NULL,
        .rewrite = row->rewrite,
        .section = row->section,
        .place = row->place,
        .decision = (enum finding_decision)row->decision,
        .note = row->note,
        .decided_by = row->decision == STORE_OPEN ? STR_EMPTY : review_shown_name(row->decided_by_name),
        .decided_at_unix_ms = row->decided_unix_ms,
        .edited = row->edited,
    };
    if (placed) {
        const struct doc_block *block = &doc->blocks.at[row->block];
        f->anchor.start = (struct doc_place){row->block, (uint32_t)doc_offset_from_utf16(block, row->start)};
        f->anchor.end = (struct doc_place){row->block, (uint32_t)doc_offset_from_utf16(block, row->end)};
    }
    TRY(read_texts(row->questions, a, &f->questions, &f->n_questions, e));
    return read_points(row->points, framework, a, f, e);
}

enum err finding_rows_read(const struct store_finding_list *rows, const struct doc *doc,
                           const struct framework *framework, struct arena *a, struct finding_list *ret,
                           struct error *e)
{
    struct finding *at = NEW(a, struct finding, rows->n);
    if (!at) return error_no_memory(e);
    for (size_t i = 0; i < rows->n; i++)
        TRY(read_row(&rows->at[i], doc, framework, a, &at[i], e));
    if (rows->n > 0) qsort(at, rows->n, sizeof *at, finding_compare);
    *ret = (struct finding_list){at, rows->n};
    return ERR_OK;
}
