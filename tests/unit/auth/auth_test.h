/* What the tests of auth share: cmocka, and a store in a folder of its own. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/queries.h"

#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        struct error assert_ok_e_ = {0}, *e = &assert_ok_e_;                                                           \
        if ((call) != ERR_OK) fail_msg("%s: %s (%s)", #call, assert_ok_e_.message, assert_ok_e_.reason);               \
    } while (0)
#define assert_fails(call, code_, reason_)                                                                             \
    do {                                                                                                               \
        struct error assert_fails_e_ = {0}, *e = &assert_fails_e_;                                                     \
        enum err assert_fails_err_ = (call);                                                                           \
        if (assert_fails_err_ != (code_) || strcmp(e->reason, reason_) != 0 || !e->message[0])                         \
            fail_msg("%s: %s, %s: %s", #call, error_code_name(assert_fails_err_), e->reason, e->message);              \
    } while (0)

struct auth_test {
    struct arena *a;
    struct store *store;
    char folder[256];
};

static inline int auth_setup(void **state)
{
    struct auth_test *t = calloc(1, sizeof *t);
    const char *tmp = getenv("TMPDIR");
    assert_non_null(t);
    t->a = arena_new(SIZE_MAX);
    assert_non_null(t->a);
    (void)snprintf(t->folder, sizeof t->folder, "%s/prism-auth-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(t->folder));
    const struct store_options options = {.folder = t->folder, .lock_fd = -1, .readers = 2};
    assert_ok(store_open(&options, &t->store, e));
    *state = t;
    return 0;
}

static inline int auth_teardown(void **state)
{
    struct auth_test *t = *state;
    char *paths[] = {t->folder, NULL};
    store_close(t->store);
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    assert_non_null(tree);
    for (FTSENT *entry; (entry = fts_read(tree)) != NULL;)
        if (entry->fts_info != FTS_D) (void)remove(entry->fts_path);
    fts_close(tree);
    arena_free(t->a);
    free(t);
    return 0;
}
#define AUTH_TEST(name) cmocka_unit_test_setup_teardown(name, auth_setup, auth_teardown)
