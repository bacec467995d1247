/* Values are kept in a trie of their letters and digits in lower case, so that "Jane Doe", "JANE  DOE" and "jane.doe" are one; a text is walked once and
 * the longest value that stands at the beginning of a word is replaced. How a value is written is a form: those that stand in the document, and those
 * in small and in capital letters. A form has a placeholder of its own, which is why what is put back is exactly what was there; a value in a form that is
 * not known cannot be sent. Both are proven of each text: it is put back and compared, and looked through once more.
 *
 * A part of a name ("Doe") is a value too. One that is also an ordinary word here ("Will", "will") is one only when it is capitalized.
 * Numbers of less than LOOSE_MIN digits and addresses of machines are values only as they are written: 10.0.0.1 is not 10001.
 * Rejected: patterns on each text (what one text shows to be a name would be sent in the next); placeholders by hash (long, and a model mistypes them). */
#include "review/redact.h"

#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "rules/personal.h"

enum {
    GAP_MAX = 4,    /* characters between two letters of one value */
    FOLDED_MIN = 4, /* bytes of a value that is no name: shorter ones would be found everywhere */
    PART_MIN = 2,   /* bytes of a part of a name */
    LOOSE_MIN = 8,  /* bytes from which a value may be written with other signs between */
    LONG_NAME = 8,  /* bytes of a whole name that may have an ending */
    FORMS_MAX = 50000,
    TAG_TRIES = 26,
};

static const char *const kind_names[RULES_PERSONAL_KINDS] = {"PERSON",  "EMAIL",    "PHONE",     "CARD",
                                                             "ACCOUNT", "IDENTITY", "IPADDRESS", "SECRET"};

struct form {
    struct str text, placeholder;
};

struct value {
    enum rules_personal_kind kind;
    uint32_t number;  /* of its kind */
    uint32_t *forms;  /* counts those of this number: shared with the parts of a name */
    struct str as_is; /* as it was found */
    size_t n_folded;
    bool part, proper; /* of a name; only when capitalized */
    bool exact;        /* other forms are other values */
};

struct node {
    uint8_t byte;
    struct node *child, *next;
    struct value *value;
    const struct value *owner; /* the name of which it is a part */
    bool shared;               /* by names of several people */
};

struct redact {
    enum redact_mode mode;
    struct arena *a;
    struct node root;
    struct map by_text;        /* forms */
    struct map by_placeholder; /* in capitals, with brackets */
    uint32_t numbers[RULES_PERSONAL_KINDS];
    size_t n_forms;
    bool gathering; /* forms are being learnt from the document */
    struct str tag; /* what the names of kinds begin with: "" unless the document has words like placeholders */
};

static enum err cannot(struct error *e, const char *why)
{
    error_set_reason(e, ERR_CONFLICT, "cannot_redact",
                     "personal data cannot surely be replaced by placeholders, so nothing is sent to a model: %s", why);
    return error_hint(e, "The rules review alone. The operator can switch this off: PRISM_REDACT=false.");
}

/* --- folding --- */

/* The lower-case bytes of the letter or digit at *at; 0: it is neither. *at is moved behind it. */
static size_t fold_next(struct str text, size_t *at, uint8_t ret[4], uint32_t *ret_rune)
{
    uint32_t r = utf8_next(text, at);
    *ret_rune = r;
    if (!utf8_is_letter(r) && !utf8_is_digit(r)) return 0;
    r = utf8_to_lower(r);
    if (r < 0x80) {
        ret[0] = (uint8_t)r;
        return 1;
    }
    size_t n = r < 0x800 ? 2 : r < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; r >>= 6)
        ret[i] = (uint8_t)(0x80 | (r & 0x3F));
    ret[0] = (uint8_t)((0xF00u >> n) | r);
    return n;
}

static struct node *child_of(const struct node *n, uint8_t byte)
{
    struct node *c = n->child;
    while (c && c->byte != byte)
        c = c->next;
    return c;
}

/* --- finding what stands in a text --- */

struct found {
    size_t start, end; /* bytes */
    const struct value *value;
};

/* Does a word begin at `at` (or end before it)? "JaneDoe" has two, so has "doe42". */
static bool is_border(struct str text, size_t at)
{
    if (at == 0 || at >= text.n) return true;
    size_t i = at, k = at;
    uint32_t before = utf8_prev(text, &i), behind = utf8_next(text, &k);
    bool letter = utf8_is_letter(before), digit = utf8_is_digit(before);
    if ((!letter && !digit) || (!utf8_is_letter(behind) && !utf8_is_digit(behind))) return true;
    if (letter != utf8_is_letter(behind)) return true;
    return letter && utf8_is_lower(before) && utf8_is_upper(behind);
}

