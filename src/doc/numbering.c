/* numbering.xml: the labels that Word shows in front of numbered paragraphs. Counters belong to the abstract list,
 * not to the w:num that paragraphs name: several w:num over one list continue each other, and a startOverride sets
 * the shared counter at the first use of its w:num. A level that is used resets the deeper ones; a level that was
 * skipped shows its start value. Sources: ECMA-376 part 1, 17.9; reference 10. Limits: nine levels; formats outside
 * the table print as decimal. */
#include <stdio.h>
#include <stdlib.h>

#include "base/sb.h"
#include "base/utf8.h"
#include "doc/read_priv.h"

#define LEVELS    9
#define LABEL_MAX 256

enum format {
    F_DECIMAL,
    F_DECIMAL_ZERO,
    F_UPPER_ROMAN,
    F_LOWER_ROMAN,
    F_UPPER_LETTER,
    F_LOWER_LETTER,
    F_ORDINAL,
    F_CARDINAL_TEXT,
    F_ORDINAL_TEXT,
    F_BULLET,
    F_NONE,
    F_CIRCLED,
    F_FULL_WIDTH,
    F_DASHED,
    F_HEX,
    F_HAN,
    F_RUSSIAN_LOWER,
    F_RUSSIAN_UPPER
};

static const struct {
    const char *name;
    enum format format;
} formats[] = {
    {"decimal", F_DECIMAL},
    {"decimalZero", F_DECIMAL_ZERO},
    {"upperRoman", F_UPPER_ROMAN},
    {"lowerRoman", F_LOWER_ROMAN},
    {"upperLetter", F_UPPER_LETTER},
    {"lowerLetter", F_LOWER_LETTER},
    {"ordinal", F_ORDINAL},
    {"cardinalText", F_CARDINAL_TEXT},
    {"ordinalText", F_ORDINAL_TEXT},
    {"bullet", F_BULLET},
    {"none", F_NONE},
    {"decimalEnclosedCircle", F_CIRCLED},
    {"decimalEnclosedCircleChinese", F_CIRCLED},
    {"decimalFullWidth", F_FULL_WIDTH},
    {"numberInDash", F_DASHED},
    {"hex", F_HEX},
    {"chineseCounting", F_HAN},
    {"chineseCountingThousand", F_HAN},
    {"taiwaneseCounting", F_HAN},
    {"taiwaneseCountingThousand", F_HAN},
    {"japaneseCounting", F_HAN},
    {"ideographDigital", F_HAN},
    {"japaneseDigitalTenThousand", F_HAN},
    {"koreanDigital2", F_HAN},
    {"russianLower", F_RUSSIAN_LOWER},
    {"russianUpper", F_RUSSIAN_UPPER},
};

struct level {
    struct str text;  /* w:lvlText: "%1.%2" */
    struct str style; /* w:pStyle */
    uint32_t start;
    enum format format;
    bool is_legal; /* all levels in decimal */
    bool picture;  /* a picture bullet */
    int restart;   /* -1: by any higher level; 0: never; n: by level n (from 1) and higher */
    bool given;
};

struct abstract {
    uint32_t id;
    struct level levels[LEVELS];
    struct str style_link; /* w:numStyleLink: the list is that of a numbering style */
    uint32_t counters[LEVELS];
    bool used[LEVELS];
};

struct num {
    uint32_t id, abstract_id;
    size_t abstract;         /* index, or SIZE_MAX */
    struct level *overrides; /* LEVELS of them, or NULL */
    uint32_t starts[LEVELS]; /* startOverride */
    bool has_start[LEVELS], begun[LEVELS];
};

struct doc__numbering {
    struct arena *a;
    VEC(struct abstract) abstracts;
    VEC(struct num) nums; /* sorted by id */
};

/* ---- reading ---- */

struct numbering_reader {
    struct doc__numbering *n;
    bool in_abstract, in_num;
    int override;        /* level of the w:lvlOverride that is open, or -1 */
    struct level *level; /* the w:lvl that is open, or NULL */
    unsigned level_depth;
};

