/* Our own walk over a zip's central directory, before libzip sees the file. libzip reads what it can; we want to know
 * what is wrong and say it: how many entries, how large, how packed, whether they overlap, whether a name is there
 * twice or tries to leave the folder. The central directory is the truth; of local headers only their place and
 * length are used. package.c compares libzip's view with ours, so that the two cannot disagree about which bytes are
 * a part. Rejected: recovering entries from local headers when the directory is gone — a half document reviewed as a
 * whole one is worse than an error. Source: APPNOTE.TXT 4.3–4.5. Limits: struct doc_limits; the end record lies in
 * the last 65,557 bytes. */
#include "doc/package_priv.h"

#include <stdlib.h>

#include "base/utf8.h"

#define END_SIZE           22u
#define END64_LOCATOR_SIZE 20u
#define END64_SIZE         56u
#define CENTRAL_SIZE       46u
#define LOCAL_SIZE         30u

static unsigned le16(struct str b, uint64_t at)
{
    const unsigned char *p = (const unsigned char *)b.p + at;
    return (unsigned)p[0] | (unsigned)p[1] << 8;
}
static uint32_t le32(struct str b, uint64_t at) { return le16(b, at) | (uint32_t)le16(b, at + 2) << 16; }
static uint64_t le64(struct str b, uint64_t at) { return le32(b, at) | (uint64_t)le32(b, at + 4) << 32; }

static enum err corrupt(struct error *e, const char *what)
{
    error_set_reason(e, ERR_INVALID, "corrupt_zip", "the file is damaged: %s", what);
    return error_hint(e, "Get the file again from where it came; if it opens in Word, save a new copy there.");
}

/* Where the directory is. */
struct directory {
    uint64_t at, size, entries;
};

static bool find_end(struct str b, uint64_t *ret)
{
    if (b.n < END_SIZE) return false;
    uint64_t floor = b.n > 65535u + END_SIZE ? b.n - 65535u - END_SIZE : 0;
    for (uint64_t at = b.n - END_SIZE + 1; at-- > floor;)
        if (b.p[at] == 'P' && le32(b, at) == 0x06054b50 && at + END_SIZE + le16(b, at + 20) <= b.n) {
            *ret = at;
            return true;
        }
    return false;
}

static enum err find_directory(struct str b, struct directory *ret, struct error *e)
{
    uint64_t end = 0;
    if (!find_end(b, &end)) return corrupt(e, "its zip directory is missing, the file may be cut off");
    struct directory d = {.at = le32(b, end + 16), .size = le32(b, end + 12), .entries = le16(b, end + 10)};
    bool large = d.at == UINT32_MAX || d.size == UINT32_MAX || d.entries == UINT16_MAX;
    if (large && end >= END64_LOCATOR_SIZE && le32(b, end - END64_LOCATOR_SIZE) == 0x07064b50) {
        uint64_t at = le64(b, end - END64_LOCATOR_SIZE + 8);
        if (at > b.n || b.n - at < END64_SIZE || le32(b, at) != 0x06064b50)
            return corrupt(e, "its zip64 directory is not where it should be");
        d.entries = le64(b, at + 32);
        d.size = le64(b, at + 40);
        d.at = le64(b, at + 48);
        end = at;
    }
    if (d.at > end || end - d.at < d.size) return corrupt(e, "its zip directory lies outside the file");
    *ret = d;
    return ERR_OK;
}

/* Sizes and place of an entry that needs 64 bits: extra field 0x0001 holds those whose 32-bit field is full, in this
 * order. */
static bool read_zip64(struct str b, uint64_t extra, uint64_t extra_end, struct doc__zip_entry *entry)
{
    while (extra_end - extra >= 4) {
        unsigned id = le16(b, extra), n = le16(b, extra + 2);
        extra += 4;
        if (n > extra_end - extra) return false;
        if (id != 1) {
            extra += n;
            continue;
        }
        uint64_t *fields[] = {&entry->size, &entry->packed_size, &entry->start};
        uint64_t at = extra, end = extra + n;
        for (size_t i = 0; i < 3; i++) {
            if (*fields[i] != UINT32_MAX) continue;
            if (end - at < 8) return false;
            *fields[i] = le64(b, at);
            at += 8;
        }
        return true;
    }
    return true; /* no such field: the 32-bit values are meant */
}

static bool name_is_safe(struct str name)
{
    if (!name.n || !utf8_valid(name) || name.p[0] == '/' || (name.n >= 2 && name.p[1] == ':')) return false;
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < 0x20 || name.p[i] == '\\') return false;
    struct str rest = name;
    while (rest.p) {
        struct str part = str_cut(rest, '/', &rest);
        if (str_eq_c(part, "..") || str_eq_c(part, ".")) return false;
    }
    return true;
}

static enum err check_kind(const struct doc__zip_entry *entry, struct error *e)
{
    if (!name_is_safe(entry->name)) {
        char shown[64];
        size_t n = 0;
        for (; n < entry->name.n && n + 1 < sizeof shown; n++) {
            unsigned char c = (unsigned char)entry->name.p[n];
            shown[n] = c >= 0x20 && c < 0x7F ? (char)c : '?';
        }
        shown[n] = 0;
        return error_set_reason(e, ERR_INVALID, "unsafe_path", "an entry of the file has a forbidden name, \"%s\"",
                                shown);
    }
    if ((entry->flags & 0x2041) || entry->method == 99)
        return error_set_reason(e, ERR_INVALID, "zip_encrypted", "\"%.*s\" in the file is encrypted",
                                STR_ARG(entry->name));
    if (entry->method != 0 && entry->method != 8)
        return error_set_reason(e, ERR_INVALID, "unsupported_compression",
                                "\"%.*s\" in the file is packed with method %u; a .docx uses 0 or 8",
                                STR_ARG(entry->name), entry->method);
    return ERR_OK;
}

