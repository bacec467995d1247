/* Bytes become the document's XML: whatever is read has a model whose invariants hold.
 * An input that begins with "<w:" is a body and gets a root with all namespaces; any other is the whole part. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "doc/check.h"
#include "doc/read.h"
#include "support/docx_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    struct str input = str_dup(a, (struct str){(const char *)data, n});
    if (!input.p || n > 1u << 20 || memchr(input.p, 0, n)) return 0; /* the builder takes C strings */
    bool is_body = str_starts(input, STR("<w:"));
    struct test_docx_parts parts = {
        .document = is_body ? NULL : input.p,
        .footnotes = "<w:footnote w:id=\"1\"><w:p><w:r><w:t>a note</w:t></w:r></w:p></w:footnote>",
        .comments = "<w:comment w:id=\"0\" w:author=\"A\"><w:p><w:r><w:t>c</w:t></w:r></w:p></w:comment>",
        .header = "<w:p><w:r><w:t>head</w:t></w:r></w:p>",
    };
    struct str bytes = test_docx(a, is_body ? input.p : "", &parts);
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    o.limits.max_memory_bytes = (size_t)256 << 20;
    o.reject_revisions_from = n % 2 ? 0 : 7;
    struct error e = {0};
    CLEANUP_DOC struct doc *doc = NULL;
    enum err code = doc_read(bytes, &o, &doc, &e);
    assert((code == ERR_OK) == (doc != NULL));
    assert(code == ERR_OK || e.message[0]);
    if (code == ERR_OK && doc_check(doc, &e) != ERR_OK) {
        (void)fprintf(stderr, "%s\n", e.message);
        abort();
    }
    return 0;
}
