/* Rules about the sections of a document: those that are missing, empty or thin, and headings that skip a level.
 *
 * Contracts set whole clauses in heading styles and headings that are only bold may be anything, so the rules take a heading for one only when it
 * reads like one: short, without the full stop of a sentence.
 * Limits: a section's title is compared by words, not by meaning; the framework gives the words. */
#include "base/utf8.h"
#include "rules/engine_priv.h"
#include "rules/facts.h"
#include "rules/registry_priv.h"

#define TITLE_WORDS_MAX 12
#define LONG_SECTION    30 /* words: a document with such a section is one in which sections say something */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
}

static size_t count_words(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        if (is_word(text.p[i]) && (i == 0 || !is_word(text.p[i - 1]))) n++;
    return n;
}

/* Is the name among the words of the title, whole (a plural "s" is fine)? */
static bool title_has(struct str title, struct str name)
{
    name = str_trim(name);
    if (name.n == 0) return false;
    for (size_t at = 0; (at = str_find_nocase(title, name, at)) != STR_NONE; at++) {
        size_t end = at + name.n;
        if (end < title.n && title.p[end] == 's') end++;
        if ((at == 0 || !is_word(title.p[at - 1])) && (end >= title.n || !is_word(title.p[end]))) return true;
    }
    return false;
}

static bool title_fits(struct str title, const struct rules_expected_section *expected)
{
    if (title_has(title, expected->title)) return true;
    for (size_t i = 0; i < expected->n_aliases; i++)
        if (title_has(title, expected->aliases[i])) return true;
    return false;
}

/* A short cell or a paragraph of its own that is the title: forms put their sections in a table's first column. */
static bool block_is_title(const struct doc_block *block, const struct rules_expected_section *expected)
{
    struct str text = str_trim(block->text);
    if (str_ends(text, STR(":"))) text.n--;
    if (text.n == 0 || text.n > 60 || (block->kind != DOC_BLOCK_CELL && block->kind != DOC_BLOCK_PARAGRAPH))
        return false;
    if (str_eq_nocase(text, expected->title)) return true;
    for (size_t i = 0; i < expected->n_aliases; i++)
        if (str_eq_nocase(text, expected->aliases[i])) return true;
    return false;
}

static bool has_section(const struct doc *doc, const struct rules_expected_section *expected)
{
    for (uint32_t i = 0; i < doc->sections.n; i++)
        if (doc->sections.at[i].kind == DOC_SECTION_NORMAL && title_fits(doc->sections.at[i].title, expected))
            return true;
    for (uint32_t i = 0; i < doc->body_end_block; i++)
        if (block_is_title(&doc->blocks.at[i], expected)) return true;
    return false;
}

/* Where a remark on the whole document stands: its title, else its first heading, else its first words. */
static uint32_t title_block(const struct rules_run *run)
{
    const struct doc *doc = run->doc;
    uint32_t first = DOC_NONE, heading = DOC_NONE;
    for (uint32_t i = 0; i < doc->body_end_block; i++) {
        if (!rules__reviewed(run, i)) continue;
        if (doc->blocks.at[i].is_title) return i;
        if (first == DOC_NONE) first = i;
        if (heading == DOC_NONE && doc->blocks.at[i].heading_level) heading = i;
    }
    return heading != DOC_NONE ? heading : first;
}

static enum err check_missing(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct rules_input *in = run->input;
    uint32_t block = title_block(run);
    if (block == DOC_NONE) return ERR_OK;
    CLEANUP_SB struct sb names = SB_INIT(4096);
    size_t missing = 0;
    for (size_t i = 0; i < in->n_expected_sections; i++) {
        if (has_section(run->doc, &in->expected_sections[i])) continue;
        sb_printf(&names, "%s\"%.*s\"", missing++ ? ", " : "", STR_ARG(in->expected_sections[i].title));
    }
    if (missing == 0) return ERR_OK;
    if (!sb_ok(&names)) return names.no_memory ? error_no_memory(e) : ERR_OK;
    struct doc_anchor anchor = doc_anchor_block(run->doc, block);
    return rules__hit_at(run, rule, block, anchor.start.offset, anchor.end.offset,
                         "Add the section, or say in one sentence why it does not apply.", e,
                         "The document has no section %.*s.", STR_ARG(sb_view(&names)));
}

/* Does the text read like a heading: short, with a capital or a number in front, not a part of a sentence ("…; and", "as follows:")? */
static bool reads_like_heading(struct str title)
{
    static const char *const endings[] = {".", ";", ",", ":", " and", " or", " und", " oder"};
    title = str_trim(title);
    if (title.n == 0 || count_words(title) > TITLE_WORDS_MAX) return false;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        if (str_ends(title, str_from_c(endings[i]))) return false;
    size_t at = 0;
    return !utf8_is_lower(utf8_next(title, &at)) && title.p[0] != '[';
}

