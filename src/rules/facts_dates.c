/* Dates in the text, in all the ways in which people write them, with the weekday, time and zone that stand beside them.
 *
 * A scanner by hand: it looks only where a digit or the capital of a month's name begins a word, so that ordinary prose costs one pass.
 * Rejected: one regular expression for each format (five passes, and no way to carry the year back from the end of a range).
 * Limits: English names; two-digit years only with slashes or between month names; years 1000 to 2999. */
#include "base/time.h"
#include "rules/facts_priv.h"

struct scan {
    struct str text;
    size_t at;
};

static const char *const months[] = {"january", "february", "march",     "april",   "may",      "june",
                                     "july",    "august",   "september", "october", "november", "december"};
static const char *const weekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

static char at(struct str text, size_t i) { return i < text.n ? text.p[i] : '\0'; }

/* The number at s->at of min to max digits, not followed by a digit. -1: none, nothing moved. */
static int take_number(struct scan *s, size_t min, size_t max)
{
    size_t n = 0;
    int value = 0;
    while (n < max && facts__is_digit(at(s->text, s->at + n)))
        value = value * 10 + (s->text.p[s->at + n++] - '0');
    if (n < min || facts__is_digit(at(s->text, s->at + n))) return -1;
    s->at += n;
    return value;
}

static bool take_char(struct scan *s, char c)
{
    if (at(s->text, s->at) != c) return false;
    s->at++;
    return true;
}

/* Spaces, U+00A0 and U+202F; how many bytes. */
static size_t take_spaces(struct scan *s)
{
    size_t from = s->at;
    for (;;) {
        struct str rest = str_sub(s->text, s->at, s->text.n);
        if (str_starts(rest, STR(" ")))
            s->at++;
        else if (str_starts(rest, STR("\xC2\xA0")))
            s->at += 2;
        else if (str_starts(rest, STR("\xE2\x80\xAF")))
            s->at += 3;
        else
            return s->at - from;
    }
}

static size_t word_length(struct str text, size_t from)
{
    size_t n = 0;
    while (facts__word_at(text, from + n))
        n++;
    return n;
}

/* The index of the name that the word is, or its usual short form (3 letters, "Sept", "Tues", "Thur", "Thurs"). -1: none. */
static int name_index(struct str word, const char *const *names, int n)
{
    if (word.n < 3 || !facts__is_upper(word.p[0])) return -1;
    for (int i = 0; i < n; i++) {
        struct str name = str_from_c(names[i]);
        if (str_eq_nocase(word, name)) return i;
        if (str_starts_nocase(name, word) && (word.n == 3 || (word.n <= 5 && (names == weekdays || i == 8)))) return i;
    }
    return -1;
}

/* A month's name at s->at, as a whole word, with its full stop. 1–12, or 0. */
static int take_month(struct scan *s)
{
    size_t n = word_length(s->text, s->at);
    int month = name_index(str_sub(s->text, s->at, s->at + n), months, 12);
    if (month < 0) return 0;
    s->at += n;
    if (n <= 4 && at(s->text, s->at) == '.') s->at++;
    return month + 1;
}

static void take_ordinal(struct scan *s)
{
    static const char *const endings[] = {"st", "nd", "rd", "th"};
    size_t n = word_length(s->text, s->at);
    for (size_t i = 0; i < 4; i++)
        if (str_eq_nocase(str_sub(s->text, s->at, s->at + n), str_from_c(endings[i]))) s->at += n;
}

static int full_year(int two) { return two < 70 ? 2000 + two : 1900 + two; }