/* Of value at [start, end): widened by the signs that it has at its ends, where they stand there. */
static void widen(struct str text, struct found *f)
{
    struct str v = f->value->as_is;
    size_t lead = 0, behind, i;
    uint8_t bytes[4];
    uint32_t rune;
    for (i = 0; i < v.n && fold_next(v, &i, bytes, &rune) == 0;)
        lead = i;
    for (behind = v.n; behind > 0;) {
        size_t before = behind, k;
        (void)utf8_prev(v, &before);
        k = before;
        if (fold_next(v, &k, bytes, &rune) > 0) break;
        behind = before;
    }
    if (lead > 0 && lead < v.n && f->start >= lead &&
        str_eq(str_sub(text, f->start - lead, f->start), str_sub(v, 0, lead)))
        f->start -= lead;
    size_t tail = v.n - behind;
    if (tail > 0 && tail < v.n && str_eq(str_sub(text, f->end, f->end + tail), str_sub(v, behind, v.n))) f->end += tail;
}

static bool fits(const struct redact *r, struct str text, const struct found *f)
{
    const struct value *v = f->value;
    struct str at = str_sub(text, f->start, f->end);
    size_t i = 0;
    bool whole = v->kind == RULES_PERSON && !v->part;
    if (!is_border(text, f->end) && !(whole && v->n_folded >= LONG_NAME)) return false;
    if (v->proper && !utf8_is_upper(utf8_next(at, &i))) return false;
    /* a whole name in a form that is not known is its parts, which are values as well */
    return !(v->exact || whole) || map_get(&r->by_text, at) || (!v->exact && r->gathering);
}

/* Down the tree along these bytes; NULL: there is nothing. */
static const struct node *walk(const struct node *n, const uint8_t *bytes, size_t k)
{
    for (size_t b = 0; b < k; b++) {
        n = child_of(n, bytes[b]);
        if (!n) return NULL;
    }
    return n;
}

/* The longest value that begins at `at`. */
static bool longest(const struct redact *r, struct str text, size_t at, struct found *ret)
{
    const struct node *n = &r->root;
    size_t gap = 0;
    bool found = false;
    for (size_t i = at; i < text.n && gap <= GAP_MAX;) {
        uint8_t bytes[4];
        uint32_t rune;
        size_t k = fold_next(text, &i, bytes, &rune);
        if (k == 0) {
            gap++;
            continue;
        }
        gap = 0;
        n = walk(n, bytes, k);
        if (!n) break;
        struct found f = {at, i, n->value};
        if (!n->value) continue;
        widen(text, &f);
        if (!fits(r, text, &f)) continue;
        *ret = f;
        found = true;
    }
    return found;
}

/* The next value at or behind `from`. */
static bool next_value(const struct redact *r, struct str text, size_t from, struct found *ret)
{
    for (size_t at = from; at < text.n;) {
        size_t i = at;
        uint8_t bytes[4];
        uint32_t rune;
        if (fold_next(text, &i, bytes, &rune) > 0 && is_border(text, at) && longest(r, text, at, ret) &&
            ret->start >= from)
            return true;
        at = i;
    }
    return false;
}

/* --- placeholders --- */

static bool is_token_byte(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }
static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 0x20) : c; }

/* Is word ("PERSON_1_2", any case) of the form of our placeholders? */
static bool looks_ours(const struct redact *r, struct str word)
{
    if (!str_starts_nocase(word, r->tag)) return false;
    word = str_sub(word, r->tag.n, word.n);
    for (size_t k = 0; k < RULES_PERSONAL_KINDS; k++) {
        struct str name = str_from_c(kind_names[k]);
        if (str_starts_nocase(word, name) && word.n > name.n + 1 && word.p[name.n] == '_' &&
            word.p[name.n + 1] >= '0' && word.p[name.n + 1] <= '9')
            return true;
    }
    return false;
}

/* The next stretch of letters, digits and _ that looks like a placeholder, at or behind from. */
static bool next_token(const struct redact *r, struct str text, size_t from, size_t *ret_start, size_t *ret_end)
{
    for (size_t at = from, end; at < text.n; at = end + (end == at)) {
        for (end = at; end < text.n && is_token_byte(upper(text.p[end]));)
            end++;
        if (end == at || !looks_ours(r, str_sub(text, at, end))) continue;
        *ret_start = at;
        *ret_end = end;
        return true;
    }
    return false;
}

