/* Root causes and actions that have no counterpart: by their labels (RC1, PA1a), or, where there are none, by section.
 * RC2 is answered by any PA2, PA2a, PA2b. A document without labels is asked only whether the other side is there at all.
 * Limits: labels at the start of a paragraph, list item or cell; an action that answers "RC1 and RC3" in its text counts for both. */
#include <stdio.h>

#include "rules/cause_priv.h"
#include "rules/registry_priv.h"

#define LABELS_MAX 2000
#define TITLE_MAX  160

/* Could the title be one of ours? A contract has thousands of numbered clauses; most titles hold none of these. */
static bool may_be_topic(struct str title)
{
    static const char *const words[] = {"cause", "action",  "measure",  "step",     "problem",
                                        "issue", "symptom", "happened", "incident", "what "};
    if (title.n > TITLE_MAX) return false;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (str_find_nocase(title, str_from_c(words[i]), 0) != STR_NONE) return true;
    return false;
}

static enum cause__topic topic_of_title(const struct rules_run *run, struct str title)
{
    if (!may_be_topic(title)) return CAUSE_NONE;
    bool roots = rules__matches(run, "cause.roots_title", title);
    bool actions = rules__matches(run, "cause.actions_title", title);
    if (roots && actions) return CAUSE_BOTH;
    if (roots) return CAUSE_ROOTS;
    if (actions) return CAUSE_ACTIONS;
    return rules__matches(run, "cause.problem_title", title) ? CAUSE_PROBLEM : CAUSE_NONE;
}

const uint8_t *cause__topics(struct rules_run *run)
{
    const struct doc *doc = run->doc;
    if (run->topics) return run->topics;
    uint8_t *topics = NEW(run->arena, uint8_t, (size_t)doc->sections.n + 1);
    if (!topics) return NULL;
    for (uint32_t s = 0; s < doc->sections.n; s++) { /* a parent comes before its children */
        const struct doc_section *section = &doc->sections.at[s];
        if (section->kind == DOC_SECTION_NORMAL) topics[s] = (uint8_t)topic_of_title(run, section->title);
        if (topics[s] == CAUSE_NONE && section->parent < s) topics[s] = topics[section->parent];
    }
    run->topics = topics;
    return topics;
}

