/* Configuration: defaults, what wins over what, each kind of wrong value, paths, and the sentences that stop the start. */
#include "conf_test.h"

#include "conf/file.h"

/* Each row's default, as an operator sees it. A change of one is a change for them. */
static void test_defaults(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value;
    } defaults[] = {
        {"PORT", "8000"},
        {"PRISM_BIND", "127.0.0.1"},
        {"PRISM_ALLOWED_HOSTS", ""},
        {"PRISM_CONF", ""},
        {"REDIS_URL", "disabled"},
        {"DATABASE_URL", "sqlite"},
        {"MAX_CONTENT_LENGTH", "16777216"},
        {"PRISM_MAX_UPLOADS", "32"},
        {"SESSION_TIMEOUT", "3600"},
        {"PRISM_SECURE_COOKIES", "auto"},
        {"PRISM_MAX_CONNECTIONS", "12000"},
        {"PRISM_MAX_CONNECTIONS_PER_CLIENT", "256"},
        {"PRISM_HEAD_TIMEOUT", "15"},
        {"PRISM_BODY_TIMEOUT", "15"},
        {"PRISM_IDLE_TIMEOUT", "75"},
        {"PRISM_REQUEST_TIMEOUT", "600"},
        {"PRISM_RETENTION_DAYS", "7"},
        {"PRISM_RETENTION_RECORDS", "keep"},
        {"PRISM_FRAMEWORK", ""},
        {"PRISM_RULES", ""},
        {"PRISM_TLS_CERT", ""},
        {"PRISM_TLS_KEY", ""},
        {"PRISM_BASE_PATH", ""},
        {"PRISM_LOG_FILE", ""},
        {"PRISM_ACCESS_LOG_FILE", ""},
        {"PRISM_ACCESS_LOG", "none"},
        {"PRISM_METRICS", "local"},
        {"PRISM_EMF_SECONDS", "0"},
        {"PRISM_EMF_FILE", ""},
        {"PRISM_EMF_NAMESPACE", "AI-Prism"},
        {"PRISM_ENVIRONMENT", "default"},
        {"PRISM_INSTANCE", ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT", ""},
        {"OTEL_EXPORTER_OTLP_HEADERS", ""},
        {"OTEL_SERVICE_NAME", "prism"},
        {"OTEL_TRACES_SAMPLER_ARG", "1"},
        {"OTEL_BSP_SCHEDULE_DELAY", "5000"},
        {"OTEL_BSP_MAX_QUEUE_SIZE", "2048"},
        {"PRISM_TRUSTED_PROXIES", ""},
        {"PRISM_GRACEFUL_TIMEOUT", "60"},
        {"PRISM_MODEL_PROVIDER", "none"}, /* worked out */
        {"BEDROCK_MODEL_ID", "anthropic.claude-sonnet-4-5-20250929-v1:0"},
        {"BEDROCK_FALLBACK_MODELS", ""},
        {"AWS_REGION", ""},
        {"AWS_DEFAULT_REGION", ""},
        {"PRISM_BEDROCK_URL", ""},
        {"AWS_BEARER_TOKEN_BEDROCK", ""},
        {"ANTHROPIC_API_KEY", ""},
        {"PRISM_ANTHROPIC_URL", ""},
        {"PRISM_ANTHROPIC_MODEL", "claude-sonnet-4-5-20250929"},
        {"PRISM_OPENAI_URL", ""},
        {"PRISM_OPENAI_MODEL", ""},
        {"PRISM_OPENAI_KEY", ""},
        {"PRISM_FALLBACK_MODELS", ""},
        {"ENABLE_MODEL_FALLBACK", "true"},
        {"CHAT_ENABLE_MULTI_MODEL", "true"},
        {"BEDROCK_MAX_TOKENS", "4096"},
        {"BEDROCK_TEMPERATURE", "0.7"},
        {"REASONING_ENABLED", "false"},
        {"REASONING_BUDGET_TOKENS", "4096"},
        {"PRISM_MODEL_CALLS", "256"},
        {"PRISM_MODEL_WORKERS", "256"},
        {"PRISM_MODEL_TOKENS_PER_MINUTE", "0"},
        {"PRISM_BUDGET_DAY", "0"},
        {"PRISM_BUDGET_PERSON", "0"},
        {"PRISM_BUDGET_DOCUMENT", "0"},
        {"PRISM_PRICES", ""},
        {"PRISM_PROMPTS", ""},
        {"S3_BUCKET_NAME", ""},
        {"S3_BASE_PATH", ""},
        {"S3_REGION", ""},
        {"PRISM_S3_URL", ""},
        {"PRISM_MIN_CONFIDENCE", "0.8"},
        {"PRISM_FINDINGS_PER_1000_WORDS", "20"},
        {"PRISM_COSMETIC", "false"},
        {"PRISM_REDACT", "false"},
        {"PRISM_NEVER_SEND", "false"},
        {"PRISM_ADMIN_TOKEN", ""},
        {"PRISM_LOG_LEVEL", "info"},
        {"PRISM_LOG_FORMAT", "auto"},
        {"PRISM_DATA", NULL}, /* these are worked out: below */
        {"PRISM_WORKERS", NULL},
        {"PRISM_IO_THREADS", NULL},
        {"PRISM_JOB_WORKERS", NULL},
    };
    size_t n = sizeof defaults / sizeof *defaults;
    assert_int_equal(n, CONF_SETTING_COUNT);
    assert_loads("HOME=$", "PATH=/bin", "PORT=", "NO_EQUALS");
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        while (at < CONF_SETTING_COUNT && strcmp(conf__rows[at].name, defaults[i].name) != 0)
            at++;
        if (at == CONF_SETTING_COUNT) fail_msg("no row %s", defaults[i].name);
        assert_int_equal(conf.origins[at], CONF_FROM_DEFAULT);
        if (defaults[i].value && !str_eq_c(conf.texts[at], defaults[i].value))
            fail_msg("%s is %.*s", defaults[i].name, STR_ARG(conf.texts[at]));
    }
    assert_int_equal(conf.port, 8000);
    assert_int_equal(conf.log_level, LOG_LEVEL_INFO);
    assert_int_equal(conf.log_format, LOG_FORMAT_AUTO);
    assert_int_equal(conf.secure_cookies, CONF_SECURE_COOKIES_AUTO);
    assert_true(conf.workers >= 16 && conf.workers >= 2 * conf.job_workers);
    assert_in_range(conf.io_threads, 1, 8);
    assert_in_range(conf.job_workers, 1, 4096);
    assert_int_equal(conf.notes.n, 0);
}

