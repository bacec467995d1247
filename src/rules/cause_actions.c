/* Rules about preventative and corrective actions: who, until when, and how one will know that it worked.
 *
 * Actions are the list items or the labelled paragraphs (PA1a) of a section on actions, or the rows of a table with a column of actions. An item reaches to the next
 * one, so that "Owner: …" may stand on a line of its own.
 * The rules look for any sign of an owner, a date or a measure and speak only when there is none: an action that says "the catalog team" has an
 * owner. When more than a few of a list lack it, the list gets one remark.
 * Limits: English; actions in running prose are left to people. */
#include "rules/cause_priv.h"
#include "rules/registry_priv.h"

#define LACKING_ONE_BY_ONE 3
#define ITEM_WORDS_MIN     3
#define FIELD_NAME_MAX     24 /* bytes in which the colon of "Owner: …" stands */

struct item {
    uint32_t first, end; /* blocks */
    uint32_t shown;      /* the block that a remark is put on */
    bool owner, due;     /* what was found */
};

struct items {
    VEC(struct item) list;
};

static size_t count_words(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] != ' ' && (i == 0 || text.p[i - 1] == ' ')) n++;
    return n;
}

static bool has_date(const struct rules_run *run, uint32_t first, uint32_t end)
{
    size_t low = 0, high = run->facts->dates.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (run->facts->dates.at[middle].span.block < first)
            low = middle + 1;
        else
            high = middle;
    }
    return low < run->facts->dates.n && run->facts->dates.at[low].span.block < end;
}

static void look_for_signs(const struct rules_run *run, struct item *item)
{
    for (uint32_t b = item->first; b < item->end; b++) {
        struct str text = run->doc->blocks.at[b].text;
        item->owner = item->owner || rules__matches(run, "cause.has_owner", text) ||
                      rules__matches(run, "cause.has_subject", text);
        item->due = item->due || rules__matches(run, "cause.has_due", text);
    }
    item->due = item->due || has_date(run, item->first, item->end);
}

static enum err add_item(struct rules_run *run, struct items *items, struct item item, struct error *e)
{
    struct item *kept = VEC_PUSH(run->arena, &items->list);
    if (!kept) return error_no_memory(e);
    *kept = item;
    return ERR_OK;
}

/* ---- items of a table ---- */

struct columns { /* grid columns, DOC_NONE: there is none */
    uint32_t action, owner, due;
};

static struct str cell_text(const struct doc *doc, const struct doc_cell *cell)
{
    for (uint32_t b = cell->first_block; b < cell->end_block; b++)
        if (!doc_block_is_blank(&doc->blocks.at[b])) return str_trim(doc->blocks.at[b].text);
    return STR_EMPTY;
}

static struct columns read_head(const struct rules_run *run, const struct doc_table *table)
{
    const struct doc *doc = run->doc;
    struct columns ret = {DOC_NONE, DOC_NONE, DOC_NONE};
    const struct doc_row *head = &doc->rows.at[table->first_row];
    for (uint32_t c = head->first_cell; c < head->first_cell + head->cell_count; c++) {
        struct str text = cell_text(doc, &doc->cells.at[c]);
        uint32_t column = doc->cells.at[c].column;
        if (text.n == 0 || text.n > 60) continue;
        if (ret.owner == DOC_NONE && rules__matches(run, "cause.owner_head", text))
            ret.owner = column;
        else if (ret.due == DOC_NONE && rules__matches(run, "cause.due_head", text))
            ret.due = column;
        else if (ret.action == DOC_NONE && rules__matches(run, "cause.action_head", text))
            ret.action = column;
    }
    return ret;
}

static const struct doc_cell *cell_at(const struct doc *doc, const struct doc_row *row, uint32_t column)
{
    for (uint32_t c = row->first_cell; c < row->first_cell + row->cell_count; c++)
        if (doc->cells.at[c].column == column) return &doc->cells.at[c];
    return NULL;
}

/* Is a cell filled with more than "-", "TBD", "n/a"? A cell that continues the one above counts as filled. */
static bool is_filled(const struct rules_run *run, const struct doc_cell *cell)
{
    if (!cell) return false;
    struct str text = cell_text(run->doc, cell);
    return cell->merged_up || (text.n > 0 && !rules__matches(run, "cause.unfilled", text));
}

