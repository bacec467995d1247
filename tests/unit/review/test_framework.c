#include "review_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/sb.h"
#include "review/framework.h"

#define HEAD "{\"id\": \"mine\", \"name\": \"Mine\", \"version\": \"1\", \"description\": \"For tests.\", "

/* The message says where and why. */
static void check_wrong(const char *json, const char *where, const char *why)
{
    CLEANUP_ARENA struct arena *a = test_arena();
    struct framework *f = NULL;
    struct error e = {0};
    assert_int_equal(framework_parse(a, str_from_c(json), &f, &e), ERR_INVALID);
    assert_null(f);
    assert_string_equal(e.reason, "bad_framework");
    assert_has(str_from_c(e.message), where);
    assert_has(str_from_c(e.message), why);
}

static void a_framework_is_read_whole(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    struct framework *f = NULL;
    assert_ok(framework_parse(
        a,
        STR(HEAD "\"recognise\": {\"words\": [\"incident\", \"root cause\"], \"at_least\": 2},"
                 "\"sections\": [{\"title\": \"Impact\", \"aliases\": [\"Effects\"]}],"
                 "\"points\": [{\"number\": 4, \"name\": \"Causes\", \"asks\": \"Why?\", \"questions\": [\"Why so?\"],"
                 "\"words\": [\"caus*\"], \"rules\": [\"cause.*\", \"time.gap\"], \"sections\": [\"Root Causes\"]}]}"),
        &f, e));
    assert_str(f->id, "mine");
    assert_int_equal(f->n_points, 1);
    assert_int_equal(f->points[0].number, 4);
    assert_str(f->points[0].words[0], "caus*");
    assert_str(f->points[0].sections[0], "Root Causes");
    assert_int_equal(f->n_sections, 1);
    assert_str(f->sections[0].aliases[0], "Effects");
    assert_int_equal(f->recognise_at_least, 2);
    assert_int_equal(f->n_recognise, 2);
}

static void a_wrong_framework_gets_the_path_and_the_reason(void **state)
{
    (void)state;
    check_wrong("{", "", "line");
    check_wrong("[]", "", "");
    check_wrong(HEAD "\"points\": []}", "points", "");
    check_wrong(HEAD "\"pionts\": []}", "pionts", "");
    check_wrong(HEAD "\"points\": [{\"number\": 1, \"name\": \"A\"}]}", "points[0]", "asks");
    check_wrong(HEAD "\"points\": [{\"number\": 1, \"name\": \"A\", \"asks\": \"B\", \"words\": [\"ok\", 3]}]}",
                "points[0].words", "");
    check_wrong(HEAD "\"points\": [{\"number\": 1, \"name\": \"A\", \"asks\": \"B\", \"words\": [\"ok\", \"*\"]}]}",
                "points[0].words[1]", "characters");
    check_wrong(HEAD "\"points\": [{\"number\": 1, \"name\": \"A\", \"asks\": \"B\", \"rules\": [\"cause\"]}]}",
                "points[0].rules[0]", "cause.*");
    check_wrong(
        HEAD
        "\"points\": [{\"number\": 1, \"name\": \"A\", \"asks\": \"B\"}, {\"number\": 1, \"name\": \"C\", \"asks\": \"D\"}]}",
        "points[1].number", "same number");
    check_wrong(HEAD "\"points\": [{\"number\": 1, \"name\": \" \", \"asks\": \"B\"}]}", "points[0].name", "empty");
    check_wrong(
        "{\"id\": \"Bad Id\", \"name\": \"N\", \"version\": \"1\", \"description\": \"D\", \"points\": [{\"number\": 1, \"name\": \"A\", \"asks\": \"B\"}]}",
        "id", "lower-case");
}

