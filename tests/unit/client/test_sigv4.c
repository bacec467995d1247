/* Our signatures against AWS's published vectors (in the shared folder), and against those of a Bedrock call that botocore made. */
#include "client/sigv4.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/time.h"
#include "client_test.h"

#define VECTORS     38 /* folders in the suite */
#define HEADERS_MAX 8

struct vector {
    struct client_sigv4_request rq;
    struct client_header headers[HEADERS_MAX];
    struct client_sigv4_options o;
    struct str
        head; /* the request line's target and headers as they stand in the file, to be held against the signed one */
    struct str target;
    struct str token_later; /* a session token that is sent and not signed */
    int64_t expires_s;
};

static struct str read_file(struct arena *a, const char *folder, const char *name)
{
    char path[4096];
    struct str text = STR_EMPTY;
    struct error e = {0};
    (void)snprintf(path, sizeof path, "%s/testdata/sigv4/%s/%s", getenv("TEST_SHARED"), folder, name);
    if (fs_read(a, path, 1 << 20, &text, &e) != ERR_OK) fail_msg("%s", e.message);
    return text;
}

/* "GET /path?query HTTP/1.1", headers (a line that begins with a space goes on with the one before), an empty line, the body. */
static void request_parse(struct arena *a, struct str text, struct vector *v)
{
    size_t end = str_find(text, STR("\n\n"), 0);
    v->head = str_sub(text, 0, end);
    v->rq.body = str_sub(text, end == STR_NONE ? text.n : end + 2, text.n);
    struct str rest = str_trim(v->head), line = str_cut(rest, '\n', &rest);
    v->rq.method = str_cut(line, ' ', &line);
    assert_true(str_ends(line, STR(" HTTP/1.1")));
    v->target = str_sub(line, 0, line.n - 9);
    struct str host = STR_EMPTY;
    while (rest.p) {
        line = str_cut(rest, '\n', &rest);
        while (rest.n && rest.p[0] == ' ') {
            struct str more = str_cut(rest, '\n', &rest);
            line.n = (size_t)(more.p + more.n - line.p);
        }
        struct str value = STR_EMPTY, name = str_cut(line, ':', &value);
        if (str_eq_nocase(name, STR("host"))) {
            host = value;
            continue;
        }
        assert_true(v->rq.n_headers < HEADERS_MAX);
        v->headers[v->rq.n_headers++] = (struct client_header){name, value};
    }
    v->rq.headers = v->headers;
    v->rq.url = str_printf(a, "https://%.*s%.*s", STR_ARG(host), STR_ARG(v->target));
}

static void context_parse(struct arena *a, struct str text, struct vector *v)
{
    const struct json *j = NULL;
    struct error e = {0};
    if (json_parse(a, text, &j, &e) != ERR_OK) fail_msg("%s", e.message);
    const struct json *keys = json_get(j, "credentials");
    v->o = (struct client_sigv4_options)CLIENT_SIGV4_DEFAULTS;
    v->o.access_key = json_str(json_get(keys, "access_key_id"));
    v->o.secret_key = json_str(json_get(keys, "secret_access_key"));
    struct str token = json_str(json_get(keys, "token"));
    bool later = json_bool(json_get(j, "omit_session_token"), false);
    v->o.session_token = later ? STR_EMPTY : token;
    v->token_later = later ? token : STR_EMPTY;
    v->o.region = json_str(json_get(j, "region"));
    v->o.service = json_str(json_get(j, "service"));
    v->o.normalize_path = json_bool(json_get(j, "normalize"), true);
    v->o.body = json_bool(json_get(j, "sign_body"), false) ? CLIENT_SIGV4_BODY_SAID : CLIENT_SIGV4_BODY_HASHED;
    v->expires_s = (int64_t)json_double(json_get(j, "expiration_in_seconds"), 0);
    assert_true(time_parse_iso(json_str(json_get(j, "timestamp")), &v->o.at_unix_ms));
}

