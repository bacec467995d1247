/* Headings of authors who used no heading styles: short lines that stand alone and look or read like one. Only when
 * the document has fewer than two headings by style, never in tables, lists, text boxes or quoted mail. A line counts
 * when it is a known section name as a whole (never as a part: "the timeline was tight" is a sentence), is all bold,
 * all in capitals, or carries a number of its own, and plain text follows. Being a heading takes nothing from the
 * review: its text is a block like any other. Limits: 90 bytes, 12 words; three levels. */
#include "doc/read_priv.h"

#include "base/utf8.h"

#define TEXT_MAX  90
#define WORDS_MAX 12
#define KEYS_MAX  3

static const struct str known_names[] = {
    STR_INIT("executive summary"),
    STR_INIT("summary"),
    STR_INIT("background"),
    STR_INIT("introduction"),
    STR_INIT("overview"),
    STR_INIT("purpose"),
    STR_INIT("scope"),
    STR_INIT("timeline of events"),
    STR_INIT("timeline"),
    STR_INIT("chronology"),
    STR_INIT("sequence of events"),
    STR_INIT("resolving actions"),
    STR_INIT("corrective actions"),
    STR_INIT("actions taken"),
    STR_INIT("immediate actions"),
    STR_INIT("root cause"),
    STR_INIT("root causes"),
    STR_INIT("root cause analysis"),
    STR_INIT("root causes and preventative actions"),
    STR_INIT("root causes and preventive actions"),
    STR_INIT("root cause and preventative actions"),
    STR_INIT("root cause (rc) and preventative action (pa)"),
    STR_INIT("root causes (rc) and preventative actions (pa)"),
    STR_INIT("preventative actions"),
    STR_INIT("preventative action"),
    STR_INIT("preventive actions"),
    STR_INIT("preventive action"),
    STR_INIT("impact"),
    STR_INIT("impact assessment"),
    STR_INIT("business impact"),
    STR_INIT("customer impact"),
    STR_INIT("recommendations"),
    STR_INIT("recommendation"),
    STR_INIT("conclusion"),
    STR_INIT("conclusions"),
    STR_INIT("findings"),
    STR_INIT("analysis"),
    STR_INIT("investigation"),
    STR_INIT("investigation process"),
    STR_INIT("investigation summary"),
    STR_INIT("methodology"),
    STR_INIT("results"),
    STR_INIT("discussion"),
    STR_INIT("lessons learned"),
    STR_INIT("next steps"),
    STR_INIT("action items"),
    STR_INIT("follow-up actions"),
    STR_INIT("appendix"),
    STR_INIT("references"),
    STR_INIT("glossary"),
    STR_INIT("definitions"),
    STR_INIT("abstract"),
    STR_INIT("problem statement"),
    STR_INIT("issue description"),
    STR_INIT("incident summary"),
    STR_INIT("incident description"),
    STR_INIT("detection"),
    STR_INIT("resolution"),
    STR_INIT("contributing factors"),
    STR_INIT("stakeholders"),
    STR_INIT("assumptions"),
    STR_INIT("risks"),
    STR_INIT("budget"),
    STR_INIT("approval"),
    STR_INIT("sign-off"),
    STR_INIT("attachments"),
};

/* How a candidate looks: headings with one look have one level. */
struct look {
    uint16_t half_points;
    bool caps, bold;
};

struct candidate {
    bool is, is_known;
    uint8_t number_depth; /* of a number written as text or by a list: "2.1" is 2; 0: none */
    struct look look;
};

/* "2.1 ", "A. ", "IV) " in front: its depth, and the text behind it. */
static uint8_t number_prefix(struct str text, struct str *ret_rest)
{
    size_t at = 0;
    uint8_t depth = 0;
    *ret_rest = text;
    while (at < text.n) {
        size_t start = at;
        while (at < text.n && text.p[at] >= '0' && text.p[at] <= '9')
            at++;
        if (at == start && depth == 0 && at < text.n && ((text.p[at] >= 'A' && text.p[at] <= 'Z')))
            while (at < text.n && at - start < 5 &&
                   (text.p[at] == 'I' || text.p[at] == 'V' || text.p[at] == 'X' || at == start))
                at++;
        if (at == start || at - start > 5) return 0;
        depth++;
        bool dot = at < text.n && (text.p[at] == '.' || text.p[at] == ')');
        if (dot) at++;
        if (at < text.n && (text.p[at] == ' ' || text.p[at] == '\t')) {
            bool letter = text.p[start] >= 'A';
            if (!dot && (letter || depth == 1)) return 0; /* "A man", "12 people" */
            *ret_rest = str_trim(str_sub(text, at, text.n));
            return ret_rest->n ? depth : 0;
        }
        if (!dot) return 0;
    }
    return 0;
}

