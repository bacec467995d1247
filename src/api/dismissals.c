/* What is not to be raised again, for people: seen and taken back. It comes from decisions (findings.c). */
#include "api/api_priv.h"
#include "review/dismiss.h"
#include "store/queries.h"

static const char *const scope_names[] = {"document", "person", "team"};

static void put(struct json_out *o, const struct store_dismissal *d, const struct review_by *viewer)
{
    json_out_begin_object(o, NULL);
    json_out_str(o, "id", d->id);
    json_out_c(o, "scope", scope_names[d->scope]);
    json_out_filled_or_null(o, "document", d->scope == STORE_SCOPE_DOCUMENT ? d->scope_id : STR_EMPTY);
    json_out_str(o, "reviewer", d->reviewer);
    json_out_str(o, "category", d->category);
    json_out_str(o, "quote", d->quote);
    json_out_str(o, "reason", d->reason);
    json_out_str(o, "by", review_shown_name(d->by_name));
    json_out_time(o, "at", d->at_unix_ms);
    json_out_bool(o, "mine", str_eq(d->by, viewer->visitor));
    json_out_end_object(o);
}

API__HANDLER(dismissals)
{
    struct visitor v;
    struct store_dismissal_list list = {0};
    struct str document = net_query(rq, "document");
    TRY(api__visitor(rq, &v, e));
    struct review_by by = api__by(&v);
    if (document.n > 0)
        TRY(access_check(api__context(rq)->store, v.id, ACCESS_READ, ACCESS_DOCUMENT, document, rq->arena, NULL, NULL,
                         e));
    TRY(dismiss_list(api__context(rq), &by, document, rq->arena, &list, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_begin_array(&out, "dismissals");
    for (size_t i = 0; i < list.n; i++)
        put(&out, &list.at[i], &by);
    json_out_end_array(&out);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

API__HANDLER(dismissal_delete)
{
    struct visitor v;
    TRY(api__visitor(rq, &v, e));
    struct review_by by = api__by(&v);
    TRY(dismiss_delete(api__context(rq), &by, net_param(rq, "dismissal"), api__is_admin(rq), e));
    net_response_status(rs, 204);
    return ERR_OK;
}
