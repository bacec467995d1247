/* styles.xml: which style is a heading of which level, how its text looks, which list it counts in. Styles are
 * resolved along w:basedOn once, after reading. Built-in styles are known by w:name, never by id: localized programs
 * write ids such as "1", "Titre1" or "a3", and some write the name in their language too, hence the table of words. A
 * w:outlineLvl anywhere in the chain wins over names that stand further up. Sources: ECMA-376 part 1, 17.7; reference
 * 9. Limits: a chain of 64 styles. */
#include "doc/read_priv.h"

#include <assert.h>

#include "base/utf8.h"

#define CHAIN_MAX 64

uint32_t doc__number(struct str s, uint32_t fallback)
{
    uint32_t v = 0;
    s = str_trim(s);
    if (!s.n) return fallback;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || v > INT32_MAX / 10 - 1) return fallback;
        v = v * 10 + (uint32_t)(s.p[i] - '0');
    }
    return v;
}

bool doc__on_off(struct str value)
{
    return !(str_eq_c(value, "0") || str_eq_c(value, "false") || str_eq_c(value, "off"));
}

static void format_set(struct doc__format *f, uint32_t bit, bool on)
{
    f->set |= bit;
    f->on = on ? f->on | bit : f->on & ~bit;
}

static bool is_near_white(struct str hex)
{
    if (hex.n != 6) return false;
    for (size_t i = 0; i < 6; i += 2)
        if (hex.p[i] != 'F' && hex.p[i] != 'f') return false;
    return true;
}

/* 1 more than the number of a colour, so that 0 is none (automatic). */
static uint32_t color_of(struct str hex)
{
    uint32_t v = 0;
    if (hex.n != 6) return 0;
    for (size_t i = 0; i < 6; i++) {
        char c = hex.p[i];
        uint32_t digit = c >= '0' && c <= '9' ? (uint32_t)(c - '0') : ((uint32_t)c | 0x20) - 'a' + 10;
        if (digit > 15) return 0;
        v = v << 4 | digit;
    }
    return v + 1;
}

static void format_vert_align(struct doc__format *f, struct str value)
{
    format_set(f, DOC_SUPERSCRIPT, str_eq_c(value, "superscript"));
    format_set(f, DOC_SUBSCRIPT, str_eq_c(value, "subscript"));
}

void doc__format_read(struct doc__format *f, const struct xml_tag *tag)
{
    struct str v = xml_attr(tag, T_VAL);
    switch (tag->token) {
    case T_B: format_set(f, DOC_BOLD, doc__on_off(v)); break;
    case T_I: format_set(f, DOC_ITALIC, doc__on_off(v)); break;
    case T_U: format_set(f, DOC_UNDERLINE, v.n && !str_eq_c(v, "none")); break;
    case T_STRIKE:
    case T_DSTRIKE: format_set(f, DOC_STRIKE, doc__on_off(v)); break;
    case T_CAPS: format_set(f, DOC_CAPS, doc__on_off(v)); break;
    case T_SMALL_CAPS: format_set(f, DOC_SMALL_CAPS, doc__on_off(v)); break;
    case T_VANISH: format_set(f, DOC__VANISH, doc__on_off(v)); break;
    case T_VERT_ALIGN: format_vert_align(f, v); break;
    case T_COLOR:
        format_set(f, DOC_WHITE, is_near_white(v));
        f->color = color_of(v);
        break;
    case T_HIGHLIGHT: format_set(f, DOC_HIGHLIGHT, v.n && !str_eq_c(v, "none")); break;
    case T_SHD: {
        struct str fill = xml_attr(tag, T_FILL);
        format_set(f, DOC__SHADED, fill.n && !str_eq_c(fill, "auto") && !is_near_white(fill));
        f->fill = color_of(fill);
        break;
    }
    case T_SZ: f->half_points = (uint16_t)(doc__number(v, 0) & 0x7FFF); break;
    default: break;
    }
}

