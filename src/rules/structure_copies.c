/* Rules about what stands twice in a document: headings under the same parent, long paragraphs.
 * The idea: each text is folded to its letters and digits, looked up in a hash table, and only the first copy is reported.
 * Rejected: similarity of paragraphs (contracts repeat themselves with small differences on purpose).
 * Limits: cells, lists of a few words and running headers repeat by nature and are left alone. */
#include "base/utf8.h"
#include "rules/engine_priv.h"
#include "rules/registry_priv.h"

#define REPEATS_MAX 3 /* a heading that stands more often under one parent is a pattern ("Question", "Answer") */

struct copies { /* of one text */
    uint32_t first, second;
    uint32_t count;
};

/* Letters and digits in lower case, words parted by one space. .p NULL on no memory; "" when nothing is left. */
static struct str folded(struct rules_run *run, struct str prefix, struct str text)
{
    CLEANUP_SB struct sb out = SB_INIT(4 * (prefix.n + text.n) + 16);
    sb_str(&out, prefix);
    size_t start = out.n;
    bool gap = false;
    for (size_t at = 0; at < text.n;) {
        unsigned char c = (unsigned char)text.p[at];
        uint32_t rune = c;
        if (c < 0x80) {
            at++;
            if (c >= 'A' && c <= 'Z') rune = c + 32u;
            if (!((rune >= 'a' && rune <= 'z') || (rune >= '0' && rune <= '9'))) {
                gap = true;
                continue;
            }
        } else {
            rune = utf8_next(text, &at);
            if (!utf8_is_letter(rune) && !utf8_is_digit(rune)) {
                gap = true;
                continue;
            }
            rune = utf8_to_lower(rune);
        }
        if (gap && out.n > start) sb_char(&out, ' ');
        gap = false;
        sb_rune(&out, rune);
    }
    struct str ret = STR_EMPTY;
    struct error ignored;
    if (out.n == start && sb_ok(&out)) return STR("");
    return sb_take(&out, run->arena, &ret, &ignored) == ERR_OK ? ret : STR_EMPTY;
}

static enum err count_copy(struct rules_run *run, struct map *seen, struct str key, uint32_t block, struct error *e)
{
    struct copies *copies = map_get(seen, key);
    if (!copies) {
        copies = NEW(run->arena, struct copies, 1);
        if (!copies || !map_put(seen, key, copies)) return error_no_memory(e);
        copies->first = copies->second = block;
    }
    if (copies->count == 1) copies->second = block;
    copies->count++;
    return ERR_OK;
}

