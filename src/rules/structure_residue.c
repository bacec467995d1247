/* Rules about what should not be left in a finished document: placeholders, broken fields, open comments, tracked changes.
 * A template is full of placeholders on purpose: after max_findings of them the rest is counted in the last finding.
 * Limits: "XX" alone may be twenty and "___" a line to sign on; neither is reported. */
#include "rules/engine_priv.h"
#include "rules/registry_priv.h"

static const char *const placeholder_patterns[] = {"structure.placeholder_word", "structure.placeholder_mask",
                                                   "structure.placeholder_slot", "structure.placeholder_template"};
#define N_PLACEHOLDER_PATTERNS (sizeof(placeholder_patterns) / sizeof(placeholder_patterns[0]))

/* Can a placeholder stand in this text at all? All patterns need one of these. */
static bool may_hold_placeholder(struct str text)
{
    static const char *const signs[] = {"<",       "[",    "{{",    "???",        "XX",           "xx/",
                                        "TB",      "TODO", "FIXME", "orem ipsum", "ere to enter", "hoose an item",
                                        "ext here"};
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (str_find(text, str_from_c(signs[i]), 0) != STR_NONE) return true;
    return false;
}

static enum err hit_placeholders(struct rules_run *run, const struct rule *rule, uint32_t block, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    for (size_t i = 0; i < N_PLACEHOLDER_PATTERNS; i++) {
        const struct pattern *p = rules__pattern(run, placeholder_patterns[i]);
        struct pattern_match m;
        for (size_t at = 0; pattern_find(p, text, at, &m); at = m.end > m.start ? m.end : m.end + 1) {
            struct str words = rules__excerpt(run, pattern_group(text, &m, 0), 80);
            if (!words.p) return error_no_memory(e);
            TRY(rules__hit_at(run, rule, block, m.start, m.end, "Fill it in, or remove it.", e,
                              "The placeholder \"%.*s\" has not been filled in.", STR_ARG(words)));
        }
    }
    return ERR_OK;
}

static bool has_placeholder(const struct rules_run *run, struct str text)
{
    for (size_t i = 0; i < N_PLACEHOLDER_PATTERNS; i++)
        if (rules__matches(run, placeholder_patterns[i], text)) return true;
    return false;
}

static enum err check_placeholder(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    size_t max = (size_t)rules__param_int(run, rule, "max_findings");
    size_t found = 0;
    uint32_t last = DOC_NONE;
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        if (!rules__reviewed(run, i) || !may_hold_placeholder(doc->blocks.at[i].text)) continue;
        if (!has_placeholder(run, doc->blocks.at[i].text)) continue;
        found++;
        if (found < max) TRY(hit_placeholders(run, rule, i, e));
        if (found == max) last = i;
    }
    if (last == DOC_NONE) return ERR_OK;
    if (found == max) return hit_placeholders(run, rule, last, e);
    struct doc_anchor anchor = doc_anchor_block(doc, last);
    return rules__hit_at(run, rule, last, anchor.start.offset, anchor.end.offset, "Fill them in, or remove them.", e,
                         "Here and in %zu more places placeholders have not been filled in; the document looks like a "
                         "template.",
                         found - max);
}

static enum err check_broken_field(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        const struct doc_block *block = &doc->blocks.at[i];
        if (!rules__reviewed(run, i) && !block->is_toc) continue; /* most of them stand in a table of contents */
        if (str_find_char(block->text, '!', 0) == STR_NONE) continue;
        const struct pattern *p = rules__pattern(run, "structure.broken_field");
        struct pattern_match m;
        for (size_t at = 0; pattern_find(p, block->text, at, &m); at = m.end)
            TRY(rules__hit_at(
                run, rule, i, m.start, m.end, "Set the cross-reference anew, then update all fields (Ctrl+A, F9).", e,
                "A field has lost what it refers to: \"%.*s\".", STR_ARG(pattern_group(block->text, &m, 0))));
    }
    return ERR_OK;
}

