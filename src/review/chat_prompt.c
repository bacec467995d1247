/* The request of an answer.
 *
 *   system    instructions (prompts/chat.md), then the document, which is where the provider's cache ends: the same for every question
 *   messages  the summary of what is long ago, earlier turns (cached too), what the person has in view, the question
 *
 * The document stands between marks whose name nobody can know who wrote it: a hash over the document's id, which is made here. It is the same for each
 * question, so that the prefix is. A document that is too long for that is there as its outline; the section in view comes with the question, and the
 * rest is read by tools.
 * Rejected: passages chosen by likeness (the model decides better what it needs, and says what it has looked up). */
#include "review/chat_prompt.h"

#include "base/hash.h"
#include "doc/read.h"
#include "review/chat_text.h"
#include "review/chat_view.h"
#include "review/prompt.h"
#include "review/rows_priv.h"

enum {
    DOCUMENT_MAX = 300 << 10, /* bytes that are sent whole: some 90,000 tokens */
    OUTLINE_MAX = 40 << 10,
    SUMMARY_TOKENS = 1200,
    FENCE_HEX = 16,
};

void chat_prompt_done(struct chat_prompt *p)
{
    doc_free(p->doc);
    p->doc = NULL;
}

/* --- reading --- */

static enum err version_of(const struct review_context *c, struct str document_id, struct arena *a,
                           struct store_version *ret, struct error *e)
{
    struct store_document row;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(c->store, &tx, e));
    TRY(store_document_find(tx, document_id, STR_EMPTY, a, &row, e));
    *ret = row.version;
    return ERR_OK;
}

static enum err name_fence(struct chat_prompt *p, struct str document_id, struct error *e)
{
    char hex[HASH_SHA256_HEX + 1];
    struct str seed = str_printf(p->a, "chat %.*s", STR_ARG(document_id));
    if (!seed.p) return error_no_memory(e);
    TRY(hash_sha256_hex(seed, hex, e));
    p->fence = str_printf(p->a, "document-%.*s", FENCE_HEX, hex);
    return p->fence.p ? ERR_OK : error_no_memory(e);
}

enum err chat_prompt_read(struct chat_prompt *p, const struct review_context *c,
                          const struct store_chat_message *question, struct chat_feed *feed, struct arena *a,
                          struct error *e)
{
    struct store_version version;
    struct redact *redact = NULL;
    struct locate_index *index = NULL;
    *p = (struct chat_prompt){.a = a, .question = question, .messages = {.a = a}};
    TRY(version_of(c, question->document_id, a, &version, e));
    TRY(name_fence(p, question->document_id, e));
    TRY(review__version_read(c, &version, a, &p->doc, e));
    TRY(locate_index_new(p->doc, a, &index, e));
    TRY(redact_new(c->engine, p->doc, c->models->redact, a, &redact, e));
    p->lookup = (struct chat_lookup){.c = c, .doc = p->doc, .index = index, .redact = redact, .feed = feed};
    return ERR_OK;
}

/* --- making --- */

