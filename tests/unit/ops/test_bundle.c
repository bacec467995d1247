/* Bundles: settings to values, what the templates become, and stripping; the whole on a machine is tests/integration/test_bundle.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <elf.h>

#include "base/fs.h"
#include "ops/bundle_priv.h"
#include "support/torture.h"

#define BASE "EB_APPLICATION=a\nEB_ENVIRONMENT=prod\nEB_REGION=eu-north-1\n"

static enum err settings(struct arena *a, const char *text, struct ops_bundle **ret, struct error *e)
{
    return ops_bundle_settings(a, str_from_c(text), "bundle.conf", OPS_BUNDLE_AS_SET, ret, e);
}

static void test_names(void **state)
{
    (void)state;
    static const char *const regions[] = {"eu-north-1", "us-gov-west-1", "ap-southeast-5"};
    static const char *const none[] = {"",          "eu-north", "eu-north-", "eu--1", "EU-north-1", "eu-north-1a",
                                       "e-north-1", "-",        "1"};
    static const char *const buckets[] = {"abc", "ai.prism", "a-1.b"};
    static const char *const no_buckets[] = {"",        "ab",      "-abc",        "abc-", "a..b",
                                             "1.2.3.4", "xn--abc", "abc-s3alias", "a_b",  "Abc"};
    for (size_t i = 0; i < sizeof regions / sizeof *regions; i++)
        assert_true(bundle__is_region(str_from_c(regions[i])));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(bundle__is_region(str_from_c(none[i])));
    for (size_t i = 0; i < sizeof buckets / sizeof *buckets; i++)
        assert_true(bundle__is_bucket(str_from_c(buckets[i])));
    for (size_t i = 0; i < sizeof no_buckets / sizeof *no_buckets; i++)
        assert_false(bundle__is_bucket(str_from_c(no_buckets[i])));
    assert_true(str_eq_c(bundle__region_in(STR("elasticbeanstalk-eu-north-1-123456789012")), "eu-north-1"));
    assert_true(str_eq_c(bundle__region_in(STR("logs.us-gov-west-1")), "us-gov-west-1"));
    assert_int_equal(bundle__region_in(STR("menu-east-1")).n, 0);
    assert_int_equal(bundle__region_in(STR("")).n, 0);
}

static void test_arns(void **state)
{
    (void)state;
    assert_true(bundle__is_secret_arn(STR("arn:aws:secretsmanager:eu-north-1:123456789012:secret:a-AbCdEf")));
    assert_true(bundle__is_secret_arn(STR("arn:aws-cn:ssm:cn-north-1:123456789012:parameter/a/b")));
    assert_false(bundle__is_secret_arn(STR("arn:aws:secretsmanager:eu-north-1:12345678901:secret:a")));
    assert_false(bundle__is_secret_arn(STR("arn:aws:secretsmanager:eu-north-1:123456789012:secret:")));
    assert_false(bundle__is_secret_arn(STR("arn:aws:secretsmanager::123456789012:secret:a")));
    assert_false(bundle__is_secret_arn(STR("arn:aws:secretsmanager:eu-north-1:123456789012:secret:a b")));
    assert_false(bundle__is_secret_arn(STR("arn:azure:secretsmanager:eu-north-1:123456789012:secret:a")));
    assert_false(bundle__is_secret_arn(STR("")));
    assert_true(bundle__is_role(STR("arn:aws:iam::123456789012:role/path/name")));
    assert_false(bundle__is_role(STR("arn:aws:iam::123456789012:role/")));
    assert_true(str_eq_c(bundle__arn_region(STR("arn:aws:acm:eu-west-1:123456789012:certificate/x")), "eu-west-1"));
}

static void test_quoted(void **state)
{
    (void)state;
    CLEANUP_SB struct sb b = SB_INIT(1000);
    bundle__quoted(&b, STR("a \"b\" \\ \xC3\xA4: {c} #d"));
    assert_true(str_eq_c(sb_view(&b), "\"a \\\"b\\\" \\\\ \xC3\xA4: {c} #d\""));
}

static enum err whole(void *ctx, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)16 << 20);
    struct ops_bundle *b = NULL;
    struct str zip = STR_EMPTY;
    if (!a) return error_no_memory(e);
    TRY(settings(a, ctx, &b, e));
    TRY(bundle__render(b, e));
    return bundle__pack(b, &zip, e);
}

static void test_torture(void **state)
{
    (void)state;
    char text[] = BASE "EB_ACCESS_LOG_BUCKET=logs\nPRISM_WORKERS=3\n"
                       "PRISM_ADMIN_TOKEN=arn:aws:secretsmanager:eu-north-1:123456789012:secret:a-AbCdEf\n";
    assert_true(torture_run_some(whole, text) > 20);
}

static void test_strip(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new((size_t)512 << 20);
    struct str own = STR_EMPTY, bare = STR_EMPTY, again = STR_EMPTY;
    struct error e = {0};
    assert_int_equal(fs_read(a, "/proc/self/exe", (size_t)256 << 20, &own, &e), ERR_OK);
    assert_int_equal(bundle__strip(a, own, &bare, &e), ERR_OK);
    assert_true(bare.n < own.n);
    assert_int_equal(bundle__strip(a, bare, &again, &e), ERR_OK);
    assert_true(str_eq(again, bare));
    Elf64_Ehdr before, after;
    memcpy(&before, own.p, sizeof before);
    memcpy(&after, bare.p, sizeof after);
    assert_int_equal(after.e_phnum, before.e_phnum);
    for (size_t i = 0; i < after.e_phnum; i++) { /* what is loaded is the same, where it was */
        Elf64_Phdr p;
        memcpy(&p, bare.p + after.e_phoff + i * sizeof p, sizeof p);
        if (p.p_type != PT_LOAD || p.p_offset == 0) continue;
        assert_true(str_eq(str_sub(bare, p.p_offset, p.p_offset + p.p_filesz),
                           str_sub(own, p.p_offset, p.p_offset + p.p_filesz)));
    }
    assert_int_equal(bundle__strip(a, STR("#!/bin/sh\n"), &again, &e), ERR_INVALID);
    assert_string_equal(e.reason, "no_bundle");
    assert_int_equal(bundle__strip(a, str_sub(own, 0, 4096), &again, &e), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_arns),
                                       cmocka_unit_test(test_quoted), cmocka_unit_test(test_torture),
                                       cmocka_unit_test(test_strip)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
