/* What the tests of review share: cmocka with its headers in order, and documents made by hand or read from lines. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "doc/model.h"
#include "doc/read.h"
#include "doc/text.h"
#include "support/docx_build.h"

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str assert_str_a_ = (view), assert_str_b_ = str_from_c(text);                                           \
        if (!str_eq(assert_str_a_, assert_str_b_))                                                                     \
            fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARG(assert_str_a_), STR_ARG(assert_str_b_));                      \
    } while (0)

/* The text has the part somewhere. */
#define assert_has(text, part)                                                                                         \
    do {                                                                                                               \
        struct str assert_has_a_ = (text);                                                                             \
        if (str_find(assert_has_a_, str_from_c(part), 0) == STR_NONE)                                                  \
            fail_msg("\"%.*s\" has no \"%s\"", STR_ARG(assert_has_a_), (part));                                        \
    } while (0)

#define assert_has_not(text, part)                                                                                     \
    do {                                                                                                               \
        struct str assert_has_a_ = (text);                                                                             \
        if (str_find(assert_has_a_, str_from_c(part), 0) != STR_NONE)                                                  \
            fail_msg("\"%.*s\" has \"%s\"", STR_ARG(assert_has_a_), (part));                                           \
    } while (0)

#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        struct error assert_ok_e_ = {0}, *e = &assert_ok_e_;                                                           \
        if ((call) != ERR_OK) fail_msg("%s: %s (%s)", #call, assert_ok_e_.message, assert_ok_e_.reason);               \
    } while (0)

static inline struct arena *test_arena(void)
{
    struct arena *a = arena_new(SIZE_MAX);
    assert_non_null(a);
    return a;
}

/* A document of body paragraphs, without a file behind it. */
static inline struct doc *test_doc_of(struct arena *a, const char *const *texts, size_t n)
{
    struct doc *doc = NEW(a, struct doc, 1);
    struct doc_block *blocks = NEW(a, struct doc_block, n);
    assert_non_null(doc);
    assert_non_null(blocks);
    for (size_t i = 0; i < n; i++)
        blocks[i] =
            (struct doc_block){.text = str_from_c(texts[i]), .section = DOC_NONE, .cell = DOC_NONE, .note = DOC_NONE};
    doc->arena = a;
    doc->blocks.at = blocks;
    doc->blocks.n = doc->body_end_block = (uint32_t)n;
    return doc;
}

/* A document read from lines (support/docx_build.h); the caller frees it. */
static inline struct doc *test_doc_read(struct arena *a, const char *lines)
{
    struct str bytes = test_docx_from_lines(a, lines);
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    struct doc *doc = NULL;
    assert_non_null(bytes.p);
    assert_ok(doc_read(bytes, &o, &doc, e));
    return doc;
}
