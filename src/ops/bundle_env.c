/* The environment of the program, made of the rows of conf/settings.h: what is set as a property, every other setting as a comment with its default, so
 * that an operator sees all there is and none can be forgotten. Elastic Beanstalk allows 4,096 bytes of properties: defaults are not repeated in them.
 * A secret is only ever a comment, or the ARN by which the platform fetches it when an instance starts. */
#include "base/json.h"
#include "ops/bundle_priv.h"

enum { FILE_MAX_BYTES = 256 << 10, WIDTH = 110 };

void bundle__quoted(struct sb *out, struct str text)
{
    struct json_out o = json_out_make(out, false);
    json_out_str(&o, NULL, text);
}

/* The meaning, as lines of a comment. */
static void comment(struct sb *out, const char *text)
{
    size_t column = WIDTH;
    for (struct str rest = str_from_c(text); rest.p;) {
        struct str word = str_cut(rest, ' ', &rest);
        if (column + word.n + 1 > WIDTH) {
            sb_c(out, "\n    #");
            column = 0;
        }
        sb_printf(out, " %.*s", STR_ARG(word));
        column += word.n + 1;
    }
}

static void row(const struct ops_bundle *b, size_t i, struct sb *out)
{
    struct conf_row r = conf_row_at(i);
    comment(out, r.meaning);
    if (b->program[i].text.n) {
        sb_printf(out, "\n    %s: ", r.name);
        bundle__quoted(out, b->program[i].text);
    } else if (r.secret) {
        sb_printf(out, "\n    #%s: the ARN of a secret", r.name);
    } else {
        sb_printf(out, "\n    #%s: %s", r.name, r.default_text[0] ? r.default_text : "nothing");
    }
}

static bool has_secret(const struct ops_bundle *b)
{
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++)
        if (conf_row_at(i).secret && b->program[i].text.n) return true;
    return false;
}

enum err bundle__environment(struct ops_bundle *b, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb out = SB_INIT(FILE_MAX_BYTES);
    sb_c(
        &out,
        "# The settings of the program as environment properties, made of bundle.conf; those that stand behind a # have their default.\n"
        "option_settings:\n"
        "  aws:elasticbeanstalk:application:environment:");
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++)
        if (!conf_row_at(i).secret && i != CONF_conf_file) row(b, i, &out);
    sb_c(
        &out,
        "\n\n  # Secrets are no properties: each is fetched by its ARN when an instance starts, and no bundle has one.\n");
    sb_c(&out, has_secret(b) ? "  aws:elasticbeanstalk:application:environmentsecrets:"
                             : "  # aws:elasticbeanstalk:application:environmentsecrets:");
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++)
        if (conf_row_at(i).secret) row(b, i, &out);
    sb_c(&out, "\n");
    return sb_take(&out, b->a, ret, e);
}