static enum err table_items(struct rules_run *run, const struct doc_table *table, enum cause__topic topic,
                            struct items *items, struct error *e)
{
    const struct doc *doc = run->doc;
    if (table->row_count < 2) return ERR_OK;
    struct columns head = read_head(run, table);
    bool tracker = head.action != DOC_NONE && head.owner != DOC_NONE && head.due != DOC_NONE;
    if (head.action == DOC_NONE || (topic != CAUSE_ACTIONS && topic != CAUSE_BOTH && !tracker)) return ERR_OK;
    for (uint32_t r = table->first_row + 1; r < table->first_row + table->row_count; r++) {
        const struct doc_row *row = &doc->rows.at[r];
        const struct doc_cell *action = cell_at(doc, row, head.action);
        if (row->cell_count == 0 || !action || action->merged_up || row->deleted) continue;
        struct str text = cell_text(doc, action);
        if (count_words(text) < ITEM_WORDS_MIN || rules__matches(run, "cause.unfilled", text)) continue;
        uint32_t last = row->first_cell + row->cell_count - 1;
        struct item item = {.first = doc->cells.at[row->first_cell].first_block, .end = doc->cells.at[last].end_block};
        for (item.shown = action->first_block; doc_block_is_blank(&doc->blocks.at[item.shown]);)
            item.shown++;
        look_for_signs(run, &item);
        if (head.owner != DOC_NONE) item.owner = is_filled(run, cell_at(doc, row, head.owner));
        if (head.due != DOC_NONE) item.due = is_filled(run, cell_at(doc, row, head.due));
        TRY(add_item(run, items, item, e));
    }
    return ERR_OK;
}

/* ---- items of a section ---- */

static bool begins_item(const struct rules_run *run, uint32_t b, enum cause__topic topic, bool labelled, unsigned level)
{
    const struct doc_block *block = &run->doc->blocks.at[b];
    if (block->cell != DOC_NONE || block->heading_level || !rules__reviewed(run, b)) return false;
    const struct facts_label *label = cause__label_of(run, b);
    if (label) return label->is_action;
    return topic == CAUSE_ACTIONS && !labelled && block->list_level == level && level > 0 &&
           count_words(block->text) >= ITEM_WORDS_MIN;
}

/* Does a block belong to the item above it? Behind an item of a list, what is neither a list nor "Owner: …" is the text of the section. */
static bool continues_item(const struct rules_run *run, uint32_t b, bool labelled)
{
    const struct doc_block *block = &run->doc->blocks.at[b];
    if (block->cell != DOC_NONE || cause__label_of(run, b)) return false;
    return labelled || block->list_level || str_find_char(str_sub(block->text, 0, FIELD_NAME_MAX), ':', 0) != STR_NONE;
}

static enum err section_items(struct rules_run *run, uint32_t at, enum cause__topic topic, struct items *items,
                              struct error *e)
{
    const struct doc *doc = run->doc;
    const struct doc_section *section = &doc->sections.at[at];
    bool labelled = false;
    unsigned level = 0;
    for (uint32_t b = section->first_block; b < section->end_block; b++) {
        const struct doc_block *block = &doc->blocks.at[b];
        if (block->cell != DOC_NONE) continue;
        labelled = labelled || cause__label_of(run, b) != NULL;
        if (block->list_level && (level == 0 || block->list_level < level)) level = block->list_level;
    }
    for (uint32_t b = section->first_block; b < section->end_block;) {
        if (!begins_item(run, b, topic, labelled, level)) {
            b++;
            continue;
        }
        struct item item = {.first = b, .shown = b, .end = b + 1};
        while (item.end < section->end_block && !begins_item(run, item.end, topic, labelled, level) &&
               continues_item(run, item.end, labelled) && item.end < b + 12)
            item.end++;
        look_for_signs(run, &item);
        TRY(add_item(run, items, item, e));
        b = item.end;
    }
    return ERR_OK;
}

/* ---- the rules ---- */

enum sign { OWNER, DUE };

static enum err hit_lacking(struct rules_run *run, const struct rule *rule, const struct items *items, enum sign sign,
                            struct error *e)
{
    size_t lacking = 0;
    for (size_t i = 0; i < items->list.n; i++)
        lacking += !(sign == OWNER ? items->list.at[i].owner : items->list.at[i].due);
    const char *what = sign == OWNER ? "an owner" : "a due date";
    const char *suggestion = sign == OWNER ? "Name one person or team that answers for it."
                                           : "Give a date by which it is done, or say that it has been done.";
    for (size_t i = 0; i < items->list.n; i++) {
        const struct item *item = &items->list.at[i];
        if (sign == OWNER ? item->owner : item->due) continue;
        struct doc_anchor anchor = doc_anchor_block(run->doc, item->shown);
        struct str words = rules__excerpt(run, str_trim(run->doc->blocks.at[item->shown].text), 80);
        if (!words.p) return error_no_memory(e);
        if (lacking > LACKING_ONE_BY_ONE)
            return rules__hit_at(run, rule, item->shown, anchor.start.offset, anchor.end.offset, suggestion, e,
                                 "%zu of the %zu actions in this list lack %s; the first is \"%.*s\".", lacking,
                                 items->list.n, what, STR_ARG(words));
        TRY(rules__hit_at(run, rule, item->shown, anchor.start.offset, anchor.end.offset, suggestion, e,
                          "The action \"%.*s\" lacks %s.", STR_ARG(words), what));
    }
    return ERR_OK;
}

