/* Every file of the shared corpus is read into a model whose invariants hold, or refused with the reason that its
 * kind asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/fs.h"
#include "doc/check.h"
#include "doc/read.h"

#define COLUMNS 21
enum { C_FILE = 0, C_FEATURES = 6, C_EXPECT = 9, C_PARAGRAPHS = 11, C_TEXT_LENGTH = 12 };

/* What INDEX.tsv says of a file → the reasons that we may refuse it with ("" is: it is read). */
static const struct {
    const char *expect;
    const char *reasons;
} expectations[] = {
    {"ok", " "},
    {"ok(strict)", " "},
    {"ok(template:policy)", " "},
    {"ok(macro-enabled:policy)", " "},
    {"ok-or-error:unsafe-path (never written to disk)", "unsafe_path"},
    {"error:corrupt-zip(crc) or ok-with-warning", " "},
    {"error:corrupt-zip (or ok if local-header recovery)", "corrupt_zip"},
    {"error:corrupt-zip", "corrupt_zip"},
    {"error:corrupt-zip(crc)", "corrupt_entry"},
    {"error:encrypted", "password_protected"},
    {"error:dtd", "dtd_forbidden"},
    {"error:bad-xml", "bad_xml"},
    {"error:not-opc", "not_opc"},
    {"error:legacy-doc", "legacy_doc"},
    {"error:legacy-doc(encrypted)", "legacy_doc"},
    {"error:zip-bomb", "zip_bomb"},
    {"error:too-deep (no stack overflow)", "too_deep"},
    {"error:not-word|dup-entries", "duplicate_entries"},
    {"error:not-word|dtd", "not_a_word_document"},
    {"error:not-word/missing-part", "not_a_word_document"},
    {"error:not-word(spreadsheet)", "not_a_word_document"},
    {"error:not-word(presentation)", "not_a_word_document"},
    {"error:empty-zip", "not_opc"},
    {"error:empty-file", "empty_file"},
    {"error:dup-entries", "duplicate_entries"},
};

static const char *reason_of(struct str expect)
{
    for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
        if (str_eq_c(expect, expectations[i].expect)) return expectations[i].reasons;
    return NULL;
}

static uint64_t number(struct str s)
{
    uint64_t v = 0;
    return str_to_u64(s, 0, UINT64_MAX, &v, NULL) == ERR_OK ? v : 0;
}

/* Body paragraphs and text are of the size that an independent count found. Text boxes (counted twice there, as both
 * branches), deletions and notes differ by rule, so this catches what is lost or doubled wholesale. */
static void check_size(struct str file, const struct doc *doc, const struct str *columns)
{
    uint64_t paragraphs = number(columns[C_PARAGRAPHS]), length = number(columns[C_TEXT_LENGTH]), text = 0;
    for (uint32_t i = 0; i < doc->body_end_block; i++)
        text += doc->blocks.at[i].text.n;
    bool doubled = str_find(columns[C_FEATURES], STR("AlternateContent"), 0) != STR_NONE;
    if (!doubled && paragraphs != doc->body_end_block)
        fail_msg("%.*s: %u body paragraphs, counted elsewhere %llu", STR_ARG(file), doc->body_end_block,
                 (unsigned long long)paragraphs);
    bool deleted = str_find(columns[C_FEATURES], STR("del="), 0) != STR_NONE ||
                   str_find(columns[C_FEATURES], STR("move"), 0) != STR_NONE;
    if (!doubled && !deleted && text * 10 < length * 8)
        fail_msg("%.*s: %llu bytes of text, counted elsewhere %llu characters", STR_ARG(file), (unsigned long long)text,
                 (unsigned long long)length);
}

/* A copy with one part more keeps the packed bytes of every other entry, and is read again to the same text. */
static void check_copy(struct arena *a, struct str file, const struct doc *doc)
{
    const struct doc_part_change change = {STR("prism-test.bin"), STR("x")};
    const struct doc_limits limits = DOC_LIMITS_DEFAULT;
    struct str bytes = STR_EMPTY;
    struct doc_package *copy = NULL;
    struct error e = {0};
    if (doc_package_write(doc->package, &change, 1, a, &bytes, &e) != ERR_OK ||
        doc_package_open(a, bytes, &limits, &copy, &e) != ERR_OK)
        fail_msg("%.*s: %s (%s)", STR_ARG(file), e.message, e.detail);
    assert_int_equal(doc_package_entry_count(copy), doc_package_entry_count(doc->package) + 1);
    for (size_t i = 0; i < doc_package_entry_count(doc->package); i++)
        if (!str_eq(doc_package_entry_name(doc->package, i), doc_package_entry_name(copy, i)) ||
            !str_eq(doc_package_entry_packed(doc->package, i), doc_package_entry_packed(copy, i)))
            fail_msg("%.*s: entry %zu of the copy differs", STR_ARG(file), i);
}

static void check_file(const char *folder, const struct str *columns, unsigned *read, unsigned *refused)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)256 << 20);
    struct error e = {0};
    struct str bytes = STR_EMPTY, file = columns[C_FILE];
    const char *want = reason_of(columns[C_EXPECT]);
    if (!want) fail_msg("%.*s: unknown expectation \"%.*s\"", STR_ARG(file), STR_ARG(columns[C_EXPECT]));
    struct str path = str_printf(a, "%s/%.*s", folder, STR_ARG(file));
    if (fs_read(a, path.p, (size_t)64 << 20, &bytes, &e) != ERR_OK) fail_msg("%s", e.message);
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    CLEANUP_DOC struct doc *doc = NULL;
    enum err code = doc_read(bytes, &o, &doc, &e);
    if (code != ERR_OK) {
        if (strcmp(want, e.reason) != 0)
            fail_msg("%.*s: refused with %s (%s), expected %s", STR_ARG(file), e.reason, e.message, want);
        assert_true(e.message[0] != 0);
        (*refused)++;
        return;
    }
    if (strcmp(want, " ") != 0) fail_msg("%.*s: read, expected %s", STR_ARG(file), want);
    if (doc_check(doc, &e) != ERR_OK) fail_msg("%.*s: %s", STR_ARG(file), e.message);
    check_size(file, doc, columns);
    check_copy(a, file, doc);
    (*read)++;
}

static void test_every_corpus_file_is_read_or_refused_as_expected(void **state)
{
    (void)state;
    const char *shared = getenv("TEST_SHARED");
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    struct str folder = str_printf(a, "%s/corpus", shared ? shared : "../shared"), index = STR_EMPTY;
    struct str path = str_printf(a, "%s/INDEX.tsv", folder.p);
    struct error e = {0};
    if (fs_read(a, path.p, (size_t)16 << 20, &index, &e) != ERR_OK) {
        print_message("# the shared corpus is not here: skipped\n");
        skip();
    }
    unsigned read = 0, refused = 0;
    struct str rest = index;
    (void)str_cut(rest, '\n', &rest); /* the head */
    while (rest.p && rest.n) {
        struct str line = str_cut(rest, '\n', &rest), columns[COLUMNS] = {{NULL, 0}};
        for (size_t i = 0; i < COLUMNS && line.p; i++)
            columns[i] = str_cut(line, '\t', &line);
        if (columns[C_FILE].n) check_file(folder.p, columns, &read, &refused);
    }
    print_message("# %u files read, %u refused\n", read, refused);
    assert_true(read >= 100);
    assert_true(refused >= 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_corpus_file_is_read_or_refused_as_expected)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
