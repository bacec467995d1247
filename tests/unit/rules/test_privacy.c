/* The privacy family: texts that must fire and texts that must not, and that no description gives a secret away. */
#include "rules_test.h"

#define CASE(name, fires, quote)                                                                                       \
    {                                                                                                                  \
        "privacy." name, fires, quote                                                                                  \
    }

static void test_people(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("email", "Contact jane.doe@contoso.com for the logs.", "jane.doe@contoso.com"),
        CASE("email", "Mail: <j_smith+x@mail.contoso.co.uk>.", "j_smith+x@mail.contoso.co.uk"),
        CASE("email", "| Owner | bob@fabrikam.io |", "bob@fabrikam.io"),
        CASE("email", "(A.B@C-D.ORG)", "A.B@C-D.ORG"),
        CASE("email", "Write to support@contoso.com.", NULL),
        CASE("email", "Write to jane@example.com.", NULL),
        CASE("email", "The handle @jane is taken.", NULL),
        CASE("email", "Meet @ 5.30 pm, x @ y.", NULL),
        CASE("email", "jane@localhost and jane@10.1.2.3 are none.", NULL),

        CASE("phone", "The buyer was called at +49 170 1234567.", "+49 170 1234567"),
        CASE("phone", "Reach me: (206) 555-0100.", "(206) 555-0100"),
        CASE("phone", "Call 206-555-0100 now.", "206-555-0100"),
        CASE("phone", "Phone: 030 1234 5678", "030 1234 5678"),
        CASE("phone", "Dragan (mobile 0170 5550134) knows.", "0170 5550134"),
        CASE("phone", "Dragan took part 0170 5550134 from the shelf.", NULL),
        CASE("phone", "Order 114-3941689-8772232 was shipped.", NULL),
        CASE("phone", "On 2026-03-01 it was 12:30.", NULL),
        CASE("phone", "The invoice 2020 1234 5678 was paid.", NULL),
        CASE("phone", "Version 10.20.30.40 and 1,234,567,890 units.", NULL),
        CASE("phone", "ISBN 978-3-16-148410-0", NULL),

        CASE("national_id", "His SSN is 219-09-9999.", "219-09-9999"),
        CASE("national_id", "Social security number: 078-05-1120", "078-05-1120"),
        CASE("national_id", "NI number AB 12 34 56 C was checked.", "AB 12 34 56 C"),
        CASE("national_id", "Passport number: C01X00T47 and passport no. 123456789.", "123456789"),
        CASE("national_id", "He agreed (NHS number 943 476 5919).", "943 476 5919"),
        CASE("national_id", "He agreed (NHS number 943 476 5918).", NULL),
        CASE("national_id", "Order 943 476 5919 was late.", NULL),
        CASE("national_id", "Her passport number, 482913577, is on the form.", "482913577"),
        CASE("national_id", "Part number 219-09-9999.", NULL),
        CASE("national_id", "His SSN is 000-09-9999.", NULL),
        CASE("national_id", "The code GB 12 34 56 C is on the box.", NULL),
        CASE("national_id", "His passport was checked.", NULL),
    };
    RULES_TEST_CASES(cases);
}

static void test_money(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("card_number", "Card 4111 1111 1111 1111 was charged twice.", "4111 1111 1111 1111"),
        CASE("card_number", "Card 5500-0000-0000-0004.", "5500-0000-0000-0004"),
        CASE("card_number", "378282246310005", "378282246310005"),
        CASE("card_number", "Amex 3782 822463 10005 was used.", "3782 822463 10005"),
        CASE("card_number", "Tracking number 4111 1111 1111 1112.", NULL),
        CASE("card_number", "Order 9999999999999995.", NULL),
        CASE("card_number", "In 2020 2021 2022 2023 it rose.", NULL),
        CASE("card_number", "Hash a4111111111111111f.", NULL),
        CASE("card_number", "0000 0000 0000 0000", NULL),

        CASE("iban", "Refund to DE89 3704 0044 0532 0130 00.", "DE89 3704 0044 0532 0130 00"),
        CASE("iban", "GB82WEST12345698765432", "GB82WEST12345698765432"),
        CASE("iban", "IBAN: FR14 2004 1010 0505 0001 3M02 606, Paris", "FR14 2004 1010 0505 0001 3M02 606"),
        CASE("iban", "(NL91ABNA0417164300)", "NL91ABNA0417164300"),
        CASE("iban", "Refund to DE89 3704 0044 0532 0130 01.", NULL),
        CASE("iban", "Part DE12 of the plan.", NULL),
        CASE("iban", "XX89370400440532013000", NULL),
        CASE("iban", "GB82WEST123456987654321", NULL),
    };
    RULES_TEST_CASES(cases);
}

