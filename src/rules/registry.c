/* The registry of rules: which files there are. Each keeps its rules and its patterns in const arrays; nothing registers itself at
 * run time. The order that the outside sees (family, then id) is found by rank on every call: some sixty rows, asked a few times a
 * process, do not need a cache that would be a lazy global. The engine keeps an ordered copy of its own. */
#include "rules/registry_priv.h"

#include <string.h>

struct rules_list {
    const struct rule *rules;
    const size_t *count;
};

static const struct rules_list lists[] = {
    {rules__structure_sections, &rules__structure_sections_count},
    {rules__structure_copies, &rules__structure_copies_count},
    {rules__structure_residue, &rules__structure_residue_count},
    {rules__structure_references, &rules__structure_references_count},
    {rules__time_dates, &rules__time_dates_count},
    {rules__time_timeline, &rules__time_timeline_count},
    {rules__cause_labels, &rules__cause_labels_count},
    {rules__cause_actions, &rules__cause_actions_count},
    {rules__cause_roots, &rules__cause_roots_count},
    {rules__evidence_tables, &rules__evidence_tables_count},
    {rules__evidence_quantities, &rules__evidence_quantities_count},
    {rules__evidence_claims, &rules__evidence_claims_count},
    {rules__language_acronyms, &rules__language_acronyms_count},
    {rules__language_sentences, &rules__language_sentences_count},
    {rules__language_wording, &rules__language_wording_count},
    {rules__language_terms, &rules__language_terms_count},
    {rules__language_spelling, &rules__language_spelling_count},
    {rules__privacy_identity, &rules__privacy_identity_count},
    {rules__privacy_secrets, &rules__privacy_secrets_count},
    {rules__privacy_hidden, &rules__privacy_hidden_count},
    {rules__links_targets, &rules__links_targets_count},
    {NULL, NULL},
};

const struct rules_pattern_list rules__pattern_lists[] = {
    {rules__structure_sections_patterns, &rules__structure_sections_patterns_count},
    {rules__structure_residue_patterns, &rules__structure_residue_patterns_count},
    {rules__structure_references_patterns, &rules__structure_references_patterns_count},
    {rules__time_dates_patterns, &rules__time_dates_patterns_count},
    {rules__time_timeline_patterns, &rules__time_timeline_patterns_count},
    {rules__cause_labels_patterns, &rules__cause_labels_patterns_count},
    {rules__cause_actions_patterns, &rules__cause_actions_patterns_count},
    {rules__cause_roots_patterns, &rules__cause_roots_patterns_count},
    {rules__evidence_quantities_patterns, &rules__evidence_quantities_patterns_count},
    {rules__language_wording_patterns, &rules__language_wording_patterns_count},
    {rules__privacy_identity_patterns, &rules__privacy_identity_patterns_count},
    {rules__privacy_secrets_patterns, &rules__privacy_secrets_patterns_count},
    {rules__privacy_hidden_patterns, &rules__privacy_hidden_patterns_count},
    {NULL, NULL},
};

static const char *const family_names[RULE_FAMILY_COUNT] = {
    [RULE_STRUCTURE] = "structure", [RULE_TIME] = "time",       [RULE_CAUSE] = "cause", [RULE_EVIDENCE] = "evidence",
    [RULE_LANGUAGE] = "language",   [RULE_PRIVACY] = "privacy", [RULE_LINKS] = "links",
};

size_t rules_count(void)
{
    size_t n = 0;
    for (const struct rules_list *list = lists; list->rules; list++)
        n += *list->count;
    return n;
}

static bool comes_before(const struct rule *a, const struct rule *b)
{
    if (a->family != b->family) return a->family < b->family;
    return strcmp(a->id, b->id) < 0;
}

static size_t rank_of(const struct rule *rule)
{
    size_t rank = 0;
    for (const struct rules_list *list = lists; list->rules; list++)
        for (size_t i = 0; i < *list->count; i++)
            if (comes_before(&list->rules[i], rule)) rank++;
    return rank;
}

const struct rule *rules_at(size_t at)
{
    for (const struct rules_list *list = lists; list->rules; list++)
        for (size_t i = 0; i < *list->count; i++)
            if (rank_of(&list->rules[i]) == at) return &list->rules[i];
    return NULL;
}

const struct rule *rules_find(struct str id)
{
    for (const struct rules_list *list = lists; list->rules; list++)
        for (size_t i = 0; i < *list->count; i++)
            if (str_eq_c(id, list->rules[i].id)) return &list->rules[i];
    return NULL;
}

const char *rules_family_name(enum rule_family family)
{
    return (unsigned)family < RULE_FAMILY_COUNT ? family_names[family] : "";
}
