/* Write-back: the input is the body of a document, behind a few bytes that say where edits go.
 * Property: a document that can be read can be written to, whatever its markup is; what was written reads back as what was meant (the proof), or the error is another one than a failed proof. A body that is not
 * well-formed ends at the reader. */
#include <stdio.h>
#include <stdlib.h>

#include "doc/text.h"
#include "doc/write.h"
#include "support/docx_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define N_EDITS 6

static struct doc_anchor place(const struct doc *doc, const uint8_t *at)
{
    uint32_t block = (uint32_t)at[0] % doc->blocks.n;
    size_t length = doc->blocks.at[block].text.n;
    size_t start = length ? at[1] % length : 0;
    struct doc_anchor a = doc_anchor_make(doc, block, start, start + at[2] % 32);
    uint32_t next = block + 1; /* now and then into the next paragraph */
    if (at[2] > 200 && next < doc->body_end_block && doc->blocks.at[next].story == doc->blocks.at[block].story)
        a.end = (struct doc_place){next, 0};
    return a;
}

static void write_into(const struct doc *doc, const uint8_t *control)
{
    static const struct str paragraphs[] = {STR_INIT("a <b> & \"c\"\nd"), STR_INIT("second")};
    static const struct doc_new_reply reply = {STR_INIT("B"), STR_INIT("B"), 1772356500000, paragraphs, 1};
    static const struct str words[] = {STR_INIT("new words"), STR_INIT(""), STR_INIT("x\ty\nz &")};
    struct doc_new_comment comments[N_EDITS];
    struct doc_new_change changes[N_EDITS];
    struct doc_edits edits = {.comments = comments, .changes = changes};
    for (size_t i = 0; i < N_EDITS; i++) {
        const uint8_t *at = control + 1 + 3 * i;
        if (control[0] >> i & 1)
            comments[edits.n_comments++] = (struct doc_new_comment){.anchor = place(doc, at),
                                                                    .author = STR("A"),
                                                                    .date_unix_ms = 1772356500000,
                                                                    .paragraphs = paragraphs,
                                                                    .n_paragraphs = 1 + at[0] % 2,
                                                                    .replies = &reply,
                                                                    .n_replies = at[1] % 2};
        else
            changes[edits.n_changes++] = (struct doc_new_change){.anchor = place(doc, at),
                                                                 .replacement = words[at[0] % 3],
                                                                 .author = STR("A"),
                                                                 .date_unix_ms = 1772356500000};
    }
    CLEANUP_ARENA struct arena *a = arena_new((size_t)256 << 20);
    struct doc_write_result result;
    struct error e = {0};
    if (!a || doc_write(doc, &edits, a, &result, &e) == ERR_OK || e.code != ERR_INTERNAL) return;
    fprintf(stderr, "%s: %s (%s)\n", e.reason, e.message, e.detail);
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    const size_t control = 1 + 3 * N_EDITS;
    if (n < control || n > 65536) return 0;
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    CLEANUP_DOC struct doc *doc = NULL;
    if (!a) return 0;
    char *body = str_to_c(a, (struct str){(const char *)data + control, n - control});
    if (!body) return 0;
    struct str docx =
        test_docx(a, body,
                  &(struct test_docx_parts){
                      .footnotes = "<w:footnote w:id=\"2\"><w:p><w:r><w:t>note words</w:t></w:r></w:p></w:footnote>",
                      .header = "<w:p><w:r><w:t>header words</w:t></w:r></w:p>"});
    struct doc_read_options options = DOC_READ_OPTIONS_DEFAULT;
    struct error e = {0};
    if (!docx.p || doc_read(docx, &options, &doc, &e) != ERR_OK || !doc->blocks.n) return 0;
    write_into(doc, data);
    return 0;
}
