/* Every row and every question of the store. The schema is store/schema.c, the SQL store/sql.c.
 *
 * Rows: plain structs. Texts that come out live in the arena that was handed in; texts that go in are borrowed during the call. A text that may
 * be absent says so: p is NULL for "none". JSON is text to the store. Ids are made by the caller (random_id). Times are unix ms UTC, made by
 * the caller; 0 is "not yet".
 * Functions: the first parameter is a transaction or snapshot of store/store.h; what changes something needs one of store_write. *ret is touched on
 * success only. ERR_NOT_FOUND "not_found": no such row, or (where an owner is given) not theirs. All others: the errors of store/store.h, ERR_LIMIT.
 * owner: a visitor's id to ask "is it there and theirs" in one query; STR_EMPTY asks only whether it is there.
 * Thread: that of the transaction. */
#pragma once

#include "store/store.h"

/* ---- Words of the rows. Values are stored: never renumber. ---- */

enum store_risk { STORE_RISK_LOW, STORE_RISK_MEDIUM, STORE_RISK_HIGH, STORE_RISK_N };
enum store_kind { STORE_KIND_SUGGESTION, STORE_KIND_IMPORTANT, STORE_KIND_CRITICAL, STORE_KIND_N };
enum store_decision { STORE_OPEN, STORE_ACCEPTED, STORE_REJECTED, STORE_DECISION_N };
enum store_source { STORE_BY_RULE, STORE_BY_MODEL, STORE_BY_PERSON, STORE_SOURCE_N };
/* Of reviews, exports and jobs alike. */
enum store_state { STORE_QUEUED, STORE_RUNNING, STORE_DONE, STORE_FAILED, STORE_CANCELLED, STORE_STATE_N };
enum store_job_kind {
    STORE_JOB_REVIEW, /* its rules */
    STORE_JOB_EXPORT,
    STORE_JOB_SWEEP,
    STORE_JOB_MODEL,      /* the model's part of a review */
    STORE_JOB_GUIDELINES, /* to read them */
    STORE_JOB_KIND_N
};
/* What the model does in a review. */
enum store_model_state {
    STORE_MODEL_NONE, /* none was asked for, or none is configured */
    STORE_MODEL_QUEUED,
    STORE_MODEL_RUNNING,
    STORE_MODEL_DONE, /* also when a part could not be reviewed: coverage says so */
    STORE_MODEL_FAILED,
    STORE_MODEL_NOT_ALLOWED, /* the document, or the server, is never sent to one */
    STORE_MODEL_CANCELLED,
    STORE_MODEL_STATE_N
};
/* Sections that a model has proposed for a version. */
enum store_proposed { STORE_PROPOSED_NONE, STORE_PROPOSED_USED, STORE_PROPOSED_UNDONE, STORE_PROPOSED_N };
enum store_purpose { STORE_FOR_CHAT, STORE_FOR_REVIEW, STORE_FOR_CHECK, STORE_PURPOSE_N }; /* of a call of a model */
enum store_chat_role { STORE_CHAT_PERSON, STORE_CHAT_MODEL, STORE_CHAT_ROLE_N };
enum store_scope { STORE_SCOPE_DOCUMENT, STORE_SCOPE_PERSON, STORE_SCOPE_TEAM, STORE_SCOPE_N }; /* of a dismissal */

/* Sets of them. */
#define STORE_BIT(value)   (1u << (value))
#define STORE_UNFINISHED   (STORE_BIT(STORE_QUEUED) | STORE_BIT(STORE_RUNNING))
#define STORE_QUERY_MAX    256 /* bytes of a text to search for */
#define STORE_PROGRESS_MAX 1000
#define STORE_RANK_MAX     1000

/* ---- Visitors ---- */

struct store_visitor {
    struct str id;
    struct str secret_hash; /* unique; hex of SHA-256 */
    struct str name;        /* empty: none was chosen */
    int64_t created_unix_ms, seen_unix_ms;
};

enum err store_visitor_insert(struct store_tx *tx, const struct store_visitor *row, struct error *e) MUST_USE;
enum err store_visitor_find(struct store_tx *tx, struct str id, struct arena *a, struct store_visitor *ret,
                            struct error *e) MUST_USE;
enum err store_visitor_find_by_secret(struct store_tx *tx, struct str secret_hash, struct arena *a,
                                      struct store_visitor *ret, struct error *e) MUST_USE;
enum err store_visitor_rename(struct store_tx *tx, struct str id, struct str name, struct error *e) MUST_USE;
/* Never set back. */
enum err store_visitor_seen(struct store_tx *tx, struct str id, int64_t at_unix_ms, struct error *e) MUST_USE;

/* ---- Whose is it ---- */

enum store_thing { STORE_THING_DOCUMENT, STORE_THING_REVIEW, STORE_THING_FINDING, STORE_THING_EXPORT };

