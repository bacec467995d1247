/* The XML reader on any bytes. For UTF-8 input: the bytes of each tag's range begin with '<' and end with '>', ranges rise and lie in the
 * input, and every start has its end. Reading the same bytes twice gives the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct seen {
    struct str input;
    bool bytes; /* one byte an ASCII character: tags can be checked */
    size_t next, depth, n_events;
    uint64_t hash;
};

static void note(struct seen *s, struct str text, size_t start, size_t end)
{
    assert(start >= s->next && start <= end && end <= s->input.n);
    s->next = end;
    s->n_events++;
    s->hash = s->hash * 31 + str_hash(text) + start * 7 + end;
}

static enum err on_start(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct seen *s = ctx;
    (void)e;
    note(s, tag->qname, tag->start, tag->end);
    assert(tag->depth == ++s->depth && tag->depth <= 64);
    assert(tag->end - tag->start >= 3);
    if (s->bytes) {
        assert(s->input.p[tag->start] == '<' && s->input.p[tag->end - 1] == '>');
        assert(tag->empty == (s->input.p[tag->end - 2] == '/'));
    }
    for (size_t i = 0; i < tag->n_attrs; i++)
        note(s, tag->attrs[i].value, tag->end, tag->end);
    if (tag->prefix.n) assert(xml_prefix_uri(r, tag->prefix));
    assert(tag->ns == xml_prefix_ns(r, tag->prefix));
    struct str prefix = STR_EMPTY;
    if (tag->ns) assert(xml_ns_prefix(r, tag->ns, &prefix) && xml_prefix_ns(r, prefix) == tag->ns);
    return ERR_OK;
}

static enum err on_end(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct seen *s = ctx;
    (void)r, (void)e;
    note(s, tag->qname, tag->start, tag->end);
    assert(tag->depth == s->depth--);
    if (s->bytes && !tag->empty) assert(s->input.p[tag->start] == '<' && s->input.p[tag->end - 1] == '>');
    return ERR_OK;
}

static enum err on_text(void *ctx, struct xml_reader *r, struct str text, size_t start, size_t end, struct error *e)
{
    struct seen *s = ctx;
    (void)r, (void)e;
    assert(text.n > 0 && end > start);
    note(s, text, start, end);
    return ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct xml_ns namespaces[] = {{"urn:w", 1}, {"urn:r", 2}};
    static const struct xml_name names[] = {{1, "p", 1}, {1, "t", 2}, {2, "id", 3}, {0, "a", 4}};
    static const struct xml_vocab vocab = {namespaces, 2, names, 4};
    static const struct xml_handler handler = {on_start, on_end, on_text};
    const struct xml_options options = {.vocab = &vocab, .max_depth = 64, .what = "input"};
    struct str input = {(const char *)data, n};
    /* UTF-16 has a zero byte in each ASCII character; UTF-8 and its subsets never have one in well-formed XML */
    struct seen first = {.input = input, .bytes = str_find_char(input, '\0', 0) == STR_NONE}, second = first;
    struct error e = {0};
    enum err err = xml_read(input, &options, &handler, &first, &e);
    assert(err == ERR_OK || (e.code == err && e.message[0]));
    if (err == ERR_OK) assert(first.depth == 0 && first.n_events >= 2);
    assert(xml_read(input, &options, &handler, &second, NULL) == err);
    assert(first.hash == second.hash && first.n_events == second.n_events);
    return 0;
}