/* A heading that reads like one. */
static bool plain_heading(const struct rules_run *run, const struct doc_section *section)
{
    if (section->kind != DOC_SECTION_NORMAL || section->heading == DOC_NONE || !rules__reviewed(run, section->heading))
        return false;
    const struct doc_block *block = &run->doc->blocks.at[section->heading];
    return !block->is_title && !block->is_toc && block->cell == DOC_NONE && section->title.n > 1 &&
           reads_like_heading(section->title);
}

/* Is the section's text set in a heading style too ("Fees" and behind it "The buyer pays …", both headings)? */
static bool text_is_heading(const struct doc *doc, const struct doc_section *section)
{
    for (uint32_t i = section->heading + 1; i < doc->body_end_block; i++) {
        if (doc_block_is_blank(&doc->blocks.at[i])) continue;
        return doc->blocks.at[i].heading_level > 0 && !reads_like_heading(doc->blocks.at[i].text);
    }
    return false;
}

/* Is it the first text of the document (its title, set as a heading)? */
static bool opens_document(const struct doc *doc, const struct doc_section *section)
{
    for (uint32_t i = 0; i < section->heading; i++)
        if (!doc_block_is_blank(&doc->blocks.at[i])) return false;
    return true;
}

struct content {
    size_t words;
    bool any, rich; /* some text; a table, list, picture or sub-heading */
    uint32_t first, last;
};

static struct content content_of(const struct doc *doc, const struct doc_section *section)
{
    struct content c = {.first = DOC_NONE, .last = DOC_NONE};
    for (uint32_t i = section->heading + 1; i < section->subtree_end_block; i++) {
        const struct doc_block *block = &doc->blocks.at[i];
        if (block->cell != DOC_NONE || block->heading_level) c.rich = true;
        if (block->cell != DOC_NONE) c.any = true;
        if (doc_block_is_blank(block)) continue;
        c.any = true;
        if (c.first == DOC_NONE) c.first = i;
        c.last = i;
        c.words += count_words(block->text);
        if (block->kind == DOC_BLOCK_LIST_ITEM || str_find(block->text, STR("\xEF\xBF\xBC"), 0) != STR_NONE)
            c.rich = true;
    }
    return c;
}

static enum err check_empty(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    for (uint32_t i = 0; i < doc->sections.n; i++) {
        const struct doc_section *section = &doc->sections.at[i];
        if (!plain_heading(run, section) || opens_document(doc, section)) continue;
        const struct doc_block *heading = &doc->blocks.at[section->heading];
        if (heading->heading_source == DOC_HEADING_LOOK || content_of(doc, section).any ||
            text_is_heading(doc, section))
            continue;
        if (str_find(heading->text, STR("\xEF\xBF\xBC"), 0) != STR_NONE) continue; /* a picture in the heading */
        struct doc_anchor anchor = doc_anchor_block(doc, section->heading);
        struct str title = rules__excerpt(run, section->title, 120);
        if (!title.p) return error_no_memory(e);
        TRY(rules__hit_at(run, rule, section->heading, anchor.start.offset, anchor.end.offset,
                          "Write the section, or remove its heading.", e, "Nothing follows the heading \"%.*s\".",
                          STR_ARG(title)));
    }
    return ERR_OK;
}

static bool any_long_section(const struct doc *doc, const struct doc_section *but)
{
    for (uint32_t i = 0; i < doc->sections.n; i++) {
        const struct doc_section *section = &doc->sections.at[i];
        if (section == but || section->kind != DOC_SECTION_NORMAL) continue;
        size_t words = 0;
        for (uint32_t b = section->first_block; b < section->end_block && words < LONG_SECTION; b++)
            if (b != section->heading) words += count_words(doc->blocks.at[b].text);
        if (words >= LONG_SECTION) return true;
    }
    return false;
}

static enum err check_thin(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    if (!run->facts->english) return ERR_OK; /* what may be short is known by English words */
    size_t min_words = (size_t)rules__param_int(run, rule, "min_words");
    for (uint32_t i = 0; i < doc->sections.n; i++) {
        const struct doc_section *section = &doc->sections.at[i];
        if (!plain_heading(run, section) || section->level > 3 || opens_document(doc, section)) continue;
        if (doc->blocks.at[section->heading].heading_source == DOC_HEADING_LOOK) continue;
        if (section->subtree_end_block - section->heading > 8) continue;
        struct content c = content_of(doc, section);
        if (!c.any || c.rich || c.words >= min_words || c.first != c.last) continue;
        const struct doc_block *text = &doc->blocks.at[c.first];
        if (text->run_count == 0 || rules__matches(run, "structure.thin_is_fine", text->text) ||
            rules__matches(run, "structure.thin_title", section->title) || !any_long_section(doc, section))
            continue;
        struct doc_anchor anchor = doc_anchor_block(doc, c.first);
        struct str title = rules__excerpt(run, section->title, 120);
        if (!title.p) return error_no_memory(e);
        TRY(rules__hit_at(run, rule, c.first, anchor.start.offset, anchor.end.offset,
                          "Say more, or join the section with its neighbour.", e,
                          "The section \"%.*s\" has %zu word%s.", STR_ARG(title), c.words, c.words == 1 ? "" : "s"));
    }
    return ERR_OK;
}

