/* Routes compiled to a tree.
 * One node a segment; the children of a node are sorted by their text and found by binary search, so a look-up costs the segments of the path
 * times the logarithm of the widest fork. Going back (fixed text led nowhere, then {name}) is bounded by the depth of the longest pattern.
 * A path is matched as it was sent: a segment is decoded only when it is compared, so that "%2F" inside a name is not taken for a border.
 * Rejected: a hash of the whole path (parameters), a list of patterns tried one by one (cost grows with the table), regular expressions.
 * Source: RFC 3986, 6.2.2.2 (percent-encoded unreserved characters are the same as plain ones). */
#include "net/router.h"

#include <assert.h>
#include <stdlib.h>

#include "base/vec.h"
#include "net/header_priv.h"

#define FIXED_MAX 64 /* bytes of a fixed segment */

struct node {
    struct str text; /* of a fixed segment */
    VEC(struct node *) fixed;
    struct node *one;  /* {name} */
    struct node *rest; /* {name*} */
    const struct net_route *routes[NET_METHOD_COUNT];
    unsigned allowed; /* which of them are there */
};

struct net_router {
    struct node root;
};

enum segment_kind { FIXED, ONE, REST };
struct segment {
    enum segment_kind kind;
    struct str text; /* the name of a parameter, without '*' */
};

#define X(name, text) text,
static const char *const method_names[] = {NET_METHODS(X) "OPTIONS", "OTHER"};
#undef X

const char *net_method_name(enum net_method m) { return method_names[m]; }

enum net_method net_method_from(struct str name)
{
    for (int m = 0; m <= NET_OPTIONS; m++) {
        if (str_eq_c(name, method_names[m])) return (enum net_method)m;
    }
    return str_eq(name, STR("HEAD")) ? NET_GET : NET_OTHER;
}

/* What a segment of a pattern is. */
static struct segment segment_of(struct str s)
{
    if (s.n < 3 || s.p[0] != '{' || s.p[s.n - 1] != '}') return (struct segment){FIXED, s};
    struct str name = str_sub(s, 1, s.n - 1);
    if (name.p[name.n - 1] != '*') return (struct segment){ONE, name};
    return (struct segment){REST, str_sub(name, 0, name.n - 1)};
}

struct str net_route_param_name(const struct net_route *route, size_t i)
{
    struct str rest = str_from_c(route->pattern);
    while (rest.p) {
        struct segment s = segment_of(str_cut(rest, '/', &rest));
        if (s.kind != FIXED && i-- == 0) return s.text;
    }
    return STR_EMPTY;
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return s.n > 0;
}

static bool is_fixed(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c <= ' ' || c >= 0x7f || c == '{' || c == '}' || c == '%' || c == '?' || c == '#') return false;
    }
    return s.n <= FIXED_MAX;
}

static enum err bad_row(const struct net_route *route, const char *why, struct error *e)
{
    return error_set_reason(e, ERR_INVALID, "bad_route", "the route %s %s: %s", net_method_name(route->method),
                            route->pattern, why);
}

static enum err name_check(const struct net_route *route, struct str name, size_t n_before, struct error *e)
{
    if (!is_name(name)) return bad_row(route, "a parameter's name is of a-z, 0-9 and _", e);
    if (n_before == NET_PARAMS_MAX) return bad_row(route, "too many parameters", e);
    for (size_t i = 0; i < n_before; i++) {
        if (str_eq(net_route_param_name(route, i), name)) return bad_row(route, "one name twice", e);
    }
    return ERR_OK;
}

/* The place of text among the fixed children, or where it would be. */
static size_t fixed_place(const struct node *node, struct str text, bool *ret_found)
{
    size_t low = 0;
    size_t high = node->fixed.n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = str_cmp(node->fixed.at[middle]->text, text);
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_found = false;
    return low;
}

/* The child for one segment of a pattern, made if it is not there. NULL: no memory. */
static struct node *child(struct arena *a, struct node *node, struct segment s)
{
    if (s.kind != FIXED) {
        struct node **slot = s.kind == ONE ? &node->one : &node->rest;
        if (!*slot) *slot = NEW(a, struct node, 1);
        return *slot;
    }
    bool found = false;
    size_t at = fixed_place(node, s.text, &found);
    if (found) return node->fixed.at[at];
    struct node *made = NEW(a, struct node, 1);
    struct node **slot = VEC_PUSH(a, &node->fixed);
    if (!made || !slot) return NULL;
    made->text = s.text;
    for (size_t i = node->fixed.n - 1; i > at; i--)
        node->fixed.at[i] = node->fixed.at[i - 1];
    node->fixed.at[at] = made;
    return made;
}

