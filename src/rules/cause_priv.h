/* What the rules about causes and actions share: which sections speak of which. Shared only by the cause files. */
#pragma once

#include "rules/engine_priv.h"
#include "rules/facts.h"

enum cause__topic {
    CAUSE_NONE,
    CAUSE_ROOTS,   /* a section on root causes */
    CAUSE_ACTIONS, /* on preventative or corrective actions, action items, next steps */
    CAUSE_BOTH,    /* "Root Causes and Preventative Actions" */
    CAUSE_PROBLEM, /* on the problem or what happened */
};

/* What each section is about (enum cause__topic): by its title, else as the section around it. Found once a run. One a section and CAUSE_NONE behind the last; NULL on no memory. */
const uint8_t *cause__topics(struct rules_run *run);
static inline enum cause__topic cause__topic_at(const struct rules_run *run, const uint8_t *topics, uint32_t block)
{
    uint32_t section = run->doc->blocks.at[block].section;
    return (enum cause__topic)topics[section < run->doc->sections.n ? section : run->doc->sections.n];
}

/* The label at which the block begins, or NULL. */
const struct facts_label *cause__label_of(const struct rules_run *run, uint32_t block);
