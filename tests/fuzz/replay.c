/* Runs a fuzz target over the files of a folder, once each, and prints TAP: the seeds and every input that once broke something.
 * Needs no libFuzzer, so that gcc's sanitizers see the same inputs. A folder that is not there or empty is an error: a replay of
 * nothing would pass for ever. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int is_input(const struct dirent *entry) { return entry->d_name[0] != '.'; }

/* The file's bytes, exactly as many as allocated so that a read past the end is seen; NULL if it cannot be read. */
static uint8_t *file_read(const char *path, size_t *ret_n)
{
    FILE *f = fopen(path, "re");
    if (!f) return NULL;
    uint8_t *bytes = NULL;
    long size = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    if (size >= 0 && fseek(f, 0, SEEK_SET) == 0 && (bytes = malloc(size ? (size_t)size : 1))) {
        *ret_n = fread(bytes, 1, (size_t)size, f);
        if (*ret_n != (size_t)size) {
            free(bytes);
            bytes = NULL;
        }
    }
    (void)fclose(f);
    return bytes;
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    int n = argc == 2 ? scandir(argv[1], &entries, is_input, alphasort) : -1;
    if (n <= 0) {
        (void)fprintf(stderr, "replay: no inputs in \"%s\"\n", argc == 2 ? argv[1] : "");
        return 1;
    }
    int failed = 0;
    printf("1..%d\n", n);
    for (int i = 0; i < n; i++) {
        char path[4096];
        size_t size = 0;
        int length = snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
        uint8_t *bytes = length > 0 && (size_t)length < sizeof path ? file_read(path, &size) : NULL;
        if (bytes) (void)LLVMFuzzerTestOneInput(bytes, size);
        failed += !bytes;
        printf("%s %d - %s\n", bytes ? "ok" : "not ok", i + 1, entries[i]->d_name);
        (void)fflush(stdout);
        free(bytes);
        free(entries[i]);
    }
    free(entries);
    return failed != 0;
}
