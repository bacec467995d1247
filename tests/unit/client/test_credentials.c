/* Credentials from each source, against fakes of STS, of a container's endpoint and of instance metadata, also broken ones. */
#include "client/credentials.h"

#include <pthread.h>

#include "base/fs.h"
#include "base/json.h"
#include "fake.h"
#include "http_test.h"

#define VARIABLES 32

static struct fake server;
static struct client_http *http;
static char folder[] = "/tmp/prism-credentials-XXXXXX";

/* The environment that is looked at: the test's own. */
static struct {
    const char *name;
    char value[512];
} variables[VARIABLES];
static size_t n_variables;

static const char *env(void *ctx, const char *name)
{
    (void)ctx;
    for (size_t i = n_variables; i-- > 0;)
        if (strcmp(variables[i].name, name) == 0) return variables[i].value;
    return NULL;
}

__attribute__((format(printf, 2, 3))) static void set(const char *name, const char *format, ...)
{
    va_list args;
    assert_true(n_variables < VARIABLES);
    variables[n_variables].name = name;
    va_start(args, format);
    (void)vsnprintf(variables[n_variables++].value, sizeof variables->value, format, args);
    va_end(args);
}

static void file(const char *name, const char *text)
{
    char path[4096];
    struct error e = {0};
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (fs_write_atomic(path, str_from_c(text), 0600, &e) != ERR_OK) fail_msg("%s", e.message);
}

/* The answer as text, in the arena. */
static struct str control(struct arena *a, const char *what)
{
    char url[256];
    struct client_http_answer answer = {.status = 0};
    struct error e = {0};
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/control/%s", server.port, what);
    struct client_http_request rq = request_make("GET", url);
    if (client_http_get_all(http, &rq, a, &answer, &e) != ERR_OK) fail_msg("%s", e.message);
    return answer.body;
}

static void tell(const char *what)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    assert_str(control(a, what), "set");
}

static uint64_t count_of(const char *what)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    uint64_t n = 0;
    struct error e = {0};
    assert_int_equal(str_to_u64(control(a, what), 0, 1 << 30, &n, &e), ERR_OK);
    return n;
}

static struct client_credentials *credentials(void)
{
    struct client_credentials_options o = {.http = http, .env = env};
    struct client_credentials *c = NULL;
    struct error e = {0};
    assert_int_equal(client_credentials_new(&o, &c, &e), ERR_OK);
    return c;
}

static void assert_no_secret(const struct error *e)
{
    const char *texts[] = {e->message, e->hint, e->detail};
    for (int i = 0; i < 3; i++)
        if (strstr(texts[i], "s3cret") || strstr(texts[i], "t0ken")) fail_msg("an error shows a secret: %s", texts[i]);
}

/* One search: access key, secret key, token and source with '|' between them, or the error's reason and message. */
static struct str search(struct arena *a)
{
    struct client_credentials *c = credentials();
    struct client_keys k;
    struct error e = {0};
    struct str text = STR_EMPTY;
    enum err err = client_credentials_get(c, a, &k, &e);
    if (err == ERR_OK) {
        text = str_printf(a, "%.*s|%.*s|%.*s|%.*s", STR_ARG(k.access_key), STR_ARG(k.secret_key),
                          STR_ARG(k.session_token), STR_ARG(k.source));
    } else {
        assert_int_equal(err, e.code);
        assert_no_secret(&e);
        text = str_printf(a, "%s: %s", e.reason, e.message);
    }
    client_credentials_free(c);
    return text;
}

static void assert_search(const char *want)
{
    CLEANUP_ARENA struct arena *a = arena_new(8 << 20);
    assert_str(search(a), want);
}

static void assert_search_has(const char *want)
{
    CLEANUP_ARENA struct arena *a = arena_new(8 << 20);
    struct str got = search(a);
    if (str_find(got, str_from_c(want), 0) == STR_NONE) fail_msg("\"%.*s\" has no \"%s\"", STR_ARG(got), want);
}

