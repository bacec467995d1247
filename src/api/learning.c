/* What a person's decisions have taught: seen and forgotten. */
#include "api/api_priv.h"
#include "review/learn.h"
#include "store/queries.h"

static void put(struct json_out *o, const struct store_learned *l)
{
    json_out_begin_object(o, NULL);
    json_out_c(o, "kind", l->source == STORE_BY_RULE ? "rule" : "model");
    json_out_str(o, "id", l->reviewer);
    json_out_str(o, "name", l->reviewer_name);
    json_out_str(o, "category", l->category);
    json_out_u64(o, "accepted", l->accepted);
    json_out_u64(o, "rejected", l->rejected);
    json_out_double(o, "rate", (double)l->accepted / (double)(l->accepted + l->rejected));
    json_out_end_object(o);
}

API__HANDLER(learning)
{
    struct visitor v;
    struct learn_summary l = {0};
    TRY(api__visitor(rq, &v, e));
    TRY(learn_look(api__context(rq), v.id, rq->arena, &l, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    if (l.since_unix_ms)
        json_out_time(&out, "since", l.since_unix_ms);
    else
        json_out_null(&out, "since");
    json_out_begin_array(&out, "reviewers");
    for (size_t i = 0; i < l.n; i++)
        put(&out, &l.at[i]);
    json_out_end_array(&out);
    json_out_begin_object(&out, "examples");
    json_out_u64(&out, "accepted", l.accepted);
    json_out_u64(&out, "rejected", l.rejected);
    json_out_end_object(&out);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

API__HANDLER(learning_reset)
{
    struct visitor v;
    TRY(api__visitor(rq, &v, e));
    if (v.id.n > 0) TRY(learn_reset(api__context(rq), v.id, e));
    net_response_status(rs, 204);
    return ERR_OK;
}
