/* What the tests of the store share: a store in a folder of its own, rows with something in every column, and calls that must succeed. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/queries.h"
#include "store/store_priv.h"

#define assert_str(view, text)                                                                                         \
    do {                                                                                                               \
        struct str assert_str_a_ = (view), assert_str_b_ = str_from_c(text);                                           \
        if (!str_eq(assert_str_a_, assert_str_b_))                                                                     \
            fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARG(assert_str_a_), STR_ARG(assert_str_b_));                      \
    } while (0)

/* The call, with an error of its own; fails the test with the error's texts. */
#define must(call)                                                                                                     \
    do {                                                                                                               \
        struct error must_e_ = {0}, *e = &must_e_;                                                                     \
        if ((call) != ERR_OK) fail_msg(#call ": %s: %s (%s)", must_e_.reason, must_e_.message, must_e_.detail);        \
    } while (0)
/* The call fails with this code and reason, and with a sentence. */
#define must_fail(call, code_, reason_)                                                                                \
    do {                                                                                                               \
        struct error must_e_ = {0}, *e = &must_e_;                                                                     \
        enum err must_err_ = (call);                                                                                   \
        if (must_err_ != (code_) || strcmp(must_e_.reason, reason_) != 0)                                              \
            fail_msg(#call ": %s, %s: %s (%s)", error_code_name(must_err_), must_e_.reason, must_e_.message,           \
                     must_e_.detail);                                                                                  \
        assert_true(must_e_.message[0]);                                                                               \
    } while (0)

/* Members of two rows are the same. */
#define same_str(a, b, member)                                                                                         \
    do {                                                                                                               \
        if (!str_eq((a).member, (b).member) || !(a).member.p != !(b).member.p)                                         \
            fail_msg(#member ": \"%.*s\" is not \"%.*s\"", STR_ARG((a).member), STR_ARG((b).member));                  \
    } while (0)
#define same_int(a, b, member)                                                                                         \
    do {                                                                                                               \
        if ((a).member != (b).member)                                                                                  \
            fail_msg(#member ": %lld is not %lld", (long long)(a).member, (long long)(b).member);                      \
    } while (0)

/* A folder under TMPDIR, which test_store_end removes. */
struct test_store {
    char folder[256];
    struct store *store;
    struct arena *a;
    struct store_tx *tx; /* of test_store_tx_setup */
};

void test_store_begin(struct test_store *t); /* folder, arena and an open store */
void test_store_end(struct test_store *t);
void test_store_reopen(struct test_store *t);
/* The path of a file in the folder, in the arena. */
char *test_store_path(struct test_store *t, const char *name);
enum err test_store_open(const char *folder, struct store **ret, struct error *e);

/* Group setup and teardown: *state is a struct test_store. */
int test_store_setup(void **state);
int test_store_teardown(void **state);

/* For tests of queries: no store but a connection of the test's own in a write transaction, so that a test can look at each result where it asks; a
 * function that store_write runs could not, as it is on another thread. Filled by test_fill; the teardown commits, which must succeed. */
int test_store_tx_setup(void **state);
int test_store_tx_teardown(void **state);

/* Within a transaction: rows that name their parents. ids are their own names. */
struct store_visitor make_visitor(const char *id);
struct store_document make_document(const char *id, const char *owner, int64_t created_unix_ms);
struct store_version make_version(const char *id, const char *document);
struct store_review make_review(const char *id, const char *document, int64_t created_unix_ms);
struct store_finding make_finding(const char *id, const char *review, const char *document, uint32_t seq);
struct store_chat_message make_message(const char *id, const char *document, enum store_chat_role role);
struct store_guidelines make_guidelines(const char *id, const char *owner, int64_t created_unix_ms);
struct store_dismissal make_dismissal(const char *id, enum store_scope scope, const char *scope_id, const char *key);

/* A visitor "v", its document "d" with version "d-version" and review "r". */
enum err test_fill(struct store_tx *tx, void *ctx, struct error *e);
