/* What the files of conf share: the table that is made of the rows in settings.h. */
#pragma once

#include "conf/conf.h"

enum conf__kind {
    CONF__KIND_NUMBER,
    CONF__KIND_CHOICE,
    CONF__KIND_PATH,
    CONF__KIND_TEXT,
    CONF__KIND_LIST,
    CONF__KIND_DECIMAL,
    CONF__KIND_SECRET
};

/* Looks at one text. ret: what is kept of it, in the arena if it is another. ERR_INVALID: e->message says what is wrong with it, or is empty
 * where what is accepted says it all. */
typedef enum err (*conf__check_fn)(struct arena *a, struct str text, struct str *ret, struct error *e);

struct conf__row {
    const char *name;
    enum conf__kind kind;
    size_t offset;            /* in struct conf */
    const char *default_text; /* as it would stand in prism.conf, or (default_words) what it is in words */
    bool default_words;       /* the value without a setting is worked out, or empty */
    uint64_t min, max;        /* numbers; min: of a secret, characters */
    const char *const *words; /* choices: NULL-terminated */
    conf__check_fn check;     /* texts and lists */
    const char *accepted;     /* texts and lists: in words */
    const char *meaning;
};

extern const struct conf__row conf__rows[CONF_SETTING_COUNT];

/* What is accepted, in words: "a whole number from 0 to 65535". */
void conf__accepted(const struct conf__row *row, struct sb *b);

/* ERR_INVALID with an empty message. */
enum err conf__not_accepted(struct error *e);

/* Checks of conf/check.c, named by the rows. */
enum err conf__check_address(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_host(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_database(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_redis(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_network(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_model(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_model_or_none(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_prefix(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_region(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_bucket(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_base_path(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_url(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_namespace(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_dimension(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_dimension_or_none(struct arena *a, struct str text, struct str *ret, struct error *e);
enum err conf__check_text(struct arena *a, struct str text, struct str *ret, struct error *e);
