/* Rules about single dates and about how a document writes them. The dates themselves are facts (facts_dates.c).
 * What concerns the whole document (mixed or ambiguous notation) is said once, at the first date that shows it.
 * Limits: headers and footers hold dates of the page and not of the story, and are left out. */
#include "base/time.h"
#include "rules/engine_priv.h"
#include "rules/facts.h"
#include "rules/registry_priv.h"

static const char *const weekday_names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                            "Friday", "Saturday", "Sunday"};

static bool in_body(const struct rules_run *run, const struct facts_date *d)
{
    enum doc_story story = run->doc->blocks.at[d->span.block].story;
    return story == DOC_STORY_BODY || story == DOC_STORY_TEXTBOX;
}

static struct str words_of(const struct rules_run *run, const struct facts_date *d)
{
    return str_sub(run->doc->blocks.at[d->span.block].text, d->span.start, d->span.end);
}

static enum err hit_date(struct rules_run *run, const struct rule *rule, const struct facts_date *d,
                         const char *suggestion, struct str description, struct error *e)
{
    if (!description.p) return error_no_memory(e);
    struct rules_hit hit = {.rule = rule, .description = description, .suggestion = str_from_c(suggestion)};
    hit.anchor = doc_anchor_make(run->doc, d->span.block, d->span.start, d->span.end);
    return rules__hit(run, &hit, e);
}

static enum err check_impossible(struct rules_run *run, const struct rule *rule, struct error *e)
{
    for (size_t i = 0; i < run->facts->dates.n; i++) {
        const struct facts_date *d = &run->facts->dates.at[i];
        if (d->valid) continue;
        TRY(hit_date(run, rule, d, "Correct the date.",
                     str_printf(run->arena, "There is no day \"%.*s\" in the calendar.", STR_ARG(words_of(run, d))),
                     e));
    }
    return ERR_OK;
}

static enum err check_weekday(struct rules_run *run, const struct rule *rule, struct error *e)
{
    for (size_t i = 0; i < run->facts->dates.n; i++) {
        const struct facts_date *d = &run->facts->dates.at[i];
        if (d->weekday < 0 || !d->valid || d->year == 0 || d->day == 0) continue;
        int weekday = time_weekday(d->year, d->month, d->day);
        bool other_way = d->format == FACTS_DATE_AMBIGUOUS && time_date_valid(d->year, d->day, d->month) &&
                         time_weekday(d->year, d->day, d->month) == d->weekday;
        if (weekday == d->weekday || other_way) continue;
        TRY(hit_date(run, rule, d, "Correct the weekday or the date.",
                     str_printf(run->arena, "\"%.*s\" was a %s, not a %s.", STR_ARG(words_of(run, d)),
                                weekday_names[weekday], weekday_names[d->weekday]),
                     e));
    }
    return ERR_OK;
}

/* How a document writes dates with a year: what mixes. */
enum notation { ISO, SLASH, DOTTED, WORDS, NOTATIONS };
static const char *const notation_names[] = {"2026-03-01", "3/1/2026", "1.3.2026", "1 March 2026"};

static enum notation notation_of(const struct rules_run *run, const struct facts_date *d)
{
    struct str words = words_of(run, d);
    if (d->format == FACTS_DATE_TEXT) return WORDS;
    if (d->format == FACTS_DATE_ISO && str_find_char(words, '-', 0) != STR_NONE) return ISO;
    return str_find_char(words, '.', 0) != STR_NONE ? DOTTED : SLASH;
}

static bool counts_for_notation(const struct rules_run *run, const struct facts_date *d)
{
    return in_body(run, d) && d->year && d->day && d->valid;
}

/* Month first here and day first there: worse than any mixture of notations. */
static const struct facts_date *first_of_minor_order(const struct rules_run *run)
{
    size_t n[2] = {0};
    const struct facts_date *first[2] = {NULL, NULL};
    for (size_t i = 0; i < run->facts->dates.n; i++) {
        const struct facts_date *d = &run->facts->dates.at[i];
        if (!counts_for_notation(run, d) || notation_of(run, d) != SLASH) continue;
        if (d->format != FACTS_DATE_MDY && d->format != FACTS_DATE_DMY) continue;
        int k = d->format == FACTS_DATE_DMY;
        if (n[k]++ == 0) first[k] = d;
    }
    if (!n[0] || !n[1]) return NULL;
    return n[0] < n[1] || (n[0] == n[1] && first[0] > first[1]) ? first[0] : first[1];
}

