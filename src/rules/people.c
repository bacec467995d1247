/* Names of people, where the document shows surely that they are names: its author and those of comments and changes; behind a form of address
 * ("Dr. Doe"), a label ("Owner: Jane Doe", "From: Jane Doe <…>") or in the column of a table under one; and words that an e-mail address is made of.
 * What looks like a name elsewhere (two capitalized words) may be a product or a place and is left. A name is two to four words, "Doe, Jane" is turned
 * round; a single word only behind a form of address or a greeting.
 * A team under a label ("Owner: Risk Operations") is told by the words that teams are named with. Its price: a person called Risk is missed there. */
#include "base/utf8.h"
#include "rules/personal_priv.h"
#include "rules/words.h"

#define NAME_WORDS_MAX 4
#define NAME_BYTES_MAX 80
#define LABEL_MAX      40  /* bytes */
#define ADDRESSES_MAX  200 /* of e-mail that are held against all texts */

static const char *const labels[] = {"account manager",
                                     "action owner",
                                     "analyst",
                                     "approved by",
                                     "approver",
                                     "assigned to",
                                     "assignee",
                                     "attendees",
                                     "author",
                                     "authors",
                                     "case owner",
                                     "cc",
                                     "contact",
                                     "contact person",
                                     "created by",
                                     "customer",
                                     "customer name",
                                     "dri",
                                     "employee",
                                     "employee name",
                                     "engineer",
                                     "escalated to",
                                     "from",
                                     "full name",
                                     "interviewed",
                                     "investigator",
                                     "lead",
                                     "manager",
                                     "name",
                                     "on call",
                                     "on-call",
                                     "owner",
                                     "owners",
                                     "participants",
                                     "poc",
                                     "point of contact",
                                     "prepared by",
                                     "reported by",
                                     "reporter",
                                     "requester",
                                     "responsible",
                                     "responsible person",
                                     "reviewed by",
                                     "reviewer",
                                     "seller name",
                                     "sent by",
                                     "signed",
                                     "signed by",
                                     "submitted by",
                                     "to",
                                     "witness",
                                     "written by"};

static const char *const not_people[] = {
    "account",    "accounts",   "acme",           "administrator", "all",      "analyst",     "author",   "bank",
    "business",   "center",     "centre",         "committee",     "company",  "compliance",  "corp",     "customer",
    "customers",  "data",       "department",     "desk",          "director", "engineering", "finance",  "gmbh",
    "group",      "inc",        "investigations", "lead",          "legal",    "limited",     "llc",      "logistics",
    "ltd",        "management", "manager",        "marketplace",   "member",   "microsoft",   "network",  "office",
    "operations", "ops",        "payments",       "platform",      "policy",   "prism",       "product",  "program",
    "project",    "quality",    "report",         "reviewer",      "risk",     "sales",       "security", "seller",
    "sellers",    "service",    "services",       "sir",           "site",     "support",     "system",   "systems",
    "team",       "teams",      "technology",     "unit",          "unknown",  "user",        "vendor",   "word"};

static bool listed(const char *const *list, size_t n, struct str word)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(word, str_from_c(list[i]))) return true;
    return false;
}
#define LISTED(list, word) listed((list), sizeof(list) / sizeof *(list), (word))

static bool is_label(struct str text)
{
    text = str_trim(text);
    if (text.n > 0 && text.p[text.n - 1] == ':') text.n--;
    return text.n > 0 && text.n <= LABEL_MAX && LISTED(labels, str_trim(text));
}

enum word_kind { WORD_NONE, WORD_NAME, WORD_SMALL /* "van", "J." */ };

/* The word of a name at *at, and *at behind it. */
static enum word_kind name_word(struct str text, size_t *at)
{
    static const char *const small[] = {"al", "bin", "da", "de", "del", "della", "der", "di", "la", "van", "von", "zu"};
    size_t i = *at, start = *at, letters = 0, lower = 0;
    bool capital = false, last_letter = false;
    while (i < text.n) {
        size_t before = i;
        uint32_t r = utf8_next(text, &i);
        bool joint = last_letter && (r == '\'' || r == 0x2019 || r == '-');
        if (!utf8_is_letter(r) && !joint) {
            i = before;
            break;
        }
        if (letters == 0) capital = utf8_is_upper(r);
        last_letter = utf8_is_letter(r);
        letters += last_letter;
        lower += last_letter && utf8_is_lower(r);
    }
    while (i > start && !utf8_is_letter((unsigned char)text.p[i - 1]) && (unsigned char)text.p[i - 1] < 0x80)
        i--; /* an apostrophe at its end is not its own */
    struct str word = str_sub(text, start, i);
    *at = i;
    if (str_ends(word, STR("'s"))) *at = i -= 2;
    if (letters == 1 && capital && i < text.n && text.p[i] == '.') {
        *at = i + 1;
        return WORD_SMALL;
    }
    if (capital && letters >= 2 && lower > 0 && !LISTED(not_people, word)) return WORD_NAME;
    return LISTED(small, word) ? WORD_SMALL : WORD_NONE;
}