/* The document that a thing belongs to, its owner, and when it was used last (may be NULL). A deleted finding is still found (it can come back by undo). */
enum err store_owner_find(struct store_tx *tx, enum store_thing thing, struct str id, struct arena *a,
                          struct str *ret_document_id, struct str *ret_owner, int64_t *ret_used_unix_ms,
                          struct error *e) MUST_USE;

/* ---- Reviews ---- */

/* Of the findings that are not deleted. */
struct store_review_counts {
    uint32_t total;
    uint32_t decision[STORE_DECISION_N];
    uint32_t risk[STORE_RISK_N];
};

struct store_review {
    struct str id;
    struct str document_id, version_id;
    struct str by; /* visitor who started it */
    enum store_state state;
    struct str framework;             /* id; empty: not chosen yet */
    struct str framework_title;       /* as it was then */
    struct str why_framework;         /* sentence */
    uint32_t progress;                /* 0 to STORE_PROGRESS_MAX */
    struct str stage;                 /* what it does now; empty */
    struct str reason, message, hint; /* of a failure; empty */
    struct str not_reviewed;          /* JSON array; "[]" */
    int64_t created_unix_ms, started_unix_ms, finished_unix_ms;
    struct str guidelines; /* id of those that it is reviewed against; empty: none */
    bool guidelines_only;  /* against them alone, without the framework */
    struct str coverage;   /* JSON object; "{}" until something was reviewed */
    struct str model;      /* what has reviewed, as people call it; empty */
    struct str prompt_version;
    enum store_model_state model_state;
    struct str model_reason, model_message, model_hint; /* why the model's part failed; empty */
    struct store_review_counts counts;                  /* only comes out */
};

struct store_review_list {
    struct store_review *at;
    size_t n;
};

enum err store_review_insert(struct store_tx *tx, const struct store_review *row, struct error *e) MUST_USE;
enum err store_review_find(struct store_tx *tx, struct str id, struct str owner, struct arena *a,
                           struct store_review *ret, struct error *e) MUST_USE;
/* Newest first; limit 0: all. */
enum err store_review_list(struct store_tx *tx, struct str document_id, size_t limit, struct arena *a,
                           struct store_review_list *ret, struct error *e) MUST_USE;
/* Writes state, framework*, why_framework, progress, stage, reason, message, hint, not_reviewed, started, finished, coverage, model, prompt_version and
 * model_* of row->id, if its state is one of the set from_states (STORE_BIT…). *ret_changed false: it is in another state, or gone; nothing was
 * changed. Read the row in the same transaction: all of these are written as they are in row. */
enum err store_review_update(struct store_tx *tx, const struct store_review *row, unsigned from_states,
                             bool *ret_changed, struct error *e) MUST_USE;

/* ---- Documents and versions ---- */

struct store_version {
    struct str id;
    struct str document_id;
    struct str sha256; /* hex */
    uint64_t size_bytes;
    struct str blob;         /* key of the file */
    struct str content_blob; /* key of what was read from it, as JSON; empty: none is kept */
    struct str title, author;
    uint32_t words, pages, sections, blocks, comments, tracked_changes;
    int64_t created_unix_ms;
    struct str proposed_sections; /* JSON of the model's proposal; empty: there is none */
    enum store_proposed proposed_state;
    int64_t file_removed_unix_ms; /* neither blob is there any more; 0: they are */
};

struct store_document {
    struct str id;
    struct str owner; /* visitor */
    struct str name;  /* of the file, as uploaded */
    struct str version_id;
    int64_t created_unix_ms;
    bool never_send;       /* to a model */
    struct str guidelines; /* id of those that its reviews use when they name none; empty: none */
    int64_t used_unix_ms;  /* uploaded, opened, or anything done to it; 0: not known */
    /* These only come out: */
    struct store_version version; /* the one of version_id */
    bool has_review;
    struct store_review latest; /* the newest review, its coverage left out in lists ("{}"); zero without one */
};

struct store_document_list {
    struct store_document *at;
    size_t n;
    struct str next; /* cursor of the next page; empty: this is the last */
};

/* In this order, in one transaction: document, version. */
enum err store_document_insert(struct store_tx *tx, const struct store_document *row, struct error *e) MUST_USE;
enum err store_version_insert(struct store_tx *tx, const struct store_version *row, struct error *e) MUST_USE;
enum err store_document_find(struct store_tx *tx, struct str id, struct str owner, struct arena *a,
                             struct store_document *ret, struct error *e) MUST_USE;
enum err store_version_find(struct store_tx *tx, struct str id, struct arena *a, struct store_version *ret,
                            struct error *e) MUST_USE;
/* Writes never_send and guidelines of row->id. ERR_NOT_FOUND. */
enum err store_document_update(struct store_tx *tx, const struct store_document *row, struct error *e) MUST_USE;
/* Writes proposed_sections and proposed_state of row->id. ERR_NOT_FOUND. */
enum err store_version_update(struct store_tx *tx, const struct store_version *row, struct error *e) MUST_USE;
/* Newest first. cursor: `next` of the page before, or empty. ERR_INVALID "bad_cursor". limit 0: all. */
enum err store_document_list(struct store_tx *tx, struct str owner, struct str cursor, size_t limit, struct arena *a,
                             struct store_document_list *ret, struct error *e) MUST_USE;