const struct facts_label *cause__label_of(const struct rules_run *run, uint32_t block)
{
    size_t low = 0, high = run->facts->labels.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint32_t at = run->facts->labels.at[middle].span.block;
        if (at == block) return &run->facts->labels.at[middle];
        if (at < block)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool has_label(const struct rules_run *run, bool is_action, int number)
{
    for (size_t i = 0; i < run->facts->labels.n; i++)
        if (run->facts->labels.at[i].is_action == is_action && run->facts->labels.at[i].number == number) return true;
    return false;
}

static bool has_labels(const struct rules_run *run, bool is_action)
{
    for (size_t i = 0; i < run->facts->labels.n; i++)
        if (run->facts->labels.at[i].is_action == is_action) return true;
    return false;
}

/* Does an action name the cause in its text ("addresses RC2")? */
static bool named_by_counterpart(const struct rules_run *run, const struct facts_label *label)
{
    if (run->facts->labels.n > LABELS_MAX) return false; /* no report has so many; the search is by pairs */
    char name[16];
    int n = snprintf(name, sizeof name, "%s%d", label->is_action ? "PA" : "RC", label->number);
    for (size_t i = 0; n > 0 && i < run->facts->labels.n; i++) {
        const struct facts_label *other = &run->facts->labels.at[i];
        if (other->is_action == label->is_action) continue;
        struct str text = run->doc->blocks.at[other->span.block].text;
        size_t at = str_find(text, str_from_c(name), 0);
        if (at == STR_NONE) continue;
        size_t end = at + (size_t)n;
        if (end >= text.n || text.p[end] < '0' || text.p[end] > '9') return true;
    }
    return false;
}

/* Is it the first block with this number? */
static bool is_first(const struct rules_run *run, const struct facts_label *label)
{
    for (const struct facts_label *l = run->facts->labels.at; l < label; l++)
        if (l->is_action == label->is_action && l->number == label->number) return false;
    return true;
}

static enum err check_labels(struct rules_run *run, const struct rule *rule, bool is_action, struct error *e)
{
    for (size_t i = 0; i < run->facts->labels.n; i++) {
        const struct facts_label *label = &run->facts->labels.at[i];
        if (label->is_action != is_action || !is_first(run, label)) continue;
        if (has_label(run, !is_action, label->number) || named_by_counterpart(run, label)) continue;
        const struct doc_block *block = &run->doc->blocks.at[label->span.block];
        bool by_number = label->span.start == 0 && label->span.end == block->text.n && block->label.n > 0;
        struct str words = by_number ? block->label : str_sub(block->text, label->span.start, label->span.end);
        words = rules__excerpt(run, words, 60);
        if (!words.p) return error_no_memory(e);
        TRY(rules__hit_at(run, rule, label->span.block, label->span.start, label->span.end,
                          is_action ? "Name the root cause that the action removes, or drop the action."
                                    : "Add the action that removes this cause, under the same number.",
                          e, "\"%.*s\" %s%d.", STR_ARG(words),
                          is_action ? "answers no root cause: there is no RC"
                                    : "has no preventative action: there is no PA",
                          label->number));
    }
    return ERR_OK;
}

static uint32_t first_section_about(const struct rules_run *run, const uint8_t *topics, enum cause__topic topic)
{
    for (uint32_t i = 0; i < run->doc->sections.n; i++) {
        const struct doc_section *section = &run->doc->sections.at[i];
        if (section->heading == DOC_NONE || !rules__reviewed(run, section->heading)) continue;
        if (topics[i] == topic) return i;
    }
    return DOC_NONE;
}

static bool text_speaks(const struct rules_run *run, const char *pattern, uint32_t but_heading)
{
    for (uint32_t i = 0; i < run->doc->blocks.n; i++)
        if (i != but_heading && rules__reviewed(run, i) && rules__matches(run, pattern, run->doc->blocks.at[i].text))
            return true;
    return false;
}

static enum err check_sections(struct rules_run *run, const struct rule *rule, enum cause__topic topic,
                               const char *counterpart, const char *suggestion, const char *description,
                               struct error *e)
{
    const uint8_t *topics = cause__topics(run);
    if (!topics) return error_no_memory(e);
    uint32_t at = first_section_about(run, topics, topic);
    if (at == DOC_NONE || first_section_about(run, topics, CAUSE_BOTH) != DOC_NONE) return ERR_OK;
    uint32_t heading = run->doc->sections.at[at].heading;
    enum cause__topic other = topic == CAUSE_ROOTS ? CAUSE_ACTIONS : CAUSE_ROOTS;
    if (first_section_about(run, topics, other) != DOC_NONE || text_speaks(run, counterpart, heading)) return ERR_OK;
    struct doc_anchor anchor = doc_anchor_block(run->doc, heading);
    return rules__hit_at(run, rule, heading, anchor.start.offset, anchor.end.offset, suggestion, e, "%s", description);
}

static enum err check_cause(struct rules_run *run, const struct rule *rule, struct error *e)
{
    if (has_labels(run, false) && has_labels(run, true)) return check_labels(run, rule, false, e);
    if (has_labels(run, true)) return ERR_OK;
    return check_sections(run, rule, CAUSE_ROOTS, "cause.speaks_of_actions",
                          "Add the actions that keep the cause from coming back.",
                          "The document names root causes but no preventative action.", e);
}

static enum err check_action(struct rules_run *run, const struct rule *rule, struct error *e)
{
    if (has_labels(run, false) && has_labels(run, true)) return check_labels(run, rule, true, e);
    if (has_labels(run, false)) return ERR_OK;
    return check_sections(run, rule, CAUSE_ACTIONS, "cause.speaks_of_causes", "Say which cause the actions remove.",
                          "The document lists preventative actions but no cause that they remove.", e);
}

const struct rules_pattern_spec rules__cause_labels_patterns[] = {
    {"cause.roots_title", "\\broot[- ]causes?\\b|^\\W*(?:[\\d.]+\\s*)?(?:causes?(?: analysis)?|why it happened)\\W*$",
     true},
    {"cause.actions_title",
     "\\b(?:(?:preventati?ve|preventive|corrective)(?: and (?:preventive|preventative|corrective))? (?:actions?|measures?)|action (?:items?|plan|list|log)|next "
     "steps|follow-up actions?|actions? to be taken)\\b|^\\W*(?:[\\d.]+\\s*)?(?:actions?|measures|what (?:we|the \\w+) (?:will )?(?:do|does|change)(?: "
     "now| next)?|what must happen)\\W*$",
     true},
    {"cause.problem_title",
     "\\b(?:problem(?: statement| description)?|issue(?: statement| description| summary)?|symptoms?|what happened|incident (?:description|summary|overview))\\b",
     true},
    {"cause.speaks_of_actions",
     "\\b(?:preventati?ve|preventive|corrective|remedial|measures|resolving|mitigat\\w*|remediation|action items?|action plan|next steps|actions?|"
     "recommend\\w*|lessons learn\\w*|improvements?|to prevent|countermeasures?|will be (?:added|changed|fixed|trained|updated|"
     "introduced)|resolution)\\b",
     true},
    {"cause.speaks_of_causes",
     "\\b(?:causes?|caused|because|root[- ]causes?|due to|resulted from|reasons?|contributing factors?|5 whys|five whys|failure|"
     "defect|origin|why|findings?)\\b",
     true},
};
const size_t rules__cause_labels_patterns_count = RULES__COUNT(rules__cause_labels_patterns);

#define ROW .family = RULE_CAUSE, .category = "Root cause"

const struct rule rules__cause_labels[] = {
    {ROW, .id = "cause.action_without_cause", .title = "Action without a root cause",
     .why = "An action that removes no named cause is either not needed, or the cause has been forgotten.",
     .kind = RULE_KIND_IMPORTANT, .risk = RULE_RISK_MEDIUM, .confidence = 0.85,
     .fires =
         "# Root Causes\nRC1: The alarm was off after the migration.\n# Preventative Actions\nPA1: Operations tests the alarm "
         "daily.\nPA2: Operations buys new scanners.",
     .spares =
         "# Root Causes\nRC1: The alarm was off after the migration.\n# Preventative Actions\nPA1a: Operations tests the alarm "
         "daily.\nPA1b: Operations writes a runbook.",
     .check = check_action},
    {ROW, .id = "cause.cause_without_action", .title = "Root cause without a preventative action",
     .why = "A cause that nobody removes will have the same effect again.", .kind = RULE_KIND_CRITICAL,
     .risk = RULE_RISK_HIGH, .confidence = 0.88,
     .fires =
         "# Root Causes\nRC1: The alarm was off after the migration.\nRC2: The runbook had no owner.\n# Preventative "
         "Actions\nPA1: Operations tests the alarm daily.",
     .spares =
         "# Root Causes\nRC1: The alarm was off after the migration.\nRC2: The runbook had no owner.\n# Preventative "
         "Actions\nPA1: Operations tests the alarm daily.\nPA2: Operations names an owner.",
     .check = check_cause},
};
const size_t rules__cause_labels_count = RULES__COUNT(rules__cause_labels);
