/* The shared files of AWS: ~/.aws/credentials and ~/.aws/config.
 * Both are read anew for each search, whole, and a key is looked for by going through the lines: that happens once an hour, and an operator
 * who changes a file is heard. What a profile has in both files counts as the credentials file says it.
 * Limits: FILE_MAX of a file; indented lines (sub-settings such as those of s3) are passed over.
 * Source: AWS SDKs and Tools reference guide, "Shared config and credentials files". */
#include "base/fs.h"
#include "client/credentials_priv.h"

#define FILE_MAX ((size_t)1 << 20)

struct profile {
    struct str name;
    bool named;                     /* by AWS_PROFILE: it must be there */
    struct str credentials, config; /* the files' texts; empty: none */
    bool in_credentials, in_config;
};

/* The name within "[profile x]" or, in the credentials file, "[x]"; .p NULL for another kind of section. */
static struct str section_name(struct str line, bool config)
{
    struct str rest = STR_EMPTY, name = str_trim(str_cut(str_sub(line, 1, line.n), ']', &rest));
    if (!rest.p) return STR_EMPTY;
    if (config && !str_eq(name, STR("default"))) {
        if (name.n < 8 || !str_starts(name, STR("profile")) || (name.p[7] != ' ' && name.p[7] != '\t'))
            return STR_EMPTY;
        name = str_trim(str_sub(name, 7, name.n));
    }
    if (name.n >= 2 && (name.p[0] == '"' || name.p[0] == '\'') && name.p[name.n - 1] == name.p[0])
        name = str_sub(name, 1, name.n - 1);
    return name;
}

/* The value of a key in the profile's section, or .p NULL; key.p NULL: is there such a section? (the answer's .p). The last one counts. */
static struct str find(struct str text, bool config, struct str profile, struct str key)
{
    struct str found = STR_EMPTY;
    bool inside = false;
    for (struct str rest = text; rest.p;) {
        struct str line = str_cut(rest, '\n', &rest);
        if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';') continue;
        if (line.p[0] == '[') {
            struct str name = section_name(line, config);
            inside = name.p && str_eq(name, profile);
            if (inside && !key.p) return name;
            continue;
        }
        struct str value = STR_EMPTY, name = str_cut(line, '=', &value);
        bool indented = line.p[0] == ' ' || line.p[0] == '\t';
        if (!inside || indented || !value.p || !str_eq_nocase(str_trim(name), key)) continue;
        found = str_trim(value);
    }
    return found;
}

static struct str profile_get(const struct profile *p, const char *key)
{
    struct str value = find(p->credentials, false, p->name, str_from_c(key));
    if (!value.n) value = find(p->config, true, p->name, str_from_c(key));
    return value.n ? value : STR_EMPTY;
}

/* A file that is not there is empty. */
static enum err file_read(struct client__search *s, const char *variable, const char *name, struct str *ret,
                          struct error *e)
{
    struct str path = client__env(s->o, variable), home = client__env(s->o, "HOME");
    if (!path.p && !home.p) return ERR_OK;
    if (path.p && str_starts(path, STR("~/")) && home.p)
        path = str_printf(s->arena, "%.*s%.*s", STR_ARG(home), STR_ARG(str_sub(path, 1, path.n)));
    else
        path = path.p ? str_dup(s->arena, path) : str_printf(s->arena, "%.*s/.aws/%s", STR_ARG(home), name);
    if (!path.p) return error_no_memory(e);
    struct error cause = {.code = ERR_OK};
    enum err err = fs_read(s->arena, path.p, FILE_MAX, ret, &cause);
    if (err == ERR_OK || err == ERR_NOT_FOUND) return ERR_OK;
    if (error_is_no_memory(&cause)) return error_no_memory(e);
    return error_set_reason(e, ERR_INVALID, "bad_credentials_file", "AWS credentials cannot be looked for: %s",
                            cause.message);
}