struct store_keys {
    struct str *at;
    size_t n;
};

/* Deletes the document with all that belongs to it: versions, reviews, findings, actions, exports, jobs, events, talks, what models have answered and
 * what was dismissed in it. What calls of models have cost stays. *ret_blobs: keys of blobs that no row names any more; delete them after the
 * commit. */
enum err store_document_delete(struct store_tx *tx, struct str id, struct arena *a, struct store_keys *ret_blobs,
                               struct error *e) MUST_USE;

/* Whether a version, an export or guidelines name the blob: what is not named is left over. */
enum err store_blob_in_use(struct store_tx *tx, struct str blob, bool *ret, struct error *e) MUST_USE;

/* ---- Findings ---- */

struct store_finding {
    struct str id;
    struct str review_id, document_id;
    uint32_t seq; /* unique in the review; the order in which they were made */
    struct str fingerprint;
    enum store_source source;
    struct str reviewer; /* rule id, model name, visitor id */
    struct str
        reviewer_name; /* for people; of a person, what comes out is the visitor's name of now (empty: none was chosen) */
    uint32_t block, start, end; /* anchor, UTF-16 code units */
    bool located;               /* false: the anchor is only where the finding is shown */
    struct str quote;
    uint32_t section;
    struct str place; /* "section 4.2 Timeline, table 3, row 2" */
    enum store_kind kind;
    enum store_risk risk;
    struct str category;
    double confidence; /* 0–1 */
    int64_t rank;      /* -STORE_RANK_MAX to STORE_RANK_MAX: within a risk, higher comes first */
    struct str title, description, why, suggestion;
    struct str rewrite;       /* p NULL: none */
    struct str questions;     /* JSON array; "[]" */
    struct str points;        /* JSON array; "[]" */
    struct str point_numbers; /* of the same, for the filter: ",3,12,", a comma around each; empty: none */
    enum store_decision decision;
    struct str decided_by;      /* visitor id; empty */
    struct str decided_by_name; /* only comes out */
    int64_t decided_unix_ms;
    struct str note;
    bool edited;
    struct str original; /* JSON of what an edit replaced; p NULL: never edited */
    int64_t created_unix_ms, changed_unix_ms;
    uint32_t version; /* 1, and one more with each change */
    bool deleted;     /* kept for undo; no list or count shows it */
};

struct store_finding_list {
    struct store_finding *at;
    size_t n;
    struct str next; /* cursor of the next page; empty: this is the last */
};

/* A finding must match all; zero asks nothing. */
struct store_finding_filter {
    unsigned risks, kinds, decisions, sources; /* sets: STORE_BIT(STORE_RISK_HIGH) | … */
    const uint32_t *sections;                  /* one of these; n_sections 0: any. At most STORE_SECTIONS_MAX */
    size_t n_sections;
    struct str reviewer; /* exactly */
    struct str category; /* exactly */
    uint32_t point;      /* number of a framework's point; 0: any */
    /* A model's finding is folded away when its confidence is below that; STORE_FOLDED_ANY asks nothing. */
    enum store_folded { STORE_FOLDED_ANY, STORE_FOLDED_ONLY, STORE_FOLDED_NOT } folded;
    double folded_below;
    struct str
        text; /* in title, description, suggestion, rewrite, quote or note, whatever the case; at most STORE_QUERY_MAX bytes */
};
#define STORE_SECTIONS_MAX 1000

enum store_finding_sort {
    STORE_BY_PLACE, /* block, start, seq */
    STORE_BY_DANGER /* risk, high first, then rank, then place */
};

struct store_section_count {
    uint32_t section;
    uint32_t total, open;
};

/* matching: those that the filter lets through; all the rest: the whole review, whatever the filter, so that what can be chosen stays in sight. */
struct store_finding_counts {
    uint32_t matching;
    uint32_t total;
    uint32_t decision[STORE_DECISION_N];
    uint32_t risk[STORE_RISK_N];
    uint32_t kind[STORE_KIND_N];
    struct store_section_count *sections; /* those that have any, by number */
    size_t n_sections;
};

/* Any number in one transaction. "gone": the review or document is not there any more. */
enum err store_finding_insert(struct store_tx *tx, const struct store_finding *rows, size_t n,
                              struct error *e) MUST_USE;
/* One more than the highest seq of the review, deleted ones included; 0 for the first. */
enum err store_finding_next_seq(struct store_tx *tx, struct str review_id, uint32_t *ret, struct error *e) MUST_USE;
/* Deleted ones too: look at ->deleted. */
enum err store_finding_find(struct store_tx *tx, struct str id, struct str owner, struct arena *a,
                            struct store_finding *ret, struct error *e) MUST_USE;
