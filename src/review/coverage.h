/* The record of what a review looked at and what not, as it is kept with the review: {"not_reviewed": […], and numbers}. Thread: any. */
#pragma once

#include "base/json.h"
#include "review/review.h"

/* In a. touches are not kept: the framework and the document give them again. */
enum err coverage_record(const struct review_coverage *c, struct arena *a, struct str *ret, struct error *e) MUST_USE;
/* What coverage_record made; "[]" gives an empty one. Texts live in a. */
enum err coverage_read(struct str record, struct arena *a, struct review_coverage *ret, struct error *e) MUST_USE;
/* The part for the wire: an array of {section, why}. */
void coverage_not_reviewed(struct json_out *o, const char *key, struct str record);
/* How many findings were dismissed; 0 where the record does not say. */
uint64_t coverage_dismissed(struct str record);
