/* The record of coverage. It is JSON that begins with the array that is asked for with every review, so that this can be cut out and needs no parsing. */
#include "review/coverage.h"

#include <stddef.h>

static const char dismissed[] = ",\"dismissed\":"; /* the last member */
static const char head[] = "{\"not_reviewed\":";
static const char tail[] = "],\"blocks\":"; /* no text holds it: its quotes would be escaped there */

enum err coverage_record(const struct review_coverage *c, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&b, false);
    json_out_begin_object(&o, NULL);
    json_out_begin_array(&o, "not_reviewed");
    for (size_t i = 0; i < c->n_left_out; i++) {
        json_out_begin_object(&o, NULL);
        json_out_str(&o, "section", c->left_out[i].what);
        json_out_str(&o, "why", c->left_out[i].why);
        json_out_end_object(&o);
    }
    json_out_end_array(&o);
    json_out_u64(&o, "blocks", c->blocks);
    json_out_u64(&o, "blocks_reviewed", c->blocks_reviewed);
    json_out_u64(&o, "words", c->words);
    json_out_u64(&o, "rules_run", c->rules_run);
    json_out_u64(&o, "rules_off", c->rules_off);
    json_out_u64(&o, "below_min_risk", c->below_min_risk);
    json_out_u64(&o, "merged", c->merged);
    json_out_u64(&o, "dismissed", c->dismissed);
    json_out_end_object(&o);
    return sb_take(&b, a, ret, e);
}

static size_t count(const struct json *record, const char *key)
{
    double v = json_double(json_get(record, key), 0);
    return v > 0 ? (size_t)v : 0;
}

enum err coverage_read(struct str record, struct arena *a, struct review_coverage *ret, struct error *e)
{
    const struct json *v = NULL;
    TRY(json_parse(a, record, &v, e));
    const struct json *list = json_get(v, "not_reviewed");
    size_t n = json_count(list);
    struct review_left_out *left_out = NEW(a, struct review_left_out, n);
    if (!left_out) return error_no_memory(e);
    for (size_t i = 0; i < n; i++)
        left_out[i] = (struct review_left_out){json_str(json_get(json_at(list, i), "section")),
                                               json_str(json_get(json_at(list, i), "why"))};
    *ret = (struct review_coverage){
        .blocks = count(v, "blocks"),
        .blocks_reviewed = count(v, "blocks_reviewed"),
        .words = count(v, "words"),
        .rules_run = count(v, "rules_run"),
        .rules_off = count(v, "rules_off"),
        .below_min_risk = count(v, "below_min_risk"),
        .merged = count(v, "merged"),
        .dismissed = count(v, "dismissed"),
        .left_out = left_out,
        .n_left_out = n,
    };
    return ERR_OK;
}

void coverage_not_reviewed(struct json_out *o, const char *key, struct str record)
{
    size_t end = str_find(record, str_from_c(tail), 0);
    bool whole = str_starts(record, str_from_c(head)) && end != STR_NONE;
    json_out_raw(o, key, whole ? str_sub(record, sizeof head - 1, end + 1) : STR("[]"));
}

uint64_t coverage_dismissed(struct str record)
{
    uint64_t n = 0;
    size_t digits = record.n > 0 ? record.n - 1 : 0; /* before "}" */
    while (digits > 0 && record.p[digits - 1] >= '0' && record.p[digits - 1] <= '9')
        digits--;
    if (!str_ends(str_sub(record, 0, digits), str_from_c(dismissed))) return 0;
    return str_to_u64(str_sub(record, digits, record.n - 1), 0, UINT32_MAX, &n, NULL) == ERR_OK ? n : 0;
}