static bool is_known_name(struct str text)
{
    if (str_ends(text, STR(":"))) text = str_trim(str_sub(text, 0, text.n - 1));
    for (size_t i = 0; i < sizeof known_names / sizeof known_names[0]; i++)
        if (str_eq_nocase(text, known_names[i])) return true;
    return false;
}

struct letters {
    unsigned words, letters, upper, digits;
};

static struct letters count_letters(struct str text)
{
    struct letters c = {0};
    bool in_word = false;
    for (size_t at = 0; at < text.n;) {
        uint32_t rune = utf8_next(text, &at);
        if (utf8_is_space(rune)) {
            in_word = false;
            continue;
        }
        if (!in_word) c.words++;
        in_word = true;
        if (utf8_is_letter(rune)) c.letters++;
        if (utf8_is_upper(rune)) c.upper++;
        if (utf8_is_digit(rune)) c.digits++;
    }
    return c;
}

static bool is_plain(const struct doc_block *block)
{
    return block->story == DOC_STORY_BODY && block->cell == DOC_NONE && !block->is_toc && !block->is_title;
}

static bool is_bullet(const struct doc_block *block)
{
    return block->list_level && (!block->label.n || (unsigned char)block->label.p[0] >= 0x80 ||
                                 block->label.p[0] == 'o' || block->label.p[0] == '-');
}

/* What all its words share. */
static struct look look_of(const struct doc__builder *b, const struct doc_block *block)
{
    struct look look = {.half_points = 0, .caps = true, .bold = true};
    for (uint32_t i = block->first_run; i < block->first_run + block->run_count; i++) {
        const struct doc_run *run = &b->runs.at[i];
        if (run->kind != DOC_RUN_TEXT || !str_trim(str_sub(block->text, run->start, run->end)).n) continue;
        if (!(run->format & DOC_BOLD)) look.bold = false;
        if (!(run->format & DOC_CAPS)) look.caps = false;
        if (run->half_points > look.half_points) look.half_points = run->half_points;
    }
    struct letters c = count_letters(block->text);
    look.caps = c.letters >= 4 && (look.caps || c.upper == c.letters);
    return look;
}

/* The next block with text, or NULL. */
static const struct doc_block *following(const struct doc__builder *b, uint32_t i, uint32_t end)
{
    for (i++; i < end; i++)
        if (str_trim(b->blocks.at[i].text).n && b->blocks.at[i].story == DOC_STORY_BODY) return &b->blocks.at[i];
    return NULL;
}

/* Shape alone: short, one line, no sentence, no "name: value". */
static bool has_shape(struct str text)
{
    if (!text.n || text.n > TEXT_MAX || str_find_char(text, '\n', 0) != STR_NONE) return false;
    char last = text.p[text.n - 1];
    if (last == '.' || last == ',' || last == ';' || last == '!' || str_find_char(text, '=', 0) != STR_NONE)
        return false;
    size_t colon = str_find_char(text, ':', 0);
    if (colon != STR_NONE && colon + 1 < text.n) return false;
    struct letters c = count_letters(text);
    return c.words <= WORDS_MAX && c.letters >= 3 && c.digits <= c.letters;
}

static struct candidate examine(const struct doc__builder *b, uint32_t i, uint32_t end)
{
    struct candidate c = {0};
    const struct doc_block *block = &b->blocks.at[i];
    struct str text = str_trim(block->text), rest = text;
    if (!is_plain(block) || is_bullet(block) || !has_shape(text)) return c;
    const struct doc_block *next = following(b, i, end);
    if (!next) return c;
    c.number_depth = number_prefix(text, &rest);
    if (!c.number_depth && block->list_level) c.number_depth = block->list_level;
    c.is_known = is_known_name(rest);
    c.look = look_of(b, block);
    struct look next_look = look_of(b, next);
    bool next_is_text = next->cell != DOC_NONE || next->text.n > text.n;
    bool stands_out = (c.look.bold && !next_look.bold) || (c.look.caps && !next_look.caps);
    bool larger = c.look.half_points > next_look.half_points && c.look.half_points >= 26;
    bool numbered = c.number_depth && !next->list_level && next->text.n > 80 && rest.n &&
                    utf8_is_upper(utf8_next(rest, &(size_t){0}));
    c.is = c.is_known || stands_out || larger || (numbered && next_is_text);
    return c;
}

