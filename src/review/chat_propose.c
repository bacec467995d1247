/* What a person decides about a finding that a model has proposed.
 * The finding and the word of it in the row of the answer are one transaction, so a proposal that is accepted twice at once gives one finding: the second
 * one finds the first and answers with it. While the answer is still given its row belongs to its thread; who decides then is asked to wait. */
#include "review/chat_feed.h"
#include "review/chat_rows.h"
#include "review/chat_view.h"
#include "review/decide_priv.h"
#include "review/events.h"

enum { TOOLS_MAX = 16 << 20, ITEM_MAX = 256 << 10 };

#define ENDED (STORE_BIT(STORE_DONE) | STORE_BIT(STORE_FAILED) | STORE_BIT(STORE_CANCELLED))

/* One transaction, or one look. */
struct deciding {
    const struct review_context *c;
    struct arena *a;
    struct str document_id, message_id;
    uint32_t n;
    struct store_chat_message row;
    struct chat_proposal proposal; /* as it is in the row */
};

static int word_of(const struct json *v, const char *const *names)
{
    struct str s = json_str(v);
    for (int i = 0; names[i]; i++) {
        if (str_eq_c(s, names[i])) return i;
    }
    return 0;
}

/* An item that we have written. */
static void parse(const struct json *v, struct chat_proposal *ret)
{
    static const char *const kinds[] = {"suggestion", "important", "critical", NULL};
    static const char *const risks[] = {"low", "medium", "high", NULL};
    static const char *const states[] = {"open", "accepted", "rejected", NULL};
    const struct json *anchor = json_get(v, "anchor");
    *ret = (struct chat_proposal){
        .kind = (enum finding_kind)word_of(json_get(v, "kind"), kinds),
        .risk = (enum finding_risk)word_of(json_get(v, "risk"), risks),
        .category = json_str(json_get(v, "category")),
        .description = json_str(json_get(v, "description")),
        .suggestion = json_str(json_get(v, "suggestion")),
        .rewrite = json_str(json_get(v, "rewrite")),
        .at = {.block = (uint32_t)json_double(json_get(anchor, "block"), 0),
               .start = (uint32_t)json_double(json_get(anchor, "start"), 0),
               .end = (uint32_t)json_double(json_get(anchor, "end"), 0),
               .quote = json_str(json_get(anchor, "quote"))},
        .decision = (enum finding_decision)word_of(json_get(v, "state"), states),
        .finding = json_str(json_get(v, "finding")),
    };
}

static enum err not_there(struct error *e)
{
    return error_set_reason(e, ERR_NOT_FOUND, "not_found", "there is no such proposal");
}

static enum err look_in(struct store_tx *tx, struct deciding *d, struct error *e)
{
    const struct json *v = NULL;
    TRY(store_chat_find(tx, d->message_id, STR_EMPTY, d->a, &d->row, e));
    if (d->row.gone || !str_eq(d->row.document_id, d->document_id) || d->row.role != STORE_CHAT_MODEL)
        return not_there(e);
    if (!(STORE_BIT(d->row.state) & ENDED)) {
        error_set_reason(e, ERR_CONFLICT, "answer_running", "the answer is still being given");
        return error_hint(e, "Decide when it has ended.");
    }
    TRY(json_parse(d->a, d->row.tools, &v, e));
    const struct json *list = json_get(v, "proposals");
    if (d->n == 0 || d->n > json_count(list)) return not_there(e);
    parse(json_at(list, d->n - 1), &d->proposal);
    return ERR_OK;
}

static enum err look(struct deciding *d, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(d->c->store, &tx, e));
    return look_in(tx, d, e);
}

/* The row with the proposal as it is in d. */
static enum err keep(struct store_tx *tx, struct deciding *d, struct error *e)
{
    struct str tools[CHAT_TOOLS_MAX], proposals[CHAT_PROPOSALS_MAX], item;
    size_t n_tools = 0, n_proposals = 0;
    bool second = false, changed = false;
    struct chat_lists l = {.rest = d->row.tools};
    CLEANUP_SB struct sb made = SB_INIT(ITEM_MAX), whole = SB_INIT(TOOLS_MAX);
    struct json_out o = json_out_make(&made, false);
    chat_proposal_json(&o, d->n, &d->proposal);
    if (!sb_ok(&made)) return error_no_memory(e);
    while (chat_lists_next(&l, &item, &second)) {
        if (!second && n_tools < CHAT_TOOLS_MAX) tools[n_tools++] = item;
        if (second && n_proposals < CHAT_PROPOSALS_MAX) proposals[n_proposals++] = item;
    }
    if (d->n > n_proposals) return not_there(e);
    proposals[d->n - 1] = sb_view(&made);
    chat_tools_put(&whole, chat_generation_of(d->row.tools), tools, n_tools, proposals, n_proposals);
    TRY(sb_take(&whole, d->a, &d->row.tools, e));
    TRY(store_chat_update(tx, &d->row, ENDED, &changed, e));
    return changed ? ERR_OK : not_there(e);
}

