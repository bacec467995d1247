/* Bundles from files: limits, what is refused, verdicts, several runs of the engine and several instances. */
#include "logs_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"

static const char line[] = "1.2.3.4 - - [26/Nov/2025:18:33:19 +0000] \"GET / HTTP/1.1\" 200 62 \"-\" \"x\"\n";

struct fixture {
    char folder[64];
    struct arena *a;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    if (!f) return 1;
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/prism-logs-XXXXXX");
    if (!mkdtemp(f->folder)) return 1;
    f->a = arena_new((size_t)64 << 20);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    struct fs_list files = {0};
    struct error e;
    if (fs_walk(f->a, f->folder, NULL, &files, &e) == ERR_OK)
        for (size_t i = 0; i < files.n; i++)
            (void)unlink(files.at[i]);
    (void)rmdir(f->folder);
    arena_free(f->a);
    free(f);
    return 0;
}

static void put(const struct fixture *f, const char *name, const char *text, size_t times)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", f->folder, name);
    FILE *out = fopen(path, "we");
    assert_non_null(out);
    for (size_t i = 0; i < times; i++)
        assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

static void a_file_ends_at_its_maximum_and_the_report_says_so(void **state)
{
    const struct fixture *f = *state;
    struct ops_logs *l;
    struct error e;
    const struct ops_logs_limits limits = {
        .max_files = 10, .max_file_bytes = 10 * (sizeof line - 1), .max_total_bytes = 15 * (sizeof line - 1)};
    put(f, "access.log.1", line, 100);
    put(f, "access.log", line, 100);
    assert_int_equal(ops_logs_read(f->a, f->folder, &limits, &l, &e), ERR_OK);
    assert_int_equal(l->files.n, 2);
    assert_true(str_eq(l->files.at[0].name, STR("access.log.1"))); /* from old to new */
    assert_true(l->files.at[0].cut && l->files.at[1].cut);
    assert_int_equal(l->files.at[0].lines, 10);
    assert_int_equal(l->files.at[1].lines, 5);
    assert_int_equal(l->requests[LOGS_FROM_NGINX].all.n, 15);
}

static void too_many_files_are_refused(void **state)
{
    const struct fixture *f = *state;
    struct ops_logs *l = NULL;
    struct error e;
    const struct ops_logs_limits limits = {.max_files = 1, .max_file_bytes = 1000, .max_total_bytes = 1000};
    put(f, "access.log", line, 1);
    put(f, "access.log.1", line, 1);
    assert_int_equal(ops_logs_read(f->a, f->folder, &limits, &l, &e), ERR_LIMIT);
    assert_string_equal(e.reason, "too_many_files");
    assert_null(l);
}

static void a_folder_without_logs_is_refused(void **state)
{
    const struct fixture *f = *state;
    struct ops_logs *l = NULL;
    struct error e;
    put(f, "notes.md", "hello\n", 1);
    assert_int_equal(ops_logs_read(f->a, f->folder, NULL, &l, &e), ERR_INVALID);
    assert_string_equal(e.reason, "no_logs");
    put(f, "access.log", "hello\n", 1); /* the name of one, and nothing in it that is */
    assert_int_equal(ops_logs_read(f->a, f->folder, NULL, &l, &e), ERR_INVALID);
    assert_int_equal(ops_logs_read(f->a, "/nowhere/at/all", NULL, &l, &e), ERR_NOT_FOUND);
}

static const char engine_twice[] =
    "2025/11/26 18:00:00.000000 [INFO] Starting EBPlatform-PlatformEngine\n"
    "2025/11/26 18:00:01.000000 [INFO] Engine command: (app-deploy)\n"
    "2025/11/26 18:00:02.000000 [INFO] Executing instruction: StageApplication\n"
    "2025/11/26 18:00:03.000000 [ERROR] An error occurred during execution of command [app-deploy] - [StageApplication]. Stop running the command. Error: no room\n"
    "2025/11/26 18:00:04.000000 [INFO] CommandService Response: {\"status\":\"FAILURE\"}\n"
    "2025/11/26 18:00:04.500000 [INFO] Platform Engine finished execution on command: app-deploy\n"
    "2025/11/26 19:00:00.000000 [INFO] Starting EBPlatform-PlatformEngine\n"
    "2025/11/26 19:00:01.000000 [INFO] Engine command: (app-deploy)\n"
    "2025/11/26 19:00:02.000000 [INFO] Executing instruction: StageApplication\n";
