/* Personal data on their way to a model and back: nothing known remains in what is sent, what comes back is what was there, and what cannot be done
 * surely is refused. */
#include "review/redact.h"

#include "review_test.h"

#include "rules/rules.h"
#include "support/torture.h"

#define N(array) (sizeof(array) / sizeof *(array))

static struct rules_engine *engine;

static int open_engine(void **state)
{
    (void)state;
    struct error e;
    return rules_engine_new(NULL, &engine, &e) == ERR_OK ? 0 : -1;
}

static int close_engine(void **state)
{
    (void)state;
    rules_engine_free(engine);
    return 0;
}

static struct redact *redact_of(struct arena *a, const struct doc *doc)
{
    struct redact *r = NULL;
    assert_ok(redact_new(engine, doc, REDACT_ON, a, &r, e));
    return r;
}
#define REDACT(a, texts) redact_of((a), test_doc_of((a), (texts), N(texts)))

static struct str sent(const struct redact *r, struct arena *a, const char *text)
{
    struct str made = STR_EMPTY, back = STR_EMPTY;
    assert_ok(redact_text(r, str_from_c(text), a, &made, e));
    assert_ok(redact_back(r, made, a, &back, e));
    assert_str(back, text);
    return made;
}

static void check_refused(enum err err, const struct error *e, enum err code, const char *reason)
{
    assert_int_equal(err, code);
    assert_string_equal(e->reason, reason);
}

static const char *const report[] = {
    "Prepared by: Jane Doe",
    "Mail jane.doe@contoso.com or call +49 170 1234567; support@contoso.com knows nothing.",
    "Doe told JANE  DOE's manager, Dr. Roe, and Jane that 84.17.52.11 was hers.",
    "Card 4111 1111 1111 1111, account DE89 3704 0044 0532 0130 00, password: Summer2026!",
    "His SSN is 219-09-9999. The roe deer is no person; Will Smith will not know.",
    "Owner: Will Smith, Max Muster and Risk Operations",
};

static void each_kind_has_placeholders(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    const struct redact *r = REDACT(a, report);
    static const char *const gone[] = {"jane",       "doe",         "contoso", "1234567", "4111",  "0044 0532",
                                       "summer2026", "219-09-9999", "Smith",   "Muster",  "84.17", "DE89 3704"};
    for (size_t i = 0; i < N(report); i++) {
        struct str text = sent(r, a, report[i]);
        for (size_t k = 0; k < N(gone); k++)
            if (str_find_nocase(text, str_from_c(gone[k]), 0) != STR_NONE)
                fail_msg("\"%.*s\" still has \"%s\"", STR_ARG(text), gone[k]);
    }
    assert_str(sent(r, a, report[0]), "Prepared by: [PERSON_1]");
    assert_has(sent(r, a, report[1]), "[EMAIL_1] or call [PHONE_1]; [EMAIL_2] knows nothing.");
    assert_has(sent(r, a, report[2]), "was hers.");
    assert_has(sent(r, a, report[3]), "Card [CARD_1], account [ACCOUNT_1], password: [SECRET_1]");
    assert_has(sent(r, a, report[4]), "[IDENTITY_1]");
    assert_has(sent(r, a, report[5]), "and Risk Operations");
}

/* A word that is also a part of a name is one only when it is capitalized. */
static void ordinary_words_stay(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    const struct redact *r = REDACT(a, report);
    assert_has(sent(r, a, report[4]), "The roe deer is no person;");
    assert_has(sent(r, a, report[4]), " will not know.");
    assert_str(sent(r, a, "Swann leeward, the doer"), "Swann leeward, the doer");
    assert_str(sent(r, a, "Order 114-3941689-8772232 of 2026-03-01"), "Order 114-3941689-8772232 of 2026-03-01");
}

/* One person is one number, whatever is written of the name; people who share a name are not mixed up. */
static void the_same_person_has_the_same_number(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    static const char *const texts[] = {"Owner: Jane Doe", "Author: John Doe", "Jane said so. JANE DOE too, and Doe."};
    const struct redact *r = REDACT(a, texts);
    struct str text = sent(r, a, texts[2]);
    assert_true(str_starts(text, STR("[PERSON_1_")));
    assert_has(text, "so. [PERSON_1_");
    assert_has(text, "and [PERSON_3]"); /* of whom? */
    assert_has(sent(r, a, "what did jane doe do?"), "what did [PERSON_1_");
    assert_has(sent(r, a, "jane  doe, Jane/Doe"), "[PERSON_1_");
}

static void a_model_may_not_make_one_up(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    const struct redact *r = REDACT(a, report);
    static const char *const made_up[] = {"[PERSON_99]", "[PERSON_1_99]",   "PERSON_1",
                                          "[EMAIL_0]",   "say [person_77]", "[PERSON_1_]"};
    for (size_t i = 0; i < N(made_up); i++) {
        struct str back = STR_EMPTY;
        struct error e = {0};
        check_refused(redact_back(r, str_from_c(made_up[i]), a, &back, &e), &e, ERR_INVALID, "unknown_placeholder");
    }
    struct str back = STR_EMPTY;
    assert_ok(redact_back(r, STR("[person_1] [sic] [12] is [Person_1]"), a, &back, e));
    assert_str(back, "Jane Doe [sic] [12] is Jane Doe");
}

