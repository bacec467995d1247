/* What the tests of the server's domain share: a store and files in a folder of their own, a bus, the rules, a clock that can be moved, and people. */
#pragma once

#include "review_test.h"

#include "blob/blob.h"
#include "bus/bus.h"
#include "review/context.h"
#include "review/decide.h"
#include "review/documents.h"
#include "review/events.h"
#include "review/jobs.h"
#include "review/reviews.h"
#include "rules/rules.h"
#include "store/queries.h"

#define assert_fails(call, code_, reason_)                                                                             \
    do {                                                                                                               \
        struct error assert_fails_e_ = {0}, *e = &assert_fails_e_;                                                     \
        enum err assert_fails_err_ = (call);                                                                           \
        if (assert_fails_err_ != (code_) || strcmp(e->reason, reason_) != 0 || !e->message[0])                         \
            fail_msg("%s: %s, %s: %s", #call, error_code_name(assert_fails_err_), e->reason, e->message);              \
    } while (0)

struct server {
    struct arena *a;
    char folder[256];
    struct review_context c;
    struct review_by ann, bob; /* two visitors */
};

/* Once a group: the rules and frameworks are loaded then. */
int server_group_setup(void **state);
int server_group_teardown(void **state);
/* Each test: *state is a struct server. */
int server_setup(void **state);
int server_teardown(void **state);
#define SERVER_TEST(name) cmocka_unit_test_setup_teardown(name, server_setup, server_teardown)

/* Closes store and files and opens them again, as a server that starts anew. */
void server_restart(struct server *s);
/* Moves the clock of the context. */
void server_later(int64_t ms);

/* A report with several things to find. */
extern const char server_report[];
struct str server_docx(struct server *s, const char *lines);

struct documents_added server_upload(struct server *s, const struct review_by *by, const char *name, struct str bytes);
/* Runs jobs until none is due, with a runner of its own that is gone afterwards. */
void server_run_jobs(struct server *s);
/* Uploads server_report for Ann and reviews it with the framework "hawkeye". */
struct store_review server_reviewed(struct server *s);

struct store_review server_review(struct server *s, struct str id);
struct store_finding_list server_findings(struct server *s, struct str review_id);
struct store_finding server_finding(struct server *s, struct str id);
struct store_event_list server_events(struct server *s, struct str document_id);
size_t server_count_events(struct server *s, struct str document_id, const char *kind);
/* How many files lie in the folder of files. */
size_t server_count_files(struct server *s);
void server_decide(struct server *s, const struct review_by *by, struct str finding, enum finding_decision decision);
struct decide_undone server_undo(struct server *s, const struct review_by *by, struct str review);
/* Words of the report, as a person would select them. */
struct decide_anchor server_anchor(struct server *s, const char *words);
