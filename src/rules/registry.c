/* The registry of rules: which files there are. Each keeps its rules and its patterns in const arrays; nothing registers itself at
 * run time. The order that the outside sees (family, then id) is found by rank on every call: some sixty rows, asked a few times a
 * process, do not need a cache that would be a lazy global. The engine keeps an ordered copy of its own. */
#include "rules/registry_priv.h"

#include <string.h>

const struct rules_list rules__lists[] = {
    {NULL, NULL},
};

const struct rules_pattern_list rules__pattern_lists[] = {
    {NULL, NULL},
};

static const char *const family_names[RULE_FAMILY_COUNT] = {
    [RULE_STRUCTURE] = "structure", [RULE_TIME] = "time",       [RULE_CAUSE] = "cause", [RULE_EVIDENCE] = "evidence",
    [RULE_LANGUAGE] = "language",   [RULE_PRIVACY] = "privacy", [RULE_LINKS] = "links",
};

size_t rules_count(void)
{
    size_t n = 0;
    for (const struct rules_list *list = rules__lists; list->rules; list++)
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
    for (const struct rules_list *list = rules__lists; list->rules; list++)
        for (size_t i = 0; i < *list->count; i++)
            if (comes_before(&list->rules[i], rule)) rank++;
    return rank;
}

const struct rule *rules_at(size_t at)
{
    for (const struct rules_list *list = rules__lists; list->rules; list++)
        for (size_t i = 0; i < *list->count; i++)
            if (rank_of(&list->rules[i]) == at) return &list->rules[i];
    return NULL;
}

const struct rule *rules_find(struct str id)
{
    for (const struct rules_list *list = rules__lists; list->rules; list++)
        for (size_t i = 0; i < *list->count; i++)
            if (str_eq_c(id, list->rules[i].id)) return &list->rules[i];
    return NULL;
}

const char *rules_family_name(enum rule_family family)
{
    return (unsigned)family < RULE_FAMILY_COUNT ? family_names[family] : "";
}