/* filter may be NULL. cursor: `next` of the page before with the same sort, or empty. limit 0: all. ERR_INVALID "bad_cursor", "bad_filter". */
enum err store_finding_list(struct store_tx *tx, struct str review_id, const struct store_finding_filter *filter,
                            enum store_finding_sort sort, struct str cursor, size_t limit, struct arena *a,
                            struct store_finding_list *ret, struct error *e) MUST_USE;
/* In one query. filter may be NULL: then matching = total. */
enum err store_finding_count(struct store_tx *tx, struct str review_id, const struct store_finding_filter *filter,
                             struct arena *a, struct store_finding_counts *ret, struct error *e) MUST_USE;
/* Writes decision, decided_by, decided_unix_ms, note and changed_unix_ms of row->id and counts its version up, if its version is row->version
 * and it is not deleted. *ret_changed false: it is not so; nothing was changed. */
enum err store_finding_decide(struct store_tx *tx, const struct store_finding *row, bool *ret_changed,
                              struct error *e) MUST_USE;
/* The same for everything of the row that can change, deleted included: kind, risk, category, title, description, why, suggestion, rewrite, questions,
 * points, point_numbers, decision…, note, edited, original, changed_unix_ms, deleted. For edit, delete and undo. Only the version is asked. */
enum err store_finding_update(struct store_tx *tx, const struct store_finding *row, bool *ret_changed,
                              struct error *e) MUST_USE;

/* ---- Actions: steps that can be undone ---- */

struct store_action {
    struct str id;
    int64_t seq; /* given by the store */
    struct str review_id;
    struct str by; /* visitor */
    struct str kind;
    int64_t at_unix_ms;
    bool undone;
    struct str inverse; /* JSON: what brings the state before back */
};

enum err store_action_insert(struct store_tx *tx, const struct store_action *row, struct error *e) MUST_USE;
/* The last step of this visitor in this review that is not undone. */
enum err store_action_last(struct store_tx *tx, struct str review_id, struct str by, struct arena *a,
                           struct store_action *ret, struct error *e) MUST_USE;
/* *ret_changed false: it was undone already, or is not there. */
enum err store_action_undone(struct store_tx *tx, struct str id, bool *ret_changed, struct error *e) MUST_USE;

/* ---- Events: kept for ever, in the order of commits ---- */

struct store_event {
    int64_t seq;            /* given by the store; rises over all documents, never reused, never out of order */
    struct str document_id; /* may name a document that is gone */
    struct str review_id;   /* empty */
    struct str kind;        /* "findings.decided" */
    struct str by;          /* visitor; empty: the server itself */
    struct str by_name;     /* only comes out: the visitor's name of now; empty: none was chosen, or by is empty */
    int64_t at_unix_ms;
    struct str data; /* JSON object; "{}" */
};

struct store_event_list {
    struct store_event *at;
    size_t n;
    bool more; /* there are others beyond the limit */
};

enum err store_event_append(struct store_tx *tx, const struct store_event *row, int64_t *ret_seq,
                            struct error *e) MUST_USE;
/* Of a document (STR_EMPTY: of all), after a seq, oldest first: replay. limit 0: all. */
enum err store_event_since(struct store_tx *tx, struct str document_id, int64_t after_seq, size_t limit,
                           struct arena *a, struct store_event_list *ret, struct error *e) MUST_USE;
/* Of a document, before a seq (0: from the end), newest first: activity. limit 0: all. */
enum err store_event_before(struct store_tx *tx, struct str document_id, int64_t before_seq, size_t limit,
                            struct arena *a, struct store_event_list *ret, struct error *e) MUST_USE;
/* The seq of the last event of the document (STR_EMPTY: of all); 0: none. */
enum err store_event_last(struct store_tx *tx, struct str document_id, int64_t *ret_seq, struct error *e) MUST_USE;

/* ---- Jobs: rows with a lease ----
 * Whoever claimed a job holds it until lease_until; then anybody may claim it. A worker is a name that no other thread has ever had
 * (random_id), so `worker` fences: each write of a job's result begins with store_job_hold in the same transaction. */

struct store_job {
    struct str id;
    enum store_job_kind kind;
    struct str ref; /* id of the review, export or guidelines; empty for a sweep */
    enum store_state state;
    uint32_t attempts;          /* how often it was claimed */
    int64_t not_before_unix_ms; /* queued: not earlier */
    int64_t lease_until_unix_ms;
    struct str worker;
    struct str reason; /* why it failed; empty */
    int64_t created_unix_ms;
    struct str request, traceparent; /* what the thread that made it worked for (base/trace.h); may be empty */
};

struct store_job_list {
    struct store_job *at;
    size_t n;
};

/* state, attempts, lease and worker of the row are not looked at: it is queued. Nor are request and traceparent: they are those of the thread. */
enum err store_job_insert(struct store_tx *tx, const struct store_job *row, struct error *e) MUST_USE;
/* The oldest job of a set of kinds that is due, exports first (somebody waits for the file, and it takes less than a review): queued and not_before
 * has come, or its lease has run out; claimed fewer than max_attempts times. It is then running, ours until lease_until, claimed once more.
 * ERR_NOT_FOUND: none. */