/* --- rejecting --- */

static enum err decided(struct error *e)
{
    error_set_reason(e, ERR_CONFLICT, "changed_since", "the proposal was accepted before");
    return error_hint(e, "The finding that it has become can be deleted.");
}

static enum err reject_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct deciding *d = ctx;
    TRY(look_in(tx, d, e));
    if (d->proposal.decision == FINDING_ACCEPTED) return decided(e);
    d->proposal.decision = FINDING_REJECTED;
    return keep(tx, d, e);
}

/* --- accepting --- */

/* In the transaction that adds the finding. */
static enum err accept_in(struct store_tx *tx, const struct store_finding *finding, void *ctx, struct error *e)
{
    struct deciding *d = ctx;
    TRY(look_in(tx, d, e));
    if (d->proposal.decision == FINDING_ACCEPTED) return decided(e);
    d->proposal.decision = FINDING_ACCEPTED;
    d->proposal.finding = finding->id;
    return keep(tx, d, e);
}

static enum err question_review(struct deciding *d, struct str *ret, struct error *e)
{
    const struct json *context = NULL;
    struct store_chat_message question;
    struct chat_view view;
    TRY(json_parse(d->a, d->row.context, &context, e));
    TRY(chat_rows_find(d->c, d->document_id, json_str(json_get(context, "question")), d->a, &question, e));
    TRY(chat_view_read(question.context, d->a, &view, e));
    TRY(chat_view_review(d->c, d->document_id, &view, d->a, ret, e));
    if (ret->n > 0) return ERR_OK;
    error_set_reason(e, ERR_CONFLICT, "review_not_done", "the document has no review that is done");
    return error_hint(e, "Review the document; then the finding can be added.");
}

static enum err check_review(struct deciding *d, struct str review_id, struct error *e)
{
    struct store_review review;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(d->c->store, &tx, e));
    TRY(store_review_find(tx, review_id, STR_EMPTY, d->a, &review, e));
    if (str_eq(review.document_id, d->document_id)) return ERR_OK;
    return error_set_reason(e, ERR_NOT_FOUND, "not_found", "there is no such review of this document");
}

static enum err same_finding(struct deciding *d, struct store_finding **ret, struct error *e)
{
    struct store_finding *f = NEW(d->a, struct store_finding, 1);
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    if (!f) return error_no_memory(e);
    TRY(store_read(d->c->store, &tx, e));
    TRY(store_finding_find(tx, d->proposal.finding, STR_EMPTY, d->a, f, e));
    *ret = f;
    return ERR_OK;
}

static enum err accept(struct deciding *d, const struct review_by *by, const struct chat_choice *choice,
                       struct store_finding **ret, struct error *e)
{
    const struct chat_proposal p = d->proposal;
    const struct decide_text *given = choice->text;
    const struct decide_also also = {accept_in, d};
    const struct decide_anchor anchor = {p.at.block, p.at.start, p.at.end, p.at.quote};
    struct decide_text text = {.kind = given->kind ? given->kind : &p.kind,
                               .risk = given->risk ? given->risk : &p.risk,
                               .category = given->category ? given->category : &p.category,
                               .description = given->description ? given->description : &p.description,
                               .suggestion = given->suggestion ? given->suggestion : &p.suggestion,
                               .rewrite = given->rewrite ? given->rewrite : &p.rewrite};
    struct str review_id = choice->review;
    if (review_id.n == 0) TRY(question_review(d, &review_id, e));
    TRY(check_review(d, review_id, e));
    return decide_add_and(d->c, by, review_id, &anchor, &text, &also, d->a, ret, e);
}

enum err chat_decide(struct chat *chat, const struct review_by *by, struct str document_id, struct str message_id,
                     uint32_t proposal, const struct chat_choice *choice, struct arena *a,
                     struct store_finding **ret_finding, struct json_out *o, struct error *e)
{
    struct deciding d = {
        .c = chat_context(chat), .a = a, .document_id = document_id, .message_id = message_id, .n = proposal};
    struct error why = {0};
    *ret_finding = NULL;
    TRY(look(&d, e));
    enum err err = ERR_OK;
    if (!choice->accept) {
        err = store_write(d.c->store, reject_write, &d, &why);
    } else if (d.proposal.decision != FINDING_ACCEPTED) {
        err = accept(&d, by, choice, ret_finding, &why);
        if (err == ERR_CONFLICT && strcmp(why.reason, "changed_since") == 0)
            err = look(&d, &why); /* at the same time */
    }
    if (err != ERR_OK) {
        *e = why;
        return err;
    }
    if (choice->accept && !*ret_finding) TRY(same_finding(&d, ret_finding, e));
    chat_proposal_json(o, d.n, &d.proposal);
    return ERR_OK;
}
