/* Ids in use, found by a scan of the bytes.
 * A number may be an id in places that the model does not keep (markers of comments that are gone, bookmarks, changes in headers), so the parts are scanned for every attribute that could be one. Too many
 * found is harmless: it only makes the next id greater.
 * Source: ECMA-376 part 1, 17.13; [MS-DOCX] 2.6.2.3 (w14:paraId below 0x80000000). */
#include "doc/write_ids.h"

#include <stdlib.h>

/* ---- a set of numbers ---- */

static size_t slot_of(const struct write_ids *ids, uint32_t v)
{
    size_t mask = ids->set_cap - 1, at = (v * 2654435761u) & mask;
    while (ids->set[at] && ids->set[at] != v)
        at = (at + 1) & mask;
    return at;
}

static bool set_has(const struct write_ids *ids, uint32_t v) { return ids->set_cap && ids->set[slot_of(ids, v)] == v; }

static bool set_add(struct write_ids *ids, uint32_t v)
{
    if (!v || set_has(ids, v)) return true;
    if ((ids->set_n + 1) * 2 > ids->set_cap) {
        uint32_t *old = ids->set;
        size_t old_cap = ids->set_cap, cap = old_cap ? old_cap * 2 : 1024;
        uint32_t *bigger = NEW(ids->arena, uint32_t, cap);
        if (!bigger) return false;
        ids->set = bigger;
        ids->set_cap = cap;
        for (size_t i = 0; i < old_cap; i++)
            if (old[i]) bigger[slot_of(ids, old[i])] = old[i];
    }
    ids->set[slot_of(ids, v)] = v;
    ids->set_n++;
    return true;
}

/* ---- scanning ---- */

static bool is_space(unsigned char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/* The value of the attribute whose name ends at `at`, or empty. */
static struct str value_at(struct str part, size_t at)
{
    while (at < part.n && is_space((unsigned char)part.p[at]))
        at++;
    if (at >= part.n || part.p[at] != '=') return STR_EMPTY;
    at++;
    while (at < part.n && is_space((unsigned char)part.p[at]))
        at++;
    if (at >= part.n || (part.p[at] != '"' && part.p[at] != '\'')) return STR_EMPTY;
    size_t close = str_find_char(str_sub(part, 0, at + 64), part.p[at], at + 1);
    return close == STR_NONE ? STR_EMPTY : str_trim(str_sub(part, at + 1, close));
}

/* open: the last '<' before the colon, or 0. */
static bool add_number(struct write_ids *ids, struct str part, size_t open, size_t colon)
{
    struct str value = value_at(part, colon + 3);
    uint64_t v;
    if (!value.n || str_to_u64(value, 0, WRITE_ID_MAX, &v, NULL) != ERR_OK) return true;
    struct str name = str_sub(part, open + 1, colon);
    size_t end = 0;
    while (end < name.n && !is_space((unsigned char)name.p[end]))
        end++;
    name.n = end;
    size_t prefix = str_find_char(name, ':', 0);
    if (prefix != STR_NONE) name = str_sub(name, prefix + 1, name.n);
    uint32_t *to =
        str_starts(name, STR("comment")) ? VEC_PUSH(ids->arena, &ids->comments) : VEC_PUSH(ids->arena, &ids->others);
    if (!to) return false;
    *to = (uint32_t)v;
    return true;
}

static bool add_hex(struct write_ids *ids, struct str value)
{
    uint32_t v = 0;
    if (!value.n || value.n > 8) return true;
    for (size_t i = 0; i < value.n; i++) {
        unsigned c = (unsigned char)value.p[i], lower = c | 0x20;
        if (c >= '0' && c <= '9')
            v = v << 4 | (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            v = v << 4 | (lower - 'a' + 10);
        else
            return true;
    }
    return set_add(ids, v);
}

bool write_ids_scan(struct write_ids *ids, struct str bytes)
{
    struct doc_source source = doc_source_of(bytes);
    struct str part = bytes;
    if (source.unit == 2) part = doc_source_text(&source, (struct doc_range){0, bytes.n}, ids->arena);
    if (bytes.n && !part.p) return false;
    const char *at = part.p, *end = part.p + part.n, *looked = part.p;
    size_t open = 0;
    while (at < end && (at = memchr(at, ':', (size_t)(end - at)))) {
        size_t colon = (size_t)(at++ - part.p);
        if (at == end || (*at != 'i' && *at != 'p' && *at != 'd')) continue;
        struct str rest = str_sub(part, colon + 1, colon + 10);
        if (str_starts(rest, STR("id"))) {
            const char *less = memrchr(looked, '<', (size_t)(at - looked)); /* each byte is looked at once */
            if (less) open = (size_t)(less - part.p);
            looked = at;
            if (!add_number(ids, part, open, colon)) return false;
        } else if (str_starts(rest, STR("paraId"))) {
            if (!add_hex(ids, value_at(part, colon + 7))) return false;
        } else if (str_starts(rest, STR("durableId"))) {
            if (!add_hex(ids, value_at(part, colon + 10))) return false;
        }
    }
    return true;
}

/* ---- choosing ---- */

static int compare(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

uint64_t write_ids_comments(struct write_ids *ids, size_t n)
{
    uint64_t next = 0;
    for (size_t i = 0; i < ids->comments.n; i++)
        if (ids->comments.at[i] >= next) next = (uint64_t)ids->comments.at[i] + 1;
    if (next + n <= (uint64_t)WRITE_ID_MAX + 1) return next;
    qsort(ids->comments.at, ids->comments.n, sizeof *ids->comments.at, compare);
    next = 0;
    for (size_t i = 0; i < ids->comments.n; i++) {
        if (ids->comments.at[i] >= next + n) return next;
        if (ids->comments.at[i] >= next) next = (uint64_t)ids->comments.at[i] + 1;
    }
    return UINT64_MAX;
}

uint64_t write_ids_revisions(const struct write_ids *ids, size_t n)
{
    uint64_t next = 1; /* 0 would mean "none" to a reader that rejects from a number on */
    for (size_t i = 0; i < ids->others.n; i++)
        if (ids->others.at[i] >= next) next = (uint64_t)ids->others.at[i] + 1;
    for (size_t i = 0; i < ids->comments.n; i++)
        if (ids->comments.at[i] >= next) next = (uint64_t)ids->comments.at[i] + 1;
    return next + n <= (uint64_t)WRITE_ID_MAX + 1 ? next : UINT64_MAX;
}

uint32_t write_ids_fresh(struct write_ids *ids, uint64_t seed)
{
    for (;; seed++) {
        uint64_t h = seed * 0x9E3779B97F4A7C15u;
        h ^= h >> 29;
        h *= 0xBF58476D1CE4E5B9u;
        uint32_t v = (uint32_t)(h >> 32) & 0x7FFFFFFFu;
        if (!v || v == 0x7FFFFFFFu || set_has(ids, v)) continue;
        return set_add(ids, v) ? v : 0;
    }
}