static enum err check_skipped(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    bool said[10][10] = {{false}};
    unsigned before = 0;
    for (uint32_t i = 0; i < doc->sections.n; i++) {
        const struct doc_section *section = &doc->sections.at[i];
        if (section->kind != DOC_SECTION_NORMAL || section->heading == DOC_NONE) continue;
        const struct doc_block *heading = &doc->blocks.at[section->heading];
        if (heading->heading_source == DOC_HEADING_LOOK || heading->is_title || heading->cell != DOC_NONE) continue;
        if (!rules__reviewed(run, section->heading)) continue;
        unsigned level = section->level > 9 ? 9 : section->level;
        unsigned from = before;
        before = level;
        if (from == 0 || level <= from + 1 || said[from][level] || !plain_heading(run, section)) continue;
        said[from][level] = true;
        struct doc_anchor anchor = doc_anchor_block(doc, section->heading);
        TRY(rules__hit_at(run, rule, section->heading, anchor.start.offset, anchor.end.offset,
                          "Use the next level, so that the outline and the table of contents are right.", e,
                          "A heading of level %u follows one of level %u.", level, from));
    }
    return ERR_OK;
}

const struct rules_pattern_spec rules__structure_sections_patterns[] = {
    {"structure.thin_is_fine",
     "^\\s*(?:none|n/?a|nil|not applicable|no (?:change|action|impact|open|further|known|issues?)\\b.*|see\\b.*|refer to\\b.*|"
     "https?:.*|.*@.*|.*\\d.*|.*:)\\s*\\.?\\s*$",
     true},
    {"structure.thin_title",
     "\\b(?:contacts?|approvals?|approved|authors?|owners?|date|version|status|title|signatures?|distribution|document|"
     "prepared|name|address|location|attendees|participants|present|absent|references?|links?|attachments?|appendix|annex|"
     "exhibit|schedule|part|chapter|tags?|keywords?|acknowledg\\w*)\\b",
     true},
};
const size_t rules__structure_sections_patterns_count = RULES__COUNT(rules__structure_sections_patterns);

#define ROW .family = RULE_STRUCTURE, .category = "Structure"
#define SENTENCES                                                                                                      \
    "We compared the listing history with the complaint log, the warehouse scans and the carrier records of the same " \
    "two weeks, and interviewed the three people who handled the case before it was escalated to our team."

const struct rule rules__structure_sections[] = {
    {ROW, .id = "structure.empty_section", .title = "Empty section",
     .why =
         "A heading without text leaves the reader to guess whether there is nothing to say or something was forgotten.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_MEDIUM, .confidence = 0.9,
     .fires = "# Report\n# Impact\n# Timeline\nThe case began in spring.",
     .spares = "# Report\n# Impact\nNone.\n# Timeline\n## First week\nThe case began in spring.", .check = check_empty},
    {ROW, .id = "structure.missing_section", .title = "Expected section is missing",
     .why =
         "Readers look for the same sections in every report of a type; a missing one is the first question in the review.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_HIGH, .confidence = 0.85,
     .fires = "# Report\n# Impact\nTwelve orders were late.",
     .spares = "# Report\n# Impact\nTwelve orders were late.\n# Root Causes\nThe alarm was off.",
     .check = check_missing},
    {ROW, .id = "structure.skipped_heading_level", .title = "Heading level skipped",
     .why =
         "A skipped level breaks the outline: the table of contents, navigation and screen readers show a wrong hierarchy.",
     .kind = RULE_KIND_SUGGESTION, .risk = RULE_RISK_LOW, .confidence = 0.8,
     .fires = "# Report\nText of the report.\n### Details\nMore text.",
     .spares = "# Report\nText of the report.\n## Details\nMore text.\n# Impact\nText.", .check = check_skipped},
    {ROW, .id = "structure.thin_section", .title = "Thin section",
     .why = "A section of a few words seldom answers what its heading promises.", .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW, .confidence = 0.6,
     .params = {{"min_words", RULE_PARAM_INT, 8, 1, 200, "fewer words than this are thin"}},
     .fires = "# Investigation\n" SENTENCES "\n# Impact\nSome orders late.",
     .spares = "# Investigation\n" SENTENCES "\n# Impact\nNot applicable.", .check = check_thin},
};
const size_t rules__structure_sections_count = RULES__COUNT(rules__structure_sections);
