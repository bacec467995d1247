/* Review frameworks: named lists of points that a document is reviewed against. Data, not code: frameworks/NAME.json, held to frameworks/framework.schema.json.
 * Thread: any; a framework is immutable once loaded. */
#pragma once

#include "base/json.h"
#include "doc/model.h"
#include "rules/rules.h"

struct framework_point {
    int64_t number;              /* as people cite it: 11 */
    struct str name;             /* "Root Cause Analysis" */
    struct str asks;             /* what it asks of a document */
    const struct str *questions; /* that a reviewer asks */
    size_t n_questions;
    const struct str *words; /* that point to it in a text */
    size_t n_words;
    const struct str *rules; /* ids of rules that speak to it; "cause.*" takes a family */
    size_t n_rules;
    const struct str *sections; /* titles of expected sections that serve it */
    size_t n_sections;
};

struct framework {
    struct str id, name, version, description;
    const struct framework_point *points;
    size_t n_points;
    const struct rules_expected_section *sections; /* expected in every document of this type */
    size_t n_sections;
    const struct str *recognise; /* words and titles that tell that a document is of this type */
    size_t n_recognise;
    int64_t recognise_at_least; /* so many different ones of them */
};

/* From JSON text. ERR_INVALID "bad_framework": the message has the path and the reason. */
enum err framework_parse(struct arena *a, struct str json, struct framework **ret, struct error *e) MUST_USE;

/* By name ("hawkeye", "general": those built in) or by path of a .json file. ERR_NOT_FOUND lists the names. */
enum err framework_load(struct arena *a, const char *name_or_path, struct framework **ret, struct error *e) MUST_USE;
size_t framework_builtin_count(void);
const char *framework_builtin_name(size_t i);

/* The built-in framework that fits: hawkeye for an investigation, else general. *ret_why: a sentence for people. */
enum err framework_choose(struct arena *a, const struct doc *doc, struct framework **ret, struct str *ret_why,
                          struct error *e) MUST_USE;

/* Indices of the points that a rule speaks to. */
enum err framework_points_of_rule(const struct framework *f, struct str rule_id, struct arena *a, const uint32_t **ret,
                                  size_t *ret_n, struct error *e) MUST_USE;

/* How far the document touches each point: the blocks in which its words stand. One a point. */
struct framework_touch {
    uint32_t mentions;    /* blocks with a word of the point */
    uint32_t first_block; /* or DOC_NONE */
};
enum err framework_touches(const struct framework *f, const struct doc *doc, struct arena *a,
                           const struct framework_touch **ret, struct error *e) MUST_USE;