enum err store_job_claim(struct store_tx *tx, unsigned kinds, struct str worker, int64_t now_unix_ms,
                         int64_t lease_until_unix_ms, uint32_t max_attempts, struct arena *a, struct store_job *ret,
                         struct error *e) MUST_USE;
/* Extends the lease. ERR_CONFLICT "lease_lost": it is not ours any more (another worker has it, it was cancelled, or its document deleted): stop, write
 * nothing. Holding it past its time is no loss as long as nobody else has claimed it. */
enum err store_job_renew(struct store_tx *tx, struct str id, struct str worker, int64_t lease_until_unix_ms,
                         struct error *e) MUST_USE;
/* ERR_CONFLICT "lease_lost", or it is ours till the end of this transaction. */
enum err store_job_hold(struct store_tx *tx, struct str id, struct str worker, struct error *e) MUST_USE;
/* Ends a job of ours: STORE_DONE or STORE_FAILED with a reason. ERR_CONFLICT "lease_lost". */
enum err store_job_end(struct store_tx *tx, struct str id, struct str worker, enum store_state state, struct str reason,
                       struct error *e) MUST_USE;
/* Gives a job of ours back, to be claimed again not before a time. ERR_CONFLICT "lease_lost". */
enum err store_job_retry(struct store_tx *tx, struct str id, struct str worker, int64_t not_before_unix_ms,
                         struct str reason, struct error *e) MUST_USE;
/* Ends the unfinished job of a thing, whoever works on it: STORE_CANCELLED. *ret_changed false: there is none. */
enum err store_job_cancel(struct store_tx *tx, enum store_job_kind kind, struct str ref, bool *ret_changed,
                          struct error *e) MUST_USE;
/* Jobs that have been claimed max_attempts times and whose lease has run out: they become STORE_FAILED with this reason and come back, so that
 * what they were for can be told. */
enum err store_job_give_up(struct store_tx *tx, uint32_t max_attempts, int64_t now_unix_ms, struct str reason,
                           struct arena *a, struct store_job_list *ret, struct error *e) MUST_USE;
/* How many jobs there are of each kind and state, as far as they are kept: in a. */
struct store_job_count {
    enum store_job_kind kind;
    enum store_state state;
    int64_t n;
    int64_t oldest_unix_ms; /* made */
};
struct store_job_counts {
    struct store_job_count *at;
    size_t n;
};
enum err store_job_count(struct store_tx *tx, struct arena *a, struct store_job_counts *ret, struct error *e) MUST_USE;
/* When the next unfinished job is due (may be in the past): how long the runner may sleep. 0: there is none. */
enum err store_job_next_due(struct store_tx *tx, int64_t *ret_unix_ms, struct error *e) MUST_USE;
/* The last job for a thing. */
enum err store_job_find(struct store_tx *tx, enum store_job_kind kind, struct str ref, struct arena *a,
                        struct store_job *ret, struct error *e) MUST_USE;
/* Removes jobs that ended and were made before a time. */
enum err store_job_forget(struct store_tx *tx, int64_t before_unix_ms, struct error *e) MUST_USE;

/* ---- Exports ---- */

struct store_export {
    struct str id;
    struct str review_id;
    struct str by;      /* visitor */
    struct str format;  /* "docx" "json" "csv" "html" "zip" "s3" */
    struct str options; /* JSON object; "{}" */
    enum store_state state;
    struct str blob; /* key of the file; empty until there is one */
    struct str name; /* of the file */
    uint64_t size_bytes;
    struct str reason, message, hint; /* of a failure; empty */
    int64_t created_unix_ms, finished_unix_ms;
    int64_t file_removed_unix_ms; /* there was a file and it is not there any more; 0: no */
    struct str bucket, folder;    /* of a package: where it goes; bucket empty: nowhere but into the file */
    struct str steps;             /* JSON of its files and how far they are; empty */
};

struct store_export_list {
    struct store_export *at;
    size_t n;
};

enum err store_export_insert(struct store_tx *tx, const struct store_export *row, struct error *e) MUST_USE;
enum err store_export_find(struct store_tx *tx, struct str id, struct str owner, struct arena *a,
                           struct store_export *ret, struct error *e) MUST_USE;
/* Newest first; limit 0: all. */
enum err store_export_list(struct store_tx *tx, struct str review_id, size_t limit, struct arena *a,
                           struct store_export_list *ret, struct error *e) MUST_USE;
/* Whether an export goes into that folder of that bucket already. */
enum err store_export_folder_taken(struct store_tx *tx, struct str bucket, struct str folder, bool *ret,
                                   struct error *e) MUST_USE;
/* Writes state, blob, name, size_bytes, reason, message, hint, finished, bucket, folder, steps and file_removed of row->id, if its state is one of from_states. */
enum err store_export_update(struct store_tx *tx, const struct store_export *row, unsigned from_states,
                             bool *ret_changed, struct error *e) MUST_USE;

