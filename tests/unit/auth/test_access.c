/* Access: what is not yours is like what is not there. */
#include "auth_test.h"

#include "auth/access.h"

static const struct store_visitor ann = {.id = STR_INIT("ann"), .secret_hash = STR_INIT("1"), .name = STR_INIT("")};
static const struct store_visitor bob = {.id = STR_INIT("bob"), .secret_hash = STR_INIT("2"), .name = STR_INIT("")};
static const struct store_document document = {.id = STR_INIT("document"),
                                               .owner = STR_INIT("ann"),
                                               .name = STR_INIT("d.docx"),
                                               .version_id = STR_INIT("version")};
static const struct store_version version = {.id = STR_INIT("version"),
                                             .document_id = STR_INIT("document"),
                                             .sha256 = STR_INIT("0"),
                                             .blob = STR_INIT("blob"),
                                             .content_blob = STR_INIT(""),
                                             .title = STR_INIT(""),
                                             .author = STR_INIT("")};
static const struct store_review review = {.id = STR_INIT("review"),
                                           .document_id = STR_INIT("document"),
                                           .version_id = STR_INIT("version"),
                                           .by = STR_INIT("ann"),
                                           .framework = STR_INIT(""),
                                           .framework_title = STR_INIT(""),
                                           .why_framework = STR_INIT(""),
                                           .stage = STR_INIT(""),
                                           .reason = STR_INIT(""),
                                           .message = STR_INIT(""),
                                           .hint = STR_INIT(""),
                                           .not_reviewed = STR_INIT("[]")};
static const struct store_finding finding = {.id = STR_INIT("finding"),
                                             .review_id = STR_INIT("review"),
                                             .document_id = STR_INIT("document"),
                                             .fingerprint = STR_INIT(""),
                                             .reviewer = STR_INIT("r"),
                                             .reviewer_name = STR_INIT("r"),
                                             .quote = STR_INIT(""),
                                             .place = STR_INIT(""),
                                             .category = STR_INIT(""),
                                             .title = STR_INIT(""),
                                             .description = STR_INIT(""),
                                             .why = STR_INIT(""),
                                             .suggestion = STR_INIT(""),
                                             .questions = STR_INIT("[]"),
                                             .points = STR_INIT("[]"),
                                             .point_numbers = STR_INIT(""),
                                             .decided_by = STR_INIT(""),
                                             .note = STR_INIT(""),
                                             .version = 1};
static const struct store_export export = {.id = STR_INIT("export"),
                                           .review_id = STR_INIT("review"),
                                           .by = STR_INIT("ann"),
                                           .format = STR_INIT("csv"),
                                           .options = STR_INIT("{}"),
                                           .blob = STR_INIT(""),
                                           .name = STR_INIT(""),
                                           .reason = STR_INIT(""),
                                           .message = STR_INIT(""),
                                           .hint = STR_INIT("")};

static enum err fill(struct store_tx *tx, void *ctx, struct error *e)
{
    (void)ctx;
    TRY(store_visitor_insert(tx, &ann, e));
    TRY(store_visitor_insert(tx, &bob, e));
    TRY(store_document_insert(tx, &document, e));
    TRY(store_version_insert(tx, &version, e));
    TRY(store_review_insert(tx, &review, e));
    TRY(store_finding_insert(tx, &finding, 1, e));
    return store_export_insert(tx, &export, e);
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
            struct str belongs_to = STR_EMPTY;
            assert_ok(access_check(t->store, STR("ann"), actions[k], things[i].thing, str_from_c(things[i].id), t->a,
                                   &belongs_to, NULL, e));
            assert_true(str_eq_c(belongs_to, "document"));
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
                struct str who = str_from_c(others[o]), belongs_to = STR_EMPTY;
                assert_int_equal(access_check(t->store, who, actions[k], things[i].thing, str_from_c(things[i].id),
                                              t->a, &belongs_to, NULL, &theirs),
                                 ERR_NOT_FOUND);
                assert_int_equal(access_check(t->store, who, actions[k], things[i].thing, STR("no such id"), t->a, NULL,
                                              NULL, &none),
                                 ERR_NOT_FOUND);
                assert_string_equal(theirs.reason, "not_found");
                assert_string_equal(theirs.message, none.message);
                assert_string_equal(theirs.hint, none.hint);
                assert_int_equal(belongs_to.n, 0);
            }
}

static void an_id_of_another_thing_is_none(void **state)
{
    struct auth_test *t = *state;
    assert_ok(store_write(t->store, fill, NULL, e));
    assert_fails(access_check(t->store, STR("ann"), ACCESS_READ, ACCESS_REVIEW, STR("document"), t->a, NULL, NULL, e),
                 ERR_NOT_FOUND, "not_found");
    assert_fails(access_check(t->store, STR("ann"), ACCESS_READ, ACCESS_DOCUMENT, STR_EMPTY, t->a, NULL, NULL, e),
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
