/* Cross-references to what is not in the document: "see section 4.7" where section 4 ends with 4.5, "Table 9" of four tables.
 *
 * First everything that can be referred to is gathered (numbers of headings and numbered paragraphs as Word shows them or as typed,
 * captions, appendices), then each reference is looked up. A reference is left alone when it may mean another document: "section 5
 * of the Act", a number far beyond ours, a kind of which this document has none.
 * Limits: English names; of a range only its first number. */
#include "rules/engine_priv.h"
#include "rules/registry_priv.h"

enum kind { SECTION, TABLE, FIGURE, APPENDIX, KINDS };
static const char *const kind_words[KINDS] = {"section", "table", "figure", "appendix"};

struct targets {
    struct map known[KINDS]; /* "4.2", "B" -> anything */
    size_t n[KINDS];
    bool parted[KINDS];        /* some number has parts: "Figure 2-1" */
    unsigned long max_section; /* the highest first number */
    uint32_t figures, tables;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* "4.2" of "4.2.", "4.2 Timeline", "Section 4.2:"; n 0: no number. */
static struct str leading_number(struct str s)
{
    s = str_trim(s);
    if (str_starts_nocase(s, STR("section "))) s = str_trim(str_sub(s, 8, s.n));
    if (str_starts_nocase(s, STR("article "))) s = str_trim(str_sub(s, 8, s.n));
    size_t at = 0;
    while (at < s.n && (is_digit(s.p[at]) || (s.p[at] == '.' && at > 0 && at + 1 < s.n && is_digit(s.p[at + 1]))))
        at++;
    if (at == 0 || at > 16 || (at < s.n && is_alpha(s.p[at]))) return STR_EMPTY;
    return str_sub(s, 0, at);
}

static unsigned long first_number(struct str s)
{
    unsigned long n = 0;
    for (size_t i = 0; i < s.n && is_digit(s.p[i]) && n < 100000; i++)
        n = n * 10 + (unsigned long)(s.p[i] - '0');
    return n;
}

static bool is_parted(struct str number)
{
    return str_find_char(number, '.', 0) != STR_NONE || str_find_char(number, '-', 0) != STR_NONE;
}

static enum err add_target(struct rules_run *run, struct targets *t, enum kind kind, struct str number, struct error *e)
{
    if (number.n == 0 || map_get(&t->known[kind], number)) return ERR_OK;
    struct str key = str_dup(run->arena, number);
    if (!key.p || !map_put(&t->known[kind], key, t)) return error_no_memory(e);
    t->n[kind]++;
    if (is_parted(number)) t->parted[kind] = true;
    if (kind == SECTION && first_number(number) > t->max_section) t->max_section = first_number(number);
    return ERR_OK;
}

static enum err add_section_targets(struct rules_run *run, struct targets *t, const struct doc_block *block,
                                    struct error *e)
{
    struct str number = block->label.n ? leading_number(block->label) : STR_EMPTY;
    if (number.n == 0 && block->heading_level) number = leading_number(block->text);
    /* a typed "4.2 The seller shall": a numbered paragraph of a contract; a typed "12 orders" is none */
    if (number.n == 0 && block->cell == DOC_NONE) {
        number = leading_number(block->text);
        struct str rest = str_trim(block->text);
        bool dotted =
            number.n && (str_find_char(number, '.', 0) != STR_NONE || (number.n < rest.n && rest.p[number.n] == '.'));
        if (!dotted) number = STR_EMPTY;
    }
    if (number.n == 0) return ERR_OK;
    TRY(add_target(run, t, SECTION, number, e));
    for (size_t cut = number.n; cut-- > 0;) /* 4.2.1 says that there is a 4.2 */
        if (number.p[cut] == '.') TRY(add_target(run, t, SECTION, str_sub(number, 0, cut), e));
    return ERR_OK;
}

/* A caption or an appendix's heading: the block begins with "Table 3", and no small letter follows ("Table 3 shows"). */
static enum err add_caption(struct rules_run *run, struct targets *t, const struct doc_block *block, struct error *e)
{
    struct pattern_match m;
    if (!pattern_find(rules__pattern(run, "structure.caption"), block->text, 0, &m)) return ERR_OK;
    struct str word = pattern_group(block->text, &m, 1), number = pattern_group(block->text, &m, 2);
    struct str behind = str_trim(str_sub(block->text, m.end, block->text.n));
    if (behind.n && behind.p[0] >= 'a' && behind.p[0] <= 'z' && block->heading_level == 0) return ERR_OK;
    enum kind kind = word.p[0] == 'T' || word.p[0] == 't'   ? TABLE
                     : word.p[0] == 'F' || word.p[0] == 'f' ? FIGURE
                                                            : APPENDIX;
    return add_target(run, t, kind, number, e);
}

static enum err gather_targets(struct rules_run *run, struct targets *t, struct error *e)
{
    const struct doc *doc = run->doc;
    for (int i = 0; i < KINDS; i++)
        t->known[i] = map_make(run->arena);
    for (uint32_t i = 0; i < doc->body_end_block; i++) {
        const struct doc_block *block = &doc->blocks.at[i];
        if (block->is_toc) continue;
        TRY(add_section_targets(run, t, block, e));
        TRY(add_caption(run, t, block, e));
        if (block->label.n) { /* "Appendix A" as Word's own number */
            struct doc_block labelled = *block;
            labelled.text = block->label;
            TRY(add_caption(run, t, &labelled, e));
        }
    }
    t->figures = doc->images.n;
    t->tables = doc->tables.n;
    return ERR_OK;
}

/* "1.704-2", "18.06.040": laws are numbered so, documents are not. */
static bool is_statute(struct str number)
{
    size_t digits = 0;
    for (size_t i = 0; i < number.n; i++) {
        if (number.p[i] == '-') return true;
        digits = is_digit(number.p[i]) ? digits + 1 : 0;
        if (digits >= 3 || (digits == 2 && number.p[i - 1] == '0')) return true;
    }
    return false;
}

/* Could the reference mean this document, and is what it names not there? */
static bool is_missing(const struct targets *t, enum kind kind, struct str number)
{
    if (map_get(&t->known[kind], number)) return false;
    unsigned long n = first_number(number);
    if ((kind == TABLE || kind == FIGURE) && is_parted(number) != t->parted[kind])
        return false; /* another document's way of counting */
    switch (kind) {
    case SECTION: return t->n[SECTION] >= 3 && n > 0 && n <= t->max_section + 6 && !is_statute(number);
    case TABLE: return t->n[TABLE] > 0 ? n <= t->n[TABLE] + 20 : n > t->tables && n < 50;
    case FIGURE: return t->n[FIGURE] > 0 ? n <= t->n[FIGURE] + 20 : n > t->figures && n < 50;
    default: return t->n[APPENDIX] > 0;
    }
}

static enum kind kind_of(struct str word)
{
    switch (word.n ? word.p[0] | 0x20 : 0) {
    case 's': return SECTION;
    case 't': return TABLE;
    case 'f': return FIGURE;
    default: return APPENDIX;
    }
}

static enum err check_block(struct rules_run *run, const struct rule *rule, const struct targets *t, uint32_t block,
                            struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    const struct pattern *p = rules__pattern(run, "structure.reference");
    struct pattern_match m;
    for (size_t at = 0; pattern_find(p, text, at, &m); at = m.end) {
        struct str word = pattern_group(text, &m, 1), number = pattern_group(text, &m, 2);
        if (number.n == 0) continue;
        enum kind kind = kind_of(word);
        if ((kind == APPENDIX) != is_alpha(number.p[0])) continue;
        if (kind == APPENDIX && number.p[0] > 'Z') continue;
        if (!is_missing(t, kind, number)) continue;
        struct str before = str_sub(text, m.start > 40 ? m.start - 40 : 0, m.start);
        struct str behind = str_sub(text, m.end, text.n);
        if (rules__matches(run, "structure.foreign_behind", behind) ||
            rules__matches(run, "structure.foreign_before", before))
            continue;
        TRY(rules__hit_at(run, rule, block, m.start, m.end, "Correct the reference, or add what it names.", e,
                          "The document has no %s %.*s.", kind_words[kind], STR_ARG(number)));
    }
    return ERR_OK;
}

static enum err check_references(struct rules_run *run, const struct rule *rule, struct error *e)
{
    struct targets targets = {0};
    TRY(gather_targets(run, &targets, e));
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        if (!rules__reviewed(run, i) || run->doc->blocks.at[i].heading_level) continue;
        enum doc_story story = run->doc->blocks.at[i].story;
        if (story == DOC_STORY_HEADER || story == DOC_STORY_FOOTER) continue;
        TRY(check_block(run, rule, &targets, i, e));
    }
    return ERR_OK;
}

