/* Names of exported files. A person's file name is kept as it is, in whatever script; only what would make it a path or break a terminal or a header is taken out. Where something
 * was taken out or cut, a piece of the name's hash keeps different names different. Limits: NAME_BYTES, what file systems take. */
#include "base/hash.h"
#include "base/utf8.h"
#include "doc/text.h"
#include "review/export.h"

#define NAME_BYTES   255
#define HASH_BYTES   9 /* "~" and eight digits */
#define INITIALS_MAX 9

static bool is_forbidden(uint32_t r)
{
    return r == '/' || r == '\\' || r < 0x20 || (r >= 0x7F && r < 0xA0) || (r >= 0x202A && r <= 0x202E) ||
           (r >= 0x2066 && r <= 0x2069);
}

/* Without ".docx", and without the extension that the suffix brings back. */
static struct str stem_of(struct str name, struct str suffix)
{
    size_t dot = name.n;
    for (size_t i = name.n; i > 0 && dot == name.n; i--)
        if (name.p[i - 1] == '.') dot = i - 1;
    struct str extension = str_sub(name, dot, name.n);
    bool drop = dot > 0 && extension.n > 1 && (str_eq_c(extension, ".docx") || str_ends(suffix, extension));
    return drop ? str_sub(name, 0, dot) : name;
}

enum err export_file_name(struct str name, const char *suffix, struct arena *a, struct str *ret, struct error *e)
{
    struct str end = str_from_c(suffix), stem = stem_of(name, end);
    if (end.n > NAME_BYTES / 2) return error_set(e, ERR_INVALID, "the suffix of a file name is too long");
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    bool changed = false;
    for (size_t i = 0; i < stem.n;) {
        uint32_t r = utf8_next(stem, &i);
        if (is_forbidden(r))
            changed = true;
        else
            sb_rune(&b, r);
    }
    struct str kept = sb_view(&b);
    if (kept.n == 0 || str_eq_c(kept, ".") || str_eq_c(kept, "..")) {
        changed = changed || name.n > 0;
        kept = STR("document");
    }
    if (b.failed) return error_no_memory(e);
    if (kept.n + end.n > NAME_BYTES) {
        changed = true;
        kept = str_sub(kept, 0, utf8_grapheme_floor(kept, NAME_BYTES - end.n - HASH_BYTES));
    }
    if (changed && kept.n + end.n + HASH_BYTES > NAME_BYTES)
        kept = str_sub(kept, 0, utf8_grapheme_floor(kept, NAME_BYTES - end.n - HASH_BYTES));
    char hex[HASH_SHA256_HEX + 1];
    TRY(hash_sha256_hex(name, hex, e));
    hex[HASH_BYTES - 1] = 0;
    struct str made = str_printf(a, "%.*s%s%s%s", STR_ARG(kept), changed ? "~" : "", changed ? hex : "", suffix);
    if (!made.p) return error_no_memory(e);
    *ret = made;
    return ERR_OK;
}

struct str export_initials(struct str name, struct arena *a)
{
    CLEANUP_SB struct sb out = SB_INIT(64);
    struct str ret = STR_EMPTY;
    struct error e;
    bool first = true;
    size_t n = 0;
    for (size_t at = 0; at < name.n && n < INITIALS_MAX;) {
        size_t from = at;
        do
            at++;
        while (at < name.n && ((unsigned char)name.p[at] & 0xC0) == 0x80);
        bool border = name.p[from] == ' ' || name.p[from] == '-' || name.p[from] == '.' || name.p[from] == '_';
        if (first && !border) {
            sb_str(&out, str_sub(name, from, at));
            n++;
        }
        first = border;
    }
    return sb_take(&out, a, &ret, &e) == ERR_OK ? ret : STR_EMPTY;
}
