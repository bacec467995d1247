/* Names from people as names of files in zips and of objects in S3. What stays is what all of them take: Windows refuses <>:"/\|?* and a dot or a space at the
 * end, S3 advises against \{}^%`[]"<>~#| and what is not printed, shells and URLs stumble over &$;=+@,'!(). Non-Latin letters trouble nobody.
 * Source: Amazon S3 user guide, "Naming objects"; Microsoft, "Naming files, paths, and namespaces". */
#include "base/hash.h"
#include "base/time.h"
#include "base/utf8.h"
#include "review/package.h"

enum { HASH_DIGITS = 8 };

/* Printed, and none that hides, turns or joins others. */
static bool is_mark_of_text(uint32_t r)
{
    if (r <= 0xA0 || r == 0xAD || utf8_is_space(r)) return false;
    if (r >= 0x2000 && r <= 0x206F) return (r >= 0x2010 && r <= 0x2027) || (r >= 0x2030 && r <= 0x205E);
    return !(r >= 0xFE00 && r <= 0xFE0F) && !(r >= 0xE000 && r <= 0xF8FF) && !(r >= 0xFFF0 && r <= 0xFFFF) &&
           r < 0xE0000;
}

static bool stays(uint32_t r)
{
    if (r < 0x80)
        return (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') || r == ' ' || r == '-' ||
               r == '_' || r == '.' || r == '(' || r == ')';
    return utf8_is_letter(r) || utf8_is_digit(r) || is_mark_of_text(r);
}

/* CON, COM1 and so on are devices of Windows, with whatever extension. */
static bool is_device(struct str name)
{
    static const char *const devices[] = {"con", "prn", "aux", "nul"};
    struct str rest, stem = str_trim(str_cut(name, '.', &rest));
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (str_eq_nocase(stem, str_from_c(devices[i]))) return true;
    bool numbered = str_starts_nocase(stem, STR("com")) || str_starts_nocase(stem, STR("lpt"));
    return numbered && stem.n == 4 && stem.p[3] >= '0' && stem.p[3] <= '9';
}

/* Without dots and spaces at its ends. */
static struct str trimmed(struct str s)
{
    while (s.n && (s.p[0] == '.' || s.p[0] == ' '))
        s = str_sub(s, 1, s.n);
    while (s.n && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == ' '))
        s.n--;
    return s;
}

enum err package_name(struct str name, struct str extension, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    char hex[HASH_SHA256_HEX + 1];
    struct str stem = name;
    if (extension.n && str_ends_nocase(name, extension)) stem.n -= extension.n;
    for (size_t i = 0; i < stem.n;) {
        uint32_t r = utf8_next(stem, &i);
        sb_rune(&b, stays(r) ? r : '_');
    }
    if (!sb_ok(&b)) return error_no_memory(e);
    struct str kept = trimmed(sb_view(&b));
    size_t room = PACKAGE_NAME_MAX - extension.n - HASH_DIGITS - 1;
    if (kept.n > room) kept = trimmed(str_sub(kept, 0, utf8_grapheme_floor(kept, room)));
    if (kept.n == 0) kept = STR("document");
    bool device = is_device(kept);
    bool changed = device || !str_eq(kept, stem);
    TRY(hash_sha256_hex(name, hex, e));
    hex[HASH_DIGITS] = 0;
    *ret = str_printf(a, "%s%.*s%s%s%.*s", device ? "_" : "", STR_ARG(kept), changed ? "-" : "", changed ? hex : "",
                      STR_ARG(extension));
    return ret->p ? ERR_OK : error_no_memory(e);
}

enum err package_folder(struct str document_name, int64_t at_unix_ms, struct arena *a, struct str *ret, struct error *e)
{
    struct str stem = document_name, name = STR_EMPTY;
    static const char *const extensions[] = {".docx", ".docm", ".dotx", ".dotm"};
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (stem.n == document_name.n && str_ends_nocase(stem, str_from_c(extensions[i]))) stem.n -= 5;
    struct time_civil t = time_to_civil(at_unix_ms);
    TRY(package_name(stem, STR_EMPTY, a, &name, e));
    *ret = str_printf(a, "%.*s_review_%04d%02d%02dT%02d%02d%02dZ", STR_ARG(name), t.year, t.month, t.day, t.hour,
                      t.minute, t.second);
    return ret->p ? ERR_OK : error_no_memory(e);
}
