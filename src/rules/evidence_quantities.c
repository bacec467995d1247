/* Figures: one quantity with two values, amounts without a currency, measures without a unit.
 *
 * One quantity: a metric is the same words with a figure: "Affected sellers: 420", a row "Affected sellers | 420" of a table of two
 * columns, or "420 affected sellers were …" in a sentence. The words must be two or more and the same to the letter (but for case and
 * "number of"); what follows them must not narrow them down. Two values for one metric in different blocks are the finding.
 * Rejected: nouns of one word ("12 sellers", "30 sellers" are different sellers nearly always), and comparing by meaning.
 * Durations are left alone: "10 business days" and "30 business days" are terms, not measurements. */
#include <math.h>

#include "rules/evidence_number.h"
#include "rules/facts.h"
#include "rules/registry_priv.h"
#include "rules/words.h"

static bool is_digit(char c) { return (unsigned)(unsigned char)c - '0' < 10u; }

/* ---- one quantity, two values ---- */

#define METRIC_WORDS_MAX 5
#define METRIC_BYTES_MAX 80

struct metric {
    struct number number;
    uint32_t block, start, end; /* of the figure */
    uint32_t table;             /* it stands in, or DOC_NONE */
    bool spent;                 /* reported, or of several values on purpose */
};

/* Words that end a noun phrase. Sorted. */
static const char *const stops[] = {
    "a",     "about",  "above",   "across", "after", "all",     "also",    "an",    "and",   "are",   "as",
    "at",    "be",     "been",    "before", "below", "between", "but",     "by",    "can",   "could", "did",
    "do",    "during", "each",    "for",    "from",  "had",     "has",     "have",  "if",    "in",    "into",
    "is",    "it",     "its",     "may",    "more",  "not",     "of",      "on",    "or",    "other", "our",
    "over",  "per",    "since",   "than",   "that",  "the",     "their",   "then",  "there", "these", "they",
    "this",  "those",  "through", "to",     "under", "until",   "was",     "we",    "were",  "when",  "where",
    "which", "while",  "who",     "will",   "with",  "within",  "without", "would",
};
/* What may stand behind a metric without narrowing it down: verbs. Sorted. */
static const char *const verbs[] = {"are", "could", "did", "had", "have", "lost", "received", "were", "will", "would"};
static const char *const durations[] = {"business", "calendar", "centuries", "days",  "decades", "hours",   "minutes",
                                        "months",   "quarters", "seconds",   "times", "weeks",   "working", "years"};
/* In front of a figure these make it another quantity. Sorted. */
static const char *const narrowing[] = {
    "additional", "another", "approximately", "first", "further",   "just", "last", "least", "most",
    "next",       "of",      "only",          "other", "remaining", "to",   "up"};

/* Lower case words of a label joined by one space, without "total", "number of", "the"; .n 0: fewer than two words or too long. */
static struct str metric_key(struct str label, char buf[METRIC_BYTES_MAX])
{
    static const char *const skipped[] = {"count", "number", "of", "overall", "the", "total"};
    size_t n = 0, words = 0;
    struct word w;
    for (size_t at = 0; words_next(label, &at, &w);) {
        char key_buf[WORDS_KEY_MAX];
        struct str key = words_key(words_text(label, w), key_buf);
        if (!key.p || !w.ascii) return STR_EMPTY;
        if (WORDS_IN(skipped, key)) continue;
        if (++words > METRIC_WORDS_MAX || n + key.n + 1 > METRIC_BYTES_MAX) return STR_EMPTY;
        if (n) buf[n++] = ' ';
        memcpy(buf + n, key.p, key.n);
        n += key.n;
    }
    return words >= 2 ? (struct str){buf, n} : STR_EMPTY;
}

static bool same_value(const struct metric *a, const struct metric *b)
{
    if (a->number.percent != b->number.percent || a->number.currency != b->number.currency)
        return true; /* not comparable */
    double x = a->number.value, y = b->number.value;
    double slack = a->number.scaled || b->number.scaled ? 0.05 * fmax(fabs(x), fabs(y)) : 0;
    int decimals = a->number.decimals < b->number.decimals ? a->number.decimals : b->number.decimals;
    if (a->number.decimals != b->number.decimals) slack = fmax(slack, 0.5 * pow(10, -decimals));
    return fabs(x - y) <= slack + 1e-9;
}

