/* Lists and counts of findings. One statement serves every combination of filters, and one GROUP BY every count: it gives a row for each combination of section,
 * decision, risk and kind that occurs, with how many of them the filter lets through; adding up is done here.
 * A cursor is the last row's place in the order, so a page neither repeats nor leaves out a finding because others came or went. */
#include "base/utf8.h"
#include "store/findings_priv.h"

/* The parameters $2 to $12 of FINDING_FILTER. */
struct conditions {
    int64_t risks, kinds, decisions, sources;
    struct str sections, reviewer, category, point, text;
    int64_t folded;
    double folded_below;
};

static enum err bad_filter(struct error *e, const char *what, size_t n, size_t max)
{
    return error_set_reason(e, ERR_INVALID, "bad_filter", "%s has %zu; the limit is %zu", what, n, max);
}

static enum err take(struct sb *b, struct arena *a, struct str *ret, struct error *e)
{
    return b->n ? sb_take(b, a, ret, e) : ERR_OK;
}

/* ",3,14," */
static enum err write_sections(const struct store_finding_filter *f, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    for (size_t i = 0; i < f->n_sections; i++) {
        if (i == 0) sb_char(&b, ',');
        sb_u64(&b, f->sections[i]);
        sb_char(&b, ',');
    }
    return take(&b, a, ret, e);
}

static enum err write_point(uint32_t point, struct arena *a, struct str *ret, struct error *e)
{
    if (point == 0) return ERR_OK;
    *ret = str_printf(a, "%%,%u,%%", point);
    return ret->p ? ERR_OK : error_no_memory(e);
}

/* Anywhere in the text; what is special to LIKE is itself. */
static enum err write_pattern(struct str text, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    if (text.n == 0) return ERR_OK;
    struct str folded = utf8_fold_case(a, text);
    if (!folded.p) return error_no_memory(e);
    sb_char(&b, '%');
    for (size_t i = 0; i < folded.n; i++) {
        if (folded.p[i] == '%' || folded.p[i] == '_' || folded.p[i] == '\\') sb_char(&b, '\\');
        sb_char(&b, folded.p[i]);
    }
    sb_char(&b, '%');
    return take(&b, a, ret, e);
}

static enum err make_conditions(const struct store_finding_filter *f, struct arena *a, struct conditions *ret,
                                struct error *e)
{
    *ret = (struct conditions){0};
    if (!f) return ERR_OK;
    if (f->text.n > STORE_QUERY_MAX) return bad_filter(e, "the bytes of the text", f->text.n, STORE_QUERY_MAX);
    if (f->n_sections > STORE_SECTIONS_MAX)
        return bad_filter(e, "the list of sections", f->n_sections, STORE_SECTIONS_MAX);
    *ret = (struct conditions){
        .risks = f->risks,
        .kinds = f->kinds,
        .decisions = f->decisions,
        .sources = f->sources,
        .reviewer = f->reviewer,
        .category = f->category,
        .folded = f->folded,
        .folded_below = f->folded_below,
    };
    TRY(write_sections(f, a, &ret->sections, e));
    TRY(write_point(f->point, a, &ret->point, e));
    return write_pattern(f->text, a, &ret->text, e);
}

/* $1 to $12 */
static void bind_conditions(struct store_query *q, struct str review_id, const struct conditions *c)
{
    store__bind_str(q, review_id);
    store__bind_i64(q, c->risks);
    store__bind_i64(q, c->kinds);
    store__bind_i64(q, c->decisions);
    store__bind_i64(q, c->sources);
    store__bind_str(q, c->sections);
    store__bind_str(q, c->reviewer);
    store__bind_str(q, c->category);
    store__bind_str(q, c->point);
    store__bind_str(q, c->text);
    store__bind_i64(q, c->folded);
    store__bind_f64(q, c->folded_below);
}

/* The keys of FINDING_ORDER: 2 - risk or 0, STORE_RANK_MAX - rank or 0, block, start, seq. */
#define ORDER_KEYS 5

static char mark_of(enum store_finding_sort sort) { return sort == STORE_BY_DANGER ? 'r' : 'p'; }

