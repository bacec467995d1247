/* Makes a framework of a team's own guidelines. A requirement is a sentence with must, shall, should or "is required to" (and their kin), or an item of a list that such a sentence introduces ("A report must:").
 * The requirements under one heading become one point that has the heading's name; where there is no heading each requirement is a point of its own. The words of a point are its own longer words,
 * those first that few other points use.
 * Rejected: a point a sentence throughout (a page of guidelines became sixty points that nobody could cite). Limits: POINTS_MAX, WORDS_MAX, ASKS_MAX below; English. */
#include "review/guidelines.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "doc/text.h"
#include "review/framework_priv.h"

#define POINTS_MAX    500
#define QUESTIONS_MAX 50
#define WORDS_MAX     12
#define WORD_LETTERS  5 /* shorter words point nowhere */
#define ASKS_MAX      2000
#define NAME_BYTES    80

struct draft { /* a point being made */
    struct str name;
    VEC(struct str) sentences;
};
struct drafts {
    struct draft *at;
    size_t n, cap;
};

struct maker {
    struct arena *a;
    const struct doc *doc;
    struct drafts drafts;
    uint32_t section; /* of the last draft */
    bool in_list;     /* the sentence before said "must:" */
};

static const char *const modals[] = {
    "must",          "shall",   "should",         "is required to",  "are required to", "is to be",
    "are to be",     "has to",  "have to",        "needs to",        "need to",         "is mandatory",
    "are mandatory", "may not", "is not allowed", "are not allowed",
};

static const char *const common[] = {
    "about",     "above",   "after",    "again",    "against", "always",   "among",     "another",   "because",
    "before",    "being",   "below",    "between",  "could",   "document", "documents", "during",    "every",
    "following", "include", "included", "includes", "might",   "never",    "other",     "report",    "reports",
    "required",  "section", "sections", "shall",    "should",  "since",    "their",     "there",     "these",
    "those",     "through", "under",    "until",    "where",   "whether",  "which",     "while",     "whose",
    "within",    "without", "would",    "author",   "authors", "reviewer", "reviewers", "guideline", "guidelines",
    "state",     "states",  "stated",   "given",    "needs",   "where",    "first",     "least",
};

static bool is_requirement(struct str folded)
{
    for (size_t i = 0; i < sizeof modals / sizeof *modals; i++)
        if (framework__has_word(folded, str_from_c(modals[i]))) return true;
    return false;
}

/* The end of the sentence that starts at from: behind its stop, where white space and no lower-case letter follow. */
static size_t sentence_end(struct str s, size_t from)
{
    for (size_t i = from; i < s.n; i++) {
        if (s.p[i] == '\n') return i;
        if (s.p[i] != '.' && s.p[i] != '!' && s.p[i] != '?') continue;
        size_t next = i + 1;
        while (next < s.n && (s.p[next] == '"' || s.p[next] == ')' || s.p[next] == '\''))
            next++;
        if (next >= s.n) return s.n;
        size_t after = next;
        while (after < s.n && s.p[after] == ' ')
            after++;
        if (after == next) continue;
        size_t peek = after;
        if (after < s.n && utf8_is_lower(utf8_next(s, &peek))) continue;
        bool short_word = i >= 2 && s.p[i - 2] == '.'; /* "e.g. A", "i.e. B" */
        if (!short_word) return next;
    }
    return s.n;
}