enum err redact_back(const struct redact *r, struct str text, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    size_t done = 0, start, end;
    *ret = text;
    if (r->mode == REDACT_OFF) return ERR_OK;
    for (size_t at = 0; next_token(r, text, at, &start, &end); at = end) {
        char token[64];
        bool bracketed = start > 0 && text.p[start - 1] == '[' && end < text.n && text.p[end] == ']';
        const struct form *form = NULL;
        if (bracketed && end - start + 2 <= sizeof token) {
            start--;
            end++;
            for (size_t i = start; i < end; i++)
                token[i - start] = upper(text.p[i]);
            form = map_get(&r->by_placeholder, (struct str){token, end - start});
        }
        if (!form) {
            error_set_reason(e, ERR_INVALID, "unknown_placeholder", "the model has made up the placeholder \"%.*s\"",
                             STR_ARG(str_sub(text, start, end)));
            return ERR_INVALID;
        }
        sb_str(&b, str_sub(text, done, start));
        sb_str(&b, form->text);
        done = end;
    }
    if (done == 0) return ERR_OK;
    sb_str(&b, str_sub(text, done, text.n));
    return sb_take(&b, a, ret, e);
}

/* --- replacing --- */

enum err redact_text(const struct redact *r, struct str text, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct str made = text, back = STR_EMPTY;
    size_t done = 0, start, end;
    struct found f;
    *ret = text;
    if (r->mode == REDACT_OFF) return ERR_OK;
    if (next_token(r, text, 0, &start, &end)) return cannot(e, "a text has words that look like a placeholder");
    while (next_value(r, text, done, &f)) {
        const struct form *form = map_get(&r->by_text, str_sub(text, f.start, f.end));
        if (!form) return cannot(e, "a value is written in a way that the document does not know");
        sb_str(&b, str_sub(text, done, f.start));
        sb_str(&b, form->placeholder);
        done = f.end;
    }
    if (done == 0) return ERR_OK;
    sb_str(&b, str_sub(text, done, text.n));
    TRY(sb_take(&b, a, &made, e));
    for (size_t from = 0; from < made.n; from = end + 1) { /* what is between the placeholders */
        bool more = next_token(r, made, from, &start, &end);
        struct str between = str_sub(made, from, more ? start : made.n);
        if (next_value(r, between, 0, &f)) return cannot(e, "a value would remain");
        if (!more) break;
    }
    TRY(redact_back(r, made, a, &back, e));
    if (!str_eq(back, text)) return cannot(e, "it could not be put back");
    *ret = made;
    return ERR_OK;
}

/* --- making --- */

static enum err add_form(struct redact *r, const struct value *v, struct str text, struct error *e)
{
    if (map_get(&r->by_text, text)) return ERR_OK;
    if (++r->n_forms > FORMS_MAX) return cannot(e, "there are too many");
    struct form *form = NEW(r->a, struct form, 1);
    if (!form) return error_no_memory(e);
    form->text = str_dup(r->a, text);
    uint32_t n = ++*v->forms;
    const char *kind = kind_names[v->kind];
    form->placeholder = n == 1 ? str_printf(r->a, "[%.*s%s_%u]", STR_ARG(r->tag), kind, v->number)
                               : str_printf(r->a, "[%.*s%s_%u_%u]", STR_ARG(r->tag), kind, v->number, n);
    if (!form->text.p || !form->placeholder.p || !map_put(&r->by_text, form->text, form) ||
        !map_put(&r->by_placeholder, form->placeholder, form))
        return error_no_memory(e);
    return ERR_OK;
}

/* The node of a text; made where it is missing. */
static enum err node_of(struct redact *r, struct str text, struct node **ret, size_t *ret_folded, struct error *e)
{
    struct node *n = &r->root;
    *ret_folded = 0;
    for (size_t at = 0; at < text.n;) {
        uint8_t bytes[4];
        uint32_t rune;
        size_t k = fold_next(text, &at, bytes, &rune);
        *ret_folded += k;
        for (size_t b = 0; b < k; b++) {
            struct node *c = child_of(n, bytes[b]);
            if (!c) {
                c = NEW(r->a, struct node, 1);
                if (!c) return error_no_memory(e);
                *c = (struct node){.byte = bytes[b], .next = n->child};
                n->child = c;
            }
            n = c;
        }
    }
    *ret = n;
    return ERR_OK;
}

struct new_value {
    enum rules_personal_kind kind;
    struct str text;
    const struct value *whole; /* the name of which it is a part; NULL */
    bool part, proper;
};

