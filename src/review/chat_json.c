/* What is said of a talk in JSON, on the wire and in rows. Lists in rows have an item a line, so that they are taken apart without being parsed; an item is
 * as it is on the wire. */
#include "review/chat_feed.h"
#include "review/chat_rows.h"
#include "review/entity_json.h"
#include "review/finding.h"

static const char *const state_names[] = {"running", "running", "done", "failed", "cancelled"}; /* enum store_state */

void chat_state_json(struct json_out *o, enum store_state state) { json_out_c(o, "state", state_names[state]); }

void chat_problem_json(struct json_out *o, const char *key, const struct error *why)
{
    struct str reason = STR_EMPTY;
    if (why) reason = str_from_c(why->reason[0] ? why->reason : error_code_name(why->code));
    problem_json(o, key, reason, str_from_c(why ? why->message : ""), str_from_c(why ? why->hint : ""));
}

void chat_anchor_json(struct json_out *o, const char *key, const struct chat_cited *at)
{
    json_out_begin_object(o, key);
    json_out_u64(o, "block", at->block);
    json_out_u64(o, "start", at->start);
    json_out_u64(o, "end", at->end);
    json_out_str(o, "quote", at->quote);
    json_out_end_object(o);
}

void chat_citation_json(struct json_out *o, size_t n, const struct chat_cited *at)
{
    json_out_begin_object(o, NULL);
    json_out_u64(o, "n", n);
    chat_anchor_json(o, "anchor", at);
    json_out_end_object(o);
}

void chat_tool_json(struct json_out *o, size_t n, const struct chat_tool_note *note)
{
    json_out_begin_object(o, NULL);
    json_out_u64(o, "n", n);
    json_out_str(o, "name", note->name);
    json_out_c(o, "state", !note->over ? "running" : note->failed ? "failed" : "done");
    json_out_str(o, "about", note->about);
    json_out_str(o, "detail", note->detail);
    json_out_end_object(o);
}

static const char *const proposal_names[] = {"open", "accepted", "rejected"};

void chat_proposal_json(struct json_out *o, size_t n, const struct chat_proposal *p)
{
    json_out_begin_object(o, NULL);
    json_out_u64(o, "n", n);
    json_out_c(o, "kind", finding_kind_name(p->kind));
    json_out_c(o, "risk", finding_risk_name(p->risk));
    json_out_str(o, "category", p->category);
    chat_anchor_json(o, "anchor", &p->at);
    json_out_str(o, "description", p->description);
    json_out_str(o, "suggestion", p->suggestion);
    json_out_str_or_null(o, "rewrite", p->rewrite);
    json_out_c(o, "state", proposal_names[p->decision]);
    json_out_filled_or_null(o, "finding", p->finding);
    json_out_end_object(o);
}

/* --- lists of rows --- */

/* The next item: a line that is an object. */
static bool item_next(struct str *rest, struct str *ret, bool *ret_turn)
{
    while (rest->p) {
        struct str line = str_cut(*rest, '\n', rest);
        if (str_starts(line, STR("],"))) *ret_turn = true;
        if (!str_starts(line, STR("{\"n\""))) continue;
        if (str_ends(line, STR(","))) line.n--;
        *ret = line;
        return true;
    }
    return false;
}

bool chat_lists_next(struct chat_lists *l, struct str *ret, bool *ret_second)
{
    if (!item_next(&l->rest, ret, &l->second)) return false;
    *ret_second = l->second;
    return true;
}

void chat_list_put(struct sb *b, const struct str *items, size_t n)
{
    SB_LIT(b, "[\n");
    for (size_t i = 0; i < n; i++) {
        sb_str(b, items[i]);
        if (i + 1 < n) sb_char(b, ',');
        sb_char(b, '\n');
    }
    sb_char(b, ']');
}

void chat_tools_put(struct sb *b, unsigned generation, const struct str *tools, size_t n_tools,
                    const struct str *proposals, size_t n_proposals)
{
    sb_printf(b, "{\"generation\":%u,\"tools\":", generation);
    chat_list_put(b, tools, n_tools);
    SB_LIT(b, ",\"proposals\":");
    chat_list_put(b, proposals, n_proposals);
    sb_char(b, '}');
}

unsigned chat_generation_of(struct str tools)
{
    uint64_t n = 0;
    struct str prefix = STR("{\"generation\":"), rest;
    if (!str_starts(tools, prefix)) return 0;
    struct str digits = str_cut(str_sub(tools, prefix.n, tools.n), ',', &rest);
    return str_to_u64(digits, 0, UINT32_MAX, &n, NULL) == ERR_OK ? (unsigned)n : 0;
}

/* --- messages --- */

static void put_items(struct json_out *o, const char *key, struct str lists, bool second, bool wanted)
{
    struct chat_lists l = {.rest = lists};
    struct str item;
    bool in_second = false;
    json_out_begin_array(o, key);
    while (wanted && chat_lists_next(&l, &item, &in_second)) {
        if (in_second == second) json_out_raw(o, NULL, item);
    }
    json_out_end_array(o);
}

void chat_message_json(struct json_out *o, const char *key, const struct store_chat_message *row, bool with_text)
{
    bool person = row->role == STORE_CHAT_PERSON;
    json_out_begin_object(o, key);
    json_out_str(o, "id", row->id);
    json_out_i64(o, "seq", row->seq);
    json_out_c(o, "role", person ? "person" : "model");
    json_out_str(o, "text", with_text ? row->text : STR(""));
    chat_state_json(o, row->state);
    json_out_str(o, "model", row->model);
    problem_json(o, "problem", row->reason, row->message, row->hint);
    if (person && row->context.n > 2)
        json_out_raw(o, "context", row->context);
    else
        json_out_null(o, "context");
    put_items(o, "citations", row->citations, false, with_text);
    put_items(o, "tools", row->tools, false, with_text);
    put_items(o, "proposals", row->tools, true, with_text);
    json_out_time(o, "created_at", row->created_unix_ms);
    json_out_time(o, "finished_at", row->finished_unix_ms);
    json_out_end_object(o);
}