static enum err draft_for(struct maker *m, uint32_t section, struct str sentence, struct draft **ret, struct error *e)
{
    bool titled = section < m->doc->sections.n && m->doc->sections.at[section].title.n > 0;
    if (titled && m->drafts.n > 0 && m->section == section) {
        *ret = &m->drafts.at[m->drafts.n - 1];
        return ERR_OK;
    }
    if (m->drafts.n == POINTS_MAX)
        return error_set_reason(e, ERR_LIMIT, "too_many_requirements", "the guidelines have more than %d points",
                                POINTS_MAX);
    struct draft *d = VEC_PUSH(m->a, &m->drafts);
    if (!d) return error_no_memory(e);
    m->section = section;
    struct str name = titled ? m->doc->sections.at[section].title : sentence;
    size_t cut = utf8_floor(name, name.n > NAME_BYTES ? NAME_BYTES : name.n);
    d->name = cut < name.n ? str_printf(m->a, "%.*s…", (int)cut, name.p) : str_dup(m->a, name);
    *ret = d;
    return d->name.p ? ERR_OK : error_no_memory(e);
}

static enum err take_sentence(struct maker *m, const struct doc_block *b, struct str sentence, struct error *e)
{
    if (sentence.n == 0) return ERR_OK;
    struct str folded = framework__fold(m->a, sentence);
    if (!folded.p) return error_no_memory(e);
    bool item = m->in_list && b->kind == DOC_BLOCK_LIST_ITEM;
    bool asks = is_requirement(folded);
    if (asks && str_ends(sentence, STR(":"))) {
        m->in_list = true;
        return ERR_OK; /* what it asks for stands in the items */
    }
    if (!asks && !item) return ERR_OK;
    struct draft *d = NULL;
    TRY(draft_for(m, b->section, sentence, &d, e));
    if (d->sentences.n == QUESTIONS_MAX) return ERR_OK;
    struct str *kept = VEC_PUSH(m->a, &d->sentences);
    if (!kept) return error_no_memory(e);
    *kept = str_dup(m->a, sentence);
    return kept->p ? ERR_OK : error_no_memory(e);
}

static enum err collect(struct maker *m, struct error *e)
{
    for (uint32_t i = 0; i < m->doc->blocks.n; i++) {
        const struct doc_block *b = &m->doc->blocks.at[i];
        if (b->is_toc || b->kind == DOC_BLOCK_HEADING || doc_block_is_blank(b)) continue;
        if (b->story == DOC_STORY_HEADER || b->story == DOC_STORY_FOOTER) continue;
        if (b->kind != DOC_BLOCK_LIST_ITEM) m->in_list = false;
        for (size_t at = 0; at < b->text.n;) {
            size_t end = sentence_end(b->text, at);
            TRY(take_sentence(m, b, str_trim(str_sub(b->text, at, end)), e));
            at = end < b->text.n && b->text.p[end] == '\n' ? end + 1 : end;
        }
    }
    return ERR_OK;
}

/* --- words --- */

struct word {
    struct str text;
    size_t points; /* how many points use it */
    size_t last;   /* the last of them, + 1 */
    size_t here;   /* uses in the point at hand */
};

static bool is_common(struct str word)
{
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (str_eq_c(word, common[i])) return true;
    return false;
}

/* Calls back for each word of at least WORD_LETTERS letters. */
static enum err each_word(struct str folded, enum err (*fn)(void *ctx, struct str word, struct error *e), void *ctx,
                          struct error *e)
{
    size_t start = 0, letters = 0;
    for (size_t i = 0; i <= folded.n;) {
        size_t at = i;
        uint32_t r = i < folded.n ? utf8_next(folded, &i) : ' ';
        if (utf8_is_letter(r)) {
            letters++;
            continue;
        }
        struct str word = str_sub(folded, start, at);
        if (letters >= WORD_LETTERS && word.n <= 100 && !is_common(word)) TRY(fn(ctx, word, e));
        if (at >= folded.n) break;
        start = i;
        letters = 0;
    }
    return ERR_OK;
}

struct counter {
    struct arena *a;
    struct map words; /* -> struct word * */
    size_t point;
    VEC(struct word *) here;
};

