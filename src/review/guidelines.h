/* Guidelines: a document that a team uploads to be reviewed against. Its requirements (sentences with must, shall, should, "is required to"; and their headings) become the points of a framework, its own words the words that point to them.
 * Thread: any. */
#pragma once

#include "review/framework.h"

/* ERR_INVALID "no_requirements" when nothing in it asks for anything. */
enum err guidelines_to_framework(struct arena *a, const struct doc *guidelines, struct str name, struct framework **ret,
                                 struct error *e) MUST_USE;

/* Of points that somebody else has written down: their words are found, everything else stays as it is. points: taken over. ERR_LIMIT. */
enum err guidelines_of_points(struct arena *a, struct str name, struct str version, struct framework_point *points,
                              size_t n, struct framework **ret, struct error *e) MUST_USE;

/* Both together: points of b are numbered on after those of a. */
enum err framework_join(struct arena *arena, const struct framework *a, const struct framework *b,
                        struct framework **ret, struct error *e) MUST_USE;