static enum err check_sign(struct rules_run *run, const struct rule *rule, enum sign sign, struct error *e)
{
    const struct doc *doc = run->doc;
    const uint8_t *topics = cause__topics(run);
    if (!topics) return error_no_memory(e);
    for (uint32_t i = 0; i < doc->sections.n; i++) {
        struct items items = {0};
        if (topics[i] != CAUSE_ACTIONS && topics[i] != CAUSE_BOTH) continue;
        TRY(section_items(run, i, (enum cause__topic)topics[i], &items, e));
        TRY(hit_lacking(run, rule, &items, sign, e));
    }
    for (uint32_t i = 0; i < doc->tables.n; i++) {
        const struct doc_table *table = &doc->tables.at[i];
        struct items items = {0};
        if (table->first_block >= doc->body_end_block || !rules__reviewed(run, table->first_block)) continue;
        TRY(table_items(run, table, cause__topic_at(run, topics, table->first_block), &items, e));
        TRY(hit_lacking(run, rule, &items, sign, e));
    }
    return ERR_OK;
}

static enum err check_owner(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return check_sign(run, rule, OWNER, e);
}
static enum err check_due(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return check_sign(run, rule, DUE, e);
}

/* A section of its own on measures, anywhere. */
static bool has_measure_section(const struct rules_run *run)
{
    for (uint32_t i = 0; i < run->doc->sections.n; i++)
        if (rules__matches(run, "cause.measure_title", run->doc->sections.at[i].title)) return true;
    return false;
}

static enum err check_measure(struct rules_run *run, const struct rule *rule, struct error *e)
{
    const struct doc *doc = run->doc;
    const uint8_t *topics = cause__topics(run);
    if (!topics) return error_no_memory(e);
    uint32_t heading = DOC_NONE;
    size_t words = 0;
    for (uint32_t b = 0; b < doc->body_end_block; b++) {
        if (!rules__reviewed(run, b)) continue;
        const struct doc_block *block = &doc->blocks.at[b];
        enum cause__topic topic = cause__topic_at(run, topics, b);
        if (topic != CAUSE_ACTIONS && topic != CAUSE_BOTH) continue;
        if (heading == DOC_NONE && block->heading_level) heading = b;
        if (block->heading_level) continue;
        words += count_words(block->text);
        if (rules__matches(run, "cause.has_measure", block->text)) return ERR_OK;
    }
    if (heading == DOC_NONE || words < (size_t)rules__param_int(run, rule, "min_words") || has_measure_section(run))
        return ERR_OK;
    struct doc_anchor anchor = doc_anchor_block(doc, heading);
    return rules__hit_at(run, rule, heading, anchor.start.offset, anchor.end.offset,
                         "Name the figure that will change, its target and when it is looked at.", e,
                         "Nothing in this section says how one will know that the actions worked.");
}

