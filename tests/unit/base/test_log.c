/* The log: a line is valid JSON whatever it carries, failures that repeat are counted, threads do not mix their lines. */
#include "base/log.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base_test.h"

#include "base/json.h"

static int fd = -1;
static struct arena *a;

static int set_up(void **state)
{
    (void)state;
    a = arena_new((size_t)64 << 20);
    fd = memfd_create("log", 0);
    if (!a || fd < 0) return -1;
    log_start(fd, LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    log_stop();
    log_context_clear();
    close(fd);
    arena_free(a);
    return 0;
}

/* All that was logged. */
static struct str logged(void)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *p = arena_alloc(a, (size_t)size + 1);
    assert_non_null(p);
    assert_int_equal(pread(fd, p, (size_t)size, 0), size);
    return (struct str){p, (size_t)size};
}

/* The line at i, parsed; NULL past the end. */
static const struct json *line_at(size_t i)
{
    const struct json *v = NULL;
    struct error e = {0};
    struct str rest = logged(), line = STR_EMPTY;
    for (size_t k = 0; k <= i; k++) {
        if (!rest.n) return NULL;
        line = str_cut(rest, '\n', &rest);
    }
    assert_true(line.n < LOG_LINE_MAX);
    if (json_parse(a, line, &v, &e) != ERR_OK) fail_msg("%s in: %.*s", e.message, STR_ARG(line));
    return v;
}

static void assert_member(const struct json *line, const char *name, const char *text)
{
    const struct json *v = json_get(line, name);
    if (!v) fail_msg("no member \"%s\"", name);
    assert_str(json_str(v), text);
}

static void test_fields(void **state)
{
    (void)state;
    struct error e = {0};
    error_set_reason(&e, ERR_UPSTREAM, "model_down", "the model did not answer");
    error_detail(&e, "errno 5");
    log_context_set("request", STR("r1"));
    log_info("one_event", L_C("text", "a \"b\"\n\x1b[31m \xc2\x85 \xc3\xa9"), L_U64("n", INT64_MAX),
             L_I64("less", INT64_MIN), L_BOOL("yes", true), L_STR("none", STR_EMPTY));
    log_context_clear();
    log_error("failed", L_ERROR(&e));
    log_info("bare");
    log_debug("not_shown", L_U64("n", 1));
    assert_int_equal(str_find(logged(), STR("{\"time\":\"20"), 0), 0);
    assert_true(str_find(logged(), STR("\"level\":\"info\",\"event\":\"one_event\",\"request\":\"r1\",\"text\":"), 0) !=
                STR_NONE);
    assert_true(str_find(logged(),
                         STR("\"n\":9223372036854775807,\"less\":-9223372036854775808,\"yes\":true,\"none\":\"\"}\n"),
                         0) != STR_NONE);
    assert_true(str_find(logged(), STR("\\u001b[31m \\u0085"), 0) != STR_NONE); /* nothing steers a terminal */
    assert_member(line_at(0), "text", "a \"b\"\n\x1b[31m \xc2\x85 \xc3\xa9");
    assert_member(line_at(1), "level", "error");
    assert_member(line_at(1), "code", "upstream");
    assert_member(line_at(1), "reason", "model_down");
    assert_member(line_at(1), "message", "the model did not answer");
    assert_member(line_at(1), "detail", "errno 5");
    assert_null(json_get(line_at(1), "request"));
    assert_int_equal(json_count(line_at(2)), 3);
    assert_null(line_at(3));
}

static void test_contexts(void **state)
{
    (void)state;
    log_context_set("request", STR("r1"));
    log_context_set("user", STR("u"));
    log_context_set("document", STR("d"));
    log_context_set("user", STR("v")); /* another one in its place */
    log_info("one");
    log_info("two", L_STR("user", STR("of its own")));
    log_context_set("user", STR_EMPTY);
    log_context_set("job", STR("j"));
    log_context_set("chat", STR("c"));
    log_context_set("more", STR("than there is room for"));
    log_info("three");
    log_context_clear();
    log_info("four");
    assert_true(str_find(logged(), STR("\"one\",\"request\":\"r1\",\"user\":\"v\",\"document\":\"d\"}"), 0) !=
                STR_NONE);
    assert_true(str_find(logged(), STR("\"request\":\"r1\",\"document\":\"d\",\"user\":\"of its own\"}"), 0) !=
                STR_NONE);
    assert_true(str_find(logged(), STR("\"request\":\"r1\",\"document\":\"d\",\"job\":\"j\",\"chat\":\"c\"}"), 0) !=
                STR_NONE);
    assert_int_equal(json_count(line_at(3)), 3);
}

