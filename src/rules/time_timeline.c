/* Rules about timelines: a table, a list or a section in which each entry begins with a date.
 *
 * The idea: entries are gathered once per container (a table, or the plain blocks of a section) and judged as a series. A series counts as a timeline
 * from three entries on; rules that ask for more than order (gaps, zones) want its heading or its head row to call it one.
 * Rejected: comparing dates of running prose, which goes back and forth in time for good reasons.
 * Limits: dates without a year are compared only among themselves; of two readings of 3/4/2026 the one that the document's other dates ask for is taken. */
#include <stdlib.h>

#include "base/time.h"
#include "rules/engine_priv.h"
#include "rules/facts.h"
#include "rules/registry_priv.h"

#define ENTRIES_MIN     3
#define GAPS_ONE_BY_ONE 3
#define NO_TIME         INT64_MIN

struct entry {
    const struct facts_date *date;
    int64_t minutes; /* since 1970; NO_TIME: not comparable */
    bool has_time, has_zone;
    uint32_t first_block, end_block; /* of the entry: its row, or its block and what follows until the next */
};

struct timeline {
    VEC(struct entry) entries;
    uint32_t section, table; /* table: or DOC_NONE */
    bool named;              /* it is called a timeline */
    int direction;           /* 1 oldest first, -1 newest first, 0 neither */
};

typedef enum err timeline_fn(struct rules_run *run, const struct rule *rule, const struct timeline *t, struct error *e);

static bool day_first(const struct rules_run *run)
{
    for (size_t i = 0; i < run->facts->dates.n; i++)
        if (run->facts->dates.at[i].format == FACTS_DATE_MDY) return false;
    for (size_t i = 0; i < run->facts->dates.n; i++)
        if (run->facts->dates.at[i].format == FACTS_DATE_DMY) return true;
    return false;
}

