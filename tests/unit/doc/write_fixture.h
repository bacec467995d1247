/* A document made for a test, its words found, edits written into it, and what became of its main part. */
#pragma once

#include "doc/splice.h"
#include "doc/text.h"
#include "doc/write.h"
#include "support/docx_build.h"

#include "write_test.h"

#define TEST_DATE 1772356500000 /* 2026-03-01T09:15:00Z */

struct fixture {
    struct arena *a;
    struct doc *doc;
    struct doc_write_result result;
    struct str main, comments; /* parts of the output; .p NULL: not there */
    struct doc_package *out;
};

static inline void fixture_free(void *doc) { doc_free(doc); }

static inline struct fixture fixture_open(struct arena *a, struct str docx)
{
    struct fixture f = {.a = a};
    struct doc_read_options options = DOC_READ_OPTIONS_DEFAULT;
    struct error e = {0};
    if (doc_read(docx, &options, &f.doc, &e) != ERR_OK) fail_msg("the test's document cannot be read: %s", e.message);
    assert_true(arena_defer(a, fixture_free, f.doc));
    return f;
}

static inline struct fixture fixture_of(struct arena *a, const char *body, const struct test_docx_parts *more)
{
    struct str docx = test_docx(a, body, more);
    assert_non_null(docx.p);
    return fixture_open(a, docx);
}

/* Where those words are; across paragraphs with LF between. */
static inline struct doc_anchor fixture_find(const struct fixture *f, const char *words)
{
    struct str first = str_from_c(words), rest = STR_EMPTY;
    first = str_cut(first, '\n', &rest);
    for (uint32_t i = 0; i < f->doc->blocks.n; i++) {
        size_t at = str_find(f->doc->blocks.at[i].text, first, 0);
        if (at == STR_NONE) continue;
        struct doc_anchor anchor = {{i, (uint32_t)at}, {i, (uint32_t)(at + first.n)}};
        while (rest.p) {
            struct str line = str_cut(rest, '\n', &rest);
            do
                i++;
            while (i < f->doc->blocks.n && f->doc->blocks.at[i].story != f->doc->blocks.at[anchor.start.block].story);
            assert_true(i < f->doc->blocks.n && str_starts(f->doc->blocks.at[i].text, line));
            anchor.end = (struct doc_place){i, (uint32_t)line.n};
        }
        return anchor;
    }
    fail_msg("the test's document has no \"%s\"", words);
    return (struct doc_anchor){{0, 0}, {0, 0}};
}

static inline void fixture_parts(struct fixture *f)
{
    struct doc_limits limits = DOC_LIMITS_DEFAULT;
    struct error e = {0};
    if (doc_package_open(f->a, f->result.bytes, &limits, &f->out, &e) != ERR_OK) fail_msg("%s", e.message);
    assert_int_equal(doc_package_part(f->out, doc_package_main_part(f->out), &f->main, &e), ERR_OK);
    struct doc_rels rels;
    assert_int_equal(doc_package_rels(f->out, doc_package_main_part(f->out), &rels, &e), ERR_OK);
    const struct doc_rel *rel = doc_rels_first(&rels, "comments");
    if (rel) assert_int_equal(doc_package_part(f->out, rel->target, &f->comments, &e), ERR_OK);
}

static inline struct str fixture_body(struct str main)
{
    size_t at = str_find(main, STR("<w:body>"), 0);
    return at == STR_NONE ? main : str_sub(main, at, main.n);
}

static inline void fixture_write(struct fixture *f, const struct doc_edits *edits)
{
    struct error e = {0};
    if (doc_write(f->doc, edits, f->a, &f->result, &e) != ERR_OK) {
        struct doc_package *out;
        struct str main = STR_EMPTY;
        struct doc_limits limits = DOC_LIMITS_DEFAULT;
        if (f->result.bytes.p && doc_package_open(f->a, f->result.bytes, &limits, &out, NULL) == ERR_OK)
            (void)!doc_package_part(out, doc_package_main_part(out), &main, NULL);
        fail_msg("%s (%s)\n%.*s", e.message, e.detail, STR_ARG(fixture_body(main)));
    }
    fixture_parts(f);
}

static inline struct doc_new_comment fixture_comment(const struct fixture *f, const char *words, const struct str *text)
{
    return (struct doc_new_comment){.anchor = fixture_find(f, words),
                                    .author = STR("Ann Lee"),
                                    .initials = STR("AL"),
                                    .date_unix_ms = TEST_DATE,
                                    .paragraphs = text,
                                    .n_paragraphs = 1};
}

/* One comment on those words. */
static inline struct fixture fixture_commented(struct arena *a, const char *body, const struct test_docx_parts *more,
                                               const char *words)
{
    struct fixture f = fixture_of(a, body, more);
    static const struct str text = STR_INIT("Why?");
    struct doc_new_comment c = fixture_comment(&f, words, &text);
    fixture_write(&f, &(struct doc_edits){.comments = &c, .n_comments = 1});
    return f;
}

/* One tracked change of those words. */
static inline struct fixture fixture_changed(struct arena *a, const char *body, const struct test_docx_parts *more,
                                             const char *words, const char *replacement)
{
    struct fixture f = fixture_of(a, body, more);
    struct doc_new_change c = {.anchor = fixture_find(&f, words),
                               .replacement = str_from_c(replacement),
                               .author = STR("Ann Lee"),
                               .date_unix_ms = TEST_DATE};
    fixture_write(&f, &(struct doc_edits){.changes = &c, .n_changes = 1});
    return f;
}

#define assert_has(text, part)                                                                                         \
    do {                                                                                                               \
        struct str assert_has_t_ = (text), assert_has_p_ = str_from_c(part);                                           \
        if (str_find(assert_has_t_, assert_has_p_, 0) == STR_NONE)                                                     \
            fail_msg("no \"%s\" in\n%.*s", (part), STR_ARG(fixture_body(assert_has_t_)));                              \
    } while (0)
#define assert_has_not(text, part)                                                                                     \
    do {                                                                                                               \
        struct str assert_has_t_ = (text), assert_has_p_ = str_from_c(part);                                           \
        if (str_find(assert_has_t_, assert_has_p_, 0) != STR_NONE)                                                     \
            fail_msg("\"%s\" stands in\n%.*s", (part), STR_ARG(fixture_body(assert_has_t_)));                          \
    } while (0)

/* Markers of the first comment of a document that had none. */
#define M_START "<w:commentRangeStart w:id=\"0\"/>"
#define M_END   "<w:commentRangeEnd w:id=\"0\"/><w:r><w:commentReference w:id=\"0\"/></w:r>"