static enum err route_add(struct arena *a, struct net_router *r, const struct net_route *route, struct error *e)
{
    if (route->method >= NET_METHOD_COUNT) return bad_row(route, "a method that cannot be registered", e);
    if (!route->handler) return bad_row(route, "no handler", e);
    if (route->pattern[0] != '/') return bad_row(route, "a pattern starts with /", e);
    struct str rest = str_from_c(route->pattern + 1);
    struct node *node = &r->root;
    size_t names = 0;
    size_t segments = 0;
    while (rest.p) {
        struct segment s = segment_of(str_cut(rest, '/', &rest));
        if (++segments > NET_SEGMENTS_MAX) return bad_row(route, "too many segments", e);
        if (s.kind == REST && rest.p) return bad_row(route, "{name*} comes last", e);
        if (s.kind != FIXED) TRY(name_check(route, s.text, names++, e));
        if (s.kind == FIXED && !is_fixed(s.text))
            return bad_row(route, "a segment that is too long or has a character that it cannot have", e);
        node = child(a, node, s);
        if (!node) return error_no_memory(e);
    }
    if (node->routes[route->method]) return bad_row(route, "there twice", e);
    node->routes[route->method] = route;
    node->allowed |= 1u << route->method;
    return ERR_OK;
}

enum err net_router_new(struct arena *a, const struct net_route *routes, size_t n, struct net_router **ret_router,
                        struct error *e)
{
    struct net_router *r = NEW(a, struct net_router, 1);
    if (!r) return error_no_memory(e);
    for (size_t i = 0; i < n; i++)
        TRY(route_add(a, r, &routes[i], e));
    *ret_router = r;
    return ERR_OK;
}

/* Decodes a segment that is at most as long as the fixed texts are; what does not fit or is no escape stays as it is. */
static struct str fixed_decode(struct str s, char to[FIXED_MAX])
{
    if (str_find_char(s, '%', 0) == STR_NONE) return s;
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (n == FIXED_MAX) return s;
        int byte = net__percent_byte(s, i);
        to[n++] = byte >= 0 ? (char)byte : s.p[i];
        if (byte >= 0) i += 2;
    }
    return (struct str){to, n};
}

struct search {
    struct str at[NET_SEGMENTS_MAX]; /* the path's segments */
    size_t n;
    struct str path;
    enum net_method method;
    struct net_match *match; /* params and n_params are those of the way that is being tried */
};

/* Whether a way ends here. The first node that has routes at all is the path, whatever the method. */
static bool node_ends(const struct node *node, struct search *s)
{
    if (!node->allowed) return false;
    s->match->allowed = node->allowed;
    if (s->method < NET_METHOD_COUNT) s->match->route = node->routes[s->method];
    return true;
}

static bool node_search(const struct node *node, struct search *s, size_t depth)
{
    if (depth == s->n) return node_ends(node, s);
    char decoded[FIXED_MAX];
    bool found = false;
    size_t at = fixed_place(node, fixed_decode(s->at[depth], decoded), &found);
    if (found && node_search(node->fixed.at[at], s, depth + 1)) return true;
    size_t n = s->match->n_params;
    if (node->one && s->at[depth].n > 0) {
        s->match->params[n] = s->at[depth];
        s->match->n_params = n + 1;
        if (node_search(node->one, s, depth + 1)) return true;
        s->match->n_params = n;
    }
    size_t from = (size_t)(s->at[depth].p - s->path.p);
    if (node->rest && from < s->path.n) {
        s->match->params[n] = str_sub(s->path, from, s->path.n);
        s->match->n_params = n + 1;
        if (node_ends(node->rest, s)) return true;
        s->match->n_params = n;
    }
    return false;
}

struct net_match net_router_match(const struct net_router *r, enum net_method method, struct str path)
{
    struct net_match match = {0};
    struct search s = {.path = path, .method = method, .match = &match};
    struct str rest = str_sub(path, 1, path.n);
    if (path.n == 0 || path.p[0] != '/') return match;
    while (rest.p) {
        if (s.n == NET_SEGMENTS_MAX) return match;
        s.at[s.n++] = str_cut(rest, '/', &rest);
    }
    node_search(&r->root, &s, 0);
    return match;
}
