/* A source bundle for AWS Elastic Beanstalk: this program with everything that it loads, and the configuration of the environment that it is to run in,
 * made of one small file of settings (deploy/elasticbeanstalk/bundle.conf) and of templates inside the program. What would break a deployment is refused
 * here, with the reason. The same program, libraries and settings give the same bytes.
 * Layout: Procfile or Dockerfile, bin/prism (launch/launch.c), lib/ (the program, its loader, its libraries, hunspell/), .ebextensions/, .platform/,
 * bundle.json (what is in it). Source: Elastic Beanstalk developer guide, "Source bundle", "Extending Linux platforms", "General options".
 * Thread: any; one bundle is used by one thread at a time. */
#pragma once

#include "base/str.h"
#include "conf/conf.h"

#define OPS_BUNDLE_CONF_MAX_BYTES 65536

struct ops_bundle;

enum ops_bundle_branch { OPS_BUNDLE_AS_SET, OPS_BUNDLE_GO, OPS_BUNDLE_DOCKER };

/* Reads and checks the settings. text: the file; name: what it is called in messages; both are borrowed, as the arena is. branch: what the command line
 * says of EB_BRANCH. ERR_INVALID "bad_bundle_setting", "unknown_bundle_setting", "missing_bundle_setting", and those of conf_file_parse: the
 * message says what is wrong with which setting, the hint where it stands and what to do. */
enum err ops_bundle_settings(struct arena *a, struct str text, const char *name, enum ops_bundle_branch branch,
                             struct ops_bundle **ret, struct error *e) MUST_USE;

/* Sentences that an operator should read: what is accepted, and has a price. */
const struct conf_list *ops_bundle_notes(const struct ops_bundle *b);

/* The zip; it lives in the arena. ERR_INVALID "no_bundle" where this program cannot make one (another architecture, no dictionary), ERR_LIMIT. */
enum err ops_bundle_zip(struct ops_bundle *b, struct str *ret, struct error *e) MUST_USE;

/* deploy/elasticbeanstalk/bundle.conf. */
struct str ops_bundle_example(void);
