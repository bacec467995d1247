/* Regular expressions over UTF-8 (PCRE2 with its JIT, match and depth limits on): the only file with pcre2 is pattern.c.
 * Thread: a compiled pattern is immutable; matching takes scratch from the caller's thread. */
#pragma once

#include "base/str.h"

struct pattern;

/* source: PCRE2 syntax, UTF and UCP on; caseless as asked. A bad built-in pattern is our bug (ERR_INTERNAL with the position). */
enum err pattern_new(const char *source, bool caseless, struct pattern **ret, struct error *e) MUST_USE;
void pattern_free(struct pattern *p);

#define PATTERN_GROUPS 10
struct pattern_match {
    size_t start, end;                                             /* bytes */
    size_t group_start[PATTERN_GROUPS], group_end[PATTERN_GROUPS]; /* STR_NONE: not set; [0] is the whole */
};

/* The first match at or after byte `from`. false: none, or a limit was reached (hostile text never hangs a rule). */
bool pattern_find(const struct pattern *p, struct str text, size_t from, struct pattern_match *ret);
static inline struct str pattern_group(struct str text, const struct pattern_match *m, size_t group)
{
    return m->group_start[group] == STR_NONE ? STR_EMPTY : str_sub(text, m->group_start[group], m->group_end[group]);
}
