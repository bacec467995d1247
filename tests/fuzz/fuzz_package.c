/* Two kinds of input. One that begins with "#" is a recipe: a line an entry, "name<TAB>flags<TAB>method<TAB>declared
 * size<TAB>bad crc<TAB>content", of which an archive is made (plus a sound document, so that the rest is reached).
 * Any other is the file itself. What opens gives every part or an error; a copy with one part changed opens too, and
 * keeps the packed bytes of all other entries. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "doc/read.h"
#include "support/docx_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define ENTRIES_MAX 16

static uint32_t number(struct str s)
{
    uint64_t v = 0;
    return str_to_u64(s, 0, UINT32_MAX, &v, NULL) == ERR_OK ? (uint32_t)v : 0;
}

static struct str cook(struct arena *a, struct str recipe)
{
    struct test_zip_entry entries[ENTRIES_MAX] = {{0}};
    size_t n = 0;
    struct str rest = str_sub(recipe, 1, recipe.n);
    while (rest.p && n < ENTRIES_MAX) {
        struct str line = str_cut(rest, '\n', &rest), fields[6] = {{NULL, 0}};
        for (size_t i = 0; i < 5 && line.p; i++)
            fields[i] = str_cut(line, '\t', &line);
        fields[5] = line;
        char *name = str_to_c(a, fields[0]);
        if (!name) return STR_EMPTY;
        entries[n++] = (struct test_zip_entry){.name = name,
                                               .flags = number(fields[1]) & 0xFFFF,
                                               .method = number(fields[2]) & 0xFFFF,
                                               .declared_size = number(fields[3]),
                                               .bad_crc = number(fields[4]),
                                               .bytes = fields[5]};
    }
    struct test_docx_parts parts = {.more = entries, .n_more = n};
    return test_docx(a, "<w:p><w:r><w:t>text</w:t></w:r></w:p>", &parts);
}

static void check_copy(struct arena *a, const struct doc_package *p, const struct doc_limits *limits)
{
    const struct doc_part_change change = {STR("prism/new.xml"), STR("<x/>")};
    struct error e;
    struct str bytes = STR_EMPTY;
    struct doc_package *copy = NULL;
    if (doc_package_has(p, change.name)) return;
    if (doc_package_write(p, &change, 1, a, &bytes, &e) != ERR_OK) return;
    enum err code = doc_package_open(a, bytes, limits, &copy, &e);
    if (code == ERR_LIMIT) return;
    assert(code == ERR_OK);
    for (size_t i = 0; i < doc_package_entry_count(p); i++)
        assert(str_eq(doc_package_entry_packed(p, i), doc_package_entry_packed(copy, i)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    struct str input = {(const char *)data, n};
    if (n && data[0] == '#') input = cook(a, input);
    struct doc_limits limits = DOC_LIMITS_DEFAULT;
    limits.max_part_bytes = 1u << 20;
    limits.max_total_bytes = 4u << 20;
    struct doc_package *p = NULL;
    struct error e = {0};
    if (doc_package_open(a, input, &limits, &p, &e) != ERR_OK) {
        assert(p == NULL && e.message[0]);
        return 0;
    }
    for (size_t i = 0; i < doc_package_entry_count(p); i++) {
        struct str part = STR_EMPTY;
        struct doc_rels rels = {0};
        struct str name = doc_package_entry_name(p, i);
        enum err code = doc_package_part(p, name, &part, &e);
        assert((code == ERR_OK) == (part.p != NULL));
        (void)!doc_package_rels(p, name, &rels, &e);
    }
    check_copy(a, p, &limits);
    return 0;
}