static void assert_region(const char *want)
{
    CLEANUP_ARENA struct arena *a = arena_new(8 << 20);
    struct client_credentials *c = credentials();
    struct str region = STR_EMPTY;
    struct error e = {0};
    enum err err = client_credentials_region(c, a, &region, &e);
    assert_int_equal(err, e.code);
    assert_str(err == ERR_OK ? region : str_from_c(e.reason), want);
    client_credentials_free(c);
}

static void set_web_identity(void)
{
    file("token", "jwt t0ken+/=\n");
    set("AWS_WEB_IDENTITY_TOKEN_FILE", "%s/token", folder);
    set("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/prism");
    set("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:%u/sts/", server.port);
}

static void set_container(void)
{
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:%u/container", server.port);
}

static void set_instance(void)
{
    set("AWS_EC2_METADATA_DISABLED", "false");
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:%u/", server.port);
}

static void test_environment(void **state)
{
    (void)state;
    set("AWS_ACCESS_KEY_ID", "AKIAENV");
    assert_search("half_credentials: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
    set("AWS_SECRET_ACCESS_KEY", " s3cret\n");
    assert_search("AKIAENV|s3cret||the environment");
    set("AWS_SESSION_TOKEN", "t0ken");
    assert_search("AKIAENV|s3cret|t0ken|the environment");
    set("AWS_ACCESS_KEY_ID", "%s", "");
    assert_search("half_credentials: AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not");
}

static void test_profiles(void **state)
{
    (void)state;
    file("credentials",
         "# of AWS\n[default]\naws_access_key_id = AKIADEF\naws_secret_access_key=s3cret=/+\r\n"
         "[ work ]\r\nAWS_ACCESS_KEY_ID=AKIAOLD\naws_access_key_id=AKIAWORK\naws_secret_access_key=s3cret\n"
         "aws_session_token = t0ken\n;aws_session_token=no\n[half]\naws_access_key_id=AKIAHALF\n");
    file("config",
         "[default]\nregion = eu-west-1\naws_access_key_id=AKIANOT\n[profile work]\nregion=us-east-2\n"
         "s3 =\n  region = no\n[profile 'my team']\naws_access_key_id=AKIATEAM\naws_secret_access_key=s3cret\n"
         "[profile sso]\nsso_session=corp\nregion=eu-north-1\n[profile chain]\nrole_arn=a\nsource_profile=work\n"
         "[profile bare]\nregion=x\n[work]\nregion=no\n[sso-session work]\nregion=no\n");
    set("HOME", "%s/home", folder); /* has none */
    set("AWS_EC2_METADATA_DISABLED", "TRUE");
    assert_search_has("the AWS files have no profile \"default\"");
    set("AWS_SHARED_CREDENTIALS_FILE", "%s/credentials", folder);
    set("AWS_CONFIG_FILE", "%s/config", folder);
    assert_search("AKIADEF|s3cret=/+||profile \"default\"");
    assert_region("eu-west-1");
    set("AWS_PROFILE", "work");
    assert_search("AKIAWORK|s3cret|t0ken|profile \"work\"");
    assert_region("us-east-2");
    set("AWS_PROFILE", "my team");
    assert_search("AKIATEAM|s3cret||profile \"my team\"");
    set("AWS_PROFILE", "half");
    assert_search("half_credentials: the AWS profile \"half\" has aws_access_key_id but no aws_secret_access_key");
    set("AWS_PROFILE", "sso");
    assert_search(
        "profile_unsupported: the AWS profile \"sso\" gets its keys by \"sso_session\", which is not supported here");
    assert_region("eu-north-1");
    set("AWS_PROFILE", "chain");
    assert_search_has("gets its keys by \"source_profile\"");
    set("AWS_PROFILE", "gone");
    assert_search("profile_missing: there is no AWS profile \"gone\"");
    set("AWS_PROFILE", "bare");
    assert_search_has("profile \"bare\" has no keys; no web identity is set; no container endpoint is set; "
                      "AWS_EC2_METADATA_DISABLED is set");
    set("AWS_CONFIG_FILE", "%s", folder); /* no file */
    assert_search_has("bad_credentials_file: ");
}

static void test_home(void **state)
{
    (void)state;
    char path[4096];
    struct error e = {0};
    (void)snprintf(path, sizeof path, "%s/user/.aws", folder);
    assert_int_equal(fs_make_folders(path, &e), ERR_OK);
    file("user/.aws/credentials", "[default]\naws_access_key_id=AKIAHOME\naws_secret_access_key=s3cret\n");
    set("HOME", "%s/user", folder);
    assert_search("AKIAHOME|s3cret||profile \"default\"");
    set("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
    assert_search("AKIAHOME|s3cret||profile \"default\"");
    set("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/none");
    set("AWS_EC2_METADATA_DISABLED", "true");
    assert_search_has("no_credentials: there are no AWS credentials: AWS_ACCESS_KEY_ID is not set; ");
}

static void test_region(void **state)
{
    (void)state;
    set_instance();
    assert_region("eu-south-2");
    set("AWS_DEFAULT_REGION", "ap-south-1");
    assert_region("ap-south-1");
    set("AWS_REGION", "eu-central-1");
    assert_region("eu-central-1");
    n_variables = 0;
    set("AWS_EC2_METADATA_DISABLED", "true");
    assert_region("no_region");
}

static void test_web_identity(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(8 << 20);
    set_web_identity();
    assert_search_has("|s3cret/+=|t0ken//==|AWS STS");
    const struct json *form = NULL;
    struct error e = {0};
    assert_int_equal(json_parse(a, control(a, "last/sts"), &form, &e), ERR_OK);
    assert_str(json_str(json_get(form, "Action")), "AssumeRoleWithWebIdentity");
    assert_str(json_str(json_get(form, "Version")), "2011-06-15");
    assert_str(json_str(json_get(form, "RoleArn")), "arn:aws:iam::111122223333:role/prism");
    assert_str(json_str(json_get(form, "RoleSessionName")), "prism");
    assert_str(json_str(json_get(form, "WebIdentityToken")), "jwt t0ken+/=");
    tell("set/sts/denied");
    assert_search("credentials_refused: AWS STS refuses the web identity: Not authorized to perform "
                  "sts:AssumeRoleWithWebIdentity (403 AccessDenied)");
    tell("set/sts/broken");
    assert_search("bad_answer: the answer of AWS STS has no AWS credentials in it");
    tell("set/sts/expired");
    assert_search("credentials_expired: the AWS credentials of AWS STS are expired as they come");
    tell("set/sts/stumble");
    assert_search_has("|AWS STS");
    tell("set/sts/down");
    uint64_t before = count_of("count/sts");
    assert_search_has("credentials_refused: ");
    assert_int_equal(count_of("count/sts"), before + 3);
    set("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1/");
    assert_search_has("no_route: AWS STS does not answer: there is no way to 127.0.0.1");
    set("AWS_WEB_IDENTITY_TOKEN_FILE", "%s/no-such-token", folder);
    assert_search_has("bad_credentials_file: the token that AWS_WEB_IDENTITY_TOKEN_FILE names cannot be read");
    set("AWS_ROLE_ARN", "%s", "");
    assert_search("half_credentials: AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
}

static void test_web_identity_of_profile(void **state)
{
    (void)state;
    char text[1024];
    file("token", "jwt");
    (void)snprintf(text, sizeof text,
                   "[profile pod]\nrole_arn=arn:x\nweb_identity_token_file=%s/token\nrole_session_name=me\n", folder);
    file("config", text);
    set("AWS_CONFIG_FILE", "%s/config", folder);
    set("AWS_PROFILE", "pod");
    set("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:%u/sts/", server.port);
    assert_search_has("|AWS STS");
    CLEANUP_ARENA struct arena *a = arena_new(8 << 20);
    if (str_find(control(a, "last/sts"), STR("\"RoleSessionName\": \"me\""), 0) == STR_NONE)
        fail_msg("no session name");
}

static void test_container(void **state)
{
    (void)state;
    set_container();
    assert_search_has("|s3cret/+=|t0ken//==|the container's credentials endpoint");
    tell("set/auth/Bearer%20t0ken");
    assert_search(
        "credentials_refused: the container's credentials endpoint gives no AWS credentials: the token is not "
        "known (status 401)");
    set("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer wrong");
    file("auth", "Bearer t0ken\n");
    set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "%s/auth", folder);
    assert_search_has("AKIACON");
    tell("set/container/broken");
    assert_search("bad_answer: the answer of the container's credentials endpoint has no AWS credentials in it");
    tell("set/container/empty");
    assert_search_has("bad_answer: ");
    tell("set/container/stumble");
    assert_search_has("AKIACON");
    tell("set/container/expired");
    assert_search_has("credentials_expired: ");
}

static void test_container_urls(void **state)
{
    (void)state;
    const char *refused[] = {"http://example.com/c",
                             "http://127.0.0.1.example.com/c",
                             "http://127.0.0.1@example.com/c",
                             "http://169.254.169.254/c",
                             "ftp://127.0.0.1/c",
                             "http://localhost.example.com/",
                             "http://127.0.0.1\\@evil.com/",
                             "example.com/c"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "%s", refused[i]);
        assert_search_has("bad_container_url: ");
        n_variables--;
    }
    const char *taken[] = {"http://localhost:1/c", "http://127.9.9.9:1/c", "http://[::1]:1/c", "https://127.0.0.1:1/c"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "%s", taken[i]);
        assert_search_has("no_route: the container's credentials endpoint does not answer");
        n_variables--;
    }
}

