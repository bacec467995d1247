/* What the domain works with: wired once by cmd/serve, the same for every request and job, immutable while they run. Thread: any. */
#pragma once

#include "base/str.h"
#include "doc/limits.h"

struct store;
struct blob;
struct bus;
struct rules_engine;
struct events;
struct jobs;

struct framework;
struct review_models;
struct review_bucket;
struct exports_counts;
struct chat;

struct frameworks { /* the built-in ones, loaded once */
    const struct framework *const *at;
    size_t n;
};

struct review_retention { /* of what nobody uses (review/retention.h) */
    unsigned days;        /* after so many without being used it goes; 0: never */
    bool records;         /* with its rows; else findings and decisions stay */
};

struct review_context {
    struct store *store;
    struct blob *blob;
    struct bus *bus;
    const struct rules_engine *engine;
    struct frameworks frameworks;
    const struct framework *framework; /* of documents that ask for none; NULL: the one that fits each document */
    struct doc_limits limits;          /* of uploads */
    struct review_retention retention;
    int64_t (*now_unix_ms)(void);         /* time_now_unix_ms, but for tests */
    struct events *events;                /* shows events live (review/events.h); NULL: nobody does */
    const struct review_models *models;   /* review/models.h; NULL: no language model is configured */
    struct exports_counts *export_counts; /* review/exports.h; NULL: nobody counts */
    const struct review_bucket *bucket;   /* review/bucket.h; NULL: packages are downloads alone */
    struct chat *chat;                    /* talks (review/chat.h); NULL: there are none here */
    struct jobs *jobs;                    /* runs jobs at once (review/jobs.h); NULL: they wait for a runner */
};

/* Who does something: a visitor and the name that it chose (may be empty). */
struct review_by {
    struct str visitor, name;
};

/* The name that people see for one: the chosen one, or "Reviewer" when none was. */
struct str review_shown_name(struct str chosen);

/* All that are built in, in a. Errors: those of framework_load, which are our bugs. */
enum err frameworks_load(struct arena *a, struct frameworks *ret, struct error *e) MUST_USE;
/* By id, or NULL. */
const struct framework *frameworks_find(const struct frameworks *f, struct str id);