static enum err profile_load(struct client__search *s, struct profile *p, struct error *e)
{
    *p = (struct profile){.name = client__env(s->o, "AWS_PROFILE")};
    if (!p->name.p) p->name = client__env(s->o, "AWS_DEFAULT_PROFILE");
    p->named = p->name.p != NULL;
    if (!p->named) p->name = STR("default");
    TRY(file_read(s, "AWS_SHARED_CREDENTIALS_FILE", "credentials", &p->credentials, e));
    TRY(file_read(s, "AWS_CONFIG_FILE", "config", &p->config, e));
    p->in_credentials = find(p->credentials, false, p->name, STR_EMPTY).p != NULL;
    p->in_config = find(p->config, true, p->name, STR_EMPTY).p != NULL;
    return ERR_OK;
}

static enum err static_keys(struct client__search *s, const struct profile *p, struct client_keys *ret, struct error *e)
{
    struct str access = profile_get(p, "aws_access_key_id"), secret = profile_get(p, "aws_secret_access_key");
    if (!access.p || !secret.p)
        return error_set_reason(e, ERR_INVALID, "half_credentials", "the AWS profile \"%.*s\" has %s but no %s",
                                STR_ARG(p->name), access.p ? "aws_access_key_id" : "aws_secret_access_key",
                                access.p ? "aws_secret_access_key" : "aws_access_key_id");
    struct str source = str_printf(s->arena, "profile \"%.*s\"", STR_ARG(p->name));
    if (!source.p) return error_no_memory(e);
    *ret = (struct client_keys){access, secret, profile_get(p, "aws_session_token"), 0, source};
    return ERR_OK;
}

/* A profile that gets its keys in a way that we do not know must not be passed over in silence. */
static enum err other_ways(struct client__search *s, const struct profile *p, struct error *e)
{
    static const char *const ways[] = {"source_profile", "credential_source", "credential_process",
                                       "sso_session",    "sso_start_url",     "login_session",
                                       "role_arn"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (!profile_get(p, ways[i]).p) continue;
        error_set_reason(e, ERR_INVALID, "profile_unsupported",
                         "the AWS profile \"%.*s\" gets its keys by \"%s\", which is not supported here",
                         STR_ARG(p->name), ways[i]);
        return error_hint(e, "Let the AWS command line put them into the environment: eval \"$(aws configure "
                             "export-credentials --format env)\".");
    }
    client__tried(s, "profile \"%.*s\" has no keys", STR_ARG(p->name));
    return ERR_OK;
}

enum err client__keys_from_profile(struct client__search *s, struct client_keys *ret, bool *found, struct error *e)
{
    struct profile p;
    TRY(profile_load(s, &p, e));
    if (!p.in_credentials && !p.in_config) {
        client__tried(s, "the AWS files have no profile \"%.*s\"", STR_ARG(p.name));
        if (!p.named) return ERR_OK;
        error_set_reason(e, ERR_NOT_FOUND, "profile_missing", "there is no AWS profile \"%.*s\"", STR_ARG(p.name));
        return error_hint(e,
                          "AWS_PROFILE names it, but neither ~/.aws/credentials (as [%.*s]) nor ~/.aws/config (as "
                          "[profile %.*s]) has it.",
                          STR_ARG(p.name), STR_ARG(p.name));
    }
    if (profile_get(&p, "aws_access_key_id").p || profile_get(&p, "aws_secret_access_key").p) {
        *found = true;
        return static_keys(s, &p, ret, e);
    }
    struct str role = profile_get(&p, "role_arn"), token_file = profile_get(&p, "web_identity_token_file");
    if (!role.p || !token_file.p) return other_ways(s, &p, e);
    *found = true;
    return client__keys_from_sts(s, role, profile_get(&p, "role_session_name"), token_file, ret, e);
}

enum err client__region_local(struct client__search *s, struct str *ret, struct error *e)
{
    struct str region = client__env(s->o, "AWS_REGION");
    if (!region.p) region = client__env(s->o, "AWS_DEFAULT_REGION");
    if (!region.p) {
        struct profile p;
        TRY(profile_load(s, &p, e));
        region = profile_get(&p, "region");
        client__tried(s, "neither AWS_REGION nor AWS_DEFAULT_REGION is set; profile \"%.*s\" has none",
                      STR_ARG(p.name));
    }
    *ret = region;
    return ERR_OK;
}
