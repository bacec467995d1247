/* net/router: what matches what; bad tables; a look-up does not depend on the number of routes. */
#include "net/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/sb.h"

static enum err handler(struct net_request *rq, struct net_response *rs, struct error *e)
{
    (void)rq;
    (void)rs;
    (void)e;
    return ERR_OK;
}

#define ROUTE(m, p)                                                                                                    \
    {                                                                                                                  \
        .method = (m), .pattern = (p), .handler = handler                                                              \
    }

static const struct net_route routes[] = {
    ROUTE(NET_GET, "/"),
    ROUTE(NET_GET, "/api/v1/documents"),
    ROUTE(NET_POST, "/api/v1/documents"),
    ROUTE(NET_GET, "/api/v1/documents/{id}"),
    ROUTE(NET_DELETE, "/api/v1/documents/{id}"),
    ROUTE(NET_GET, "/api/v1/documents/{id}/findings/{finding}"),
    ROUTE(NET_GET, "/api/v1/documents/latest/export"),
    ROUTE(NET_GET, "/assets/{name*}"),
    ROUTE(NET_GET, "/assets/{name}/info"),
    ROUTE(NET_POST, "/only/post"),
};
#define N (sizeof routes / sizeof *routes)

static struct arena *arena;
static struct net_router *router;

