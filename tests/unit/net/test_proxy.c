/* net/server behind proxies: whose word counts, who the client is, which names are ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cidr.h"
#include "peer.h"

static const struct str hosts[] = {STR_INIT("localhost"), STR_INIT("prism.example")};

/* Starts a server that trusts these. */
static void start(struct house *h, const char *const *networks, size_t n)
{
    static struct cidr trusted[4];
    for (size_t i = 0; i < n; i++)
        assert_true(cidr_parse(str_from_c(networks[i]), &trusted[i]));
    house_start(h,
                &(struct net_options){.allowed_hosts = hosts,
                                      .n_allowed_hosts = 2,
                                      .trusted_proxies = trusted,
                                      .n_trusted_proxies = n,
                                      .max_connections_per_client = 3},
                2, 100);
}

/* What the handler saw of "client=" and "host=" with these header fields. */
static void sees(const struct house *h, const char *fields, const char *client, const char *host)
{
    char request[1024], expected[256];
    snprintf(request, sizeof request, "POST /show/a HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: 0\r\n\r\n",
             fields);
    snprintf(expected, sizeof expected, "POST /show/a id=a q= host=%s client=%s type= x= session=", host, client);
    peer_expect(h, request, 200, expected);
}

#define FOR "X-Forwarded-For: "

static void a_stranger_is_not_believed(void **state)
{
    struct house h;
    (void)state;
    start(&h, (const char *const[]){"10.0.0.0/8"}, 1);
    sees(&h, FOR "1.2.3.4\r\nX-Forwarded-Host: prism.example\r\n", "127.0.0.1", "localhost");
    sees(&h, "Forwarded: for=1.2.3.4;host=prism.example\r\n", "127.0.0.1", "localhost");
    house_stop(&h);
}

static void the_nearest_that_is_no_proxy_is_the_client(void **state)
{
    struct house h;
    (void)state;
    start(&h, (const char *const[]){"127.0.0.0/8", "10.0.0.0/8", "fd00::/8"}, 3);
    sees(&h, "", "127.0.0.1", "localhost");
    sees(&h, FOR "1.2.3.4\r\n", "1.2.3.4", "localhost");
    sees(&h, FOR "6.6.6.6, 1.2.3.4, 10.0.0.7\r\n", "1.2.3.4", "localhost"); /* what is left of it may be invented */
    sees(&h, FOR "6.6.6.6\r\n" FOR "1.2.3.4,10.0.0.7\r\n", "1.2.3.4", "localhost");
    sees(&h, FOR "1.2.3.4\r\n" FOR "10.0.0.7\r\n", "1.2.3.4", "localhost");
    sees(&h, FOR "10.0.0.9, 10.0.0.7\r\n", "10.0.0.9", "localhost"); /* all are proxies: the outermost asks itself */
    sees(&h, FOR "2001:db8::5, [fd00::1]:4711\r\n", "2001:db8::5", "localhost");
    sees(&h, FOR "1.2.3.4:5678\r\n", "1.2.3.4", "localhost");
    sees(&h, FOR "1.2.3.4, unknown\r\n", "127.0.0.1", "localhost");
    sees(&h, FOR "1.2.3.4, , 10.0.0.7\r\n", "10.0.0.7", "localhost");
    sees(&h, "Forwarded: for=6.6.6.6, for=\"[2001:db8::7]:99\";proto=https, for=10.0.0.1\r\n", "2001:db8::7",
         "localhost");
    sees(&h, "Forwarded: for=_hidden\r\n", "127.0.0.1", "localhost");
    house_stop(&h);
}

static void both_names_must_be_ours(void **state)
{
    struct house h;
    (void)state;
    start(&h, (const char *const[]){"127.0.0.0/8"}, 1);
    sees(&h, "X-Forwarded-Host: prism.example\r\n", "127.0.0.1", "prism.example");
    sees(&h, "Forwarded: host=\"prism.example:443\"\r\n", "127.0.0.1", "prism.example:443");
    peer_refused(&h, STR("GET /hello HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Host: evil.example\r\n\r\n"), 403,
                 "wrong_host", PEER_STAYS);
    /* a page that has had its name pointed at this machine can send fields of its own */
    peer_refused(&h, STR("GET /hello HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\n\r\n"), 403,
                 "wrong_host", PEER_STAYS);
    house_stop(&h);
}

static void a_proxy_may_have_many_connections(void **state)
{
    struct house h;
    struct answer a = ANSWER_INIT;
    int fds[8];
    (void)state;
    for (int trusts = 0; trusts < 2; trusts++) {
        int refused = 0;
        start(&h, (const char *const[]){trusts ? "127.0.0.1" : "10.0.0.1"}, 1);
        for (size_t i = 0; i < 8; i++) {
            fds[i] = peer_connect(&h);
            peer_say(fds[i], "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
            peer_read(fds[i], &a, true);
            refused += a.status == 429;
        }
        assert_int_equal(refused, trusts ? 0 : 5);
        for (size_t i = 0; i < 8; i++)
            close(fds[i]);
        house_stop(&h);
    }
    answer_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stranger_is_not_believed),
        cmocka_unit_test(the_nearest_that_is_no_proxy_is_the_client),
        cmocka_unit_test(both_names_must_be_ours),
        cmocka_unit_test(a_proxy_may_have_many_connections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
