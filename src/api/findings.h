/* What requests say of findings: filters, and the texts that people write. */
#pragma once

#include "base/json.h"
#include "net/request.h"
#include "review/decide.h"
#include "store/queries.h"

enum {
    API__NOTE_MAX = 2000,        /* bytes of a note */
    API__VERSION_MAX = INT32_MAX /* of a finding */
};

/* risk, kind, decision, section, reviewer, category, point, q of the query. ERR_INVALID "bad_query". */
enum err api__filter_of_query(struct net_request *rq, struct store_finding_filter *ret, struct error *e) MUST_USE;
/* The same as members of an object. ERR_INVALID "bad_json". */
enum err api__filter_of_json(struct net_request *rq, const struct json *v, struct store_finding_filter *ret,
                             struct error *e) MUST_USE;

struct api__anchor_body { /* a stretch of a block, as a request says it */
    int64_t block, start, end;
    struct str quote;
};
extern const struct json_table api__anchor_table;

struct api__finding_body {
    struct decide_anchor anchor;
    struct decide_text text;
    int64_t version; /* or DECIDE_ANY_VERSION */
    /* what text points to */
    enum finding_kind kind;
    enum finding_risk risk;
    struct str category, description, suggestion, rewrite;
};

/* The body of a new finding, or of an edit. ERR_INVALID "bad_json". */
enum err api__finding_body_new(struct net_request *rq, struct api__finding_body *ret, struct error *e) MUST_USE;
enum err api__finding_body_edit(struct net_request *rq, struct api__finding_body *ret, struct error *e) MUST_USE;
