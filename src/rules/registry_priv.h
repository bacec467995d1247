/* The lists that the engine is made of: rules and patterns, one pair of arrays a family file. Shared only inside rules/.
 * A file adds its rows here and in registry.c; its rules need no order, rules_at() sorts. */
#pragma once

#include "rules/rules.h"

/* A regular expression of a family file: compiled by rules_engine_new(), found by rules__pattern(run, name). */
struct rules_pattern_spec {
    const char *name;   /* unique over all files: "time.iso_date" */
    const char *source; /* PCRE2, see pattern.h; bounded repeats */
    bool caseless;
};

struct rules_pattern_list {
    const struct rules_pattern_spec *specs;
    const size_t *count;
};

/* All pattern tables, closed by a row of NULLs. The engine compiles them. */
extern const struct rules_pattern_list rules__pattern_lists[];

#define RULES__COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern const struct rule rules__structure_sections[], rules__structure_copies[], rules__structure_residue[],
    rules__structure_references[];
extern const size_t rules__structure_sections_count, rules__structure_copies_count, rules__structure_residue_count,
    rules__structure_references_count;

extern const struct rule rules__time_dates[], rules__time_timeline[];
extern const size_t rules__time_dates_count, rules__time_timeline_count;

extern const struct rule rules__cause_labels[], rules__cause_actions[], rules__cause_roots[];
extern const size_t rules__cause_labels_count, rules__cause_actions_count, rules__cause_roots_count;

extern const struct rules_pattern_spec rules__structure_sections_patterns[], rules__structure_residue_patterns[],
    rules__structure_references_patterns[], rules__time_dates_patterns[], rules__time_timeline_patterns[],
    rules__cause_labels_patterns[], rules__cause_actions_patterns[], rules__cause_roots_patterns[];
extern const size_t rules__structure_sections_patterns_count, rules__structure_residue_patterns_count,
    rules__structure_references_patterns_count, rules__time_dates_patterns_count, rules__time_timeline_patterns_count,
    rules__cause_labels_patterns_count, rules__cause_actions_patterns_count, rules__cause_roots_patterns_count;

extern const struct rule rules__evidence_tables[], rules__evidence_quantities[], rules__evidence_claims[];
extern const size_t rules__evidence_tables_count, rules__evidence_quantities_count, rules__evidence_claims_count;

extern const struct rule rules__language_acronyms[], rules__language_sentences[], rules__language_wording[],
    rules__language_terms[], rules__language_spelling[];
extern const size_t rules__language_acronyms_count, rules__language_sentences_count, rules__language_wording_count,
    rules__language_terms_count, rules__language_spelling_count;

extern const struct rule rules__privacy_identity[], rules__privacy_secrets[], rules__privacy_hidden[];
extern const size_t rules__privacy_identity_count, rules__privacy_secrets_count, rules__privacy_hidden_count;
extern const struct rules_pattern_spec rules__privacy_hidden_patterns[];
extern const size_t rules__privacy_hidden_patterns_count;

extern const struct rule rules__links_targets[];
extern const size_t rules__links_targets_count;

extern const struct rules_pattern_spec rules__evidence_quantities_patterns[], rules__language_wording_patterns[],
    rules__privacy_identity_patterns[], rules__privacy_secrets_patterns[];
extern const size_t rules__evidence_quantities_patterns_count, rules__language_wording_patterns_count,
    rules__privacy_identity_patterns_count, rules__privacy_secrets_patterns_count;
