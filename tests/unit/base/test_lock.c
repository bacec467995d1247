/* Locks: what they keep apart, and that each kind of misuse ends the program. */
#include "base/lock.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base_test.h"

#include "base/time.h"

#define THREADS 4
#define ROUNDS  20000

static struct lock counter_lock = LOCK_INIT(LOCK_RANK_BUS);
static long counter; /* guarded by counter_lock */

static void *count(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < ROUNDS; i++) {
        lock_take(&counter_lock);
        counter++;
        lock_give(&counter_lock);
    }
    return NULL;
}

static void test_excludes(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    counter = 0;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(counter, (long)THREADS * ROUNDS);
}

/* Any order of giving back is right; then the lower one may be taken again. */
static void test_rising(void **state)
{
    (void)state;
    struct lock low, middle, high;
    lock_init(&low, LOCK_RANK_NET);
    lock_init(&middle, LOCK_RANK_BUS);
    lock_init(&high, LOCK_RANK_LOG);
    for (int i = 0; i < 2; i++) {
        lock_take(&low);
        lock_take(&middle);
        lock_take(&high);
        lock_assert_held(&middle);
        lock_give(&middle);
        lock_give(&high);
        lock_take(&middle);
        lock_give(&low);
        lock_give(&middle);
    }
    lock_done(&low);
    lock_done(&middle);
    lock_done(&high);
}

struct misuse {
    struct lock low, high;
    struct lock_cond cond;
};

/* Each is wrong on purpose. */
#pragma GCC diagnostic push
#if defined __clang__
#pragma GCC diagnostic ignored "-Wthread-safety"
#endif
static void falling(struct misuse *m)
{
    lock_take(&m->high);
    lock_take(&m->low);
}

static void same_rank(struct misuse *m)
{
    struct lock other;
    lock_init(&other, LOCK_RANK_NET);
    lock_take(&m->low);
    lock_take(&other);
}

static void twice(struct misuse *m)
{
    lock_take(&m->low);
    lock_take(&m->low);
}

static void not_held(struct misuse *m) { lock_give(&m->low); }

static void assert_without(struct misuse *m)
{
    lock_take(&m->low);
    lock_assert_held(&m->high);
}

static void wait_with_two(struct misuse *m)
{
    lock_take(&m->low);
    lock_take(&m->high);
    lock_cond_wait_until(&m->cond, &m->high, 0);
}

static void *take_it(void *ctx)
{
    lock_take(ctx);
    return NULL;
}

static void of_another(struct misuse *m)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, take_it, &m->low) != 0 || pthread_join(thread, NULL) != 0) _exit(3);
    lock_give(&m->low);
}

static void nothing_wrong(struct misuse *m)
{
    lock_take(&m->low);
    lock_take(&m->high);
    lock_give(&m->high);
    lock_give(&m->low);
}
#pragma GCC diagnostic pop

/* Whether a process that does it is ended by abort(). */
static bool aborts(void (*wrong)(struct misuse *))
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct misuse m;
        struct rlimit no_core = {0};
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, STDERR_FILENO); /* the sentence of the assert is not this test's */
        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)signal(SIGABRT, SIG_DFL); /* cmocka and the sanitizers catch it */
        lock_init(&m.low, LOCK_RANK_NET);
        lock_init(&m.high, LOCK_RANK_LOG);
        lock_cond_init(&m.cond);
        wrong(&m);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) return WTERMSIG(status) == SIGABRT;
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

static void test_misuse(void **state)
{
    (void)state;
    assert_false(aborts(nothing_wrong));
    assert_true(aborts(falling));
    assert_true(aborts(same_rank));
    assert_true(aborts(twice));
    assert_true(aborts(not_held));
    assert_true(aborts(of_another));
    assert_true(aborts(assert_without));
    assert_true(aborts(wait_with_two));
}

struct turns {
    struct lock lock;
    struct lock_cond changed;
    int turn; /* guarded by lock: whose it is, 0 or 1; counts up */
};

static void *odd_turns(void *ctx)
{
    struct turns *t = ctx;
    lock_take(&t->lock);
    while (t->turn < 1000) {
        if (t->turn % 2 == 1) {
            t->turn++;
            lock_cond_signal(&t->changed);
        } else {
            lock_cond_wait(&t->changed, &t->lock);
        }
    }
    lock_give(&t->lock);
    return NULL;
}

/* Two threads wait for each other in turn; a lost signal would be a test that does not end. */
static void test_signal(void **state)
{
    (void)state;
    struct turns t = {.turn = 0};
    pthread_t thread;
    lock_init(&t.lock, LOCK_RANK_POOL);
    lock_cond_init(&t.changed);
    assert_int_equal(pthread_create(&thread, NULL, odd_turns, &t), 0);
    lock_take(&t.lock);
    while (t.turn < 1000) {
        if (t.turn % 2 == 0) {
            t.turn++;
            lock_cond_broadcast(&t.changed);
        } else {
            (void)lock_cond_wait_until(&t.changed, &t.lock, INT64_MAX / 2);
        }
    }
    lock_cond_broadcast(&t.changed);
    lock_give(&t.lock);
    assert_int_equal(pthread_join(thread, NULL), 0);
    lock_cond_done(&t.changed);
    lock_done(&t.lock);
}

/* The time is waited for and not much less; the lock is held afterwards. */
static void test_timeout(void **state)
{
    (void)state;
    struct lock lock;
    struct lock_cond cond;
    lock_init(&lock, LOCK_RANK_POOL);
    lock_cond_init(&cond);
    lock_take(&lock);
    assert_false(lock_cond_wait_until(&cond, &lock, -5));
    assert_false(lock_cond_wait_until(&cond, &lock, 0));
    int64_t until = time_monotonic_ns() + 30000000;
    while (lock_cond_wait_until(&cond, &lock, until)) {
    }
    assert_true(time_monotonic_ns() >= until);
    lock_assert_held(&lock);
    lock_give(&lock);
    lock_cond_done(&cond);
    lock_done(&lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_excludes), cmocka_unit_test(test_rising),  cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_signal),   cmocka_unit_test(test_timeout),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
