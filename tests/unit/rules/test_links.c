/* The links family: URLs in the text, and hyperlinks whose text and target are given. */
#include "rules_test.h"

#include "support/docx_build.h"

#define CASE(name, fires, quote)                                                                                       \
    {                                                                                                                  \
        "links." name, fires, quote                                                                                    \
    }

static void test_urls_in_text(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("malformed", "See http://https://contoso.com/report for details.", "http://https://contoso.com/report"),
        CASE("malformed", "See htttp://contoso.com.", "htttp://contoso.com"),
        CASE("malformed", "See https://.contoso.com/x today.", "https://.contoso.com/x"),
        CASE("malformed", "See http:// www.contoso.com today.", "http://"),
        CASE("malformed", "See https://contoso..com/ today.", "https://contoso..com/"),
        CASE("malformed", "See https://contoso.com/report?a=1&b=(2).", NULL),
        CASE("malformed", "Addresses that begin with \"http://\" are old.", NULL),
        CASE("malformed", "jdbc:postgresql://db/main and s3://bucket/key", NULL),
        CASE("malformed", "See https://user@contoso.com:8443/x#y.", NULL),

        CASE("plain_http", "See http://www.contoso.com/report.", "http://www.contoso.com/report"),
        CASE("plain_http", "(http://contoso.com)", "http://contoso.com"),
        CASE("plain_http", "HTTP://CONTOSO.COM/x", "HTTP://CONTOSO.COM/x"),
        CASE("plain_http", "One: https://a.contoso.com two: http://b.contoso.com.", "http://b.contoso.com"),
        CASE("plain_http", "See https://www.contoso.com/report.", NULL),
        CASE("plain_http", "xmlns=\"http://schemas.openxmlformats.org/x\"", NULL),
        CASE("plain_http", "Run http://localhost:8080/ first.", NULL),
        CASE("plain_http", "http://www.w3.org/1999/xhtml", NULL),
        CASE("plain_http", "http://example.com/a, http://www.EXAMPLE.org and http://shop.example/b", NULL),
        CASE("plain_http", "See http://bestexample.com/a.", "http://bestexample.com/a"),
        CASE("plain_http", "See http://example.com.contoso.com/a.", "http://example.com.contoso.com/a"),

        CASE("local_target", "The logs are at http://localhost:8080/logs.", "http://localhost:8080/logs"),
        CASE("local_target", "See https://192.168.1.20/wiki.", "https://192.168.1.20/wiki"),
        CASE("local_target", "See http://wiki/page.", "http://wiki/page"),
        CASE("local_target", "See file:///C:/Users/me/report.docx.", "file:///C:/Users/me/report.docx"),
        CASE("local_target", "See https://build.corp/1 for it.", "https://build.corp/1"),
        CASE("local_target", "The logs are at https://logs.contoso.com/.", NULL),
        CASE("local_target", "See https://192.169.1.20/ and https://172.40.0.1/.", NULL),
        CASE("local_target", "It is installed in C:\\Programs\\Tool.", NULL),
        CASE("local_target", "s3://bucket/key", NULL),
    };
    RULES_TEST_CASES(cases);
}

/* A paragraph with one hyperlink on `text`. */
static void run_link(struct rules_test_run *t, const char *text, const char *target)
{
    struct str body = str_printf(t->arena,
                                 "<w:p><w:r><w:t xml:space=\"preserve\">See </w:t></w:r><w:hyperlink r:id=\"rIdL\">"
                                 "<w:r><w:t>%s</w:t></w:r></w:hyperlink></w:p>",
                                 text);
    struct str rels =
        str_printf(t->arena,
                   "<Relationship Id=\"rIdL\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/"
                   "relationships/hyperlink\" Target=\"%s\" TargetMode=\"External\"/>",
                   target);
    struct test_docx_parts parts = {.rels = rels.p};
    rules_test_docx(t, test_docx(t->arena, body.p, &parts));
}

static void test_hyperlinks(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *text, *target;
        bool fires;
    } cases[] = {
        {"links.text_differs", "www.contoso.com", "https://fabrikam.net/", true},
        {"links.text_differs", "https://contoso.com/report", "https://contoso.com.evil.net/report", true},
        {"links.text_differs", "contoso.com", "https://contoso-login.com/", true},
        {"links.text_differs", "http://bank.contoso.com", "https://198.51.100.7/", true},
        {"links.text_differs", "www.contoso.com", "https://contoso.com/start", false},
        {"links.text_differs", "contoso.com", "https://docs.contoso.com/", false},
        {"links.text_differs", "the report", "https://fabrikam.net/", false},
        {"links.text_differs", "https://contoso.com/x",
         "https://safelinks.fabrikam.net/?url=https%3A%2F%2Fcontoso.com%2Fx", false},
        {"links.text_differs", "Node.js", "https://nodejs.org/", false},
        {"links.malformed", "the report", "http:/contoso.com/x", true},
        {"links.malformed", "the report", "https://", true},
        {"links.malformed", "the report", "https://contoso .com/x", true},
        {"links.malformed", "the team", "mailto:team", true},
        {"links.malformed", "the report", "https://contoso.com/x", false},
        {"links.malformed", "the report", "report.docx", false},
        {"links.malformed", "the team", "mailto:team@contoso.com", false},
        {"links.malformed", "the report", "ftp://contoso.com/x", false},
        {"links.local_target", "the report", "C:\\Users\\me\\report.docx", true},
        {"links.local_target", "the report", "\\\\server\\share\\report.docx", true},
        {"links.local_target", "the report", "report.docx", false},
        {"links.plain_http", "http://contoso.com", "http://contoso.com/", true},
        {"links.plain_http", "http://contoso.com", "https://contoso.com/", false},
    };
    struct rules_test_run *t = rules_test_new(NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        run_link(t, cases[i].text, cases[i].target);
        size_t n = rules_test_count(t, cases[i].rule);
        if (n != (cases[i].fires ? 1u : 0u))
            fail_msg("%s on \"%s\" to \"%s\": %zu hits", cases[i].rule, cases[i].text, cases[i].target, n);
        if (n) assert_true(str_eq_c(rules_test_hit(t, cases[i].rule, 0)->quote, cases[i].text));
    }
    rules_test_free(t);
}

static void test_a_lost_relationship_is_named(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_docx(
        t, test_docx(t->arena, "<w:p><w:hyperlink r:id=\"rIdGone\"><w:r><w:t>the annex</w:t></w:r></w:hyperlink></w:p>",
                     NULL));
    const struct rules_test_hit *hit = rules_test_hit(t, "links.malformed", 0);
    assert_non_null(hit);
    assert_true(str_eq_c(hit->quote, "the annex"));
    rules_test_free(t);
}

static void test_one_finding_a_site(void **state)
{
    (void)state;
    struct rules_test_run *t = rules_test_new(NULL);
    rules_test_lines(t, "See http://contoso.com/1.\nSee http://contoso.com/2.\nSee http://fabrikam.net/.");
    assert_int_equal(rules_test_count(t, "links.plain_http"), 2);
    rules_test_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_urls_in_text),
        cmocka_unit_test(test_hyperlinks),
        cmocka_unit_test(test_a_lost_relationship_is_named),
        cmocka_unit_test(test_one_finding_a_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
