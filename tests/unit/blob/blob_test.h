/* What the tests of blob share: cmocka, and a store in a folder of its own for each test. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "blob/blob.h"

#define KEY "ab34567890abcdef"

static char folder[64];
static struct blob *blob;
static struct arena *a;

static inline int set_up(void **state)
{
    struct error e = {0};
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/blob-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    a = arena_new((size_t)64 << 20);
    if (!a || !mkdtemp(folder)) return -1;
    return blob_folder_open(str_to_c(a, str_printf(a, "%s/x/files", folder)), &blob, &e) == ERR_OK ? 0 : -1;
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
    blob_free(blob);
    arena_free(a);
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A path below the store's folder. */
static inline char *in_store(const char *name)
{
    char *path = str_to_c(a, str_printf(a, "%s/x/files/%s", folder, name));
    assert_non_null(path);
    return path;
}

/* How many plain files the store's folder holds, those that are being written included. */
static inline size_t count_files(void)
{
    struct fs_list list = {0};
    struct error e = {0};
    assert_int_equal(fs_walk(a, in_store("."), NULL, &list, &e), ERR_OK);
    return list.n;
}

static inline void assert_content(const char *key, struct str expected)
{
    struct str got = STR_EMPTY;
    struct error e = {0};
    if (blob_get(blob, a, str_from_c(key), (size_t)16 << 20, &got, &e) != ERR_OK) fail_msg("%s: %s", key, e.message);
    assert_int_equal(got.n, expected.n);
    if (got.n) assert_memory_equal(got.p, expected.p, got.n);
}