static void test_long(void **state)
{
    (void)state;
    char text[3000];
    memset(text, 'x', sizeof text);
    memcpy(text + LOG_TEXT_MAX - 1, "\xc3\xa9", 2); /* a letter over the border goes whole */
    struct str s = {text, sizeof text};
    log_info("long", L_STR("a", s), L_U64("after", 7));
    assert_int_equal(json_str(json_get(line_at(0), "a")).n, LOG_TEXT_MAX - 1);
    assert_true(json_bool(json_get(line_at(0), "cut"), false));
    assert_int_equal((int)json_double(json_get(line_at(0), "after"), 0), 7);

    memset(text, 1, sizeof text); /* six bytes each: one such text does not fit at all */
    log_info("longer", L_STR("a", s), L_U64("after", 7));
    assert_null(json_get(line_at(1), "a"));
    assert_true(json_bool(json_get(line_at(1), "cut"), false));
    assert_int_equal((int)json_double(json_get(line_at(1), "after"), 0), 7);

    memset(text, 0xff, sizeof text); /* not UTF-8: three bytes each */
    for (size_t n = 0; n <= LOG_TEXT_MAX; n++) {
        struct str part = {text, n};
        log_info("any_length", L_STR("a", part), L_STR("b", part), L_STR("c", part));
        assert_non_null(line_at(2));
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        log_info("a");
        log_info("b");
    }
}

static void test_text(void **state)
{
    (void)state;
    log_start(fd, LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
    log_context_set("job", STR("j 1"));
    log_debug("started", L_C("file", "a.docx"), L_C("title", "two words"), L_U64("n", 3), L_C("odd", "a=b"));
    assert_true(
        str_ends(logged(), STR("Z debug started job=\"j 1\" file=a.docx title=\"two words\" n=3 odd=\"a=b\"\n")));
}

/* Of the same failure LOG_BURST are written; the rest is one line. Another reason is another failure; an info line is none. */
static void test_repeats(void **state)
{
    (void)state;
    struct error full = {0}, gone = {0};
    error_set_reason(&full, ERR_LIMIT, "disk_full", "no space");
    error_set_reason(&gone, ERR_NOT_FOUND, "file_missing", "gone");
    for (int i = 0; i < 100; i++) {
        log_error("write_failed", L_ERROR(&full), L_U64("n", (uint64_t)i));
        log_info("write_failed");
    }
    log_error("write_failed", L_ERROR(&gone));
    log_stop();
    size_t errors = 0, infos = 0, repeated = 0;
    const struct json *line;
    for (size_t i = 0; (line = line_at(i)); i++) {
        if (str_eq_c(json_str(json_get(line, "event")), "repeated")) {
            repeated++;
            assert_member(line, "level", "error");
            assert_member(line, "of", "write_failed");
            assert_member(line, "reason", "disk_full");
            assert_int_equal((int)json_double(json_get(line, "times"), 0), 100 - LOG_BURST);
        } else if (str_eq_c(json_str(json_get(line, "level")), "info")) {
            infos++;
        } else {
            errors++;
        }
    }
    assert_int_equal(repeated, 1);
    assert_int_equal(infos, 100);
    assert_int_equal(errors, LOG_BURST + 1);
}

/* More kinds of failures than the table has room for: those are written as they come. */
static void test_many_kinds(void **state)
{
    (void)state;
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 100; i++) {
            struct error e = {0};
            char reason[16];
            (void)snprintf(reason, sizeof reason, "kind_%d", i);
            error_set_reason(&e, ERR_INTERNAL, reason, "wrong");
            log_warn("many", L_ERROR(&e));
        }
    }
    size_t last = 0;
    struct str rest = logged();
    for (size_t at = 0; (at = str_find(rest, STR("\"kind_99\""), at)) != STR_NONE; at++)
        last++;
    assert_int_equal(last, 10);
}

static void *write_lines(void *ctx)
{
    char id[8];
    int n = snprintf(id, sizeof id, "t%d", *(int *)ctx);
    log_context_set("job", (struct str){id, (size_t)n});
    for (int i = 0; i < 500; i++) {
        log_info("line", L_C("mine", id));
        log_warn("same_for_all");
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    FILE *appending = fopen(path, "a");
    assert_non_null(appending);
    log_start(fileno(appending), LOG_LEVEL_INFO, LOG_FORMAT_JSON);
    pthread_t threads[4];
    int numbers[4] = {0, 1, 2, 3};
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, &numbers[i]), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    log_stop();
    assert_int_equal(fclose(appending), 0);
    size_t n = 0, same = 0;
    struct str rest = logged();
    while (rest.n) {
        struct error e = {0};
        const struct json *v = NULL;
        CLEANUP_ARENA struct arena *scratch = arena_new(1 << 20);
        assert_int_equal(json_parse(scratch, str_cut(rest, '\n', &rest), &v, &e), ERR_OK);
        if (str_eq_c(json_str(json_get(v, "event")), "line")) {
            assert_true(str_eq(json_str(json_get(v, "mine")), json_str(json_get(v, "job"))));
            n++;
        } else if (str_eq_c(json_str(json_get(v, "event")), "repeated")) {
            same += (size_t)json_double(json_get(v, "times"), 0);
        } else {
            same++;
        }
    }
    assert_int_equal(n, 2000);
    assert_int_equal(same, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_contexts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_repeats, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many_kinds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_threads, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