static enum err check_mixed(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct facts_date *odd = first_of_minor_order(run);
    if (odd)
        return hit_date(run, rule, odd, "Use one order of day and month in the whole document, best year-month-day.",
                        str_printf(run->arena,
                                   "\"%.*s\" has its %s first; other dates in this document are the other way round.",
                                   STR_ARG(words_of(run, odd)), odd->format == FACTS_DATE_DMY ? "day" : "month"),
                        e);
    size_t n[NOTATIONS] = {0}, words_in_prose = 0, digits_in_prose = 0, digits_elsewhere = 0;
    const struct facts_date *first[NOTATIONS] = {NULL};
    for (size_t i = 0; i < run->facts->dates.n; i++) {
        const struct facts_date *d = &run->facts->dates.at[i];
        if (!counts_for_notation(run, d)) continue;
        enum notation k = notation_of(run, d);
        const struct doc_block *block = &run->doc->blocks.at[d->span.block];
        bool entry = block->list_level && d->span.start == 0; /* of a timeline that is a list */
        bool prose = block->cell == DOC_NONE && !entry;
        words_in_prose += prose && k == WORDS;
        digits_in_prose += prose && k != WORDS;
        digits_elsewhere += !entry && k != WORDS;
        if (n[k]++ == 0) first[k] = d;
    }
    /* months by name in the prose and digits in the tables, or where entries of a list begin: a choice, not a mixture */
    if (digits_elsewhere == 0 || (digits_in_prose == 0 && words_in_prose == n[WORDS])) n[WORDS] = 0;
    int most = 0, odd_one = -1, used = 0;
    for (int k = 0; k < NOTATIONS; k++) {
        used += n[k] > 0;
        if (n[k] > n[most]) most = k;
    }
    for (int k = 0; k < NOTATIONS; k++)
        if (k != most && n[k] > 0 && (odd_one < 0 || first[k] < first[odd_one])) odd_one = k;
    if (used < 2 || odd_one < 0) return ERR_OK;
    return hit_date(run, rule, first[odd_one], "Write all dates in one way.",
                    str_printf(run->arena,
                               "\"%.*s\" is written like \"%s\"; most dates in this document are like \"%s\".",
                               STR_ARG(words_of(run, first[odd_one])), notation_names[odd_one], notation_names[most]),
                    e);
}

static enum err check_ambiguous(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct facts_date *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < run->facts->dates.n; i++) {
        const struct facts_date *d = &run->facts->dates.at[i];
        if ((d->format == FACTS_DATE_MDY || d->format == FACTS_DATE_DMY) && notation_of(run, d) == SLASH) return ERR_OK;
        if (d->format != FACTS_DATE_AMBIGUOUS || d->month == d->day || !in_body(run, d)) continue;
        if (d->weekday >= 0) continue; /* the weekday tells */
        if (n++ == 0) first = d;
    }
    if (!first) return ERR_OK;
    return hit_date(run, rule, first, "Write the month as a word, or the date as year-month-day.",
                    str_printf(run->arena,
                               "\"%.*s\" may be read with the day or with the month first, and no other date in the "
                               "document tells which (%zu such date%s).",
                               STR_ARG(words_of(run, first)), n, n == 1 ? "" : "s"),
                    e);
}

/* Is there a year in the text: 19xx or 20xx, standing alone? */
static bool has_year(struct str text)
{
    for (size_t i = 0; i + 4 <= text.n; i++) {
        if ((text.p[i] != '1' && text.p[i] != '2') || (text.p[i + 1] != '9' && text.p[i + 1] != '0')) continue;
        bool digits = true;
        for (size_t k = 0; k < 4; k++)
            digits = digits && text.p[i + k] >= '0' && text.p[i + k] <= '9';
        bool alone = (i == 0 || text.p[i - 1] < '0' || text.p[i - 1] > '9') &&
                     (i + 4 == text.n || text.p[i + 4] < '0' || text.p[i + 4] > '9');
        if (digits && alone) return true;
    }
    return false;
}

static bool section_tells_year(const struct doc *doc, uint32_t section)
{
    for (uint32_t s = section; s < doc->sections.n; s = doc->sections.at[s].parent)
        if (has_year(doc->sections.at[s].title)) return true;
    return false;
}

/* Does what stands before the first heading, or the title, tell the year of the whole document? */
static bool document_tells_year(const struct doc *doc)
{
    for (uint32_t i = 0; i < doc->body_end_block; i++) {
        const struct doc_block *block = &doc->blocks.at[i];
        bool preamble =
            block->section < doc->sections.n && doc->sections.at[block->section].kind == DOC_SECTION_PREAMBLE;
        if ((block->is_title || (preamble && doc->sections.n > 1)) && has_year(block->text)) return true;
        if (!preamble && !block->is_title && block->heading_level == 0) return false;
    }
    return false;
}