static enum err check_size(const struct doc__zip_entry *entry, const struct doc_limits *l, uint64_t *total,
                           struct error *e)
{
    if (entry->method == 0 && entry->size != entry->packed_size)
        return corrupt(e, "an unpacked entry has two different sizes");
    if (entry->size > l->ratio_floor_bytes && entry->size / l->max_ratio >= entry->packed_size)
        return error_set_reason(e, ERR_LIMIT, "zip_bomb",
                                "\"%.*s\" in the file would grow more than %u times when unpacked",
                                STR_ARG(entry->name), l->max_ratio);
    if (entry->size > l->max_total_bytes - *total)
        return error_set_reason(e, ERR_LIMIT, "zip_bomb", "the file would grow to more than %zu bytes when unpacked",
                                l->max_total_bytes);
    *total += entry->size;
    return ERR_OK;
}

/* Reads the entry at *at of the directory and moves behind it. */
static enum err read_entry(struct str b, const struct directory *d, uint64_t *at, struct doc__zip_entry *entry,
                           struct error *e)
{
    uint64_t p = *at, end = d->at + d->size;
    if (end - p < CENTRAL_SIZE || le32(b, p) != 0x02014b50) return corrupt(e, "its zip directory is broken");
    unsigned name_n = le16(b, p + 28), extra_n = le16(b, p + 30), comment_n = le16(b, p + 32);
    if (end - p - CENTRAL_SIZE < (uint64_t)name_n + extra_n + comment_n)
        return corrupt(e, "its zip directory is cut off");
    *entry = (struct doc__zip_entry){.name = {b.p + p + CENTRAL_SIZE, name_n},
                                     .flags = (uint16_t)le16(b, p + 8),
                                     .method = (uint16_t)le16(b, p + 10),
                                     .time = (uint16_t)le16(b, p + 12),
                                     .date = (uint16_t)le16(b, p + 14),
                                     .crc = le32(b, p + 16),
                                     .packed_size = le32(b, p + 20),
                                     .size = le32(b, p + 24),
                                     .start = le32(b, p + 42)};
    uint64_t extra = p + CENTRAL_SIZE + name_n;
    if (!read_zip64(b, extra, extra + extra_n, entry)) return corrupt(e, "a size in its zip directory is broken");
    *at = extra + extra_n + comment_n;
    uint64_t s = entry->start;
    if (s > d->at || d->at - s < LOCAL_SIZE || le32(b, s) != 0x04034b50)
        return corrupt(e, "an entry is not where its zip directory says");
    entry->data_start = s + LOCAL_SIZE + le16(b, s + 26) + le16(b, s + 28);
    if (entry->data_start > d->at || d->at - entry->data_start < entry->packed_size)
        return corrupt(e, "an entry reaches beyond the end of its data");
    entry->end = entry->data_start + entry->packed_size;
    return ERR_OK;
}

static int by_start(const void *x, const void *y)
{
    const struct doc__zip_entry *const *a = x, *const *b = y;
    return ((*a)->start > (*b)->start) - ((*a)->start < (*b)->start);
}

static enum err check_overlap(struct arena *a, const struct doc__zip *zip, struct error *e)
{
    const struct doc__zip_entry **order = NEW(a, const struct doc__zip_entry *, zip->n);
    if (!order) return error_no_memory(e);
    for (size_t i = 0; i < zip->n; i++)
        order[i] = &zip->at[i];
    qsort(order, zip->n, sizeof *order, by_start);
    for (size_t i = 1; i < zip->n; i++)
        if (order[i]->start < order[i - 1]->end)
            return error_set_reason(e, ERR_LIMIT, "zip_bomb",
                                    "entries of the file share the same bytes (\"%.*s\", \"%.*s\")",
                                    STR_ARG(order[i - 1]->name), STR_ARG(order[i]->name));
    return ERR_OK;
}

static enum err check_duplicates(struct arena *a, const struct doc__zip *zip, struct error *e)
{
    struct map seen = map_make(a);
    for (size_t i = 0; i < zip->n; i++) {
        struct str key = doc__lower(a, zip->at[i].name);
        if (!key.p) return error_no_memory(e);
        if (map_get(&seen, key))
            return error_set_reason(e, ERR_INVALID, "duplicate_entries", "the file holds \"%.*s\" twice",
                                    STR_ARG(zip->at[i].name));
        if (!map_put(&seen, key, &zip->at[i])) return error_no_memory(e);
    }
    return ERR_OK;
}

enum err doc__zip_scan(struct arena *a, struct str b, const struct doc_limits *limits, struct doc__zip *ret,
                       struct error *e)
{
    struct directory d = {0};
    TRY(find_directory(b, &d, e));
    if (d.entries > limits->max_entries)
        return error_set_reason(e, ERR_LIMIT, "too_many_entries", "the file has %llu entries; the limit is %zu",
                                (unsigned long long)d.entries, limits->max_entries);
    if (d.entries * CENTRAL_SIZE > d.size) return corrupt(e, "its zip directory is too short");
    struct doc__zip zip = {.at = NEW(a, struct doc__zip_entry, d.entries), .n = d.entries};
    if (!zip.at) return error_no_memory(e);
    uint64_t at = d.at, total = 0;
    for (size_t i = 0; i < zip.n; i++) {
        TRY(read_entry(b, &d, &at, &zip.at[i], e));
        TRY(check_kind(&zip.at[i], e));
        TRY(check_size(&zip.at[i], limits, &total, e));
    }
    TRY(check_overlap(a, &zip, e));
    TRY(check_duplicates(a, &zip, e));
    *ret = zip;
    return ERR_OK;
}