static void the_built_in_ones_are_there_and_right(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    assert_true(framework_builtin_count() >= 2);
    for (size_t i = 0; i < framework_builtin_count(); i++) {
        struct framework *f = NULL;
        assert_ok(framework_load(a, framework_builtin_name(i), &f, e));
        assert_str(f->id, framework_builtin_name(i));
    }
    struct framework *hawkeye = NULL;
    assert_ok(framework_load(a, "hawkeye", &hawkeye, e));
    assert_int_equal(hawkeye->n_points, 20);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(hawkeye->points[i].number, i + 1);
    assert_str(hawkeye->points[10].name, "Root Cause Analysis");
    assert_true(hawkeye->n_sections > 3);
}

/* Every rule that a built-in framework names is there: a mistyped id would silently point nowhere. */
static void their_rules_exist(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    for (size_t i = 0; i < framework_builtin_count(); i++) {
        struct framework *f = NULL;
        assert_ok(framework_load(a, framework_builtin_name(i), &f, e));
        for (size_t p = 0; p < f->n_points; p++) {
            for (size_t k = 0; k < f->points[p].n_rules; k++) {
                struct str rule = f->points[p].rules[k];
                bool family = false;
                for (int n = 0; n < RULE_FAMILY_COUNT; n++) {
                    struct str name = str_from_c(rules_family_name((enum rule_family)n));
                    family = family || (str_ends(rule, STR(".*")) && str_eq(str_sub(rule, 0, rule.n - 2), name));
                }
                if (!family && !rules_find(rule))
                    fail_msg("%s: point %zu names the rule \"%.*s\"", framework_builtin_name(i), p + 1, STR_ARG(rule));
            }
        }
    }
}

static void an_unknown_name_lists_those_that_are_there(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    struct framework *f = NULL;
    struct error e = {0};
    assert_int_equal(framework_load(a, "hawkey", &f, &e), ERR_NOT_FOUND);
    assert_has(str_from_c(e.message), "hawkeye");
    assert_has(str_from_c(e.message), "general");
    assert_int_equal(framework_load(a, "./no/such/file.json", &f, &e), ERR_NOT_FOUND);
}

static void a_file_of_a_team_is_read(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    char path[] = "/tmp/prism_framework_XXXXXX.json";
    int fd = mkstemps(path, 5);
    assert_true(fd >= 0);
    struct framework *f = NULL;
    struct error e = {0};
    assert_int_equal(
        fs_write_atomic(path, STR(HEAD "\"points\": [{\"number\": 1, \"name\": \"A\", \"asks\": \"B\"}]}"), 0600, &e),
        ERR_OK);
    assert_int_equal(framework_load(a, path, &f, &e), ERR_OK);
    assert_str(f->name, "Mine");
    assert_int_equal(fs_write_atomic(path, STR("{}"), 0600, &e), ERR_OK);
    assert_int_equal(framework_load(a, path, &f, &e), ERR_INVALID);
    assert_has(str_from_c(e.message), "prism_framework_");
    (void)remove(path);
    FILE *stream = fdopen(fd, "r");
    if (stream) (void)fclose(stream);
}

static void rules_speak_to_their_points(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    struct framework *f = NULL;
    assert_ok(framework_parse(
        a,
        STR(HEAD "\"points\": [{\"number\": 1, \"name\": \"A\", \"asks\": \"B\", \"rules\": [\"cause.*\"]},"
                 "{\"number\": 2, \"name\": \"C\", \"asks\": \"D\", \"rules\": [\"cause.owner\", \"causes.x\"]}]}"),
        &f, e));
    const uint32_t *points = NULL;
    size_t n = 0;
    assert_ok(framework_points_of_rule(f, STR("cause.owner"), a, &points, &n, e));
    assert_int_equal(n, 2);
    assert_int_equal(points[1], 1);
    assert_ok(framework_points_of_rule(f, STR("cause.due"), a, &points, &n, e));
    assert_int_equal(n, 1);
    assert_ok(framework_points_of_rule(f, STR("causes.due"), a, &points, &n, e));
    assert_int_equal(n, 0);
}

