/* Citations in the text of a model.
 * Only the beginning of what may become one is held back, so text goes on at once; the longest that is held is bounded, and then is text.
 * A quote is looked for with locate_quote, which prefers the block that was named; where it stands elsewhere, there it is. A quote that stands several times
 * in its block marks the block. Words that are nowhere are written as words, with a remark: a reader must not take them for the document's.
 * Rejected: footnotes at the end of the answer (they come when the reading is over), links of markdown (a model invents their targets).
 * Limits: chat_cite.h. */
#include "review/chat_cite.h"

#include "base/utf8.h"
#include "doc/text.h"

#define NOT_THERE " (these words are not in the document)"

void chat_cite_init(struct chat_cite *c, const struct doc *doc, const struct locate_index *index, struct arena *a)
{
    *c = (struct chat_cite){.doc = doc, .index = index, .a = a};
}

void chat_cite_back(struct chat_cite *c, size_t n)
{
    c->n_held = 0;
    if (c->found.n > n) c->found.n = n;
}

/* --- finding --- */

/* The end of a stretch of at most CHAT_CITED_MAX bytes, not in the middle of a word where there is a space. */
static size_t cut(struct str text, size_t start, size_t end)
{
    if (end - start <= CHAT_CITED_MAX) return end;
    size_t at = start + CHAT_CITED_MAX;
    for (size_t back = at; back > start + CHAT_CITED_MAX / 2; back--) {
        if (text.p[back] == ' ') return back;
    }
    return utf8_floor(text, at);
}

/* One stretch of one block: what of the anchor stands in its first. */
static bool as_cited(const struct doc *doc, struct doc_anchor at, struct chat_cited *ret)
{
    const struct doc_block *block = &doc->blocks.at[at.start.block];
    size_t start = at.start.offset, end = at.end.block == at.start.block ? at.end.offset : block->text.n;
    if (start >= end) return false;
    end = cut(block->text, start, end);
    *ret = (struct chat_cited){.block = at.start.block,
                               .start = (uint32_t)doc_offset_to_utf16(block, start),
                               .end = (uint32_t)doc_offset_to_utf16(block, end),
                               .quote = str_sub(block->text, start, end)};
    return true;
}

static bool cite_block(const struct doc *doc, uint32_t block, struct chat_cited *ret)
{
    return block < doc->blocks.n && !doc_block_is_blank(&doc->blocks.at[block]) &&
           as_cited(doc, doc_anchor_block(doc, block), ret);
}

static bool is_quote_mark(uint32_t r)
{
    return r == '"' || r == '\'' || r == 0xAB || r == 0xBB || (r >= 0x2018 && r <= 0x201F);
}

/* Without the quotation marks that a model likes to put around what it quotes. */
static struct str unquoted(struct str s)
{
    size_t first = 0, last = s.n;
    if (s.n == 0 || !is_quote_mark(utf8_next(s, &first)) || first >= s.n) return s;
    if (!is_quote_mark(utf8_prev(s, &last)) || last <= first) return s;
    return str_trim(str_sub(s, first, last));
}

static enum err look(const struct doc *doc, const struct locate_index *index, uint32_t block, struct str quote,
                     struct arena *a, bool *ret_found, struct chat_cited *ret, struct error *e)
{
    struct locate_result at;
    struct locate_query q = {.quote = quote, .block = block < doc->blocks.n ? block : DOC_NONE};
    *ret_found = false;
    TRY(locate_quote(index, &q, a, &at, e));
    if (at.how == LOCATE_NOT_FOUND) return ERR_OK;
    if (at.how != LOCATE_AMBIGUOUS) {
        *ret_found = as_cited(doc, at.anchor, ret);
        return ERR_OK;
    }
    if (q.block == DOC_NONE) return ERR_OK; /* in several places, and none was named */
    q.first_block = block;
    q.end_block = block + 1;
    TRY(locate_quote(index, &q, a, &at, e));
    if (at.how != LOCATE_NOT_FOUND) *ret_found = cite_block(doc, block, ret);
    return ERR_OK;
}

enum err chat_cite_find(const struct doc *doc, const struct locate_index *index, uint32_t block, struct str quote,
                        struct arena *a, bool *ret_found, struct chat_cited *ret, struct error *e)
{
    quote = str_trim(quote);
    if (quote.n == 0) {
        *ret_found = cite_block(doc, block, ret);
        return ERR_OK;
    }
    TRY(look(doc, index, block, quote, a, ret_found, ret, e));
    struct str bare = unquoted(quote);
    if (!*ret_found && bare.n > 0 && bare.n < quote.n) TRY(look(doc, index, block, bare, a, ret_found, ret, e));
    return ERR_OK;
}

/* --- reading --- */

enum found { NO_CITATION, MORE_NEEDED, CITATION };

struct read {
    uint32_t block;
    struct str quote;
    size_t end; /* behind it */
};

static size_t skip_spaces(struct str s, size_t at)
{
    while (at < s.n && s.p[at] == ' ')
        at++;
    return at;
}

