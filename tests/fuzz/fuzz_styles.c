/* The input is styles, a line "=", and numbering, each what stands inside of its root. A fixed body uses both. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "doc/check.h"
#include "doc/read.h"
#include "support/docx_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define P(style, num, level)                                                                                           \
    "<w:p><w:pPr><w:pStyle w:val=\"" style "\"/><w:numPr><w:ilvl w:val=\"" level "\"/><w:numId w:val=\"" num           \
    "\"/></w:numPr></w:pPr><w:r><w:rPr><w:rStyle w:val=\"c\"/></w:rPr><w:t>text</w:t></w:r></w:p>"

static const char body[] = P("a", "1", "0") P("b", "1", "1") P("c", "2", "0") P("a", "2", "8") P("b", "3", "2") P(
    "a", "1",
    "0") "<w:p><w:pPr><w:pStyle w:val=\"a\"/></w:pPr><w:r><w:t>a</w:t></w:r></w:p><w:p><w:pPr><w:pStyle w:val=\"b\"/></w:pPr></w:p>";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    struct str input = str_dup(a, (struct str){(const char *)data, n});
    if (!input.p || n > 1u << 20 || memchr(input.p, 0, n)) return 0; /* the builder takes C strings */
    size_t cut = str_find(input, STR("\n=\n"), 0);
    struct str styles = str_dup(a, str_sub(input, 0, cut));
    struct str numbering = str_dup(a, cut == STR_NONE ? STR("") : str_sub(input, cut + 3, n));
    struct test_docx_parts parts = {.styles = styles.p, .numbering = numbering.p};
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    o.limits.max_memory_bytes = (size_t)256 << 20;
    struct error e = {0};
    CLEANUP_DOC struct doc *doc = NULL;
    enum err code = doc_read(test_docx(a, body, &parts), &o, &doc, &e);
    /* Styles that are broken are a warning; what stops the reading is a limit or a DTD. */
    assert(code == ERR_OK || code == ERR_LIMIT || strcmp(e.reason, "dtd_forbidden") == 0);
    if (code != ERR_OK) return 0;
    if (doc_check(doc, &e) != ERR_OK) {
        (void)fprintf(stderr, "%s\n", e.message);
        abort();
    }
    assert(doc->blocks.n == 8);
    return 0;
}