uint32_t rules__block_with_words(const struct doc *doc, uint32_t block)
{
    if (!doc_block_is_blank(&doc->blocks.at[block])) return block;
    for (uint32_t i = block; i < doc->body_end_block; i++)
        if (!doc_block_is_blank(&doc->blocks.at[i])) return i;
    for (uint32_t i = block < doc->body_end_block ? block : doc->body_end_block; i-- > 0;)
        if (!doc_block_is_blank(&doc->blocks.at[i])) return i;
    return DOC_NONE;
}

static struct str author_or_unknown(struct str author) { return author.n ? author : STR("an unnamed author"); }

static enum err check_open_comments(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    size_t open = 0;
    const struct doc_comment *first = NULL;
    for (uint32_t i = 0; i < doc->comments.n; i++) {
        const struct doc_comment *comment = &doc->comments.at[i];
        if (comment->done || comment->parent != DOC_NONE || str_trim(comment->text).n == 0) continue;
        open++;
        if (!first && comment->anchored && comment->anchor.start.block < doc->blocks.n) first = comment;
    }
    if (!first) return ERR_OK;
    struct str words = rules__excerpt(run, first->text, 120);
    struct str author = rules__excerpt(run, author_or_unknown(first->author), 60);
    if (!words.p || !author.p) return error_no_memory(e);
    uint32_t block = rules__block_with_words(doc, first->anchor.start.block);
    if (block == DOC_NONE) return ERR_OK;
    struct doc_anchor whole = doc_anchor_block(doc, block);
    size_t start = first->anchor.start.offset, end = first->anchor.end.offset;
    if (first->anchor.end.block != block) end = whole.end.offset;
    if (first->anchor.start.block != block || end <= start) {
        start = whole.start.offset;
        end = whole.end.offset;
    }
    return rules__hit_at(run, rule, block, start, end,
                         "Answer, resolve or remove comments before the document is handed on.", e,
                         "%zu comment%s not resolved; the first is by %.*s: \"%.*s\"", open,
                         open == 1 ? " is" : "s are", STR_ARG(author), STR_ARG(words));
}

static enum err check_tracked_changes(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    size_t inserted = 0, deleted = 0, other = 0;
    const struct doc_revision *first = NULL;
    for (uint32_t i = 0; i < doc->revisions.n; i++) {
        const struct doc_revision *revision = &doc->revisions.at[i];
        bool in = revision->kind == DOC_REVISION_INSERT || revision->kind == DOC_REVISION_MOVE_TO;
        bool out = revision->kind == DOC_REVISION_DELETE || revision->kind == DOC_REVISION_MOVE_FROM;
        inserted += in;
        deleted += out;
        other += !in && !out;
        if (!first && revision->place.block < doc->blocks.n) first = revision;
    }
    if (!first || inserted + deleted == 0) return ERR_OK; /* changed formatting alone disturbs no reader */
    struct str author = rules__excerpt(run, author_or_unknown(first->author), 60);
    if (!author.p) return error_no_memory(e);
    uint32_t block = rules__block_with_words(doc, first->place.block);
    if (block == DOC_NONE) return ERR_OK;
    struct doc_anchor anchor = doc_anchor_block(doc, block);
    return rules__hit_at(run, rule, block, anchor.start.offset, anchor.end.offset,
                         "Accept or reject the changes before the document is handed on.", e,
                         "The document has tracked changes that nobody has accepted or rejected: %zu insertion%s, %zu "
                         "deletion%s, %zu other; the first is by %.*s.",
                         inserted, inserted == 1 ? "" : "s", deleted, deleted == 1 ? "" : "s", other, STR_ARG(author));
}

#define SLOT_WORDS                                                                                                     \
    "insert|enter|add|type|your|fill|replace|todo|tbd|tbc|name of|date of|number of|title of|description of|amount of|"