/* The parts of a signed request beyond the given one stand in no fixed order; each of ours must be a line of it. */
static void header_form(struct arena *a, const char *name, struct vector *v)
{
    struct client_sigv4_signed got = {.n_headers = 0};
    struct error e = {0};
    if (client_sigv4_sign(a, &v->rq, &v->o, &got, &e) != ERR_OK) fail_msg("%s: %s", name, e.message);
    assert_same(got.canonical, read_file(a, name, "header-canonical-request.txt"));
    assert_same(got.to_sign, read_file(a, name, "header-string-to-sign.txt"));
    assert_same(got.signature, read_file(a, name, "header-signature.txt"));
    struct str want = read_file(a, name, "header-signed-request.txt");
    size_t bytes = str_trim(v->head).n + 1;
    if (v->token_later.n)
        got.headers[got.n_headers++] = (struct client_header){STR("X-Amz-Security-Token"), v->token_later};
    for (size_t i = 0; i < got.n_headers; i++) {
        struct str line = str_printf(a, "\n%.*s:%.*s\n", STR_ARG(got.headers[i].name), STR_ARG(got.headers[i].value));
        if (str_find_nocase(want, line, 0) == STR_NONE) fail_msg("%s has no line %.*s", name, STR_ARG(line));
        bytes += line.n - 1;
    }
    assert_int_equal(bytes, str_find(want, STR("\n\n"), 0) + 1); /* and there is nothing more */
}

static void query_form(struct arena *a, const char *name, struct vector *v)
{
    struct client_sigv4_signed got = {.n_headers = 0};
    struct error e = {0};
    if (client_sigv4_presign(a, &v->rq, &v->o, (unsigned)v->expires_s, &got, &e) != ERR_OK)
        fail_msg("%s: %s", name, e.message);
    assert_same(got.canonical, read_file(a, name, "query-canonical-request.txt"));
    assert_same(got.to_sign, read_file(a, name, "query-string-to-sign.txt"));
    assert_same(got.signature, read_file(a, name, "query-signature.txt"));
    struct str want = read_file(a, name, "query-signed-request.txt"), host = STR("https://example.amazonaws.com");
    struct str target = str_sub(got.url, host.n, got.url.n);
    if (v->token_later.n) return; /* the suite has it before the signature, we leave it to the caller */
    struct str line = str_printf(a, "%.*s %.*s HTTP/1.1\n", STR_ARG(v->rq.method), STR_ARG(target));
    assert_true(str_starts(got.url, host));
    if (!str_starts(want, line)) fail_msg("%s: %.*s", name, STR_ARG(line));
}

static void test_vectors(void **state)
{
    (void)state;
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/testdata/sigv4", getenv("TEST_SHARED") ? getenv("TEST_SHARED") : "");
    DIR *d = opendir(path);
    if (!d) {
        print_message("# the shared folder has no testdata/sigv4: AWS's vectors are not looked at\n");
        skip();
    }
    size_t n = 0;
    for (struct dirent *entry = NULL; (entry = readdir(d));) {
        if (entry->d_name[0] == '.') continue;
        CLEANUP_ARENA struct arena *a = arena_new(8 << 20);
        struct vector v = {.expires_s = 0};
        request_parse(a, read_file(a, entry->d_name, "request.txt"), &v);
        context_parse(a, read_file(a, entry->d_name, "context.json"), &v);
        header_form(a, entry->d_name, &v);
        query_form(a, entry->d_name, &v);
        n++;
    }
    (void)closedir(d);
    assert_int_equal(n, VECTORS);
}

static struct client_sigv4_options bedrock_options(void)
{
    struct client_sigv4_options o = CLIENT_SIGV4_DEFAULTS;
    o.access_key = STR("AKIDEXAMPLE");
    o.secret_key = STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    o.region = STR("us-east-1");
    o.service = STR("bedrock");
    assert_true(time_parse_iso(STR("2026-01-02T03:04:05Z"), &o.at_unix_ms));
    return o;
}