static uint32_t table_of(const struct rules_run *run, uint32_t block)
{
    uint32_t cell = run->doc->blocks.at[block].cell;
    return cell < run->doc->cells.n ? run->doc->cells.at[cell].table : DOC_NONE;
}

static enum err add_metric(struct rules_run *run, const struct rule *rule, struct map *metrics, struct str label,
                           struct metric m, struct error *e)
{
    char buf[METRIC_BYTES_MAX];
    struct str key = metric_key(label, buf);
    if (key.n == 0) return ERR_OK;
    m.table = table_of(run, m.block);
    struct metric *first = map_get(metrics, key);
    if (!first) {
        struct str kept = str_dup(run->arena, key);
        first = NEW(run->arena, struct metric, 1);
        if (!kept.p || !first || !map_put(metrics, kept, first)) return error_no_memory(e);
        *first = m;
        return ERR_OK;
    }
    if (same_value(first, &m) || first->spent) return ERR_OK;
    first->spent = true; /* one finding a metric */
    if (first->block == m.block || (m.table != DOC_NONE && m.table == first->table))
        return ERR_OK; /* compared on purpose */
    struct str before = str_sub(run->doc->blocks.at[first->block].text, first->start, first->end);
    struct str now = str_sub(run->doc->blocks.at[m.block].text, m.start, m.end);
    return rules__hit_at(run, rule, m.block, m.start, m.end,
                         "Correct the one that is wrong, or say in what the two differ (period, region, source).", e,
                         "\"%.*s\" is %.*s here, but %.*s before.", STR_ARG(key), STR_ARG(now), STR_ARG(before));
}

/* "by e-mail", "by letter": how they were told does not narrow down how many. */
static bool says_channel(struct str text, struct word by)
{
    static const char *const channels[] = {"e-mail", "email", "letter", "mail", "phone", "post", "telephone"};
    struct str behind = str_sub(text, by.end, text.n);
    if (!str_eq_nocase(words_text(text, by), STR("by")) || !str_starts(behind, STR(" "))) return false;
    for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++)
        if (str_starts_nocase(str_sub(behind, 1, behind.n), str_from_c(channels[i]))) return true;
    return false;
}

/* The words behind a figure up to the end of the noun phrase; .n 0: no phrase of two words or more, or one that is narrowed down. */
static struct str phrase_behind(struct str text, size_t from)
{
    struct word w;
    size_t end = from, words = 0, at = from, start = 0;
    bool plural = false;
    while (words_next(str_sub(text, 0, from + METRIC_BYTES_MAX + WORDS_KEY_MAX), &at, &w)) {
        char buf[WORDS_KEY_MAX];
        struct str key = words_key(words_text(text, w), buf);
        bool adjacent = w.start == end + 1 && text.p[end] == ' ';
        if (!adjacent) break; /* punctuation ends it */
        if (!key.p || !w.ascii || w.has_digit || words == METRIC_WORDS_MAX || WORDS_IN(durations, key))
            return STR_EMPTY;
        if (WORDS_IN(verbs, key) || says_channel(text, w)) break;
        if (WORDS_IN(stops, key)) return STR_EMPTY;
        if (words++ == 0) start = w.start;
        plural = text.p[w.end - 1] == 's';
        end = w.end;
    }
    return words >= 2 && plural ? str_sub(text, start, end) : STR_EMPTY;
}

static bool is_narrowed(struct str text, size_t at)
{
    struct str before = str_sub(text, at > WORDS_KEY_MAX ? at - WORDS_KEY_MAX : 0, at);
    struct word w, last = {0};
    bool any = false;
    for (size_t i = 0; words_next(before, &i, &w); any = true)
        last = w;
    char buf[WORDS_KEY_MAX];
    return any && WORDS_IN(narrowing, words_key(words_text(before, last), buf));
}

