/* Bytes become the document's XML: whatever is read can be shown. The content is JSON, the texts of a block's runs put together are its text, the
 * outline cut out of it is JSON too, and places lie in the texts that they name. */
#include <assert.h>
#include <stdint.h>

#include "base/json.h"
#include "base/utf8.h"
#include "doc/read.h"
#include "review/model_json.h"
#include "support/docx_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_texts(const struct doc *doc, const struct json *content)
{
    const struct json *blocks = json_get(content, "blocks");
    assert(json_count(blocks) == doc->blocks.n);
    for (size_t i = 0; i < doc->blocks.n; i++) {
        CLEANUP_SB struct sb text = SB_INIT(SIZE_MAX);
        const struct json *runs = json_get(json_at(blocks, i), "runs");
        for (size_t k = 0; k < json_count(runs); k++)
            sb_str(&text, json_str(json_get(json_at(runs, k), "t")));
        assert(text.failed || str_eq(sb_view(&text), doc->blocks.at[i].text));
    }
}

static void check_comments(const struct doc *doc, const struct json *content)
{
    const struct json *comments = json_get(content, "comments");
    for (size_t i = 0; i < json_count(comments); i++) {
        const struct json *c = json_at(comments, i);
        if (json_type(json_get(c, "block")) == JSON_NULL) continue;
        size_t block = (size_t)json_double(json_get(c, "block"), 0),
               last = (size_t)json_double(json_get(c, "end_block"), 0);
        assert(block <= last && last < doc->blocks.n);
        assert(json_double(json_get(c, "start"), -1) <= (double)utf8_utf16_len(doc->blocks.at[block].text));
        assert(json_double(json_get(c, "end"), -1) <= (double)utf8_utf16_len(doc->blocks.at[last].text));
    }
}

static void check(const struct doc *doc, struct arena *a)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    const struct json *content = NULL, *outline = NULL;
    struct str sections;
    struct error e = {0};
    enum err err = model_json_content(doc, &b, &e);
    if (err == ERR_LIMIT) return;
    assert(err == ERR_OK);
    assert(json_parse(a, sb_view(&b), &content, &e) == ERR_OK);
    assert(model_json_sections(sb_view(&b), a, &sections, &e) == ERR_OK);
    assert(json_parse(a, sections, &outline, &e) == ERR_OK);
    assert(json_count(json_get(outline, "sections")) == doc->sections.n);
    check_texts(doc, content);
    check_comments(doc, content);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)512 << 20);
    struct str input = str_dup(a, (struct str){(const char *)data, n});
    if (!input.p || n > 1u << 18 || memchr(input.p, 0, n)) return 0; /* the builder takes C strings */
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
    struct error e = {0};
    CLEANUP_DOC struct doc *doc = NULL;
    if (bytes.p && doc_read(bytes, &o, &doc, &e) == ERR_OK) check(doc, a);
    return 0;
}