/* ", 2026" or " 2026" or "-26": the year behind a day and month. 0: none, nothing moved. */
static int take_year(struct scan *s, char joint)
{
    struct scan t = *s;
    int year = -1;
    if (joint == '-') {
        if (!take_char(&t, '-')) return 0;
        year = take_number(&t, 4, 4);
        if (year < 0) {
            int two = take_number(&t, 2, 2);
            if (two >= 0) year = full_year(two);
        }
    } else {
        size_t spaces = take_spaces(&t);
        bool comma = take_char(&t, ',');
        if (comma) spaces += take_spaces(&t) + 1;
        if (spaces == 0) return 0;
        year = take_number(&t, 4, 4);
    }
    char next = at(t.text, t.at);
    bool decimal = (next == '.' || next == ',') && facts__is_digit(at(t.text, t.at + 1));
    if (year < 1000 || year > 2999 || facts__word_at(t.text, t.at) || next == '%' || decimal) return 0;
    s->at = t.at;
    return year;
}

static bool ends_well(struct str text, size_t end)
{
    char next = at(text, end);
    if (facts__word_at(text, end)) return false;
    return !((next == '-' || next == '/' || next == '.') && facts__is_digit(at(text, end + 1)));
}

/* 2026-03-01, 2026/03/01 */
static bool scan_iso(struct scan *s, struct facts_date *d)
{
    struct scan t = *s;
    int year = take_number(&t, 4, 4);
    char joint = at(t.text, t.at);
    if (year < 1000 || year > 2999 || (joint != '-' && joint != '/')) return false;
    t.at++;
    int month = take_number(&t, joint == '/' ? 1 : 2, 2);
    if (month < 0 || !take_char(&t, joint)) return false;
    int day = take_number(&t, joint == '/' ? 1 : 2, 2);
    bool with_time = at(t.text, t.at) == 'T' && facts__is_digit(at(t.text, t.at + 1));
    if (day < 0 || month > 39 || (!with_time && !ends_well(t.text, t.at))) return false;
    *d = (struct facts_date){.format = FACTS_DATE_ISO, .year = year, .month = month, .day = day};
    s->at = t.at;
    return true;
}

/* 3/1/2026, 25/12/26, 1.3.2026, 25-12-2026 */
static bool scan_numeric(struct scan *s, struct facts_date *d)
{
    struct scan t = *s;
    int a = take_number(&t, 1, 2);
    char joint = at(t.text, t.at);
    if (a < 0 || (joint != '/' && joint != '.' && joint != '-')) return false;
    t.at++;
    int b = take_number(&t, 1, 2);
    if (b < 0 || !take_char(&t, joint)) return false;
    int year = take_number(&t, 4, 4);
    if (year < 0 && joint == '/') {
        int two = take_number(&t, 2, 2);
        if (two >= 0) year = full_year(two);
    }
    if (year < 1900 || year > 2199 || !ends_well(t.text, t.at)) return false;
    if (a > 39 || b > 39 || a == 0 || b == 0) return false;
    *d = (struct facts_date){.year = year, .month = a, .day = b, .format = FACTS_DATE_AMBIGUOUS};
    if (joint == '.' || a > 12) {
        d->format = FACTS_DATE_DMY;
        d->month = b;
        d->day = a;
    }
    if (joint != '.' && b > 12) { /* also 13/13/2026, which is no date either way */
        d->format = FACTS_DATE_MDY;
        d->month = a;
        d->day = b;
    }
    s->at = t.at;
    return true;
}

/* 1 March 2026, 1st of March, 2026, 01-Mar-26 */
static bool scan_day_month(struct scan *s, struct facts_date *d)
{
    struct scan t = *s;
    int day = take_number(&t, 1, 2);
    if (day < 0) return false;
    take_ordinal(&t);
    char joint = at(t.text, t.at) == '-' ? '-' : ' ';
    if (joint == '-')
        t.at++;
    else if (take_spaces(&t) == 0)
        return false;
    if (joint == ' ' && str_starts_nocase(str_sub(t.text, t.at, t.text.n), STR("of "))) {
        t.at += 3;
        (void)take_spaces(&t);
    }
    struct scan before = t;
    int month = take_month(&t);
    if (month == 0) return false;
    *d = (struct facts_date){.format = FACTS_DATE_TEXT, .month = month, .day = day};
    d->year = take_year(&t, joint);
    if (d->year == 0) { /* "Clause 1 May be": a verb; "3 Dec.": the full stop is the sentence's */
        if (joint == '-' || day > 31 ||
            (month == 5 && at(t.text, t.at) == ' ' && facts__is_alpha(at(t.text, t.at + 1))))
            return false;
        if (at(t.text, t.at - 1) == '.') t.at--;
    }
    if (facts__word_at(t.text, t.at) || before.at == t.at) return false;
    s->at = t.at;
    return true;
}

