/* What tokens cost.
 * Few rows, and a model is looked up once in a call: they are tried one after the other. A pattern knows '*' alone, so that a row of the file can be
 * read without a manual; ids have no character that would need more.
 * Rejected: prices in code (they change without us), the longest pattern wins (the order in the file says the same and can be seen), the price of
 * the nearest model where there is none (a guess in the books is worse than a gap that is said). */
#include "ai/prices.h"

#include <stdlib.h>

#include "ai/prices_priv.h"
#include "base/fs.h"
#include "base/json.h"

#define PRICES_MAX ((size_t)1 << 20) /* bytes of a file */
#define USD        1e6
#define ROW_USD    1e6 /* dollars for a million tokens, at most */

struct row {
    struct json_list models; /* struct str */
    double in, out, cache_read, cache_write;
};

struct file {
    struct str as_of, note;
    struct json_list rows; /* struct row */
};

struct ai_prices {
    struct arena *arena;
    struct file files[2]; /* the team's own, ours */
};

static const struct json_field row_fields[] = {
    {"models", JSON_K_STRS, offsetof(struct row, models), true, 1, 1000, NULL, NULL},
    {"in", JSON_K_DOUBLE, offsetof(struct row, in), true, 0, ROW_USD, NULL, NULL},
    {"out", JSON_K_DOUBLE, offsetof(struct row, out), true, 0, ROW_USD, NULL, NULL},
    {"cache_read", JSON_K_DOUBLE, offsetof(struct row, cache_read), true, 0, ROW_USD, NULL, NULL},
    {"cache_write", JSON_K_DOUBLE, offsetof(struct row, cache_write), true, 0, ROW_USD, NULL, NULL}};
static const struct json_table row_table = {sizeof(struct row), row_fields, sizeof row_fields / sizeof *row_fields};
static const struct json_field file_fields[] = {
    {"as_of", JSON_K_STR, offsetof(struct file, as_of), false, 0, 0, NULL, NULL},
    {"note", JSON_K_STR, offsetof(struct file, note), false, 0, 0, NULL, NULL},
    {"prices", JSON_K_ARRAY, offsetof(struct file, rows), true, 0, 10000, NULL, &row_table}};
static const struct json_table file_table = {sizeof(struct file), file_fields,
                                             sizeof file_fields / sizeof *file_fields};

static enum err rows_read(struct arena *a, struct str text, struct file *ret, struct error *e)
{
    const struct json *v = NULL;
    TRY(json_parse(a, text, &v, e));
    return json_decode(a, v, &file_table, ret, e);
}

static enum err own_read(struct ai_prices *p, const char *path, struct error *e)
{
    struct str text = STR_EMPTY;
    struct error why = {0};
    TRY(fs_read(p->arena, path, PRICES_MAX, &text, e));
    enum err err = rows_read(p->arena, text, &p->files[0], &why);
    if (err == ERR_OK) return ERR_OK;
    if (err != ERR_INVALID) {
        if (e) *e = why;
        return err;
    }
    (void)error_set_reason(e, ERR_INVALID, "bad_prices", "the file of prices \"%s\" is wrong: %s", path, why.message);
    return error_hint(e, "Write {\"prices\": [{\"models\": [\"name*\"], \"in\": 3, \"out\": 15, \"cache_read\": 0.3, "
                         "\"cache_write\": 3.75}]}, in dollars for a million tokens.");
}

enum err ai_prices_new(const char *path, struct ai_prices **ret, struct error *e)
{
    struct ai_prices *p = calloc(1, sizeof *p);
    if (!p) return error_no_memory(e);
    p->arena = arena_new(32 * PRICES_MAX);
    enum err err = p->arena ? ERR_OK : error_no_memory(e);
    if (err == ERR_OK && path) err = own_read(p, path, e);
    if (err == ERR_OK) {
        const struct embedded_file *ours = &ai__price_files[0];
        err = rows_read(p->arena, (struct str){(const char *)ours->bytes, ours->n}, &p->files[1], e);
    }
    if (err != ERR_OK) {
        ai_prices_free(p);
        return err;
    }
    *ret = p;
    return ERR_OK;
}

void ai_prices_free(struct ai_prices *p)
{
    if (!p) return;
    arena_free(p->arena);
    free(p);
}

/* '*' is any text. Goes back to the last '*' alone, so the time is at most the product of both lengths. */
static bool fits(struct str pattern, struct str s)
{
    size_t p = 0, i = 0, star = STR_NONE, from = 0;
    while (i < s.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            from = i;
        } else if (p < pattern.n && pattern.p[p] == s.p[i]) {
            p++;
            i++;
        } else if (star != STR_NONE) {
            p = star + 1;
            i = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

static const struct row *row_find(const struct file *f, struct str model)
{
    const struct row *rows = f->rows.at;
    for (size_t i = 0; i < f->rows.n; i++) {
        const struct str *patterns = rows[i].models.at;
        for (size_t k = 0; k < rows[i].models.n; k++)
            if (fits(patterns[k], model)) return &rows[i];
    }
    return NULL;
}

static int64_t micro(double usd) { return (int64_t)(usd * USD + 0.5); }

bool ai_prices_find(const struct ai_prices *p, struct str model, struct ai_price *ret)
{
    const struct row *row = NULL;
    struct str tail = STR_EMPTY;
    if (!p || model.n == 0) return false;
    if (str_starts(model, STR("arn:")))
        for (size_t at = 0; (at = str_find_char(model, '/', at)) != STR_NONE;)
            tail = str_sub(model, ++at, model.n);
    for (size_t i = 0; !row && i < 2; i++) {
        if (tail.n > 0) row = row_find(&p->files[i], tail); /* "*x" fits the whole of any geography's ARN */
        if (!row) row = row_find(&p->files[i], model);
    }
    if (!row) return false;
    *ret = (struct ai_price){micro(row->in), micro(row->out), micro(row->cache_read), micro(row->cache_write)};
    return true;
}

int64_t ai_price_cost(const struct ai_price *price, const struct ai_usage *usage)
{
    const struct {
        uint64_t tokens;
        int64_t price;
    } parts[] = {{usage->in, price->in},
                 {usage->out, price->out},
                 {usage->cache_read, price->cache_read},
                 {usage->cache_write, price->cache_write}};
    const unsigned __int128 million = 1000000, most = INT64_MAX;
    unsigned __int128 sum = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) /* each below 2^64 * 2^40 */
        sum += (unsigned __int128)parts[i].tokens * (uint64_t)parts[i].price;
    sum = (sum + million - 1) / million;
    return (int64_t)(sum < most ? sum : most);
}