static enum err check_no_year(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    size_t next = 0;
    if (document_tells_year(doc)) return ERR_OK;
    for (uint32_t s = 0; s < doc->sections.n; s++) {
        const struct doc_section *section = &doc->sections.at[s];
        bool told = section_tells_year(doc, s);
        while (next < run->facts->dates.n && run->facts->dates.at[next].span.block < section->first_block)
            next++;
        const struct facts_date *first = NULL;
        size_t n = 0;
        uint32_t block = section->first_block;
        for (; next < run->facts->dates.n && run->facts->dates.at[next].span.block < section->end_block; next++) {
            const struct facts_date *d = &run->facts->dates.at[next];
            for (; !told && block <= d->span.block; block++)
                told = has_year(doc->blocks.at[block].text);
            if (told || d->year || d->day == 0 || !d->valid || !in_body(run, d)) continue;
            if (n++ == 0) first = d;
        }
        if (!first) continue;
        TRY(hit_date(
            run, rule, first, "Add the year: the document will be read in later years too.",
            n == 1 ? str_printf(run->arena, "\"%.*s\" has no year, and nothing before it in this section tells which.",
                                STR_ARG(words_of(run, first)))
                   : str_printf(run->arena,
                                "\"%.*s\" has no year, and nothing before it in this section tells which (%zu such "
                                "dates here).",
                                STR_ARG(words_of(run, first)), n),
            e));
    }
    return ERR_OK;
}

static struct str sentence_of(const struct rules_run *run, const struct facts_date *d)
{
    const struct rules_facts *f = run->facts;
    for (uint32_t i = f->first_sentence[d->span.block]; i < f->first_sentence[d->span.block + 1]; i++)
        if (f->sentences.at[i].end > d->span.start)
            return str_sub(run->doc->blocks.at[d->span.block].text, f->sentences.at[i].start, f->sentences.at[i].end);
    return run->doc->blocks.at[d->span.block].text;
}

/* Does the head of the date's column, or a cell of its row, speak of what is to come? */
static bool row_plans(const struct rules_run *run, const struct facts_date *d)
{
    const struct doc *doc = run->doc;
    uint32_t at = doc->blocks.at[d->span.block].cell;
    if (at == DOC_NONE) return false;
    const struct doc_cell *cell = &doc->cells.at[at];
    const struct doc_table *table = &doc->tables.at[cell->table];
    const struct doc_row *head = &doc->rows.at[table->first_row], *own = &doc->rows.at[cell->row];
    const struct doc_row *rows[2] = {head, own};
    for (int k = 0; k < 2; k++) {
        for (uint32_t c = rows[k]->first_cell; c < rows[k]->first_cell + rows[k]->cell_count; c++) {
            if (k == 0 && doc->cells.at[c].column != cell->column) continue;
            for (uint32_t b = doc->cells.at[c].first_block; b < doc->cells.at[c].end_block; b++)
                if (rules__matches(run, "time.planned", doc->blocks.at[b].text)) return true;
        }
    }
    return false;
}

/* A sentence of prose that says nothing of the past tells of what is to come: "the workshop takes a sample on 3 May". */
static bool tells_no_past(const struct rules_run *run, const struct facts_date *d)
{
    const struct doc_block *block = &run->doc->blocks.at[d->span.block];
    bool entry = d->span.start == 0; /* of a timeline: "2026-03-01: first complaint" */
    return block->cell == DOC_NONE && !entry && !rules__matches(run, "time.past", sentence_of(run, d));
}

static enum err check_future(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc_properties *p = &run->doc->properties;
    int64_t written = p->modified_unix_ms > p->created_unix_ms ? p->modified_unix_ms : p->created_unix_ms;
    if (written == INT64_MIN || !run->facts->english) return ERR_OK;
    struct time_civil civil = time_to_civil(written);
    int64_t last_day = time_days(civil.year, civil.month, civil.day) + 1; /* a zone may be a day ahead */
    for (size_t i = 0; i < run->facts->dates.n; i++) {
        const struct facts_date *d = &run->facts->dates.at[i];
        if (!counts_for_notation(run, d) || time_days(d->year, d->month, d->day) <= last_day) continue;
        if (d->format == FACTS_DATE_AMBIGUOUS &&
            (!time_date_valid(d->year, d->day, d->month) || time_days(d->year, d->day, d->month) <= last_day))
            continue;
        const struct doc_block *block = &run->doc->blocks.at[d->span.block];
        bool alone =
            block->cell == DOC_NONE && str_trim(block->text).n == words_of(run, d).n; /* the date of the document */
        if (alone || block->heading_level || rules__matches(run, "time.planned", sentence_of(run, d)) ||
            row_plans(run, d) || tells_no_past(run, d))
            continue;
        if (block->section < run->doc->sections.n &&
            rules__matches(run, "time.planned", run->doc->sections.at[block->section].title))
            continue;
        TRY(hit_date(run, rule, d, "Correct the date, or say that it is planned.",
                     str_printf(run->arena,
                                "\"%.*s\" lies after the day on which the document was last saved (%04d-%02d-%02d).",
                                STR_ARG(words_of(run, d)), civil.year, civil.month, civil.day),
                     e));
    }
    return ERR_OK;
}

