/* Layers of text for finding quotes: the same text, folded so that what a reader takes for the same is the same bytes.
 * Every byte knows the byte of the source that it came from, so a match in a layer is a stretch of the source. A layer is indexed by its q-grams
 * (a counting sort over their hashes): finding a quote looks at the few places of its rarest q-gram instead of the whole text.
 * Rejected: NFKC (composing needs look-ahead and says nothing more than NFKD about equality), a suffix array (ten times the memory).
 * Limits: sources up to 4 GB - 1; a run of more than MARKS combining marks is left in the order in which it stands. Source: UAX #15. */
#include "base/utf8.h"
#include "base/vec.h"
#include "review/locate_priv.h"

#define MARKS 32

struct out { /* a layer being made */
    enum locate_mode mode;
    struct sb *sb;
    uint32_t *from;
    size_t cap;
    struct arena *a;
    bool no_memory;
    uint32_t marks[MARKS], marks_from[MARKS]; /* combining marks that wait to be ordered */
    size_t n_marks;
};

static void put(struct out *o, uint32_t rune, size_t from)
{
    size_t before = o->sb->n;
    sb_rune(o->sb, rune);
    if (!sb_ok(o->sb)) return;
    if (o->sb->n > o->cap) {
        size_t cap = 2 * o->cap + 64;
        uint32_t *grown = arena_grow(o->a, o->from, o->cap * sizeof *grown, cap * sizeof *grown);
        if (!grown) {
            o->no_memory = true;
            o->sb->failed = true;
            return;
        }
        o->from = grown;
        o->cap = cap;
    }
    for (size_t i = before; i < o->sb->n; i++)
        o->from[i] = (uint32_t)from;
}

static void flush_marks(struct out *o)
{
    for (size_t i = 0; i < o->n_marks; i++)
        put(o, o->marks[i], o->marks_from[i]);
    o->n_marks = 0;
}

/* A code point of the decomposition; marks are put in canonical order (insertion sort by class, stable). */
static void emit(struct out *o, uint32_t rune, size_t from)
{
    unsigned class = utf8_combining_class(rune);
    if (class == 0) {
        flush_marks(o);
        put(o, o->mode == LOCATE_SQUEEZED ? utf8_to_lower(rune) : rune, from);
        return;
    }
    if (o->mode == LOCATE_SQUEEZED) return;
    if (o->n_marks == MARKS) flush_marks(o);
    size_t i = o->n_marks++;
    for (; i > 0 && utf8_combining_class(o->marks[i - 1]) > class; i--) {
        o->marks[i] = o->marks[i - 1];
        o->marks_from[i] = o->marks_from[i - 1];
    }
    o->marks[i] = rune;
    o->marks_from[i] = (uint32_t)from;
}

/* Characters without a look of their own, placeholders of images, and marks of notes. */
static bool is_dropped(uint32_t r)
{
    if (r < 0xAD) return false;
    return r == 0xAD || r == 0xB2 || r == 0xB3 || r == 0xB9 || (r >= 0x200C && r <= 0x200F) ||
           (r >= 0x202A && r <= 0x202E) || r == 0x2020 || r == 0x2021 || (r >= 0x2060 && r <= 0x2069) || r == 0x2070 ||
           (r >= 0x2074 && r <= 0x2079) || (r >= 0xFE00 && r <= 0xFE0F) || r == 0xFFFC;
}

static bool is_dash(uint32_t r)
{
    return r == '-' || (r >= 0x2010 && r <= 0x2015) || r == 0x2043 || r == 0x2212 || r == 0xFE58 || r == 0xFE63 ||
           r == 0xFF0D;
}

/* The plain quotation mark that stands for this one, or 0. */
static uint32_t plain_quote(uint32_t r)
{
    if (r == 0x60 || r == 0xB4 || (r >= 0x2018 && r <= 0x201B) || r == 0x2032 || r == 0x2039 || r == 0x203A ||
        r == 0x02BC || r == 0xFF07)
        return '\'';
    if (r == 0xAB || r == 0xBB || (r >= 0x201C && r <= 0x201F) || r == 0x2033 || r == 0xFF02) return '"';
    return 0;
}

/* The mark of a note as plain text writes it: "[12]" right behind a word or its full stop. Returns where it ends, or at. */
static size_t skip_note_mark(struct str s, size_t at)
{
    if (s.p[at] != '[' || at == 0 || s.p[at - 1] == ' ' || s.p[at - 1] == '\n' || s.p[at - 1] == '\t') return at;
    size_t i = at + 1;
    while (i < s.n && i <= at + 3 && s.p[i] >= '0' && s.p[i] <= '9')
        i++;
    return i > at + 1 && i < s.n && s.p[i] == ']' ? i + 1 : at;
}

