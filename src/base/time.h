/* Wall-clock time and the civil calendar (proleptic Gregorian, UTC). No locale, no libc time zone. Source: ISO 8601; RFC 3339.
 * Thread: any. */
#pragma once

#include "base/sb.h"

struct time_civil {
    int year, month, day;            /* month 1–12, day 1–31 */
    int hour, minute, second, milli; /* UTC */
};

int64_t time_now_unix_ms(void);  /* CLOCK_REALTIME */
int64_t time_monotonic_ns(void); /* CLOCK_MONOTONIC: for durations only */

bool time_date_valid(int year, int month, int day); /* year 1–9999 */
int64_t time_days(int year, int month, int day);    /* days since 1970-01-01 */
int time_weekday(int year, int month, int day);     /* 0 Monday … 6 Sunday */
int64_t time_from_civil(struct time_civil c);       /* unix ms */
struct time_civil time_to_civil(int64_t unix_ms);

/* "2026-03-01T09:30:00Z"; with_ms: "…00.123Z". */
void sb_time(struct sb *b, int64_t unix_ms, bool with_ms);
/* xsd:dateTime with optional fraction and zone (none is read as UTC), or a plain date. false when s is none. */
bool time_parse_iso(struct str s, int64_t *ret_unix_ms);