enum err chat_prompt_fence(const struct chat_prompt *p, struct str text, struct arena *a, struct str *ret,
                           struct error *e)
{
    *ret = str_printf(a, "<%.*s>\n%.*s</%.*s>", STR_ARG(p->fence), STR_ARG(text), STR_ARG(p->fence));
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err instructions(const struct chat_prompt *p, const char *name, struct str whole, struct str *ret,
                             struct error *e)
{
    const struct prompt_var vars[] = {{"FENCE", p->fence}, {"WHOLE", whole}};
    const struct prompt *prompt = prompts_get(p->lookup.c->models->prompts, name);
    return prompt_fill(prompt, vars, whole.p ? 2 : 1, p->a, ret, e);
}

/* The document as it is sent; *ret_whole: all of it. */
static enum err document_text(const struct chat_prompt *p, bool *ret_whole, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct str text;
    const struct doc *doc = p->doc;
    *ret_whole = chat_text_blocks(&b, doc, 0, doc->blocks.n, DOCUMENT_MAX) == doc->blocks.n;
    if (!*ret_whole) {
        sb_reset(&b);
        chat_text_outline(&b, doc, OUTLINE_MAX);
    }
    TRY(sb_take(&b, p->a, &text, e));
    TRY(redact_text(p->lookup.redact, text, p->a, &text, e));
    return chat_prompt_fence(p, text, p->a, ret, e);
}

static enum err make_system(struct chat_prompt *p, bool *ret_whole, struct error *e)
{
    struct str text, document;
    TRY(document_text(p, ret_whole, &document, e));
    struct str whole =
        *ret_whole ? STR("You are given the whole document.")
                   : STR("The document is too long to be given whole: you are given its outline, and the section "
                         "that the person has in view. Read other sections, or search, before you say what is or "
                         "is not in them.");
    TRY(instructions(p, "chat", whole, &text, e));
    p->system[0] = (struct ai_part){.kind = AI_TEXT, .text = text};
    p->system[1] = (struct ai_part){.kind = AI_TEXT, .text = document, .cache = true};
    return ERR_OK;
}

/* --- the summary --- */

struct summing {
    struct sb text;
};

static enum err sum_begin(void *ctx, struct str model, const struct error *why, struct error *e)
{
    struct summing *s = ctx;
    (void)model;
    (void)e;
    if (why) sb_reset(&s->text);
    return ERR_OK;
}

static enum err sum_text(void *ctx, struct str text, struct error *e)
{
    struct summing *s = ctx;
    sb_str(&s->text, text);
    return sb_ok(&s->text) ? ERR_OK : error_set(e, ERR_LIMIT, "the summary is too long");
}

static enum err sum_tick(void *ctx, struct error *e)
{
    (void)ctx;
    (void)e;
    return ERR_OK;
}

static enum err summarise(struct chat_prompt *p, const struct chat_talk *talk, int64_t upto, struct str visitor,
                          struct chat_stop *stop, struct str *ret, struct error *e)
{
    struct summing s = {.text = SB_INIT(CHAT_SUMMARY_MAX)};
    const struct chat_consumer consumer = {
        .begin = sum_begin, .text = sum_text, .tick = sum_tick, .ctx = &s, .tick_ms = 1000};
    const struct review_models *models = p->lookup.c->models;
    struct ai_part system = {.kind = AI_TEXT}, part = {.kind = AI_TEXT};
    struct chat_call call;
    TRY(instructions(p, "chat_summary", STR_EMPTY, &system.text, e));
    TRY(chat_summary_text(talk, upto, p->lookup.redact, p->a, &part.text, e));
    TRY(chat_prompt_fence(p, part.text, p->a, &part.text, e));
    const struct ai_message message = {AI_USER, &part, 1};
    const struct ai_request rq = {.system = &system,
                                  .n_system = 1,
                                  .messages = &message,
                                  .n_messages = 1,
                                  .max_tokens = SUMMARY_TOKENS,
                                  .temperature = models->temperature,
                                  .limits = AI_LIMITS};
    const struct ai_ask ask = {
        .purpose = AI_FOR_CHAT, .person = visitor, .document = p->question->document_id, .request = &rq};
    enum err err = chat_call(models->router, &ask, stop, &consumer, p->a, &call, e);
    struct str text = str_dup(p->a, str_trim(sb_view(&s.text)));
    sb_done(&s.text);
    if (err != ERR_OK) return err;
    return text.p ? chat_prompt_back(p, text, p->a, ret, e) : error_no_memory(e);
}

/* Shortens the talk where it is long. An answer without what was said long ago is better than none. */
static enum err shorten(struct chat_prompt *p, struct chat_talk *talk, struct str visitor, struct chat_stop *stop,
                        struct error *e)
{
    int64_t upto = 0;
    struct str text = STR_EMPTY;
    struct error why = {0};
    if (!chat_summary_due(talk, &upto)) return ERR_OK;
    enum err err = summarise(p, talk, upto, visitor, stop, &text, &why);
    if (err == ERR_OK && text.n > 0) {
        talk->summary = text;
        talk->upto_seq = upto;
        return chat_rows_summary(p->lookup.c, p->question->document_id, upto, text, e);
    }
    if (err == ERR_CONFLICT) { /* stopped */
        *e = why;
        return err;
    }
    talk->summary = STR("(It could not be summarised: what was said longer ago is not known to you.)");
    talk->upto_seq = upto;
    return ERR_OK;
}

/* --- messages --- */

static enum err add_question(struct chat_prompt *p, const struct chat_view *view, bool whole, struct error *e)
{
    struct str text;
    TRY(chat_view_text(&p->lookup, view, !whole, p->fence, p->a, &text, e));
    TRY(redact_text(p->lookup.redact, text, p->a, &text, e));
    TRY(chat_messages_add(&p->messages, AI_USER, (struct ai_part){.kind = AI_TEXT, .text = text}, e));
    TRY(redact_text(p->lookup.redact, p->question->text, p->a, &text, e));
    return chat_messages_add(&p->messages, AI_USER, (struct ai_part){.kind = AI_TEXT, .text = text}, e);
}

enum err chat_prompt_make(struct chat_prompt *p, struct str visitor, struct chat_stop *stop, struct error *e)
{
    bool whole = true;
    struct chat_view view;
    struct chat_talk talk;
    TRY(chat_view_read(p->question->context, p->a, &view, e));
    TRY(chat_view_review(p->lookup.c, p->question->document_id, &view, p->a, &p->lookup.review_id, e));
    TRY(make_system(p, &whole, e));
    TRY(chat_rows_talk(p->lookup.c, p->question, p->a, &talk, e));
    TRY(shorten(p, &talk, visitor, stop, e));
    TRY(chat_turns_earlier(&talk, p->lookup.redact, &p->messages, e));
    return add_question(p, &view, whole, e);
}

enum err chat_prompt_request(struct chat_prompt *p, struct ai_request *rq, struct error *e)
{
    const struct review_models *models = p->lookup.c->models;
    (void)e;
    *rq = (struct ai_request){.system = p->system,
                              .n_system = 2,
                              .messages = p->messages.list.at,
                              .n_messages = p->messages.list.n,
                              .cache_tools = true,
                              .max_tokens = models->max_tokens,
                              .temperature = models->temperature,
                              .limits = AI_LIMITS};
    rq->tools = chat_tools(&rq->n_tools);
    return ERR_OK;
}

/* --- placeholders --- */

enum { PLACEHOLDER_MAX = 48 };

static bool is_placeholder_byte(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/* The length of what may be a placeholder at the beginning of s ("[PERSON_1]"), or 0; *ret_open: its end is not there yet. */
static size_t placeholder_at(struct str s, bool *ret_open)
{
    size_t n = 1;
    while (n < s.n && n < PLACEHOLDER_MAX && is_placeholder_byte(s.p[n]))
        n++;
    *ret_open = n == s.n && n < PLACEHOLDER_MAX;
    return n > 1 && n < s.n && s.p[n] == ']' ? n + 1 : 0;
}

size_t chat_prompt_ready(const struct chat_prompt *p, struct str said)
{
    size_t from = said.n > PLACEHOLDER_MAX ? said.n - PLACEHOLDER_MAX : 0;
    if (!p->lookup.c || p->lookup.c->models->redact == REDACT_OFF) return said.n;
    for (size_t at = from; (at = str_find_char(said, '[', at)) != STR_NONE; at++) {
        bool open = false;
        (void)placeholder_at(str_sub(said, at, said.n), &open);
        if (open) return at;
    }
    return said.n;
}

/* One by one, so that one that the model has made up does not keep the others from being read. */
enum err chat_prompt_back(const struct chat_prompt *p, struct str said, struct arena *a, struct str *ret,
                          struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    *ret = said;
    if (!p->lookup.c || p->lookup.c->models->redact == REDACT_OFF) return ERR_OK;
    for (size_t at = 0; at < said.n;) {
        bool open = false;
        size_t next = str_find_char(said, '[', at);
        if (next == STR_NONE) next = said.n;
        sb_str(&b, str_sub(said, at, next));
        at = next;
        if (at == said.n) break;
        size_t n = placeholder_at(str_sub(said, at, said.n), &open);
        struct str token = str_sub(said, at, at + (n > 0 ? n : 1)), value = token;
        struct error why = {0};
        enum err err = n > 0 ? redact_back(p->lookup.redact, token, a, &value, &why) : ERR_OK;
        if (err != ERR_OK && err != ERR_INVALID) {
            *e = why;
            return err;
        }
        sb_str(&b, err == ERR_OK ? value : token);
        at += token.n;
    }
    return sb_take(&b, a, ret, e);
}
