/* The bucket of S3 that the settings name, as prism serve, prism check and prism export need it: first a plan, which looks at the settings alone, then what
 * sends. Neither waits for the network. Thread: main, unless said otherwise. */
#pragma once

#include "client/s3.h"
#include "cmd/checks.h"
#include "conf/conf.h"
#include "review/bucket.h"

struct cmd__bucket {
    const struct conf *conf;
    struct str region;
    struct client_http *http; /* NULL: not opened yet */
    struct client_credentials *credentials;
    struct client_s3 *s3;
    struct review_bucket domain; /* for struct review_context */
};

/* conf: borrowed, outlives the plan. *ret in a; NULL: no bucket is set. ERR_INVALID "bad_setting": no region, or a key of the bucket would be too long. */
enum err cmd__bucket_plan(const struct conf *conf, struct arena *a, struct cmd__bucket **ret, struct error *e) MUST_USE;
/* After an error as after use: cmd__bucket_close. ERR_LIMIT, ERR_INTERNAL. */
enum err cmd__bucket_open(struct cmd__bucket *b, struct error *e) MUST_USE;
void cmd__bucket_close(struct cmd__bucket *b); /* nobody uses it; NULL is fine. The plan stays */

/* Puts a small object below the base path and deletes it. b: opened. Thread: any that may wait. */
enum err cmd__check_bucket(struct cmd__checks *c, struct cmd__bucket *b, struct error *e) MUST_USE;
