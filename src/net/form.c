/* The parts of a form, collected.
 * A field is text that people typed: it must be UTF-8 and stays in memory. A file is bytes, in memory while it is small.
 * Limits: PARTS_MAX, HEAD_MAX, NET_FIELD_MAX; all together at most the route's max_body. */
#include "net/form_priv.h"

#include "base/utf8.h"
#include "base/vec.h"
#include "net/spool_priv.h"

#define PARTS_MAX 64
#define HEAD_MAX  4096

struct form_part {
    struct net_part part;
    struct net_spool bytes;
};

struct net_form {
    struct arena *arena;
    struct net_multipart *parser;
    size_t file_memory;
    const char *folder;
    struct form_part parts[PARTS_MAX];
    size_t n;
};

static void form_done(void *object)
{
    struct net_form *f = object;
    for (size_t i = 0; i < f->n; i++)
        net__spool_done(&f->parts[i].bytes);
}

static enum err part_begin(void *ctx, const struct net_part_head *head, struct error *e)
{
    (void)e;
    struct net_form *f = ctx;
    struct form_part *to = &f->parts[f->n++]; /* the parser holds to PARTS_MAX */
    to->part = (struct net_part){.name = head->name, .file_name = head->file_name, .content_type = head->content_type};
    net__spool_init(&to->bytes, head->file_name.p ? f->file_memory : NET_FIELD_MAX, f->folder);
    return ERR_OK;
}

static enum err part_data(void *ctx, struct str bytes, struct error *e)
{
    struct net_form *f = ctx;
    struct form_part *to = &f->parts[f->n - 1];
    if (!to->part.file_name.p && bytes.n > NET_FIELD_MAX - to->bytes.n)
        return error_set_reason(e, ERR_LIMIT, "field_too_large", "the field \"%.*s\" has more than %zu bytes",
                                STR_ARG(to->part.name), NET_FIELD_MAX);
    return net__spool_add(&to->bytes, bytes, e);
}

static enum err part_end(void *ctx, struct error *e)
{
    struct net_form *f = ctx;
    struct form_part *to = &f->parts[f->n - 1];
    if (to->part.file_name.p || utf8_valid(sb_view(&to->bytes.memory))) return ERR_OK;
    return error_set_reason(e, ERR_INVALID, "bad_multipart", "the field \"%.*s\" is not UTF-8", STR_ARG(to->part.name));
}

enum err net__form_new(struct net_request *rq, size_t file_memory, const char *folder, struct net_form **ret_form,
                       struct error *e)
{
    struct net_form *f = NEW(rq->arena, struct net_form, 1);
    if (!f || !arena_defer(rq->arena, form_done, f)) return error_no_memory(e);
    *f = (struct net_form){.arena = rq->arena, .file_memory = file_memory, .folder = folder};
    struct net_multipart_limits limits = {.parts = PARTS_MAX, .head_bytes = HEAD_MAX};
    struct net_multipart_sink sink = {.begin = part_begin, .data = part_data, .end = part_end, .ctx = f};
    TRY(net_multipart_new(rq->arena, net_header(rq, "Content-Type"), limits, sink, &f->parser, e));
    *ret_form = f;
    return ERR_OK;
}

enum err net__form_feed(struct net_form *f, struct str bytes, struct error *e)
{
    return net_multipart_feed(f->parser, bytes, e);
}

enum err net__form_finish(struct net_form *f, struct net_request *rq, struct error *e)
{
    TRY(net_multipart_finish(f->parser, e));
    rq->parts = NEW(f->arena, struct net_part, f->n);
    if (!rq->parts) return error_no_memory(e);
    rq->n_parts = f->n;
    for (size_t i = 0; i < f->n; i++) {
        rq->parts[i] = f->parts[i].part;
        TRY(net__spool_bytes(&f->parts[i].bytes, &rq->parts[i].bytes, e));
    }
    return ERR_OK;
}