/* The XDG folder of the user, /var/lib for root; no folder at all is said. */
static void test_default_folder(void **state)
{
    (void)state;
    const char *expected = geteuid() == 0 ? "/var/lib/prism" : text("$/.local/share/prism", folder);
    assert_loads("HOME=$");
    assert_true(str_eq_c(conf.data_folder, expected));
    assert_loads("HOME=$", "XDG_DATA_HOME=relative");
    assert_true(str_eq_c(conf.data_folder, expected));
    assert_loads("HOME=$", "XDG_DATA_HOME=$/xdg/");
    assert_true(str_eq_c(conf.data_folder, geteuid() == 0 ? expected : text("$/xdg/prism", folder)));
    if (geteuid() == 0) return;
    assert_int_equal(load("PATH=/bin"), ERR_INVALID);
    assert_true(has(e.message, "set PRISM_DATA"));
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++) {
        const struct conf__row *row = &conf__rows[i];
        size_t n = strlen(row->meaning);
        if (n < 20 || row->meaning[n - 1] != '.') fail_msg("%s has no sentence", row->name);
        assert_null(strchr(row->meaning, '|'));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(row->name, conf__rows[k].name);
    }
}

static void test_precedence(void **state)
{
    (void)state;
    write_conf("prism.conf", "PORT=1\nSESSION_TIMEOUT=2\nPRISM_LOG_LEVEL=DEBUG\nPRISM_FRAMEWORK=\n");
    write_conf("other.conf", "PORT=3\nPRISM_DATA=$/data\n");
    assert_loads("PRISM_DATA=$", "PORT=4", "SESSION_TIMEOUT=", "PRISM_LOG_FORMAT=json");
    assert_int_equal(conf.port, 4);
    assert_int_equal(conf.session_timeout_s, 2);
    assert_int_equal(conf.log_level, LOG_LEVEL_DEBUG);
    assert_int_equal(conf.log_format, LOG_FORMAT_JSON);
    assert_int_equal(conf.origins[CONF_port], CONF_FROM_ENVIRONMENT);
    assert_int_equal(conf.origins[CONF_session_timeout_s], CONF_FROM_FILE);
    assert_int_equal(conf.origins[CONF_framework], CONF_FROM_DEFAULT);
    assert_true(str_eq_c(conf.conf_file, text("$/prism.conf", folder)));
    assert_loads("PRISM_CONF=other.conf"); /* instead of the one in the data folder, which it names */
    assert_int_equal(conf.port, 3);
    assert_int_equal(conf.session_timeout_s, 3600);
    assert_true(str_eq_c(conf.data_folder, text("$/data", folder)));
    assert_loads("PRISM_CONF=$/other.conf", "PRISM_DATA=$/mine");
    assert_true(str_eq_c(conf.data_folder, text("$/mine", folder)));
}