static void bedrock_one(const char *model, const char *wire, const char *canonical, const char *signature)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    CLEANUP_SB struct sb b = SB_INIT(4096);
    struct error e = {0};
    char hex[HASH_SHA256_HEX + 1] = "";
    SB_LIT(&b, "https://bedrock-runtime.us-east-1.amazonaws.com:443/model/");
    client_sigv4_encode(&b, str_from_c(model));
    assert_true(str_ends(sb_view(&b), str_from_c(wire)));
    SB_LIT(&b, "/converse");
    struct client_header type = {STR("Content-Type"), STR("application/json")};
    struct client_sigv4_request rq = {.method = STR("POST"), .url = sb_view(&b), .headers = &type, .n_headers = 1};
    rq.body = STR("{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hi\"}]}]}");
    struct client_sigv4_options o = bedrock_options();
    struct client_sigv4_signed got = {.n_headers = 0};
    assert_int_equal(client_sigv4_sign(a, &rq, &o, &got, &e), ERR_OK);
    assert_int_equal(hash_sha256_hex(got.canonical, hex, &e), ERR_OK);
    assert_string_equal(hex, canonical);
    assert_str(got.signature, signature);
}

/* Computed with botocore 1.43.67. */
static void test_bedrock(void **state)
{
    (void)state;
    bedrock_one("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929-v1%3A0",
                "03739368ba3a38550642f2f0b125913133b59ea24b057bf10af091359fa5b41f",
                "6b18186d5132c71249f705372d764ddfd8a9890b662230fb355af564c05e1c35");
    bedrock_one("arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
                "%3Ainference-profile%2Fus.anthropic.claude-sonnet-4-5-20250929-v1%3A0",
                "385f2a571651bc3c65d104c718055c476764e85df3379aa421a940dae64bf9a9",
                "2360c8fd4c97184479592a21a46e3904ddcd21bc1426ef0b87d21ccdb9dc86b7");
}

/* The examples of the S3 documentation ("Signature Calculations: Examples", GET Object with a range, and the presigned URL). */
static void test_s3(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    struct client_sigv4_options o = {.region = STR("us-east-1"), .service = STR("s3"), .body = CLIENT_SIGV4_BODY_SAID};
    o.access_key = STR("AKIAIOSFODNN7EXAMPLE");
    o.secret_key = STR("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    assert_true(time_parse_iso(STR("2013-05-24T00:00:00Z"), &o.at_unix_ms));
    struct client_header range = {STR("Range"), STR("bytes=0-9")};
    struct client_sigv4_request rq = {
        .method = STR("GET"), .url = STR("https://examplebucket.s3.amazonaws.com/test.txt"), .headers = &range};
    rq.n_headers = 1;
    struct client_sigv4_signed got = {.n_headers = 0};
    assert_int_equal(client_sigv4_sign(a, &rq, &o, &got, &e), ERR_OK);
    assert_str(got.signature, "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    o.body = CLIENT_SIGV4_BODY_FREE;
    rq.n_headers = 0;
    assert_int_equal(client_sigv4_presign(a, &rq, &o, 86400, &got, &e), ERR_OK);
    assert_str(got.signature, "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    assert_int_equal(client_sigv4_sign(a, &rq, &o, &got, &e), ERR_OK);
    assert_str(got.headers[1].value, "UNSIGNED-PAYLOAD");
    /* a key with what a path may not carry: signed as sent */
    rq.url = STR("https://examplebucket.s3.amazonaws.com/a%20b//../c%3Ad");
    assert_int_equal(client_sigv4_sign(a, &rq, &o, &got, &e), ERR_OK);
    assert_true(str_starts(got.canonical, STR("GET\n/a%20b//../c%3Ad\n")));
}

static void refused(const char *url, unsigned expires_s, const char *reason)
{
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct error e = {0};
    struct client_sigv4_options o = bedrock_options();
    struct client_sigv4_request rq = {.method = STR("GET"), .url = str_from_c(url)};
    struct client_sigv4_signed got = {.n_headers = 77};
    assert_int_equal(client_sigv4_presign(a, &rq, &o, expires_s, &got, &e), ERR_INVALID);
    assert_string_equal(e.reason, reason);
    assert_int_equal(got.n_headers, 77);
}

static void test_refused(void **state)
{
    (void)state;
    refused("example.com/", 60, "bad_url");
    refused("https:///path", 60, "bad_url");
    refused("", 60, "bad_url");
    refused("https://example.com/", 0, "bad_expiry");
    refused("https://example.com/", 604801, "bad_expiry");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_bedrock),
        cmocka_unit_test(test_s3),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
