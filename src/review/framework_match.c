/* What a document and a framework have to do with each other: which points a rule speaks to, how far the document touches each point, and which of the built-in
 * frameworks fits it. Words are found in case-folded text as whole words, so "log" is not in "catalogue".
 * Limits: a word of a framework is looked for inside one block, never across. */
#include "base/sb.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "review/framework_priv.h"

/* The ASCII characters from *at on: *space says whether white space came before. Nearly all text is that, and a document is folded more than once. */
static void fold_ascii(struct sb *b, struct str s, size_t *at, bool *space)
{
    char folded[256];
    size_t n = 0;
    for (; *at < s.n && (unsigned char)s.p[*at] < 0x80 && n + 2 <= sizeof folded; ++*at) {
        char c = s.p[*at];
        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            *space = b->n + n > 0;
            continue;
        }
        if (*space) folded[n++] = ' ';
        *space = false;
        folded[n++] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    sb_str(b, (struct str){folded, n});
}

struct str framework__fold(struct arena *a, struct str s)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    bool space = false;
    for (size_t i = 0; i < s.n;) {
        if ((unsigned char)s.p[i] < 0x80) {
            fold_ascii(&b, s, &i, &space);
            continue;
        }
        uint32_t r = utf8_next(s, &i);
        if (r == 0xAD) continue;
        if (utf8_is_space(r)) {
            space = b.n > 0;
            continue;
        }
        if (space) sb_char(&b, ' ');
        space = false;
        if (r >= 0x2018 && r <= 0x201B) r = '\'';
        if (r >= 0x2010 && r <= 0x2015) r = '-';
        sb_rune(&b, utf8_to_lower(r));
    }
    struct str folded = STR_EMPTY;
    return sb_take(&b, a, &folded, NULL) == ERR_OK ? folded : STR_EMPTY;
}

static bool is_word_rune(uint32_t r)
{
    if (r < 0x80) return (r | 0x20) - 'a' < 26u || r - '0' < 10u || r == '_';
    return utf8_is_letter(r) || utf8_is_digit(r);
}

static bool at_border(struct str text, size_t at)
{
    if (at == 0 || at >= text.n) return true;
    unsigned char left = (unsigned char)text.p[at - 1], right = (unsigned char)text.p[at];
    if (left < 0x80 && right < 0x80) return !is_word_rune(left) || !is_word_rune(right);
    size_t before = at, after = at;
    return !is_word_rune(utf8_prev(text, &before)) || !is_word_rune(utf8_next(text, &after));
}

bool framework__has_word(struct str folded_text, struct str folded_word)
{
    bool any_end = str_ends(folded_word, STR("*"));
    struct str word = any_end ? str_sub(folded_word, 0, folded_word.n - 1) : folded_word;
    if (word.n == 0) return false;
    for (size_t at = 0; (at = str_find(folded_text, word, at)) != STR_NONE; at++)
        if (at_border(folded_text, at) && (any_end || at_border(folded_text, at + word.n))) return true;
    return false;
}

static bool glob_takes(struct str glob, struct str rule_id)
{
    if (!str_ends(glob, STR(".*"))) return str_eq(glob, rule_id);
    return str_starts(rule_id, str_sub(glob, 0, glob.n - 1));
}

enum err framework_points_of_rule(const struct framework *f, struct str rule_id, struct arena *a, const uint32_t **ret,
                                  size_t *ret_n, struct error *e)
{
    VEC(uint32_t) points = {0};
    for (size_t i = 0; i < f->n_points; i++) {
        bool takes = false;
        for (size_t k = 0; k < f->points[i].n_rules && !takes; k++)
            takes = glob_takes(f->points[i].rules[k], rule_id);
        if (!takes) continue;
        uint32_t *point = VEC_PUSH(a, &points);
        if (!point) return error_no_memory(e);
        *point = (uint32_t)i;
    }
    *ret = points.at;
    *ret_n = points.n;
    return ERR_OK;
}

/* Many words looked for at once: chained by their first byte, so that a text is walked once, from word to word. */
struct lookup {
    struct str *words; /* folded, without the star */
    bool *any_end;     /* there was a star */
    uint32_t *owner;   /* what the caller gave with the word */
    uint32_t *next;    /* the next word with the same first byte */
    uint32_t first[256];
    size_t n, cap;
};

static enum err lookup_make(struct arena *a, size_t words, struct lookup *ret, struct error *e)
{
    *ret = (struct lookup){.cap = words};
    for (size_t i = 0; i < 256; i++)
        ret->first[i] = DOC_NONE;
    ret->words = NEW(a, struct str, words);
    ret->any_end = NEW(a, bool, words);
    ret->owner = NEW(a, uint32_t, words);
    ret->next = NEW(a, uint32_t, words);
    return ret->words && ret->any_end && ret->owner && ret->next ? ERR_OK : error_no_memory(e);
}

static enum err lookup_add(struct arena *a, struct lookup *l, struct str word, uint32_t owner, struct error *e)
{
    struct str folded = framework__fold(a, word);
    if (!folded.p) return error_no_memory(e);
    bool any_end = str_ends(folded, STR("*"));
    if (any_end) folded.n--;
    if (folded.n == 0) return ERR_OK;
    unsigned char byte = (unsigned char)folded.p[0];
    l->words[l->n] = folded;
    l->any_end[l->n] = any_end;
    l->owner[l->n] = owner;
    l->next[l->n] = l->first[byte];
    l->first[byte] = (uint32_t)l->n++;
    return ERR_OK;
}