/* The "–3" of "March 1–3, 2026". */
static void take_range(struct scan *s)
{
    struct scan t = *s;
    (void)take_spaces(&t);
    struct str rest = str_sub(t.text, t.at, t.text.n);
    if (str_starts(rest, STR("-")))
        t.at++;
    else if (str_starts(rest, STR("\xE2\x80\x93")) || str_starts(rest, STR("\xE2\x80\x94")))
        t.at += 3;
    else
        return;
    (void)take_spaces(&t);
    int day = take_number(&t, 1, 2);
    if (day < 1 || day > 31) return;
    take_ordinal(&t);
    char next = at(t.text, t.at);
    if (next == ':' || next == '/' || next == '.' || facts__word_at(t.text, t.at)) return;
    s->at = t.at;
}

/* March 1, 2026; Mar. 1st 2026; March 1–3, 2026; March 2026 (day 0); March 1 (year 0) */
static bool scan_month_day(struct scan *s, struct facts_date *d)
{
    struct scan t = *s;
    int month = take_month(&t);
    if (month == 0) return false;
    *d = (struct facts_date){.format = FACTS_DATE_TEXT, .month = month};
    d->year = take_year(&t, ' ');
    if (d->year) {
        s->at = t.at;
        return true;
    }
    if (take_spaces(&t) == 0) return false;
    d->day = take_number(&t, 1, 2);
    if (d->day < 0) return false;
    take_ordinal(&t);
    char next = at(t.text, t.at);
    bool number_goes_on = (next == '.' || next == ':') && facts__is_digit(at(t.text, t.at + 1));
    if (facts__word_at(t.text, t.at) || next == '%' || next == '/' || number_goes_on) return false;
    struct scan behind = t;
    take_range(&behind);
    d->year = take_year(&behind, ' ');
    if (d->year) t = behind;
    if (d->year == 0 && (d->day == 0 || d->day > 31)) return false;
    s->at = t.at;
    return true;
}

/* Spaces and what joins a date to its time: "," "at" "@" "-" "T" "|". */
static void take_joint(struct scan *s)
{
    (void)take_spaces(s);
    struct str rest = str_sub(s->text, s->at, s->text.n);
    if (str_starts(rest, STR(",")) || str_starts(rest, STR("@")) || str_starts(rest, STR("-")) ||
        str_starts(rest, STR("T")))
        s->at++;
    else if (str_starts(rest, STR("\xE2\x80\x93")))
        s->at += 3;
    (void)take_spaces(s);
    if (str_starts_nocase(str_sub(s->text, s->at, s->text.n), STR("at "))) s->at += 3;
    (void)take_spaces(s);
}

static int take_half_day(struct scan *s) /* 'a', 'p' or 0 */
{
    static const char *const forms[] = {"am", "pm", "a.m.", "p.m.", "a.m", "p.m"};
    struct scan t = *s;
    (void)take_spaces(&t);
    for (size_t i = 0; i < 6; i++) {
        struct str form = str_from_c(forms[i]);
        if (!str_starts_nocase(str_sub(t.text, t.at, t.text.n), form)) continue;
        if (facts__word_at(t.text, t.at + form.n)) continue;
        s->at = t.at + form.n;
        return forms[i][0];
    }
    return 0;
}

