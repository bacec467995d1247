/* Wall-clock time and the civil calendar.
 * Days are counted in eras of 400 years (146,097 days) that begin on 1 March, so that the leap day is the last day of a year and the months
 * before it have a fixed pattern; this is the days_from_civil algorithm that C++20's calendar describes. No libc time zone is involved.
 * Limits: dates of years 1 to 9999 are valid; instants of any int64_t can be shown. Source: ISO 8601; RFC 3339; XML Schema dateTime. */
#include "base/time.h"

#include <time.h>

#define DAY_MS ((int64_t)86400000)

int64_t time_now_unix_ms(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_REALTIME, &t); /* cannot fail with this clock */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t time_monotonic_ns(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

bool time_date_valid(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
    return day <= days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

int64_t time_days(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_div(y, 400), year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1; /* from 1 March */
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

int time_weekday(int year, int month, int day)
{
    int64_t days = time_days(year, month, day) + 3; /* 1970-01-01 was a Thursday */
    return (int)(days - floor_div(days, 7) * 7);
}

int64_t time_from_civil(struct time_civil c)
{
    return time_days(c.year, c.month, c.day) * DAY_MS + c.hour * (int64_t)3600000 + c.minute * (int64_t)60000 +
           c.second * (int64_t)1000 + c.milli;
}

struct time_civil time_to_civil(int64_t unix_ms)
{
    int64_t days = floor_div(unix_ms, DAY_MS), ms = unix_ms % DAY_MS, z = days + 719468;
    if (ms < 0) ms += DAY_MS;
    int64_t era = floor_div(z, 146097), day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* from March */
    struct time_civil c = {
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .hour = (int)(ms / 3600000),
        .minute = (int)(ms / 60000 % 60),
        .second = (int)(ms / 1000 % 60),
        .milli = (int)(ms % 1000),
    };
    c.year = (int)(year_of_era + era * 400 + (c.month <= 2));
    return c;
}

void sb_time(struct sb *b, int64_t unix_ms, bool with_ms)
{
    struct time_civil c = time_to_civil(unix_ms);
    sb_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second);
    if (with_ms) sb_printf(b, ".%03d", c.milli);
    sb_char(b, 'Z');
}

/* n digits at *at, moved behind them. */
static bool take_number(struct str s, size_t *at, size_t n, int *ret)
{
    if (n > s.n - *at) return false;
    int v = 0;
    for (size_t end = *at + n; *at < end; ++*at) {
        char c = s.p[*at];
        if (c < '0' || c > '9') return false;
        v = v * 10 + (c - '0');
    }
    *ret = v;
    return true;
}

static bool take_char(struct str s, size_t *at, char c)
{
    if (*at >= s.n || s.p[*at] != c) return false;
    ++*at;
    return true;
}

/* The fraction of a second, of any length; what is finer than a millisecond is cut. */
static bool take_fraction(struct str s, size_t *at, int *milli)
{
    size_t start = *at;
    int unit = 100;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; ++*at) {
        *milli += (s.p[*at] - '0') * unit;
        unit /= 10;
    }
    return *at > start;
}

/* Z, ±hh:mm or nothing, up to the end of s. */
static bool take_zone(struct str s, size_t *at, int *minutes_east)
{
    *minutes_east = 0;
    if (*at == s.n || take_char(s, at, 'Z') || take_char(s, at, 'z')) return *at == s.n;
    bool west = take_char(s, at, '-');
    int hours = 0, minutes = 0;
    if (!west && !take_char(s, at, '+')) return false;
    if (!take_number(s, at, 2, &hours) || !take_char(s, at, ':') || !take_number(s, at, 2, &minutes)) return false;
    if (hours > 14 || minutes > 59 || (hours == 14 && minutes > 0)) return false;
    *minutes_east = (west ? -1 : 1) * (hours * 60 + minutes);
    return *at == s.n;
}

bool time_parse_iso(struct str s, int64_t *ret_unix_ms)
{
    struct time_civil c = {0};
    size_t at = 0;
    int minutes_east = 0;
    if (!take_number(s, &at, 4, &c.year) || !take_char(s, &at, '-') || !take_number(s, &at, 2, &c.month) ||
        !take_char(s, &at, '-') || !take_number(s, &at, 2, &c.day) || !time_date_valid(c.year, c.month, c.day))
        return false;
    if (at < s.n) {
        if (!take_char(s, &at, 'T') && !take_char(s, &at, 't')) return false;
        if (!take_number(s, &at, 2, &c.hour) || !take_char(s, &at, ':') || !take_number(s, &at, 2, &c.minute) ||
            !take_char(s, &at, ':') || !take_number(s, &at, 2, &c.second))
            return false;
        if (take_char(s, &at, '.') && !take_fraction(s, &at, &c.milli)) return false;
        if (!take_zone(s, &at, &minutes_east) || c.minute > 59 || c.second > 59) return false;
        /* 24:00:00 is the end of the day in XML Schema */
        if (c.hour > 24 || (c.hour == 24 && (c.minute || c.second || c.milli))) return false;
    }
    *ret_unix_ms = time_from_civil(c) - minutes_east * (int64_t)60000;
    return true;
}
