/* Pieces of a line of a log: digits, quoted texts, the times of five formats, and excerpts that may be shown.
 * Each "take" looks at the front of a view and moves it on only when it found what it names, so parsers read as the format is written.
 * Excerpts go into a report that people mail around: what looks like a credential is replaced, not trusted to be absent. Known forms only (AWS key ids,
 * values behind words such as "password"): a log that writes secrets in another way has to be cleaned by whoever mails it. */
#include "base/time.h"
#include "base/utf8.h"
#include "ops/logs_priv.h"

bool logs__take_digits(struct str *s, size_t max, uint64_t *ret)
{
    uint64_t v = 0;
    size_t i = 0;
    for (; i < s->n && i < max && i < 18 && s->p[i] >= '0' && s->p[i] <= '9'; i++)
        v = v * 10 + (uint64_t)(s->p[i] - '0');
    if (i == 0) return false;
    *s = str_sub(*s, i, s->n);
    *ret = v;
    return true;
}

bool logs__take(struct str *s, struct str text)
{
    if (!str_starts(*s, text)) return false;
    *s = str_sub(*s, text.n, s->n);
    return true;
}

bool logs__take_quoted(struct str *s, struct str *ret)
{
    if (s->n == 0 || s->p[0] != '"') return false;
    for (size_t i = 1; i < s->n; i++) {
        if (s->p[i] == '\\') {
            i++;
            continue;
        }
        if (s->p[i] != '"') continue;
        *ret = str_sub(*s, 1, i);
        *s = str_sub(*s, i + 1, s->n);
        return true;
    }
    return false;
}

/* +0100, -03:30, Z: minutes. */
static bool take_zone(struct str *s, int *ret)
{
    struct str rest = *s;
    uint64_t hours, minutes;
    if (logs__take(s, STR("Z"))) {
        *ret = 0;
        return true;
    }
    if (rest.n < 5 || (rest.p[0] != '+' && rest.p[0] != '-')) return false;
    bool west = rest.p[0] == '-';
    rest = str_sub(rest, 1, rest.n);
    if (!logs__take_digits(&rest, 2, &hours)) return false;
    (void)logs__take(&rest, STR(":"));
    if (!logs__take_digits(&rest, 2, &minutes) || hours > 14 || minutes > 59) return false;
    *ret = (int)(hours * 60 + minutes) * (west ? -1 : 1);
    *s = rest;
    return true;
}

/* 18:31:57 */
static bool take_clock(struct str *s, struct time_civil *c)
{
    uint64_t h, m, sec;
    if (!logs__take_digits(s, 2, &h) || !logs__take(s, STR(":")) || !logs__take_digits(s, 2, &m) ||
        !logs__take(s, STR(":")) || !logs__take_digits(s, 2, &sec) || h > 23 || m > 59 || sec > 60)
        return false;
    c->hour = (int)h;
    c->minute = (int)m;
    c->second = sec > 59 ? 59 : (int)sec;
    return true;
}

static bool take_month(struct str *s, int *ret)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (logs__take(s, (struct str){names + (size_t)3 * (size_t)i, 3})) {
            *ret = i + 1;
            return true;
        }
    return false;
}

bool logs__take_time(const struct ops_logs *l, struct str *s, int64_t *ret)
{
    struct str rest = *s;
    struct time_civil c = {0};
    uint64_t year, month, day, fraction = 0;
    if (!logs__take_digits(&rest, 4, &year) || rest.n == 0 || (rest.p[0] != '/' && rest.p[0] != '-')) return false;
    struct str separator = str_sub(rest, 0, 1);
    if (!logs__take(&rest, separator) || !logs__take_digits(&rest, 2, &month) || !logs__take(&rest, separator) ||
        !logs__take_digits(&rest, 2, &day) || !time_date_valid((int)year, (int)month, (int)day))
        return false;
    if (!logs__take(&rest, STR(" ")) && !logs__take(&rest, STR("T"))) return false;
    c.year = (int)year;
    c.month = (int)month;
    c.day = (int)day;
    if (!take_clock(&rest, &c)) return false;
    if (logs__take(&rest, STR(".")) || logs__take(&rest, STR(","))) {
        size_t n = rest.n;
        if (!logs__take_digits(&rest, 9, &fraction)) return false;
        for (n -= rest.n; n > 3; n--)
            fraction /= 10;
        for (; n < 3; n++)
            fraction *= 10;
        c.milli = (int)fraction;
    }
    struct str behind = rest;
    int zone = l->has_zone ? l->zone_minutes : 0;
    (void)logs__take(&behind, STR(" "));
    if (take_zone(&behind, &zone)) rest = behind;
    *ret = time_from_civil(c) - (int64_t)zone * 60000;
    *s = rest;
    return true;
}

