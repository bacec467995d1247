/* The input of a tool, in pieces.
 * What is here only finds borders: it knows strings, brackets and commas, and where in the text an item begins and ends. Whether a piece is JSON is
 * said by base/json.h, of each item and of the whole, so there is one grammar and not two. The text is kept anyway, for the whole.
 * Rejected: a full incremental parser that builds values (the parser there is does not take pieces, and a second one would differ from it);
 * guessing the rest of an item that is cut (half a quote is no quote).
 * Limits: DEPTH_MAX levels, as base/json.h; max bytes. */
#include "ai/json_stream.h"

#include <stdlib.h>

#include "ai/errors.h"
#include "base/json.h"

#define DEPTH_MAX 64

struct ai_json_stream {
    struct sb text; /* all that came */
    ai_json_item_fn on_item;
    void *ctx;
    struct error failed;           /* code ERR_OK: not */
    unsigned depth;                /* open brackets */
    bool is_array[DEPTH_MAX];      /* of each of them */
    bool in_string, escaped;       /* at the next byte */
    bool wants_key;                /* the next string at depth 1 is a member's name */
    size_t key_from, key_to;       /* the last name, without its quotes */
    bool in_items;                 /* in an array that is a member of the top level */
    bool item_open;                /* the item at item_from is not complete */
    bool wants_comma;              /* an item was handed out */
    bool closed;                   /* the object is over */
    size_t item_from, index, seen; /* seen: bytes of text that were looked at */
};

enum err ai_json_stream_new(size_t max, ai_json_item_fn on_item, void *ctx, struct ai_json_stream **ret,
                            struct error *e)
{
    struct ai_json_stream *s = calloc(1, sizeof *s);
    if (!s) return error_no_memory(e);
    s->text = (struct sb)SB_INIT(max);
    s->on_item = on_item;
    s->ctx = ctx;
    *ret = s;
    return ERR_OK;
}

void ai_json_stream_free(struct ai_json_stream *s)
{
    if (!s) return;
    sb_done(&s->text);
    free(s);
}

static enum err no_json(struct error *e)
{
    return ai_error(e, AI_BAD_ANSWER, "the model called a tool with what is no JSON object");
}

/* Parses into an arena of its own; the words of the parser quote the text, so they are not passed on. */
static enum err parse(struct str text, struct arena **ret_a, const struct json **ret, struct error *e)
{
    struct arena *a = arena_new(1 << 12); /* the parser has its own memory; here is a note of it */
    if (!a) return error_no_memory(e);
    struct error why = {0};
    enum err err = json_parse(a, text, ret, &why);
    if (err == ERR_OK) {
        *ret_a = a;
        return ERR_OK;
    }
    arena_free(a);
    return error_is_no_memory(&why) ? error_no_memory(e) : no_json(e);
}

static enum err item_hand_out(struct ai_json_stream *s, size_t to, struct error *e)
{
    struct str all = sb_view(&s->text), json = str_trim(str_sub(all, s->item_from, to));
    struct str key = str_sub(all, s->key_from - 1, s->key_to + 1); /* with its quotes */
    s->item_open = false;
    s->wants_comma = true;
    CLEANUP_ARENA struct arena *a = NULL, *a_key = NULL;
    const struct json *v = NULL;
    TRY(parse(json, &a, &v, e));
    TRY(parse(key, &a_key, &v, e));
    size_t index = s->index++;
    return s->on_item ? s->on_item(s->ctx, json_str(v), index, json, e) : ERR_OK;
}

/* A byte that is not within a string and begins a value, or is part of a number or a word. */
static void item_begin(struct ai_json_stream *s, size_t at)
{
    if (!s->in_items || s->depth != 2 || s->item_open) return;
    s->item_open = true;
    s->item_from = at;
}

static enum err opened(struct ai_json_stream *s, char c, size_t at, struct error *e)
{
    if (s->depth == DEPTH_MAX || (s->depth == 0 && c != '{') || (s->depth == 1 && s->wants_key)) return no_json(e);
    item_begin(s, at);
    if (s->depth == 0) s->wants_key = true;
    if (s->depth == 1 && c == '[') {
        s->in_items = true;
        s->item_open = s->wants_comma = false;
        s->index = 0;
    }
    s->is_array[s->depth++] = c == '[';
    return ERR_OK;
}

