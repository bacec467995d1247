/* Regular expressions: PCRE2 behind three functions.
 *
 * The idea: a rule looks for a cheap literal first and asks a pattern only where that stands; the pattern is compiled once by the
 * engine, with the JIT, and shared by all threads. Each call makes its own match data (one small allocation): a cache of it per thread
 * would be hidden state, and the prefilters keep the calls few.
 *
 * Limits: PCRE2 counts backtracking per start position, so the limits below bound one position and not the whole scan. Patterns
 * are therefore written with bounded repeats; the limits catch what slips through. The JIT works on 32 KB of the machine stack; a
 * match that needs more is tried again by the interpreter, whose heap is limited too.
 *
 * Text is valid UTF-8 inside the server, so PCRE2 does not check it again (that would make every call linear in the block).
 * Where the system forbids executable memory the JIT is not there and PCRE2 interprets: slower, the same matches.
 * Source: pcre2api(3), pcre2jit(3). */
#include "rules/pattern.h"

#include <assert.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_LIMIT      100000u
#define DEPTH_LIMIT      1000u
#define HEAP_LIMIT_KIB   1024u
#define COMPILE_LIMIT_TO 4096u /* code units of a source: ours are short, so a longer one is a mistake */

struct pattern {
    pcre2_code *code;
    pcre2_match_context *context; /* read-only while matching: it only carries the limits */
};

enum err pattern_new(const char *source, bool caseless, struct pattern **ret, struct error *e)
{
    if (strlen(source) > COMPILE_LIMIT_TO)
        return error_set(e, ERR_INTERNAL, "a pattern is longer than %u bytes", COMPILE_LIMIT_TO);
    struct pattern *p = calloc(1, sizeof(*p));
    if (!p) return error_no_memory(e);

    int code = 0;
    size_t at = 0;
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | (caseless ? PCRE2_CASELESS : 0u);
    p->code = pcre2_compile((PCRE2_SPTR)source, PCRE2_ZERO_TERMINATED, options, &code, &at, NULL);
    if (!p->code) {
        unsigned char why[128] = "";
        (void)pcre2_get_error_message(code, why, sizeof(why));
        pattern_free(p);
        return error_set(e, ERR_INTERNAL, "pattern \"%s\" is wrong at byte %zu: %s", source, at, (char *)why);
    }
    p->context = pcre2_match_context_create(NULL);
    if (!p->context) {
        pattern_free(p);
        return error_no_memory(e);
    }
    (void)pcre2_set_match_limit(p->context, MATCH_LIMIT);
    (void)pcre2_set_depth_limit(p->context, DEPTH_LIMIT);
    (void)pcre2_set_heap_limit(p->context, HEAP_LIMIT_KIB);
    (void)pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* see above: without it the interpreter matches */
    *ret = p;
    return ERR_OK;
}

void pattern_free(struct pattern *p)
{
    if (!p) return;
    pcre2_match_context_free(p->context);
    pcre2_code_free(p->code);
    free(p);
}

bool pattern_find(const struct pattern *p, struct str text, size_t from, struct pattern_match *ret)
{
    if (from > text.n) return false;
    while (from < text.n && ((unsigned char)text.p[from] & 0xC0) == 0x80)
        from++; /* into the middle of a character: PCRE2 was told not to check for that */

    pcre2_match_data *data = pcre2_match_data_create(PATTERN_GROUPS, NULL);
    if (!data) return false;
    PCRE2_SPTR subject = (PCRE2_SPTR)(text.n ? text.p : "");
    int n = pcre2_match(p->code, subject, text.n, from, PCRE2_NO_UTF_CHECK, data, p->context);
    if (n == PCRE2_ERROR_JIT_STACKLIMIT)
        n = pcre2_match(p->code, subject, text.n, from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data, p->context);
    if (n < 0) { /* no match, or a limit: both are "nothing found" to a rule */
        pcre2_match_data_free(data);
        return false;
    }
    size_t groups = n == 0 ? PATTERN_GROUPS : (size_t)n; /* 0: more groups than we keep */
    const size_t *ends = pcre2_get_ovector_pointer(data);
    static_assert(PCRE2_UNSET == STR_NONE, "an unset group is STR_NONE without translation");
    for (size_t i = 0; i < PATTERN_GROUPS; i++) {
        ret->group_start[i] = i < groups ? ends[2 * i] : STR_NONE;
        ret->group_end[i] = i < groups ? ends[2 * i + 1] : STR_NONE;
    }
    ret->start = ends[0];
    ret->end = ends[1];
    pcre2_match_data_free(data);
    return true;
}
