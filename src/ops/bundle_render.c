/* The files that are made of templates (deploy/elasticbeanstalk/): one row each, with the place in the zip and the condition.
 * In a template @EB_NAME@ is a setting in quotation marks, as YAML and JSON have it, and @name@ what a row of `words` says, as it is. What is left over of
 * either is an error of ours, which a test would see.
 * nginx: what is shared with deploy/nginx/prism.conf stands there alone, between "# shared" and "# end of shared". */
#include <assert.h>

#include "base/json.h"
#include "ops/bundle_priv.h"
#include "ops/embedded.h"

enum { FILE_MAX_BYTES = 256 << 10, FORM_KIB = 64, KEPT_OPEN = 256 };

#define SHARED "# shared\n"
#define END    "# end of shared\n"

struct template
{
    const char *name, *path;
    bool (*when)(const struct ops_bundle *b); /* NULL: always */
    bool runs;
};

static bool go(const struct ops_bundle *b) { return bundle__is(b, BUNDLE_branch, "go"); }
static bool docker(const struct ops_bundle *b) { return bundle__is(b, BUNDLE_branch, "docker"); }
static bool has_certificate(const struct ops_bundle *b) { return bundle__get(b, BUNDLE_certificate).n > 0; }
static bool has_access_log(const struct ops_bundle *b) { return bundle__get(b, BUNDLE_access_log_bucket).n > 0; }
static bool has_alarms(const struct ops_bundle *b) { return bundle__get(b, BUNDLE_alarm_topic).n > 0; }
static bool has_network(const struct ops_bundle *b) { return bundle__get(b, BUNDLE_vpc).n > 0; }

static const struct template templates[] = {
    {.name = "Procfile", .path = "Procfile", .when = go},
    {.name = "Dockerfile", .path = "Dockerfile", .when = docker},
    {.name = "Dockerrun.aws", .path = "Dockerrun.aws.json", .when = docker},
    {.name = "10_instances", .path = ".ebextensions/10_instances.config"},
    {.name = "20_balancer", .path = ".ebextensions/20_balancer.config"},
    {.name = "21_https", .path = ".ebextensions/21_https.config", .when = has_certificate},
    {.name = "22_access_logs", .path = ".ebextensions/22_access_logs.config", .when = has_access_log},
    {.name = "23_network", .path = ".ebextensions/23_network.config", .when = has_network},
    {.name = "30_health", .path = ".ebextensions/30_health.config"},
    {.name = "40_deploy", .path = ".ebextensions/40_deploy.config"},
    {.name = "50_logs", .path = ".ebextensions/50_logs.config"},
    {.name = "60_alarms", .path = ".ebextensions/60_alarms.config", .when = has_alarms},
    {.name = "nginx", .path = ".platform/nginx/nginx.conf"},
    {.name = "http", .path = ".platform/nginx/conf.d/prism.conf"},
    {.name = "00_application", .path = ".platform/nginx/conf.d/elasticbeanstalk/00_application.conf"},
    {.name = "healthd", .path = ".platform/nginx/conf.d/elasticbeanstalk/healthd.conf"},
    {.name = "10_platform", .path = ".platform/hooks/prebuild/10_platform.sh", .runs = true},
    {.name = "20_data", .path = ".platform/hooks/predeploy/20_data.sh", .runs = true},
    {.name = "30_ready", .path = ".platform/hooks/postdeploy/30_ready.sh", .runs = true},
    /* a change of settings alone runs these and not the others */
    {.name = "10_platform", .path = ".platform/confighooks/prebuild/10_platform.sh", .runs = true},
    {.name = "20_data", .path = ".platform/confighooks/predeploy/20_data.sh", .runs = true},
    {.name = "30_ready", .path = ".platform/confighooks/postdeploy/30_ready.sh", .runs = true},
};

static struct str embedded(const char *name)
{
    for (size_t i = 0; i < bundle__asset_n; i++)
        if (strcmp(bundle__assets[i].name, name) == 0)
            return (struct str){(const char *)bundle__assets[i].bytes, bundle__assets[i].n};
    assert(!"a template that is embedded");
    return STR_EMPTY;
}

struct str ops_bundle_example(void) { return embedded("bundle"); }

/* --- words that are no settings --- */

/* The shared parts of deploy/nginx/prism.conf: those outside of its server, or those in it (which are indented). */
static void shared(struct sb *out, bool in_server)
{
    struct str text = embedded("prism");
    for (size_t at = 0; (at = str_find(text, STR(SHARED), at)) != STR_NONE;) {
        bool indented = at > 0 && text.p[at - 1] == ' ';
        size_t from = at + sizeof SHARED - 1, to = str_find(text, STR(END), from);
        assert(to != STR_NONE);
        for (struct str rest = str_sub(text, from, to); rest.p && indented == in_server;) {
            struct str line = str_trim(str_cut(rest, '\n', &rest));
            if (line.n) sb_printf(out, "%.*s\n", STR_ARG(line));
        }
        at = to;
    }
}

static void put_shared_http(const struct ops_bundle *b, struct sb *out)
{
    (void)b;
    shared(out, false);
}

static void put_shared_server(const struct ops_bundle *b, struct sb *out)
{
    (void)b;
    shared(out, true);
}

static void put_port(const struct ops_bundle *b, struct sb *out) { sb_u64(out, b->conf.port); }

/* Docker: the platform names the container's address itself. */
static void put_upstream_name(const struct ops_bundle *b, struct sb *out) { sb_c(out, docker(b) ? "docker" : "prism"); }

