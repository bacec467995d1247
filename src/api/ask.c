/* Reading requests: bodies by table, numbers and lists of the query. What is wrong is said with the name of what is wrong and what is accepted. */
#include "api/api_priv.h"

enum err api__body(struct net_request *rq, const struct json_table *table, void *out, struct error *e)
{
    const struct json *v;
    if (rq->body.n > 0 && !str_eq(rq->content_type, STR("application/json"))) {
        error_set_reason(e, ERR_INVALID, "not_json", "the body is not marked as JSON");
        return error_hint(e, "Send JSON with the header Content-Type: application/json.");
    }
    TRY(json_parse(rq->arena, rq->body.n > 0 ? rq->body : STR("{}"), &v, e));
    if (json_type(v) != JSON_OBJECT)
        return error_set_reason(e, ERR_INVALID, "bad_json", "the body must be a JSON object");
    return json_decode(rq->arena, v, table, out, e);
}

enum err api__query_number(const struct net_request *rq, const char *name, uint64_t min, uint64_t max,
                           uint64_t fallback, uint64_t *ret, struct error *e)
{
    struct str text = net_query(rq, name);
    *ret = fallback;
    if (!text.p) return ERR_OK;
    if (str_to_u64(text, min, max, ret, e) == ERR_OK) return ERR_OK;
    return error_set_reason(e, ERR_INVALID, "bad_query", "%s must be a whole number from %llu to %llu", name,
                            (unsigned long long)min, (unsigned long long)max);
}

enum err api__query_list(const struct net_request *rq, const char *name,
                         enum err (*add)(void *ctx, struct str value, struct error *e), void *ctx, struct error *e)
{
    struct str rest = net_query(rq, name);
    while (rest.p) {
        struct str value = str_cut(rest, ',', &rest);
        if (value.n > 0) TRY(add(ctx, value, e));
    }
    return ERR_OK;
}

enum err api__word(struct str value, const char *what, const char *const *names, const char *reason, int *ret,
                   struct error *e)
{
    CLEANUP_SB struct sb list = SB_INIT(200);
    for (int i = 0; names[i]; i++) {
        if (str_eq_c(value, names[i])) {
            *ret = i;
            return ERR_OK;
        }
        sb_printf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    return error_set_reason(e, ERR_INVALID, reason, "%s must be one of %.*s", what, STR_ARG(sb_view(&list)));
}
