/* The program with everything that it loads: itself, its loader, every library that is in this process right now (which is by definition what it
 * needs, and by which files), the dictionary. Nothing is opened by name later: glibc has files and DNS built in since 2.34, OpenSSL its default
 * provider, and no character set is converted. Certificates are the machine's (client/authorities.h): those in a bundle would grow old.
 * Rejected: ldd and the cache of the loader (they say what would be loaded, not what was). */
#define _GNU_SOURCE 1
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "ops/bundle_priv.h"
#include "ops/embedded.h"
#include "ops/program.h"

enum { FILE_MAX_BYTES = 256 << 20, PATH_BYTES = 4096 };

#define DICTIONARY "/usr/share/hunspell"

struct loaded {
    struct arena *a;
    VEC(struct str) list; /* paths */
    bool no_memory;
};

static int on_loaded(struct dl_phdr_info *info, size_t size, void *ctx)
{
    struct loaded *l = ctx;
    (void)size;
    if (!info->dlpi_name || !strchr(info->dlpi_name, '/'))
        return 0; /* the program itself, and what the kernel puts there */
    struct str *slot = VEC_PUSH(l->a, &l->list);
    if (slot) *slot = str_dup(l->a, str_from_c(info->dlpi_name));
    l->no_memory = !slot || !slot->p;
    return l->no_memory;
}

static enum err add_file(struct ops_bundle *b, const char *from, struct str to, bool strip, bool runs, struct error *e)
{
    struct str bytes = STR_EMPTY;
    TRY(fs_read(b->a, from, FILE_MAX_BYTES, &bytes, e));
    if (strip) TRY(bundle__strip(b->a, bytes, &bytes, e));
    return to.p ? bundle__add(b, to, bytes, runs, e) : error_no_memory(e);
}

/* Two libraries of one name from different places cannot lie in one folder: refused, rather than that one is lost. */
static enum err add_libraries(struct ops_bundle *b, struct error *e)
{
    struct loaded l = {.a = b->a};
    (void)dl_iterate_phdr(on_loaded, &l);
    if (l.no_memory) return error_no_memory(e);
    for (size_t i = 0; i < l.list.n; i++) {
        struct str name = fs_base_name(l.list.at[i]);
        for (size_t k = 0; k < i; k++)
            if (str_eq(fs_base_name(l.list.at[k]), name))
                return error_set_reason(e, ERR_INVALID, "no_bundle", "two libraries are called %.*s", STR_ARG(name));
        bool loader = str_starts(name, STR("ld-linux"));
        TRY(add_file(b, l.list.at[i].p, str_printf(b->a, "lib/%.*s", STR_ARG(name)), true, loader, e));
    }
    return ERR_OK;
}

static enum err add_dictionary(struct ops_bundle *b, struct error *e)
{
    static const char *const names[] = {"en_US.aff", "en_US.dic"};
    const char *beside = ops_program_dictionary();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str from = str_printf(b->a, "%s/%s", beside ? beside : DICTIONARY, names[i]);
        if (!from.p) return error_no_memory(e);
        if (fs_kind(from.p) != FS_FILE) {
            error_set_reason(e, ERR_INVALID, "no_bundle",
                             "there is no dictionary \"%s\", which the bundle would have to bring", from.p);
            return error_hint(e, "Install the package hunspell-en-us on the machine that makes bundles.");
        }
        TRY(add_file(b, from.p, str_printf(b->a, "lib/hunspell/%s", names[i]), false, false, e));
    }
    return ERR_OK;
}

static enum err add_launcher(struct ops_bundle *b, struct error *e)
{
    if (bundle__launcher_n == 0) {
        error_set_reason(e, ERR_INVALID, "no_bundle", "this program was built for another processor than x86-64");
        return error_hint(
            e, "Make the bundle with a program that was built on x86-64 Linux: its instances are of that kind.");
    }
    struct str bytes = {(const char *)bundle__launchers[0].bytes, bundle__launchers[0].n};
    return bundle__add(b, STR("bin/prism"), bytes, true, e);
}

enum err bundle__load(struct ops_bundle *b, struct error *e)
{
    char program[PATH_BYTES];
    bool beside = ops_program_beside("prism", program, sizeof program);
    TRY(add_launcher(b, e));
    TRY(add_file(b, beside ? program : "/proc/self/exe", STR("lib/prism"), true, true, e));
    TRY(add_libraries(b, e));
    return add_dictionary(b, e);
}
