/* What S3 answers, read and worded. That objects arrive is shown against s3rver, in tests/integration/test_s3.py. */
#include "client/s3_priv.h"

#include <stdio.h>

#include "base/sb.h"
#include "client_test.h"

static struct arena *a;

static int setup(void **state)
{
    (void)state;
    a = arena_new(1 << 20);
    return a ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(a);
    return 0;
}

static struct client__s3_said read_all(const char *xml)
{
    struct client__s3_said said;
    struct error e = {0};
    if (client__s3_read(str_from_c(xml), a, &said, &e) != ERR_OK) fail_msg("%s", e.message);
    return said;
}

static void an_error_is_read(void **state)
{
    (void)state;
    struct client__s3_said said =
        read_all("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code> NoSuchBucket\n</Code><Message>a &lt;b&gt; "
                 "<![CDATA[& c]]></Message><Details><Code>no</Code></Details><Region>eu-west-1</Region></Error>");
    assert_true(said.is_error);
    assert_true(str_eq_c(said.code, "NoSuchBucket"));
    assert_true(str_eq_c(said.message, "a <b> & c"));
    assert_true(str_eq_c(said.region, "eu-west-1"));
    assert_int_equal(said.upload_id.n, 0);
}

static void an_upload_is_read(void **state)
{
    (void)state;
    struct client__s3_said said =
        read_all("<InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Bucket>b</Bucket>"
                 "<UploadId>a.b_c--</UploadId></InitiateMultipartUploadResult>");
    assert_false(said.is_error);
    assert_true(str_eq_c(said.upload_id, "a.b_c--"));
}

static void what_is_no_answer_says_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "not XML", "<Error><Code>x</Code>", "<!DOCTYPE html><html></html>",
                                      "<Error><Code>&x;</Code></Error>"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct client__s3_said said = {.is_error = true};
        struct error e = {0};
        assert_int_not_equal(client__s3_read(str_from_c(bad[i]), a, &said, &e), ERR_OK);
        assert_false(said.is_error);
        assert_int_equal(said.code.n, 0);
    }
}

static void a_long_text_is_cut(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    struct client__s3_said said;
    struct error e = {0};
    SB_LIT(&b, "<Error><Message>");
    for (int i = 0; i < 5000; i++)
        SB_LIT(&b, "\xE4\xB8\x96");
    SB_LIT(&b, "</Message><Code>SlowDown</Code></Error>");
    assert_int_equal(client__s3_read(sb_view(&b), a, &said, &e), ERR_OK);
    assert_in_range(said.message.n, 1990, 2000);
    assert_int_equal(said.message.n % 3, 0);
    assert_true(str_eq_c(said.code, "SlowDown"));
}

static void each_refusal_has_words_of_its_own(void **state)
{
    (void)state;
    static const struct {
        int status;
        const char *code, *region_header;
        enum err err;
        const char *reason, *words;
    } rows[] = {
        {403, "AccessDenied", "", ERR_FORBIDDEN, "s3_access_denied", "s3:PutObject"},
        {404, "NoSuchBucket", "", ERR_NOT_FOUND, "s3_no_bucket", "S3_BUCKET_NAME"},
        {301, "PermanentRedirect", "eu-north-1", ERR_INVALID, "s3_wrong_region", "Set S3_REGION to eu-north-1."},
        {301, "", "", ERR_INVALID, "s3_wrong_region", "the console of S3 shows it"},
        {400, "AuthorizationHeaderMalformed", "us-east-1", ERR_INVALID, "s3_wrong_region", "the console"},
        {403, "RequestTimeTooSkewed", "", ERR_INVALID, "s3_clock_off", "chrony"},
        {403, "InvalidAccessKeyId", "", ERR_FORBIDDEN, "s3_bad_keys", "the environment"},
        {403, "SignatureDoesNotMatch", "", ERR_FORBIDDEN, "s3_bad_keys", "does not belong"},
        {400, "ExpiredToken", "", ERR_FORBIDDEN, "s3_bad_keys", "AWS_SESSION_TOKEN"},
        {503, "SlowDown", "", ERR_BUSY, "s3_slow_down", "few minutes"},
        {500, "InternalError", "", ERR_UPSTREAM, "s3_unavailable", "500"},
        {502, "", "", ERR_UPSTREAM, "s3_unavailable", "502"},
        {200, "InternalError", "", ERR_UPSTREAM, "s3_unavailable", "200"},
        {404, "NoSuchUpload", "", ERR_UPSTREAM, "s3_upload_lost", "parts"},
        {403, "", "", ERR_FORBIDDEN, "s3_access_denied", "docs/operations.md"},
        {400, "KeyTooLongError", "", ERR_INVALID, "s3_refused", "its own words (KeyTooLongError)"},
        {418, "", "", ERR_INVALID, "s3_refused", "status 418"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error e = {0};
        char text[600];
        const struct client__s3_said said = {.code = str_from_c(rows[i].code),
                                             .message = rows[i].code[0] ? STR("its own words") : STR_EMPTY};
        const struct client__s3_refusal r = {.status = rows[i].status,
                                             .said = &said,
                                             .region_header = str_from_c(rows[i].region_header),
                                             .bucket = STR("prism"),
                                             .region = STR("us-east-1"),
                                             .keys_from = STR("the environment")};
        assert_int_equal(client__s3_refused(&r, &e), rows[i].err);
        assert_string_equal(e.reason, rows[i].reason);
        (void)snprintf(text, sizeof text, "%s | %s", e.message, e.hint);
        if (!strstr(text, rows[i].words)) fail_msg("%s is not in: %s", rows[i].words, text);
    }
}

static enum err read_none(void *ctx, void *to, size_t n, struct error *e)
{
    (void)ctx;
    (void)to;
    (void)n;
    return error_set(e, ERR_INTERNAL, "was read");
}

static void unsafe_keys_are_refused_before_anything_is_asked(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "/a", "a/", "a//b", "a/../b", ".", "a/./b", "\xFF"};
    struct client_s3 *s = NULL;
    struct client_s3_options o = CLIENT_S3_DEFAULTS;
    struct error e = {0};
    char long_key[CLIENT_S3_KEY_MAX + 2];
    o.bucket = STR("prism");
    o.region = STR("eu-west-1");
    assert_int_equal(client_s3_new(&o, &s, &e), ERR_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct client_s3_object object = {.key = str_from_c(bad[i]), .size = 1, .read = read_none};
        assert_int_equal(client_s3_put(s, &object, &e), ERR_INVALID);
        assert_string_equal(e.reason, "s3_bad_key");
        assert_int_equal(client_s3_delete(s, object.key, &e), ERR_INVALID);
        assert_int_equal(client_s3_abort(s, object.key, STR("id"), &e), ERR_INVALID);
    }
    memset(long_key, 'k', sizeof long_key);
    const struct client_s3_object object = {.key = {long_key, CLIENT_S3_KEY_MAX + 1}, .read = read_none};
    assert_int_equal(client_s3_put(s, &object, &e), ERR_INVALID);
    client_s3_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_read),
        cmocka_unit_test(an_upload_is_read),
        cmocka_unit_test(what_is_no_answer_says_nothing),
        cmocka_unit_test(a_long_text_is_cut),
        cmocka_unit_test(each_refusal_has_words_of_its_own),
        cmocka_unit_test(unsafe_keys_are_refused_before_anything_is_asked),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
