/* What the tests of conf share: cmocka, a folder of its own for each test, and loading with an environment that is written as a list. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "conf/conf.h"
#include "conf/conf_priv.h"

static char folder[64]; /* the data folder of the tests, and their working directory */
static struct arena *a;
static struct conf conf;
static struct error e;

static inline int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/conf-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    a = arena_new((size_t)16 << 20);
    return a && mkdtemp(folder) ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static inline int tear_down(void **state)
{
    (void)state;
    arena_free(a);
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static inline char *text(const char *format, const char *value)
{
    CLEANUP_SB struct sb b = SB_INIT(100000);
    struct str s = STR_EMPTY;
    for (const char *p = format; *p; p++)
        if (*p == '$')
            sb_c(&b, value);
        else
            sb_char(&b, *p);
    assert_int_equal(sb_take(&b, a, &s, &e), ERR_OK);
    char *c = str_to_c(a, s);
    assert_non_null(c);
    return c;
}

/* Loads with these variables (NULL-terminated; $ stands for the folder). */
#define load(...) load_with((const char *const[]){__VA_ARGS__, NULL})
static inline enum err load_with(const char *const *variables)
{
    char *environment[32];
    size_t n = 0;
    for (; variables[n]; n++)
        environment[n] = text(variables[n], folder);
    environment[n] = NULL;
    conf = (struct conf){0};
    e = (struct error){0};
    return conf_load(a, environment, str_from_c(folder), &conf, &e);
}

#define assert_loads(...)                                                                                              \
    do {                                                                                                               \
        if (load(__VA_ARGS__) != ERR_OK) fail_msg("%s %s", e.message, e.hint);                                         \
    } while (0)

/* Writes a file of the folder; $ stands for the folder. */
static inline void write_conf(const char *name, const char *content)
{
    char *c = text(content, folder), *path = str_to_c(a, str_printf(a, "%s/%s", folder, name));
    assert_non_null(path);
    if (fs_write_atomic(path, str_from_c(c), 0600, &e) != ERR_OK) fail_msg("%s", e.message);
}

static inline bool has(const char *whole, const char *part)
{
    return str_find(str_from_c(whole), str_from_c(part), 0) != STR_NONE;
}