static int compare_looks(struct look x, struct look y)
{
    if (x.half_points != y.half_points) return x.half_points > y.half_points ? -1 : 1;
    if (x.caps != y.caps) return x.caps ? -1 : 1;
    if (x.bold != y.bold) return x.bold ? -1 : 1;
    return 0;
}

/* The looks in use, the strongest first. */
static size_t rank_looks(const struct candidate *all, size_t n, struct look ranks[KEYS_MAX])
{
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        if (!all[i].is) continue;
        size_t at = 0;
        while (at < used && compare_looks(ranks[at], all[i].look) < 0)
            at++;
        if (at < used && compare_looks(ranks[at], all[i].look) == 0) continue;
        if (at >= KEYS_MAX) continue;
        if (used < KEYS_MAX) used++;
        for (size_t k = used - 1; k > at; k--)
            ranks[k] = ranks[k - 1];
        ranks[at] = all[i].look;
    }
    return used;
}

static uint8_t level_of(const struct candidate *c, const struct look *ranks, size_t n_ranks)
{
    if (c->number_depth > 1) return c->number_depth;
    if (c->is_known) return 1;
    for (size_t i = 0; i < n_ranks; i++)
        if (compare_looks(ranks[i], c->look) == 0) return (uint8_t)(i + 1);
    return KEYS_MAX;
}

/* A first line that stands out and is followed by another that does is the title, not a section. */
static uint32_t find_title(const struct doc__builder *b, const struct candidate *all, uint32_t end)
{
    uint32_t first = 0;
    while (first < end && !str_trim(b->blocks.at[first].text).n)
        first++;
    if (first >= end || !all[first].is || all[first].is_known || all[first].number_depth) return DOC_NONE;
    for (uint32_t i = first + 1; i < end; i++)
        if (str_trim(b->blocks.at[i].text).n)
            return all[i].is || all[first].look.half_points > all[i].look.half_points ? first : DOC_NONE;
    return DOC_NONE;
}

static unsigned count_headings(const struct doc__builder *b, uint8_t *ret_level)
{
    unsigned n = 0;
    for (uint32_t i = 0; i < b->body_end_block; i++) {
        const struct doc_block *block = &b->blocks.at[i];
        if (!block->heading_level || !is_plain(block)) continue;
        if (n++ == 0) *ret_level = block->heading_level;
    }
    return n;
}

enum err doc__headings_by_look(struct doc__builder *b, struct error *e)
{
    uint8_t above = 0;
    if (count_headings(b, &above) >= 2) return ERR_OK;
    struct str subject = STR_EMPTY;
    uint32_t mail = doc__mail_find(b, &subject);
    uint32_t end = mail == DOC_NONE ? b->body_end_block : mail;
    struct candidate *all = NEW(b->a, struct candidate, end);
    if (!all) return error_no_memory(e);
    for (uint32_t i = 0; i < end; i++)
        if (!b->blocks.at[i].heading_level) all[i] = examine(b, i, end);
    uint32_t title = find_title(b, all, end);
    if (title != DOC_NONE) {
        all[title].is = false;
        b->blocks.at[title].is_title = true;
    }
    struct look ranks[KEYS_MAX];
    size_t n_ranks = rank_looks(all, end, ranks);
    for (uint32_t i = 0; i < end; i++) {
        if (!all[i].is) continue;
        struct doc_block *block = &b->blocks.at[i];
        unsigned level = level_of(&all[i], ranks, n_ranks) + (unsigned)above;
        block->heading_level = (uint8_t)(level > 9 ? 9 : level);
        block->heading_source = DOC_HEADING_LOOK;
        block->kind = DOC_BLOCK_HEADING;
    }
    return ERR_OK;
}