static void test_instance(void **state)
{
    (void)state;
    set_instance();
    assert_search_has("|s3cret/+=|t0ken//==|the instance metadata service");
    tell("set/role/");
    assert_search_has("no_credentials: ");
    assert_search_has("this instance has no role");
    tell("set/role/other");
    assert_search_has("AKIAINS");
    tell("set/instance/denied");
    assert_search("credentials_refused: the instance metadata service says no (status 403)");
    tell("set/instance/broken");
    assert_search("bad_answer: the answer of the instance metadata service has no AWS credentials in it");
    tell("set/instance/slow");
    assert_search_has("no instance metadata (first_byte_timeout)");
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1");
    assert_search("no_credentials: there are no AWS credentials: AWS_ACCESS_KEY_ID is not set; the AWS files have no "
                  "profile \"default\"; no web identity is set; no container endpoint is set; no instance metadata "
                  "(no_route)");
}

/* Each source hides those behind it. */
static void test_order(void **state)
{
    (void)state;
    set_instance();
    assert_search_has("AKIAINS");
    set_container();
    assert_search_has("AKIACON");
    set_web_identity();
    assert_search_has("AKIASTS");
    file("credentials", "[default]\naws_access_key_id=AKIAFILE\naws_secret_access_key=s3cret\n");
    set("AWS_SHARED_CREDENTIALS_FILE", "%s/credentials", folder);
    assert_search_has("AKIAFILE");
    set("AWS_ACCESS_KEY_ID", "AKIAENV");
    set("AWS_SECRET_ACCESS_KEY", "s3cret");
    assert_search_has("AKIAENV");
}