/* 09:30, 09:30:15.123, 9 am. false: nothing moved. */
static bool take_time(struct scan *s, int *ret_hour, int *ret_minute)
{
    struct scan t = *s;
    int hour = take_number(&t, 1, 2), minute = 0;
    if (hour < 0) return false;
    bool clock = take_char(&t, ':');
    if (clock) {
        minute = take_number(&t, 2, 2);
        if (minute < 0) return false;
        if (facts__is_digit(at(t.text, t.at + 1)) && take_char(&t, ':')) { /* "09:00: the listing" has no seconds */
            if (take_number(&t, 2, 2) < 0) return false;
            if (take_char(&t, '.') && take_number(&t, 1, 9) < 0) return false;
        }
    }
    int half = take_half_day(&t);
    if (!clock && !half) return false;
    if (half == 'p' && hour < 12) hour += 12;
    if (half == 'a' && hour == 12) hour = 0;
    if (hour > 24 || minute > 59) return false;
    *ret_hour = hour;
    *ret_minute = minute;
    s->at = t.at;
    return true;
}

/* "UTC", "(CET)", "Z", "+02:00", "Pacific time", "local time" */
static bool take_zone(struct scan *s)
{
    static const char *const zones[] = {
        "UTC", "GMT", "EST",  "EDT",  "CST", "CDT", "MST",  "MDT",   "PST",     "PDT",     "ET",      "CT",
        "MT",  "PT",  "CET",  "CEST", "BST", "WET", "WEST", "EET",   "EEST",    "IST",     "JST",     "KST",
        "SGT", "HKT", "AEST", "AEDT", "MSK", "Z",   "NZST", "local", "Pacific", "Eastern", "Central", "Mountain"};
    struct scan t = *s;
    (void)take_spaces(&t);
    (void)take_char(&t, '(');
    char sign = at(t.text, t.at);
    if ((sign == '+' || sign == '-') && t.at == s->at) {
        t.at++;
        if (take_number(&t, 2, 2) >= 0 || take_number(&t, 4, 4) >= 0) {
            s->at = t.at;
            return true;
        }
        return false;
    }
    size_t n = word_length(t.text, t.at);
    struct str word = str_sub(t.text, t.at, t.at + n);
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        if (!str_eq_c(word, zones[i])) continue;
        s->at = t.at + n;
        return true;
    }
    return false;
}

static void find_time(struct str text, size_t end, struct facts_date *d)
{
    struct scan s = {text, end};
    d->hour = d->minute = -1;
    take_joint(&s);
    if (take_time(&s, &d->hour, &d->minute)) d->has_zone = take_zone(&s);
}

/* A time in front: "at 09:30 UTC on 1 March 2026". */
static void find_time_before(struct str text, size_t start, struct facts_date *d)
{
    size_t from = start > 24 ? start - 24 : 0;
    for (size_t i = from; i < start; i++) {
        if (!facts__is_digit(text.p[i]) || (i > 0 && (facts__word_at(text, i - 1) || text.p[i - 1] == ':'))) continue;
        struct scan s = {text, i};
        int hour = -1, minute = -1;
        if (!take_time(&s, &hour, &minute)) continue;
        bool zone = take_zone(&s);
        if (at(text, s.at) == ')') s.at++;
        struct str between = str_trim(str_sub(text, s.at, start));
        if (s.at > start || !(between.n == 0 || str_eq_c(between, "on") || str_eq_c(between, ","))) continue;
        d->hour = hour;
        d->minute = minute;
        d->has_zone = zone;
        return;
    }
}

