/* Transactions: all or nothing, one that fails takes no other with it, snapshots stay as they are, many threads write at once, and no statement is prepared
 * twice. */
#include "store/store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "store_test.h"

#define THREADS 16
#define WRITES  60

static enum err count_events(struct store *s, struct arena *a, size_t *ret, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    struct store_event_list list = {0};
    TRY(store_read(s, &tx, e));
    TRY(store_event_since(tx, STR_EMPTY, 0, 0, a, &list, e));
    *ret = list.n;
    return ERR_OK;
}

static size_t events_of(struct test_store *t)
{
    size_t n = 0;
    must(count_events(t->store, t->a, &n, e));
    return n;
}

/* Two events; then ends as it is told. */
static enum err two_events(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct store_event event = {.document_id = STR("d"), .kind = STR("k"), .data = STR("{}")};
    const bool *fails = ctx;
    int64_t seq = 0;
    TRY(store_event_append(tx, &event, &seq, e));
    TRY(store_event_append(tx, &event, &seq, e));
    return *fails ? error_set_reason(e, ERR_BUSY, "my_own", "no") : ERR_OK;
}

static void test_all_or_nothing(void **state)
{
    struct test_store *t = *state;
    bool fails = true;
    must_fail(store_write(t->store, two_events, &fails, e), ERR_BUSY, "my_own");
    assert_int_equal(events_of(t), 0);
    assert_int_equal(store_write(t->store, two_events, &fails, NULL), ERR_BUSY); /* nobody wants to know why */
    fails = false;
    must(store_write(t->store, two_events, &fails, e));
    assert_int_equal(events_of(t), 2);
    test_store_reopen(t);
    assert_int_equal(events_of(t), 2);
}

static enum err fill_twice(struct store_tx *tx, void *ctx, struct error *e)
{
    TRY(test_fill(tx, ctx, e));
    return test_fill(tx, ctx, e);
}

/* An error of the database within a transaction undoes what came before it. */
static void test_database_error(void **state)
{
    struct test_store *t = *state;
    must_fail(store_write(t->store, fill_twice, NULL, e), ERR_CONFLICT, "exists");
    must(store_write(t->store, test_fill, NULL, e));
}

static void test_snapshot(void **state)
{
    struct test_store *t = *state;
    bool fails = false;
    struct store_event_list list = {0};
    struct store_tx *tx = NULL;
    must(store_read(t->store, &tx, e));
    must(store_event_since(tx, STR_EMPTY, 0, 0, t->a, &list, e));
    must(store_write(t->store, two_events, &fails, e)); /* does not wait for the reader */
    must(store_event_since(tx, STR_EMPTY, 0, 0, t->a, &list, e));
    assert_int_equal(list.n, 0);
    store_read_end(tx);
    assert_int_equal(events_of(t), 2);
    store_read_end(NULL);
}

/* ---- Many threads ---- */

struct writer {
    struct test_store *t;
    unsigned number;
    int failed;
};

struct one_write {
    char id[32];
    bool fails;
};

static enum err add_visitor(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct one_write *w = ctx;
    const struct store_visitor visitor = make_visitor(w->id);
    TRY(store_visitor_insert(tx, &visitor, e));
    return w->fails ? error_set(e, ERR_BUSY, "on purpose") : ERR_OK;
}

/* Whether a snapshot has it. */
static bool is_there(struct test_store *t, const char *id)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    CLEANUP_ARENA struct arena *a = arena_new(10000);
    struct store_visitor found;
    if (!a || store_read(t->store, &tx, NULL) != ERR_OK) return false;
    return store_visitor_find(tx, str_from_c(id), a, &found, NULL) == ERR_OK;
}