static struct str get(struct client_credentials *c, struct arena *a)
{
    struct client_keys k;
    struct error e = {0};
    if (client_credentials_get(c, a, &k, &e) != ERR_OK) fail_msg("%s", e.message);
    return k.access_key;
}

static void test_kept(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(8 << 20);
    set_container();
    struct client_credentials *c = credentials();
    uint64_t before = count_of("count/container");
    struct str first = get(c, a);
    for (int i = 0; i < 5; i++)
        assert_same(get(c, a), first);
    assert_int_equal(count_of("count/container"), before + 1);
    client_credentials_expired(c, STR("AKIAELSE")); /* not these */
    assert_same(get(c, a), first);
    client_credentials_expired(c, first);
    client_credentials_expired(c, first);
    struct str second = get(c, a);
    assert_false(str_eq(second, first));
    client_credentials_expired(c, first); /* somebody who is late */
    assert_same(get(c, a), second);
    assert_int_equal(count_of("count/container"), before + 2);
    client_credentials_free(c);
}

/* Shortly before their end new ones are fetched; where that fails the old ones serve, and nobody asks again at once. */
static void test_before_expiry(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(8 << 20);
    set_container();
    tell("set/lifetime/120");
    struct client_credentials *c = credentials();
    struct str first = get(c, a), second = get(c, a);
    assert_false(str_eq(first, second));
    tell("set/container/denied");
    uint64_t before = count_of("count/container");
    assert_same(get(c, a), second);
    assert_same(get(c, a), second);
    assert_int_equal(count_of("count/container"), before + 1);
    client_credentials_expired(c, second); /* now they serve no more */
    struct client_keys k;
    struct error e = {0};
    assert_int_equal(client_credentials_get(c, a, &k, &e), ERR_UPSTREAM);
    assert_string_equal(e.reason, "credentials_refused");
    tell("set/container/ok");
    tell("set/lifetime/3600");
    assert_false(str_eq(get(c, a), second)); /* and a failure is not remembered */
    client_credentials_free(c);
}