/* ---- Calls of models: the books ----
 * They name documents, reviews and visitors without a key, as they outlive them. */

struct store_model_call {
    struct str id;
    int64_t at_unix_ms;                        /* when it began */
    struct str person, document_id, review_id; /* may be empty */
    enum store_purpose purpose;
    struct str model, asked_model; /* what answered, as the wire calls it; as configured */
    struct str outcome;            /* empty: it was answered; else the reason of the error */
    uint64_t tokens_in, tokens_out, cache_read, cache_write;
    int64_t queue_ms, first_token_ms, whole_ms; /* first_token_ms -1: none came */
    int64_t cost_microusd;
    bool priced;    /* there was a price; else the cost is 0 */
    bool estimated; /* the tokens are worked out from bytes */
};

struct store_spent { /* by one person, or on one document */
    struct str id;
    int64_t microusd;
};

struct store_spent_list {
    struct store_spent *at;
    size_t n;
};

struct store_model_total {
    struct str model; /* as configured */
    uint64_t calls, failed;
    uint64_t tokens_in, tokens_out, cache_read, cache_write;
    int64_t cost_microusd;
    bool priced; /* every call that was answered was */
};

struct store_model_total_list {
    struct store_model_total *at;
    size_t n;
};

/* Any number in one transaction. */
enum err store_model_call_insert(struct store_tx *tx, const struct store_model_call *rows, size_t n,
                                 struct error *e) MUST_USE;
/* What calls that began at that time or later have cost. */
enum err store_model_spent(struct store_tx *tx, int64_t since_unix_ms, int64_t *ret_microusd, struct error *e) MUST_USE;
/* The same by persons; nobody is not among them. */
enum err store_model_spent_by_person(struct store_tx *tx, int64_t since_unix_ms, struct arena *a,
                                     struct store_spent_list *ret, struct error *e) MUST_USE;
/* What was ever spent on each document, deleted ones included. */
enum err store_model_spent_on_documents(struct store_tx *tx, struct arena *a, struct store_spent_list *ret,
                                        struct error *e) MUST_USE;
/* Of calls that began at that time or later, by configured model. */
enum err store_model_totals(struct store_tx *tx, int64_t since_unix_ms, struct arena *a,
                            struct store_model_total_list *ret, struct error *e) MUST_USE;

/* ---- What models have answered: identical work is not paid twice ---- */

/* Keeps a result of a document, in the place of one with the same key. "gone": the document is not there any more. */
enum err store_model_result_put(struct store_tx *tx, struct str document_id, struct str key, struct str result,
                                int64_t at_unix_ms, struct error *e) MUST_USE;
enum err store_model_result_get(struct store_tx *tx, struct str document_id, struct str key, struct arena *a,
                                struct str *ret, struct error *e) MUST_USE;

/* ---- Talks ---- */

struct store_chat_message {
    struct str id;
    struct str document_id;
    int64_t seq;   /* given by the store; rises in a document, never reused while one of its messages is there */
    struct str by; /* visitor whose talk it is, of answers too */
    enum store_chat_role role;
    struct str text;
    enum store_state state;           /* of an answer; a question is STORE_DONE */
    struct str model;                 /* that answered; empty */
    struct str reason, message, hint; /* of a failure; empty */
    struct str citations;             /* JSON array; "[]" */
    struct str tools;                 /* JSON; "[]" */
    struct str context;               /* JSON object: what the person had in view; "{}" */
    int64_t created_unix_ms, finished_unix_ms;
    bool gone; /* another took its place; no list shows it */
};

struct store_chat_list {
    struct store_chat_message *at;
    size_t n;
};

/* seq and gone of the row are not looked at. "gone": the document is not there any more. */
enum err store_chat_insert(struct store_tx *tx, const struct store_chat_message *row, int64_t *ret_seq,
                           struct error *e) MUST_USE;
/* owner: of the document. Those that are gone too: look at ->gone. */
enum err store_chat_find(struct store_tx *tx, struct str id, struct str owner, struct arena *a,
                         struct store_chat_message *ret, struct error *e) MUST_USE;
/* Those behind a seq that are not gone, oldest first. limit 0: all. */
enum err store_chat_list(struct store_tx *tx, struct str document_id, int64_t after_seq, size_t limit, struct arena *a,
                         struct store_chat_list *ret, struct error *e) MUST_USE;
/* How many are not gone. */
enum err store_chat_count(struct store_tx *tx, struct str document_id, uint32_t *ret, struct error *e) MUST_USE;
/* Writes text, state, model, reason, message, hint, citations, tools, context and finished of row->id, if its state is one of from_states. */
enum err store_chat_update(struct store_tx *tx, const struct store_chat_message *row, unsigned from_states,
                           bool *ret_changed, struct error *e) MUST_USE;