const struct rules_pattern_spec rules__structure_residue_patterns[] = {
    {"structure.placeholder_word", "(?<![\\w./-])(?:TBD|TBC|TBA|TODO|FIXME)(?![\\w-])|\\?{3,}|\\b[Ll]orem ipsum\\b",
     false},
    {"structure.placeholder_mask",
     "(?<![\\w.$/-])\\$?(?:X{2,8}(?:[-/.]X{2,8}){1,4}|x{2,4}/x{2,4}/x{2,4}|X{4,12}|XX{1,2}%|(?<!Chapter )(?<!Article )(?<!Part )"
     "(?<!Title )(?<!Volume )(?<!Section )(?<!Bowl )XXX)(?![\\w-])",
     false},
    {"structure.placeholder_slot",
     "[<\\[](?:(?:" SLOT_WORDS
     "date here|name here)\\b[^<>\\[\\]\\n]{0,120}|(?:name|date|company|customer|seller|title|number|"
     "amount|address|link|url|owner|author|company name|customer name|seller name|seller id|first name|last name|order "
     "id|case id|dd/mm/yyyy|mm/dd/yyyy|yyyy-mm-dd)|[\\x{25CF}\\x{2022}\\x{25A0}_ ]{1,40})[>\\]]",
     true},
    {"structure.placeholder_template",
     "\\{\\{[^{}\\n]{1,60}\\}\\}|\\bclick (?:or tap )?here to enter (?:a date|text)\\b\\.?|^\\s*choose an item\\.?\\s*$|\\b(?:type|"
     "your) text here\\b",
     true},
    {"structure.broken_field",
     "\\b(?:Error! (?:Reference source not found|Bookmark not defined|No (?:text of specified style in document|table of "
     "(?:contents|figures) entries found)|Not a valid link|Unknown document property name)\\.?|Fehler! (?:Verweisquelle "
     "konnte nicht gefunden werden|Textmarke nicht definiert)\\.?|Erreur ! (?:Source du renvoi introuvable|Signet non "
     "d\\x{E9}fini)\\.?)",
     false},
};
const size_t rules__structure_residue_patterns_count = RULES__COUNT(rules__structure_residue_patterns);

#define ROW .family = RULE_STRUCTURE, .category = "Completeness"

const struct rule rules__structure_residue[] = {
    {ROW, .id = "structure.broken_reference_field", .title = "Cross-reference field is broken",
     .why = "Word prints its error message where the reader needs the number of a section, table or figure.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_MEDIUM, .confidence = 0.98,
     .fires = "The figures are in Error! Reference source not found. and were checked twice.",
     .spares = "The page showed \"Error! Please try again\" to every customer.", .check = check_broken_field},
    {ROW, .id = "structure.open_comments", .title = "Comments are not resolved",
     .why = "An open comment is an open question; readers outside the team should not meet it.",
     .kind = RULE_KIND_SUGGESTION, .risk = RULE_RISK_LOW, .confidence = 0.9,
     .fires = "A paragraph with a Word comment that is not marked as resolved.",
     .spares = "A paragraph whose Word comments are all marked as resolved.", .check = check_open_comments},
    {ROW, .id = "structure.placeholder", .title = "Placeholder left in the text",
     .why =
         "A placeholder says that a fact is not known yet, or that nobody has looked at this place since the template.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_HIGH, .confidence = 0.92,
     .params = {{"max_findings", RULE_PARAM_INT, 20, 1, 10000,
                 "paragraphs with placeholders that are reported one by one"}},
     .fires = "The case was opened under ticket XX-XXX-XXXX by [insert name].",
     .spares = "The case was opened under ticket 17-204-3321 [see Annex B] by the audit team.",
     .check = check_placeholder},
    {ROW, .id = "structure.tracked_changes", .title = "Tracked changes are not settled",
     .why = "As long as changes are neither accepted nor rejected, nobody can say which text is the document.",
     .kind = RULE_KIND_SUGGESTION, .risk = RULE_RISK_LOW, .confidence = 0.9,
     .fires = "A paragraph with an insertion or deletion under change tracking.",
     .spares = "A paragraph whose changes have all been accepted.", .check = check_tracked_changes},
};
const size_t rules__structure_residue_count = RULES__COUNT(rules__structure_residue);