struct doc__format doc__format_over(struct doc__format base, struct doc__format top)
{
    return (struct doc__format){.set = base.set | top.set,
                                .on = (base.on & ~top.set) | top.on,
                                .color = top.color ? top.color : base.color,
                                .fill = top.fill ? top.fill : base.fill,
                                .half_points = top.half_points ? top.half_points : base.half_points};
}

/* Words for "heading" in front of a number, in lower case. */
static const struct str heading_words[] = {
    STR_INIT("heading"),   STR_INIT("überschrift"), STR_INIT("titre"),      STR_INIT("título"),
    STR_INIT("titulo"),    STR_INIT("titolo"),      STR_INIT("rubrik"),     STR_INIT("overskrift"),
    STR_INIT("kop"),       STR_INIT("nagłówek"),    STR_INIT("nadpis"),     STR_INIT("otsikko"),
    STR_INIT("заголовок"), STR_INIT("标题"),        STR_INIT("標題"),       STR_INIT("見出し"),
    STR_INIT("제목"),      STR_INIT("başlık"),      STR_INIT("címsor"),     STR_INIT("titlu"),
    STR_INIT("naslov"),    STR_INIT("επικεφαλίδα"), STR_INIT("virsraksts"), STR_INIT("antraštė"),
    STR_INIT("pealkiri"),  STR_INIT("encabezado"),  STR_INIT("cabeçalho"),  STR_INIT("intestazione"),
    STR_INIT("כותרת"),     STR_INIT("عنوان"),       STR_INIT("tiêu đề"),    STR_INIT("judul"),
};
static const struct str title_words[] = {
    STR_INIT("title"),      STR_INIT("subtitle"), STR_INIT("titel"),  STR_INIT("untertitel"), STR_INIT("titre"),
    STR_INIT("sous-titre"), STR_INIT("título"),   STR_INIT("titolo"), STR_INIT("标题"),       STR_INIT("副标题"),
};

/* Is a the word of the table, whose letters are in lower case? Compares code points without regard to case. */
static bool word_matches(struct str s, struct str word)
{
    size_t i = 0, j = 0;
    while (i < s.n && j < word.n)
        if (utf8_to_lower(utf8_next(s, &i)) != utf8_next(word, &j)) return false;
    return i == s.n && j == word.n;
}

uint8_t doc__heading_name(struct str name)
{
    name = str_trim(name);
    if (name.n < 2) return 0;
    char digit = name.p[name.n - 1];
    if (digit < '1' || digit > '9') return 0;
    struct str word = str_trim(str_sub(name, 0, name.n - 1));
    for (size_t i = 0; i < sizeof heading_words / sizeof heading_words[0]; i++)
        if (word_matches(word, heading_words[i])) return (uint8_t)(digit - '0');
    return 0;
}

static bool is_title_name(struct str name)
{
    for (size_t i = 0; i < sizeof title_words / sizeof title_words[0]; i++)
        if (word_matches(name, title_words[i])) return true;
    return false;
}

static bool is_toc_name(struct str name)
{
    return name.n == 5 && str_starts_nocase(name, STR("toc ")) && name.p[4] >= '1' && name.p[4] <= '9';
}

enum where { IN_NOTHING, IN_STYLE, IN_STYLE_PPR, IN_STYLE_RPR, IN_NUM_PR, IN_DEFAULTS_RPR };

struct styles_reader {
    struct doc__styles *s;
    enum where where;
    unsigned depth; /* of the element that `where` is about */
    unsigned skip;  /* depth of an element whose children do not matter; 0: none */
    bool in_defaults;
};