static void touches_count_the_blocks_with_a_word_of_the_point(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    struct framework *f = NULL;
    assert_ok(framework_parse(
        a,
        STR(HEAD
            "\"points\": [{\"number\": 1, \"name\": \"A\", \"asks\": \"B\", \"words\": [\"investigat*\", \"log\"]},"
            "{\"number\": 2, \"name\": \"C\", \"asks\": \"D\", \"words\": [\"root cause\"]},"
            "{\"number\": 3, \"name\": \"E\", \"asks\": \"F\"}]}"),
        &f, e));
    static const char *const texts[] = {"A catalogue of reinvestigations.",
                                        "The INVESTIGATION read the log; investigators agreed.",
                                        "The root  cause, in a log.", ""};
    struct doc *doc = test_doc_of(a, texts, 4);
    const struct framework_touch *t = NULL;
    assert_ok(framework_touches(f, doc, a, &t, e));
    assert_int_equal(t[0].mentions, 2);
    assert_int_equal(t[0].first_block, 1);
    assert_int_equal(t[1].mentions, 1);
    assert_int_equal(t[2].mentions, 0);
    assert_true(t[2].first_block == DOC_NONE);
}

/* Wherever the words begin in a long text, and whatever white space is between them. */
static void words_are_found_at_every_place_of_a_long_text(void **state)
{
    (void)state;
    enum { TEXTS = 40, FROM = 235 };
    CLEANUP_ARENA struct arena *a = test_arena();
    struct framework *f = NULL;
    assert_ok(framework_parse(
        a, STR(HEAD "\"points\": [{\"number\": 1, \"name\": \"A\", \"asks\": \"B\", \"words\": [\"root cause\"]}]}"),
        &f, e));
    const char *texts[TEXTS];
    for (int i = 0; i < TEXTS; i++) {
        CLEANUP_SB struct sb b = SB_INIT(1000);
        for (int k = 0; k < FROM + i; k++)
            sb_c(&b, k == 7 ? "\xC3\xA9" : "x");
        sb_c(&b, i % 2 ? " \t ROOT \xC2\xA0 Cause." : " Root cause\xE2\x80\x99s");
        struct str text;
        assert_ok(sb_take(&b, a, &text, e));
        texts[i] = str_to_c(a, text);
    }
    const struct framework_touch *t = NULL;
    assert_ok(framework_touches(f, test_doc_of(a, texts, TEXTS), a, &t, e));
    assert_int_equal(t[0].mentions, TEXTS);
}

static void the_framework_that_fits_is_chosen(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    static const char *const report[] = {
        "Executive Summary", "The seller was reinstated after an appeal; the investigation found the root cause.",
        "Timeline of Events", "Preventative actions", "Impact"};
    static const char *const letter[] = {"Dear Sir,", "thank you for the flowers.", "Yours"};
    struct framework *f = NULL;
    struct str why = STR_EMPTY;
    assert_ok(framework_choose(a, test_doc_of(a, report, 5), &f, &why, e));
    assert_str(f->id, "hawkeye");
    assert_true(why.n > 10);
    assert_ok(framework_choose(a, test_doc_of(a, letter, 3), &f, &why, e));
    assert_str(f->id, "general");
    assert_true(why.n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_framework_is_read_whole),
        cmocka_unit_test(a_wrong_framework_gets_the_path_and_the_reason),
        cmocka_unit_test(the_built_in_ones_are_there_and_right),
        cmocka_unit_test(their_rules_exist),
        cmocka_unit_test(an_unknown_name_lists_those_that_are_there),
        cmocka_unit_test(a_file_of_a_team_is_read),
        cmocka_unit_test(rules_speak_to_their_points),
        cmocka_unit_test(touches_count_the_blocks_with_a_word_of_the_point),
        cmocka_unit_test(words_are_found_at_every_place_of_a_long_text),
        cmocka_unit_test(the_framework_that_fits_is_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
