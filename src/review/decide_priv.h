/* Steps that people take, and how each is taken back. Thread: the store's writer. */
#pragma once

#include "base/json.h"
#include "review/decide.h"
#include "review/rows_priv.h"

/* What of a finding a step touches. */
enum {
    DECIDE__DECISION = 1, /* decision, by whom, when, note */
    DECIDE__WORDS = 2,    /* all that an edit can change */
    DECIDE__PRESENCE = 4  /* deleted or not */
};

struct decide__act { /* one transaction of a person: what every one of them needs */
    const struct review_context *c;
    const struct review_by *by;
    int64_t now_unix_ms;
    struct arena *a;
};

struct decide__step { /* being taken */
    struct sb inverse;
    struct json_out o;
    struct sb ids; /* JSON strings of the first EVENTS_FINDINGS_MAX findings */
    size_t n;
};

void decide__step_begin(struct decide__step *step);
void decide__step_done(struct decide__step *step);
/* One finding of it. parts: what was touched. */
void decide__step_add(struct decide__step *step, const struct store_finding *before, const struct store_finding *after,
                      unsigned parts);
/* Writes the step of undo and the event. event_kind: "findings.decided"…; what: a member of the event's data with its value, or NULL. */
struct decide__ending {
    struct str document_id, review_id;
    const char *action_kind; /* "decide" "edit" "add" "delete"; NULL: cannot be undone (an undo) */
    const char *event_kind;
    const char *key; /* one more member of the event's data, with its value; NULL: none */
    struct str value;
};
enum err decide__step_end(struct decide__step *step, struct store_tx *tx, const struct decide__act *act,
                          const struct decide__ending *ending, struct str *ret_action, struct error *e) MUST_USE;

/* A finding that is there: ERR_NOT_FOUND for a deleted one. */
enum err decide__find(struct store_tx *tx, struct str id, struct arena *a, struct store_finding *ret,
                      struct error *e) MUST_USE;
/* The row is written, its version counted up, and read again into *row. */
enum err decide__write(struct store_tx *tx, struct store_finding *row, struct arena *a, struct error *e) MUST_USE;
/* Texts that may be absent (.p NULL): both are, or both are the same. */
bool decide__same(struct str a, struct str b);
/* ERR_CONFLICT "changed_since". */
enum err decide__changed(struct error *e);
/* ERR_INVALID "bad_text" when one is too long. */
enum err decide__check_length(const char *what, struct str text, size_t max, struct error *e) MUST_USE;

/* The state of a finding as a step of undo keeps it: is it so, and making it so again. */
bool decide__state_holds(const struct store_finding *f, const struct json *state);
void decide__state_take(struct store_finding *f, const struct json *state); /* texts borrowed from state */