/* *ret: NULL when it was there, or is too short for a part of a name. */
static enum err add_value(struct redact *r, const struct new_value *new, struct value **ret, struct error *e)
{
    struct node *n = NULL;
    size_t folded = 0;
    *ret = NULL;
    TRY(node_of(r, new->text, &n, &folded, e));
    if (new->kind != RULES_PERSON && folded < FOLDED_MIN)
        return cannot(e, "one is too short to be told from other words");
    if (n->value) return add_form(r, n->value, new->text, e); /* written otherwise, or another with the same digits */
    if (folded < PART_MIN) return ERR_OK;
    struct value *v = NEW(r->a, struct value, 1);
    if (!v) return error_no_memory(e);
    *v = (struct value){
        .kind = new->kind, .as_is = new->text, .n_folded = folded, .part = new->part, .proper = new->proper};
    v->exact = v->kind == RULES_IP || (v->kind != RULES_PERSON && folded < LOOSE_MIN);
    v->number = new->whole ? new->whole->number : ++r->numbers[v->kind];
    v->forms = new->whole ? new->whole->forms : NEW(r->a, uint32_t, 1);
    if (!v->forms) return error_no_memory(e);
    n->value = *ret = v;
    return add_form(r, v, v->as_is, e);
}

/* In small letters, and in capitals where all are of ASCII: as somebody may write it who asks about the document. */
static enum err add_cases(struct redact *r, const struct value *v, struct error *e)
{
    CLEANUP_SB struct sb low = SB_INIT(SIZE_MAX);
    CLEANUP_SB struct sb high = SB_INIT(SIZE_MAX);
    bool ascii = true;
    for (size_t at = 0; at < v->as_is.n;) {
        uint32_t rune = utf8_next(v->as_is, &at);
        ascii = ascii && rune < 0x80;
        sb_rune(&low, utf8_to_lower(rune));
        sb_char(&high, upper((char)(rune & 0x7F)));
    }
    if (!sb_ok(&low) || !sb_ok(&high)) return error_no_memory(e);
    if (!v->exact && !v->proper) TRY(add_form(r, v, sb_view(&low), e));
    return v->exact || !ascii ? ERR_OK : add_form(r, v, sb_view(&high), e);
}

struct making {
    struct redact *r;
    struct rules_personal_found found;
    VEC(struct value *) values;
    struct map ordinary; /* parts of names, in small letters, that are words of the document */
    struct error *e;
};

static enum err add(struct making *m, const struct new_value *new)
{
    struct value *v = NULL;
    TRY(add_value(m->r, new, &v, m->e));
    if (!v) return ERR_OK;
    struct value **slot = VEC_PUSH(m->r->a, &m->values);
    if (!slot) return error_no_memory(m->e);
    *slot = v;
    return ERR_OK;
}

/* The next part of a name that is one by itself: not an initial, not "van". */
static struct str next_part(struct str *rest)
{
    while (rest->p) {
        size_t at = 0;
        struct str part = str_trim(str_cut(*rest, ' ', rest));
        if (part.n > PART_MIN - 1 && !str_ends(part, STR(".")) && utf8_is_upper(utf8_next(part, &at))) return part;
    }
    return STR_EMPTY;
}

/* Values that are whole, then the parts of names: of whom a part is can be told when all names are known. */
static enum err add_wholes(struct making *m)
{
    for (size_t i = 0; i < m->found.n; i++) {
        const struct rules_personal *p = &m->found.at[i];
        struct str text = str_trim(p->value);
        if (p->kind == RULES_PERSON && str_find_char(text, ' ', 0) == STR_NONE) continue;
        TRY(add(m, &(struct new_value){.kind = p->kind, .text = text}));
    }
    for (size_t i = 0; i < m->values.n; i++) {
        const struct value *v = m->values.at[i];
        struct str rest = v->kind == RULES_PERSON ? v->as_is : STR_EMPTY;
        for (struct str part; (part = next_part(&rest)).n > 0;) {
            struct node *n = NULL;
            size_t folded = 0;
            TRY(node_of(m->r, part, &n, &folded, m->e));
            n->shared = n->shared || (n->owner && n->owner != v);
            n->owner = v;
        }
    }
    return ERR_OK;
}

/* Notes which words of the document are written small where they stand by themselves. */
static enum err find_ordinary(struct making *m, struct map *parts)
{
    for (size_t i = 0; i < m->found.n_texts && parts->n > 0; i++) {
        struct str text = m->found.texts[i];
        for (size_t at = 0, start; at < text.n;) {
            bool plain = true;
            for (start = at; at < text.n && text.p[at] != ' ' && text.p[at] != '\n' && text.p[at] != '\t'; at++)
                plain = plain && strchr("@/_\\[]", text.p[at]) == NULL && text.p[at] != '\0';
            struct str word = str_sub(text, start, at);
            while (word.n > 0 && strchr(".,;:!?)", word.p[word.n - 1]))
                word.n--;
            at += at < text.n;
            void *known = plain && word.n > 0 ? map_get(parts, word) : NULL;
            if (known && !map_put(&m->ordinary, word, known)) return error_no_memory(m->e);
        }
    }
    return ERR_OK;
}