static size_t spaces(struct str text, size_t at)
{
    size_t i = at;
    while (i < text.n && (text.p[i] == ' ' || text.p[i] == '\t'))
        i++;
    return i - at;
}

/* The name at `at`: how many bytes, 0 for none. least: how many words it must have. */
static size_t name_at(struct str text, size_t at, size_t least)
{
    size_t i = at, end = at, names = 0;
    for (size_t words = 0; words < NAME_WORDS_MAX; words++) {
        enum word_kind kind = name_word(text, &i);
        if (kind == WORD_NONE) break;
        if (kind == WORD_NAME) {
            names++;
            end = i;
        }
        size_t gap = spaces(text, i);
        if (gap == 0) break;
        i += gap;
    }
    /* the word behind it tells a team: "Risk Operations", "Jane Street Group" */
    size_t behind = end + spaces(text, end), word_end = behind;
    while (word_end < text.n && ((unsigned)((unsigned char)text.p[word_end] | 0x20) - 'a' < 26u))
        word_end++;
    if (behind > end && word_end > behind && LISTED(not_people, str_sub(text, behind, word_end)) &&
        (text.p[behind] & 0x20) == 0)
        return 0;
    return names >= least && end - at <= NAME_BYTES_MAX ? end - at : 0;
}

struct finder {
    struct arena *a;
    struct rules__personal_list *list;
    struct error *e;
};

static enum err add(struct finder *f, struct str value)
{
    struct rules_personal *found = VEC_PUSH(f->a, &f->list->at);
    if (!found) return error_no_memory(f->e);
    *found = (struct rules_personal){RULES_PERSON, value};
    return ERR_OK;
}

/* "Doe, Jane" and no more than that. */
static enum err turned(struct finder *f, struct str text, bool *ret_done)
{
    size_t n = 0, from = 0;
    *ret_done = false;
    size_t comma = str_find_char(text, ',', 0);
    if (comma == STR_NONE || (n = name_at(text, 0, 1)) != comma) return ERR_OK;
    from = comma + 1 + spaces(text, comma + 1);
    size_t m = name_at(text, from, 1);
    if (m == 0 || from + m != text.n) return ERR_OK;
    if (str_find_char(str_sub(text, 0, n), ' ', 0) != STR_NONE ||
        str_find_char(str_sub(text, from, text.n), ' ', 0) != STR_NONE)
        return ERR_OK; /* "Jane Doe, John Roe": two */
    struct str value =
        str_printf(f->a, "%.*s %.*s", STR_ARG(str_sub(text, from, text.n)), STR_ARG(str_sub(text, 0, n)));
    *ret_done = true;
    return value.p ? add(f, value) : error_no_memory(f->e);
}

/* Names that stand there one behind the other: "Jane Doe, John Roe and Max Poe <max@…>". Ends where none comes. */
static enum err names_from(struct finder *f, struct str text)
{
    bool done = false;
    text = str_trim(text);
    TRY(turned(f, text, &done));
    for (size_t at = 0; !done && at < text.n;) {
        size_t n = name_at(text, at, 2);
        if (n == 0) break;
        TRY(add(f, str_sub(text, at, at + n)));
        at += n + spaces(text, at + n);
        if (at < text.n && (text.p[at] == '<' || text.p[at] == '(')) { /* an address or a role */
            size_t close = str_find_char(text, text.p[at] == '<' ? '>' : ')', at);
            at = close == STR_NONE ? text.n : close + 1;
        }
        at += spaces(text, at);
        if (at < text.n && strchr(",;/&\n", text.p[at]))
            at++;
        else if (!str_starts(str_sub(text, at, text.n), STR("and ")))
            break;
        else
            at += 4;
        while (at < text.n && (text.p[at] == ' ' || text.p[at] == '\n'))
            at++;
    }
    return ERR_OK;
}

/* Labels at the beginning of a line. */
static enum err labelled(struct finder *f, struct str text)
{
    for (struct str rest = text; rest.p;) {
        struct str line = str_cut(rest, '\n', &rest);
        size_t colon = str_find_char(line, ':', 0);
        if (colon == STR_NONE || colon > LABEL_MAX || !is_label(str_sub(line, 0, colon))) continue;
        TRY(names_from(f, str_sub(line, colon + 1, line.n)));
    }
    return ERR_OK;
}

