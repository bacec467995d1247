/* The package layer: what is refused and why, content types and relationships, copies in which only named parts differ. */
#include "read_test.h"

static struct doc_package *open_ok(struct read_test *t, struct str bytes)
{
    const struct doc_limits limits = DOC_LIMITS_DEFAULT;
    struct doc_package *p = NULL;
    if (doc_package_open(t->a, bytes, &limits, &p, &t->e) != ERR_OK) fail_msg("%s", t->e.message);
    return p;
}

static struct str plain(struct read_test *t) { return test_docx_from_lines(t->a, "# Title\nSome text."); }

static struct str changed(struct read_test *t, struct str bytes, size_t at, const char *with, size_t n)
{
    struct str copy = str_dup(t->a, bytes);
    char *p = arena_alloc(t->a, copy.n + 1);
    assert_non_null(p);
    memcpy(p, copy.p, copy.n);
    memcpy(p + at, with, n);
    return (struct str){p, copy.n};
}

static void test_other_kinds_of_files_are_named(void **state)
{
    struct read_test *t = *state;
    static const struct {
        struct str bytes;
        const char *reason, *in_message;
    } rows[] = {
        {STR_INIT(""), "empty_file", "empty"},
        {STR_INIT("just text"), "not_a_docx", "no zip"},
        {STR_INIT("{\\rtf1 x}"), "unsupported_type", "RTF"},
        {STR_INIT("%PDF-1.7"), "unsupported_type", "PDF"},
        {STR_INIT("\x1f\x8b\x08 x"), "unsupported_type", "gzip"},
        {STR_INIT("<!DOCTYPE html><html></html>"), "unsupported_type", "HTML"},
        {STR_INIT("\xEF\xBB\xBF <html>"), "unsupported_type", "HTML"},
        {STR_INIT("<?xml version='1.0'?><w:wordDocument>"), "word2003_xml", "2003"},
        {STR_INIT(
             "<?xml version='1.0'?><pkg:package xmlns:pkg=\"http://schemas.microsoft.com/office/2006/xmlPackage\">"),
         "flat_opc", "flat"},
        {STR_INIT("PK\x03\x04 cut off"), "corrupt_zip", "damaged"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_refused(t, rows[i].bytes, rows[i].reason);
        assert_non_null(strstr(t->e.message, rows[i].in_message));
    }
    char lock[162] = {5, 'H', 'e', 'l', 'l', 'o'};
    assert_refused(t, (struct str){lock, sizeof lock}, "lock_file");
}

/* A compound file with one directory entry of that name. */
static struct str compound_file(struct read_test *t, const char *name)
{
    char *p = arena_alloc(t->a, 2048);
    assert_non_null(p);
    memcpy(p, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", 8);
    p[30] = 9;
    char *entry = p + 1024;
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++)
        entry[2 * i] = name[i];
    entry[64] = (char)(2 * (n + 1));
    entry[66] = 2;
    return (struct str){p, 2048};
}

static void test_compound_files_are_told_apart(void **state)
{
    struct read_test *t = *state;
    assert_refused(t, compound_file(t, "EncryptedPackage"), "password_protected");
    assert_refused(t, compound_file(t, "ENCRYPTIONINFO"), "password_protected");
    assert_refused(t, compound_file(t, "WordDocument"), "legacy_doc");
    assert_refused(t, compound_file(t, "DRMEncryptedTransform"), "rights_protected");
    assert_refused(t, compound_file(t, "Workbook"), "unsupported_type");
    assert_non_null(strstr(t->e.message, "Excel"));
}

static void test_names_that_leave_the_folder_are_refused(void **state)
{
    struct read_test *t = *state;
    static const char *const names[] = {"../evil.xml", "word/../../evil.xml", "/etc/passwd", "C:/x", "a\\b",
                                        "a\tb",        "word/\xFF.xml",       "./x"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct test_zip_entry more = {.name = names[i], .bytes = STR("x")};
        const struct test_docx_parts parts = {.more = &more, .n_more = 1};
        assert_refused(t, test_docx(t->a, "<w:p/>", &parts), "unsafe_path");
    }
}

static void test_doubled_and_odd_entries_are_refused(void **state)
{
    struct read_test *t = *state;
    static const struct {
        struct test_zip_entry more;
        const char *reason;
    } rows[] = {
        {{.name = "WORD/Document.xml", .bytes = STR_INIT("x")}, "duplicate_entries"},
        {{.name = "x", .bytes = STR_INIT("x"), .flags = 1}, "zip_encrypted"},
        {{.name = "x", .bytes = STR_INIT("x"), .method = 99}, "zip_encrypted"},
        {{.name = "x", .bytes = STR_INIT("x"), .method = 12}, "unsupported_compression"},
        {{.name = "x", .bytes = STR_INIT("x"), .declared_size = 7}, "corrupt_zip"},
        {{.name = "x", .bytes = STR_INIT("x"), .method = 8, .declared_size = 1u << 30}, "zip_bomb"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct test_docx_parts parts = {.more = &rows[i].more, .n_more = 1};
        assert_refused(t, test_docx(t->a, "<w:p/>", &parts), rows[i].reason);
    }
}

static void test_a_bomb_in_a_part_is_refused_before_it_is_unpacked(void **state)
{
    struct read_test *t = *state;
    struct doc_package *p = open_ok(t, plain(t));
    char *zeros = arena_alloc(t->a, 8u << 20);
    assert_non_null(zeros);
    const struct doc_part_change change = {STR("word/media/big.bin"), {zeros, 8u << 20}};
    struct str bomb = STR_EMPTY;
    assert_int_equal(doc_package_write(p, &change, 1, t->a, &bomb, &t->e), ERR_OK);
    assert_refused(t, bomb, "zip_bomb");
}

static void test_limits_hold(void **state)
{
    struct read_test *t = *state;
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    struct str bytes = plain(t);
    struct doc *doc = NULL;
    o.limits.max_file_bytes = 100;
    assert_int_equal(doc_read(bytes, &o, &doc, &t->e), ERR_LIMIT);
    assert_string_equal(t->e.reason, "too_large");
    o = (struct doc_read_options)DOC_READ_OPTIONS_DEFAULT;
    o.limits.max_entries = 3;
    assert_int_equal(doc_read(bytes, &o, &doc, &t->e), ERR_LIMIT);
    assert_string_equal(t->e.reason, "too_many_entries");
    o = (struct doc_read_options)DOC_READ_OPTIONS_DEFAULT;
    o.limits.max_part_bytes = 700;
    assert_int_equal(doc_read(bytes, &o, &doc, &t->e), ERR_LIMIT);
    assert_string_equal(t->e.reason, "too_large");
    o = (struct doc_read_options)DOC_READ_OPTIONS_DEFAULT;
    o.limits.max_blocks = 1;
    assert_int_equal(doc_read(bytes, &o, &doc, &t->e), ERR_LIMIT);
    assert_string_equal(t->e.reason, "too_large");
    o = (struct doc_read_options)DOC_READ_OPTIONS_DEFAULT;
    o.limits.max_memory_bytes = 4096;
    assert_int_equal(doc_read(bytes, &o, &doc, &t->e), ERR_LIMIT);
    assert_null(doc);
}

static void test_not_again_13_a_corrupt_file_is_an_error_and_never_a_document(void **state)
{
    struct read_test *t = *state;
    struct str good = plain(t);
    read_bytes(t, good);
    /* Cut off anywhere. */
    for (size_t n = 0; n < good.n; n += 97)
        if (n < good.n - 21) {
            const struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
            struct doc *doc = NULL;
            struct str cut = str_dup(t->a, str_sub(good, 0, n));
            assert_int_not_equal(doc_read(cut, &o, &doc, &t->e), ERR_OK);
            assert_null(doc);
        }
    /* One letter of the text changed: the check sum does not match. */
    size_t at = str_find(good, STR("Some text"), 0);
    assert_int_not_equal(at, STR_NONE);
    assert_refused(t, changed(t, good, at, "x", 1), "corrupt_entry");
    assert_non_null(strstr(t->e.message, "word/document.xml"));
    /* XML that is broken: which part, which line. */
    const struct test_docx_parts parts = {
        .document =
            "<?xml version=\"1.0\"?>\n<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\n<w:body></w:p>"};
    assert_refused(t, test_docx(t->a, "", &parts), "bad_xml");
    assert_non_null(strstr(t->e.message, "word/document.xml"));
    assert_non_null(strstr(t->e.message, "line 3"));
}

static void test_entity_declarations_are_refused(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .document =
            "<!DOCTYPE x [<!ENTITY a \"b\">]><w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"/>"};
    assert_refused(t, test_docx(t->a, "", &parts), "dtd_forbidden");
}

static void test_packages_without_a_document(void **state)
{
    struct read_test *t = *state;
    const struct test_zip_entry only[] = {{.name = "a.txt", .bytes = STR("x")}};
    assert_refused(t, test_zip(t->a, only, 1), "not_opc");
    assert_refused(t, test_zip(t->a, only, 0), "not_opc");
    const struct test_zip_entry odt[] = {{.name = "mimetype", .bytes = STR("application/vnd.oasis.opendocument.text")}};
    assert_refused(t, test_zip(t->a, odt, 1), "unsupported_type");
    const struct test_zip_entry lost[] = {
        {.name = "[Content_Types].xml",
         .bytes = STR("<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>")},
        {.name = "_rels/.rels",
         .bytes = STR(
             "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"a\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/></Relationships>")}};
    assert_refused(t, test_zip(t->a, lost, 2), "missing_part");
    const struct test_docx_parts sheet = {
        .main_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"};
    assert_refused(t, test_docx(t->a, "", &sheet), "not_a_word_document");
    assert_non_null(strstr(t->e.message, "Excel"));
    const struct test_docx_parts root = {.document = "<x/>"};
    assert_refused(t, test_docx(t->a, "", &root), "not_a_word_document");
}

static void test_junk_behind_the_archive_is_passed_over(void **state)
{
    struct read_test *t = *state;
    struct str good = plain(t);
    char *p = arena_alloc(t->a, good.n + 100);
    assert_non_null(p);
    memcpy(p, good.p, good.n);
    read_bytes(t, (struct str){p, good.n + 100});
}

static void test_relationships_and_content_types(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .rels =
            "<Relationship Id=\"x1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image\" Target=\"../media/./a%20b.png\"/>"
            "<Relationship Id=\"x2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image\" Target=\"/top.png\"/>"
            "<Relationship Id=\"x3\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image\" Target=\"../../../x.png\"/>"
            "<Relationship Id=\"x4\" Type=\"http://schemas.microsoft.com/office/2011/relationships/people\" Target=\"http://e.x/a b\" TargetMode=\"External\"/>",
        .content_types = "<Default Extension=\"PNG\" ContentType=\"image/png\"/>"};
    struct doc_package *p = open_ok(t, test_docx(t->a, "<w:p/>", &parts));
    struct doc_rels rels = {0};
    assert_int_equal(doc_package_rels(p, STR("word/document.xml"), &rels, &t->e), ERR_OK);
    assert_str(doc_rels_by_id(&rels, STR("x1"))->target, "media/a b.png");
    assert_str(doc_rels_by_id(&rels, STR("x2"))->target, "top.png");
    assert_str(doc_rels_by_id(&rels, STR("x3"))->target, "x.png");
    assert_str(doc_rels_by_id(&rels, STR("x4"))->target, "http://e.x/a b");
    assert_str(doc_rels_by_id(&rels, STR("x4"))->type, "people");
    assert_null(doc_rels_first(&rels, "people")); /* external */
    assert_str(doc_rels_first(&rels, "styles")->target, "word/styles.xml");
    assert_null(doc_rels_by_id(&rels, STR("nope")));
    assert_str(doc_package_content_type(p, STR("a/b.png")), "image/png");
    assert_null(doc_package_content_type(p, STR("a/b.zzz")).p);
    assert_str(doc_package_rels_name(t->a, STR("word/document.xml")), "word/_rels/document.xml.rels");
    assert_str(doc_package_rels_name(t->a, STR("")), "_rels/.rels");
    assert_true(doc_package_has(p, STR("WORD/styles.XML")));
    struct str part = STR_EMPTY;
    assert_int_equal(doc_package_part(p, STR("nope.xml"), &part, &t->e), ERR_NOT_FOUND);
    assert_string_equal(t->e.reason, "missing_part");
}

static void assert_others_unchanged(const struct doc_package *before, const struct doc_package *after,
                                    const char *except)
{
    assert_true(doc_package_entry_count(after) >= doc_package_entry_count(before));
    for (size_t i = 0; i < doc_package_entry_count(before); i++) {
        assert_true(str_eq(doc_package_entry_name(before, i), doc_package_entry_name(after, i)));
        if (str_eq_c(doc_package_entry_name(before, i), except)) continue;
        assert_true(str_eq(doc_package_entry_packed(before, i), doc_package_entry_packed(after, i)));
    }
}

static void test_a_copy_differs_in_the_named_parts_only(void **state)
{
    struct read_test *t = *state;
    struct doc_package *before = open_ok(t, plain(t));
    const struct doc_part_change changes[] = {{STR("word/styles.xml"), STR("<changed/>")},
                                              {STR("word/new.xml"), STR("<new/>")}};
    struct str bytes = STR_EMPTY, again = STR_EMPTY, part = STR_EMPTY;
    assert_int_equal(doc_package_write(before, changes, 2, t->a, &bytes, &t->e), ERR_OK);
    assert_int_equal(doc_package_write(before, changes, 2, t->a, &again, &t->e), ERR_OK);
    assert_true(str_eq(bytes, again)); /* no clock in it */
    struct doc_package *after = open_ok(t, bytes);
    assert_int_equal(doc_package_entry_count(after), doc_package_entry_count(before) + 1);
    assert_others_unchanged(before, after, "word/styles.xml");
    assert_int_equal(doc_package_part(after, STR("word/styles.xml"), &part, &t->e), ERR_OK);
    assert_str(part, "<changed/>");
    assert_int_equal(doc_package_part(after, STR("word/new.xml"), &part, &t->e), ERR_OK);
    assert_str(part, "<new/>");
    assert_int_equal(doc_package_write(before, NULL, 0, t->a, &again, &t->e), ERR_OK);
    assert_true(str_eq(again, doc_package_bytes(before)));
    /* And of a copy whose entries are packed. */
    const struct doc_part_change one = {STR("word/document.xml"), STR("<x/>")};
    assert_int_equal(doc_package_write(after, &one, 1, t->a, &again, &t->e), ERR_OK);
    assert_others_unchanged(after, open_ok(t, again), "word/document.xml");
}

#define T(name) cmocka_unit_test_setup_teardown(name, read_test_setup, read_test_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_other_kinds_of_files_are_named),
        T(test_compound_files_are_told_apart),
        T(test_names_that_leave_the_folder_are_refused),
        T(test_doubled_and_odd_entries_are_refused),
        T(test_a_bomb_in_a_part_is_refused_before_it_is_unpacked),
        T(test_limits_hold),
        T(test_not_again_13_a_corrupt_file_is_an_error_and_never_a_document),
        T(test_entity_declarations_are_refused),
        T(test_packages_without_a_document),
        T(test_junk_behind_the_archive_is_passed_over),
        T(test_relationships_and_content_types),
        T(test_a_copy_differs_in_the_named_parts_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
