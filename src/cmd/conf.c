/* prism conf: the settings as the server would take them, and the page that documents them. */
#include "cmd/conf.h"

#include <unistd.h>

#include "cmd/options.h"
#include "cmd/say.h"
#include "cmd/serve_priv.h"

enum { ARENA_MAX = 8 << 20, PAGE_MAX_BYTES = 1 << 20, PATH_BYTES = 4096 };

struct values {
    bool markdown;
};

const struct cmd_option cmd_conf_options[CMD_CONF_OPTION_COUNT] = {
    {.name = "markdown",
     .kind = CMD_OPTION_FLAG,
     .offset = offsetof(struct values, markdown),
     .help = "Print the page docs/configuration.md."},
};

enum err cmd__conf_load(struct arena *a, struct conf *ret, struct error *e)
{
    char folder[PATH_BYTES];
    if (!getcwd(folder, sizeof folder)) return error_set(e, ERR_INVALID, "the working directory is gone");
    return conf_load(a, environ, str_from_c(folder), ret, e);
}

static enum err run(const struct cmd_command *self, int argc, char **argv, struct arena *a, struct error *e)
{
    struct values values = {0};
    struct cmd_operands words;
    struct conf conf;
    CLEANUP_SB struct sb out = SB_INIT(PAGE_MAX_BYTES);
    TRY(cmd_options_parse(self, argc, argv, &values, &words, e));
    if (words.n > 0) return error_set_reason(e, ERR_INVALID, "bad_option", "prism conf takes no arguments");
    if (values.markdown) {
        conf_print_markdown(&out);
    } else {
        TRY(cmd__conf_load(a, &conf, e));
        conf_print_text(&conf, &out);
    }
    return sb_ok(&out) ? cmd_print(sb_view(&out), e) : error_no_memory(e);
}

int cmd_conf(const struct cmd_command *self, int argc, char **argv)
{
    struct error e = {0};
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    enum err err = a ? run(self, argc, argv, a, &e) : error_no_memory(&e);
    if (err != ERR_OK) cmd_say_error(NULL, &e);
    return cmd_exit_of(err);
}