static const char engine_end[] =
    "2025/11/26 19:00:09.000000 [INFO] CommandService Response: {\"status\":\"SUCCESS\"}\n"
    "2025/11/26 19:00:09.500000 [INFO] Platform Engine finished execution on command: app-deploy\n";

static void the_last_deployment_is_the_one_that_counts(void **state)
{
    const struct fixture *f = *state;
    struct ops_logs *l = logs_test_new(f->a);
    struct str text = str_printf(f->a, "%s%s", engine_twice, engine_end);
    logs_test_file(l, LOGS_ENGINE, "eb-engine.log", text);
    logs_test_judge(l);
    assert_int_equal(l->runs.n, 2);
    assert_int_equal(l->runs.at[0].outcome, LOGS_RUN_FAILED);
    assert_string_equal(l->runs.at[0].failed_in.p, "StageApplication");
    assert_string_equal(l->runs.at[0].error.p, "no room");
    assert_int_equal(l->runs.at[1].outcome, LOGS_RUN_DONE);
    assert_int_equal(l->runs.at[1].end - l->runs.at[1].start, 9500);
    assert_int_equal(l->runs.at[1].n_phases, 1);
    assert_int_equal(l->verdict, OPS_LOGS_PROBLEMS); /* the error of the first one is still in the log */
}

#define REFUSED                                                                                                        \
    "2025/11/26 %s [error] 1#1: *1 connect() failed (111: Connection refused) while connecting to upstream\n"

static void nobody_there_while_the_program_is_exchanged_is_no_problem(void **state)
{
    const struct fixture *f = *state;
    static const struct {
        const char *at;
        enum ops_logs_verdict verdict;
    } rows[] = {{"19:00:05", OPS_LOGS_HEALTHY},
                {"19:00:30", OPS_LOGS_HEALTHY},
                {"18:59:59", OPS_LOGS_PROBLEMS},
                {"19:10:00", OPS_LOGS_PROBLEMS}};
    struct str second =
        logs__after(str_from_c(engine_twice), STR("Platform Engine finished execution on command: app-deploy\n"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ops_logs *l = logs_test_new(f->a);
        CLEANUP_SB struct sb b = SB_INIT(1000);
        sb_printf(&b, REFUSED, rows[i].at);
        logs_test_file(l, LOGS_ENGINE, "eb-engine.log", str_printf(f->a, "%.*s%s", STR_ARG(second), engine_end));
        logs_test_file(l, LOGS_ERROR, "error.log", sb_view(&b));
        logs_test_judge(l);
        assert_int_equal(l->verdict, rows[i].verdict);
    }
}

static void a_deployment_without_an_end_is_open(void **state)
{
    const struct fixture *f = *state;
    struct ops_logs *l = logs_test_new(f->a);
    logs_test_file(l, LOGS_ENGINE, "eb-engine.log", str_from_c(engine_twice));
    logs_test_judge(l);
    assert_int_equal(l->runs.at[1].outcome, LOGS_RUN_OPEN);
    assert_int_equal(l->checks.at[0].state, LOGS_NOT_VERIFIED);
}

static void a_check_of_two_instances_is_two_sources(void **state)
{
    const struct fixture *f = *state;
    struct ops_logs *l = logs_test_new(f->a);
    static const char *const folders[] = {"i-0000000000000000a/access.log", "i-0000000000000000b/access.log"};
    for (int k = 0; k < 2; k++) {
        CLEANUP_SB struct sb b = SB_INIT(1 << 16);
        for (int i = 0; i < 4; i++)
            sb_printf(
                &b,
                "10.0.0.1 - - [26/Nov/2025:18:%02d:%02d +0000] \"GET /health HTTP/1.1\" 200 62 \"-\" \"ELB-HealthChecker/2.0\"\n",
                i, k * 7);
        logs_test_file(l, LOGS_ACCESS, folders[k], sb_view(&b));
    }
    logs_test_judge(l);
    size_t n;
    const struct logs_source **sources = logs__sources(l, l->counted, &n);
    assert_int_equal(n, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(sources[i]->n, 4);
        assert_int_equal(logs__interval_s(sources[i]), 60);
    }
    assert_string_equal(sources[1]->instance.p, "i-0000000000000000b");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(a_file_ends_at_its_maximum_and_the_report_says_so),
        CASE(too_many_files_are_refused),
        CASE(a_folder_without_logs_is_refused),
        CASE(the_last_deployment_is_the_one_that_counts),
        CASE(nobody_there_while_the_program_is_exchanged_is_no_problem),
        CASE(a_deployment_without_an_end_is_open),
        CASE(a_check_of_two_instances_is_two_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