#define assert_refused(reason_, says, ...)                                                                             \
    do {                                                                                                               \
        if (load(__VA_ARGS__) == ERR_OK) fail_msg("accepted where \"%s\" was expected", says);                         \
        assert_string_equal(e.reason, reason_);                                                                        \
        if (!has(e.message, says)) fail_msg("%s", e.message);                                                          \
    } while (0)

static void test_wrong_values(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {
        {"PORT=65536", "PORT is \"65536\"; accepted is a whole number from 0 to 65535"},
        {"PORT=80a", "PORT is \"80a\"; accepted is"},
        {"PORT=-1", "accepted is a whole number"},
        {"PORT= 80", "PORT is \" 80\""},
        {"MAX_CONTENT_LENGTH=16MB", "accepted is a whole number from 1024 to 1073741824"},
        {"MAX_CONTENT_LENGTH=1023", "from 1024"},
        {"SESSION_TIMEOUT=0", "from 1 to"},
        {"PRISM_MAX_UPLOADS=99999999999999999999999", "from 1 to 10000"},
        {"PRISM_LOG_LEVEL=verbose", "PRISM_LOG_LEVEL is \"verbose\"; accepted is debug, info, warn or error"},
        {"PRISM_LOG_FORMAT=xml", "accepted is auto, json or text"},
        {"PRISM_SECURE_COOKIES=1", "accepted is auto or always"},
        {"PRISM_MODEL_PROVIDER=azure", "accepted is auto, none, bedrock, anthropic or openai"},
        {"ENABLE_MODEL_FALLBACK=yes", "accepted is false or true"},
        {"BEDROCK_TEMPERATURE=1.5", "BEDROCK_TEMPERATURE is \"1.5\"; accepted is a number from 0 to 1"},
        {"PRISM_MIN_CONFIDENCE=80%", "accepted is a number from 0 to 1"},
        {"PRISM_BUDGET_DAY=$5", "accepted is a number from 0 to 1000000"},
        {"PRISM_BUDGET_DAY=nan", "accepted is a number"},
        {"PRISM_BUDGET_PERSON=1,50", "accepted is a number"},
        {"BEDROCK_MODEL_ID=a b", "accepted is the id or the ARN of a model"},
        {"BEDROCK_FALLBACK_MODELS=a,b c", "BEDROCK_FALLBACK_MODELS is \"b c\"; accepted is ids or ARNs"},
        {"AWS_REGION=Frankfurt", "AWS_REGION is \"Frankfurt\"; accepted is the name of a region such as eu-west-1"},
        {"PRISM_OPENAI_URL=localhost:8080", "accepted is an address that begins with http:// or https://"},
        {"PRISM_OPENAI_URL=https://", "accepted is an address"},
        {"PRISM_OPENAI_URL=https://me:secret@host/v1", "PRISM_OPENAI_URL: it carries a user name or a password"},
        {"PRISM_ANTHROPIC_URL=https://host/?key=secret", "PRISM_ANTHROPIC_URL: it has a \"?\""},
        {"ANTHROPIC_API_KEY=two secrets",
         "ANTHROPIC_API_KEY is not what is accepted: at least 1 character of ASCII, without"},
        {"PRISM_ADMIN_TOKEN=secret", "PRISM_ADMIN_TOKEN is not what is accepted: at least 16 characters"},
        {"PRISM_BIND=localhost", "PRISM_BIND is \"localhost\"; accepted is an IPv4 or IPv6 address"},
        {"PRISM_BIND=127.0.0.1:8000", "accepted is an IPv4 or IPv6 address"},
        {"PRISM_ALLOWED_HOSTS=a.org,http://b.org", "is \"http://b.org\"; accepted is host names without port"},
        {"PRISM_ALLOWED_HOSTS=a.org:80", "accepted is host names"},
        {"PRISM_ALLOWED_HOSTS=[::1", "accepted is host names"},
        {"PRISM_ALLOWED_HOSTS=[a.org]", "accepted is host names"},
        {"PRISM_DATA=~/prism", "PRISM_DATA begins with \"~\""},
        {"PRISM_RULES=~x", "write the whole path"},
        {"PRISM_BASE_PATH=prism", "PRISM_BASE_PATH is \"prism\"; accepted is a path such as /prism"},
        {"PRISM_BASE_PATH=/prism/", "accepted is a path such as /prism"},
        {"PRISM_BASE_PATH=/api", "accepted is a path such as /prism"},
        {"PRISM_BASE_PATH=/a/../b", "accepted is a path such as /prism"},
        {"PRISM_RULES=a\nb", "PRISM_RULES is not a line of text"},
        {"PRISM_RULES=\xff", "PRISM_RULES is not a line of text"},
        {"REDIS_URL=redis://:secret@host/0", "REDIS_URL names a server for live events, which this version cannot use"},
        {"DATABASE_URL=postgres://u:secret@h/d", "DATABASE_URL names another store than \"sqlite\""},
        {"DATABASE_URL=sqlite:///a.db", "its file lies in the data folder, PRISM_DATA"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_refused("bad_setting", wrong[i][1], "HOME=$", wrong[i][0]);
        assert_true(has(e.hint, "It is a variable of the environment."));
        assert_false(has(e.message, "secret"));
    }
    char many[1000] = "PRISM_ALLOWED_HOSTS=a";
    for (size_t i = 0; i < 64; i++)
        memcpy(many + strlen("PRISM_ALLOWED_HOSTS=a") + i * 2, ",a", 3);
    assert_refused("bad_setting", "has more than 64 entries", "HOME=$", many);
}

static void test_unknown(void **state)
{
    (void)state;
    static const char *const unknown[][2] = {
        {"PRISM_PORT=1", "there is no setting PRISM_PORT; did you mean PORT?"},
        {"PRISM_DATABASE_URL=x", "did you mean DATABASE_URL?"},
        {"PRISM_BNID=127.0.0.1", "did you mean PRISM_BIND?"},
        {"PRISM_LOGLEVEL=info", "did you mean PRISM_LOG_LEVEL?"},
        {"PRISM_MAX_CONNECTION_PER_CLIENT=1", "did you mean PRISM_MAX_CONNECTIONS_PER_CLIENT?"},
        {"PRISM_=", "there is no setting PRISM_"},
        {"PRISM_XYZZY_QUUX", "there is no setting PRISM_XYZZY_QUUX"},
    };
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        assert_refused("unknown_setting", unknown[i][1], "HOME=$", unknown[i][0]);
    assert_false(has(e.message, "did you mean"));
    assert_loads("HOME=$", "prism_port=1", "PORTS=1", "MAX_CONTENT_LENGHT=1"); /* of other programs, for all we know */
    write_conf("prism.conf", "# x\nMAX_CONTENT_LENGHT=1\n");
    assert_refused("unknown_setting", "did you mean MAX_CONTENT_LENGTH?", "PRISM_DATA=$");
    assert_true(has(e.hint, text("It stands in \"$/prism.conf\", line 2.", folder)));
    write_conf("prism.conf", "WORKERS=1\n");
    assert_refused("unknown_setting", "did you mean PRISM_WORKERS?", "PRISM_DATA=$");
}

static void test_wrong_files(void **state)
{
    (void)state;
    write_conf("prism.conf", "\nPORT=x\n");
    assert_refused("bad_setting", "PORT is \"x\"", "PRISM_DATA=$");
    assert_true(has(e.hint, text("It stands in \"$/prism.conf\", line 2.", folder)));
    write_conf("prism.conf", "PORT\n");
    assert_refused("bad_conf_file", text("\"$/prism.conf\": line 1 has no \"=\"", folder), "PRISM_DATA=$");
    write_conf("prism.conf", "PRISM_DATA=/elsewhere\n");
    assert_refused("bad_setting", "PRISM_DATA cannot be set in this file", "PRISM_DATA=$");
    write_conf("prism.conf", "PRISM_CONF=/elsewhere\n");
    assert_refused("bad_setting", "PRISM_CONF cannot be set in this file", "PRISM_CONF=$/prism.conf");
    assert_int_equal(load("HOME=$", "PRISM_CONF=$/absent.conf"), ERR_NOT_FOUND);
    assert_true(has(e.message, "absent.conf"));
    assert_refused("not_a_file", "is a folder", "PRISM_CONF=$");
    char *large = calloc(1, CONF_FILE_MAX_BYTES + 2);
    assert_non_null(large);
    memset(large, '#', CONF_FILE_MAX_BYTES + 1);
    write_conf("large.conf", large);
    free(large);
    assert_refused("file_too_large", "larger than the limit", "PRISM_CONF=$/large.conf");
}

/* Relative paths are made absolute and said; where they begin depends on where they stand. Nothing else depends on the working directory. */
static void test_paths(void **state)
{
    (void)state;
    assert_int_equal(mkdir(text("$/sub", folder), 0700), 0);
    write_conf("sub/x.conf", "PRISM_RULES=./r.json\n");
    assert_loads("PRISM_DATA=some//./data/", "PRISM_CONF=sub/x.conf");
    assert_true(str_eq_c(conf.data_folder, text("$/some/data", folder)));
    assert_true(str_eq_c(conf.rules_file, text("$/sub/r.json", folder)));
    assert_int_equal(strlen(conf.rules_file.p), conf.rules_file.n); /* for C */
    assert_int_equal(conf.notes.n, 3);
    bool said = false;
    for (size_t i = 0; i < conf.notes.n; i++)
        said = said ||
               str_eq_c(conf.notes.at[i], text("PRISM_DATA is a relative path; it is taken as $/some/data", folder));
    assert_true(said);
    assert_loads("PRISM_DATA=/x/../y/", "PRISM_RULES=/");
    assert_true(str_eq_c(conf.data_folder, "/x/../y"));
    assert_true(str_eq_c(conf.rules_file, "/"));
    assert_int_equal(conf.notes.n, 0);
}

static void test_lists_and_addresses(void **state)
{
    (void)state;
    assert_loads("PRISM_DATA=$", "PRISM_ALLOWED_HOSTS= Prism.Example.ORG,, [::1] ,a_b-c ", "PRISM_BIND=::1");
    assert_int_equal(conf.allowed_hosts.n, 3);
    assert_true(str_eq_c(conf.allowed_hosts.at[0], "prism.example.org"));
    assert_true(str_eq_c(conf.allowed_hosts.at[1], "[::1]"));
    assert_true(str_eq_c(conf.allowed_hosts.at[2], "a_b-c"));
    assert_int_equal(conf.notes.n, 0);
    assert_loads("PRISM_DATA=$", "PRISM_BIND=0.0.0.0"); /* who can reach it is worth a line in the log */
    assert_int_equal(conf.notes.n, 1);
    assert_true(str_find(conf.notes.at[0], STR("other machines can reach the server"), 0) != STR_NONE);
}

/* Who answers, when nobody says so. */
static void test_provider(void **state)
{
    (void)state;
    assert_loads("HOME=$");
    assert_int_equal(conf.model_provider, CONF_PROVIDER_NONE);
    assert_loads("HOME=$", "PRISM_OPENAI_URL=http://127.0.0.1:8080/v1//");
    assert_int_equal(conf.model_provider, CONF_PROVIDER_OPENAI);
    assert_true(str_eq_c(conf.openai_url, "http://127.0.0.1:8080/v1")); /* paths are put behind it */
    assert_loads("HOME=$", "PRISM_OPENAI_URL=http://h", "ANTHROPIC_API_KEY=k");
    assert_int_equal(conf.model_provider, CONF_PROVIDER_ANTHROPIC);
    assert_loads("HOME=$", "ANTHROPIC_API_KEY=k", "AWS_BEARER_TOKEN_BEDROCK=b");
    assert_int_equal(conf.model_provider, CONF_PROVIDER_BEDROCK);
    assert_loads("HOME=$", "ANTHROPIC_API_KEY=k", "BEDROCK_MODEL_ID=arn:aws:bedrock:eu-west-1:1:inference-profile/x");
    assert_int_equal(conf.model_provider, CONF_PROVIDER_BEDROCK);
    assert_loads("HOME=$", "BEDROCK_MODEL_ID=m", "PRISM_MODEL_PROVIDER=none");
    assert_int_equal(conf.model_provider, CONF_PROVIDER_NONE);
    assert_loads("HOME=$", "PRISM_MODEL_PROVIDER=Anthropic", "PRISM_BUDGET_DAY=2.5", "REASONING_ENABLED=TRUE");
    assert_int_equal(conf.model_provider, CONF_PROVIDER_ANTHROPIC);
    assert_true(conf.budget_day == 2.5); /* NOLINT: read exactly */
    assert_int_equal(conf.reasoning, 1);
}

/* A secret is read from both places, and what is shown of it is that it is there. */
static void test_secrets(void **state)
{
    (void)state;
    write_conf("prism.conf", "PRISM_OPENAI_KEY=sk-filed\n");
    assert_loads("PRISM_DATA=$", "ANTHROPIC_API_KEY=sk-given");
    assert_true(str_eq_c(conf.openai_key, "sk-filed"));
    assert_true(str_eq_c(conf.anthropic_key, "sk-given"));
    assert_true(str_eq_c(conf.texts[CONF_openai_key], "set"));
    assert_true(str_eq_c(conf.texts[CONF_admin_token], ""));
    CLEANUP_SB struct sb b = SB_INIT(100000);
    conf_print_text(&conf, &b);
    sb_char(&b, '\0');
    assert_true(has(b.p, "# from the file; it is set and not shown\n# PRISM_OPENAI_KEY=\n"));
    assert_true(has(b.p, "# default\nPRISM_ADMIN_TOKEN=\n"));
    assert_false(has(b.p, "sk-"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_default_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_precedence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_paths, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_provider, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_secrets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lists_and_addresses, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