/* Writes, and looks at once: what was acknowledged is there, what failed is not, though both were in one commit. */
static void *write_many(void *ctx)
{
    struct writer *w = ctx;
    for (unsigned i = 0; i < WRITES; i++) {
        struct one_write one = {.fails = i % 5 == 4};
        (void)snprintf(one.id, sizeof one.id, "%u-%u", w->number, i);
        enum err err = store_write(w->t->store, add_visitor, &one, NULL);
        if (err != (one.fails ? ERR_BUSY : ERR_OK) || is_there(w->t, one.id) == one.fails) w->failed++;
    }
    return NULL;
}

static void test_threads(void **state)
{
    struct test_store *t = *state;
    pthread_t threads[THREADS];
    struct writer writers[THREADS];
    for (unsigned i = 0; i < THREADS; i++) {
        writers[i] = (struct writer){.t = t, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &writers[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(writers[i].failed, 0);
    }
}

struct waiter {
    struct store *store;
    _Atomic bool reads;
};

static void *read_once(void *ctx)
{
    struct waiter *w = ctx;
    struct store_tx *tx = NULL;
    if (store_read(w->store, &tx, NULL) != ERR_OK) return NULL;
    w->reads = true;
    store_read_end(tx);
    return NULL;
}

/* One more snapshot than there may be waits for one that ends. */
static void test_reader_waits(void **state)
{
    struct test_store *t = *state;
    struct store_options options = {.folder = t->folder, .lock_fd = -1, .readers = 2};
    struct waiter waiter = {0};
    struct store_tx *one = NULL, *two = NULL;
    pthread_t thread;
    store_close(t->store);
    t->store = NULL;
    must(store_open(&options, &t->store, e));
    waiter.store = t->store;
    must(store_read(t->store, &one, e));
    must(store_read(t->store, &two, e));
    assert_int_equal(pthread_create(&thread, NULL, read_once, &waiter), 0);
    struct timespec a_moment = {.tv_nsec = 20 * 1000 * 1000};
    nanosleep(&a_moment, NULL);
    assert_false(waiter.reads);
    store_read_end(two);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(waiter.reads);
    store_read_end(one);
}

/* ---- Statements ---- */

static enum err tour(struct store_tx *tx, void *ctx, struct error *e)
{
    unsigned *prepared = ctx;
    CLEANUP_ARENA struct arena *a = arena_new(1 << 20);
    struct store_document d;
    struct store_keys blobs;
    struct store_finding_list list;
    if (!a) return error_no_memory(e);
    const struct store_finding f = make_finding("f", "r", "d", 0);
    TRY(test_fill(tx, NULL, e));
    TRY(store_finding_insert(tx, &f, 1, e));
    TRY(store_finding_list(tx, STR("r"), NULL, STORE_BY_PLACE, STR_EMPTY, 5, a, &list, e));
    TRY(store_document_find(tx, STR("d"), STR("v"), a, &d, e));
    TRY(store_document_delete(tx, STR("d"), a, &blobs, e));
    *prepared = tx->prepared;
    return error_set(e, ERR_BUSY, "once more");
}

static void test_prepared_once(void **state)
{
    struct test_store *t = *state;
    unsigned first = 0, later = 0;
    assert_int_equal(store_write(t->store, tour, &first, NULL), ERR_BUSY);
    for (int i = 0; i < 5; i++)
        assert_int_equal(store_write(t->store, tour, &later, NULL), ERR_BUSY);
    assert_true(first > 5);
    assert_int_equal(later, first);

    /* a reader is used again with its statements */
    for (int i = 0; i < 5; i++) {
        size_t n = 0;
        must(count_events(t->store, t->a, &n, e));
        struct store_tx *tx = NULL;
        must(store_read(t->store, &tx, e));
        assert_int_equal(tx->prepared, 1);
        store_read_end(tx);
    }
}

static void test_probe(void **state)
{
    struct test_store *t = *state;
    must(store_probe(t->store, e));
    must(store_probe(t->store, e));
}

#define T(test) cmocka_unit_test_setup_teardown(test, test_store_setup, test_store_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_all_or_nothing), T(test_database_error), T(test_snapshot),      T(test_threads),
        T(test_reader_waits),   T(test_probe),          T(test_prepared_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