static enum err closed(struct ai_json_stream *s, char c, size_t at, struct error *e)
{
    if (s->depth == 0 || s->is_array[s->depth - 1] != (c == ']')) return no_json(e);
    if (s->in_items && s->depth == 2 && s->item_open) TRY(item_hand_out(s, at, e)); /* a number or a word */
    s->depth--;
    if (s->in_items && s->depth == 2) return item_hand_out(s, at + 1, e);
    if (s->depth == 1) s->in_items = false;
    s->closed = s->depth == 0;
    return ERR_OK;
}

static enum err string_ended(struct ai_json_stream *s, size_t at, struct error *e)
{
    if (s->depth == 1 && s->wants_key) {
        s->key_to = at;
        s->wants_key = false;
    }
    return s->in_items && s->depth == 2 ? item_hand_out(s, at + 1, e) : ERR_OK;
}

static enum err comma(struct ai_json_stream *s, size_t at, struct error *e)
{
    if (s->depth == 1) s->wants_key = true;
    if (!s->in_items || s->depth != 2) return ERR_OK;
    if (s->item_open) TRY(item_hand_out(s, at, e));
    if (!s->wants_comma) return no_json(e);
    s->wants_comma = false;
    return ERR_OK;
}

static enum err byte_read(struct ai_json_stream *s, char c, size_t at, struct error *e)
{
    if (s->in_string) {
        bool ends = !s->escaped && c == '"';
        s->escaped = !s->escaped && c == '\\';
        s->in_string = !ends;
        return ends ? string_ended(s, at, e) : ERR_OK;
    }
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') return ERR_OK;
    bool after_item = s->in_items && s->depth == 2 && s->wants_comma;
    if (s->closed || (after_item && c != ',' && c != ']')) return no_json(e);
    if (c == '{' || c == '[') return opened(s, c, at, e);
    if (c == '}' || c == ']') return closed(s, c, at, e);
    if (s->depth == 0) return no_json(e);
    if (c == ',') return comma(s, at, e);
    if (c == '"') {
        s->in_string = true;
        if (s->depth == 1 && s->wants_key) s->key_from = at + 1;
    }
    item_begin(s, at);
    return ERR_OK;
}

static enum err feed(struct ai_json_stream *s, struct str bytes, struct error *e)
{
    sb_str(&s->text, bytes);
    if (!sb_ok(&s->text))
        return s->text.no_memory
                   ? error_no_memory(e)
                   : ai_error(e, AI_BAD_ANSWER, "the model called a tool with more than %zu bytes", s->text.max);
    for (; s->seen < s->text.n; s->seen++)
        TRY(byte_read(s, s->text.p[s->seen], s->seen, e));
    return ERR_OK;
}

static enum err fail(struct ai_json_stream *s, struct error *e)
{
    if (e) *e = s->failed;
    return s->failed.code;
}

enum err ai_json_stream_feed(struct ai_json_stream *s, struct str bytes, struct error *e)
{
    if (s->failed.code == ERR_OK) s->failed.code = feed(s, bytes, &s->failed);
    return s->failed.code == ERR_OK ? ERR_OK : fail(s, e);
}

static enum err end(struct ai_json_stream *s, struct str *ret, struct error *e)
{
    if (str_trim(sb_view(&s->text)).n == 0) {
        *ret = STR("{}");
        return ERR_OK;
    }
    if (!s->closed) return no_json(e);
    CLEANUP_ARENA struct arena *a = NULL;
    const struct json *v = NULL;
    TRY(parse(sb_view(&s->text), &a, &v, e));
    *ret = str_trim(sb_view(&s->text));
    return ERR_OK;
}

enum err ai_json_stream_end(struct ai_json_stream *s, struct str *ret, struct error *e)
{
    if (s->failed.code == ERR_OK) s->failed.code = end(s, ret, &s->failed);
    return s->failed.code == ERR_OK ? ERR_OK : fail(s, e);
}