#define WAITERS 24

struct waiting {
    struct client_credentials *c;
    char key[64];
    enum err err;
};

static void *wait_for_keys(void *object)
{
    struct waiting *w = object;
    struct arena *a = arena_new(8 << 20);
    struct client_keys k;
    struct error e = {0};
    w->err = client_credentials_get(w->c, a, &k, &e);
    (void)snprintf(w->key, sizeof w->key, "%.*s", w->err == ERR_OK ? (int)k.access_key.n : 0,
                   w->err == ERR_OK ? k.access_key.p : "");
    arena_free(a);
    return NULL;
}

/* Many at once: one asks, and all get what it got, or its error. */
static void test_many(void **state)
{
    (void)state;
    set_container();
    for (int round = 0; round < 2; round++) {
        struct client_credentials *c = credentials();
        struct waiting w[WAITERS];
        pthread_t threads[WAITERS];
        tell(round == 0 ? "set/container/stumble" : "set/container/down"); /* takes a while */
        uint64_t before = count_of("count/container");
        for (int i = 0; i < WAITERS; i++) {
            w[i] = (struct waiting){.c = c};
            assert_int_equal(pthread_create(&threads[i], NULL, wait_for_keys, &w[i]), 0);
        }
        for (int i = 0; i < WAITERS; i++)
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        for (int i = 0; i < WAITERS; i++) {
            assert_int_equal(w[i].err, round == 0 ? ERR_OK : ERR_UPSTREAM);
            assert_string_equal(w[i].key, w[0].key);
        }
        if (round == 0) assert_int_equal(count_of("count/container"), before + 3);
        client_credentials_free(c);
    }
}

static int reset(void **state)
{
    (void)state;
    n_variables = 0;
    const char *all[] = {"set/sts/ok",        "set/container/ok", "set/instance/ok",
                         "set/lifetime/3600", "set/auth/",        "set/role/prism-role"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        tell(all[i]);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    char path[4096], python[] = "python3";
    assert_non_null(mkdtemp(folder));
    (void)source_path(path, sizeof path, "tests/support/fake_aws.py");
    assert_true(fake_start(&server, (char *const[]){python, path, NULL}));
    http = http_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    const char *names[] = {"credentials", "config", "token", "auth", "user/.aws/credentials", "user/.aws", "user", "."};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[4096];
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(i == 7 ? folder : path);
    }
    client_http_free(http);
    fake_stop(&server);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_environment, reset),  cmocka_unit_test_setup(test_profiles, reset),
        cmocka_unit_test_setup(test_home, reset),         cmocka_unit_test_setup(test_region, reset),
        cmocka_unit_test_setup(test_web_identity, reset), cmocka_unit_test_setup(test_web_identity_of_profile, reset),
        cmocka_unit_test_setup(test_container, reset),    cmocka_unit_test_setup(test_container_urls, reset),
        cmocka_unit_test_setup(test_instance, reset),     cmocka_unit_test_setup(test_order, reset),
        cmocka_unit_test_setup(test_kept, reset),         cmocka_unit_test_setup(test_before_expiry, reset),
        cmocka_unit_test_setup(test_many, reset),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
