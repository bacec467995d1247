/* One call with the beginning of every paragraph: what tells a heading is short, and what a paragraph is about shows where it begins. Redacted before it is
 * shortened, so that no half of a value passes for something else.
 * That it was asked is kept (model_result) with the review, so that a job that is begun again does not ask again what has failed.
 * Limits: SHOWN_MAX bytes; of a document that is longer, the end is one section as it stands. */
#include "review/model_sections.h"

#include "base/log.h"
#include "doc/text.h"
#include "review/chat_text.h"
#include "review/events.h"
#include "review/model_question.h"
#include "review/models.h"
#include "review/prompt.h"

enum {
    SHOWN_MAX = 120 << 10, /* bytes of the document in the call */
    LINE_MAX_BYTES = 240,  /* of a paragraph */
    TICK_MS = 500
};

struct work {
    const struct job__run *run;
    const struct store_review *review;
    struct store_version version;
    const struct doc *doc;
    struct redact *redact;
    struct str key; /* that it was asked */
    struct str model;
    struct proposed proposed;
};

static const struct ai_tool tool = {
    .name = STR_INIT("propose_sections"),
    .description = STR_INIT("Hands in where the sections of the document begin, all in one call."),
    .schema =
        STR_INIT("{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"sections\"],\"properties\":{"
                 "\"sections\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"additionalProperties\":false,"
                 "\"required\":[\"block\",\"title\",\"level\"],\"properties\":{\"block\":{\"type\":\"integer\"},"
                 "\"title\":{\"type\":\"string\"},\"level\":{\"type\":\"integer\",\"enum\":[1,2,3]}}}}}}"),
};

/* --- asking --- */

static bool is_own_heading(const struct doc *doc, uint32_t i)
{
    uint32_t section = doc->blocks.at[i].section;
    return section < doc->sections.n && doc->sections.at[section].heading == i && doc->sections.at[section].reviewed;
}

static enum err put_blocks(const struct work *w, struct sb *b, struct error *e)
{
    const struct doc *doc = w->doc;
    for (uint32_t i = 0; i < doc->body_end_block && b->n < SHOWN_MAX; i++) {
        struct str text = STR_EMPTY;
        if (!proposed_may_begin(doc, i) && !is_own_heading(doc, i)) continue;
        CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
        if (!scratch) return error_no_memory(e);
        TRY(redact_text(w->redact, doc->blocks.at[i].text, scratch, &text, e));
        sb_printf(b, "[%u] ", i);
        chat_text_short(b, text, 0, LINE_MAX_BYTES);
        SB_LIT(b, "\n");
    }
    return sb_ok(b) ? ERR_OK : error_no_memory(e);
}

static enum err texts(const struct work *w, struct str *ret_system, struct str *ret_text, struct error *e)
{
    struct arena *a = w->run->a;
    CLEANUP_SB struct sb blocks = SB_INIT(SIZE_MAX);
    struct str fence = STR_EMPTY;
    TRY(model_question_fence(a, "document", &fence, e));
    const struct prompt_var vars[] = {{"FENCE", fence}};
    TRY(prompt_fill(prompts_get(w->run->c->models->prompts, "sections"), vars, 1, a, ret_system, e));
    TRY(put_blocks(w, &blocks, e));
    return model_question_fenced(a, fence, sb_view(&blocks),
                                 "Say with propose_sections where the sections of this document begin.", ret_text, e);
}

static enum err take(struct work *w, const struct chat_call *call, struct error *e)
{
    struct locate_index *index = NULL;
    TRY(locate_index_new(w->doc, w->run->a, &index, e));
    const struct proposed_ground ground = {w->doc, index, w->redact};
    TRY(proposed_read(&ground, call->tools[0].input, w->run->a, &w->proposed, e));
    w->proposed.model = w->model;
    return ERR_OK;
}

static enum err ask(struct work *w, struct error *e)
{
    struct model_question q = {.run = w->run,
                               .person = w->review->by,
                               .document = w->review->document_id,
                               .review = w->review->id,
                               .tool = &tool,
                               .list = "sections"};
    struct chat_call call;
    TRY(redact_new(w->run->c->engine, w->doc, w->run->c->models->redact, w->run->a, &w->redact, e));
    TRY(texts(w, &q.system, &q.text, e));
    TRY(model_question_ask(&q, &call, &w->model, e));
    return take(w, &call, e);
}

/* --- rows --- */

static enum err look(struct work *w, bool *ret_asked, struct error *e)
{
    struct str ignored;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    w->key = str_printf(w->run->a, "sections-%.*s", STR_ARG(w->review->id));
    if (!w->key.p) return error_no_memory(e);
    TRY(store_read(w->run->c->store, &tx, e));
    TRY(store_version_find(tx, w->review->version_id, w->run->a, &w->version, e));
    enum err err = store_model_result_get(tx, w->review->document_id, w->key, w->run->a, &ignored, e);
    *ret_asked = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* What another review of the same version has proposed meanwhile stands, and so does what a person said of it. */
static enum err keep_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct work *w = ctx;
    int64_t now = w->run->c->now_unix_ms();
    TRY(store_job_hold(tx, w->run->job.id, w->run->worker, e));
    TRY(store_model_result_put(tx, w->review->document_id, w->key, STR("{}"), now, e));
    TRY(store_version_find(tx, w->review->version_id, w->run->a, &w->version, e));
    if (w->proposed.n == 0 || w->version.proposed_state != STORE_PROPOSED_NONE) return ERR_OK;
    w->version.proposed_state = STORE_PROPOSED_USED;
    TRY(proposed_text(&w->proposed, w->run->a, &w->version.proposed_sections, e));
    TRY(store_version_update(tx, &w->version, e));
    return events_append(tx,
                         &(struct events_new_row){.document_id = w->review->document_id,
                                                  .review_id = w->review->id,
                                                  .kind = "document.sections",
                                                  .at_unix_ms = now,
                                                  .data = STR("{\"state\":\"used\"}")},
                         e);
}

static enum err propose(struct work *w, struct error *e)
{
    struct error why = {0};
    enum err err = ask(w, &why);
    if (err != ERR_OK && model_question_ends_job(&why)) {
        *e = why;
        return err;
    }
    if (err != ERR_OK) {
        w->proposed.n = 0;
        log_info("sections_not_proposed", L_STR("review", w->review->id), L_ERROR(&why));
    }
    TRY(store_write(w->run->c->store, keep_write, w, e));
    events_wake(w->run->c->events);
    return ERR_OK;
}

enum err model_sections_prepare(const struct job__run *run, const struct store_review *review, const struct doc *doc,
                                const struct doc **ret, struct error *e)
{
    struct work w = {.run = run, .review = review, .doc = doc};
    struct proposed kept;
    bool asked = false;
    *ret = doc;
    if (!proposed_needed(doc)) return ERR_OK;
    TRY(look(&w, &asked, e));
    if (w.version.proposed_state == STORE_PROPOSED_NONE && !asked) TRY(propose(&w, e));
    if (w.version.proposed_state != STORE_PROPOSED_USED) return ERR_OK;
    TRY(proposed_of(w.version.proposed_sections, run->a, &kept, e));
    return proposed_lay_over(doc, &kept, run->a, ret, e);
}
