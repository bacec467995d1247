/* Totals of tables, and shares that should add to 100.
 *
 * The idea: a rule about sums is only worth having if it is nearly always right. So a column is judged only when every cell between the
 * head and the total is a number or empty, and several readings of "total" are tried: all rows above, the rows since the last
 * total, the subtotals. If none gives the written total within rounding, the total is reported. Columns of rates, averages, years, prices and the like
 * do not add up by nature and are left alone, and so are percentages, whose rule asks for 100.
 * Limits: cells merged across rows make their column unreadable, and it is left alone. */
#include <math.h>

#include "rules/evidence_number.h"
#include "rules/facts.h"
#include "rules/registry_priv.h"
#include "rules/words.h"

#define ROWS_MAX    4096 /* of a table that is judged */
#define COLUMNS_MAX 64

struct cell {
    struct number number;
    uint32_t block; /* the one that holds text, or DOC_NONE */
    bool is_number, is_blank;
};

struct grid { /* one table */
    const struct doc_table *table;
    uint32_t rows, columns;
    struct cell *cells; /* [rows * columns] */
    bool *total;        /* [rows]: begins with "Total" */
    bool *grand;        /* [rows]: "Grand total" */
    bool *part;         /* [rows]: "of which" */
};

static struct cell *cell_at(const struct grid *g, uint32_t row, uint32_t column)
{
    return &g->cells[(size_t)row * g->columns + column];
}

static bool is_dash(struct str s)
{
    static const char *const none[] = {"-", "\xE2\x80\x93", "\xE2\x80\x94", "n/a", "N/A", "none", "nil"};
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
        if (str_eq_c(s, none[i])) return true;
    return s.n == 0;
}

static struct cell read_cell(const struct rules_run *run, const struct doc_cell *from)
{
    struct cell cell = {.block = DOC_NONE, .is_blank = true};
    for (uint32_t b = from->first_block; b < from->end_block && b < run->doc->blocks.n; b++) {
        const struct doc_block *block = &run->doc->blocks.at[b];
        struct str text = str_trim(block->text);
        if (text.n == 0) continue;
        if (cell.block != DOC_NONE ||
            from->merged_up) { /* two paragraphs, or a cell that covers several rows: not one number */
            cell.is_number = false;
            cell.is_blank = false;
            return cell;
        }
        cell.block = b;
        cell.is_blank = is_dash(text);
        cell.is_number = !cell.is_blank && number_read_whole(text, &cell.number);
    }
    return cell;
}

static bool label_starts(struct str label, const char *word)
{
    struct str s = str_trim(label), w = str_from_c(word);
    return str_starts_nocase(s, w) && (s.n == w.n || strchr(" :(,s", s.p[w.n]));
}

static void read_label(struct grid *g, uint32_t row, struct str label)
{
    g->grand[row] = label_starts(label, "grand total") || label_starts(label, "overall total");
    g->total[row] = g->grand[row] || label_starts(label, "total") || label_starts(label, "subtotal") ||
                    label_starts(label, "sub-total") || label_starts(label, "sum");
    g->part[row] = label_starts(label, "of which") || label_starts(label, "thereof") ||
                   label_starts(label, "including") || label_starts(label, "average") || label_starts(label, "mean") ||
                   label_starts(label, "median");
}

/* false in *ret_fits: too large, or cells are missing. */
static enum err read_grid(struct rules_run *run, const struct doc_table *table, struct grid *ret, bool *ret_fits,
                          struct error *e)
{
    struct grid g = {.table = table, .rows = table->row_count, .columns = table->column_count};
    *ret_fits = g.rows >= 3 && g.rows <= ROWS_MAX && g.columns >= 2 && g.columns <= COLUMNS_MAX;
    size_t cells = 0;
    for (uint32_t r = 0; *ret_fits && r < g.rows; r++)
        cells += run->doc->rows.at[table->first_row + r].cell_count;
    if ((size_t)g.rows * g.columns > 4 * cells + COLUMNS_MAX)
        *ret_fits = false; /* a wide grid with next to nothing in it */
    if (!*ret_fits) return ERR_OK;
    g.cells = NEW(run->arena, struct cell, (size_t)g.rows * g.columns);
    g.total = NEW(run->arena, bool, g.rows);
    g.grand = NEW(run->arena, bool, g.rows);
    g.part = NEW(run->arena, bool, g.rows);
    if (!g.cells || !g.total || !g.grand || !g.part) return error_no_memory(e);
    for (uint32_t r = 0; r < g.rows; r++) {
        const struct doc_row *row = &run->doc->rows.at[table->first_row + r];
        for (uint32_t c = 0; c < row->cell_count; c++) {
            const struct doc_cell *cell = &run->doc->cells.at[row->first_cell + c];
            if (cell->column >= g.columns) continue;
            struct cell read = read_cell(run, cell);
            *cell_at(&g, r, cell->column) = read;
            if (c == 0 && read.block != DOC_NONE) read_label(&g, r, run->doc->blocks.at[read.block].text);
        }
    }
    *ret = g;
    return ERR_OK;
}