/* Sets found[owner] = stamp for every word that stands in the folded text. */
static void lookup_scan(const struct lookup *l, struct str text, uint32_t *found, uint32_t stamp)
{
    for (size_t at = 0; at < text.n; at++) {
        uint32_t w = l->first[(unsigned char)text.p[at]];
        if (w == DOC_NONE || !at_border(text, at)) continue;
        for (; w != DOC_NONE; w = l->next[w]) {
            struct str word = l->words[w];
            if (found[l->owner[w]] == stamp || text.n - at < word.n || memcmp(text.p + at, word.p, word.n) != 0)
                continue;
            if (l->any_end[w] || at_border(text, at + word.n)) found[l->owner[w]] = stamp;
        }
    }
}

static bool is_read(const struct doc *doc, uint32_t block)
{
    const struct doc_block *b = &doc->blocks.at[block];
    if (b->is_toc || b->text.n == 0) return false;
    return b->section >= doc->sections.n || doc->sections.at[b->section].reviewed;
}

enum err framework_touches(const struct framework *f, const struct doc *doc, struct arena *a,
                           const struct framework_touch **ret, struct error *e)
{
    struct framework_touch *touches = NEW(a, struct framework_touch, f->n_points);
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    uint32_t *found = scratch ? NEW(scratch, uint32_t, f->n_points) : NULL;
    if (!touches || !found) return error_no_memory(e);
    struct lookup lookup;
    size_t words = 0;
    for (size_t i = 0; i < f->n_points; i++)
        words += f->points[i].n_words;
    TRY(lookup_make(scratch, words, &lookup, e));
    for (uint32_t i = 0; i < f->n_points; i++) {
        touches[i].first_block = DOC_NONE;
        for (size_t k = 0; k < f->points[i].n_words; k++)
            TRY(lookup_add(scratch, &lookup, f->points[i].words[k], i, e));
    }
    for (uint32_t b = 0; b < doc->blocks.n; b++) {
        if (!is_read(doc, b)) continue;
        struct str text = framework__fold(scratch, doc->blocks.at[b].text);
        if (!text.p) return error_no_memory(e);
        lookup_scan(&lookup, text, found, b + 1);
        for (size_t i = 0; i < f->n_points; i++)
            if (found[i] == b + 1 && touches[i].mentions++ == 0) touches[i].first_block = b;
    }
    *ret = touches;
    return ERR_OK;
}

/* How many different recognising words of the framework stand in the document, and which, as a list; stops when there are enough. */
static enum err recognised(const struct framework *f, const struct doc *doc, struct sb *list, size_t *ret,
                           struct error *e)
{
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    uint32_t *found = scratch ? NEW(scratch, uint32_t, f->n_recognise) : NULL;
    bool *seen = scratch ? NEW(scratch, bool, f->n_recognise) : NULL;
    if (!found || !seen) return error_no_memory(e);
    struct lookup lookup;
    TRY(lookup_make(scratch, f->n_recognise, &lookup, e));
    for (uint32_t i = 0; i < f->n_recognise; i++)
        TRY(lookup_add(scratch, &lookup, f->recognise[i], i, e));
    size_t n = 0, enough = (size_t)f->recognise_at_least;
    for (uint32_t b = 0; b < doc->blocks.n && n < enough; b++) {
        if (!is_read(doc, b)) continue;
        struct str text = framework__fold(scratch, doc->blocks.at[b].text);
        if (!text.p) return error_no_memory(e);
        lookup_scan(&lookup, text, found, b + 1);
        for (size_t i = 0; i < f->n_recognise && n < enough; i++) {
            if (seen[i] || found[i] != b + 1) continue;
            seen[i] = true;
            struct str word = f->recognise[i];
            bool any_end = str_ends(word, STR("*"));
            if (n > 0) sb_c(list, n + 1 == enough ? " and " : ", ");
            sb_printf(list, "\"%.*s%s\"", STR_ARG(str_sub(word, 0, word.n - (any_end ? 1 : 0))), any_end ? "…" : "");
            n++;
        }
    }
    *ret = n;
    return ERR_OK;
}

enum err framework_choose(struct arena *a, const struct doc *doc, struct framework **ret, struct str *ret_why,
                          struct error *e)
{
    struct framework *general = NULL;
    for (size_t i = 0; i < framework_builtin_count(); i++) {
        struct framework *f = NULL;
        size_t n = 0;
        TRY(framework_load(a, framework_builtin_name(i), &f, e));
        if (f->n_recognise == 0) {
            general = f;
            continue;
        }
        CLEANUP_SB struct sb list = SB_INIT(SIZE_MAX);
        TRY(recognised(f, doc, &list, &n, e));
        if (list.failed) return error_no_memory(e);
        if (n < (size_t)f->recognise_at_least) continue;
        struct str why = str_printf(a, "chosen because the document speaks of %.*s", STR_ARG(sb_view(&list)));
        if (!why.p) return error_no_memory(e);
        *ret = f;
        *ret_why = why;
        return ERR_OK;
    }
    if (!general) return error_set(e, ERR_INTERNAL, "no framework for any document is built in");
    struct str why =
        str_dup(a, STR("chosen because the document does not look like one that a special framework is for"));
    if (!why.p) return error_no_memory(e);
    *ret = general;
    *ret_why = why;
    return ERR_OK;
}