static int set_up(void **state)
{
    (void)state;
    struct error e = {0};
    arena = arena_new(1 << 20);
    return arena && net_router_new(arena, routes, N, &router, &e) == ERR_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct net_match find(const char *path) { return net_router_match(router, NET_GET, str_from_c(path)); }

static void assert_route(struct net_match m, const char *pattern)
{
    assert_non_null(m.route);
    assert_string_equal(m.route->pattern, pattern);
}

static void assert_param(struct net_match m, size_t i, const char *value)
{
    assert_true(i < m.n_params);
    assert_true(str_eq_c(m.params[i], value));
}

static void finds_fixed_and_parameters(void **state)
{
    (void)state;
    assert_route(find("/"), "/");
    assert_route(find("/api/v1/documents"), "/api/v1/documents");
    struct net_match m = find("/api/v1/documents/abc");
    assert_route(m, "/api/v1/documents/{id}");
    assert_int_equal(m.n_params, 1);
    assert_param(m, 0, "abc");
    assert_true(str_eq_c(net_route_param_name(m.route, 0), "id"));
    assert_null(net_route_param_name(m.route, 1).p);
    m = find("/api/v1/documents/abc/findings/7");
    assert_route(m, "/api/v1/documents/{id}/findings/{finding}");
    assert_param(m, 0, "abc");
    assert_param(m, 1, "7");
    assert_true(str_eq_c(net_route_param_name(m.route, 1), "finding"));
}

static void goes_back_where_fixed_text_leads_nowhere(void **state)
{
    (void)state;
    assert_route(find("/api/v1/documents/latest/export"), "/api/v1/documents/latest/export");
    struct net_match m = find("/api/v1/documents/latest/findings/1");
    assert_route(m, "/api/v1/documents/{id}/findings/{finding}");
    assert_int_equal(m.n_params, 2);
    assert_param(m, 0, "latest");
}

static void the_rest_is_taken_last(void **state)
{
    (void)state;
    struct net_match m = find("/assets/a/b/c.js");
    assert_route(m, "/assets/{name*}");
    assert_int_equal(m.n_params, 1);
    assert_param(m, 0, "a/b/c.js");
    assert_true(str_eq_c(net_route_param_name(m.route, 0), "name"));
    assert_route(find("/assets/a/info"), "/assets/{name}/info");
    assert_null(find("/assets/").route);
    assert_null(find("/assets").route);
}

static void says_which_methods_a_path_has(void **state)
{
    (void)state;
    struct net_match m = find("/only/post");
    assert_null(m.route);
    assert_int_equal(m.allowed, 1u << NET_POST);
    m = net_router_match(router, NET_OTHER, STR("/api/v1/documents/x"));
    assert_null(m.route);
    assert_int_equal(m.allowed, 1u << NET_GET | 1u << NET_DELETE);
    m = net_router_match(router, NET_OPTIONS, STR("/"));
    assert_int_equal(m.allowed, 1u << NET_GET);
    assert_int_equal(find("/nothing").allowed, 0);
}

static void empty_segments_and_slashes_count(void **state)
{
    (void)state;
    assert_null(find("/api/v1/documents/").route);
    assert_null(find("//").route);
    assert_null(find("/api//documents").route);
    assert_null(find("").route);
    assert_null(find("api").route);
    assert_null(find("/api").route);
}

static void escapes_do_not_move_borders(void **state)
{
    (void)state;
    struct net_match m = find("/api/v1/documents/a%2Fb");
    assert_route(m, "/api/v1/documents/{id}");
    assert_param(m, 0, "a%2Fb");
    assert_route(find("/%61pi/v1/documents"), "/api/v1/documents");
    assert_null(find("/api%2Fv1/documents").route);
}

static void a_path_that_is_too_deep_matches_nothing(void **state)
{
    (void)state;
    struct sb b = SB_INIT(4096);
    for (int i = 0; i < 200; i++)
        SB_LIT(&b, "/a");
    assert_int_equal(net_router_match(router, NET_GET, sb_view(&b)).allowed, 0);
    sb_done(&b);
}

static void refused(struct net_route a, struct net_route b, const char *why)
{
    struct error e = {0};
    struct net_router *r = NULL;
    struct net_route both[] = {a, b};
    struct arena *mine = arena_new(1 << 20);
    assert_int_equal(net_router_new(mine, both, 2, &r, &e), ERR_INVALID);
    if (!strstr(e.message, why)) fail_msg("\"%s\" does not say \"%s\"", e.message, why);
    assert_null(r);
    arena_free(mine);
}

static void bad_tables_are_refused(void **state)
{
    (void)state;
    struct net_route good = ROUTE(NET_GET, "/a");
    refused(good, good, "there twice");
    refused(good, (struct net_route)ROUTE(NET_GET, "a"), "starts with /");
    refused(good, (struct net_route)ROUTE(NET_GET, "/{x*}/b"), "comes last");
    refused(good, (struct net_route)ROUTE(NET_GET, "/{x}/{x}"), "one name twice");
    refused(good, (struct net_route)ROUTE(NET_GET, "/{X}"), "a parameter's name");
    refused(good, (struct net_route)ROUTE(NET_GET, "/a{x}"), "a character that it cannot have");
    refused(good, (struct net_route)ROUTE(NET_GET, "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}"), "too many parameters");
    refused(good, (struct net_route)ROUTE(NET_OPTIONS, "/b"), "cannot be registered");
    struct net_route nobody = {.method = NET_GET, .pattern = "/b"};
    refused(good, nobody, "no handler");
    /* two names for one place are two ways to say one route */
    refused((struct net_route)ROUTE(NET_GET, "/{a}"), (struct net_route)ROUTE(NET_GET, "/{b}"), "there twice");
}

/* Every route of a large table is found, whatever is around it. */
static void many_routes_are_all_found(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    struct error e = {0};
    struct arena *mine = arena_new(16 << 20);
    struct net_route *table = NEW(mine, struct net_route, MANY);
    struct net_router *r = NULL;
    for (int i = 0; i < MANY; i++)
        table[i] = (struct net_route){
            .method = NET_GET, .pattern = str_printf(mine, "/r%d/{id}/x%d", i * 7919 % MANY, i).p, .handler = handler};
    assert_int_equal(net_router_new(mine, table, MANY, &r, &e), ERR_OK);
    for (int i = 0; i < MANY; i++) {
        struct str path = str_printf(mine, "/r%d/me/x%d", i * 7919 % MANY, i);
        struct net_match m = net_router_match(r, NET_GET, path);
        assert_ptr_equal(m.route, &table[i]);
        assert_true(str_eq(m.params[0], STR("me")));
    }
    assert_int_equal(net_router_match(r, NET_GET, STR("/r1/me/x1x")).allowed, 0);
    arena_free(mine);
}

static void methods_have_names(void **state)
{
    (void)state;
    assert_int_equal(net_method_from(STR("GET")), NET_GET);
    assert_int_equal(net_method_from(STR("HEAD")), NET_GET);
    assert_int_equal(net_method_from(STR("PATCH")), NET_PATCH);
    assert_int_equal(net_method_from(STR("OPTIONS")), NET_OPTIONS);
    assert_int_equal(net_method_from(STR("get")), NET_OTHER);
    assert_int_equal(net_method_from(STR("TRACE")), NET_OTHER);
    assert_string_equal(net_method_name(NET_DELETE), "DELETE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_fixed_and_parameters),
        cmocka_unit_test(goes_back_where_fixed_text_leads_nowhere),
        cmocka_unit_test(the_rest_is_taken_last),
        cmocka_unit_test(says_which_methods_a_path_has),
        cmocka_unit_test(empty_segments_and_slashes_count),
        cmocka_unit_test(escapes_do_not_move_borders),
        cmocka_unit_test(a_path_that_is_too_deep_matches_nothing),
        cmocka_unit_test(bad_tables_are_refused),
        cmocka_unit_test(many_routes_are_all_found),
        cmocka_unit_test(methods_have_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
