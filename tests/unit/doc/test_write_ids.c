#include "doc/write_ids.h"

#include "base/sb.h"

#include "write_test.h"

static void test_next_ids(void **state)
{
    struct write_ids ids = write_ids_make(*state);
    assert_int_equal(write_ids_comments(&ids, 3), 0);
    assert_true(write_ids_scan(
        &ids,
        STR("<w:comment w:id=\"4\"/><w:commentRangeStart w:id='17'/><w:ins w:id = \"200\"/><w:bookmarkStart w:id=\"x\"/>"
            "<a r:id=\"rId900\"/><w:commentReference w:id=\"-5\"/>")));
    assert_int_equal(write_ids_comments(&ids, 3), 18); /* a marker of a comment that is gone counts; others do not */
    assert_int_equal(write_ids_revisions(&ids, 3), 201);
}

static void test_greatest_id_taken(void **state)
{
    struct write_ids ids = write_ids_make(*state);
    assert_true(write_ids_scan(
        &ids,
        STR("<w:comment w:id=\"2147483647\"/><w:comment w:id=\"0\"/><w:comment w:id=\"3\"/><w:del w:id=\"7\"/>")));
    assert_int_equal(write_ids_comments(&ids, 2), 1);
    assert_int_equal(write_ids_comments(&ids, 5), 4);
    assert_true(write_ids_revisions(&ids, 1) == UINT64_MAX);
}

/* The element of an id is not looked for again and again: with a walk back for each this would take an hour. */
static void test_text_full_of_ids(void **state)
{
    CLEANUP_SB struct sb sb = SB_INIT((size_t)16 << 20);
    sb_c(&sb, "<w:comment w:id=\"3\"/><w:t>");
    for (int i = 0; i < 400000; i++)
        sb_c(&sb, " :id=\"9\"");
    sb_c(&sb, "</w:t><w:comment w:id=\"4\"/>");
    struct str text;
    assert_int_equal(sb_take(&sb, *state, &text, NULL), ERR_OK);
    struct write_ids ids = write_ids_make(*state);
    assert_true(write_ids_scan(&ids, text));
    assert_int_equal(write_ids_comments(&ids, 1), 5);
    assert_int_equal(write_ids_revisions(&ids, 1), 10);
}

static void test_utf16_is_scanned(void **state)
{
    struct arena *a = *state;
    struct str text = STR("<w:comment w:id=\"41\"/>");
    char *wide = NEW(a, char, text.n * 2 + 2);
    assert_non_null(wide);
    wide[0] = '\xFF';
    wide[1] = '\xFE';
    for (size_t i = 0; i < text.n; i++)
        wide[2 + 2 * i] = text.p[i];
    struct write_ids ids = write_ids_make(a);
    assert_true(write_ids_scan(&ids, (struct str){wide, text.n * 2 + 2}));
    assert_int_equal(write_ids_comments(&ids, 1), 42);
}

static void test_fresh_ids(void **state)
{
    struct write_ids ids = write_ids_make(*state), again = write_ids_make(*state), probe = write_ids_make(*state);
    uint32_t first = write_ids_fresh(&probe, 7);
    char xml[64];
    (void)snprintf(xml, sizeof xml, "<w:p w14:paraId=\"%08x\"/>", first);
    assert_true(write_ids_scan(&ids, str_from_c(xml)));
    assert_true(write_ids_fresh(&ids, 7) != first); /* in use in the document */
    uint32_t seen[5000];
    for (uint32_t i = 0; i < 5000; i++) {
        seen[i] = write_ids_fresh(&again, i / 2);
        assert_true(seen[i] > 0 && seen[i] < 0x7FFFFFFF);
    }
    assert_int_equal(again.set_n, 5000); /* all different */
}

WRITE_TESTS(cmocka_unit_test(test_next_ids), cmocka_unit_test(test_greatest_id_taken),
            cmocka_unit_test(test_text_full_of_ids), cmocka_unit_test(test_utf16_is_scanned),
            cmocka_unit_test(test_fresh_ids))