static void fold(struct str s, struct out *o)
{
    char last = 0; /* the kind of what was put last, to make runs one: ' ', '-' or 0 */
    for (size_t i = 0; i < s.n && sb_ok(o->sb);) {
        size_t at = i;
        uint32_t r = utf8_next(s, &i);
        if (r == '[' && skip_note_mark(s, at) > at) {
            i = skip_note_mark(s, at);
            continue;
        }
        if (is_dropped(r)) continue;
        char kind = 0;
        if (utf8_is_space(r)) kind = ' ';
        if (is_dash(r)) kind = '-';
        if (kind) {
            if (o->mode != LOCATE_SQUEEZED && last != kind) emit(o, (uint32_t)kind, at);
            last = kind;
            continue;
        }
        last = 0;
        uint32_t parts[UTF8_DECOMPOSE_MAX], quote = plain_quote(r);
        size_t n = 1;
        parts[0] = quote ? quote : r;
        if (!quote && r >= 0x80) n = utf8_decompose(r, parts);
        for (size_t k = 0; k < n; k++)
            if (parts[k] != ' ' || o->mode != LOCATE_SQUEEZED) emit(o, parts[k], at);
    }
    flush_marks(o);
}

static uint32_t gram_hash(const char *p, unsigned bits)
{
    uint64_t v = 0;
    for (size_t i = 0; i < LOCATE_GRAM; i++)
        v = v << 8 | (unsigned char)p[i];
    return (uint32_t)((v * 0x9E3779B97F4A7C15u) >> (64 - bits));
}

/* Two passes: count the q-grams of each hash, then lay their places out one hash behind the other. */
static enum err index_grams(struct locate_layer *layer, struct arena *a, struct error *e)
{
    size_t n = layer->text.n >= LOCATE_GRAM ? layer->text.n - LOCATE_GRAM + 1 : 0;
    unsigned bits = 8;
    while (bits < 20 && ((size_t)1 << bits) < n)
        bits++;
    size_t n_buckets = (size_t)1 << bits;
    uint32_t *bucket = NEW(a, uint32_t, n_buckets + 2), *at = NEW(a, uint32_t, n);
    if (!bucket || !at) return error_no_memory(e);
    /* bucket[h + 2] counts, then bucket[h + 1] is where the next place of h goes; in the end bucket[h + 1] is the end of h */
    for (size_t i = 0; i < n; i++)
        bucket[gram_hash(layer->text.p + i, bits) + 2]++;
    for (size_t h = 2; h < n_buckets + 2; h++)
        bucket[h] += bucket[h - 1];
    for (size_t i = 0; i < n; i++)
        at[bucket[gram_hash(layer->text.p + i, bits) + 1]++] = (uint32_t)i;
    layer->bits = bits;
    layer->bucket = bucket;
    layer->at = at;
    return ERR_OK;
}

static enum err identity(struct str source, struct arena *a, struct locate_layer *ret, struct error *e)
{
    uint32_t *from = NEW(a, uint32_t, source.n);
    if (!from) return error_no_memory(e);
    for (size_t i = 0; i < source.n; i++)
        from[i] = (uint32_t)i;
    *ret = (struct locate_layer){.text = source, .from = from};
    return ERR_OK;
}

enum err locate__layer_make(struct str source, enum locate_mode mode, bool index, struct arena *a,
                            struct locate_layer *ret, struct error *e)
{
    if (source.n >= UINT32_MAX) return error_set(e, ERR_LIMIT, "the text has more than 4 GB");
    struct locate_layer layer = {0};
    if (mode == LOCATE_RAW) {
        TRY(identity(source, a, &layer, e));
    } else {
        CLEANUP_SB struct sb sb = SB_INIT(UINT32_MAX - 1);
        struct out o = {.mode = mode, .sb = &sb, .a = a, .cap = source.n};
        o.from = NEW(a, uint32_t, source.n);
        if (!o.from) return error_no_memory(e);
        fold(source, &o);
        if (o.no_memory) return error_no_memory(e);
        TRY(sb_take(&sb, a, &layer.text, e));
        layer.from = o.from;
    }
    if (index) TRY(index_grams(&layer, a, e));
    *ret = layer;
    return ERR_OK;
}

const uint32_t *locate__layer_gram(const struct locate_layer *layer, const char *p, size_t *ret_n)
{
    uint32_t h = gram_hash(p, layer->bits);
    *ret_n = layer->bucket[h + 1] - layer->bucket[h];
    return layer->at + layer->bucket[h];
}
