/* mkdocx FOLDER OUT.docx [DEPFILE]: packs a folder of OOXML parts into a .docx.
 * Samples and tests keep their documents as readable XML in the tree; this makes the zip. The same folder gives the same bytes: names
 * are sorted ("[Content_Types].xml" first, as Word and the package rules like it) and every entry has one fixed time.
 * DEPFILE lists what was read, for Ninja. A program of the build only: it ends with a message at the first failure.
 * Rejected: zip(1), which stores the times of a checkout and is one more tool to install. */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <zip.h>

enum {
    MAX_PARTS = 4096,
    DOS_TIME = 0,                      /* 00:00:00 */
    DOS_DATE = (40 << 9) | 1 << 5 | 1, /* 2020-01-01; years count from 1980 */
};

struct names {
    char *path[MAX_PARTS]; /* as found: FOLDER/word/document.xml */
    size_t n;
    size_t n_skip; /* bytes of "FOLDER/" in front of each name in the package */
};

_Noreturn static void fail(const char *what, const char *why)
{
    fprintf(stderr, "mkdocx: %s: %s\n", what, why);
    exit(1);
}

static int names_order(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    int first_x = strstr(x, "/[Content_Types].xml") != NULL, first_y = strstr(y, "/[Content_Types].xml") != NULL;
    return first_x != first_y ? first_y - first_x : strcmp(x, y);
}

static void names_read(struct names *names, char *folder)
{
    char *roots[] = {folder, NULL};
    FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (!fts) fail(folder, strerror(errno));
    names->n_skip = strlen(folder) + 1;
    for (FTSENT *entry; (entry = fts_read(fts));) {
        if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS)
            fail(entry->fts_path, strerror(entry->fts_errno));
        if (entry->fts_info != FTS_F) continue;
        if (names->n == MAX_PARTS) fail(folder, "too many files");
        char *path = strdup(entry->fts_path);
        if (!path) fail(folder, "out of memory");
        names->path[names->n++] = path;
    }
    fts_close(fts);
    if (names->n == 0) fail(folder, "no files in it");
    qsort(names->path, names->n, sizeof names->path[0], names_order);
}

static void package_write(const struct names *names, const char *out)
{
    int code = 0;
    zip_t *zip = zip_open(out, ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (!zip) fail(out, "cannot be created");
    for (size_t i = 0; i < names->n; i++) {
        zip_source_t *source = zip_source_file(zip, names->path[i], 0, -1);
        zip_int64_t at = source ? zip_file_add(zip, names->path[i] + names->n_skip, source, ZIP_FL_ENC_UTF_8) : -1;
        if (at < 0 || zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_DEFLATE, 9) ||
            zip_file_set_dostime(zip, (zip_uint64_t)at, DOS_TIME, DOS_DATE, 0) ||
            zip_file_set_external_attributes(zip, (zip_uint64_t)at, 0, ZIP_OPSYS_DOS, 0))
            fail(names->path[i], zip_strerror(zip));
    }
    if (zip_close(zip)) fail(out, zip_strerror(zip));
}

static void depfile_write(const struct names *names, const char *out, const char *depfile)
{
    FILE *f = fopen(depfile, "we");
    if (!f) fail(depfile, strerror(errno));
    fprintf(f, "%s:", out);
    for (size_t i = 0; i < names->n; i++) {
        fputs(" \\\n ", f);
        for (const char *p = names->path[i]; *p; p++) {
            if (*p == ' ' || *p == '#') fputc('\\', f);
            fputc(*p, f);
        }
    }
    fputc('\n', f);
    if (fclose(f)) fail(depfile, strerror(errno));
}

int main(int argc, char **argv)
{
    static struct names names;
    if (argc < 3 || argc > 4) fail("usage", "mkdocx FOLDER OUT.docx [DEPFILE]");
    size_t n = strlen(argv[1]);
    while (n > 1 && argv[1][n - 1] == '/')
        argv[1][--n] = '\0';
    names_read(&names, argv[1]);
    package_write(&names, argv[2]);
    if (argc == 4) depfile_write(&names, argv[2], argv[3]);
    for (size_t i = 0; i < names.n; i++)
        free(names.path[i]);
    return 0;
}
