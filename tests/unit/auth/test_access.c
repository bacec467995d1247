/* Access: what is not yours is like what is not there. */
#include "auth_test.h"

#include "auth/access.h"

static enum err fill(struct store_tx *tx, void *ctx, struct error *e)
{
    (void)ctx;
    const struct store_visitor ann = {.id = STR("ann"), .secret_hash = STR("1"), .name = STR("")};
    const struct store_visitor bob = {.id = STR("bob"), .secret_hash = STR("2"), .name = STR("")};
    const struct store_document d = {
        .id = STR("document"), .owner = STR("ann"), .name = STR("d.docx"), .version_id = STR("version")};
    const struct store_version v = {.id = STR("version"),
                                    .document_id = STR("document"),
                                    .sha256 = STR("0"),
                                    .blob = STR("blob"),
                                    .content_blob = STR(""),
                                    .title = STR(""),
                                    .author = STR("")};
    const struct store_review r = {.id = STR("review"),
                                   .document_id = STR("document"),
                                   .version_id = STR("version"),
                                   .by = STR("ann"),
                                   .framework = STR(""),
                                   .framework_title = STR(""),
                                   .why_framework = STR(""),
                                   .stage = STR(""),
                                   .reason = STR(""),
                                   .message = STR(""),
                                   .hint = STR(""),
                                   .not_reviewed = STR("[]")};
    const struct store_finding f = {.id = STR("finding"),
                                    .review_id = STR("review"),
                                    .document_id = STR("document"),
                                    .fingerprint = STR(""),
                                    .reviewer = STR("r"),
                                    .reviewer_name = STR("r"),
                                    .quote = STR(""),
                                    .place = STR(""),
                                    .category = STR(""),
                                    .title = STR(""),
                                    .description = STR(""),
                                    .why = STR(""),
                                    .suggestion = STR(""),
                                    .questions = STR("[]"),
                                    .points = STR("[]"),
                                    .point_numbers = STR(""),
                                    .decided_by = STR(""),
                                    .note = STR(""),
                                    .version = 1};
    const struct store_export x = {.id = STR("export"),
                                   .review_id = STR("review"),
                                   .by = STR("ann"),
                                   .format = STR("csv"),
                                   .options = STR("{}"),
                                   .blob = STR(""),
                                   .name = STR(""),
                                   .reason = STR(""),
                                   .message = STR(""),
                                   .hint = STR("")};
    TRY(store_visitor_insert(tx, &ann, e));
    TRY(store_visitor_insert(tx, &bob, e));
    TRY(store_document_insert(tx, &d, e));
    TRY(store_version_insert(tx, &v, e));
    TRY(store_review_insert(tx, &r, e));
    TRY(store_finding_insert(tx, &f, 1, e));
    return store_export_insert(tx, &x, e);
}

static const struct {
    enum access_thing thing;
    const char *id;
} things[] = {
    {ACCESS_DOCUMENT, "document"}, {ACCESS_REVIEW, "review"}, {ACCESS_FINDING, "finding"}, {ACCESS_EXPORT, "export"}};
static const enum access_action actions[] = {ACCESS_READ, ACCESS_CHANGE, ACCESS_DELETE};

static void an_owner_may_do_all(void **state)
{
    struct auth_test *t = *state;
    assert_ok(store_write(t->store, fill, NULL, e));
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 3; k++) {
            struct str document = STR_EMPTY;
            assert_ok(access_check(t->store, STR("ann"), actions[k], things[i].thing, str_from_c(things[i].id), t->a,
                                   &document, e));
            assert_true(str_eq_c(document, "document"));
        }
}

/* Not a word differs: asking tells nothing of what others have. */
static void not_again_17_others_are_answered_as_if_there_was_nothing(void **state)
{
    struct auth_test *t = *state;
    assert_ok(store_write(t->store, fill, NULL, e));
    static const char *const others[] = {"bob", "nobody", "", "Ann", "ann "};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 3; k++)
            for (size_t o = 0; o < 5; o++) {
                struct error theirs = {0}, none = {0};
                struct str who = str_from_c(others[o]), document = STR_EMPTY;
                assert_int_equal(access_check(t->store, who, actions[k], things[i].thing, str_from_c(things[i].id),
                                              t->a, &document, &theirs),
                                 ERR_NOT_FOUND);
                assert_int_equal(
                    access_check(t->store, who, actions[k], things[i].thing, STR("no such id"), t->a, NULL, &none),
                    ERR_NOT_FOUND);
                assert_string_equal(theirs.reason, "not_found");
                assert_string_equal(theirs.message, none.message);
                assert_string_equal(theirs.hint, none.hint);
                assert_int_equal(document.n, 0);
            }
}

static void an_id_of_another_thing_is_none(void **state)
{
    struct auth_test *t = *state;
    assert_ok(store_write(t->store, fill, NULL, e));
    assert_fails(access_check(t->store, STR("ann"), ACCESS_READ, ACCESS_REVIEW, STR("document"), t->a, NULL, e),
                 ERR_NOT_FOUND, "not_found");
    assert_fails(access_check(t->store, STR("ann"), ACCESS_READ, ACCESS_DOCUMENT, STR_EMPTY, t->a, NULL, e),
                 ERR_NOT_FOUND, "not_found");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        AUTH_TEST(an_owner_may_do_all),
        AUTH_TEST(not_again_17_others_are_answered_as_if_there_was_nothing),
        AUTH_TEST(an_id_of_another_thing_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
