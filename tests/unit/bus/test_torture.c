/* Every allocation of the bus fails once: it is not made, not listened to, or the listener is told that something is lost. */
#include "support/torture.h"

#include "bus_test.h"

static enum err use_bus(void *ctx, struct error *e)
{
    struct bus_local_options options = BUS_LOCAL_DEFAULTS;
    struct bus *b = NULL;
    struct bus_listener *l = NULL;
    struct heard h;
    (void)ctx;
    enum err err = bus_local_new(&options, &b, e);
    if (err != ERR_OK) return err;
    heard_init(&h);
    err = bus_listen(b, STR("a"), heard_handler(&h), &l, e);
    if (err == ERR_OK) {
        bus_publish(b, STR("a"), STR("x"));
        lock_take(&h.lock);
        while (h.messages + h.lost == 0)
            lock_cond_wait(&h.more, &h.lock);
        if (h.lost) err = error_no_memory(e);
        lock_give(&h.lock);
    }
    bus_unlisten(b, l);
    bus_free(b);
    heard_done(&h);
    return err;
}

static void test_bus(void **state)
{
    (void)state;
    assert_true(torture_run(use_bus, NULL) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bus)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