/* The text of the column's head: its first row. */
static struct str head_of(const struct rules_run *run, const struct grid *g, uint32_t column)
{
    const struct cell *cell = cell_at(g, 0, column);
    return cell->block == DOC_NONE || cell->is_number ? STR_EMPTY : run->doc->blocks.at[cell->block].text;
}

static bool has_word(struct str text, const char *const *words)
{
    struct word w;
    for (size_t at = 0; words_next(text, &at, &w);)
        for (const char *const *word = words; *word; word++)
            if (str_eq_nocase(words_text(text, w), str_from_c(*word))) return true;
    return false;
}

/* "Year", "Fiscal year"; but "EUR a year" is an amount. */
static bool is_of_years(struct str head)
{
    static const char *const articles[] = {"a", "each", "every"};
    struct word w;
    bool behind_article = false;
    for (size_t at = 0; words_next(head, &at, &w);) {
        struct str word = words_text(head, w);
        if (str_eq_nocase(word, STR("year"))) return !behind_article;
        char buf[WORDS_KEY_MAX];
        behind_article = WORDS_IN(articles, words_key(word, buf));
    }
    return false;
}

/* Numbers that nobody adds. */
static bool does_not_add(struct str head)
{
    static const char *const words[] = {"average", "avg",    "mean",    "median", "rate",     "ratio",   "date",
                                        "id",      "no",     "rank",    "price",  "per",      "unit",    "score",
                                        "index",   "time",   "latency", "age",    "max",      "min",     "margin",
                                        "growth",  "change", "page",    "unique", "distinct", "balance", "cumulative",
                                        "running", "level",  "version", "p50",    "p95",      "p99",     NULL};
    return has_word(head, words) || is_of_years(head) || str_find_char(head, '#', 0) != STR_NONE ||
           str_find_char(head, '/', 0) != STR_NONE;
}

/* ---- totals ---- */

struct sums {
    double all, since, subtotals; /* of rows; of those since the last total; of the totals */
    uint32_t n_all, n_since, n_totals;
    int decimals;
    bool scaled, readable, currency;
};

static void add_row(struct sums *s, const struct grid *g, uint32_t row, const struct cell *cell)
{
    if (!cell->is_number && !cell->is_blank) s->readable = false;
    if (!cell->is_number || g->part[row]) return;
    if (cell->number.percent) s->readable = false;
    if (cell->number.decimals > s->decimals) s->decimals = cell->number.decimals;
    s->scaled = s->scaled || cell->number.scaled;
    s->currency = s->currency || cell->number.currency;
    if (g->total[row]) {
        s->subtotals += cell->number.value;
        s->n_totals++;
        s->since = 0;
        s->n_since = 0;
        return;
    }
    s->all += cell->number.value;
    s->since += cell->number.value;
    s->n_all++;
    s->n_since++;
}

/* Does the written total fit one of the readings? Whole numbers must fit exactly, rounded ones within their rounding. */
static bool total_fits(const struct sums *s, const struct number *total)
{
    int decimals = total->decimals < s->decimals ? total->decimals : s->decimals;
    double half = s->decimals > 0 || total->decimals > 0 ? 0.5 * pow(10, -decimals) : 0;
    double slack = half * (s->n_all + 1) + 1e-6 * fabs(total->value);
    if (s->currency && s->decimals == 2 && total->decimals == 2) slack = 0.006;
    if (s->scaled || total->scaled) slack = fabs(total->value) * 0.02;
    bool all = fabs(s->all - total->value) <= slack;
    bool since = s->n_since > 0 && fabs(s->since - total->value) <= slack;
    bool of_totals = s->n_totals > 0 && fabs(s->subtotals - total->value) <= slack;
    bool rest = s->n_totals > 0 && fabs(s->subtotals + s->since - total->value) <= slack;
    return all || since || of_totals || rest;
}

