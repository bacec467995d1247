/* Times reading, rules and writing of one document, with peak memory, for bench.py. Prints one JSON object.
 *
 * bench_doc read FILE N         bytes in memory to the model and its end, N times
 * bench_doc rules FILE N        all rules over the model (it is read once, outside the time; so is the engine made)
 * bench_doc write FILE N OUT    200 comments into the model (it is read once, outside the time), read-back proof included; the last
 *                               result goes to OUT
 * bench_doc copy FILE N OUT     both in one: the file is opened, 200 comments put in, proven, saved to OUT
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

enum { COMMENTS = 200, ARENA_MAX = 1 << 30, FILE_MAX_BYTES = 64 << 20, KEPT_BYTES = 16 << 20 /* as in main.c */ };

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

static size_t copy_document(const char *path, const char *out)
{
    struct error e;
    struct str bytes;
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    if (!a) return 0;
    if (fs_read(a, path, FILE_MAX_BYTES, &bytes, &e) != ERR_OK) fail(&e);
    struct doc *doc = read_document(bytes);
    size_t n = write_document(doc, out);
    doc_free(doc);
    return n;
}

enum what { READ, RULES, WRITE, COPY, WHATS };
static const char *const what_names[WHATS] = {"read", "rules", "write", "copy"};

struct job {
    enum what what;
    const char *path, *out;
    struct str bytes;                  /* of the file: READ */
    struct doc *doc;                   /* RULES, WRITE */
    const struct rules_engine *engine; /* RULES */
};

static size_t go(const struct job *job)
{
    switch (job->what) {
    case RULES: return run_rules(job->engine, job->doc);
    case WRITE: return write_document(job->doc, job->out);
    case COPY: return copy_document(job->path, job->out);
    default: break;
    }
    struct doc *read = read_document(job->bytes);
    size_t n = read->blocks.n;
    doc_free(read);
    return n;
}

struct moment {
    int64_t wall_ns, cpu_ns;
};

static struct moment now(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (struct moment){time_monotonic_ns(), (int64_t)t.tv_sec * 1000000000 + t.tv_nsec};
}

static void print_times(const char *name, const int64_t *ns, uint64_t n)
{
    printf("\"%s\": [", name);
    for (uint64_t i = 0; i < n; i++)
        printf("%s%.3f", i ? ", " : "", (double)ns[i] / 1e6);
    printf("], ");
}

/* Which job, by the arguments; the document and the engine are made ready. */
static struct job prepare(int argc, char **argv, struct arena *a, struct rules_engine **ret_engine)
{
    struct error e;
    const struct rules_options options = {0};
    struct job job = {.what = READ};
    while (argc >= 4 && job.what < WHATS && strcmp(argv[1], what_names[job.what]) != 0)
        job.what++;
    if (argc < 4 || job.what == WHATS) {
        fprintf(stderr, "bench_doc read|rules|write|copy FILE N [OUT]\n");
        exit(2);
    }
    job.path = argv[2];
    job.out = argc > 4 ? argv[4] : NULL;
    if (job.what == COPY) return job;
    if (fs_read(a, job.path, FILE_MAX_BYTES, &job.bytes, &e) != ERR_OK) fail(&e);
    if (job.what == RULES && rules_engine_new(&options, ret_engine, &e) != ERR_OK) fail(&e);
    job.engine = *ret_engine;
    if (job.what != READ) job.doc = read_document(job.bytes);
    return job;
}

int main(int argc, char **argv)
{
    struct error e;
    struct rules_engine *engine = NULL;
    uint64_t times;
    size_t result = 0;
    arena_keep_freed(KEPT_BYTES);
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    if (!a) return 2;
    struct job job = prepare(argc, argv, a, &engine);
    if (str_to_u64(str_from_c(argv[3]), 1, 10000, &times, &e) != ERR_OK) fail(&e);
    int64_t *wall = NEW(a, int64_t, times), *cpu = NEW(a, int64_t, times);
    if (!wall || !cpu) return 2;
    for (uint64_t i = 0; i < times; i++) {
        struct moment start = now();
        result = go(&job);
        struct moment end = now();
        wall[i] = end.wall_ns - start.wall_ns;
        cpu[i] = end.cpu_ns - start.cpu_ns;
    }
    printf("{");
    print_times("ms", wall, times);
    print_times("cpu_ms", cpu, times);
    printf("\"peak_kb\": %ld, \"result\": %zu}\n", peak_kb(), result);
    doc_free(job.doc);
    rules_engine_free(engine);
    return 0;
}
