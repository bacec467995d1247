/* Every allocation of reading a bundle and writing its report fails once: the answer is ERR_LIMIT, and nothing leaks. */
#include "logs_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/torture.h"

static char folder[] = "/tmp/prism-logs-XXXXXX";

static const char *const texts[][2] = {
    {"access.log",
     "1.2.3.4 - - [26/Nov/2025:18:33:19 +0000] \"GET /health HTTP/1.1\" 200 62 \"-\" \"ELB-HealthChecker/2.0\"\n"
     "1.2.3.4 - - [26/Nov/2025:18:33:20 +0000] \"GET /x?y HTTP/1.1\" 500 62 \"-\" \"x\" 1234\n"},
    {"eb-engine.log",
     "2025/11/26 18:00:00 [INFO] Starting EBPlatform-PlatformEngine\n2025/11/26 18:00:01 [INFO] Engine command: (app-deploy)\n"
     "2025/11/26 18:00:02 [INFO] Executing instruction: X\nSuccessfully installed a-1\n2025/11/26 18:00:03 [ERROR] Error: no\n"},
    {"error.log",
     "2025/11/26 18:00:00 [warn] 1#1: types_hash\n2025/11/26 18:00:00 [error] 1#1: strange upstream: \"http://1.2.3.4/\"\n"},
    {"web.stdout.log",
     "{\"time\":\"2025-11-26T18:00:00.000Z\",\"level\":\"info\",\"event\":\"started\",\"version\":\"1\",\"bind\":\"::\",\"port\":80}\n"
     "[2025-11-26 18:33:09 +0000] [1] [INFO] Starting gunicorn 21.2.0\n"},
};

static enum err report(void *ctx, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    CLEANUP_SB struct sb out = SB_INIT((size_t)16 << 20);
    struct ops_logs *l;
    (void)ctx;
    if (!a) return error_no_memory(e);
    TRY(ops_logs_read(a, folder, NULL, &l, e));
    TRY(ops_logs_write(l, OPS_LOGS_MARKDOWN, &out, e));
    TRY(ops_logs_write(l, OPS_LOGS_HTML, &out, e));
    TRY(ops_logs_write(l, OPS_LOGS_JSON, &out, e));
    assert_int_equal(l->requests[LOGS_FROM_NGINX].all.n, 1); /* a run that ends well has everything */
    assert_int_equal(l->runs.n + l->servers.n + l->n_others, 4);
    return ERR_OK;
}

static void no_memory_is_said_wherever_it_ends(void **state)
{
    (void)state;
    char path[128];
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, texts[i][0]);
        FILE *f = fopen(path, "we");
        assert_non_null(f);
        assert_true(fputs(texts[i][1], f) >= 0);
        assert_int_equal(fclose(f), 0);
    }
    assert_true(torture_run_some(report, NULL) > 20);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, texts[i][0]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_memory_is_said_wherever_it_ends)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