static void put_upstream(const struct ops_bundle *b, struct sb *out)
{
    if (docker(b)) return;
    sb_printf(
        out,
        "\nupstream prism {\n    server 127.0.0.1:%llu;\n    keepalive %d;\n    keepalive_timeout 60s;\n    keepalive_requests 10000;\n}\n",
        (unsigned long long)b->conf.port, KEPT_OPEN);
}

static void put_upload_limit(const struct ops_bundle *b, struct sb *out)
{
    sb_printf(out, "%lluk", (unsigned long long)(b->conf.max_content_bytes + 1023) / 1024 + FORM_KIB);
}

static void put_data(const struct ops_bundle *b, struct sb *out) { bundle__quoted(out, b->conf.data_folder); }

static void put_min_in_service(const struct ops_bundle *b, struct sb *out)
{
    sb_printf(out, "\"%llu\"", (unsigned long long)bundle__number(b, BUNDLE_min_instances) - 1);
}

static void metrics(struct json_out *o, const char *of, const char *const *names)
{
    json_out_begin_object(o, of);
    for (; *names; names++)
        json_out_u64(o, *names, 60);
    json_out_end_object(o);
}

static void rule(struct json_out *o, const char *of, const char *name)
{
    json_out_begin_object(o, of);
    json_out_begin_object(o, name);
    json_out_bool(o, "Enabled", false);
    json_out_end_object(o);
    json_out_end_object(o);
}

static void put_health_document(const struct ops_bundle *b, struct sb *out)
{
    static const char *const of_environment[] = {"ApplicationRequestsTotal",
                                                 "ApplicationRequests2xx",
                                                 "ApplicationRequests4xx",
                                                 "ApplicationRequests5xx",
                                                 "ApplicationLatencyP50",
                                                 "ApplicationLatencyP90",
                                                 "ApplicationLatencyP99",
                                                 "InstancesOk",
                                                 "InstancesWarning",
                                                 "InstancesDegraded",
                                                 "InstancesSevere",
                                                 "InstancesNoData",
                                                 NULL};
    static const char *const of_instance[] = {"CPUIdle",
                                              "LoadAverage1min",
                                              "RootFilesystemUtil",
                                              "InstanceHealth",
                                              "ApplicationRequests5xx",
                                              "ApplicationLatencyP99",
                                              NULL};
    CLEANUP_SB struct sb text = SB_INIT(FILE_MAX_BYTES);
    struct json_out o = json_out_make(&text, false);
    json_out_begin_object(&o, NULL);
    json_out_begin_object(&o, "CloudWatchMetrics");
    metrics(&o, "Environment", of_environment);
    metrics(&o, "Instance", of_instance);
    json_out_end_object(&o);
    if (bundle__is(b, BUNDLE_count_4xx, "false")) {
        json_out_begin_object(&o, "Rules");
        json_out_begin_object(&o, "Environment");
        rule(&o, "Application", "ApplicationRequests4xx");
        rule(&o, "ELB", "ELBRequests4xx");
        json_out_end_object(&o);
        json_out_end_object(&o);
    }
    json_out_u64(&o, "Version", 1);
    json_out_end_object(&o);
    if (!sb_ok(&text)) out->failed = true;
    bundle__quoted(out, sb_view(&text));
}

static const struct word {
    const char *name;
    void (*put)(const struct ops_bundle *b, struct sb *out);
} words[] = {
    {"shared_http", put_shared_http},
    {"shared_server", put_shared_server},
    {"port", put_port},
    {"upstream", put_upstream},
    {"upstream_name", put_upstream_name},
    {"upload_limit", put_upload_limit},
    {"data", put_data},
    {"min_in_service", put_min_in_service},
    {"health_document", put_health_document},
};

/* --- templates --- */

static void put_word(const struct ops_bundle *b, struct str name, struct sb *out)
{
    for (size_t i = 0; i < BUNDLE__KEY_COUNT; i++)
        if (str_eq_c(name, bundle__keys[i].name)) {
            bundle__quoted(out, b->eb[i].text);
            return;
        }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq_c(name, words[i].name)) {
            words[i].put(b, out);
            return;
        }
    assert(!"a word that a template may name");
}

static bool is_word(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z') && s.p[i] != '_') return false;
    return s.n > 0;
}

static enum err fill(struct ops_bundle *b, struct str text, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb out = SB_INIT(FILE_MAX_BYTES);
    for (size_t at = 0; at < text.n;) {
        size_t mark = str_find_char(text, '@', at),
               end = mark == STR_NONE ? STR_NONE : str_find_char(text, '@', mark + 1);
        struct str name = end == STR_NONE ? STR_EMPTY : str_sub(text, mark + 1, end);
        bool word = is_word(name);
        sb_str(&out, str_sub(text, at, word ? mark : mark == STR_NONE ? text.n : mark + 1));
        at = word ? end + 1 : mark == STR_NONE ? text.n : mark + 1;
        if (word) put_word(b, name, &out);
    }
    return sb_take(&out, b->a, ret, e);
}

enum err bundle__render(struct ops_bundle *b, struct error *e)
{
    struct str text = STR_EMPTY;
    TRY(bundle__environment(b, &text, e));
    TRY(bundle__add(b, STR(".ebextensions/00_environment.config"), text, false, e));
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        const struct template *t = &templates[i];
        if (t->when && !t->when(b)) continue;
        TRY(fill(b, embedded(t->name), &text, e));
        TRY(bundle__add(b, str_from_c(t->path), text, t->runs, e));
    }
    return ERR_OK;
}
