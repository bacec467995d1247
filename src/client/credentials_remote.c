/* Keys from services: STS for a web identity, the endpoint of a container, the metadata of an instance.
 * They are asked past any proxy where they are on this machine's own link, with limits of seconds: a laptop without any of this must not wait
 * a minute to learn so. A service that stumbles (429, 5xx, a connection that broke) is asked again, ATTEMPTS in all; one that is not there is not.
 * Rejected: IMDSv1 (any page that makes a server fetch a URL could read the keys).
 * Limits: ANSWER_MAX. Sources: STS API reference, AssumeRoleWithWebIdentity; ECS "Task IAM role", EKS "Pod Identity"; EC2 "Use IMDSv2". */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/time.h"
#include "base/xml.h"
#include "client/credentials_priv.h"
#include "client/sigv4.h"

#define ATTEMPTS   3
#define PAUSE_MS   100 /* before the second attempt; twice that before the third */
#define ANSWER_MAX ((size_t)256 << 10)
#define TOKEN_MAX  ((size_t)64 << 10)

static bool again(enum err err, const struct client_http_answer *answer, const struct error *e)
{
    if (err == ERR_OK) return answer->status == 429 || answer->status >= 500;
    struct str reason = str_from_c(e->reason);
    return err == ERR_UPSTREAM && (str_eq(reason, STR("connection_lost")) ||
                                   str_eq(reason, STR("first_byte_timeout")) || str_eq(reason, STR("stall_timeout")));
}

static enum err ask(struct client__search *s, const struct client_http_request *rq, int attempts,
                    struct client_http_answer *ret, struct error *e)
{
    struct error cause = {.code = ERR_OK};
    enum err err = ERR_OK;
    for (int attempt = 1;; attempt++) {
        err = client_http_get_all(s->o->http, rq, s->arena, ret, &cause);
        if (attempt >= attempts || !again(err, ret, &cause)) break;
        struct timespec pause = {.tv_nsec = (long)PAUSE_MS * 1000000 * attempt};
        (void)nanosleep(&pause, NULL);
    }
    if (err != ERR_OK && e) *e = cause;
    return err;
}

static struct client_http_limits limits_of(int64_t connect_ms, int64_t answer_ms)
{
    return (struct client_http_limits){connect_ms, answer_ms, answer_ms, connect_ms + 2 * answer_ms, ANSWER_MAX};
}

/* --- STS --- */

enum { NS_STS = 1, X_ACCESS = 1, X_SECRET, X_TOKEN, X_EXPIRES, X_CODE, X_MESSAGE, X_COUNT };

struct sts_answer {
    int inside; /* the token of the element whose text is read */
    struct sb texts[X_COUNT];
};

static enum err sts_start(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    (void)r;
    (void)e;
    struct sts_answer *x = ctx;
    x->inside = tag->token;
    return ERR_OK;
}

static enum err sts_end(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    (void)tag;
    return sts_start(ctx, r, &(struct xml_tag){.token = XML_OTHER}, e);
}

static enum err sts_text(void *ctx, struct xml_reader *r, struct str text, size_t start, size_t end, struct error *e)
{
    (void)r;
    (void)start;
    (void)end;
    (void)e;
    struct sts_answer *x = ctx;
    if (x->inside) sb_str(&x->texts[x->inside], text);
    return ERR_OK;
}

static enum err sts_parse(struct str body, struct sts_answer *x, struct error *e)
{
    static const struct xml_ns namespaces[] = {{"https://sts.amazonaws.com/doc/2011-06-15/", NS_STS}};
    static const struct xml_name names[] = {
        {NS_STS, "AccessKeyId", X_ACCESS}, {NS_STS, "SecretAccessKey", X_SECRET},
        {NS_STS, "SessionToken", X_TOKEN}, {NS_STS, "Expiration", X_EXPIRES},
        {NS_STS, "Code", X_CODE},          {NS_STS, "Message", X_MESSAGE},
    };
    static const struct xml_vocab vocab = {namespaces, 1, names, sizeof names / sizeof *names};
    struct xml_options o = {.vocab = &vocab, .max_depth = 16, .what = "the answer of AWS STS"};
    struct xml_handler handler = {sts_start, sts_end, sts_text};
    return xml_read(body, &o, &handler, x, e);
}