static enum err add_part(struct making *m, struct str part, const struct value *whole)
{
    struct node *n = NULL;
    size_t folded = 0;
    struct str low = utf8_fold_case(m->r->a, part);
    if (!low.p) return error_no_memory(m->e);
    TRY(node_of(m->r, part, &n, &folded, m->e));
    bool proper = map_get(&m->ordinary, low) != NULL;
    return add(m, &(struct new_value){RULES_PERSON, part, n->shared ? NULL : whole, true, proper});
}

/* What add_part and find_ordinary are called for: each part of each name, and names of one word. */
static enum err add_parts(struct making *m)
{
    struct map parts = map_make(m->r->a);
    size_t wholes = m->values.n;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < wholes + m->found.n; i++) {
            const struct value *whole = i < wholes ? m->values.at[i] : NULL;
            struct str rest = STR_EMPTY;
            if (whole && whole->kind == RULES_PERSON) rest = whole->as_is;
            if (!whole && m->found.at[i - wholes].kind == RULES_PERSON) rest = str_trim(m->found.at[i - wholes].value);
            if (!whole && str_find_char(rest, ' ', 0) != STR_NONE) continue;
            for (struct str part; (part = next_part(&rest)).n > 0;) {
                if (pass == 1) {
                    TRY(add_part(m, part, whole));
                    continue;
                }
                struct str low = utf8_fold_case(m->r->a, part);
                if (!low.p || !map_put(&parts, low, m)) return error_no_memory(m->e);
            }
        }
        if (pass == 0) TRY(find_ordinary(m, &parts));
    }
    return ERR_OK;
}

static enum err choose_tag(struct making *m)
{
    static const char tags[TAG_TRIES][3] = {"",   "A_", "B_", "C_", "D_", "E_", "F_", "G_", "H_",
                                            "J_", "K_", "L_", "M_", "N_", "O_", "P_", "Q_", "R_",
                                            "S_", "T_", "U_", "V_", "W_", "X_", "Y_", "Z_"};
    for (size_t t = 0; t < TAG_TRIES; t++) {
        size_t start, end, i = 0;
        m->r->tag = str_from_c(tags[t]);
        while (i < m->found.n_texts && !next_token(m->r, m->found.texts[i], 0, &start, &end))
            i++;
        if (i == m->found.n_texts) return ERR_OK;
    }
    return cannot(m->e, "the document has words like every placeholder");
}

static enum err make(struct making *m)
{
    TRY(choose_tag(m));
    TRY(add_wholes(m));
    TRY(add_parts(m));
    m->r->gathering = true;
    for (size_t i = 0; i < m->found.n_texts; i++) {
        struct found f;
        struct str text = m->found.texts[i];
        for (size_t at = 0; next_value(m->r, text, at, &f); at = f.end)
            TRY(add_form(m->r, f.value, str_sub(text, f.start, f.end), m->e));
    }
    m->r->gathering = false;
    for (size_t i = 0; i < m->values.n; i++) { /* each is found where it stands by itself, whole */
        struct found f;
        struct str text = m->values.at[i]->as_is;
        if (!next_value(m->r, text, 0, &f) || f.end - f.start < text.n)
            return cannot(m->e, "one cannot be told from what is around it");
    }
    for (size_t i = 0; i < m->values.n; i++)
        TRY(add_cases(m->r, m->values.at[i], m->e));
    return ERR_OK;
}

enum err redact_new(const struct rules_engine *engine, const struct doc *doc, enum redact_mode mode, struct arena *a,
                    struct redact **ret, struct error *e)
{
    struct redact *r = NEW(a, struct redact, 1);
    if (!r) return error_no_memory(e);
    *r = (struct redact){.mode = mode, .a = a, .by_text = map_make(a), .by_placeholder = map_make(a)};
    if (mode == REDACT_ON) {
        struct making m = {.r = r, .ordinary = map_make(a), .e = e};
        enum err err = rules_personal_find(engine, doc, a, &m.found, e);
        if (err == ERR_LIMIT && !error_is_no_memory(e)) return cannot(e, "there are too many");
        if (err != ERR_OK) return err;
        TRY(make(&m));
    }
    *ret = r;
    return ERR_OK;
}