static enum err metrics_of_text(struct rules_run *run, const struct rule *rule, struct map *metrics, uint32_t block,
                                struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    for (size_t i = 0; i < text.n; i++) {
        struct number n;
        if (!is_digit(text.p[i]) || (i > 0 && text.p[i - 1] != ' ' && text.p[i - 1] != '\n')) continue;
        if (!number_read(text, i, &n)) continue;
        struct str phrase = n.percent || n.currency ? STR_EMPTY : phrase_behind(text, n.end);
        if (phrase.n && !is_narrowed(text, i)) {
            struct metric m = {.number = n, .block = block, .start = (uint32_t)i, .end = (uint32_t)n.end};
            TRY(add_metric(run, rule, metrics, phrase, m, e));
        }
        i = n.end - 1;
    }
    return ERR_OK;
}

/* "Affected sellers: 420" as a whole line. */
static enum err metrics_of_line(struct rules_run *run, const struct rule *rule, struct map *metrics, uint32_t block,
                                struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    size_t colon = str_find_char(text, ':', 0);
    if (colon == STR_NONE || colon > METRIC_BYTES_MAX) return ERR_OK;
    struct str value = str_trim(str_sub(text, colon + 1, text.n));
    while (value.n && value.p[value.n - 1] == '.')
        value.n--;
    struct metric m = {.block = block};
    if (!number_read_whole(value, &m.number)) return ERR_OK;
    m.start = (uint32_t)(value.p - text.p);
    m.end = m.start + (uint32_t)value.n;
    return add_metric(run, rule, metrics, str_sub(text, 0, colon), m, e);
}

/* A row of a table of two columns. */
static enum err metrics_of_row(struct rules_run *run, const struct rule *rule, struct map *metrics,
                               const struct doc_row *row, struct error *e)
{
    const struct doc *doc = run->doc;
    if (row->cell_count != 2) return ERR_OK;
    const struct doc_cell *label = &doc->cells.at[row->first_cell], *figure = label + 1;
    if (label->end_block != label->first_block + 1 || figure->end_block != figure->first_block + 1) return ERR_OK;
    uint32_t block = figure->first_block;
    if (!rules__reviewed(run, block)) return ERR_OK;
    struct str text = doc->blocks.at[block].text, value = str_trim(text);
    struct metric m = {.block = block};
    if (!number_read_whole(value, &m.number)) return ERR_OK;
    m.start = (uint32_t)(value.p - text.p);
    m.end = m.start + (uint32_t)value.n;
    return add_metric(run, rule, metrics, doc->blocks.at[label->first_block].text, m, e);
}

static enum err check_conflict(struct rules_run *run, const struct rule *rule, struct error *e)
{
    struct map metrics = map_make(run->arena);
    if (run->facts->legal)
        return rules__skip(run, rule, "the document reads like a contract, where figures are terms", e);
    for (uint32_t i = 0; i < run->doc->tables.n; i++) {
        const struct doc_table *table = &run->doc->tables.at[i];
        for (uint32_t r = 0; table->column_count == 2 && r < table->row_count; r++)
            TRY(metrics_of_row(run, rule, &metrics, &run->doc->rows.at[table->first_row + r], e));
    }
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        if (!rules__reviewed(run, i) || !words_is_prose(&run->doc->blocks.at[i])) continue;
        TRY(metrics_of_line(run, rule, &metrics, i, e));
        TRY(metrics_of_text(run, rule, &metrics, i, e));
    }
    return ERR_OK;
}

/* ---- missing currency, missing unit ---- */

/* Does the figure end its phrase: punctuation, the end, or a word that goes on without naming what is counted? */
static bool ends_phrase(struct str text, const struct number *n)
{
    static const char *const goes_on[] = {"and", "as",   "because", "but",   "by",    "during", "for", "from",
                                          "had", "has",  "in",      "is",    "on",    "since",  "to",  "until",
                                          "was", "were", "when",    "which", "while", "with"};
    if (n->end >= text.n) return true;
    struct word w;
    size_t at = n->end;
    char c = text.p[n->end];
    if (strchr(".,;)\n", c)) return n->end + 1 >= text.n || !is_digit(text.p[n->end + 1]);
    if (c != ' ' || !words_next(str_sub(text, 0, n->end + WORDS_KEY_MAX), &at, &w)) return false;
    char buf[WORDS_KEY_MAX];
    return w.start == n->end + 1 && WORDS_IN(goes_on, words_key(words_text(text, w), buf));
}

