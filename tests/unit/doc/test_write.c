/* The whole writer over every document of the shared corpus: comments at places of all kinds, tracked changes, again into the output. doc_write proves each one; a failed proof is a failure. */
#include <stdlib.h>

#include "base/fs.h"
#include "base/time.h"
#include "write_fixture.h"

/* A fixed sequence: the same places in every run. */
static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static bool is_document(struct str name)
{
    return str_ends_nocase(name, STR(".docx")) || str_ends_nocase(name, STR(".docm")) ||
           str_ends_nocase(name, STR(".dotx"));
}

#define N_COMMENTS 24
#define N_CHANGES  16

struct places {
    uint64_t seed;
    struct doc_new_comment comments[N_COMMENTS];
    size_t n_comments;
    struct doc_new_change changes[N_CHANGES];
    size_t n_changes;
};

static uint32_t block_with_text(const struct doc *doc, uint64_t *seed, uint32_t end)
{
    uint32_t first = end ? next_random(seed) % end : 0;
    for (uint32_t i = 0; i < end; i++)
        if (doc->blocks.at[(first + i) % end].text.n) return (first + i) % end;
    return DOC_NONE;
}

static struct doc_anchor place_in(const struct doc *doc, uint32_t block, uint64_t *seed)
{
    size_t n = doc->blocks.at[block].text.n;
    size_t start = next_random(seed) % n, length = 1 + next_random(seed) % (n < 60 ? n : 60);
    return doc_anchor_make(doc, block, start, start + length > n ? n : start + length);
}

static const struct str lines[] = {STR_INIT("Where does <this> figure & date come from?"),
                                   STR_INIT("Second paragraph.\nWith a break.")};
static const struct doc_new_reply reply = {STR_INIT("Bob"), STR_INIT("B"), TEST_DATE, lines, 1};

static void choose(struct places *p, const struct doc *doc)
{
    p->n_comments = p->n_changes = 0;
    for (size_t i = 0; i < N_COMMENTS; i++) {
        uint32_t block = block_with_text(doc, &p->seed, doc->blocks.n);
        if (block == DOC_NONE) return;
        struct doc_anchor anchor = place_in(doc, block, &p->seed);
        uint32_t next = block + 1; /* now and then over two paragraphs */
        if (i % 5 == 0 && next < doc->body_end_block && doc->blocks.at[next].story == doc->blocks.at[block].story &&
            doc->blocks.at[next].text.n)
            anchor.end = place_in(doc, next, &p->seed).end;
        p->comments[p->n_comments++] = (struct doc_new_comment){.anchor = anchor,
                                                                .author = STR("Ann Lee"),
                                                                .date_unix_ms = TEST_DATE,
                                                                .paragraphs = lines,
                                                                .n_paragraphs = 1 + i % 2,
                                                                .done = i % 3 == 0,
                                                                .replies = &reply,
                                                                .n_replies = i % 4 == 0};
    }
    for (size_t i = 0; i < N_CHANGES; i++) {
        uint32_t block = block_with_text(doc, &p->seed, doc->body_end_block);
        if (block == DOC_NONE) return;
        static const struct str words[] = {STR_INIT("other words"), STR_INIT(""), STR_INIT("<a> & b\nc\td")};
        p->changes[p->n_changes++] = (struct doc_new_change){.anchor = place_in(doc, block, &p->seed),
                                                             .replacement = words[i % 3],
                                                             .author = STR("Ann Lee"),
                                                             .date_unix_ms = TEST_DATE};
    }
}

struct tally {
    size_t files, comments, exact, widened, moved, changes, refused;
};

static struct str write_and_count(struct arena *a, const struct doc *doc, const struct doc_edits *edits,
                                  const char *path, struct tally *t)
{
    struct doc_write_result result = {0};
    struct error e = {0};
    enum err err = doc_write(doc, edits, a, &result, &e);
    if (err != ERR_OK && strcmp(e.reason, "comments_broken") == 0) return STR_EMPTY;
    if (err != ERR_OK) fail_msg("%s: %s (%s)", path, e.message, e.detail);
    for (size_t i = 0; i < edits->n_comments; i++) {
        t->comments++;
        t->exact += result.comments[i].outcome == DOC_EDIT_EXACT;
        t->widened += result.comments[i].outcome == DOC_EDIT_WIDENED;
        t->moved += result.comments[i].outcome == DOC_EDIT_MOVED;
    }
    for (size_t i = 0; i < edits->n_changes; i++) {
        t->changes++;
        t->refused += result.changes[i].outcome == DOC_EDIT_REFUSED;
    }
    return result.bytes;
}

static void check_file(const char *path, struct tally *t)
{
    static const struct doc_new_block blocks[] = {{DOC_NEW_HEADING, STR_INIT("Summary")},
                                                  {DOC_NEW_BULLET, STR_INIT("point")}};
    CLEANUP_ARENA struct arena *a = arena_new((size_t)1 << 30);
    struct doc_read_options options = DOC_READ_OPTIONS_DEFAULT;
    struct str bytes;
    struct error e = {0};
    assert_non_null(a);
    assert_int_equal(fs_read(a, path, (size_t)64 << 20, &bytes, &e), ERR_OK);
    struct places places = {.seed = bytes.n};
    for (int round = 0; round < 3; round++) { /* each time into what was written before */
        CLEANUP_DOC struct doc *doc = NULL;
        if (doc_read(bytes, &options, &doc, &e) != ERR_OK) {
            if (round) fail_msg("%s: the output cannot be read: %s", path, e.message);
            return;
        }
        t->files += round == 0;
        choose(&places, doc);
        struct doc_edits edits = {.comments = places.comments,
                                  .n_comments = places.n_comments,
                                  .changes = places.changes,
                                  .n_changes = round ? places.n_changes : 0,
                                  .blocks = blocks,
                                  .n_blocks = round == 2 ? 2 : 0};
        bytes = write_and_count(a, doc, &edits, path, t);
        if (!bytes.p) return;
    }
}

static void test_every_document_of_the_corpus(void **state)
{
    struct arena *a = *state;
    struct str folder = str_printf(a, "%s/corpus", getenv("TEST_SHARED") ? getenv("TEST_SHARED") : "../shared");
    struct fs_list list = {0};
    struct error e = {0};
    if (fs_kind(folder.p) != FS_FOLDER || fs_walk(a, folder.p, is_document, &list, &e) != ERR_OK) {
        print_message("skipped: the shared corpus is not beside the source tree\n");
        skip();
    }
    struct tally t = {0};
    for (size_t i = 0; i < list.n; i++)
        check_file(list.at[i], &t);
    print_message("%zu documents: %zu comments (%zu exact, %zu widened, %zu moved), %zu changes (%zu refused)\n",
                  t.files, t.comments, t.exact, t.widened, t.moved, t.changes, t.refused);
    assert_true(t.files > 80 && t.exact > 1000 && t.moved > 50 && t.changes > t.refused);
}

WRITE_TESTS(cmocka_unit_test(test_every_document_of_the_corpus))