const struct rules_pattern_spec rules__cause_actions_patterns[] = {
    {"cause.owner_head", "\\b(?:owners?|owned by|responsib\\w*|assign\\w*|accountable|who|lead|poc|dri|person)\\b",
     true},
    {"cause.due_head",
     "\\b(?:due|deadline|dates?|eta|ecd|when|target|timeline|complet\\w*|timeframe)\\b|^\\W*(?:by|until)\\W*$", true},
    {"cause.action_head",
     "\\b(?:(?:preventati?ve|preventive|corrective) actions?|actions?|action items?|measures?|tasks?)\\b|^\\W*(?:work|steps?|to do)\\W*$",
     true},
    {"cause.unfilled",
     "^\\W*(?:tbd|tbc|tba|n/?a|none|unknown|open|xx+|to be (?:determined|confirmed|decided|assigned))?\\W*$", true},
    {"cause.has_owner",
     "\\b(?:owners?|owned by|responsible|assigned to|assignee|accountable|leads?|poc|dri|point of contact|teams?|departments?|"
     "managers?|directors?|engineers?|engineering|analysts?|groups?|offices?|officers?|specialists?|investigators?|units?|committees?|boards?|"
     "operations|ops|legal|finance|vendors?|suppliers?|we|i|us|our|support|leadership|management|auditors?|administrators?|developers?|coordinators?|supervisors?)\\b|@\\w",
     true},
    {"cause.has_subject",
     "^(?:\\W*[A-Z]{2}\\d+[a-z]?\\W+|[\\d.)\\s-]+)?(?:The )?[A-Z][\\w&.'-]*(?: (?:(?:de|di|da|del|den|der|la|le|van|von) ){0,2}[A-Z][\\w&.'-]*){0,3} (?:will|shall|to|must|has|have|had|is going|"
     "[a-z]{3,12}s)\\b|\\((?:[A-Z]\\. ?)?[A-Z][a-z]+(?: [A-Z][a-z]+)?[),]|\\bby (?:the )?[A-Z][a-z]+ [A-Z][a-z]+\\b|\\b(?:Mr|Mrs|Ms|Dr|Prof)\\.? [A-Z]",
     false},
    {"cause.has_due",
     "\\b(?:q[1-4]|h[12]|end of (?:the )?\\w+|eo[dwmqy]|eta|ecd|due|deadline|immediately|"
     "ongoing|continuous\\w*|hourly|daily|weekly|monthly|quarterly|annually|yearly|(?:every|each) (?:hour|day|week|month|quarter|year|morning|evening|night|(?:mon|tues|wednes|thurs|fri|satur|sun)day)|from now on|within \\S+ \\S*\\s*(?:hours?|days?|weeks?|months?)|in \\S+ "
     "(?:days?|weeks?|months?)|(?:next|this) (?:week|month|quarter|year)|week of|week \\d+|by (?:january|february|march|april|may|june|july|"
     "august|september|october|november|december)|completed?|done|implemented|closed|finished|has been|have been|was|were|already|"
     "in place|launched|deployed|added|updated|changed|created|removed|trained|introduced|fixed|20\\d\\d)\\b",
     true},
    {"cause.measure_title",
     "\\b(?:effectiveness|success (?:criteria|measures?|metrics?)|metrics?|kpis?|verification|validation|monitoring|measur\\w*)\\b",
     true},
    {"cause.has_measure",
     "\\b(?:measur\\w*|metrics?|monitor\\w*|verif\\w*|validat\\w*|audit\\w*|review\\w*|kpis?|track\\w*|targets?|goals?|baseline|success|effective\\w*|"
     "follow-?ups?|check\\w*|test\\w*|sampl\\w*|reduc\\w*|decreas\\w*|increas\\w*|rate|report\\w*|dashboards?|alarms?|alerts?|zero|sla|qa|inspect\\w*|confirm\\w*)\\b|\\d\\s?%",
     true},
};
const size_t rules__cause_actions_patterns_count = RULES__COUNT(rules__cause_actions_patterns);

#define ROW .family = RULE_CAUSE, .category = "Actions"

const struct rule rules__cause_actions[] = {
    {ROW, .id = "cause.action_without_due_date", .title = "Action without a due date",
     .why = "An action without a date is a wish; nobody can tell whether it is late.", .kind = RULE_KIND_IMPORTANT,
     .risk = RULE_RISK_MEDIUM, .confidence = 0.75,
     .fires =
         "# Preventative Actions\n- The catalog team adds a second alarm to the queue.\n- The catalog team rewrites the runbook by 2026-05-01.",
     .spares =
         "# Preventative Actions\n- The catalog team adds a second alarm to the queue by the end of May.\n- The catalog team rewrites the runbook by 2026-05-01.",
     .check = check_due},
    {ROW, .id = "cause.action_without_owner", .title = "Action without an owner",
     .why = "What everyone is to do, no one does: each action needs one person or team that answers for it.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_MEDIUM, .confidence = 0.75,
     .fires =
         "# Preventative Actions\n- Add a second alarm to the queue by 2026-05-01.\n- The catalog team rewrites the runbook by 2026-05-01.",
     .spares =
         "# Preventative Actions\n- Add a second alarm to the queue by 2026-05-01 (owner: J. Smith).\n- The catalog team rewrites the runbook by 2026-05-01.",
     .check = check_owner},
    {ROW, .id = "cause.no_effectiveness_measure", .title = "No measure of whether the actions work",
     .why = "Without a figure to look at later, nobody learns whether the cause is gone.", .kind = RULE_KIND_IMPORTANT,
     .risk = RULE_RISK_MEDIUM, .confidence = 0.7,
     .params = {{"min_words", RULE_PARAM_INT, 12, 1, 1000, "sections on actions with fewer words are not asked"}},
     .fires =
         "# Preventative Actions\n- The catalog team adds a second queue for listings by 2026-05-01.\n- The catalog team rewrites the runbook by 2026-06-01.",
     .spares =
         "# Preventative Actions\n- The catalog team adds a second queue for listings by 2026-05-01.\n- The catalog team tracks the share of late listings; the target is below 2%.",
     .check = check_measure},
};
const size_t rules__cause_actions_count = RULES__COUNT(rules__cause_actions);
