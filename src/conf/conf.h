/* Configuration: environment variables, and a file of the same names; the environment wins. Everything is checked at start: a wrong value or a
 * PRISM_ variable that does not exist stops the start with a sentence that says what is accepted. The rows are in conf/settings.h.
 * A path is made absolute here, so nothing depends on the working directory later.
 * Thread: any; a loaded struct conf is immutable. */
#pragma once

#include "base/log.h"
#include "base/sb.h"
#include "conf/settings.h"

struct conf_list {
    struct str *at;
    size_t n;
};

enum conf_origin { CONF_FROM_DEFAULT, CONF_FROM_FILE, CONF_FROM_ENVIRONMENT };

/* Index of a setting, in the order of the rows. */
enum conf_setting {
#define CONF__INDEX(field, ...) CONF_##field,
    CONF_SETTINGS(CONF__INDEX, CONF__INDEX, CONF__INDEX, CONF__INDEX, CONF__INDEX, CONF__INDEX, CONF__INDEX)
#undef CONF__INDEX
        CONF_SETTING_COUNT
};

enum conf_access_log { CONF_ACCESS_LOG_NONE, CONF_ACCESS_LOG_COMBINED, CONF_ACCESS_LOG_GUNICORN, CONF_ACCESS_LOG_JSON };
enum conf_metrics { CONF_METRICS_LOCAL, CONF_METRICS_ALL, CONF_METRICS_OFF };
enum conf_retention_records { CONF_RETENTION_RECORDS_KEEP, CONF_RETENTION_RECORDS_REMOVE };
enum conf_secure_cookies { CONF_SECURE_COOKIES_AUTO, CONF_SECURE_COOKIES_ALWAYS };

enum conf_model_provider {
    CONF_PROVIDER_AUTO,
    CONF_PROVIDER_NONE,
    CONF_PROVIDER_BEDROCK,
    CONF_PROVIDER_ANTHROPIC,
    CONF_PROVIDER_OPENAI
};

/* The values, then what is said about them. Texts live in the arena of conf_load.
 * workers, io_threads and job_workers are never 0 here; allowed_hosts are in lower case, IPv6 in brackets; log_level is an enum log_level, log_format an enum log_format; model_provider is never CONF_PROVIDER_AUTO here;
 * of true and false, 1 is true; addresses have no slash at their end. Secrets are bedrock_bearer, anthropic_key, openai_key, admin_token, otlp_headers. */
struct conf {
#define CONF__NUMBER(field, ...)  uint64_t field;
#define CONF__CHOICE(field, ...)  unsigned field;
#define CONF__TEXT(field, ...)    struct str field;
#define CONF__LIST(field, ...)    struct conf_list field;
#define CONF__DECIMAL(field, ...) double field;
    CONF_SETTINGS(CONF__NUMBER, CONF__CHOICE, CONF__TEXT, CONF__TEXT, CONF__LIST, CONF__DECIMAL, CONF__TEXT)
#undef CONF__NUMBER
#undef CONF__CHOICE
#undef CONF__TEXT
#undef CONF__LIST
#undef CONF__DECIMAL

    enum conf_origin origins[CONF_SETTING_COUNT];
    struct str texts[CONF_SETTING_COUNT]; /* each value as it would stand in prism.conf; of a secret "set", or empty */
    struct conf_list notes; /* sentences worth logging once: a path that was made absolute, who can reach the server */
};

/* environment: as environ. folder: the working directory, absolute. ERR_INVALID "bad_setting", "unknown_setting", "bad_conf_file" (the hint says
 * where it stands and what is accepted); ERR_NOT_FOUND a file that PRISM_CONF names is missing; ERR_LIMIT no memory. */
enum err conf_load(struct arena *a, char *const *environment, struct str folder, struct conf *ret,
                   struct error *e) MUST_USE;

/* The same of an environment that is another machine's: no file is looked for, and nothing of this machine is. */
enum err conf_check(struct arena *a, char *const *environment, struct conf *ret, struct error *e) MUST_USE;

/* A row of conf/settings.h, for who writes settings down for others. */
struct conf_row {
    const char *name;
    const char *default_text; /* as it would stand in prism.conf, or (in_words) what it is in words; may be empty */
    bool in_words;
    bool secret; /* never written down */
    const char *meaning;
};
struct conf_row conf_row_at(size_t i); /* i < CONF_SETTING_COUNT */

/* All settings with their values, as a prism.conf that gives the same but for secrets, which are not printed; a comment says where each comes from. */
void conf_print_text(const struct conf *c, struct sb *b);
/* The page docs/configuration.md. */
void conf_print_markdown(struct sb *b);
