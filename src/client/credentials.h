/* AWS credentials and region, from where the AWS SDKs look, in their order: the environment, the shared files with their profiles, web
 * identity (a Kubernetes service account), the container's endpoint (ECS, EKS Pod Identity), the instance metadata service (IMDSv2).
 * A source that is set up and fails ends the search with its error; only one that is not set up is passed over. Keys are kept until shortly
 * before they expire; one caller fetches new ones while the others wait or go on with the old. Nothing of them is logged, and no error shows them.
 * Left out, and said so in the error: profiles with source_profile, credential_source, credential_process or SSO.
 * Source: AWS SDKs and Tools reference guide, "Credential providers". Thread: any that may wait, unless said otherwise. */
#pragma once

#include "client/http.h"

struct client_credentials;

struct client_credentials_options {
    struct client_http *http; /* borrowed */
    /* A variable of the environment, or NULL; any thread. NULL: getenv. The variables are those of the SDKs, AWS_ACCESS_KEY_ID to
     * AWS_EC2_METADATA_DISABLED, and HOME. */
    const char *(*env)(void *ctx, const char *name);
    void *env_ctx; /* borrowed */
};

struct client_keys { /* a secret */
    struct str access_key, secret_key;
    struct str session_token;   /* may be empty */
    int64_t expires_at_unix_ms; /* 0: never */
    struct str source;          /* for people: "the environment", "profile \"work\"", … */
};

/* Looks nowhere yet. Caller frees with client_credentials_free. ERR_LIMIT no memory. */
enum err client_credentials_new(const struct client_credentials_options *options, struct client_credentials **ret,
                                struct error *e) MUST_USE;
void client_credentials_free(struct client_credentials *c); /* nobody waits in get; c may be NULL */

/* Keys that are good for now, copied into the arena; waits where they must be fetched, for seconds at worst.
 * ERR_NOT_FOUND "no_credentials" (says where was looked), "profile_missing"; ERR_INVALID "half_credentials", "profile_unsupported",
 * "bad_credentials_file", "bad_container_url"; ERR_UPSTREAM "credentials_refused" (STS or an endpoint said no), "credentials_expired" (what was
 * given is over already: a clock is wrong), "bad_answer" and those of client_http_start; ERR_LIMIT no memory. */
enum err client_credentials_get(struct client_credentials *c, struct arena *a, struct client_keys *ret,
                                struct error *e) MUST_USE;

/* AWS has refused this access key as expired: the next get fetches new ones, once, however many callers say so. Does not wait. */
void client_credentials_expired(struct client_credentials *c, struct str access_key);

/* AWS_REGION, AWS_DEFAULT_REGION, the profile's region, the instance's, in this order. ERR_NOT_FOUND "no_region", and as get. */
enum err client_credentials_region(struct client_credentials *c, struct arena *a, struct str *ret,
                                   struct error *e) MUST_USE;