static enum err dup_attr(struct arena *a, const struct xml_tag *tag, int token, struct str *ret, struct error *e)
{
    struct str v = xml_attr(tag, token);
    if (!v.p) return ERR_OK;
    *ret = str_dup(a, v);
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err begin_style(struct styles_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct doc__style *style = VEC_PUSH(r->s->a, &r->s->all);
    if (!style) return error_no_memory(e);
    struct str type = xml_attr(tag, T_TYPE), is_default = xml_attr(tag, T_DEFAULT);
    style->type = str_eq_c(type, "character")   ? DOC__STYLE_CHARACTER
                  : str_eq_c(type, "table")     ? DOC__STYLE_TABLE
                  : str_eq_c(type, "numbering") ? DOC__STYLE_NUMBERING
                                                : DOC__STYLE_PARAGRAPH;
    style->is_default = is_default.p && doc__on_off(is_default);
    style->outline = DOC__NO_LEVEL;
    style->num_id = DOC_NONE;
    TRY(dup_attr(r->s->a, tag, T_STYLE_ID, &style->id, e));
    r->where = IN_STYLE;
    r->depth = tag->depth;
    return ERR_OK;
}

static enum err style_child(struct styles_reader *r, struct doc__style *style, const struct xml_tag *tag,
                            struct error *e)
{
    switch (tag->token) {
    case T_P_PR: r->where = IN_STYLE_PPR; return ERR_OK;
    case T_R_PR: r->where = IN_STYLE_RPR; return ERR_OK;
    default: break;
    }
    r->skip = tag->depth;
    if (tag->token == T_NAME) return dup_attr(r->s->a, tag, T_VAL, &style->name, e);
    if (tag->token == T_BASED_ON) return dup_attr(r->s->a, tag, T_VAL, &style->based_on, e);
    return ERR_OK;
}

static void style_ppr_child(struct styles_reader *r, struct doc__style *style, const struct xml_tag *tag)
{
    switch (tag->token) {
    case T_OUTLINE_LVL: {
        uint32_t v = doc__number(xml_attr(tag, T_VAL), 9);
        style->outline = (uint8_t)(v > 9 ? 9 : v);
        break;
    }
    case T_NUM_PR:
        style->has_num = true;
        r->where = IN_NUM_PR;
        return;
    case T_SHD: {
        struct doc__format f = {0};
        doc__format_read(&f, tag);
        style->shaded = (f.on & DOC__SHADED) != 0;
        break;
    }
    default: break;
    }
    r->skip = tag->depth;
}

static enum err styles_start(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    (void)xml;
    struct styles_reader *r = ctx;
    if (r->skip) return ERR_OK;
    struct doc__style *style = r->s->all.n ? &r->s->all.at[r->s->all.n - 1] : NULL;
    assert(style || r->where == IN_NOTHING || r->where == IN_DEFAULTS_RPR);
    switch (r->where) {
    case IN_NOTHING:
        if (tag->token == T_STYLE) return begin_style(r, tag, e);
        if (tag->token == T_R_PR_DEFAULT) r->in_defaults = true;
        if (tag->token == T_R_PR && r->in_defaults) r->where = IN_DEFAULTS_RPR;
        return ERR_OK;
    case IN_STYLE: return style_child(r, style, tag, e);
    case IN_STYLE_PPR: style_ppr_child(r, style, tag); return ERR_OK;
    case IN_STYLE_RPR:
        doc__format_read(&style->format, tag);
        r->skip = tag->depth;
        return ERR_OK;
    case IN_NUM_PR:
        if (tag->token == T_NUM_ID) style->num_id = doc__number(xml_attr(tag, T_VAL), 0);
        if (tag->token == T_ILVL) style->num_level = (uint8_t)(doc__number(xml_attr(tag, T_VAL), 0) % 9);
        r->skip = tag->depth;
        return ERR_OK;
    case IN_DEFAULTS_RPR:
        doc__format_read(&r->s->defaults, tag);
        r->skip = tag->depth;
        return ERR_OK;
    }
    return ERR_OK;
}

static enum err styles_end(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    (void)xml;
    (void)e;
    struct styles_reader *r = ctx;
    if (r->skip) {
        if (tag->depth == r->skip) r->skip = 0;
        return ERR_OK;
    }
    switch (r->where) {
    case IN_STYLE: r->where = IN_NOTHING; break;
    case IN_STYLE_PPR:
    case IN_STYLE_RPR: r->where = IN_STYLE; break;
    case IN_NUM_PR: r->where = IN_STYLE_PPR; break;
    case IN_DEFAULTS_RPR: r->where = IN_NOTHING; break;
    case IN_NOTHING: break;
    }
    if (tag->token == T_R_PR_DEFAULT) r->in_defaults = false;
    return ERR_OK;
}

const struct doc__style *doc__style(const struct doc__styles *styles, struct str id)
{
    if (!id.p) return NULL;
    uintptr_t i = (uintptr_t)map_get(&styles->by_id, id);
    return i ? &styles->all.at[i - 1] : NULL;
}

static void resolve(struct doc__styles *s, struct doc__style *style, unsigned depth)
{
    if (style->resolved || style->resolving || depth > CHAIN_MAX) return;
    style->resolving = true;
    uintptr_t i = style->based_on.p ? (uintptr_t)map_get(&s->by_id, style->based_on) : 0;
    struct doc__style *base = i ? &s->all.at[i - 1] : NULL;
    if (base && (base == style || base->resolving || base->type != style->type)) base = NULL;
    if (base) resolve(s, base, depth + 1);

    uint8_t by_name = style->type == DOC__STYLE_PARAGRAPH ? doc__heading_name(style->name) : 0;
    if (style->outline != DOC__NO_LEVEL) {
        style->heading_level = style->outline < 9 ? (uint8_t)(style->outline + 1) : 0;
        style->heading_source = style->heading_level ? DOC_HEADING_OUTLINE : DOC_HEADING_NONE;
        if (by_name && by_name == style->heading_level) style->heading_source = DOC_HEADING_STYLE;
    } else if (by_name) {
        style->heading_level = by_name;
        style->heading_source = DOC_HEADING_STYLE;
    } else if (base) {
        style->heading_level = base->heading_level;
        style->heading_source = base->heading_source;
    }
    style->is_title = style->type == DOC__STYLE_PARAGRAPH && is_title_name(style->name);
    style->is_toc = is_toc_name(style->name);
    if (base) {
        style->format = doc__format_over(base->format, style->format);
        style->shaded = style->shaded || base->shaded;
        if (!style->has_num && base->has_num) {
            style->has_num = true;
            style->num_id = base->num_id;
            style->num_level = base->num_level;
        } else if (style->has_num && style->num_id == DOC_NONE && base->has_num) {
            style->num_id = base->num_id; /* only the level is its own */
        }
    }
    if (style->has_num && style->num_id == DOC_NONE) style->num_id = 0;
    style->resolved = true;
    style->resolving = false;
}

enum err doc__styles_read(struct arena *a, struct str xml, const char *what, struct doc__styles *ret, struct error *e)
{
    struct doc__styles s = {.a = a, .by_id = map_make(a)};
    struct styles_reader r = {.s = &s};
    const struct xml_options o = {.vocab = &doc__vocab, .max_depth = 128, .what = what};
    TRY(xml_read(xml, &o, &(struct xml_handler){.start = styles_start, .end = styles_end}, &r, e));
    for (size_t i = 0; i < s.all.n; i++) {
        struct str id = s.all.at[i].id;
        if (id.p && !map_get(&s.by_id, id) && !map_put(&s.by_id, id, (void *)(uintptr_t)(i + 1)))
            return error_no_memory(e);
    }
    for (size_t i = 0; i < s.all.n; i++) {
        resolve(&s, &s.all.at[i], 0);
        if (s.all.at[i].is_default && s.all.at[i].type == DOC__STYLE_PARAGRAPH && !s.default_paragraph)
            s.default_paragraph = &s.all.at[i];
    }
    *ret = s;
    return ERR_OK;
}