static enum err count_word(void *ctx, struct str text, struct error *e)
{
    struct counter *c = ctx;
    struct word *w = map_get(&c->words, text);
    if (!w) {
        w = NEW(c->a, struct word, 1);
        if (!w) return error_no_memory(e);
        w->text = str_dup(c->a, text);
        if (!w->text.p || !map_put(&c->words, w->text, w)) return error_no_memory(e);
    }
    if (w->last != c->point + 1) {
        w->last = c->point + 1;
        w->points++;
    }
    return ERR_OK;
}

static enum err gather_word(void *ctx, struct str text, struct error *e)
{
    struct counter *c = ctx;
    struct word *w = map_get(&c->words, text);
    if (w->here++ > 0) return ERR_OK;
    struct word **kept = VEC_PUSH(c->a, &c->here);
    if (!kept) return error_no_memory(e);
    *kept = w;
    return ERR_OK;
}

/* Few points first, then many uses here, then the alphabet. */
static int compare_words(const void *a, const void *b)
{
    const struct word *x = *(struct word *const *)a, *y = *(struct word *const *)b;
    if (x->points != y->points) return x->points < y->points ? -1 : 1;
    if (x->here != y->here) return x->here > y->here ? -1 : 1;
    return str_cmp(x->text, y->text);
}

static enum err over_words(struct counter *c, const struct draft *d,
                           enum err (*fn)(void *ctx, struct str word, struct error *e), struct error *e)
{
    for (size_t i = 0; i <= d->sentences.n; i++) {
        struct str folded = framework__fold(c->a, i < d->sentences.n ? d->sentences.at[i] : d->name);
        if (!folded.p) return error_no_memory(e);
        TRY(each_word(folded, fn, c, e));
    }
    return ERR_OK;
}

static enum err words_of(struct counter *c, const struct draft *d, struct framework_point *p, struct error *e)
{
    c->here.n = 0;
    TRY(over_words(c, d, gather_word, e));
    if (c->here.n > 0) qsort(c->here.at, c->here.n, sizeof *c->here.at, compare_words);
    size_t n = c->here.n < WORDS_MAX ? c->here.n : WORDS_MAX;
    struct str *words = NEW(c->a, struct str, n);
    if (!words) return error_no_memory(e);
    for (size_t i = 0; i < n; i++)
        words[i] = c->here.at[i]->text;
    for (size_t i = 0; i < c->here.n; i++)
        c->here.at[i]->here = 0;
    p->words = words;
    p->n_words = n;
    return ERR_OK;
}

static enum err asks_of(struct arena *a, const struct draft *d, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb asks = SB_INIT(SIZE_MAX);
    for (size_t i = 0; i < d->sentences.n; i++) {
        if (i > 0 && asks.n + d->sentences.at[i].n > ASKS_MAX) {
            SB_LIT(&asks, " …");
            break;
        }
        if (i > 0) sb_char(&asks, ' ');
        sb_str(&asks, d->sentences.at[i]);
    }
    return sb_take(&asks, a, ret, e);
}

enum err guidelines_to_framework(struct arena *a, const struct doc *guidelines, struct str name, struct framework **ret,
                                 struct error *e)
{
    struct maker m = {.a = a, .doc = guidelines, .section = DOC_NONE};
    TRY(collect(&m, e));
    if (m.drafts.n == 0) {
        (void)error_set_reason(
            e, ERR_INVALID, "no_requirements",
            "the guidelines ask for nothing: no sentence has must, shall, should or \"is required to\"");
        return error_hint(e, "Write each requirement as a sentence, as in \"A report must name its author.\"");
    }
    struct counter c = {.a = a, .words = map_make(a)};
    for (c.point = 0; c.point < m.drafts.n; c.point++)
        TRY(over_words(&c, &m.drafts.at[c.point], count_word, e));
    struct framework *f = NEW(a, struct framework, 1);
    struct framework_point *points = NEW(a, struct framework_point, m.drafts.n);
    if (!f || !points) return error_no_memory(e);
    for (size_t i = 0; i < m.drafts.n; i++) {
        const struct draft *d = &m.drafts.at[i];
        points[i] = (struct framework_point){
            .number = (int64_t)i + 1, .name = d->name, .questions = d->sentences.at, .n_questions = d->sentences.n};
        TRY(asks_of(a, d, &points[i].asks, e));
        TRY(words_of(&c, d, &points[i], e));
    }
    *f = (struct framework){.id = STR("guidelines"),
                            .version = STR("1"),
                            .description = STR("Made from the requirements of the team's guidelines."),
                            .points = points,
                            .n_points = m.drafts.n};
    f->name = str_dup(a, name);
    if (!f->name.p) return error_no_memory(e);
    *ret = f;
    return ERR_OK;
}