const struct rules_pattern_spec rules__structure_references_patterns[] = {
    {"structure.caption", "^\\s*(table|figure|fig\\.|appendix|annex)\\s*(\\d{1,3}(?:[.-]\\d{1,3}){0,4}|[A-Z])(?![\\w])",
     true},
    {"structure.reference",
     "(?<![\\w-])(sections?|tables?|figures?|fig\\.|figs\\.|appendix|annex)[ \\x{A0}](\\d{1,4}(?:[.-]\\d{1,3}){0,4}|[A-Z])(?![\\w%]|[.,]\\d|-\\w)",
     true},
    /* "section 5 of the Act", "Table 2 in Smith (2019)", "section 10(b) of …"; a date or a quantity is not looked for */
    {"structure.foreign_behind",
     "^\\s*(?:\\([^()]{1,12}\\)\\s*){0,4}(?:,?\\s*(?:and|or|to|through|-|\\x{2013})\\s*[\\d.]{1,8}\\s*)?(?:,?\\s*(?:[\\w.]+\\s+)?"
     "(?:of|in|to|under)\\s+(?!this\\b|the (?:present )?(?:report|document|timeline|appendix|annex)\\b)(?:the|that|such|its|their|our|"
     "[A-Z\\x{201C}\"\\d]|article|schedule|title|chapter|part)|,?\\s*(?:Act|Code|Law|Regulation|Directive|above-mentioned)\\b|\\s*"
     "[A-Z][A-Za-z]+ Act\\b)",
     false},
    {"structure.foreign_before",
     "(?:\\x{A7}|U\\.S\\.C\\.|\\bU\\.S\\. Code,?|\\bC\\.F\\.R\\.|\\bAct,?|\\bCode,?|\\bLaw,?|\\bRegulation,?|\\bDirective,?|\\bAgreement,?|\\bISO [\\d-]+,?|\\bRFC \\d+,?|"
     "'s|\\x{2019}s|\\b(?:an?|each|per|separate)|\\battached|\\benclosed|\\((?!this |the )[^().]{0,36}\\b(?:reports?|survey|study|register|contract|manual)\\b[^().]{0,30},)\\s*[(,]?\\s*$",
     true},
};
const size_t rules__structure_references_patterns_count = RULES__COUNT(rules__structure_references_patterns);

#define ROW .family = RULE_STRUCTURE, .category = "References"

const struct rule rules__structure_references[] = {
    {ROW, .id = "structure.missing_reference", .title = "Cross-reference leads nowhere",
     .why = "The reader is sent to a section, table, figure or appendix that is not in the document.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_MEDIUM, .confidence = 0.75,
     .fires =
         "# 1 Background\nThe figures are in section 4.\n# 2 Impact\nTwelve orders.\n# 3 Causes\nThe alarm was off.",
     .spares = "# 1 Background\nThe figures are in section 3; see section 4 of the Consumer Act.\n# 2 Impact\nTwelve "
               "orders.\n# 3 Causes\nThe alarm was off.",
     .check = check_references},
};
const size_t rules__structure_references_count = RULES__COUNT(rules__structure_references);