/* The weekday before the date ("Monday, the ", "Mon ") or behind it ("(Mon)", ", Monday" at the end of a phrase). */
static void find_weekday(struct str text, size_t start, size_t end, struct facts_date *d)
{
    d->weekday = -1;
    size_t i = start;
    while (i > 0 && (text.p[i - 1] == ' ' || text.p[i - 1] == ',' || text.p[i - 1] == '.'))
        i--;
    if (i >= 3 && str_eq_nocase(str_sub(text, i - 3, i), STR("the")) && i < start) {
        i -= 3;
        while (i > 0 && (text.p[i - 1] == ' ' || text.p[i - 1] == ','))
            i--;
    }
    size_t word_end = i;
    while (i > 0 && facts__word_at(text, i - 1))
        i--;
    bool full_stop = memchr(text.p + word_end, '.', start - word_end) != NULL;
    struct str before = str_sub(text, i, word_end);
    if (word_end < start && !(full_stop && before.n > 5)) d->weekday = name_index(before, weekdays, 7);
    if (d->weekday >= 0) return;

    struct scan s = {text, end};
    (void)take_spaces(&s);
    bool bracket = take_char(&s, '(');
    if (!bracket && !take_char(&s, ',')) return;
    (void)take_spaces(&s);
    size_t n = word_length(text, s.at);
    char behind = at(text, s.at + n);
    if (bracket ? behind == ')' || behind == ',' : behind == '\0' || behind == '.' || behind == ';' || behind == ',')
        d->weekday = name_index(str_sub(text, s.at, s.at + n), weekdays, 7);
}

static bool begins_here(struct str text, size_t i)
{
    if (i == 0) return true;
    char before = text.p[i - 1];
    if (facts__word_at(text, i - 1)) return false;
    if (before == '$' || before == '#' || before == '_') return false;
    return !((before == '.' || before == '/' || before == '-' || before == ',' || before == ':') && i >= 2 &&
             facts__is_digit(text.p[i - 2]));
}

/* "30 March – 2 April 2026": the first of two dates takes the year of the second. */
static void carry_year_back(struct rules_facts *facts, struct str text)
{
    struct facts_date *last = &facts->dates.at[facts->dates.n - 1];
    if (facts->dates.n < 2 || last->year == 0) return;
    struct facts_date *first = last - 1;
    if (first->year != 0 || first->span.block != last->span.block) return;
    struct str between = str_trim(str_sub(text, first->span.end, last->span.start));
    static const char *const joints[] = {"-", "\xE2\x80\x93", "\xE2\x80\x94", "to", "and", "until", "through", "/",
                                         "&"};
    for (size_t i = 0; i < sizeof(joints) / sizeof(joints[0]); i++)
        if (str_eq_c(between, joints[i])) first->year = first->month > last->month ? last->year - 1 : last->year;
    first->valid = first->day == 0 || time_date_valid(first->year ? first->year : 2024, first->month, first->day);
}

static enum err add_date(struct rules_run *run, struct rules_facts *facts, uint32_t block, size_t start, size_t end,
                         struct facts_date *d, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    d->span = (struct facts_span){block, (uint32_t)start, (uint32_t)end};
    d->valid = d->day == 0 ? d->month >= 1 && d->month <= 12
                           : time_date_valid(d->year ? d->year : 2024, d->month, d->day); /* 2024: 29 February may be */
    find_weekday(text, start, end, d);
    find_time(text, end, d);
    if (d->hour < 0) find_time_before(text, start, d);
    struct facts_date *kept = VEC_PUSH(run->arena, &facts->dates);
    if (!kept) return error_no_memory(e);
    *kept = *d;
    carry_year_back(facts, text);
    return ERR_OK;
}

enum err facts__dates(struct rules_run *run, struct rules_facts *facts, uint32_t block, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    for (size_t i = 0; i < text.n;) {
        bool digit = facts__is_digit(text.p[i]);
        if ((!digit && !facts__is_upper(text.p[i])) || !begins_here(text, i)) {
            i++;
            continue;
        }
        struct scan s = {text, i};
        struct facts_date d = {0};
        bool found =
            digit ? scan_iso(&s, &d) || scan_numeric(&s, &d) || scan_day_month(&s, &d) : scan_month_day(&s, &d);
        if (found) TRY(add_date(run, facts, block, i, s.at, &d, e));
        i = found ? s.at : i + 1;
    }
    return ERR_OK;
}
