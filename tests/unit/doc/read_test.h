/* What tests of the reader share: read a document made in memory, and look at it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "doc/check.h"
#include "doc/read.h"
#include "support/docx_build.h"

/* The arena of a test, and the document that was read last. */
struct read_test {
    struct arena *a;
    struct doc *doc;
    struct error e;
};

static inline int read_test_setup(void **state)
{
    struct read_test *t = calloc(1, sizeof *t);
    if (!t) return -1;
    t->a = arena_new((size_t)256 << 20);
    *state = t;
    return t->a ? 0 : -1;
}

static inline int read_test_teardown(void **state)
{
    struct read_test *t = *state;
    doc_free(t->doc);
    arena_free(t->a);
    free(t);
    return 0;
}

/* Reads, and checks the invariants. */
static inline const struct doc *read_bytes(struct read_test *t, struct str bytes)
{
    const struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    assert_non_null(bytes.p);
    doc_free(t->doc);
    t->doc = NULL;
    if (doc_read(bytes, &o, &t->doc, &t->e) != ERR_OK) fail_msg("not read: %s", t->e.message);
    if (doc_check(t->doc, &t->e) != ERR_OK) fail_msg("%s", t->e.message);
    return t->doc;
}

static inline const struct doc *read_body(struct read_test *t, const char *body)
{
    return read_bytes(t, test_docx(t->a, body, NULL));
}

static inline const struct doc *read_with(struct read_test *t, const char *body, const struct test_docx_parts *parts)
{
    return read_bytes(t, test_docx(t->a, body, parts));
}

static inline const struct doc *read_lines(struct read_test *t, const char *lines)
{
    return read_bytes(t, test_docx_from_lines(t->a, lines));
}

/* The document must be refused with this reason. */
static inline void assert_refused(struct read_test *t, struct str bytes, const char *reason)
{
    const struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    struct doc *doc = NULL;
    assert_int_not_equal(doc_read(bytes, &o, &doc, &t->e), ERR_OK);
    assert_null(doc);
    assert_string_equal(t->e.reason, reason);
    assert_true(t->e.message[0] != 0);
}

#define assert_str(s, expected)                                                                                        \
    do {                                                                                                               \
        struct str got_ = (s);                                                                                         \
        if (!str_eq_c(got_, expected)) fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(got_), expected);                    \
    } while (0)

/* The bytes of a part. */
static inline struct str source(const struct doc *doc, uint32_t part, struct doc_range r)
{
    return str_sub(doc->parts.at[part].bytes, r.start, r.end);
}
