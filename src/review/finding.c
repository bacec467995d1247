/* Findings: the names of their enums and their order. */
#include "review/finding.h"

static const char *const kind_names[] = {"suggestion", "important", "critical"};
static const char *const risk_names[] = {"low", "medium", "high"};
static const char *const decision_names[] = {"open", "accepted", "rejected"};
static const char *const source_names[] = {"rule", "model", "person"};

const char *finding_kind_name(enum finding_kind kind) { return kind_names[kind]; }
const char *finding_risk_name(enum finding_risk risk) { return risk_names[risk]; }
const char *finding_decision_name(enum finding_decision decision) { return decision_names[decision]; }
const char *finding_source_name(enum finding_source source) { return source_names[source]; }

bool finding_risk_parse(struct str s, enum finding_risk *ret)
{
    for (size_t i = 0; i < sizeof risk_names / sizeof *risk_names; i++) {
        if (!str_eq_c(s, risk_names[i])) continue;
        *ret = (enum finding_risk)i;
        return true;
    }
    return false;
}

static int compare_places(struct doc_place a, struct doc_place b)
{
    if (a.block != b.block) return a.block < b.block ? -1 : 1;
    return a.offset < b.offset ? -1 : a.offset > b.offset;
}

/* The id settles what is left, so that a sort never depends on the order before it. */
int finding_compare(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;
    int order = compare_places(x->anchor.start, y->anchor.start);
    if (order == 0) order = compare_places(x->anchor.end, y->anchor.end);
    if (order == 0) order = (x->risk < y->risk) - (x->risk > y->risk);
    if (order == 0) order = str_cmp(x->reviewer, y->reviewer);
    return order ? order : str_cmp(x->id, y->id);
}