static enum err report_total(struct rules_run *run, const struct rule *rule, const struct cell *cell,
                             const struct sums *s, struct error *e)
{
    const struct doc_block *block = &run->doc->blocks.at[cell->block];
    int decimals = s->decimals > cell->number.decimals ? s->decimals : cell->number.decimals;
    double sum = s->n_totals && s->n_since ? s->since : s->n_totals ? s->subtotals : s->all;
    return rules__hit_at(run, rule, cell->block, 0, block->text.n,
                         "Correct the total or the row that is wrong, and every place in the text that repeats it.", e,
                         "The total \"%.*s\" is not the sum of its column: the %u rows add to %.*f.",
                         STR_ARG(str_trim(block->text)), s->n_totals && s->n_since ? s->n_since : s->n_all, decimals,
                         sum);
}

static enum err check_column(struct rules_run *run, const struct rule *rule, const struct grid *g, uint32_t column,
                             struct error *e)
{
    struct str head = head_of(run, g, column);
    if (does_not_add(head)) return ERR_OK;
    struct sums s = {.readable = true};
    uint32_t first = head.n || cell_at(g, 0, column)->is_blank ? 1 : 0;
    for (uint32_t r = first; r < g->rows; r++) {
        const struct cell *cell = cell_at(g, r, column);
        if (g->total[r] && cell->is_number && s.readable && s.n_all >= 2 && !cell->number.percent &&
            rules__reviewed(run, cell->block) && !total_fits(&s, &cell->number))
            TRY(report_total(run, rule, cell, &s, e));
        add_row(&s, g, r, cell);
    }
    return ERR_OK;
}

static enum err check_totals(struct rules_run *run, const struct rule *rule, struct error *e)
{
    for (uint32_t t = 0; t < run->doc->tables.n; t++) {
        struct grid g = {0};
        bool fits = false;
        TRY(read_grid(run, &run->doc->tables.at[t], &g, &fits, e));
        bool any = false;
        for (uint32_t r = 0; fits && r < g.rows; r++)
            any = any || g.total[r];
        for (uint32_t c = 1; any && c < g.columns; c++)
            TRY(check_column(run, rule, &g, c, e));
    }
    return ERR_OK;
}

/* ---- percentages ---- */

static const char *const share_words[] = {"share",       "breakdown", "distribution", "split",         "proportion",
                                          "composition", "mix",       "allocation",   "percentage of", NULL};

struct shares {
    double sum;
    uint32_t n, last; /* block of the last one */
    int decimals;
    bool readable, total_is_100;
};

static struct shares read_shares(const struct grid *g, uint32_t column)
{
    struct shares s = {.readable = true, .last = DOC_NONE};
    for (uint32_t r = 1; r < g->rows; r++) {
        const struct cell *cell = cell_at(g, r, column);
        if (cell->is_blank) continue;
        if (!cell->is_number || !cell->number.percent || cell->number.value < 0) s.readable = false;
        if (g->total[r]) {
            s.total_is_100 = cell->is_number && fabs(cell->number.value - 100) < 0.5;
            s.readable = s.readable && s.total_is_100;
            break;
        }
        if (g->part[r]) s.readable = false;
        s.sum += cell->number.value;
        s.n++;
        s.last = cell->block;
        if (cell->number.decimals > s.decimals) s.decimals = cell->number.decimals;
    }
    return s;
}

/* Off by more than rounding can be. */
static bool is_off(double sum, uint32_t n, int decimals)
{
    double slack = n * 0.5 * pow(10, -decimals);
    return fabs(sum - 100) > (slack > 3 ? 3 : slack) + 1e-9;
}

