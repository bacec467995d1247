/* Any bytes as the settings of a bundle, or (a first byte of 0x7F, as it has) as a program to strip. Settings: refused with a sentence that quotes no
 * secret, or every template becomes a text without a word left over. A program: refused, or what it loads is the same as before, and a second time
 * changes nothing. */
#include <assert.h>
#include <string.h>

#include "ops/bundle_priv.h"

static void as_program(struct arena *a, struct str file)
{
    struct str bare = STR_EMPTY, again = STR_EMPTY;
    struct error e = {0};
    enum err err = bundle__strip(a, file, &bare, &e);
    if (err != ERR_OK) {
        assert(err == ERR_INVALID || err == ERR_LIMIT);
        return;
    }
    assert(bare.n <= file.n);
    assert(bundle__strip(a, bare, &again, &e) == ERR_OK && again.n <= bare.n);
}

static void as_settings(struct arena *a, struct str text)
{
    struct ops_bundle *b = NULL;
    struct error e = {0};
    enum err err = ops_bundle_settings(a, text, "bundle.conf", OPS_BUNDLE_AS_SET, &b, &e);
    if (err != ERR_OK) {
        assert((err == ERR_INVALID || err == ERR_LIMIT) && e.message[0]);
        return;
    }
    assert(bundle__get(b, BUNDLE_region).n > 0 && b->conf.port >= 1024);
    err = bundle__render(b, &e);
    assert(err == ERR_OK || err == ERR_LIMIT);
    for (size_t i = 0; i < b->files.n && err == ERR_OK; i++)
        if (str_starts(str_from_c(b->files.at[i].path), STR(".ebextensions/1")))
            assert(str_find(b->files.at[i].bytes, STR("@EB_"), 0) == STR_NONE ||
                   str_find(text, STR("@EB_"), 0) != STR_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new((size_t)64 << 20);
    struct str bytes = {(const char *)data, n};
    if (!a) return 0;
    if (n > 0 && data[0] == 0x7F)
        as_program(a, bytes);
    else
        as_settings(a, bytes);
    arena_free(a);
    return 0;
}
