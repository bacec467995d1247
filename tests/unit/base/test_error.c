#include "base/error.h"

#include <stdio.h>

#include "base_test.h"

#include "base/utf8.h"

static enum err inner(struct error *e) { return error_set(e, ERR_NOT_FOUND, "no \"%s\" here", "thing"); }

static enum err outer(struct error *e, int *reached)
{
    TRY(inner(e));
    *reached = 1;
    return ERR_OK;
}

static void test_set_and_try(void **state)
{
    (void)state;
    struct error e = {.hint = "old", .detail = "old", .reason = "old"};
    int reached = 0;
    assert_int_equal(outer(&e, &reached), ERR_NOT_FOUND);
    assert_int_equal(reached, 0);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_string_equal(e.message, "no \"thing\" here");
    assert_string_equal(e.hint, "");
    assert_string_equal(e.detail, "");
    assert_string_equal(e.reason, "");
}

static void test_hint_detail_prefix(void **state)
{
    (void)state;
    struct error e = {0};
    assert_int_equal(error_set_reason(&e, ERR_LIMIT, "too_big", "%d bytes", 5), ERR_LIMIT);
    assert_int_equal(error_hint(&e, "Try %s.", "less"), ERR_LIMIT);
    assert_int_equal(error_detail(&e, "errno %d", 7), ERR_LIMIT);
    assert_int_equal(error_prefix(&e, "part %s", "x.xml"), ERR_LIMIT);
    assert_string_equal(e.reason, "too_big");
    assert_string_equal(e.message, "part x.xml: 5 bytes");
    assert_string_equal(e.hint, "Try less.");
    assert_string_equal(e.detail, "errno 7");
}

static void test_arguments_from_itself(void **state)
{
    (void)state;
    struct error e = {0};
    error_set(&e, ERR_INVALID, "first");
    error_set(&e, ERR_INTERNAL, "second after %s", e.message);
    assert_string_equal(e.message, "second after first");
    error_prefix(&e, "third %s", e.message);
    assert_string_equal(e.message, "third second after first: second after first");
}

static void test_null_error(void **state)
{
    (void)state;
    assert_int_equal(error_set(NULL, ERR_BUSY, "x"), ERR_BUSY);
    assert_int_equal(error_set_reason(NULL, ERR_BUSY, "r", "x"), ERR_BUSY);
    assert_int_equal(error_no_memory(NULL), ERR_LIMIT);
    assert_int_equal(error_hint(NULL, "x"), ERR_INTERNAL);
    assert_int_equal(error_detail(NULL, "x"), ERR_INTERNAL);
    assert_int_equal(error_prefix(NULL, "x"), ERR_INTERNAL);
}

/* Wherever the cut falls, what is left is UTF-8. */
static void test_cut_at_border(void **state)
{
    (void)state;
    static const char *const runes[] = {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t kind = 0; kind < 3; kind++) {
        for (int pad = 0; pad < 8; pad++) {
            char text[1024] = "";
            size_t n = 0;
            while (n < (size_t)pad)
                text[n++] = 'x';
            while (n < 900)
                n += (size_t)snprintf(text + n, sizeof text - n, "%s", runes[kind]);
            struct error e = {0};
            error_set(&e, ERR_INVALID, "%s", text);
            assert_true(utf8_valid(str_from_c(e.message)));
            assert_true(strlen(e.message) > sizeof e.message - 5);
            error_prefix(&e, "context");
            assert_true(utf8_valid(str_from_c(e.message)));
            assert_true(str_starts(str_from_c(e.message), STR("context: ")));
            error_detail(&e, "%s", text);
            assert_true(utf8_valid(str_from_c(e.detail)));
            assert_true(strlen(e.detail) > sizeof e.detail - 5);
        }
    }
}

static void test_prefix_without_room(void **state)
{
    (void)state;
    char text[300];
    memset(text, 'p', sizeof text);
    text[sizeof text - 1] = '\0';
    struct error e = {0};
    error_set(&e, ERR_INVALID, "the point");
    error_prefix(&e, "%s", text);
    assert_string_equal(e.message, "the point");
}

static void test_codes(void **state)
{
    (void)state;
    assert_string_equal(error_code_name(ERR_OK), "ok");
    assert_string_equal(error_code_name(ERR_NOT_FOUND), "not_found");
    assert_int_equal(error_code_http_status(ERR_LIMIT), 413);
    assert_int_equal(error_code_http_status(ERR_INTERNAL), 500);
    assert_string_equal(error_code_name((enum err)99), "internal");
    assert_int_equal(error_code_http_status((enum err)99), 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_and_try),
        cmocka_unit_test(test_hint_detail_prefix),
        cmocka_unit_test(test_arguments_from_itself),
        cmocka_unit_test(test_null_error),
        cmocka_unit_test(test_cut_at_border),
        cmocka_unit_test(test_prefix_without_room),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
