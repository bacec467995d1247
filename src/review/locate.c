/* Finds a quote again in a document.
 * All blocks stand in one text, joined by a line feed, or by a NUL where no quote may cross (another story). That text is there in three layers: raw, folded, and squeezed (also without white space,
 * dashes, accents and case). A quote is searched in the first layer that has it; only then, in the squeezed one, by edit distance: q-grams vote for diagonals, the
 * diagonals with most votes are aligned. Squeezing makes hyphenation, lost spaces and capitals no error at all.
 * Guards against wrong places: a quote of less than LONG letters must stand as whole words and is never found with an error or without its spaces;
 * a near place must be clearly better than the next one; equal places are told apart by the preferred block and the words around, or not at all.
 * Rejected: fuzzy search over the whole text per quote (seconds for a thousand quotes), a guess at the best of equals (a comment on the wrong words is worse than none).
 * Limits: PLACES_MAX places of one quote are looked at; near only up to NEAR_BYTES. Source: W3C Web Annotation TextQuoteSelector; Ukkonen 1992 (q-gram lemma). */
#include "review/locate.h"

#include <assert.h>

#include "base/utf8.h"
#include "base/vec.h"
#include "doc/text.h"
#include "review/locate_priv.h"

#define LONG          12  /* code points, squeezed: from here on an error, lost spaces or part of a word are forgiven */
#define ERRORS_MAX    100 /* of an edit distance */
#define NEAR_BYTES    20000 /* longer quotes are found exactly, folded or squeezed only */
#define PLACES_MAX    1000
#define CONTEXT_LEAST 4 /* bytes of agreeing context that count as telling */

enum err locate_index_new(const struct doc *doc, struct arena *a, struct locate_index **ret, struct error *e)
{
    struct locate_index *index = NEW(a, struct locate_index, 1);
    uint32_t *start = NEW(a, uint32_t, (size_t)doc->blocks.n + 1);
    size_t n = 0;
    for (uint32_t i = 0; i < doc->blocks.n; i++)
        n += doc->blocks.at[i].text.n + 1;
    char *raw = NEW(a, char, n);
    if (!index || !start || !raw) return error_no_memory(e);
    if (n >= UINT32_MAX) return error_set(e, ERR_LIMIT, "the document has more than 4 GB of text");
    n = 0;
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        const struct doc_block *b = &doc->blocks.at[i];
        start[i] = (uint32_t)n;
        if (b->text.n) memcpy(raw + n, b->text.p, b->text.n);
        n += b->text.n;
        bool crosses = i + 1 < doc->blocks.n && doc->blocks.at[i + 1].story == b->story;
        raw[n++] = crosses ? '\n' : '\0';
    }
    start[doc->blocks.n] = (uint32_t)n;
    index->doc = doc;
    index->block_start = start;
    for (enum locate_mode mode = LOCATE_RAW; mode < LOCATE_MODES; mode++)
        TRY(locate__layer_make((struct str){raw, n}, mode, true, a, &index->layers[mode], e));
    *ret = index;
    return ERR_OK;
}

struct str locate__raw(const struct locate__search *s) { return s->index->layers[LOCATE_RAW].text; }

/* Part of a word in a script that sets words apart. */
static bool is_word(uint32_t r)
{
    if (r < 0x80) return r == '_' || utf8_is_letter(r) || utf8_is_digit(r);
    bool no_spaces = (r >= 0xE00 && r <= 0xEFF) || (r >= 0x1000 && r <= 0x109F) || (r >= 0x1780 && r <= 0x17FF) ||
                     (r >= 0x2E80 && r <= 0xD7FF) || (r >= 0xF900 && r <= 0xFAFF) || r >= 0x20000;
    return !no_spaces && (utf8_is_letter(r) || utf8_is_digit(r) || utf8_combining_class(r) > 0);
}

/* No word is cut at this byte of the text. */
bool locate__is_border(struct str text, size_t at)
{
    if (at == 0 || at >= text.n) return true;
    size_t before = at, after = at;
    return !is_word(utf8_prev(text, &before)) || !is_word(utf8_next(text, &after));
}