static enum err dup_val(struct arena *a, const struct xml_tag *tag, struct str *ret, struct error *e)
{
    struct str v = xml_attr(tag, T_VAL);
    *ret = str_dup(a, v);
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum format format_by_name(struct str name)
{
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (str_eq_c(name, formats[i].name)) return formats[i].format;
    return F_DECIMAL;
}

static enum err level_child(struct numbering_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct str v = xml_attr(tag, T_VAL);
    switch (tag->token) {
    case T_START: r->level->start = doc__number(v, 1); break;
    case T_NUM_FMT: r->level->format = format_by_name(v); break;
    case T_LVL_TEXT: return dup_val(r->n->a, tag, &r->level->text, e);
    case T_P_STYLE: return dup_val(r->n->a, tag, &r->level->style, e);
    case T_IS_LGL: r->level->is_legal = doc__on_off(v); break;
    case T_LVL_RESTART: r->level->restart = (int)(doc__number(v, 0) % (LEVELS + 1)); break;
    case T_LVL_PIC_BULLET_ID: r->level->picture = true; break;
    default: break;
    }
    return ERR_OK;
}

static enum err begin_level(struct numbering_reader *r, const struct xml_tag *tag, struct error *e)
{
    uint32_t i = doc__number(xml_attr(tag, T_ILVL), 0);
    if (i >= LEVELS) return ERR_OK;
    struct level *levels = NULL;
    if (r->in_abstract) {
        levels = r->n->abstracts.at[r->n->abstracts.n - 1].levels;
    } else if (r->in_num && r->override >= 0) {
        struct num *num = &r->n->nums.at[r->n->nums.n - 1];
        if (!num->overrides) num->overrides = NEW(r->n->a, struct level, LEVELS);
        if (!num->overrides) return error_no_memory(e);
        levels = num->overrides;
    }
    if (!levels) return ERR_OK;
    r->level = &levels[i];
    *r->level = (struct level){.restart = -1, .given = true, .start = 0};
    r->level_depth = tag->depth;
    return ERR_OK;
}

static enum err numbering_start(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    (void)xml;
    struct numbering_reader *r = ctx;
    if (r->level) return level_child(r, tag, e);
    struct abstract *abstract = r->in_abstract ? &r->n->abstracts.at[r->n->abstracts.n - 1] : NULL;
    struct num *num = r->in_num ? &r->n->nums.at[r->n->nums.n - 1] : NULL;
    switch (tag->token) {
    case T_ABSTRACT_NUM:
        if (!(abstract = VEC_PUSH(r->n->a, &r->n->abstracts))) return error_no_memory(e);
        abstract->id = doc__number(xml_attr(tag, T_ABSTRACT_NUM_ID), DOC_NONE);
        r->in_abstract = true;
        return ERR_OK;
    case T_NUM:
        if (!(num = VEC_PUSH(r->n->a, &r->n->nums))) return error_no_memory(e);
        num->id = doc__number(xml_attr(tag, T_NUM_ID), DOC_NONE);
        num->abstract_id = DOC_NONE;
        num->abstract = SIZE_MAX;
        r->in_num = true;
        r->override = -1;
        return ERR_OK;
    case T_ABSTRACT_NUM_ID:
        if (num) num->abstract_id = doc__number(xml_attr(tag, T_VAL), DOC_NONE);
        return ERR_OK;
    case T_LVL_OVERRIDE: {
        uint32_t i = doc__number(xml_attr(tag, T_ILVL), LEVELS);
        r->override = i < LEVELS ? (int)i : -1;
        return ERR_OK;
    }
    case T_START_OVERRIDE:
        if (num && r->override >= 0) {
            num->has_start[r->override] = true;
            num->starts[r->override] = doc__number(xml_attr(tag, T_VAL), 1);
        }
        return ERR_OK;
    case T_NUM_STYLE_LINK: return abstract ? dup_val(r->n->a, tag, &abstract->style_link, e) : ERR_OK;
    case T_LVL: return begin_level(r, tag, e);
    default: return ERR_OK;
    }
}

static enum err numbering_end(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    (void)xml;
    (void)e;
    struct numbering_reader *r = ctx;
    if (r->level) {
        if (tag->depth == r->level_depth) r->level = NULL;
        return ERR_OK;
    }
    if (tag->token == T_ABSTRACT_NUM) r->in_abstract = false;
    if (tag->token == T_NUM) r->in_num = false;
    if (tag->token == T_LVL_OVERRIDE) r->override = -1;
    return ERR_OK;
}

/* ---- joining ---- */

static int by_id(const void *x, const void *y)
{
    const struct num *a = x, *b = y;
    return (a->id > b->id) - (a->id < b->id);
}

static struct num *find_num(const struct doc__numbering *n, uint32_t id)
{
    const struct num key = {.id = id};
    return n->nums.n ? bsearch(&key, n->nums.at, n->nums.n, sizeof *n->nums.at, by_id) : NULL;
}

static size_t find_abstract(const struct doc__numbering *n, uint32_t id)
{
    for (size_t i = 0; i < n->abstracts.n; i++)
        if (n->abstracts.at[i].id == id) return i;
    return SIZE_MAX;
}

/* A list that is only a link to a numbering style is that style's list. One step: real files do not chain. */
static void follow_links(struct doc__numbering *n, const struct doc__styles *styles)
{
    for (size_t i = 0; i < n->nums.n; i++)
        n->nums.at[i].abstract = find_abstract(n, n->nums.at[i].abstract_id);
    for (size_t i = 0; i < n->nums.n; i++) {
        struct num *num = &n->nums.at[i];
        if (num->abstract == SIZE_MAX || !n->abstracts.at[num->abstract].style_link.n) continue;
        const struct doc__style *style = doc__style(styles, n->abstracts.at[num->abstract].style_link);
        const struct num *real = style ? find_num(n, style->num_id) : NULL;
        if (real && real != num && real->abstract != SIZE_MAX) num->abstract = real->abstract;
    }
}

enum err doc__numbering_new(struct arena *a, struct doc__numbering **ret, struct error *e)
{
    struct doc__numbering *n = NEW(a, struct doc__numbering, 1);
    if (!n) return error_no_memory(e);
    n->a = a;
    *ret = n;
    return ERR_OK;
}

enum err doc__numbering_read(struct arena *a, struct str xml, const char *what, const struct doc__styles *styles,
                             struct doc__numbering **ret, struct error *e)
{
    struct doc__numbering *n = NULL;
    TRY(doc__numbering_new(a, &n, e));
    struct numbering_reader r = {.n = n, .override = -1};
    const struct xml_options o = {.vocab = &doc__vocab, .max_depth = 128, .what = what};
    TRY(xml_read(xml, &o, &(struct xml_handler){.start = numbering_start, .end = numbering_end}, &r, e));
    if (n->nums.n) qsort(n->nums.at, n->nums.n, sizeof *n->nums.at, by_id);
    follow_links(n, styles);
    *ret = n;
    return ERR_OK;
}

void doc__numbering_reset(struct doc__numbering *n)
{
    for (size_t i = 0; i < n->abstracts.n; i++) {
        memset(n->abstracts.at[i].counters, 0, sizeof n->abstracts.at[i].counters);
        memset(n->abstracts.at[i].used, 0, sizeof n->abstracts.at[i].used);
    }
    for (size_t i = 0; i < n->nums.n; i++)
        memset(n->nums.at[i].begun, 0, sizeof n->nums.at[i].begun);
}

uint8_t doc__numbering_style_level(const struct doc__numbering *n, uint32_t num_id, struct str style_id,
                                   uint8_t fallback)
{
    const struct num *num = find_num(n, num_id);
    if (!num || num->abstract == SIZE_MAX || !style_id.n) return fallback;
    const struct abstract *list = &n->abstracts.at[num->abstract];
    for (uint8_t i = 0; i < LEVELS; i++)
        if (str_eq(list->levels[i].style, style_id)) return i;
    return fallback;
}

/* ---- labels ---- */

static void put_roman(struct sb *b, uint32_t v, bool upper)
{
    static const struct {
        uint32_t value;
        const char *upper, *lower;
    } digits[] = {{1000, "M", "m"}, {900, "CM", "cm"}, {500, "D", "d"},  {400, "CD", "cd"}, {100, "C", "c"},
                  {90, "XC", "xc"}, {50, "L", "l"},    {40, "XL", "xl"}, {10, "X", "x"},    {9, "IX", "ix"},
                  {5, "V", "v"},    {4, "IV", "iv"},   {1, "I", "i"}};
    if (v > 9999) {
        sb_u64(b, v);
        return;
    }
    for (size_t i = 0; i < sizeof digits / sizeof digits[0]; i++)
        for (; v >= digits[i].value; v -= digits[i].value)
            sb_c(b, upper ? digits[i].upper : digits[i].lower);
}

/* a … z, aa, bb … as Word counts. */
static void put_letter(struct sb *b, uint32_t v, char first)
{
    if (v == 0 || v > 26 * 30) {
        sb_u64(b, v);
        return;
    }
    for (uint32_t i = 0; i <= (v - 1) / 26; i++)
        sb_char(b, (char)(first + (char)((v - 1) % 26)));
}

static void put_russian(struct sb *b, uint32_t v, uint32_t first)
{
    /* The alphabet without й ъ ы ь. */
    static const unsigned char skip[] = {9, 26, 27, 28};
    uint32_t letter = (v - 1) % 28;
    if (v == 0 || v > 28 * 9) {
        sb_u64(b, v);
        return;
    }
    for (size_t i = 0; i < sizeof skip; i++)
        if (letter >= skip[i]) letter++;
    for (uint32_t i = 0; i <= (v - 1) / 28; i++)
        sb_rune(b, first + letter);
}

static const char *const ones[] = {"zero",     "one",     "two",     "three",     "four",     "five",    "six",
                                   "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
                                   "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
static const char *const tens[] = {"",      "",      "twenty",  "thirty", "forty",
                                   "fifty", "sixty", "seventy", "eighty", "ninety"};
static const char *const ordinal_ones[] = {"zeroth",    "first",     "second",      "third",      "fourth",
                                           "fifth",     "sixth",     "seventh",     "eighth",     "ninth",
                                           "tenth",     "eleventh",  "twelfth",     "thirteenth", "fourteenth",
                                           "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"};
static const char *const ordinal_tens[] = {"",         "",         "twentieth",  "thirtieth", "fortieth",
                                           "fiftieth", "sixtieth", "seventieth", "eightieth", "ninetieth"};

static void put_ordinal(struct sb *b, uint32_t v)
{
    const char *end = v % 100 >= 11 && v % 100 <= 13 ? "th"
                      : v % 10 == 1                  ? "st"
                      : v % 10 == 2                  ? "nd"
                      : v % 10 == 3                  ? "rd"
                                                     : "th";
    sb_u64(b, v);
    sb_c(b, end);
}

static void put_words(struct sb *b, uint32_t v, bool ordinal)
{
    if (v > 99) {
        if (ordinal)
            put_ordinal(b, v);
        else
            sb_u64(b, v);
        return;
    }
    char words[40];
    if (v < 20)
        (void)snprintf(words, sizeof words, "%s", ordinal ? ordinal_ones[v] : ones[v]);
    else if (v % 10 == 0)
        (void)snprintf(words, sizeof words, "%s", ordinal ? ordinal_tens[v / 10] : tens[v / 10]);
    else
        (void)snprintf(words, sizeof words, "%s-%s", tens[v / 10], ordinal ? ordinal_ones[v % 10] : ones[v % 10]);
    words[0] = (char)(words[0] - 32);
    sb_c(b, words);
}

static void put_han(struct sb *b, uint32_t v)
{
    static const uint32_t digits[] = {0x3007, 0x4E00, 0x4E8C, 0x4E09, 0x56DB, 0x4E94, 0x516D, 0x4E03, 0x516B, 0x4E5D};
    if (v > 99) {
        sb_u64(b, v);
        return;
    }
    if (v >= 20) sb_rune(b, digits[v / 10]);
    if (v >= 10) sb_rune(b, 0x5341);
    if (v < 10 || v % 10) sb_rune(b, digits[v % 10]);
}

static void put_number(struct sb *b, uint32_t v, enum format format)
{
    switch (format) {
    case F_DECIMAL: sb_u64(b, v); break;
    case F_DECIMAL_ZERO: sb_printf(b, "%02u", v); break;
    case F_UPPER_ROMAN:
    case F_LOWER_ROMAN: put_roman(b, v, format == F_UPPER_ROMAN); break;
    case F_UPPER_LETTER: put_letter(b, v, 'A'); break;
    case F_LOWER_LETTER: put_letter(b, v, 'a'); break;
    case F_ORDINAL: put_ordinal(b, v); break;
    case F_CARDINAL_TEXT:
    case F_ORDINAL_TEXT: put_words(b, v, format == F_ORDINAL_TEXT); break;
    case F_CIRCLED:
        if (v >= 1 && v <= 20)
            sb_rune(b, 0x2460 + v - 1);
        else
            sb_u64(b, v);
        break;
    case F_FULL_WIDTH: {
        char digits[16];
        int n = snprintf(digits, sizeof digits, "%u", v);
        for (int i = 0; i < n; i++)
            sb_rune(b, 0xFF10u + (uint32_t)(digits[i] - '0'));
        break;
    }
    case F_DASHED: sb_printf(b, "- %u -", v); break;
    case F_HEX: sb_printf(b, "%X", v); break;
    case F_HAN: put_han(b, v); break;
    case F_RUSSIAN_LOWER: put_russian(b, v, 0x430); break;
    case F_RUSSIAN_UPPER: put_russian(b, v, 0x410); break;
    case F_BULLET:
    case F_NONE: break;
    }
}

static const struct level *level_of(const struct num *num, const struct abstract *list, unsigned i)
{
    return num->overrides && num->overrides[i].given ? &num->overrides[i] : &list->levels[i];
}

static void count(struct num *num, struct abstract *list, unsigned k)
{
    if (num->has_start[k] && !num->begun[k])
        list->counters[k] = num->starts[k];
    else if (!list->used[k])
        list->counters[k] = num->has_start[k] ? num->starts[k] : level_of(num, list, k)->start;
    else
        list->counters[k]++;
    num->begun[k] = true;
    list->used[k] = true;
    for (unsigned i = k + 1; i < LEVELS; i++) {
        int restart = list->levels[i].restart;
        if (restart < 0 || (int)k < restart) list->used[i] = false;
    }
}

static void put_bullet(struct sb *b, struct str text)
{
    size_t at = 0;
    if (!text.n) return;
    uint32_t rune = utf8_next(text, &at);
    bool private_use = (rune >= 0xE000 && rune <= 0xF8FF) || rune == 0xFFFD || rune == 0xB7;
    if (private_use)
        sb_rune(b, 0x2022);
    else
        sb_str(b, text);
}

static void put_label(struct sb *b, const struct num *num, const struct abstract *list, unsigned k)
{
    const struct level *level = level_of(num, list, k);
    if (level->picture || level->format == F_BULLET) {
        if (level->picture)
            sb_rune(b, 0x2022);
        else
            put_bullet(b, level->text);
        return;
    }
    for (size_t i = 0; i < level->text.n; i++) {
        char c = level->text.p[i], next = i + 1 < level->text.n ? level->text.p[i + 1] : 0;
        if (c != '%' || next < '1' || next > '9') {
            sb_char(b, c);
            continue;
        }
        unsigned at = (unsigned)(next - '1');
        const struct level *of = level_of(num, list, at);
        uint32_t v = list->used[at] ? list->counters[at] : num->has_start[at] ? num->starts[at] : of->start;
        put_number(b, v, level->is_legal && of->format != F_NONE && of->format != F_BULLET ? F_DECIMAL : of->format);
        i++;
    }
}

enum err doc__numbering_next(struct doc__numbering *n, struct arena *a, uint32_t num_id, uint8_t level, bool *ret_known,
                             struct str *ret_label, struct error *e)
{
    *ret_known = false;
    *ret_label = STR_EMPTY;
    struct num *num = num_id ? find_num(n, num_id) : NULL;
    if (!num || num->abstract == SIZE_MAX || level >= LEVELS) return ERR_OK;
    struct abstract *list = &n->abstracts.at[num->abstract];
    *ret_known = true;
    count(num, list, level);
    CLEANUP_SB struct sb b = SB_INIT(LABEL_MAX);
    put_label(&b, num, list, level);
    if (!sb_ok(&b)) return b.no_memory ? error_no_memory(e) : ERR_OK; /* a label longer than any page: shown as none */
    return sb_take(&b, a, ret_label, e);
}