/* s.p[from] is '['. Looks no further than CHAT_CITE_HELD_MAX bytes, whatever there is, so that the cut of the text plays no part. */
static enum found scan(struct str text, size_t from, struct read *ret)
{
    struct str s = str_sub(text, 0, from + CHAT_CITE_HELD_MAX);
    size_t at = from + 1;
    *ret = (struct read){.block = 0};
    if (at == s.n) return MORE_NEEDED;
    if (s.p[at] != '[') return NO_CITATION;
    size_t digits = at = skip_spaces(s, at + 1);
    for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++)
        ret->block = ret->block < DOC_NONE / 10 - 1 ? ret->block * 10 + (uint32_t)(s.p[at] - '0') : DOC_NONE;
    if (at < s.n && at == digits) return NO_CITATION;
    at = skip_spaces(s, at);
    if (at == s.n) return MORE_NEEDED;
    if (s.p[at] != '|' && s.p[at] != ']') return NO_CITATION;
    size_t close = str_find(s, STR("]]"), at);
    if (close == STR_NONE) return s.p[at] == ']' && at + 1 < s.n ? NO_CITATION : MORE_NEEDED;
    if (s.p[at] == ']' && close != at) return NO_CITATION;
    if (s.p[at] == '|') ret->quote = str_sub(s, at + 1, close);
    ret->end = close + 2;
    return CITATION;
}

/* --- writing --- */

/* Plain text that cannot be taken for a citation, whatever is put around it. */
static void put_plain(struct sb *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        sb_char(out, s.p[i]);
        if (s.p[i] == '[') sb_char(out, ' ');
    }
}

static void put_missing(struct sb *out, const struct read *r)
{
    struct str words = unquoted(str_trim(r->quote));
    if (words.n == 0) {
        sb_printf(out, "(the document has no block %u to read)", r->block);
        return;
    }
    sb_char(out, '"');
    put_plain(out, words);
    SB_LIT(out, "\"" NOT_THERE);
}

static enum err put(struct chat_cite *c, const struct read *r, struct sb *out, struct error *e)
{
    bool found = false;
    struct chat_cited at = {0};
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    if (!scratch) return error_no_memory(e);
    TRY(chat_cite_find(c->doc, c->index, r->block, r->quote, scratch, &found, &at, e));
    if (!found) {
        put_missing(out, r);
        return ERR_OK;
    }
    size_t n = 0;
    while (n < c->found.n &&
           (c->found.at[n].block != at.block || c->found.at[n].start != at.start || c->found.at[n].end != at.end))
        n++;
    if (n == CHAT_CITATIONS_MAX) { /* too many to mark: the words alone */
        sb_char(out, '"');
        put_plain(out, at.quote);
        sb_char(out, '"');
        return ERR_OK;
    }
    if (n == c->found.n) {
        struct chat_cited *kept = VEC_PUSH(c->a, &c->found);
        if (!kept) return error_no_memory(e);
        *kept = at;
    }
    sb_printf(out, "[[%zu]]", n + 1);
    return ERR_OK;
}

/* Writes what is decided of s; *ret is where the rest begins. */
static enum err settle(struct chat_cite *c, struct str s, bool last, struct sb *out, size_t *ret, struct error *e)
{
    size_t at = 0;
    while (at < s.n) {
        struct read r;
        size_t open = str_find_char(s, '[', at);
        if (open == STR_NONE) open = s.n;
        sb_str(out, str_sub(s, at, open));
        at = open;
        if (at == s.n) break;
        enum found found = scan(s, at, &r);
        if (found == MORE_NEEDED && !last && s.n - at < CHAT_CITE_HELD_MAX) break;
        if (found == CITATION) {
            TRY(put(c, &r, out, e));
            at = r.end;
        } else {
            sb_char(out, '[');
            at++;
        }
    }
    *ret = at;
    return sb_ok(out) ? ERR_OK : error_no_memory(e);
}

enum err chat_cite_feed(struct chat_cite *c, struct str text, struct sb *out, struct error *e)
{
    size_t rest = 0;
    CLEANUP_SB struct sb whole = SB_INIT(SIZE_MAX);
    struct str s = text;
    if (c->n_held > 0) {
        sb_str(&whole, (struct str){c->held, c->n_held});
        sb_str(&whole, text);
        if (!sb_ok(&whole)) return error_no_memory(e);
        s = sb_view(&whole);
    }
    TRY(settle(c, s, false, out, &rest, e));
    c->n_held = s.n - rest;
    if (c->n_held > 0) memcpy(c->held, s.p + rest, c->n_held);
    return ERR_OK;
}

enum err chat_cite_end(struct chat_cite *c, struct sb *out, struct error *e)
{
    size_t rest = 0;
    struct str s = {c->held, c->n_held};
    TRY(settle(c, s, true, out, &rest, e));
    c->n_held = 0;
    return ERR_OK;
}