/* What a point says, as a draft: its words are counted in all of it. */
static enum err draft_of(struct arena *a, const struct framework_point *p, struct draft *ret, struct error *e)
{
    *ret = (struct draft){.name = p->name};
    for (size_t i = 0; i <= p->n_questions; i++) {
        struct str *sentence = VEC_PUSH(a, &ret->sentences);
        if (!sentence) return error_no_memory(e);
        *sentence = i < p->n_questions ? p->questions[i] : p->asks;
    }
    return ERR_OK;
}

enum err guidelines_of_points(struct arena *a, struct str name, struct str version, struct framework_point *points,
                              size_t n, struct framework **ret, struct error *e)
{
    struct counter c = {.a = a, .words = map_make(a)};
    struct draft *drafts = NEW(a, struct draft, n);
    struct framework *f = NEW(a, struct framework, 1);
    if (!drafts || !f) return error_no_memory(e);
    for (c.point = 0; c.point < n; c.point++) {
        TRY(draft_of(a, &points[c.point], &drafts[c.point], e));
        TRY(over_words(&c, &drafts[c.point], count_word, e));
    }
    for (size_t i = 0; i < n; i++)
        TRY(words_of(&c, &drafts[i], &points[i], e));
    *f = (struct framework){.id = STR("guidelines"),
                            .name = name,
                            .version = version,
                            .description = STR("The requirements of the team's guidelines."),
                            .points = points,
                            .n_points = n};
    *ret = f;
    return ERR_OK;
}

static int64_t highest_number(const struct framework *f)
{
    int64_t highest = 0;
    for (size_t i = 0; i < f->n_points; i++)
        if (f->points[i].number > highest) highest = f->points[i].number;
    return highest;
}

enum err framework_join(struct arena *arena, const struct framework *a, const struct framework *b,
                        struct framework **ret, struct error *e)
{
    struct framework *f = NEW(arena, struct framework, 1);
    struct framework_point *points = NEW(arena, struct framework_point, a->n_points + b->n_points);
    struct rules_expected_section *sections = NEW(arena, struct rules_expected_section, a->n_sections + b->n_sections);
    if (!f || !points || !sections) return error_no_memory(e);
    *f = *a;
    int64_t next = highest_number(a);
    for (size_t i = 0; i < a->n_points; i++)
        points[i] = a->points[i];
    for (size_t i = 0; i < b->n_points; i++) {
        points[a->n_points + i] = b->points[i];
        points[a->n_points + i].number = ++next;
    }
    for (size_t i = 0; i < a->n_sections + b->n_sections; i++)
        sections[i] = i < a->n_sections ? a->sections[i] : b->sections[i - a->n_sections];
    f->points = points;
    f->n_points = a->n_points + b->n_points;
    f->sections = sections;
    f->n_sections = a->n_sections + b->n_sections;
    f->name = str_printf(arena, "%.*s with %.*s", STR_ARG(a->name), STR_ARG(b->name));
    f->version = str_printf(arena, "%.*s + %.*s", STR_ARG(a->version), STR_ARG(b->version));
    if (!f->name.p || !f->version.p) return error_no_memory(e);
    *ret = f;
    return ERR_OK;
}