/* Words of the document that look like placeholders are its own: ours are named otherwise then. */
static void placeholders_are_no_words_of_the_document(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    static const char *const texts[] = {"Owner: Jane Doe", "The form has [PERSON_1] and A_EMAIL_3."};
    const struct redact *r = REDACT(a, texts);
    assert_str(sent(r, a, texts[0]), "Owner: [B_PERSON_1]");
    assert_str(sent(r, a, texts[1]), texts[1]);
    struct str ret = STR_EMPTY;
    struct error e = {0};
    check_refused(redact_text(r, STR("and [B_PERSON_1]"), a, &ret, &e), &e, ERR_CONFLICT, "cannot_redact");
}

static void what_is_not_sure_is_not_sent(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    const struct redact *r = REDACT(a, report);
    static const char *const unsure[] = {"his card 4111-1111 1111-1111", "jane_doe@contoso.com", "tell PERSON_1",
                                         "+49 (170) 1234567", "J\xC3\xA1ne [IPADDRESS_4]"};
    for (size_t i = 0; i < N(unsure); i++) {
        struct str ret = STR("untouched");
        struct error e = {0};
        enum err err = redact_text(r, str_from_c(unsure[i]), a, &ret, &e);
        if (err != ERR_CONFLICT) fail_msg("\"%s\" is sent as \"%.*s\"", unsure[i], STR_ARG(ret));
        check_refused(err, &e, ERR_CONFLICT, "cannot_redact");
    }
    static const char *const shortest[] = {"password: a1!?"};
    struct redact *none = NULL;
    struct error e = {0};
    check_refused(redact_new(engine, test_doc_of(a, shortest, 1), REDACT_ON, a, &none, &e), &e, ERR_CONFLICT,
                  "cannot_redact");
    assert_null(none);
}

static void off_changes_nothing(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    struct redact *r = NULL;
    struct str ret = STR_EMPTY;
    assert_ok(redact_new(NULL, test_doc_of(a, report, N(report)), REDACT_OFF, a, &r, e));
    assert_ok(redact_text(r, STR("Jane Doe [PERSON_9]"), a, &ret, e));
    assert_str(ret, "Jane Doe [PERSON_9]");
    assert_ok(redact_back(r, STR("Jane Doe [PERSON_9]"), a, &ret, e));
    assert_str(ret, "Jane Doe [PERSON_9]");
}

/* Tables, comments, properties, changes: as a file has them. */
static void names_are_found_where_a_file_has_them(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    struct test_docx_parts parts = {
        .core = "<dc:creator>Erika Muster</dc:creator>",
        .comments =
            "<w:comment w:id=\"1\" w:author=\"Poe, Max\"><w:p><w:r><w:t>Ask bob.ross@fabrikam.com</w:t></w:r></w:p></w:comment>"};
    CLEANUP_SB struct sb body = SB_INIT(SIZE_MAX);
    sb_str(
        &body,
        test_body_from_lines(
            a, "| Action | Owner |\n| Fix it | Hugo van der Berg |\nErika and Max and Hugo and Bob Ross were there."));
    sb_c(&body, "<w:p><w:ins w:id=\"9\" w:author=\"Nora Quist\"><w:r><w:t>Quist added this.</w:t></w:r></w:ins></w:p>");
    struct str view = STR_EMPTY;
    assert_ok(sb_take(&body, a, &view, e));
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    CLEANUP_DOC struct doc *doc = NULL;
    assert_ok(doc_read(test_docx(a, view.p, &parts), &o, &doc, e));
    const struct redact *r = redact_of(a, doc);
    static const char *const gone[] = {"Erika", "Max", "Hugo", "Bob", "Ross", "Quist", "Berg"};
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        struct str text = STR_EMPTY;
        assert_ok(redact_text(r, doc->blocks.at[i].text, a, &text, e));
        for (size_t k = 0; k < N(gone); k++)
            assert_has_not(text, gone[k]);
    }
    assert_has(sent(r, a, "Fix it"), "Fix it");
}

static enum err all_of_it(void *ctx, struct error *e)
{
    (void)ctx;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    if (!a) return error_no_memory(e);
    struct doc_block blocks[N(report)] = {0};
    for (size_t i = 0; i < N(report); i++)
        blocks[i].text = str_from_c(report[i]);
    const struct doc doc = {.arena = a, .blocks = {blocks, N(report)}};
    struct redact *r = NULL;
    struct str text = STR_EMPTY, back = STR_EMPTY;
    TRY(redact_new(engine, &doc, REDACT_ON, a, &r, e));
    TRY(redact_text(r, str_from_c(report[2]), a, &text, e));
    TRY(redact_back(r, text, a, &back, e));
    assert_str(back, report[2]);
    return ERR_OK;
}

static void without_memory_nothing_is_sent(void **state)
{
    (void)state;
    assert_true(torture_run(all_of_it, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_placeholders),
        cmocka_unit_test(ordinary_words_stay),
        cmocka_unit_test(the_same_person_has_the_same_number),
        cmocka_unit_test(a_model_may_not_make_one_up),
        cmocka_unit_test(placeholders_are_no_words_of_the_document),
        cmocka_unit_test(what_is_not_sure_is_not_sent),
        cmocka_unit_test(off_changes_nothing),
        cmocka_unit_test(names_are_found_where_a_file_has_them),
        cmocka_unit_test(without_memory_nothing_is_sent),
    };
    return cmocka_run_group_tests(tests, open_engine, close_engine);
}