static void test_machines(void **state)
{
    (void)state;
    static const struct rules_case cases[] = {
        CASE("ip_address", "The account was opened from 84.17.52.11.", "84.17.52.11"),
        CASE("ip_address", "Host 10.0.0.5 was down.", "10.0.0.5"),
        CASE("ip_address", "It came from 2a02:8108:96c0:1e00:a1b2:c3d4:e5f6:0001 at night.",
             "2a02:8108:96c0:1e00:a1b2:c3d4:e5f6:0001"),
        CASE("ip_address", "It came from fe80:1:2::9c3f here.", "fe80:1:2::9c3f"),
        CASE("ip_address", "Fixed in version 4.12.0.3.", NULL),
        CASE("ip_address", "See section 1.2.3.4 and 3.1.4.1 of it.", NULL),
        CASE("ip_address", "Bind to 0.0.0.0 or 127.0.0.1, mask 255.255.255.0.", NULL),
        CASE("ip_address", "Use 192.0.2.7 in examples, and 2001:db8::1:2:3.", NULL),
        CASE("ip_address", "At 12:30:45 and in std::vector::size it broke; 300.1.2.3 too.", NULL),

        CASE("access_key", "The job ran with AKIAIOSFODNN7EXAMPLE.", "AKIAIOSFODNN7EXAMPLE"),
        CASE("access_key", "Use ghp_abcdefghijklmnopqrstuvwxyz0123456789 to push.",
             "ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
        CASE("access_key", "-----BEGIN RSA PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----"),
        CASE("access_key", "secret = 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
             "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
        CASE("access_key", "Authorization: Bearer abc123def456ghi789jkl012", "abc123def456ghi789jkl012"),
        CASE("access_key", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
             "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"),
        CASE("access_key", "Access keys start with AKIA.", NULL),
        CASE("access_key", "The token is refreshed every hour by the service.", NULL),
        CASE("access_key", "The key: communication_between_the_teams_failed", NULL),
        CASE("access_key", "A sk-based-approach-to-risk-assessment was chosen.", NULL),

        CASE("password", "Log in as admin, password: Summer2026!", "Summer2026!"),
        CASE("password", "pwd=hunter2", "hunter2"),
        CASE("password", "The password is \"letmein\".", "letmein"),
        CASE("password", "Passphrase: correct7horse, do not share", "correct7horse"),
        CASE("password", "The password is changed every 90 days.", NULL),
        CASE("password", "Password: ********", NULL),
        CASE("password", "Password: <your password>", NULL),
        CASE("password", "password: see the vault", NULL),
        CASE("password", "The password was reset.", NULL),
    };
    RULES_TEST_CASES(cases);
}

static void test_secrets_are_masked(void **state)
{
    (void)state;
    static const struct {
        const char *lines, *secret;
    } cases[] = {
        {"Card 4111 1111 1111 1111 was charged.", "4111 1111"},
        {"Refund to DE89 3704 0044 0532 0130 00.", "3704"},
        {"The job ran with AKIAIOSFODNN7EXAMPLE.", "AKIAIOS"},
        {"password: Summer2026!", "Summer"},
        {"secret = 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "9f86d0"},
        {"His SSN is 219-09-9999.", "219"},
        {"Contact jane.doe@contoso.com now.", "jane"},
        {"The buyer was called at +49 170 1234567.", "170"},
    };
    struct rules_test_run *t = rules_test_new(NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        rules_test_lines(t, cases[i].lines);
        size_t privacy = 0;
        for (size_t k = 0; k < t->hits.n; k++) {
            const struct rules_test_hit *hit = &t->hits.at[k];
            if (hit->rule->family != RULE_PRIVACY) continue;
            privacy++;
            assert_true(str_find_nocase(hit->description, str_from_c(cases[i].secret), 0) == STR_NONE);
            assert_true(str_find_nocase(hit->suggestion, str_from_c(cases[i].secret), 0) == STR_NONE);
        }
        assert_true(privacy > 0);
    }
    rules_test_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_people),
        cmocka_unit_test(test_money),
        cmocka_unit_test(test_machines),
        cmocka_unit_test(test_secrets_are_masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
