/* base/pool: everything runs once, in order on one thread; a full queue says so; freeing runs what is queued. */
#include "base/pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

/* A door that work waits at until the test opens it. */
struct door {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool open;
    int waiting;
};

static void door_wait(void *object)
{
    struct door *d = object;
    pthread_mutex_lock(&d->mutex);
    d->waiting++;
    pthread_cond_broadcast(&d->cond);
    while (!d->open)
        pthread_cond_wait(&d->cond, &d->mutex);
    pthread_mutex_unlock(&d->mutex);
}

static void door_open(struct door *d)
{
    pthread_mutex_lock(&d->mutex);
    d->open = true;
    pthread_cond_broadcast(&d->cond);
    pthread_mutex_unlock(&d->mutex);
}

static void door_until_waiting(struct door *d, int n)
{
    pthread_mutex_lock(&d->mutex);
    while (d->waiting < n)
        pthread_cond_wait(&d->cond, &d->mutex);
    pthread_mutex_unlock(&d->mutex);
}

#define DOOR                                                                                                           \
    {                                                                                                                  \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0                                                  \
    }

static atomic_int sum;
static void add(void *object) { atomic_fetch_add(&sum, (int)(intptr_t)object); }

static void runs_everything_once(void **state)
{
    (void)state;
    struct error e = {0};
    struct pool *p = NULL;
    assert_int_equal(pool_new(4, 1000, &p, &e), ERR_OK);
    atomic_store(&sum, 0);
    for (int i = 1; i <= 1000; i++)
        assert_int_equal(pool_submit(p, add, (void *)(intptr_t)i, &e), ERR_OK);
    pool_free(p);
    assert_int_equal(atomic_load(&sum), 1000 * 1001 / 2);
}

static int order[100];
static int n_order;
static void note(void *object) { order[n_order++] = (int)(intptr_t)object; }

static void one_thread_keeps_the_order(void **state)
{
    (void)state;
    struct error e = {0};
    struct pool *p = NULL;
    assert_int_equal(pool_new(1, 100, &p, &e), ERR_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(pool_submit(p, note, (void *)(intptr_t)i, &e), ERR_OK);
    pool_free(p);
    assert_int_equal(n_order, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(order[i], i);
}

static void a_full_queue_is_busy_and_recovers(void **state)
{
    (void)state;
    struct error e = {0};
    struct pool *p = NULL;
    struct door d = DOOR;
    assert_int_equal(pool_new(2, 3, &p, &e), ERR_OK);
    assert_int_equal(pool_submit(p, door_wait, &d, &e), ERR_OK);
    assert_int_equal(pool_submit(p, door_wait, &d, &e), ERR_OK);
    door_until_waiting(&d, 2); /* both threads are at work: the queue is empty */
    assert_int_equal(pool_busy(p), 2);
    assert_int_equal(pool_threads(p), 2);
    atomic_store(&sum, 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pool_submit(p, add, (void *)1, &e), ERR_OK);
    assert_int_equal(pool_submit(p, add, (void *)100, &e), ERR_BUSY);
    assert_string_equal(e.reason, "too_busy");
    assert_int_equal(atomic_load(&sum), 0);
    door_open(&d);
    pool_free(p);
    assert_int_equal(atomic_load(&sum), 3); /* what was queued ran, what was refused did not */
}

static sigset_t seen;
static void see_mask(void *object)
{
    (void)object;
    pthread_sigmask(SIG_BLOCK, NULL, &seen);
}

static void workers_take_no_signals(void **state)
{
    (void)state;
    struct error e = {0};
    struct pool *p = NULL;
    sigset_t mine;
    assert_int_equal(pool_new(1, 1, &p, &e), ERR_OK);
    assert_int_equal(pool_submit(p, see_mask, NULL, &e), ERR_OK);
    pool_free(p);
    assert_true(sigismember(&seen, SIGTERM));
    assert_true(sigismember(&seen, SIGHUP));
    pthread_sigmask(SIG_BLOCK, NULL, &mine);
    assert_false(sigismember(&mine, SIGTERM));
}

static void free_takes_nothing(void **state)
{
    (void)state;
    pool_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_everything_once),
        cmocka_unit_test(one_thread_keeps_the_order),
        cmocka_unit_test(a_full_queue_is_busy_and_recovers),
        cmocka_unit_test(workers_take_no_signals),
        cmocka_unit_test(free_takes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