/* Finds what the pattern introduces: a figure in its first group, that `judge` must find bare. */
static enum err find_bare(struct rules_run *run, const struct rule *rule, const char *pattern, double from,
                          const char *description, const char *suggestion, struct error *e)
{
    const struct pattern *form = rules__pattern(run, pattern);
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        const struct doc_block *block = &run->doc->blocks.at[i];
        if (!rules__reviewed(run, i) || !words_is_prose(block) || !words_has_digit(block->text, 0, block->text.n))
            continue;
        struct pattern_match m;
        for (size_t at = 0; pattern_find(form, block->text, at, &m); at = m.end) {
            struct number n;
            if (!number_read(block->text, m.group_start[1], &n)) continue;
            bool year = n.value >= 1900 && n.value <= 2100 && n.decimals == 0;
            if (n.percent || n.currency || fabs(n.value) < from || year || !ends_phrase(block->text, &n)) continue;
            TRY(rules__hit_at(run, rule, i, m.start, n.end, suggestion, e, "\"%.*s\" %s",
                              STR_ARG(str_sub(block->text, m.start, n.end)), description));
        }
    }
    return ERR_OK;
}

static enum err check_currency(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return find_bare(run, rule, "evidence.amount", 10, "is an amount without its currency.",
                     "Write the currency with the amount (USD 12,000).", e);
}

static enum err check_unit(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return find_bare(run, rule, "evidence.measure", 1, "is a measure without its unit.",
                     "Write the unit with the figure (250 ms).", e);
}

/* ---- the table ---- */

#define ABOUT "(?:(?:about|around|approximately|roughly|nearly|almost|over|under|up to|more than|less than|only) )?"

const struct rules_pattern_spec rules__evidence_quantities_patterns[] = {
    {"evidence.amount",
     "\\b(?:costs?|loss(?:es)?|revenues?|refunds?|payments?|fees?|budgets?|damages|fines?|penalt(?:y|ies)|savings|expenses|"
     "reimbursements?|payouts?|disbursements?)"
     " (?:of|was|were|is|totall?ed|totall?ing|amounted to|amounting to|reached) " ABOUT "(\\d[\\d.,]*)",
     true},
    {"evidence.measure",
     "\\b(?:latency|response time|downtime|outage|delay|duration|distance|weight|temperature|time-?out|throughput|"
     "turnaround time|handling time|waiting time)"
     " (?:of|was|is|reached|rose to|fell to|averaged) " ABOUT "(\\d[\\d.,]*)",
     true},
};
const size_t rules__evidence_quantities_patterns_count = RULES__COUNT(rules__evidence_quantities_patterns);

const struct rule rules__evidence_quantities[] = {
    {.id = "evidence.quantity_conflict",
     .family = RULE_EVIDENCE,
     .title = "One quantity with two values",
     .why = "When a report gives two figures for one thing, readers believe neither.",
     .category = "Evidence",
     .kind = RULE_KIND_IMPORTANT,
     .risk = RULE_RISK_HIGH,
     .confidence = 0.75,
     .fires = "We notified 420 affected sellers.\nAffected sellers: 450",
     .spares = "We notified 420 affected sellers.\nAffected sellers: 420",
     .check = check_conflict},
    {.id = "evidence.currency_missing",
     .family = RULE_EVIDENCE,
     .title = "Amount without a currency",
     .why = "An amount means nothing until its currency is known; readers in other countries assume their own.",
     .category = "Evidence",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.75,
     .fires = "This led to a loss of 12,000.",
     .spares = "This led to a loss of 12,000 EUR.",
     .check = check_currency},
    {.id = "evidence.unit_missing",
     .family = RULE_EVIDENCE,
     .title = "Measure without a unit",
     .why = "A latency of 250 is fast in milliseconds and an outage in seconds.",
     .category = "Evidence",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.75,
     .fires = "The response time was 250.",
     .spares = "The response time was 250 ms.",
     .check = check_unit},
};
const size_t rules__evidence_quantities_count = RULES__COUNT(rules__evidence_quantities);