static enum err bad_answer(struct error *e, const char *who)
{
    return error_set_reason(e, ERR_UPSTREAM, "bad_answer", "the answer of %s has no AWS credentials in it", who);
}

/* The texts become keys in the arena. */
static enum err keys_make(struct client__search *s, const struct str texts[4], const char *who, struct client_keys *ret,
                          struct error *e)
{
    struct client_keys k = {.source = str_from_c(who)};
    k.access_key = str_dup(s->arena, texts[0]);
    k.secret_key = str_dup(s->arena, texts[1]);
    k.session_token = str_dup(s->arena, texts[2]);
    if (!k.access_key.p || !k.secret_key.p || !k.session_token.p) return error_no_memory(e);
    if (!k.access_key.n || !k.secret_key.n || (texts[3].n && !time_parse_iso(texts[3], &k.expires_at_unix_ms)))
        return bad_answer(e, who);
    *ret = k;
    return ERR_OK;
}

static enum err sts_read(struct client__search *s, const struct client_http_answer *answer, struct client_keys *ret,
                         struct error *e)
{
    struct sts_answer x = {.inside = XML_OTHER};
    struct str texts[X_COUNT];
    for (int i = 0; i < X_COUNT; i++)
        x.texts[i] = (struct sb)SB_INIT(ANSWER_MAX);
    struct error cause = {.code = ERR_OK};
    enum err err = sts_parse(answer->body, &x, &cause);
    for (int i = 0; i < X_COUNT; i++) {
        texts[i] = sb_view(&x.texts[i]);
        if (!sb_ok(&x.texts[i])) err = error_no_memory(&cause);
    }
    if (error_is_no_memory(&cause)) {
        if (e) *e = cause;
    } else if (answer->status != 200) {
        error_set_reason(e, ERR_UPSTREAM, "credentials_refused", "AWS STS refuses the web identity: %.*s (%d %.*s)",
                         STR_ARG(texts[X_MESSAGE].n ? texts[X_MESSAGE] : STR("no reason is given")), answer->status,
                         STR_ARG(texts[X_CODE]));
        err = error_hint(e, "Look at the role's trust policy, at AWS_ROLE_ARN and at the token's age.");
    } else {
        err = err != ERR_OK ? bad_answer(e, "AWS STS") : keys_make(s, &texts[X_ACCESS], "AWS STS", ret, e);
    }
    for (int i = 0; i < X_COUNT; i++)
        sb_done(&x.texts[i]);
    return err;
}

/* A small file with a token in it. */
static enum err token_read(struct client__search *s, struct str path, const char *variable, struct str *ret,
                           struct error *e)
{
    struct error cause = {.code = ERR_OK};
    char *c = str_to_c(s->arena, path);
    if (!c) return error_no_memory(e);
    if (fs_read(s->arena, c, TOKEN_MAX, ret, &cause) != ERR_OK) {
        if (error_is_no_memory(&cause)) return error_no_memory(e);
        return error_set_reason(e, ERR_INVALID, "bad_credentials_file", "the token that %s names cannot be read: %s",
                                variable, cause.message);
    }
    *ret = str_trim(*ret);
    if (ret->n) return ERR_OK;
    return error_set_reason(e, ERR_INVALID, "bad_credentials_file", "the token that %s names is empty", variable);
}

