/* Visitors: known by a secret that the store does not have. */
#include "auth_test.h"

#include "auth/visitor.h"
#include "base/fs.h"
#include "base/hash.h"

#define HOUR_MS ((int64_t)3600 * 1000)

static const int64_t now = 1790000000000;

static struct visitor_new make(struct auth_test *t)
{
    struct visitor_new v = {0};
    assert_ok(visitor_make(t->store, now, t->a, &v, e));
    return v;
}

static void a_visitor_is_known_by_its_secret(void **state)
{
    struct auth_test *t = *state;
    struct visitor_new ann = make(t), bob = make(t);
    struct visitor got = {0};
    assert_int_equal(ann.secret.n, VISITOR_SECRET_CHARS);
    assert_false(str_eq(ann.secret, bob.secret) || str_eq(ann.visitor.id, bob.visitor.id));
    assert_ok(visitor_find(t->store, ann.secret, HOUR_MS, now, t->a, &got, e));
    assert_true(str_eq(got.id, ann.visitor.id));
    assert_int_equal(got.name.n, 0);
    assert_ok(visitor_find(t->store, bob.secret, HOUR_MS, now, t->a, &got, e));
    assert_true(str_eq(got.id, bob.visitor.id));
}

/* A cookie cannot be made up: not from nothing, not from an id, not from what the store has. */
static void not_again_18_no_other_secret_is_taken(void **state)
{
    struct auth_test *t = *state;
    struct visitor_new ann = make(t);
    struct visitor got = {0};
    char hash[HASH_SHA256_HEX + 1];
    char changed[VISITOR_SECRET_CHARS + 1];
    assert_ok(hash_sha256_hex(ann.secret, hash, e));
    (void)snprintf(changed, sizeof changed, "%.*s", STR_ARG(ann.secret));
    changed[10] = changed[10] == 'a' ? 'b' : 'a';
    const struct str wrong[] = {STR_EMPTY,           STR("x"),
                                ann.visitor.id,      str_from_c(hash),
                                str_from_c(changed), str_sub(ann.secret, 0, VISITOR_SECRET_CHARS - 1),
                                STR("' or 1=1 --")};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_fails(visitor_find(t->store, wrong[i], HOUR_MS, now, t->a, &got, e), ERR_NOT_FOUND, "no_visitor");
}

static void the_secret_is_not_in_the_store(void **state)
{
    struct auth_test *t = *state;
    struct visitor_new ann = make(t);
    struct fs_list files = {0};
    store_close(t->store); /* all is in its files then */
    t->store = NULL;
    assert_ok(fs_walk(t->a, t->folder, NULL, &files, e));
    assert_true(files.n > 0);
    bool id_seen = false;
    for (size_t i = 0; i < files.n; i++) {
        struct str bytes;
        assert_ok(fs_read(t->a, files.at[i], (size_t)64 << 20, &bytes, e));
        assert_true(str_find(bytes, ann.secret, 0) == STR_NONE);
        id_seen = id_seen || str_find(bytes, ann.visitor.id, 0) != STR_NONE;
    }
    assert_true(id_seen);
}

static void a_cookie_lasts_as_long_as_it_is_used(void **state)
{
    struct auth_test *t = *state;
    struct visitor_new ann = make(t);
    struct visitor got = {0};
    int64_t at = now;
    for (int i = 0; i < 5; i++) {
        at += HOUR_MS - 1;
        assert_ok(visitor_find(t->store, ann.secret, HOUR_MS, at, t->a, &got, e));
    }
    assert_fails(visitor_find(t->store, ann.secret, HOUR_MS, at + HOUR_MS + 1, t->a, &got, e), ERR_NOT_FOUND,
                 "no_visitor");
    /* Being seen is not noted at each request. */
    assert_ok(visitor_find(t->store, ann.secret, HOUR_MS, at + 1000, t->a, &got, e));
    assert_fails(visitor_find(t->store, ann.secret, HOUR_MS, at + HOUR_MS + 500, t->a, &got, e), ERR_NOT_FOUND,
                 "no_visitor");
    assert_ok(visitor_find(t->store, ann.secret, VISITOR_LOOPBACK_MS, at + 300 * 24 * HOUR_MS, t->a, &got, e));
}

static void a_name_is_kept_in_any_script(void **state)
{
    struct auth_test *t = *state;
    struct visitor_new ann = make(t);
    struct visitor got = {0};
    assert_ok(visitor_rename(t->store, ann.visitor.id, STR("  \u5C71\u7530 & <b>Ann</b> "), t->a, &got, e));
    assert_true(str_eq_c(got.name, "\u5C71\u7530 & <b>Ann</b>"));
    assert_ok(visitor_find(t->store, ann.secret, HOUR_MS, now, t->a, &got, e));
    assert_true(str_eq_c(got.name, "\u5C71\u7530 & <b>Ann</b>"));
    assert_ok(visitor_rename(t->store, ann.visitor.id, STR(" "), t->a, &got, e));
    assert_int_equal(got.name.n, 0);
    char endless[VISITOR_NAME_MAX + 2];
    memset(endless, 'n', sizeof endless);
    const struct str bad[] = {
        {endless, VISITOR_NAME_MAX + 1}, STR("two\nlines"), STR("bell\a"), STR("\xFF"), STR("a\u2028b")};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(visitor_rename(t->store, ann.visitor.id, bad[i], t->a, &got, e), ERR_INVALID, "bad_name");
    assert_fails(visitor_rename(t->store, STR("nobody"), STR("x"), t->a, &got, e), ERR_NOT_FOUND, "not_found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        AUTH_TEST(a_visitor_is_known_by_its_secret), AUTH_TEST(not_again_18_no_other_secret_is_taken),
        AUTH_TEST(the_secret_is_not_in_the_store),   AUTH_TEST(a_cookie_lasts_as_long_as_it_is_used),
        AUTH_TEST(a_name_is_kept_in_any_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
