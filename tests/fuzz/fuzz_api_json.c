/* Bodies of requests on any bytes: what is refused says why; what is accepted is within the limits that the domain was promised, and a filter that
 * is accepted as JSON means the same each time. The first byte chooses the body: n a new finding, e an edit, f a filter. */
#include <assert.h>
#include <stdint.h>

#include "api/findings.h"
#include "base/json.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_error(const struct error *e)
{
    assert(e->code == ERR_INVALID || e->code == ERR_LIMIT);
    assert(e->message[0] && e->reason[0] && utf8_valid(str_from_c(e->message)));
}

static void check_text(const struct str *text, size_t max)
{
    if (text) assert(text->n <= max && utf8_valid(*text));
}

static void check_finding(struct net_request *rq, bool is_new)
{
    struct error e = {0};
    struct api__finding_body b;
    if ((is_new ? api__finding_body_new(rq, &b, &e) : api__finding_body_edit(rq, &b, &e)) != ERR_OK) {
        check_error(&e);
        return;
    }
    check_text(b.text.category, DECIDE_TITLE_MAX);
    check_text(b.text.description, DECIDE_TEXT_MAX);
    check_text(b.text.suggestion, DECIDE_TEXT_MAX);
    check_text(b.text.rewrite, DECIDE_TEXT_MAX);
    assert(b.text.n_questions <= DECIDE_QUESTIONS_MAX && b.text.n_points <= DECIDE_POINTS_MAX);
    assert(!b.text.kind || *b.text.kind <= FINDING_CRITICAL);
    assert(!b.text.risk || *b.text.risk <= FINDING_HIGH);
    assert(!b.text.description || b.text.description->n > 0);
    if (is_new) assert(b.text.kind && b.text.risk && b.text.description && b.anchor.quote.n > 0);
    assert(b.version == DECIDE_ANY_VERSION || (!is_new && b.version >= 1 && b.version <= API__VERSION_MAX));
}

static void check_filter(struct net_request *rq)
{
    struct error e = {0};
    const struct json *v;
    struct store_finding_filter f = {0}, again = {0};
    if (json_parse(rq->arena, rq->body, &v, &e) != ERR_OK) return;
    if (api__filter_of_json(rq, v, &f, &e) != ERR_OK) {
        check_error(&e);
        return;
    }
    assert(f.n_sections <= STORE_SECTIONS_MAX && f.text.n <= STORE_QUERY_MAX);
    assert(f.risks < STORE_BIT(STORE_RISK_N) && f.kinds < STORE_BIT(STORE_KIND_N));
    assert(f.decisions < STORE_BIT(STORE_DECISION_N) && f.sources < STORE_BIT(STORE_SOURCE_N));
    assert(api__filter_of_json(rq, v, &again, &e) == ERR_OK);
    assert(f.risks == again.risks && f.n_sections == again.n_sections && f.point == again.point);
    assert(str_eq(f.reviewer, again.reviewer) && str_eq(f.category, again.category) && str_eq(f.text, again.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)64 << 20);
    assert(a);
    if (n == 0) return 0;
    struct net_request rq = {.arena = a, .content_type = STR("application/json")};
    rq.body = (struct str){(const char *)data + 1, n - 1};
    if (data[0] == 'f')
        check_filter(&rq);
    else
        check_finding(&rq, data[0] == 'n');
    return 0;
}
