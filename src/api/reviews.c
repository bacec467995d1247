/* Reviews: begun, listed, looked at, cancelled. */
#include "review/reviews.h"

#include "api/api_priv.h"
#include "review/entity_json.h"
#include "store/queries.h"

static enum err answer(struct net_request *rq, struct net_response *rs, int status, const struct store_review *review,
                       struct error *e)
{
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    review_json(&out, NULL, review);
    return api__json(rq, rs, status, &text, e);
}

API__HANDLER(reviews_start)
{
    struct body {
        struct str framework, guidelines;
        bool with_framework, model;
    } body = {.framework = STR_EMPTY, .with_framework = true, .model = true};
    static const struct json_field fields[] = {
        {.name = "framework", .kind = JSON_K_STR, .offset = offsetof(struct body, framework), .max = 100},
        {.name = "guidelines", .kind = JSON_K_STR, .offset = offsetof(struct body, guidelines), .max = 100},
        {.name = "with_framework", .kind = JSON_K_BOOL, .offset = offsetof(struct body, with_framework)},
        {.name = "model", .kind = JSON_K_BOOL, .offset = offsetof(struct body, model)},
    };
    static const struct json_table table = {sizeof body, fields, sizeof fields / sizeof *fields};
    struct api__who who;
    struct store_review *review;
    TRY(api__body(rq, &table, &body, e));
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_DOCUMENT, &who, e));
    const struct reviews_ask ask = {.framework = body.framework,
                                    .guidelines = body.guidelines,
                                    .guidelines_only = !body.with_framework,
                                    .no_model = !body.model};
    TRY(reviews_start(api__context(rq), &who.by, who.id, &ask, rq->arena, &review, e));
    api__location(rq, rs, "reviews", review->id);
    return answer(rq, rs, 202, review, e);
}

API__HANDLER(reviews_list)
{
    struct api__who who;
    struct store_review_list found;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(api__allow(rq, ACCESS_READ, ACCESS_DOCUMENT, &who, e));
    TRY(store_read(api__context(rq)->store, &tx, e));
    TRY(store_review_list(tx, who.id, API_LIST_MAX, rq->arena, &found, e));
    CLEANUP_SB struct sb text = SB_INIT(API_ANSWER_MAX_BYTES);
    struct json_out out = json_out_make(&text, false);
    json_out_begin_object(&out, NULL);
    json_out_begin_array(&out, "reviews");
    for (size_t i = 0; i < found.n; i++)
        review_json(&out, NULL, &found.at[i]);
    json_out_end_array(&out);
    json_out_end_object(&out);
    return api__json(rq, rs, 200, &text, e);
}

static enum err find(struct net_request *rq, struct store_review *ret, struct error *e)
{
    struct api__who who;
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(api__allow(rq, ACCESS_READ, ACCESS_REVIEW, &who, e));
    TRY(store_read(api__context(rq)->store, &tx, e));
    return store_review_find(tx, who.id, who.visitor.id, rq->arena, ret, e);
}

API__HANDLER(review)
{
    struct store_review review;
    TRY(find(rq, &review, e));
    return answer(rq, rs, 200, &review, e);
}

API__HANDLER(review_cancel)
{
    struct api__who who;
    struct store_review *review;
    TRY(api__allow(rq, ACCESS_CHANGE, ACCESS_REVIEW, &who, e));
    TRY(reviews_cancel(api__context(rq), &who.by, who.id, rq->arena, &review, e));
    return answer(rq, rs, 200, review, e);
}