/* "Mr. Doe", "Dear Jane,". */
static enum err addressed(struct finder *f, struct str text)
{
    static const char *const forms[] = {"Mr", "Mrs", "Ms", "Mx", "Dr", "Prof", "Herr", "Frau", "Mme"};
    static const char *const greetings[] = {"Dear", "Hi", "Hello"};
    struct word w;
    for (size_t i = 0; words_next(text, &i, &w);) {
        struct str word = words_text(text, w);
        bool form = w.upper_first && LISTED(forms, word), greeting = w.upper_first && LISTED(greetings, word);
        if (!form && !greeting) continue;
        size_t at = w.end + (form && w.end < text.n && text.p[w.end] == '.');
        size_t gap = spaces(text, at), n = gap > 0 ? name_at(text, at + gap, 1) : 0;
        bool ends = at + gap + n == text.n || strchr(",!\n", text.p[at + gap + n]);
        if (n > 0 && (form || ends)) TRY(add(f, str_sub(text, at + gap, at + gap + n)));
    }
    return ERR_OK;
}

/* A cell beside a label, or under one in the first row. */
static enum err tabled(struct finder *f, const struct doc *doc)
{
    for (uint32_t i = 1; i < doc->cells.n; i++) {
        const struct doc_cell *c = &doc->cells.at[i], *left = &doc->cells.at[i - 1];
        bool named = left->row == c->row && c->column > 0 && left->first_block < left->end_block &&
                     is_label(doc->blocks.at[left->first_block].text);
        const struct doc_row *first = &doc->rows.at[doc->tables.at[c->table].first_row];
        for (uint32_t k = 0; !named && c->row_number > 0 && k < first->cell_count; k++) {
            const struct doc_cell *head = &doc->cells.at[first->first_cell + k];
            named = head->column == c->column && head->first_block < head->end_block &&
                    is_label(doc->blocks.at[head->first_block].text);
        }
        for (uint32_t b = c->first_block; named && b < c->end_block; b++)
            TRY(names_from(f, doc->blocks.at[b].text));
    }
    return ERR_OK;
}

/* "jane.doe@…": the words, where they stand in the text as a name. */
static enum err mailed(struct finder *f, struct str address, const struct str *texts, size_t n)
{
    struct str local = str_sub(address, 0, str_find_char(address, '@', 0)), last = STR_EMPTY;
    size_t cut = 0;
    while (cut < local.n && !strchr("._-", local.p[cut]))
        cut++;
    last = str_sub(local, cut + 1, local.n);
    if (cut < 2 || last.n < 2) return ERR_OK;
    CLEANUP_SB struct sb b = SB_INIT(256);
    sb_str(&b, str_sub(local, 0, cut));
    SB_LIT(&b, " ");
    sb_str(&b, last);
    if (!sb_ok(&b)) return b.no_memory ? error_no_memory(f->e) : ERR_OK;
    struct str name = sb_view(&b);
    for (size_t i = 0; i < n; i++)
        for (size_t at = 0; (at = str_find_nocase(texts[i], name, at)) != STR_NONE; at += name.n)
            if (name_at(texts[i], at, 2) >= name.n) return add(f, str_sub(texts[i], at, at + name.n));
    return ERR_OK;
}

enum err rules__people_find(const struct doc *doc, const struct str *texts, size_t n, struct arena *a,
                            struct rules__personal_list *list, struct error *e)
{
    struct finder f = {a, list, e};
    size_t known = list->at.n;
    TRY(names_from(&f, doc->properties.creator));
    TRY(names_from(&f, doc->properties.last_modified_by));
    for (uint32_t i = 0; i < doc->comments.n; i++)
        TRY(names_from(&f, doc->comments.at[i].author));
    for (uint32_t i = 0; i < doc->revisions.n; i++)
        TRY(names_from(&f, doc->revisions.at[i].author));
    for (size_t i = 0; i < n; i++) {
        TRY(labelled(&f, texts[i]));
        TRY(addressed(&f, texts[i]));
    }
    TRY(tabled(&f, doc));
    for (size_t i = 0, seen = 0; i < known && seen < ADDRESSES_MAX; i++) {
        if (list->at.at[i].kind != RULES_EMAIL) continue;
        seen++;
        TRY(mailed(&f, list->at.at[i].value, texts, n));
    }
    return ERR_OK;
}