const struct rules_pattern_spec rules__time_dates_patterns[] = {
    {"time.past",
     "\\b(?:was|were|had|did|has|have|ago|\\w{2,}ed|became|began|bought|broke|brought|came|chose|cost|cut|drew|drove|fell|felt|found|gave|got|"
     "grew|heard|held|hit|kept|knew|led|left|lost|made|meant|met|paid|put|quit|ran|rang|read|rose|said|sank|sat|saw|sent|set|shut|sold|"
     "spent|spoke|stood|stole|stuck|told|took|understood|went|withdrew|won|wrote)\\b",
     true},
    {"time.planned",
     "\\b(?:by|due|will|shall|would|may|must|should|can|could|plan\\w*|target\\w*|expect\\w*|next|until|till|through|upcoming|schedul\\w*|"
     "expir\\w*|valid\\w*|effective|deadline\\w*|renew\\w*|from|start\\w*|begin\\w*|commenc\\w*|end\\w*|term\\w*|matur\\w*|anticipat\\w*|forecast\\w*|"
     "project\\w*|propos\\w*|goal\\w*|commit\\w*|launch\\w*|eta|ecd|estimat\\w*|to be|no later than|not later than|prior to|before|"
     "after|future|follow-?up|milestone\\w*|roadmap|action\\w*|recommend\\w*|review date|completion|deliver\\w*|pending|open|"
     "going to|(?:is|are|takes? place|held) on|timetable|calendar|meets?|meetings?|hearings?|aim\\w*|intend\\w*|remain\\w*|if|when|version|copyright|dated)\\b",
     true},
};
const size_t rules__time_dates_patterns_count = RULES__COUNT(rules__time_dates_patterns);

#define ROW .family = RULE_TIME, .category = "Dates"

const struct rule rules__time_dates[] = {
    {ROW, .id = "time.ambiguous_date", .title = "Date can be read in two ways",
     .why = "3/4/2026 is March 4 to one half of the readers and 3 April to the other.", .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_MEDIUM, .confidence = 0.8, .fires = "The account was closed on 3/4/2026.",
     .spares = "The account was opened on 3/25/2026 and closed on 3/4/2026.", .check = check_ambiguous},
    {ROW, .id = "time.date_without_year", .title = "Date without a year",
     .why = "Reports are read long after they were written; a day without a year cannot be placed.",
     .kind = RULE_KIND_SUGGESTION, .risk = RULE_RISK_LOW, .confidence = 0.7,
     .fires = "The seller appealed on March 3 and was reinstated a week later.",
     .spares = "The seller appealed on March 3, 2026 and was reinstated on March 10.", .check = check_no_year},
    {ROW, .id = "time.future_date", .title = "Date lies in the document's future",
     .why =
         "An event cannot have happened after the document that reports it was last saved: usually the year or the month is wrong.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_MEDIUM, .confidence = 0.7,
     .fires = "In a document saved in March 2026: the seller was reinstated on 2026-08-05.",
     .spares = "In a document saved in March 2026: the audit is due by 2026-08-05.", .check = check_future},
    {ROW, .id = "time.impossible_date", .title = "Date does not exist",
     .why = "A day that is not in the calendar is a typing mistake, and every conclusion from it stands on nothing.",
     .kind = RULE_KIND_CRITICAL, .risk = RULE_RISK_HIGH, .confidence = 0.97,
     .fires = "The appeal was received on 2026-02-30.", .spares = "The appeal was received on 29 February 2024.",
     .check = check_impossible},
    {ROW, .id = "time.mixed_formats", .title = "Dates are written in different ways",
     .why = "Where notations mix, readers cannot be sure which number is the day.", .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW, .confidence = 0.75,
     .fires = "The case was opened on 2026-03-01. The appeal came on 2026-03-04 and was rejected on 3/25/2026.",
     .spares = "The case was opened on 2026-03-01. The appeal came on 2026-03-04 and was rejected on 2026-03-25.",
     .check = check_mixed},
    {ROW, .id = "time.weekday_mismatch", .title = "Weekday does not match the date",
     .why = "Either the weekday or the date is wrong, and the order of events hangs on which.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_HIGH, .confidence = 0.95,
     .fires = "The seller was called on Monday, March 3, 2026.",
     .spares = "The seller was called on Tuesday, March 3, 2026.", .check = check_weekday},
};
const size_t rules__time_dates_count = RULES__COUNT(rules__time_dates);