static enum err check_share_tables(struct rules_run *run, const struct rule *rule, struct error *e)
{
    for (uint32_t t = 0; t < run->doc->tables.n; t++) {
        struct grid g = {0};
        bool fits = false;
        TRY(read_grid(run, &run->doc->tables.at[t], &g, &fits, e));
        for (uint32_t c = 1; fits && c < g.columns; c++) {
            struct shares s = read_shares(&g, c);
            if (!s.readable || s.n < 2 || !rules__reviewed(run, s.last) || !is_off(s.sum, s.n, s.decimals)) continue;
            bool named = has_word(head_of(run, &g, c), share_words) || s.total_is_100;
            bool near = s.n >= 3 && s.sum > 95 && s.sum < 105;
            if (!named && !near) continue;
            TRY(rules__hit_at(run, rule, s.last, 0, run->doc->blocks.at[s.last].text.n,
                              "Correct the shares, or say what is missing or counted twice.", e,
                              "The %u percentages of this column add to %.*f %%, not to 100 %%.", s.n, s.decimals,
                              s.sum));
        }
    }
    return ERR_OK;
}

/* "Split: 40 % A, 35 % B and 20 % C" in one sentence or list item. */
static enum err check_share_sentence(struct rules_run *run, const struct rule *rule, struct facts_span at,
                                     struct error *e)
{
    static const char *const open[] = {"rest",      "remaining", "remainder",    "other",     "others",   "mainly",
                                       "including", "from",      "increase",     "increased", "decrease", "decreased",
                                       "rose",      "fell",      "respectively", "versus",    "vs",       NULL};
    static const char *const said[] = {"split",     "breakdown", "distribution", "divided",   "consists",
                                       "consisted", "composed",  "composition",  "allocated", "shares",
                                       "broke",     "breaks",    "elsewhere",    NULL};
    struct str text = str_sub(run->doc->blocks.at[at.block].text, at.start, at.end);
    if (str_find_char(text, '%', 0) == STR_NONE || !has_word(text, said) || has_word(text, open)) return ERR_OK;
    double sum = 0;
    uint32_t n = 0;
    int decimals = 0;
    size_t first = 0, last = 0;
    for (size_t i = 0; i < text.n; i++) {
        struct number number;
        bool starts = words_has_digit(text, i, i + 1) && (i == 0 || !words_has_digit(text, i - 1, i));
        if (!starts || (i > 0 && strchr(".,-", text.p[i - 1])) || !number_read(text, i, &number)) continue;
        if (number.percent) {
            if (n++ == 0) first = i;
            last = number.end;
            sum += number.value;
            if (number.decimals > decimals) decimals = number.decimals;
        }
        i = number.end - 1;
    }
    if (n < 3 || !is_off(sum, n, decimals)) return ERR_OK;
    return rules__hit_at(run, rule, at.block, at.start + first, at.start + last,
                         "Correct the shares, or say what is missing or counted twice.", e,
                         "These %u percentages add to %.*f %%, not to 100 %%.", n, decimals, sum);
}

static enum err check_shares(struct rules_run *run, const struct rule *rule, struct error *e)
{
    TRY(check_share_tables(run, rule, e));
    for (size_t i = 0; i < run->facts->sentences.n; i++)
        TRY(check_share_sentence(run, rule, run->facts->sentences.at[i], e));
    return ERR_OK;
}

/* ---- the table ---- */

const struct rule rules__evidence_tables[] = {
    {.id = "evidence.total_mismatch",
     .family = RULE_EVIDENCE,
     .title = "Total is not the sum of its column",
     .why =
         "A wrong total puts every figure of the report in doubt, and it is the first thing that an auditor adds up.",
     .category = "Evidence",
     .kind = RULE_KIND_IMPORTANT,
     .risk = RULE_RISK_HIGH,
     .confidence = 0.9,
     .fires = "| Region | Cases |\n| EU | 120 |\n| US | 80 |\n| Total | 210 |",
     .spares = "| Region | Cases |\n| EU | 120 |\n| US | 80 |\n| Total | 200 |",
     .check = check_totals},
    {.id = "evidence.percent_sum",
     .family = RULE_EVIDENCE,
     .title = "Percentages do not add to 100",
     .why = "Shares of a whole that are more or less than the whole show that something was left out or counted twice.",
     .category = "Evidence",
     .kind = RULE_KIND_IMPORTANT,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.85,
     .fires = "Split by region: 50 % EU, 30 % US, 10 % JP.",
     .spares = "Split by region: 50 % EU, 30 % US, 20 % JP.",
     .check = check_shares},
};
const size_t rules__evidence_tables_count = RULES__COUNT(rules__evidence_tables);
