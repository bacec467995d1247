/* prism health: what a container's health check runs where there is no shell and no curl. It asks as anybody asks, over the network of the machine,
 * so that "healthy" means that a request is answered and not that a process is there. */
#include "cmd/health.h"

#include "client/http.h"
#include "cmd/options.h"
#include "cmd/say.h"
#include "cmd/serve_priv.h"

enum { ARENA_MAX = 8 << 20, ANSWER_MAX_BYTES = 4096, WAIT_MS = 4000 };

/* The address at which this machine reaches the server that the settings describe. */
static enum err own_url(struct arena *a, struct str *ret, struct error *e)
{
    struct conf c = {0};
    TRY(cmd__conf_load(a, &c, e));
    struct str host = c.bind;
    if (str_eq_c(host, "0.0.0.0")) host = STR("127.0.0.1");
    if (str_eq_c(host, "::")) host = STR("::1");
    bool six = str_find_char(host, ':', 0) != STR_NONE;
    *ret = str_printf(a, "http%s://%s%.*s%s:%u/health", c.tls_cert.n ? "s" : "", six ? "[" : "", STR_ARG(host),
                      six ? "]" : "", (unsigned)c.port);
    return ret->p ? ERR_OK : error_no_memory(e);
}

/* own: the server of this machine. Whether it is alive is the question, and not whether its certificate has run out, or is for the address that is used here. */
static enum err ask(struct str url, bool own, struct arena *a, struct client_http_answer *ret, struct error *e)
{
    struct client_http_options options = CLIENT_HTTP_DEFAULTS;
    options.any_peer = own;
    const struct client_http_request rq = {
        .method = STR("GET"),
        .url = url,
        .no_proxy = true,
        .limits = {.connect_ms = WAIT_MS, .whole_ms = WAIT_MS, .max_body = ANSWER_MAX_BYTES},
    };
    struct client_http *http = NULL;
    TRY(client_http_new(&options, &http, e));
    enum err err = client_http_get_all(http, &rq, a, ret, e);
    client_http_free(http);
    return err;
}

static enum err run(const struct cmd_command *self, int argc, char **argv, struct arena *a, int *ret_code,
                    struct error *e)
{
    struct cmd_operands words;
    struct client_http_answer answer = {0};
    struct error why = {0};
    struct str url = STR_EMPTY;
    TRY(cmd_options_parse(self, argc, argv, NULL, &words, e));
    if (words.n > 1) return error_set_reason(e, ERR_INVALID, "bad_option", "prism health takes one address at most");
    if (words.n == 1)
        url = str_from_c(words.at[0]);
    else
        TRY(own_url(a, &url, e));
    enum err err = ask(url, words.n == 0, a, &answer, &why);
    if (err == ERR_INVALID || err == ERR_LIMIT) { /* the address is none, or we have no room to ask */
        *e = why;
        return err;
    }
    *ret_code = err == ERR_OK && answer.status == 200 ? CMD_EXIT_OK : CMD_EXIT_FINDINGS;
    if (*ret_code == CMD_EXIT_OK) return cmd_print(answer.body, e);
    if (err != ERR_OK)
        cmd_say_error(NULL, &why);
    else
        cmd_say("the server answers, but with status %d: %.*s", answer.status, STR_ARG(str_trim(answer.body)));
    return ERR_OK;
}

int cmd_health(const struct cmd_command *self, int argc, char **argv)
{
    return cmd_in_arena(self, argc, argv, ARENA_MAX, run);
}