static enum err write_next(const struct store_finding *last, enum store_finding_sort sort, struct arena *a,
                           struct str *ret, struct error *e)
{
    bool danger = sort == STORE_BY_DANGER;
    *ret = str_printf(a, "%c%u-%lld-%u-%u-%u", mark_of(sort), danger ? STORE_RISK_HIGH - last->risk : 0,
                      danger ? STORE_RANK_MAX - (long long)last->rank : 0, last->block, last->start, last->seq);
    return ret->p ? ERR_OK : error_no_memory(e);
}

enum err store_finding_list(struct store_tx *tx, struct str review_id, const struct store_finding_filter *filter,
                            enum store_finding_sort sort, struct str cursor, size_t limit, struct arena *a,
                            struct store_finding_list *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    VEC(struct store_finding) rows = {0};
    struct conditions conditions = {0};
    int64_t from[ORDER_KEYS] = {-1, -1, -1, -1, -1};
    struct str next = STR_EMPTY;
    TRY(make_conditions(filter, a, &conditions, e));
    if (cursor.n) TRY(store__cursor_read(cursor, mark_of(sort), from, ORDER_KEYS, e));
    TRY(store__query_begin(&q, tx, SQL_FINDING_LIST, e));
    bind_conditions(&q, review_id, &conditions);
    store__bind_i64(&q, sort == STORE_BY_DANGER);
    for (size_t i = 0; i < ORDER_KEYS; i++)
        store__bind_i64(&q, from[i]);
    store__bind_limit(&q, limit, 1);
    for (bool more = true;;) {
        TRY(store__query_next(&q, &more, e));
        if (!more) break;
        if (limit && rows.n == limit) {
            TRY(write_next(&rows.at[rows.n - 1], sort, a, &next, e));
            break;
        }
        struct store_finding *row = VEC_PUSH(a, &rows);
        if (!row) return error_no_memory(e);
        TRY(store__finding_read(&q, a, row, e));
    }
    *ret = (struct store_finding_list){rows.at, rows.n, next};
    return ERR_OK;
}

/* ---- Counts ---- */

typedef VEC(struct store_section_count) section_counts;

/* Rows come by section. */
static enum err add_to_section(section_counts *sections, uint32_t section, uint32_t n, bool open, struct arena *a,
                               struct error *e)
{
    if (sections->n == 0 || sections->at[sections->n - 1].section != section) {
        struct store_section_count *added = VEC_PUSH(a, sections);
        if (!added) return error_no_memory(e);
        added->section = section;
    }
    struct store_section_count *count = &sections->at[sections->n - 1];
    count->total += n;
    count->open += open ? n : 0;
    return ERR_OK;
}

/* One row of the GROUP BY. The schema's CHECKs keep the three in their arrays. */
static enum err add_group(struct store_query *q, struct store_finding_counts *counts, section_counts *sections,
                          struct arena *a, struct error *e)
{
    int64_t decision = store__read_i64(q), risk = store__read_i64(q), kind = store__read_i64(q);
    uint32_t section = (uint32_t)store__read_i64(q), n = (uint32_t)store__read_i64(q);
    counts->matching += (uint32_t)store__read_i64(q);
    counts->total += n;
    counts->decision[decision] += n;
    counts->risk[risk] += n;
    counts->kind[kind] += n;
    return add_to_section(sections, section, n, decision == STORE_OPEN, a, e);
}

enum err store_finding_count(struct store_tx *tx, struct str review_id, const struct store_finding_filter *filter,
                             struct arena *a, struct store_finding_counts *ret, struct error *e)
{
    CLEANUP_QUERY struct store_query q = {0};
    struct store_finding_counts counts = {0};
    section_counts sections = {0};
    struct conditions conditions = {0};
    TRY(make_conditions(filter, a, &conditions, e));
    TRY(store__query_begin(&q, tx, SQL_FINDING_COUNT, e));
    bind_conditions(&q, review_id, &conditions);
    for (bool more = true;;) {
        TRY(store__query_next(&q, &more, e));
        if (!more) break;
        TRY(add_group(&q, &counts, &sections, a, e));
    }
    counts.sections = sections.at;
    counts.n_sections = sections.n;
    *ret = counts;
    return ERR_OK;
}
