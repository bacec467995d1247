/* Writes comments into a document for other programs to judge: at places that a fixed sequence chooses, in all kinds of stories, runs cut in the middle of words.
 * write_corpus IN.docx OUT.docx EXPECTED.json; status 2 when the input is refused (its error goes to standard output), 1 when writing fails.
 * EXPECTED.json: {"comments":[{"author", "text", "words", "outcome", "plain", "replies", "done"}]} in the order of their ids; "words" is the text between the marks. */
#include <stdio.h>

#include "base/fs.h"
#include "base/json.h"
#include "doc/text.h"
#include "doc/write.h"

#define N_COMMENTS 12

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static const struct str words[] = {STR_INIT("Where does <this> & \"that\" come from?"),
                                   STR_INIT("Second paragraph\nwith a break.")};
static const struct doc_new_reply reply = {STR_INIT("Bob"), STR_INIT("B"), 1772356560000, words, 1};

static size_t choose(const struct doc *doc, uint64_t seed, struct doc_new_comment *to)
{
    size_t n = 0;
    for (unsigned tries = 0; n < N_COMMENTS && tries < 400 && doc->blocks.n; tries++) {
        uint32_t block = next_random(&seed) % doc->blocks.n;
        size_t length = doc->blocks.at[block].text.n;
        if (doc_block_is_blank(&doc->blocks.at[block])) continue;
        size_t start = next_random(&seed) % length;
        struct doc_anchor anchor = doc_anchor_make(doc, block, start, start + 1 + next_random(&seed) % 40);
        if (n % 4 == 3) anchor = doc_anchor_block(doc, block);
        if (anchor.start.offset >= anchor.end.offset) continue;
        to[n] = (struct doc_new_comment){.anchor = anchor,
                                         .author = STR("Ann Lee"),
                                         .initials = STR("AL"),
                                         .date_unix_ms = 1772356500000,
                                         .paragraphs = words,
                                         .n_paragraphs = 1 + n % 2};
        to[n].replies = &reply;
        to[n].n_replies = n % 3 == 2;
        to[n].done = n % 6 == 5;
        n++;
    }
    return n;
}

/* Another program shows these words as the same characters: no formula, content control, field, image or tracked change of another is among them. */
static bool is_plain(const struct doc *doc, struct doc_anchor a)
{
    for (uint32_t i = 0; i < doc->revisions.n; i++)
        if (doc->revisions.at[i].place.block >= a.start.block && doc->revisions.at[i].place.block <= a.end.block)
            return false;
    for (uint32_t b = a.start.block; b <= a.end.block; b++) {
        const struct doc_block *block = &doc->blocks.at[b];
        for (uint32_t i = block->first_run; i < block->first_run + block->run_count; i++) {
            const struct doc_run *run = &doc->runs.at[i];
            if (run->kind == DOC_RUN_MATH || run->kind == DOC_RUN_OBJECT) return false;
            for (uint32_t w = run->wrap; w != DOC_NONE; w = doc->wraps.at[w].parent)
                if (doc->wraps.at[w].kind != DOC_WRAP_HYPERLINK && doc->wraps.at[w].kind != DOC_WRAP_SMART_TAG)
                    return false;
        }
    }
    return true;
}

static void put_comment(struct json_out *o, const struct doc *doc, const struct doc_new_comment *c,
                        const struct doc_edit_result *placed, struct arena *a)
{
    static const char *const outcomes[] = {"exact", "widened", "moved", "refused"};
    json_out_begin_object(o, NULL);
    json_out_str(o, "author", c->author);
    json_out_str(o, "text", c->paragraphs[0]);
    json_out_str(o, "words", doc_text_of(doc, placed->anchor, a));
    json_out_c(o, "outcome", outcomes[placed->outcome]);
    json_out_bool(o, "plain", is_plain(doc, placed->anchor));
    json_out_u64(o, "replies", c->n_replies);
    json_out_bool(o, "done", c->done);
    json_out_end_object(o);
}

static int fail(const struct error *e, int status)
{
    printf("%s: %s (%s)\n", e->reason, e->message, e->detail);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "write_corpus IN.docx OUT.docx EXPECTED.json\n");
        return 2;
    }
    CLEANUP_ARENA struct arena *a = arena_new((size_t)1 << 30);
    CLEANUP_DOC struct doc *doc = NULL;
    CLEANUP_SB struct sb sb = SB_INIT((size_t)64 << 20);
    struct doc_read_options options = DOC_READ_OPTIONS_DEFAULT;
    struct doc_new_comment comments[N_COMMENTS];
    struct doc_write_result result;
    struct str bytes;
    struct error e = {0};
    if (!a || fs_read(a, argv[1], (size_t)64 << 20, &bytes, &e) != ERR_OK ||
        doc_read(bytes, &options, &doc, &e) != ERR_OK)
        return fail(&e, 2);
    struct doc_edits edits = {.comments = comments, .n_comments = choose(doc, bytes.n, comments)};
    if (doc_write(doc, &edits, a, &result, &e) != ERR_OK)
        return fail(&e, strcmp(e.reason, "comments_broken") == 0 ? 2 : 1);
    struct json_out o = json_out_make(&sb, true);
    json_out_begin_object(&o, NULL);
    json_out_begin_array(&o, "comments");
    for (size_t i = 0; i < edits.n_comments; i++)
        put_comment(&o, doc, &comments[i], &result.comments[i], a);
    json_out_end_array(&o);
    json_out_end_object(&o);
    if (!sb_ok(&sb) || fs_write_atomic(argv[2], result.bytes, 0644, &e) != ERR_OK ||
        fs_write_atomic(argv[3], sb_view(&sb), 0644, &e) != ERR_OK)
        return fail(&e, 1);
    return 0;
}