/* Those with this seq and later are gone; the summary goes too where it has one of them in it. *ret_n: how many were not gone before. */
enum err store_chat_go(struct store_tx *tx, struct str document_id, int64_t from_seq, uint32_t *ret_n,
                       struct error *e) MUST_USE;
/* Deletes all of a document, and the summary. */
enum err store_chat_clear(struct store_tx *tx, struct str document_id, struct error *e) MUST_USE;
/* Every answer that is unfinished becomes STORE_FAILED with this problem, and comes back as it is then. For a start at which nobody answers yet. */
enum err store_chat_interrupt(struct store_tx *tx, struct str reason, struct str message, struct str hint,
                              int64_t at_unix_ms, struct arena *a, struct store_chat_list *ret,
                              struct error *e) MUST_USE;

/* One of a document: what was said up to a message. Replaces the one before. */
enum err store_chat_summary_put(struct store_tx *tx, struct str document_id, int64_t upto_seq, struct str text,
                                struct error *e) MUST_USE;
enum err store_chat_summary_get(struct store_tx *tx, struct str document_id, struct arena *a, int64_t *ret_upto_seq,
                                struct str *ret_text, struct error *e) MUST_USE;

/* ---- Guidelines ---- */

struct store_guidelines {
    struct str id;
    struct str owner; /* visitor */
    bool team;        /* everybody may use them */
    struct str name;
    enum store_state state;           /* of reading them */
    struct str framework;             /* JSON; "{}" until they were read */
    struct str blob;                  /* key of the file */
    bool by_model;                    /* a model has listed the requirements; else they were found by their words */
    struct str reason, message, hint; /* of a failure; empty */
    int64_t created_unix_ms, changed_unix_ms;
    uint32_t version; /* 1, and one more with each change */
};

struct store_guidelines_list {
    struct store_guidelines *at;
    size_t n;
};

enum err store_guidelines_insert(struct store_tx *tx, const struct store_guidelines *row, struct error *e) MUST_USE;
/* visitor: theirs, or the team's; STR_EMPTY asks only whether they are there. Who may change them: look at ->owner. */
enum err store_guidelines_find(struct store_tx *tx, struct str id, struct str visitor, struct arena *a,
                               struct store_guidelines *ret, struct error *e) MUST_USE;
/* A visitor's own and the team's, newest first. limit 0: all. */
enum err store_guidelines_list(struct store_tx *tx, struct str visitor, size_t limit, struct arena *a,
                               struct store_guidelines_list *ret, struct error *e) MUST_USE;
/* Writes team, name, state, framework, by_model, reason, message, hint and changed of row->id and counts its version up, if its version is
 * row->version. */
enum err store_guidelines_update(struct store_tx *tx, const struct store_guidelines *row, bool *ret_changed,
                                 struct error *e) MUST_USE;
/* With their jobs; documents that name them name none afterwards. *ret_blob: key of the file, or empty when another row names it; delete it after the
 * commit. */
enum err store_guidelines_delete(struct store_tx *tx, struct str id, struct arena *a, struct str *ret_blob,
                                 struct error *e) MUST_USE;

/* ---- Dismissals: what is not to be raised again ---- */

struct store_dismissal {
    struct str id;
    enum store_scope scope;
    struct str scope_id; /* document, visitor; empty for the team */
    struct str reviewer; /* rule id, model name */
    struct str category;
    struct str key;         /* what it is recognised by (review/dismiss.h) */
    struct str document_id; /* where it was said */
    struct str quote;       /* for people; empty once that document is deleted */
    struct str reason;      /* may be empty */
    struct str by;          /* visitor */
    struct str by_name;     /* only comes out: the visitor's name of now */
    int64_t at_unix_ms;
};

struct store_dismissal_list {
    struct store_dismissal *at;
    size_t n;
};

/* Idempotent: one with the same scope, scope_id and key stays, and takes the reason where one is given. */
enum err store_dismissal_insert(struct store_tx *tx, const struct store_dismissal *row, struct error *e) MUST_USE;
enum err store_dismissal_find(struct store_tx *tx, struct str id, struct arena *a, struct store_dismissal *ret,
                              struct error *e) MUST_USE;
/* All that hold for a document (may be empty: none) of this person: the document's, the person's and the team's, newest first. limit 0: all. */
enum err store_dismissal_list(struct store_tx *tx, struct str document_id, struct str person, size_t limit,
                              struct arena *a, struct store_dismissal_list *ret, struct error *e) MUST_USE;
/* Whether one of these has the key. */
enum err store_dismissal_holds(struct store_tx *tx, struct str document_id, struct str person, struct str key,
                               bool *ret, struct error *e) MUST_USE;
enum err store_dismissal_delete(struct store_tx *tx, struct str id, struct error *e) MUST_USE;
/* Those with the key that this visitor has made: for the document, for themselves and for the team. */
enum err store_dismissal_take_back(struct store_tx *tx, struct str document_id, struct str by, struct str key,
                                   struct error *e) MUST_USE;

/* ---- Learning from decisions ----
 * Of findings in a visitor's own documents, decided after a time, not deleted. */