/* https://sts.REGION.amazonaws.com/, or where AWS_ENDPOINT_URL_STS says. */
static enum err sts_url(struct client__search *s, struct str *ret, struct error *e)
{
    struct str url = client__env(s->o, "AWS_ENDPOINT_URL_STS"), region = STR_EMPTY;
    if (!url.p) {
        struct client__search quiet = {.o = s->o, .arena = s->arena};
        TRY(client__region_local(&quiet, &region, e));
        const char *china = str_starts(region, STR("cn-")) ? ".cn" : "";
        url = region.p ? str_printf(s->arena, "https://sts.%.*s.amazonaws.com%s/", STR_ARG(region), china)
                       : STR("https://sts.amazonaws.com/");
        if (!url.p) return error_no_memory(e);
    }
    *ret = url;
    return ERR_OK;
}

static void field(struct sb *b, const char *name, struct str value)
{
    sb_printf(b, "&%s=", name);
    client_sigv4_encode(b, value);
}

enum err client__keys_from_sts(struct client__search *s, struct str role, struct str session, struct str token_file,
                               struct client_keys *ret, struct error *e)
{
    struct str token = STR_EMPTY, url = STR_EMPTY, body = STR_EMPTY;
    TRY(token_read(s, token_file, "AWS_WEB_IDENTITY_TOKEN_FILE", &token, e));
    TRY(sts_url(s, &url, e));
    CLEANUP_SB struct sb b = SB_INIT(4 * TOKEN_MAX);
    SB_LIT(&b, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15");
    field(&b, "RoleArn", role);
    field(&b, "RoleSessionName", session.n ? session : STR("prism"));
    field(&b, "WebIdentityToken", token);
    TRY(sb_take(&b, s->arena, &body, e));
    struct client_header type = {STR("Content-Type"), STR("application/x-www-form-urlencoded")};
    struct client_http_request rq = {.method = STR("POST"),
                                     .url = url,
                                     .headers = &type,
                                     .n_headers = 1,
                                     .body = body,
                                     .limits = limits_of(5000, 10000)};
    struct client_http_answer answer;
    enum err err = ask(s, &rq, ATTEMPTS, &answer, e);
    if (err != ERR_OK) {
        (void)error_prefix(e, "AWS STS does not answer");
        return err;
    }
    return sts_read(s, &answer, ret, e);
}

enum err client__keys_from_web_identity(struct client__search *s, struct client_keys *ret, bool *found, struct error *e)
{
    struct str file = client__env(s->o, "AWS_WEB_IDENTITY_TOKEN_FILE"), role = client__env(s->o, "AWS_ROLE_ARN");
    if (!file.p) {
        client__tried(s, "no web identity is set");
        return ERR_OK;
    }
    if (!role.p)
        return error_set_reason(e, ERR_INVALID, "half_credentials",
                                "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not");
    *found = true;
    return client__keys_from_sts(s, role, client__env(s->o, "AWS_ROLE_SESSION_NAME"), file, ret, e);
}

/* --- keys as JSON: containers and instances --- */

static enum err refused(const struct client_http_answer *answer, const char *who, struct str why, struct error *e)
{
    return error_set_reason(e, ERR_UPSTREAM, "credentials_refused", "%s gives no AWS credentials: %.*s (status %d)",
                            who, STR_ARG(why.n ? why : STR("no reason is given")), answer->status);
}

static enum err json_keys(struct client__search *s, const struct client_http_answer *answer, const char *who,
                          struct client_keys *ret, struct error *e)
{
    const struct json *j = NULL;
    struct error cause = {.code = ERR_OK};
    enum err err = json_parse(s->arena, answer->body, &j, &cause);
    if (error_is_no_memory(&cause)) return error_no_memory(e);
    struct str code = err == ERR_OK ? json_str(json_get(j, "Code")) : STR_EMPTY;
    if (code.n == 0 && err == ERR_OK) code = json_str(json_get(j, "code"));
    struct str why = err == ERR_OK ? json_str(json_get(j, "Message")) : STR_EMPTY;
    if (why.n == 0 && err == ERR_OK) why = json_str(json_get(j, "message"));
    if (answer->status != 200 || (code.n && !str_eq(code, STR("Success"))))
        return refused(answer, who, why.n ? why : code, e);
    if (err != ERR_OK) return bad_answer(e, who);
    struct str texts[4] = {json_str(json_get(j, "AccessKeyId")), json_str(json_get(j, "SecretAccessKey")),
                           json_str(json_get(j, "Token")), json_str(json_get(j, "Expiration"))};
    return keys_make(s, texts, who, ret, e);
}

/* The token for the container's endpoint goes nowhere but over TLS, to this machine, or to where ECS and EKS have their endpoints. */
static bool container_url_allowed(struct str url)
{
    static const struct str hosts[] = {STR_INIT("localhost"), STR_INIT("[::1]"), STR_INIT("169.254.170.2"),
                                       STR_INIT("169.254.170.23"), STR_INIT("[fd00:ec2::23]")};
    if (str_starts_nocase(url, STR("https://"))) return true;
    if (!str_starts_nocase(url, STR("http://"))) return false;
    struct str rest = str_sub(url, 7, url.n);
    size_t end = 0;
    while (end < rest.n && !memchr("/?#@\\", rest.p[end], 5))
        end++;
    if (end < rest.n && (rest.p[end] == '@' || rest.p[end] == '\\')) return false;
    struct str host = str_sub(rest, 0, end);
    size_t colon = host.n;
    while (colon > 0 && host.p[colon - 1] >= '0' && host.p[colon - 1] <= '9')
        colon--;
    if (colon > 0 && colon < host.n && host.p[colon - 1] == ':') host.n = colon - 1; /* without its port */
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (str_eq_nocase(host, hosts[i])) return true;
    bool address = str_starts(host, STR("127."));
    for (size_t i = 0; i < host.n; i++)
        address = address && (host.p[i] == '.' || (host.p[i] >= '0' && host.p[i] <= '9'));
    return address;
}

enum err client__keys_from_container(struct client__search *s, struct client_keys *ret, bool *found, struct error *e)
{
    struct str path = client__env(s->o, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    struct str url = client__env(s->o, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (!path.p && !url.p) {
        client__tried(s, "no container endpoint is set");
        return ERR_OK;
    }
    if (path.p) url = str_printf(s->arena, "http://169.254.170.2%.*s", STR_ARG(path));
    if (!url.p) return error_no_memory(e);
    if (!container_url_allowed(url)) {
        error_set_reason(e, ERR_INVALID, "bad_container_url",
                         "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor of this machine");
        return error_hint(e,
                          "Plain http is taken for 127.0.0.0/8, localhost, [::1], 169.254.170.2 and 169.254.170.23.");
    }
    struct str token = client__env(s->o, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    struct str file = client__env(s->o, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (file.p) TRY(token_read(s, file, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token, e));
    struct client_header header = {STR("Authorization"), token};
    struct client_http_request rq = {
        .method = STR("GET"), .url = url, .headers = &header, .limits = limits_of(2000, 5000)};
    rq.n_headers = token.n ? 1 : 0;
    rq.no_proxy = str_starts_nocase(url, STR("http://"));
    struct client_http_answer answer;
    *found = true;
    enum err err = ask(s, &rq, ATTEMPTS, &answer, e);
    if (err != ERR_OK) {
        (void)error_prefix(e, "the container's credentials endpoint does not answer");
        return err;
    }
    return json_keys(s, &answer, "the container's credentials endpoint", ret, e);
}

/* --- the instance --- */

#define INSTANCE "the instance metadata service"

/* One page of IMDSv2. *there false: no such service, or (404) no such page. */
static enum err instance_get(struct client__search *s, struct str base, struct str token, struct str path,
                             struct client_http_answer *ret, bool *there, struct error *e)
{
    bool first = token.p == NULL;
    struct client_header header = {first ? STR("X-aws-ec2-metadata-token-ttl-seconds")
                                         : STR("X-aws-ec2-metadata-token"),
                                   first ? STR("300") : token};
    struct client_http_request rq = {.method = first ? STR("PUT") : STR("GET"), .headers = &header, .n_headers = 1};
    rq.url = str_printf(s->arena, "%.*s%.*s", STR_ARG(base), STR_ARG(path));
    if (!rq.url.p) return error_no_memory(e);
    rq.limits = limits_of(1000, 2000);
    rq.no_proxy = true;
    if (first) rq.body = STR("");
    struct error cause = {.code = ERR_OK};
    enum err err = ask(s, &rq, first ? 1 : ATTEMPTS, ret, &cause);
    *there = err == ERR_OK && ret->status != 404;
    if (err == ERR_UPSTREAM && first) { /* a machine that is no instance */
        client__tried(s, "no instance metadata (%s)", cause.reason);
        return ERR_OK;
    }
    if (err != ERR_OK && e) *e = cause;
    if (err != ERR_OK) return err;
    if (ret->status == 404 && first) client__tried(s, INSTANCE " has no IMDSv2");
    if (ret->status == 200 || ret->status == 404) return ERR_OK;
    error_set_reason(e, ERR_UPSTREAM, "credentials_refused", INSTANCE " says no (status %d)", ret->status);
    return error_hint(
        e, "Look at the instance's metadata options: IMDS may be off, or its hop limit too low for a container.");
}

/* Where the service is, and a token for it; token.p NULL and a note: there is none. */
static enum err instance_begin(struct client__search *s, struct str *base, struct str *token, struct error *e)
{
    struct client_http_answer answer;
    bool there = false, ipv6 = str_eq_nocase(client__env(s->o, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"), STR("IPv6"));
    if (str_eq_nocase(client__env(s->o, "AWS_EC2_METADATA_DISABLED"), STR("true"))) {
        client__tried(s, "AWS_EC2_METADATA_DISABLED is set");
        return ERR_OK;
    }
    *base = client__env(s->o, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (!base->p) *base = ipv6 ? STR("http://[fd00:ec2::254]") : STR("http://169.254.169.254");
    while (str_ends(*base, STR("/")))
        base->n--;
    TRY(instance_get(s, *base, STR_EMPTY, STR("/latest/api/token"), &answer, &there, e));
    *token = there ? str_trim(answer.body) : STR_EMPTY;
    return ERR_OK;
}

/* Letters, digits and _+=,.@- as IAM has them: it becomes a part of a path. */
static bool is_role_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && !memchr("_+=,.@-", c, 7)) return false;
    }
    return true;
}

enum err client__keys_from_instance(struct client__search *s, struct client_keys *ret, bool *found, struct error *e)
{
    static const struct str list = STR_INIT("/latest/meta-data/iam/security-credentials/");
    struct str base = STR_EMPTY, token = STR_EMPTY, rest = STR_EMPTY;
    struct client_http_answer answer;
    bool there = false;
    TRY(instance_begin(s, &base, &token, e));
    if (!token.p) return ERR_OK;
    TRY(instance_get(s, base, token, list, &answer, &there, e));
    struct str role = there ? str_trim(str_cut(answer.body, '\n', &rest)) : STR_EMPTY;
    if (!role.n) {
        client__tried(s, "this instance has no role");
        return ERR_OK;
    }
    if (!is_role_name(role)) return bad_answer(e, INSTANCE);
    struct str path = str_printf(s->arena, "%.*s%.*s", STR_ARG(list), STR_ARG(role));
    if (!path.p) return error_no_memory(e);
    *found = true;
    TRY(instance_get(s, base, token, path, &answer, &there, e));
    return json_keys(s, &answer, INSTANCE, ret, e);
}

enum err client__region_of_instance(struct client__search *s, struct str *ret, struct error *e)
{
    struct str base = STR_EMPTY, token = STR_EMPTY;
    struct client_http_answer answer;
    bool there = false;
    TRY(instance_begin(s, &base, &token, e));
    if (!token.p) return ERR_OK;
    TRY(instance_get(s, base, token, STR("/latest/meta-data/placement/region"), &answer, &there, e));
    struct str region = there ? str_trim(answer.body) : STR_EMPTY;
    *ret = region.n ? region : STR_EMPTY;
    return ERR_OK;
}
