/* prism bundle: a source bundle for Elastic Beanstalk. The work is ops/bundle.h's; here are its options. */
#include "cmd/bundle.h"

#include <stdio.h>

#include "base/fs.h"
#include "cmd/options.h"
#include "cmd/say.h"
#include "ops/bundle.h"

enum { ARENA_MAX = 1 << 30, MODE = 0644 };

#define DEFAULT_CONF "bundle.conf"

struct values {
    const char *conf, *out;
    bool docker, check, example;
};

const struct cmd_option cmd_bundle_options[CMD_BUNDLE_OPTION_COUNT] = {
    {.name = "out",
     .letter = 'o',
     .kind = CMD_OPTION_TEXT,
     .offset = offsetof(struct values, out),
     .value = "FILE",
     .help = "Write the bundle to FILE, a .zip."},
    {.name = "conf",
     .letter = 'c',
     .kind = CMD_OPTION_TEXT,
     .offset = offsetof(struct values, conf),
     .value = "FILE",
     .help = "The settings; without it bundle.conf in the working directory."},
    {.name = "docker",
     .kind = CMD_OPTION_FLAG,
     .offset = offsetof(struct values, docker),
     .help = "For the Docker branch of the platform, whatever EB_BRANCH says."},
    {.name = "check",
     .kind = CMD_OPTION_FLAG,
     .offset = offsetof(struct values, check),
     .help = "Only say whether the settings are right."},
    {.name = "example",
     .kind = CMD_OPTION_FLAG,
     .offset = offsetof(struct values, example),
     .help = "Print a bundle.conf that explains every setting."},
};

static enum err read_conf(const struct values *v, struct arena *a, struct str *ret, struct error *e)
{
    const char *path = v->conf ? v->conf : DEFAULT_CONF;
    enum err err = fs_read(a, path, OPS_BUNDLE_CONF_MAX_BYTES, ret, e);
    if (err == ERR_NOT_FOUND && !v->conf)
        return error_hint(e, "\"prism bundle --example > " DEFAULT_CONF
                             "\" writes one to edit; --conf FILE names another.");
    return err;
}

static enum err make(const struct values *v, struct ops_bundle *b, struct error *e)
{
    struct str zip = STR_EMPTY;
    TRY(ops_bundle_zip(b, &zip, e));
    TRY(fs_write_atomic(v->out, zip, MODE, e));
    cmd_say("%s: %.1f MB", v->out, (double)zip.n / 1e6);
    return ERR_OK;
}

static enum err run(const struct cmd_command *self, int argc, char **argv, struct arena *a, struct error *e)
{
    struct values v = {0};
    struct cmd_operands words;
    struct str text = STR_EMPTY;
    struct ops_bundle *b;
    TRY(cmd_options_parse(self, argc, argv, &v, &words, e));
    if (words.n > 0)
        return error_set_reason(e, ERR_INVALID, "bad_option", "prism bundle takes no arguments; -o names the file");
    if (v.example) return cmd_print(ops_bundle_example(), e);
    if (!v.out && !v.check)
        return error_set_reason(e, ERR_INVALID, "bad_option", "say where to write the bundle: -o app.zip");
    TRY(read_conf(&v, a, &text, e));
    TRY(ops_bundle_settings(a, text, v.conf ? v.conf : DEFAULT_CONF, v.docker ? OPS_BUNDLE_DOCKER : OPS_BUNDLE_AS_SET,
                            &b, e));
    const struct conf_list *notes = ops_bundle_notes(b);
    for (size_t i = 0; i < notes->n; i++)
        cmd_say("note: %.*s", STR_ARG(notes->at[i]));
    return v.check ? ERR_OK : make(&v, b, e);
}

int cmd_bundle(const struct cmd_command *self, int argc, char **argv)
{
    struct error e = {0};
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    enum err err = a ? run(self, argc, argv, a, &e) : error_no_memory(&e);
    if (err == ERR_OK) return CMD_EXIT_OK;
    cmd_say_error(NULL, &e);
    return cmd_exit_of(err);
}