/* The first date at or behind the block, as an index into facts->dates. */
static size_t first_date_of(const struct rules_facts *f, uint32_t block)
{
    size_t low = 0, high = f->dates.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (f->dates.at[middle].span.block < block)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The date with which the block begins (a weekday, a time, a bracket may stand in front), or NULL. */
static const struct facts_date *leading_date(const struct rules_run *run, uint32_t block)
{
    const struct rules_facts *f = run->facts;
    size_t at = first_date_of(f, block);
    if (at >= f->dates.n || f->dates.at[at].span.block != block) return NULL;
    const struct facts_date *d = &f->dates.at[at];
    struct str before = str_trim(str_sub(run->doc->blocks.at[block].text, 0, d->span.start));
    if (before.n > 24 || !d->valid || d->day == 0) return NULL;
    return before.n == 0 || rules__matches(run, "time.before_entry", before) ? d : NULL;
}

/* The time of an entry whose date fills a cell of its own: in the next cell of the row. */
static void time_of_next_cell(const struct rules_run *run, const struct facts_date *d, int *hour, int *minute)
{
    const struct doc *doc = run->doc;
    uint32_t at = doc->blocks.at[d->span.block].cell;
    if (at == DOC_NONE || at + 1 >= doc->cells.n || doc->cells.at[at + 1].row != doc->cells.at[at].row) return;
    const struct doc_cell *next = &doc->cells.at[at + 1];
    if (next->first_block >= next->end_block) return;
    struct str text = doc->blocks.at[next->first_block].text;
    struct pattern_match m;
    if (text.n > 40 || !pattern_find(rules__pattern(run, "time.cell_time"), text, 0, &m)) return;
    struct str h = pattern_group(text, &m, 1), min = pattern_group(text, &m, 2), half = pattern_group(text, &m, 3);
    *hour = h.n == 2 ? (h.p[0] - '0') * 10 + h.p[1] - '0' : h.p[0] - '0';
    *minute = (min.p[0] - '0') * 10 + min.p[1] - '0';
    if (half.n && (half.p[0] | 0x20) == 'p' && *hour < 12) *hour += 12;
    if (half.n && (half.p[0] | 0x20) == 'a' && *hour == 12) *hour = 0;
}

static void place_in_time(const struct rules_run *run, struct entry *entry, bool swap)
{
    const struct facts_date *d = entry->date;
    int month = d->month, day = d->day;
    if (d->format == FACTS_DATE_AMBIGUOUS && swap && time_date_valid(d->year ? d->year : 2024, day, month)) {
        month = d->day;
        day = d->month;
    }
    int hour = d->hour, minute = d->minute;
    if (hour < 0) time_of_next_cell(run, d, &hour, &minute);
    entry->has_zone = d->has_zone;
    entry->has_time = hour >= 0;
    entry->minutes = NO_TIME;
    if (d->year) entry->minutes = time_days(d->year, month, day) * 1440 + (entry->has_time ? hour * 60 + minute : 0);
}

static enum err add_entry(struct rules_run *run, struct timeline *t, const struct facts_date *d, uint32_t first,
                          uint32_t end, bool swap, struct error *e)
{
    struct entry *entry = VEC_PUSH(run->arena, &t->entries);
    if (!entry) return error_no_memory(e);
    *entry = (struct entry){.date = d, .first_block = first, .end_block = end};
    place_in_time(run, entry, swap);
    return ERR_OK;
}

/* -1, 0, 1; 0 also when they cannot be compared. Two dates without a time on one day are equal, as are a day and a time in it. */
static int compare(const struct entry *a, const struct entry *b)
{
    if (a->minutes == NO_TIME || b->minutes == NO_TIME) {
        const struct facts_date *x = a->date, *y = b->date;
        if (x->year || y->year) return 0;
        int m = x->month * 31 + x->day, n = y->month * 31 + y->day;
        if (m - n > 186 || n - m > 186) return 0; /* over the turn of a year */
        return (m > n) - (m < n);
    }
    int64_t x = a->minutes, y = b->minutes;
    if (!a->has_time || !b->has_time) {
        x -= x % 1440;
        y -= y % 1440;
    }
    return (x > y) - (x < y);
}

static void find_direction(struct timeline *t)
{
    size_t up = 0, down = 0;
    for (size_t i = 1; i < t->entries.n; i++) {
        int c = compare(&t->entries.at[i - 1], &t->entries.at[i]);
        up += c < 0;
        down += c > 0;
    }
    /* a table that happens to have dates must be more clearly in order than one that is called a timeline */
    size_t times = t->named ? 1 : 2, least = t->named ? 1 : 2;
    if (up >= least && up >= times * down && up > down) t->direction = 1;
    if (down >= least && down >= times * up && down > up) t->direction = -1;
}

static bool section_named(const struct rules_run *run, uint32_t section)
{
    return section < run->doc->sections.n &&
           rules__matches(run, "time.timeline_title", run->doc->sections.at[section].title);
}

static bool head_named(const struct rules_run *run, const struct doc_table *table)
{
    const struct doc_row *head = &run->doc->rows.at[table->first_row];
    for (uint32_t c = head->first_cell; c < head->first_cell + head->cell_count && c < head->first_cell + 2; c++) {
        const struct doc_cell *cell = &run->doc->cells.at[c];
        if (cell->first_block < cell->end_block &&
            rules__matches(run, "time.timeline_title", run->doc->blocks.at[cell->first_block].text))
            return true;
    }
    return false;
}

static enum err gather_table(struct rules_run *run, uint32_t at, bool swap, struct timeline *t, struct error *e)
{
    const struct doc *doc = run->doc;
    const struct doc_table *table = &doc->tables.at[at];
    *t = (struct timeline){.section = table->section, .table = at};
    uint32_t column = DOC_NONE;
    for (uint32_t r = table->first_row; r < table->first_row + table->row_count; r++) {
        const struct doc_row *row = &doc->rows.at[r];
        for (uint32_t c = row->first_cell; c < row->first_cell + row->cell_count && c < row->first_cell + 2; c++) {
            const struct doc_cell *cell = &doc->cells.at[c];
            if (cell->first_block >= cell->end_block || !rules__reviewed(run, cell->first_block)) continue;
            const struct facts_date *d = leading_date(run, cell->first_block);
            if (!d || (column != DOC_NONE && cell->column != column)) continue;
            column = cell->column;
            const struct doc_cell *last = &doc->cells.at[row->first_cell + row->cell_count - 1];
            TRY(add_entry(run, t, d, doc->cells.at[row->first_cell].first_block, last->end_block, swap, e));
            break;
        }
    }
    if (t->entries.n >= ENTRIES_MIN) t->named = section_named(run, table->section) || head_named(run, table);
    return ERR_OK;
}

static enum err gather_section(struct rules_run *run, uint32_t at, bool swap, struct timeline *t, struct error *e)
{
    const struct doc *doc = run->doc;
    const struct doc_section *section = &doc->sections.at[at];
    *t = (struct timeline){.section = at, .table = DOC_NONE};
    size_t blocks = 0;
    for (uint32_t b = section->first_block; b < section->end_block; b++) {
        if (b == section->heading || !rules__reviewed(run, b) || doc->blocks.at[b].cell != DOC_NONE) continue;
        blocks++;
        const struct facts_date *d = leading_date(run, b);
        if (d) {
            TRY(add_entry(run, t, d, b, b + 1, swap, e));
        } else if (t->entries.n) {
            t->entries.at[t->entries.n - 1].end_block = b + 1;
        }
    }
    if (t->entries.n < ENTRIES_MIN) return ERR_OK;
    t->named = section_named(run, at);
    if (!t->named && t->entries.n * 10 < blocks * 6)
        t->entries.n = 0; /* prose in which some paragraphs begin with a date */
    return ERR_OK;
}

static enum err each_timeline(struct rules_run *run, const struct rule *rule, timeline_fn *judge, struct error *e)
{
    const struct doc *doc = run->doc;
    bool swap = day_first(run);
    struct timeline t;
    for (uint32_t i = 0; i < doc->tables.n; i++) {
        if (doc->tables.at[i].parent_cell != DOC_NONE) continue; /* nested: its dates belong to the outer row */
        if (doc->tables.at[i].first_block >= doc->body_end_block) continue;
        TRY(gather_table(run, i, swap, &t, e));
        find_direction(&t);
        if (t.entries.n >= ENTRIES_MIN) TRY(judge(run, rule, &t, e));
    }
    for (uint32_t i = 0; i < doc->sections.n; i++) {
        TRY(gather_section(run, i, swap, &t, e));
        find_direction(&t);
        if (t.entries.n >= ENTRIES_MIN) TRY(judge(run, rule, &t, e));
    }
    return ERR_OK;
}

static struct str words_of(const struct rules_run *run, const struct entry *entry)
{
    const struct facts_span *span = &entry->date->span;
    return str_sub(run->doc->blocks.at[span->block].text, span->start, span->end);
}

static enum err hit_entry(struct rules_run *run, const struct rule *rule, const struct entry *entry,
                          const char *suggestion, struct str description, struct error *e)
{
    if (!description.p) return error_no_memory(e);
    const struct facts_span *span = &entry->date->span;
    struct rules_hit hit = {.rule = rule, .description = description, .suggestion = str_from_c(suggestion)};
    hit.anchor = doc_anchor_make(run->doc, span->block, span->start, span->end);
    return rules__hit(run, &hit, e);
}

static enum err judge_order(struct rules_run *run, const struct rule *rule, const struct timeline *t, struct error *e)
{
    if (t->direction == 0) return ERR_OK;
    const struct entry *latest = &t->entries.at[0];
    for (size_t i = 1; i < t->entries.n; i++) {
        const struct entry *entry = &t->entries.at[i];
        if (compare(latest, entry) * t->direction <= 0) {
            latest = entry;
            continue;
        }
        /* the odd one out may be the one before: then it is the one that the rest contradicts */
        if (i + 1 < t->entries.n && (i < 2 || compare(&t->entries.at[i - 2], entry) * t->direction <= 0) &&
            compare(latest, &t->entries.at[i + 1]) * t->direction > 0 && latest == &t->entries.at[i - 1]) {
            TRY(hit_entry(run, rule, latest, "Check the date, or move the entry to its place.",
                          str_printf(run->arena, "\"%.*s\" stands before the entry of \"%.*s\", which came %s.",
                                     STR_ARG(words_of(run, latest)), STR_ARG(words_of(run, entry)),
                                     t->direction > 0 ? "earlier" : "later"),
                          e));
            latest = entry;
            continue;
        }
        TRY(hit_entry(run, rule, entry, "Check the date, or move the entry to its place.",
                      str_printf(run->arena, "\"%.*s\" stands behind the entry of \"%.*s\", which came %s.",
                                 STR_ARG(words_of(run, entry)), STR_ARG(words_of(run, latest)),
                                 t->direction > 0 ? "later" : "earlier"),
                      e));
    }
    return ERR_OK;
}

static enum err check_order(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return each_timeline(run, rule, judge_order, e);
}

/* Hours that surely passed between two entries: of days without times, those in between. */
static int64_t hours_between(const struct entry *a, const struct entry *b)
{
    if (a->minutes == NO_TIME || b->minutes == NO_TIME) return 0;
    int64_t first = a->minutes < b->minutes ? a->minutes : b->minutes,
            last = a->minutes < b->minutes ? b->minutes : a->minutes;
    if (a->has_time && b->has_time) return (last - first) / 60;
    int64_t days = last / 1440 - first / 1440;
    return days > 1 ? (days - 1) * 24 : 0;
}

static bool explains(const struct rules_run *run, const struct entry *entry)
{
    for (uint32_t b = entry->first_block; b < entry->end_block; b++)
        if (rules__matches(run, "time.explains", run->doc->blocks.at[b].text)) return true;
    return false;
}

static int by_minutes(const void *a, const void *b)
{
    const struct entry *x = *(const struct entry *const *)a, *y = *(const struct entry *const *)b;
    if (x->minutes != y->minutes) return x->minutes < y->minutes ? -1 : 1;
    return (x > y) - (x < y); /* entries of one array: as they stand */
}

/* Two entries that follow each other in time, with nothing between them and no word why. */
struct gap {
    const struct entry *from, *to;
    int64_t hours;
};
struct gaps {
    VEC(struct gap) list;
};

static enum err find_gaps(struct rules_run *run, const struct timeline *t, int64_t hours, struct gaps *ret,
                          struct error *e)
{
    const struct entry **sorted = NEW(run->arena, const struct entry *, t->entries.n);
    if (!sorted) return error_no_memory(e);
    size_t n = 0;
    for (size_t i = 0; i < t->entries.n; i++)
        if (t->entries.at[i].minutes != NO_TIME) sorted[n++] = &t->entries.at[i];
    if (n > 1) qsort(sorted, n, sizeof(*sorted), by_minutes);
    for (size_t i = 1; i < n; i++) {
        const struct entry *from = sorted[i - 1], *to = sorted[i];
        int64_t between = hours_between(from, to);
        bool exact = from->has_time && to->has_time;
        if (between == 0 || (exact ? between <= hours : between < hours) || explains(run, from) || explains(run, to))
            continue;
        struct gap *gap = VEC_PUSH(run->arena, &ret->list);
        if (!gap) return error_no_memory(e);
        *gap = (struct gap){from, to, between};
    }
    return ERR_OK;
}

static struct str describe_gap(const struct rules_run *run, const struct gap *gap)
{
    bool exact = gap->from->has_time && gap->to->has_time, days = gap->hours >= 72;
    return str_printf(run->arena, "Between \"%.*s\" and \"%.*s\" lie %s%lld %s of which the timeline says nothing.",
                      STR_ARG(words_of(run, gap->from)), STR_ARG(words_of(run, gap->to)), exact ? "" : "at least ",
                      (long long)(days ? gap->hours / 24 : gap->hours), days ? "days" : "hours");
}

static enum err judge_gaps(struct rules_run *run, const struct rule *rule, const struct timeline *t, struct error *e)
{
    static const char suggestion[] = "Say what happened in between, or why nothing did.";
    int64_t hours = rules__param_int(run, rule, "hours");
    struct gaps gaps = {0};
    if (!t->named) return ERR_OK;
    TRY(find_gaps(run, t, hours, &gaps, e));
    if (gaps.list.n <= GAPS_ONE_BY_ONE) {
        for (size_t i = 0; i < gaps.list.n; i++)
            TRY(hit_entry(run, rule, gaps.list.at[i].to, suggestion, describe_gap(run, &gaps.list.at[i]), e));
        return ERR_OK;
    }
    const struct gap *longest = &gaps.list.at[0]; /* the timeline is kept in days or weeks: one remark on it */
    for (size_t i = 1; i < gaps.list.n; i++)
        if (gaps.list.at[i].hours > longest->hours) longest = &gaps.list.at[i];
    struct str one = describe_gap(run, longest);
    if (!one.p) return error_no_memory(e);
    return hit_entry(run, rule, longest->to, suggestion,
                     str_printf(run->arena, "%.*s It is the longest of %zu gaps of more than %lld hours.", STR_ARG(one),
                                gaps.list.n, (long long)hours),
                     e);
}

static enum err check_gaps(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return each_timeline(run, rule, judge_gaps, e);
}

/* Is a zone named anywhere in the timeline's section ("all times in UTC")? */
static bool zone_named(const struct rules_run *run, const struct timeline *t)
{
    if (t->section >= run->doc->sections.n) return false;
    const struct doc_section *section = &run->doc->sections.at[t->section];
    for (uint32_t b = section->first_block; b < section->end_block; b++)
        if (rules__matches(run, "time.zone", run->doc->blocks.at[b].text)) return true;
    return false;
}

static enum err judge_zone(struct rules_run *run, const struct rule *rule, const struct timeline *t, struct error *e)
{
    const struct entry *first = NULL;
    size_t timed = 0;
    for (size_t i = 0; i < t->entries.n; i++) {
        const struct entry *entry = &t->entries.at[i];
        if (entry->has_zone) return ERR_OK;
        if (entry->has_time && timed++ == 0) first = entry;
    }
    if (timed < 2 || (t->direction == 0 && !t->named) || zone_named(run, t)) return ERR_OK;
    return hit_entry(run, rule, first, "Name the zone once, for example \"all times in UTC\".",
                     str_printf(run->arena, "The times of this timeline have no time zone; the first is at \"%.*s\".",
                                STR_ARG(words_of(run, first))),
                     e);
}

static enum err check_zone(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return each_timeline(run, rule, judge_zone, e);
}

const struct rules_pattern_spec rules__time_timeline_patterns[] = {
    {"time.timeline_title",
     "\\b(?:time ?line|chronology|sequence of events|course of events|event log|incident log|case history)\\b", true},
    {"time.before_entry",
     "^(?:[-\\x{2022}\\x{2013}*(\\[]*\\s*)?(?:on|at|around|approx\\.?|by)?\\s*(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\\.?,?)?(?:\\s*\\d{1,2}:\\d{2}"
     "(?::\\d{2})?\\s*(?:[ap]m)?\\s*(?:utc|gmt|z)?,?(?: on)?)?$",
     true},
    {"time.cell_time", "^\\s*(\\d{1,2}):(\\d{2})(?::\\d{2})?\\s*([ap]\\.?m)?", true},
    {"time.explains",
     "\\b(?:because|due to|owing to|await\\w*|wait\\w*|weekend|holidays?|pending|no (?:response|reply|answer|activity|contact|"
     "action|further|change|sale|order)s?|did not (?:respond|reply|answer)|delay\\w*|meanwhile|in the meantime|between|backlog|"
     "nobody|on leave|out of office|queue\\w*|since|until|while|paused|on hold|hand(?:ed)? ?over|as the|so that|for lack of|within "
     "(?:the )?sla|unavailable|closed for)\\b",
     true},
    {"time.zone",
     "\\b(?:UTC|GMT|CET|CEST|BST|EST|EDT|CST|CDT|MST|MDT|PST|PDT|PT|ET|IST|JST|SGT|AEST|AEDT|EET|WET|MSK|time ?zones?|Time "
     "[Zz]ones?|local time|Local time|(?:Eastern|Pacific|Central|Mountain|European|Standard|Summer) [Tt]ime)\\b|\\d{2}:\\d{2}(?::\\d{2})?\\s?(?:Z\\b|[+-]\\d{2}:?\\d{2})",
     false},
};
const size_t rules__time_timeline_patterns_count = RULES__COUNT(rules__time_timeline_patterns);

#define ROW .family = RULE_TIME, .category = "Timeline"

const struct rule rules__time_timeline[] = {
    {ROW, .id = "time.missing_zone", .title = "Times without a time zone",
     .why = "People in several places wrote the log; without a zone, hours cannot be compared.",
     .kind = RULE_KIND_SUGGESTION, .risk = RULE_RISK_LOW, .confidence = 0.8,
     .fires =
         "# Timeline of Events\n- 2026-03-01 09:10: first complaint.\n- 2026-03-01 11:00: listing blocked.\n- 2026-03-01 "
         "16:20: appeal.",
     .spares =
         "# Timeline of Events\nAll times in UTC.\n- 2026-03-01 09:10: first complaint.\n- 2026-03-01 11:00: listing "
         "blocked.\n- 2026-03-01 16:20: appeal.",
     .check = check_zone},
    {ROW, .id = "time.out_of_order", .title = "Timeline is out of order",
     .why = "An entry that stands before what happened earlier hides cause and effect, or has a wrong date.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_MEDIUM, .confidence = 0.88,
     .fires =
         "# Timeline of Events\n- 2026-03-01: first complaint.\n- 2026-03-04: listing blocked.\n- 2026-03-02: appeal.\n- "
         "2026-03-05: reinstated.",
     .spares =
         "# Timeline of Events\n- 2026-03-05: reinstated.\n- 2026-03-04: appeal.\n- 2026-03-02: listing blocked.\n- "
         "2026-03-01: first complaint.",
     .check = check_order},
    {ROW, .id = "time.unexplained_gap", .title = "Gap in the timeline",
     .why = "Reviewers ask what happened while nothing is reported; a gap of more than a day needs a sentence.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_MEDIUM, .confidence = 0.75,
     .params = {{"hours", RULE_PARAM_INT, 24, 1, 8760, "gaps of more hours than this are reported"}},
     .fires =
         "# Timeline of Events\n- 2026-03-01: first complaint.\n- 2026-03-02: listing blocked.\n- 2026-03-09: appeal.",
     .spares =
         "# Timeline of Events\n- 2026-03-01: first complaint.\n- 2026-03-02: listing blocked.\n- 2026-03-09: appeal; the "
         "seller had been waiting for the supplier's invoice.",
     .check = check_gaps},
};
const size_t rules__time_timeline_count = RULES__COUNT(rules__time_timeline);