/* The key of a heading: its parent and its folded title. "" to leave it out. */
static enum err heading_key(struct rules_run *run, const struct doc_section *section, struct str *ret, struct error *e)
{
    *ret = STR("");
    if (section->kind != DOC_SECTION_NORMAL || section->heading == DOC_NONE || !rules__reviewed(run, section->heading))
        return ERR_OK;
    const struct doc_block *heading = &run->doc->blocks.at[section->heading];
    if (heading->heading_source == DOC_HEADING_LOOK || heading->is_title || heading->cell != DOC_NONE) return ERR_OK;
    if (section->title.n > 120) return ERR_OK;
    struct str prefix = str_printf(run->arena, "%u:", section->parent);
    if (!prefix.p) return error_no_memory(e);
    *ret = folded(run, prefix, section->title);
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err check_headings(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    struct map seen = map_make(run->arena);
    struct str *keys = NEW(run->arena, struct str, doc->sections.n);
    if (!keys) return error_no_memory(e);
    for (uint32_t i = 0; i < doc->sections.n; i++) {
        TRY(heading_key(run, &doc->sections.at[i], &keys[i], e));
        if (keys[i].n) TRY(count_copy(run, &seen, keys[i], doc->sections.at[i].heading, e));
    }
    for (uint32_t i = 0; i < doc->sections.n; i++) {
        const struct copies *copies = keys[i].n ? map_get(&seen, keys[i]) : NULL;
        if (!copies || copies->count < 2 || copies->count > REPEATS_MAX) continue;
        if (copies->second != doc->sections.at[i].heading) continue;
        struct doc_anchor anchor = doc_anchor_block(doc, copies->second);
        TRY(rules__hit_at(run, rule, copies->second, anchor.start.offset, anchor.end.offset,
                          "Join the two sections, or name them by what sets them apart.", e,
                          "The heading \"%.*s\" stands %u times in the same section.",
                          STR_ARG(doc->sections.at[i].title), copies->count));
    }
    return ERR_OK;
}

static bool is_prose(const struct rules_run *run, uint32_t i)
{
    const struct doc_block *block = &run->doc->blocks.at[i];
    if (!rules__reviewed(run, i) || block->cell != DOC_NONE || block->heading_level || block->is_toc) return false;
    return block->story == DOC_STORY_BODY || block->story == DOC_STORY_FOOTNOTE || block->story == DOC_STORY_ENDNOTE;
}

static size_t count_runes(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += ((unsigned char)text.p[i] & 0xC0) != 0x80;
    return n;
}

/* Copies of paragraphs that stand together are one finding, on the first of them. */
struct stretch {
    uint32_t block; /* DOC_NONE: none is open */
    uint32_t paragraphs;
    const struct copies *copies;
};

static enum err hit_stretch(struct rules_run *run, const struct rule *rule, struct stretch *stretch, struct error *e)
{
    uint32_t block = stretch->block;
    stretch->block = DOC_NONE;
    if (block == DOC_NONE) return ERR_OK;
    struct doc_anchor anchor = doc_anchor_block(run->doc, block);
    struct str where = doc_place_name(run->doc, stretch->copies->first, run->arena);
    struct str begins = rules__excerpt(run, str_trim(run->doc->blocks.at[block].text), 60);
    if (!where.p || !begins.p) return error_no_memory(e);
    if (stretch->paragraphs > 1)
        return rules__hit_at(run, rule, block, anchor.start.offset, anchor.end.offset, "Keep one copy and refer to it.",
                             e, "The paragraph \"%.*s\" and the next %u stand twice; the first time in %.*s.",
                             STR_ARG(begins), stretch->paragraphs - 1, STR_ARG(where));
    return rules__hit_at(run, rule, block, anchor.start.offset, anchor.end.offset, "Keep one copy and refer to it.", e,
                         "The paragraph \"%.*s\" stands %u times; the first is in %.*s.", STR_ARG(begins),
                         stretch->copies->count, STR_ARG(where));
}

static enum err check_paragraphs(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    size_t min = (size_t)rules__param_int(run, rule, "min_characters");
    struct map seen = map_make(run->arena);
    struct str *keys = NEW(run->arena, struct str, doc->blocks.n);
    if (!keys) return error_no_memory(e);
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        if (doc->blocks.at[i].text.n < min || !is_prose(run, i) || count_runes(doc->blocks.at[i].text) < min) continue;
        keys[i] = folded(run, STR_EMPTY, doc->blocks.at[i].text);
        if (!keys[i].p) return error_no_memory(e);
        if (count_runes(keys[i]) < min / 2) keys[i] = STR(""); /* a line of dots or underscores */
        if (keys[i].n) TRY(count_copy(run, &seen, keys[i], i, e));
    }
    struct stretch stretch = {.block = DOC_NONE};
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        if (!is_prose(run, i)) continue;
        const struct copies *copies = keys[i].n ? map_get(&seen, keys[i]) : NULL;
        bool copy = copies && copies->count > 1 && copies->second == i;
        if (copy && stretch.block != DOC_NONE) {
            stretch.paragraphs++;
            continue;
        }
        if (!copy && stretch.block != DOC_NONE && doc->blocks.at[i].text.n < min)
            continue; /* a short line between copies */
        TRY(hit_stretch(run, rule, &stretch, e));
        if (copy) stretch = (struct stretch){.block = i, .paragraphs = 1, .copies = copies};
    }
    return hit_stretch(run, rule, &stretch, e);
}

#define ROW .family = RULE_STRUCTURE, .category = "Structure"
#define LONG_PARAGRAPH                                                                                                 \
    "The team reviewed every order of the seller in March and found that twelve of them had been sent from the wrong " \
    "warehouse to customers abroad."

const struct rule rules__structure_copies[] = {
    {ROW, .id = "structure.duplicate_heading", .title = "Heading stands twice",
     .why = "Two sections with one name cannot be told apart in the table of contents or in a reference.",
     .kind = RULE_KIND_SUGGESTION, .risk = RULE_RISK_LOW, .confidence = 0.75,
     .fires = "# Report\nText.\n# Impact\nTwelve orders.\n# Impact\nNine sellers.",
     .spares = "# March\nText.\n## Impact\nTwelve orders.\n# April\nText.\n## Impact\nNine sellers.",
     .check = check_headings},
    {ROW, .id = "structure.duplicate_paragraph", .title = "Paragraph stands twice",
     .why =
         "A repeated paragraph is usually left from copying; when one copy is changed later, the document contradicts itself.",
     .kind = RULE_KIND_SUGGESTION, .risk = RULE_RISK_MEDIUM, .confidence = 0.85,
     .params = {{"min_characters", RULE_PARAM_INT, 100, 40, 5000, "shorter paragraphs may repeat"}},
     .fires = LONG_PARAGRAPH "\nNothing else was found.\n" LONG_PARAGRAPH,
     .spares = LONG_PARAGRAPH "\nNothing else was found.\nNothing else was found.", .check = check_paragraphs},
};
const size_t rules__structure_copies_count = RULES__COUNT(rules__structure_copies);