bool logs__take_access_time(struct str *s, int64_t *ret, int *zone)
{
    struct str rest = *s;
    struct time_civil c = {0};
    uint64_t day, year;
    if (!logs__take_digits(&rest, 2, &day) || !logs__take(&rest, STR("/")) || !take_month(&rest, &c.month) ||
        !logs__take(&rest, STR("/")) || !logs__take_digits(&rest, 4, &year) || !logs__take(&rest, STR(":")) ||
        !time_date_valid((int)year, c.month, (int)day) || !take_clock(&rest, &c) || !logs__take(&rest, STR(" ")) ||
        !take_zone(&rest, zone))
        return false;
    c.year = (int)year;
    c.day = (int)day;
    *ret = time_from_civil(c) - (int64_t)*zone * 60000;
    *s = rest;
    return true;
}

bool logs__take_syslog_time(const struct ops_logs *l, struct str *s, int64_t *ret)
{
    struct str rest = *s;
    struct time_civil c = {0};
    uint64_t day;
    if (!take_month(&rest, &c.month) || !logs__take(&rest, STR(" "))) return false;
    (void)logs__take(&rest, STR(" "));
    if (!logs__take_digits(&rest, 2, &day) || day < 1 || day > 31 || !logs__take(&rest, STR(" ")) ||
        !take_clock(&rest, &c) || (rest.n && rest.p[0] != ' '))
        return false;
    *s = rest;
    *ret = LOGS_NO_TIME;
    if (l->latest == LOGS_NO_TIME) return true;
    struct time_civil known = time_to_civil(l->latest);
    c.day = (int)day;
    c.year = c.month > known.month + 1 ? known.year - 1 : known.year; /* a December read in January */
    if (!time_date_valid(c.year, c.month, c.day)) return true;
    *ret = time_from_civil(c) - (int64_t)(l->has_zone ? l->zone_minutes : 0) * 60000;
    return true;
}

struct str logs__after(struct str s, struct str needle)
{
    size_t at = str_find(s, needle, 0);
    return at == STR_NONE ? STR_EMPTY : (struct str){s.p + at + needle.n, s.n - at - needle.n};
}

static bool is_edge(char c) { return c && strchr("\"'`,;()[]{}", c); }

struct str logs__word(struct str s)
{
    s = str_trim(s);
    size_t n = 0;
    while (n < s.n && (unsigned char)s.p[n] > ' ')
        n++;
    s = str_sub(s, 0, n);
    while (s.n && is_edge(s.p[0]))
        s = str_sub(s, 1, s.n);
    while (s.n && is_edge(s.p[s.n - 1]))
        s = str_sub(s, 0, s.n - 1);
    return s;
}

bool logs__has(struct str s, const char *needle) { return str_find(s, str_from_c(needle), 0) != STR_NONE; }

static bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

struct str logs__instance(struct str s)
{
    for (size_t at = 0; (at = str_find(s, STR("i-"), at)) != STR_NONE; at += 2) {
        size_t end = at + 2;
        while (end < s.n && end < at + 20 && is_hex(s.p[end]))
            end++;
        bool starts = at == 0 || !((s.p[at - 1] | 0x20) >= 'a' && (s.p[at - 1] | 0x20) <= 'z');
        if (starts && end - at >= 10 && end - at <= 19) return str_sub(s, at, end);
    }
    return STR_EMPTY;
}