struct store_learned {
    enum store_source source; /* by rule or by model */
    struct str reviewer, category;
    struct str reviewer_name; /* for people */
    uint32_t accepted, rejected;
};

struct store_learned_list {
    struct store_learned *at;
    size_t n;
};

/* By reviewer and category; persons' own findings are not among them. */
enum err store_learn_count(struct store_tx *tx, struct str visitor, int64_t since_unix_ms, struct arena *a,
                           struct store_learned_list *ret, struct error *e) MUST_USE;
/* Findings of models, the last decided first; none of a document that is never to be sent to a model. document_id: of this one alone; empty: of all. */
enum err store_learn_examples(struct store_tx *tx, struct str visitor, struct str document_id, int64_t since_unix_ms,
                              enum store_decision decision, size_t limit, struct arena *a,
                              struct store_finding_list *ret, struct error *e) MUST_USE;
/* From when on a visitor's decisions count; 0: from the beginning. */
enum err store_learn_reset_put(struct store_tx *tx, struct str visitor, int64_t at_unix_ms, struct error *e) MUST_USE;
enum err store_learn_reset_get(struct store_tx *tx, struct str visitor, int64_t *ret_unix_ms, struct error *e) MUST_USE;

/* ---- Retention: what nobody uses goes ----
 * before: what was not used since. records: rows go too, not the files alone. Lists give ids behind `after` (empty: from the first), in their order; what
 * removes asks again whether it may, so that two servers can do it at once: *ret_removed false where it may not. */

struct store_retain {
    int64_t before_unix_ms;
    bool records;
    int64_t now_unix_ms;
};

/* Never set back. A document that is gone is no error. */
enum err store_document_used(struct store_tx *tx, struct str id, int64_t at_unix_ms, struct error *e) MUST_USE;
/* Documents of which nobody knows when they were used: from now on. */
enum err store_retain_from_now(struct store_tx *tx, int64_t now_unix_ms, struct error *e) MUST_USE;

/* Documents that nobody works on: no review, no export and no answer is being made. */
enum err store_retain_documents(struct store_tx *tx, const struct store_retain *r, struct str after, size_t limit,
                                struct arena *a, struct store_keys *ret, struct error *e) MUST_USE;
/* Removes the document (records), or what there is of its text beside the findings: files, talks, what models have answered. *ret_blobs: keys that no row
 * names any more; delete them after the commit. */
enum err store_retain_document(struct store_tx *tx, const struct store_retain *r, struct str id, struct arena *a,
                               bool *ret_removed, struct store_keys *ret_blobs, struct error *e) MUST_USE;

/* Exports that have ended, by when they did. */
enum err store_retain_exports(struct store_tx *tx, const struct store_retain *r, struct str after, size_t limit,
                              struct arena *a, struct store_keys *ret, struct error *e) MUST_USE;
/* *ret_blob: empty when there was no file. */
enum err store_retain_export(struct store_tx *tx, const struct store_retain *r, struct str id, struct arena *a,
                             bool *ret_removed, struct str *ret_blob, struct error *e) MUST_USE;

/* Persons' guidelines, never the team's; without records their points stay. */
enum err store_retain_guidelines(struct store_tx *tx, const struct store_retain *r, struct str after, size_t limit,
                                 struct arena *a, struct store_keys *ret, struct error *e) MUST_USE;
enum err store_retain_guideline(struct store_tx *tx, const struct store_retain *r, struct str id, struct arena *a,
                                bool *ret_removed, struct str *ret_blob, struct error *e) MUST_USE;

/* Calls of models made before a time that no budget asks for any more: of documents that are gone, or whose files are. The oldest first. */
enum err store_retain_calls(struct store_tx *tx, int64_t before_unix_ms, size_t limit, struct arena *a,
                            struct store_keys *ret, struct error *e) MUST_USE;
enum err store_retain_calls_delete(struct store_tx *tx, const struct store_keys *ids, struct error *e) MUST_USE;

/* Documents that are gone and of which there are events from before a time; and these events. */
enum err store_retain_events(struct store_tx *tx, int64_t before_unix_ms, size_t limit, struct arena *a,
                             struct store_keys *ret, struct error *e) MUST_USE;
enum err store_retain_events_delete(struct store_tx *tx, const struct store_keys *documents, int64_t before_unix_ms,
                                    struct error *e) MUST_USE;

/* ---- Status ---- */

/* How many documents there are, and how many of their versions are without their file. */
enum err store_status_documents(struct store_tx *tx, uint64_t *ret, uint64_t *ret_without_file,
                                struct error *e) MUST_USE;
/* In each of n stretches of time since then: reviews that were done; calls of models that ended, and of them those that failed. Arrays of n each. */
enum err store_status_work(struct store_tx *tx, int64_t since_unix_ms, int64_t stretch_ms, size_t n,
                           uint64_t *ret_reviews, uint64_t *ret_calls, uint64_t *ret_failed, struct error *e) MUST_USE;