static uint32_t block_of(const struct locate_index *index, size_t at)
{
    uint32_t low = 0, high = index->doc->blocks.n;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (index->block_start[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The stretch of the raw text under bytes [start, end) of a layer; false when it would cut a character of the source. */
bool locate__raw_range(const struct locate_index *index, enum locate_mode mode, size_t start, size_t end,
                       size_t *ret_start, size_t *ret_end)
{
    const struct locate_layer *layer = &index->layers[mode];
    if (start >= end) return false;
    size_t last = layer->from[end - 1];
    if (mode != LOCATE_RAW) {
        if (start > 0 && layer->from[start - 1] == layer->from[start]) return false;
        if (end < layer->text.n && layer->from[end] == last) return false;
    }
    size_t after = last;
    (void)utf8_next(index->layers[LOCATE_RAW].text, &after);
    *ret_start = layer->from[start];
    *ret_end = after;
    return true;
}

enum err locate__place_add(struct locate__search *s, struct locate__places *places, size_t start, size_t end,
                           size_t distance, struct error *e)
{
    if (start < s->scope_start || end > s->scope_end) return ERR_OK;
    bool whole = (!s->word_first || locate__is_border(locate__raw(s), start)) &&
                 (!s->word_last || locate__is_border(locate__raw(s), end));
    if (!whole && !s->is_long) return ERR_OK;
    struct locate__place *p = VEC_PUSH(s->scratch, places);
    if (!p) return error_no_memory(e);
    *p = (struct locate__place){start, end, distance, whole};
    return ERR_OK;
}

/* The offset in the needle of the q-gram that stands in the fewest places. */
static size_t rarest_gram(const struct locate_layer *layer, struct str needle)
{
    size_t best = 0, least = SIZE_MAX, step = needle.n / 64 + 1;
    for (size_t i = 0; i + LOCATE_GRAM <= needle.n; i += step) {
        size_t n = 0;
        (void)locate__layer_gram(layer, needle.p + i, &n);
        if (n >= least) continue;
        least = n;
        best = i;
    }
    return best;
}

/* Every place where the needle stands in the layer, byte for byte. */
static enum err find_same(struct locate__search *s, enum locate_mode mode, struct str needle,
                          struct locate__places *places, struct error *e)
{
    const struct locate_layer *layer = &s->index->layers[mode];
    size_t start = 0, end = 0;
    if (needle.n < LOCATE_GRAM) {
        for (size_t at = 0; places->n < PLACES_MAX && (at = str_find(layer->text, needle, at)) != STR_NONE; at++)
            if (locate__raw_range(s->index, mode, at, at + needle.n, &start, &end))
                TRY(locate__place_add(s, places, start, end, 0, e));
        return ERR_OK;
    }
    size_t offset = rarest_gram(layer, needle), n = 0;
    const uint32_t *at = locate__layer_gram(layer, needle.p + offset, &n);
    for (size_t i = 0; i < n && places->n < PLACES_MAX; i++) {
        if (at[i] < offset || layer->text.n - (at[i] - offset) < needle.n) continue;
        size_t from = at[i] - offset;
        if (memcmp(layer->text.p + from, needle.p, needle.n) != 0) continue;
        if (locate__raw_range(s->index, mode, from, from + needle.n, &start, &end))
            TRY(locate__place_add(s, places, start, end, 0, e));
    }
    return ERR_OK;
}

/* The first byte of the squeezed layer that comes from the raw byte or later. */
static size_t squeezed_at(const struct locate_index *index, size_t raw)
{
    const struct locate_layer *layer = &index->layers[LOCATE_SQUEEZED];
    size_t low = 0, high = layer->text.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (layer->from[middle] < raw)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How many bytes of the (squeezed) context agree with the text before and behind the place. */
static size_t context_score(const struct locate__search *s, const struct locate__place *p, struct str before,
                            struct str after)
{
    struct str text = s->index->layers[LOCATE_SQUEEZED].text;
    size_t start = squeezed_at(s->index, p->start), end = squeezed_at(s->index, p->end), score = 0;
    for (size_t i = 0; i < before.n && i < start && text.p[start - 1 - i] == before.p[before.n - 1 - i]; i++)
        score++;
    for (size_t i = 0; i < after.n && end + i < text.n && text.p[end + i] == after.p[i]; i++)
        score++;
    return score;
}

static enum err squeezed(const struct locate__search *s, struct str text, struct str *ret, struct error *e)
{
    struct locate_layer layer = {0};
    TRY(locate__layer_make(text, LOCATE_SQUEEZED, false, s->scratch, &layer, e));
    *ret = layer.text;
    return ERR_OK;
}

/* Keeps the places that pass, if any does. */
static void keep(struct locate__places *places,
                 bool (*passes)(const struct locate__search *s, const struct locate__place *p),
                 const struct locate__search *s)
{
    size_t n = 0;
    for (size_t i = 0; i < places->n; i++)
        n += passes(s, &places->at[i]);
    if (n == 0 || n == places->n) return;
    n = 0;
    for (size_t i = 0; i < places->n; i++)
        if (passes(s, &places->at[i])) places->at[n++] = places->at[i];
    places->n = n;
}

static bool is_whole(const struct locate__search *s, const struct locate__place *p)
{
    (void)s;
    return p->whole;
}

static bool in_block(const struct locate__search *s, const struct locate__place *p)
{
    return s->q->block < s->index->doc->blocks.n && block_of(s->index, p->start) == s->q->block;
}

static void give(const struct locate__search *s, const struct locate__place *p, enum locate_how how, double similarity,
                 struct locate_result *ret)
{
    const struct locate_index *index = s->index;
    uint32_t first = block_of(index, p->start), last = block_of(index, p->end - 1);
    struct doc_anchor head =
        doc_anchor_make(index->doc, first, p->start - index->block_start[first],
                        first == last ? p->end - index->block_start[first] : index->doc->blocks.at[first].text.n);
    struct doc_anchor tail =
        first == last ? head : doc_anchor_make(index->doc, last, 0, p->end - index->block_start[last]);
    *ret = (struct locate_result){.how = how, .anchor = {head.start, tail.end}, .similarity = similarity, .places = 1};
}

/* Chooses among equally good places, or says that it cannot. */
static enum err choose(struct locate__search *s, struct locate__places *places, enum locate_how how, double similarity,
                       struct locate_result *ret, struct error *e)
{
    assert(places->n > 0);
    size_t found = places->n;
    keep(places, is_whole, s);
    keep(places, in_block, s);
    if (places->n == 1) {
        give(s, &places->at[0], how, similarity, ret);
        return ERR_OK;
    }
    struct str before = STR_EMPTY, after = STR_EMPTY;
    TRY(squeezed(s, s->q->before, &before, e));
    TRY(squeezed(s, s->q->after, &after, e));
    size_t best = 0, best_score = 0, second_score = 0;
    for (size_t i = 0; i < places->n; i++) {
        size_t score = context_score(s, &places->at[i], before, after);
        if (score > best_score) {
            second_score = best_score;
            best_score = score;
            best = i;
        } else if (score > second_score) {
            second_score = score;
        }
    }
    if (best_score >= CONTEXT_LEAST && best_score > second_score)
        give(s, &places->at[best], how, similarity, ret);
    else
        *ret = (struct locate_result){.how = LOCATE_AMBIGUOUS, .places = found};
    return ERR_OK;
}

static size_t count_runes(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; n++)
        (void)utf8_next(s, &i);
    return n;
}

/* Errors that a quote of so many code points may have: none below LONG, then one, then an eighth. */
static size_t errors_allowed(size_t runes)
{
    if (runes < LONG) return 0;
    size_t errors = runes < 16 ? 1 : runes / 8;
    return errors < ERRORS_MAX ? errors : ERRORS_MAX;
}

static enum err locate_near(struct locate__search *s, struct str needle, struct locate_result *ret, struct error *e)
{
    size_t runes = count_runes(needle), errors = errors_allowed(runes), best = SIZE_MAX;
    if (errors == 0 || needle.n > NEAR_BYTES || needle.n < LOCATE_GRAM) return ERR_OK;
    struct locate__places places = {0};
    bool cut = false;
    TRY(locate__find_near(s, needle, errors, &places, &cut, e));
    for (size_t i = 0; i < places.n; i++)
        if (places.at[i].distance < best) best = places.at[i].distance;
    if (best == SIZE_MAX) return ERR_OK;
    size_t n = 0;
    for (size_t i = 0; i < places.n; i++)
        if (places.at[i].distance <= best + best / 4) places.at[n++] = places.at[i];
    places.n = n;
    if (cut) {
        *ret = (struct locate_result){.how = LOCATE_AMBIGUOUS, .places = n + 1};
        return ERR_OK;
    }
    double similarity = best >= runes ? 0 : 1 - (double)best / (double)runes;
    return choose(s, &places, LOCATE_NEAR, similarity, ret, e);
}

/* --- the whole --- */

static struct str trim(struct str s)
{
    size_t start = 0, end = s.n;
    for (size_t next = 0; start < s.n; start = next)
        if (!utf8_is_space(utf8_next(s, &next))) break;
    for (size_t before = end; end > start; end = before)
        if (!utf8_is_space(utf8_prev(s, &before))) break;
    return str_sub(s, start, end);
}

/* The same bytes in one layer; places outside the preferred block are left out when only_block. */
static enum err locate_same(struct locate__search *s, enum locate_mode mode, bool only_block, struct locate_result *ret,
                            struct error *e)
{
    struct locate_layer layer = {0};
    TRY(locate__layer_make(s->quote, mode, false, s->scratch, &layer, e));
    struct str needle = trim(layer.text);
    if (needle.n == 0) return ERR_OK;
    struct locate__search in = *s;
    if (only_block) {
        in.scope_start =
            s->index->block_start[s->q->block] > s->scope_start ? s->index->block_start[s->q->block] : s->scope_start;
        if (s->index->block_start[s->q->block + 1] < s->scope_end)
            in.scope_end = s->index->block_start[s->q->block + 1];
    }
    struct locate__places places = {0};
    TRY(find_same(&in, mode, needle, &places, e));
    if (places.n == 0) return ERR_OK;
    return choose(&in, &places, mode == LOCATE_RAW ? LOCATE_EXACT : LOCATE_FOLDED, 1, ret, e);
}

static enum err search_init(struct locate__search *s, struct str *ret_squeezed, struct error *e)
{
    const struct doc *doc = s->index->doc;
    uint32_t end = s->q->end_block < doc->blocks.n ? s->q->end_block : doc->blocks.n;
    uint32_t first = s->q->first_block < end ? s->q->first_block : end;
    if (s->q->first_block == 0 && s->q->end_block == 0) end = doc->blocks.n;
    s->scope_start = s->index->block_start[first];
    s->scope_end = s->index->block_start[end];
    size_t at = 0, last = s->quote.n;
    s->word_first = is_word(utf8_next(s->quote, &at));
    s->word_last = is_word(utf8_prev(s->quote, &last));
    TRY(squeezed(s, s->quote, ret_squeezed, e));
    s->is_long = count_runes(*ret_squeezed) >= LONG;
    return ERR_OK;
}

enum err locate_quote(const struct locate_index *index, const struct locate_query *q, struct arena *scratch,
                      struct locate_result *ret, struct error *e)
{
    struct locate__search s = {.index = index, .q = q, .quote = trim(q->quote), .scratch = scratch};
    struct locate_result result = {.how = LOCATE_NOT_FOUND};
    if (s.quote.n > 0 && utf8_valid(s.quote) && str_find_char(s.quote, '\0', 0) == STR_NONE) {
        struct str needle = STR_EMPTY;
        TRY(search_init(&s, &needle, e));
        bool prefers = q->block < index->doc->blocks.n;
        for (int pass = prefers ? 0 : 1; pass < 2; pass++)
            for (enum locate_mode mode = LOCATE_RAW; mode < LOCATE_MODES && result.how == LOCATE_NOT_FOUND; mode++)
                if (mode != LOCATE_SQUEEZED || s.is_long) TRY(locate_same(&s, mode, pass == 0, &result, e));
        if (result.how == LOCATE_NOT_FOUND) TRY(locate_near(&s, needle, &result, e));
    }
    *ret = result;
    return ERR_OK;
}
