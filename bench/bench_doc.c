/* Times reading, rules and writing of one document, with peak memory, for bench.py. Prints one JSON object.
 *
 * bench_doc read FILE N         bytes in memory to the model, N times
 * bench_doc rules FILE N        all rules over the model (it is read once, outside the time; so is the engine made)
 * bench_doc write FILE N OUT    200 comments into the model, read-back proof included; the last result goes to OUT
 *
 * Of each go the wall time and the CPU time of the process, all threads and the kernel's work for it included: on a
 * shared machine the first is noise. A process measures one thing, so that its peak memory (VmHWM) is of that thing. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/fs.h"
#include "base/time.h"
#include "doc/read.h"
#include "doc/text.h"
#include "doc/write.h"
#include "rules/rules.h"

enum { COMMENTS = 200, ARENA_MAX = 1 << 30, FILE_MAX_BYTES = 64 << 20 };

static _Noreturn void fail(const struct error *e)
{
    fprintf(stderr, "bench_doc: %s\n", e->message);
    exit(1);
}

static long peak_kb(void)
{
    char line[256];
    long kb = 0;
    FILE *f = fopen("/proc/self/status", "re");
    if (!f) return 0;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %ld", &kb) == 1) break;
    fclose(f);
    return kb;
}

static struct doc *read_document(struct str bytes)
{
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    struct doc *doc = NULL;
    struct error e;
    if (doc_read(bytes, &o, &doc, &e) != ERR_OK) fail(&e);
    return doc;
}

static enum err count_hit(void *ctx, const struct rules_hit *hit, struct error *e)
{
    (void)hit;
    (void)e;
    ++*(size_t *)ctx;
    return ERR_OK;
}

static size_t run_rules(const struct rules_engine *engine, const struct doc *doc)
{
    struct error e;
    size_t hits = 0;
    struct rules_coverage coverage;
    const struct rules_input input = {.doc = doc};
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    if (!a) return 0;
    if (rules_run(engine, &input, count_hit, &hits, a, &coverage, &e) != ERR_OK) fail(&e);
    return hits;
}

/* Comments on 200 blocks of the body, evenly spread, each on the second half of its text. */
static size_t make_comments(const struct doc *doc, struct doc_new_comment *comments)
{
    static const struct str paragraphs[] = {STR_INIT("This sentence says too little."),
                                            STR_INIT("Suggestion: say who did it and when.")};
    size_t n = 0, step = doc->body_end_block / COMMENTS;
    if (step == 0) step = 1;
    for (size_t b = 0; b < doc->body_end_block && n < COMMENTS; b += step) {
        const struct doc_block *block = &doc->blocks.at[b];
        if (doc_block_is_blank(block)) continue;
        comments[n++] = (struct doc_new_comment){
            .anchor = doc_anchor_make(doc, (uint32_t)b, block->text.n / 2, block->text.n),
            .author = STR("Bench"),
            .initials = STR("B"),
            .date_unix_ms = 1772355600000,
            .paragraphs = paragraphs,
            .n_paragraphs = 2,
        };
    }
    return n;
}

static size_t write_document(const struct doc *doc, const char *out)
{
    struct error e;
    struct doc_new_comment comments[COMMENTS];
    struct doc_write_result result;
    struct doc_edits edits = {.comments = comments, .n_comments = make_comments(doc, comments)};
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    if (!a) return 0;
    if (doc_write(doc, &edits, a, &result, &e) != ERR_OK) fail(&e);
    if (out && fs_write_atomic(out, result.bytes, 0644, &e) != ERR_OK) fail(&e);
    return edits.n_comments;
}

enum what { READ, RULES, WRITE, WHATS };
static const char *const what_names[WHATS] = {"read", "rules", "write"};

struct moment {
    int64_t wall_ns, cpu_ns;
};

static struct moment now(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (struct moment){time_monotonic_ns(), (int64_t)t.tv_sec * 1000000000 + t.tv_nsec};
}

/* One go; what it took. */
static struct moment measure(enum what what, struct str bytes, const struct doc *doc, const struct rules_engine *engine,
                             const char *out, size_t *ret_result)
{
    struct moment start = now(), end;
    if (what == READ) {
        struct doc *read = read_document(bytes);
        end = now();
        *ret_result = read->blocks.n;
        doc_free(read);
    } else {
        *ret_result = what == RULES ? run_rules(engine, doc) : write_document(doc, out);
        end = now();
    }
    return (struct moment){end.wall_ns - start.wall_ns, end.cpu_ns - start.cpu_ns};
}

static void print_times(const char *name, const int64_t *ns, uint64_t n)
{
    printf("\"%s\": [", name);
    for (uint64_t i = 0; i < n; i++)
        printf("%s%.3f", i ? ", " : "", (double)ns[i] / 1e6);
    printf("], ");
}

int main(int argc, char **argv)
{
    struct error e;
    struct str bytes;
    struct rules_engine *engine = NULL;
    const struct rules_options options = {0};
    uint64_t times;
    size_t result = 0;
    enum what what = READ;
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    while (argc >= 4 && what < WHATS && strcmp(argv[1], what_names[what]) != 0)
        what++;
    if (argc < 4 || what == WHATS || !a) {
        fprintf(stderr, "bench_doc read|rules|write FILE N [OUT]\n");
        return 2;
    }
    if (str_to_u64(str_from_c(argv[3]), 1, 10000, &times, &e) != ERR_OK) fail(&e);
    if (fs_read(a, argv[2], FILE_MAX_BYTES, &bytes, &e) != ERR_OK) fail(&e);
    if (what == RULES && rules_engine_new(&options, &engine, &e) != ERR_OK) fail(&e);
    struct doc *doc = what == READ ? NULL : read_document(bytes);
    int64_t *wall = NEW(a, int64_t, times), *cpu = NEW(a, int64_t, times);
    if (!wall || !cpu) return 2;
    for (uint64_t i = 0; i < times; i++) {
        const char *out = argc > 4 && i + 1 == times ? argv[4] : NULL;
        struct moment took = measure(what, bytes, doc, engine, out, &result);
        wall[i] = took.wall_ns;
        cpu[i] = took.cpu_ns;
    }
    printf("{");
    print_times("ms", wall, times);
    print_times("cpu_ms", cpu, times);
    printf("\"peak_kb\": %ld, \"result\": %zu}\n", peak_kb(), result);
    doc_free(doc);
    rules_engine_free(engine);
    return 0;
}