/* --- excerpts --- */
static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Where a value begins behind a word that names a secret at `at`, or 0. The word may go on: "password_hash=", "X-Amz-Signature=". */
static size_t secret_value(struct str s, size_t at)
{
    static const char *const words[] = {"password", "passwd",     "secret", "token",         "signature", "api_key",
                                        "apikey",   "access_key", "cookie", "authorization", "x-api-key", "credential"};
    struct str rest = str_sub(s, at, s.n);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!str_starts_nocase(rest, str_from_c(words[i]))) continue;
        size_t end = at + strlen(words[i]);
        while (end < s.n && is_name(s.p[end]))
            end++;
        while (end < s.n && (s.p[end] == '"' || s.p[end] == '\''))
            end++;
        if (end >= s.n || (s.p[end] != '=' && s.p[end] != ':')) return 0;
        end++;
        while (end < s.n && (s.p[end] == ' ' || s.p[end] == '"' || s.p[end] == '\''))
            end++;
        return end;
    }
    return 0;
}

static bool is_key_id(struct str s, size_t at)
{
    struct str rest = str_sub(s, at, s.n);
    if (!str_starts(rest, STR("AKIA")) && !str_starts(rest, STR("ASIA"))) return false;
    size_t n = 4;
    while (n < rest.n && ((rest.p[n] >= 'A' && rest.p[n] <= 'Z') || (rest.p[n] >= '0' && rest.p[n] <= '9')))
        n++;
    return n >= 16;
}

/* The user and password of "scheme://user:password@host", or STR_NONE. */
static size_t user_info_end(struct str s, size_t at)
{
    if (!str_starts(str_sub(s, at, s.n), STR("://"))) return STR_NONE;
    for (size_t i = at + 3; i < s.n && (unsigned char)s.p[i] > ' ' && s.p[i] != '/'; i++)
        if (s.p[i] == '@') return i;
    return STR_NONE;
}

static void put_masked(struct sb *b, struct str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t value =
            i == 0 || !is_name(s.p[i - 1]) || s.p[i - 1] == '_' || s.p[i - 1] == '-' ? secret_value(s, i) : 0;
        size_t user_end = user_info_end(s, i);
        size_t end = value ? value : i;
        bool schemed = value && str_find(str_sub(s, i, value), STR(":"), 0) != STR_NONE;
        if (!value && is_key_id(s, i)) {
            SB_LIT(b, "***");
            while (i < s.n && is_name(s.p[i]))
                i++;
        } else if (value) {
            sb_str(b, str_sub(s, i, end));
            SB_LIT(b, "***");
            /* "Authorization: Bearer …": to the end of the line; a cookie has several values */
            while (end < s.n && (schemed || ((unsigned char)s.p[end] > ' ' && !strchr("&\"',;", s.p[end]))))
                end++;
            i = end;
        } else if (user_end != STR_NONE) {
            SB_LIT(b, "://***");
            i = user_end;
        } else {
            sb_char(b, s.p[i++]);
        }
    }
}

struct str logs__shown(struct ops_logs *l, struct str s, size_t max)
{
    CLEANUP_SB struct sb masked = SB_INIT((size_t)4 * LOGS_LINE_MAX);
    CLEANUP_SB struct sb b = SB_INIT((size_t)4 * LOGS_LINE_MAX);
    struct str ret;
    s = str_trim(s);
    put_masked(
        &masked,
        str_sub(s, 0, max * 2)); /* what is cut off is not looked at, but no value is cut before it is known as one */
    s = sb_view(&masked);
    for (size_t at = 0; at < s.n;) {
        uint32_t rune = utf8_next(s, &at);
        bool control = rune < 0x20 || (rune >= 0x7f && rune < 0xa0) || (rune >= 0x202a && rune <= 0x202e) ||
                       (rune >= 0x2066 && rune <= 0x2069) || rune == 0x2028 || rune == 0x2029;
        if (b.n >= max) {
            SB_LIT(&b, "…");
            break;
        }
        sb_rune(&b, control ? ' ' : rune);
    }
    ret = sb_ok(&b) && sb_ok(&masked) ? str_dup(l->a, sb_view(&b)) : STR_EMPTY;
    if (!ret.p) l->no_memory = true;
    return ret;
}

void logs__seen(struct ops_logs *l, int64_t at)
{
    if (at != LOGS_NO_TIME && (l->latest == LOGS_NO_TIME || at > l->latest)) l->latest = at;
}
