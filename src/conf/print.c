/* What is configured, for people: the values as a prism.conf, and the page of the documentation, both from the rows. */
#include "conf/conf_priv.h"

/* A value that would lose something when it is read from a file stands in quotation marks. */
static void print_value(struct sb *b, struct str v)
{
    bool bare = v.n == 0 || (v.p[0] != '"' && v.p[0] != '\'' && str_trim(v).n == v.n);
    const char *mark = bare ? "" : str_find_char(v, '"', 0) == STR_NONE ? "\"" : "'";
    sb_printf(b, "%s%.*s%s", mark, STR_ARG(v), mark);
}

void conf_print_text(const struct conf *c, struct sb *b)
{
    static const char *const origins[] = {[CONF_FROM_DEFAULT] = "default",
                                          [CONF_FROM_FILE] = "from the file",
                                          [CONF_FROM_ENVIRONMENT] = "from the environment"};
    if (c->conf_file.n) sb_printf(b, "# the file is %.*s\n", STR_ARG(c->conf_file));
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++) {
        if (i == CONF_conf_file) continue; /* a file cannot name itself */
        if (conf__rows[i].kind == CONF__KIND_SECRET && c->texts[i].n) {
            sb_printf(b, "# %s; it is set and not shown\n# %s=\n", origins[c->origins[i]], conf__rows[i].name);
            continue;
        }
        sb_printf(b, "# %s\n%s=", origins[c->origins[i]], conf__rows[i].name);
        print_value(b, c->texts[i]);
        sb_char(b, '\n');
    }
}

static void print_row(const struct conf__row *row, struct sb *b)
{
    const char *mark = row->default_words || !row->default_text[0] ? "" : "`";
    sb_printf(b, "| `%s` | %s%s%s | ", row->name, mark, row->default_text[0] ? row->default_text : "nothing", mark);
    conf__accepted(row, b);
    sb_printf(b, " | %s |\n", row->meaning);
}

void conf_print_markdown(struct sb *b)
{
    sb_c(
        b,
        "# Configuration\n"
        "\n"
        "<!-- Written by \"prism conf --markdown\"; a test holds it to the program. -->\n"
        "\n"
        "The server is configured by environment variables, and by a file `prism.conf` of the same names. The environment "
        "wins over the file,\nthe file over the default; an empty value counts as none. Everything is checked at start: a "
        "wrong value, or a name that begins with\n`PRISM_` and does not stand here, stops the start with a sentence that "
        "says what is accepted. `prism conf` prints what is in force and\nwhere each value comes from.\n"
        "\n"
        "| name | default | accepted | meaning |\n"
        "| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++)
        print_row(&conf__rows[i], b);
    sb_c(
        b,
        "\n"
        "## prism.conf\n"
        "\n"
        "The file lies in the data folder, or where `PRISM_CONF` says; then it may also set `PRISM_DATA`. One setting a "
        "line:\n"
        "\n"
        "```\n"
        "# a comment is a line of its own\n"
        "PORT=8080\n"
        "PRISM_ALLOWED_HOSTS=prism.example.org, prism\n"
        "PRISM_RULES=\"rules.json\"\n"
        "```\n"
        "\n"
        "Quotation marks around a value are taken off. A relative path begins in the folder of the file, in the environment "
        "in the working\ndirectory; both are made absolute at start, so nothing depends on the working directory later. The "
        "same name twice, or a name that\ndoes not stand in the table, is refused with the number of the line.\n");
}

struct conf_row conf_row_at(size_t i)
{
    const struct conf__row *row = &conf__rows[i];
    return (struct conf_row){.name = row->name,
                             .default_text = row->default_text,
                             .in_words = row->default_words,
                             .secret = row->kind == CONF__KIND_SECRET,
                             .meaning = row->meaning};
}
