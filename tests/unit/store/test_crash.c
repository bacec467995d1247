/* Killed at any moment: what was acknowledged is there, whole; what was not is there whole or not at all.
 * A child writes with several threads and tells each write by a pipe after store_write has returned; it is killed, and what came out of the
 * pipe is compared with what the store has. */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "store_test.h"

#define KILLS   50
#define THREADS 4

/* What goes through the pipe: less than PIPE_BUF, so it comes whole or not at all. */
struct told {
    uint32_t thread, n;
};

struct child {
    struct store *store;
    uint32_t round, thread;
    int pipe;
};

struct pair {
    char id[2][32];
};

static struct pair make_pair(uint32_t round, uint32_t thread, uint32_t n)
{
    struct pair p;
    for (unsigned i = 0; i < 2; i++)
        (void)snprintf(p.id[i], sizeof p.id[i], "%u-%u-%u-%u", round, thread, n, i);
    return p;
}

static enum err insert_pair(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct pair *p = ctx;
    for (unsigned i = 0; i < 2; i++) {
        const struct store_visitor visitor = make_visitor(p->id[i]);
        TRY(store_visitor_insert(tx, &visitor, e));
    }
    return ERR_OK;
}

static void *write_on(void *ctx)
{
    const struct child *c = ctx;
    for (struct told told = {.thread = c->thread};; told.n++) {
        struct pair p = make_pair(c->round, c->thread, told.n);
        if (store_write(c->store, insert_pair, &p, NULL) != ERR_OK) _exit(3);
        if (write(c->pipe, &told, sizeof told) != sizeof told) _exit(4);
    }
}

static void run_child(const char *folder, uint32_t round, int pipe)
{
    static struct child children[THREADS];
    pthread_t threads[THREADS];
    struct store *store = NULL;
    if (test_store_open(folder, &store, NULL) != ERR_OK) _exit(1);
    for (uint32_t i = 0; i < THREADS; i++) {
        children[i] = (struct child){store, round, i, pipe};
        if (pthread_create(&threads[i], NULL, write_on, &children[i]) != 0) _exit(2);
    }
    for (;;)
        pause();
}

/* Reads what the child tells until it is over; kills it when the time has come. How many each thread has told. */
static void listen_and_kill(pid_t child, int pipe, int64_t after_ms, uint32_t told[THREADS])
{
    int64_t until = time_monotonic_ns() + after_ms * 1000000;
    struct told one;
    bool killed = false;
    for (;;) {
        int64_t left = (until - time_monotonic_ns()) / 1000000;
        if (left <= 0 && !killed) {
            kill(child, SIGKILL);
            killed = true;
        }
        struct pollfd wanted = {.fd = pipe, .events = POLLIN};
        if (poll(&wanted, 1, killed ? -1 : (int)left) == 0) continue;
        ssize_t n = read(pipe, &one, sizeof one);
        if (n <= 0) break;
        assert_int_equal(n, sizeof one);
        assert_int_equal(one.n, told[one.thread]);
        told[one.thread]++;
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* How many of a pair the store has. */
static unsigned count_pair(struct test_store *t, struct store_tx *tx, struct pair p)
{
    unsigned n = 0;
    for (unsigned i = 0; i < 2; i++) {
        struct store_visitor found;
        n += store_visitor_find(tx, str_from_c(p.id[i]), t->a, &found, NULL) == ERR_OK;
    }
    return n;
}

static void test_killed(void **state)
{
    struct test_store *t = *state;
    uint32_t acknowledged = 0;
    for (uint32_t round = 0; round < KILLS; round++) {
        uint32_t told[THREADS] = {0};
        int ends[2];
        store_close(t->store);
        t->store = NULL;
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) run_child(t->folder, round, ends[1]);
        close(ends[1]);
        listen_and_kill(child, ends[0], 20 + round * 7 % 100, told);
        close(ends[0]);

        struct store_tx *tx = NULL;
        must(test_store_open(t->folder, &t->store, e));
        must(store_read(t->store, &tx, e));
        for (uint32_t i = 0; i < THREADS; i++) {
            for (uint32_t n = 0; n < told[i]; n++)
                assert_int_equal(count_pair(t, tx, make_pair(round, i, n)), 2);
            assert_int_not_equal(count_pair(t, tx, make_pair(round, i, told[i])), 1);
            acknowledged += told[i];
        }
        store_read_end(tx);
    }
    print_message("%d times killed, %u writes acknowledged\n", KILLS, acknowledged);
    assert_true(acknowledged > KILLS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_killed)};
    return cmocka_run_group_tests(tests, test_store_setup, test_store_teardown);
}
