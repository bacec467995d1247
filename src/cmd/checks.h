/* Trying each part of the program for real, for prism check and for POST /check: what works, what does not, and what to do about it.
 * Thread: any that may wait, unless said otherwise. */
#pragma once

#include "api/api.h"
#include "base/vec.h"
#include "cmd/models.h"

/* Parts found so far, in an arena. */
struct cmd__checks {
    struct arena *arena;
    VEC(struct api_checked) parts;
    int64_t began_ns; /* of the part that is being tried */
};

/* Begins to try a part; then exactly one of the three others says how it went. */
void cmd__check_begin(struct cmd__checks *c);
/* part, message: in the arena or constants. why: NULL, or what failed. */
enum err cmd__check_ok(struct cmd__checks *c, const char *part, struct str message, struct error *e) MUST_USE;
enum err cmd__check_failed(struct cmd__checks *c, const char *part, const struct error *why, struct error *e) MUST_USE;
/* Either of the two: tried is what trying it has returned, why its error. */
enum err cmd__check_tried(struct cmd__checks *c, const char *part, struct str message, enum err tried,
                          const struct error *why, struct error *e) MUST_USE;

/* Each model with a call of one token, all at once; m NULL: that none is configured. The router waits at most half a minute. */
enum err cmd__check_models(struct cmd__checks *c, const struct cmd__models *m, struct error *e) MUST_USE;
