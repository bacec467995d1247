/* Words that differ: tokens (words, white space, single other characters), common ends taken off, then the longest common subsequence of what is left.
 * A reader of tracked changes sees words, not letters: a kept space between two changed words would make them two changes, so such islands are joined to their neighbours.
 * Limits: past DIFF_MAX_CELLS the middle is one hunk; the table is then not worth its memory. */
#include "doc/write_diff.h"

#include "base/utf8.h"

#define DIFF_MAX_CELLS (1u << 20)

enum token_kind { TOKEN_WORD, TOKEN_SPACE, TOKEN_OTHER };

struct token {
    size_t start, end;
    enum token_kind kind;
};

struct tokens {
    struct str text;
    VEC(struct token) items;
};

static enum token_kind kind_of(struct str text, size_t at)
{
    size_t next = at;
    uint32_t rune = utf8_next(text, &next);
    if (utf8_is_space(rune)) return TOKEN_SPACE;
    if (utf8_is_letter(rune) || utf8_is_digit(rune) || rune == '_') return TOKEN_WORD;
    return TOKEN_OTHER;
}

/* An apostrophe, point or comma between two letters or digits belongs to the word: don't, 1,234.56. */
static bool joins(struct str text, size_t at, size_t end)
{
    size_t next = at;
    uint32_t rune = utf8_next(text, &next);
    if (rune != '\'' && rune != 0x2019 && rune != '.' && rune != ',') return false;
    return next == end && end < text.n && kind_of(text, end) == TOKEN_WORD;
}

static bool tokens_of(struct arena *a, struct str text, struct tokens *ret)
{
    ret->text = text;
    for (size_t at = 0; at < text.n;) {
        struct token t = {at, utf8_grapheme_ceil(text, at + 1), kind_of(text, at)};
        while (t.kind != TOKEN_OTHER && t.end < text.n) {
            size_t next = utf8_grapheme_ceil(text, t.end + 1);
            if (kind_of(text, t.end) != t.kind && !(t.kind == TOKEN_WORD && joins(text, t.end, next))) break;
            t.end = next;
        }
        struct token *to = VEC_PUSH(a, &ret->items);
        if (!to) return false;
        *to = t;
        at = t.end;
    }
    return true;
}

static bool same(const struct tokens *a, size_t i, const struct tokens *b, size_t j)
{
    const struct token *x = &a->items.at[i];
    const struct token *y = &b->items.at[j];
    return str_eq(str_sub(a->text, x->start, x->end), str_sub(b->text, y->start, y->end));
}

static size_t start_of(const struct tokens *t, size_t i) { return i < t->items.n ? t->items.at[i].start : t->text.n; }

struct pairing {
    struct arena *arena;
    const struct tokens *old_tokens, *new_tokens;
    VEC(struct diff_hunk) hunks; /* in token numbers until the end */
};

static bool add_hunk(struct pairing *p, size_t old_start, size_t old_end, size_t new_start, size_t new_end)
{
    if (old_start == old_end && new_start == new_end) return true;
    struct diff_hunk *h = VEC_PUSH(p->arena, &p->hunks);
    if (!h) return false;
    *h = (struct diff_hunk){old_start, old_end, new_start, new_end};
    return true;
}

/* Longest common subsequence of old [o, oe) and new [n, ne). */
static bool pair_middle(struct pairing *p, size_t o, size_t oe, size_t n, size_t ne)
{
    size_t rows = oe - o, columns = ne - n;
    if (!rows || !columns || rows > DIFF_MAX_CELLS / columns) return add_hunk(p, o, oe, n, ne);
    uint16_t *table = NEW(p->arena, uint16_t, (rows + 1) * (columns + 1));
    if (!table) return false;
    size_t width = columns + 1;
    for (size_t i = rows; i-- > 0;)
        for (size_t j = columns; j-- > 0;) {
            uint16_t down = table[(i + 1) * width + j], right = table[i * width + j + 1];
            uint16_t best = down > right ? down : right;
            if (same(p->old_tokens, o + i, p->new_tokens, n + j)) best = (uint16_t)(table[(i + 1) * width + j + 1] + 1);
            table[i * width + j] = best;
        }
    size_t i = 0, j = 0, from_i = 0, from_j = 0;
    while (i < rows && j < columns) {
        if (same(p->old_tokens, o + i, p->new_tokens, n + j)) {
            if (!add_hunk(p, o + from_i, o + i, n + from_j, n + j)) return false;
            from_i = ++i;
            from_j = ++j;
        } else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) {
            i++;
        } else {
            j++;
        }
    }
    return add_hunk(p, o + from_i, oe, n + from_j, ne);
}

static bool has_word(const struct tokens *t, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (t->items.at[i].kind == TOKEN_WORD) return true;
    return false;
}

/* Objects and page breaks are kept as islands whatever is around them: they cannot be deleted. */
static bool has_object(const struct tokens *t, size_t from, size_t to)
{
    struct str text = str_sub(t->text, start_of(t, from), start_of(t, to));
    return str_find(text, STR("\xEF\xBF\xBC"), 0) != STR_NONE || str_find_char(text, '\f', 0) != STR_NONE;
}

static void join_islands(struct pairing *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->hunks.n; i++) {
        struct diff_hunk h = p->hunks.at[i];
        struct diff_hunk *last = kept ? &p->hunks.at[kept - 1] : NULL;
        if (last && !has_word(p->old_tokens, last->old_end, h.old_start) &&
            !has_object(p->old_tokens, last->old_end, h.old_start)) {
            last->old_end = h.old_end;
            last->new_end = h.new_end;
        } else {
            p->hunks.at[kept++] = h;
        }
    }
    p->hunks.n = kept;
}

enum err write_diff_words(struct arena *a, struct str old_text, struct str new_text, struct diff *ret, struct error *e)
{
    struct tokens old_tokens = {0}, new_tokens = {0};
    if (!tokens_of(a, old_text, &old_tokens) || !tokens_of(a, new_text, &new_tokens)) return error_no_memory(e);
    size_t o = 0, n = 0, oe = old_tokens.items.n, ne = new_tokens.items.n;
    while (o < oe && n < ne && same(&old_tokens, o, &new_tokens, n)) {
        o++;
        n++;
    }
    while (oe > o && ne > n && same(&old_tokens, oe - 1, &new_tokens, ne - 1)) {
        oe--;
        ne--;
    }
    struct pairing p = {.arena = a, .old_tokens = &old_tokens, .new_tokens = &new_tokens};
    if (!pair_middle(&p, o, oe, n, ne)) return error_no_memory(e);
    join_islands(&p);
    for (size_t i = 0; i < p.hunks.n; i++) {
        struct diff_hunk *h = &p.hunks.at[i];
        *h = (struct diff_hunk){start_of(&old_tokens, h->old_start), start_of(&old_tokens, h->old_end),
                                start_of(&new_tokens, h->new_start), start_of(&new_tokens, h->new_end)};
    }
    *ret = (struct diff){p.hunks.at, p.hunks.n};
    return ERR_OK;
}
