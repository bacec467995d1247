/* prism rules: the registry of rules for people, for the documentation and for programs. */
#include "cmd/rules.h"

#include "base/closest.h"
#include "cmd/options.h"
#include "cmd/say.h"
#include "review/framework.h"

enum { ARENA_MAX = 64 << 20, PAGE_MAX_BYTES = 8 << 20 };

struct values {
    bool markdown, json;
};

const struct cmd_option cmd_rules_options[CMD_RULES_OPTION_COUNT] = {
    {.name = "markdown",
     .kind = CMD_OPTION_FLAG,
     .offset = offsetof(struct values, markdown),
     .help = "Print the page docs/rules.md."},
    {.name = "json",
     .kind = CMD_OPTION_FLAG,
     .offset = offsetof(struct values, json),
     .help = "Print everything as JSON."},
};

static enum err points_of(const struct framework *f, const struct rule *rule, struct arena *a,
                          struct cmd__rules_points *ret, struct error *e)
{
    const uint32_t *at;
    size_t n;
    TRY(framework_points_of_rule(f, str_from_c(rule->id), a, &at, &n, e));
    int64_t *numbers = NEW(a, int64_t, n);
    struct str *names = NEW(a, struct str, n);
    if (!numbers || !names) return error_no_memory(e);
    for (size_t i = 0; i < n; i++) {
        numbers[i] = f->points[at[i]].number;
        names[i] = f->points[at[i]].name;
    }
    *ret = (struct cmd__rules_points){.framework = f->id, .numbers = numbers, .names = names, .n = n};
    return ERR_OK;
}

/* Is the rule one of the words: its id, or its family? No words: all are. */
static bool is_wanted(const struct rule *rule, const struct cmd_operands *words, bool *seen)
{
    bool wanted = words->n == 0;
    for (size_t i = 0; i < words->n; i++)
        if (strcmp(words->at[i], rule->id) == 0 || strcmp(words->at[i], rules_family_name(rule->family)) == 0)
            wanted = seen[i] = true;
    return wanted;
}

static const char *rule_id_at(const void *ctx, size_t i)
{
    (void)ctx;
    return rules_at(i)->id;
}

static enum err check_words(const struct cmd_operands *words, const bool *seen, struct error *e)
{
    for (size_t i = 0; i < words->n; i++) {
        if (seen[i]) continue;
        error_set_reason(e, ERR_INVALID, "bad_rule", "there is no rule or family \"%s\"", words->at[i]);
        const char *closest = closest_name(words->at[i], rules_count(), rule_id_at, NULL);
        if (closest) return error_hint(e, "Did you mean %s? \"prism rules\" lists them all.", closest);
        return error_hint(e, "\"prism rules\" lists them all.");
    }
    return ERR_OK;
}

static enum err collect(struct arena *a, const struct cmd_operands *words, struct cmd__rules_row **ret_rows,
                        size_t *ret_n, struct error *e)
{
    size_t n = 0, n_frameworks = framework_builtin_count();
    struct framework **frameworks = NEW(a, struct framework *, n_frameworks);
    struct cmd__rules_row *rows = NEW(a, struct cmd__rules_row, rules_count());
    bool *seen = NEW(a, bool, words->n);
    if (!frameworks || !rows || !seen) return error_no_memory(e);
    for (size_t i = 0; i < n_frameworks; i++)
        TRY(framework_load(a, framework_builtin_name(i), &frameworks[i], e));
    for (size_t i = 0; i < rules_count(); i++) {
        const struct rule *rule = rules_at(i);
        if (!is_wanted(rule, words, seen)) continue;
        struct cmd__rules_points *points = NEW(a, struct cmd__rules_points, n_frameworks);
        if (!points) return error_no_memory(e);
        for (size_t f = 0; f < n_frameworks; f++)
            TRY(points_of(frameworks[f], rule, a, &points[f], e));
        rows[n++] = (struct cmd__rules_row){.rule = rule, .points = points, .n_points = n_frameworks};
    }
    TRY(check_words(words, seen, e));
    *ret_rows = rows;
    *ret_n = n;
    return ERR_OK;
}

static enum err run(const struct cmd_command *self, int argc, char **argv, struct arena *a, struct error *e)
{
    struct values values = {0};
    struct cmd_operands words;
    struct cmd__rules_row *rows = NULL;
    size_t n = 0;
    CLEANUP_SB struct sb out = SB_INIT(PAGE_MAX_BYTES);
    TRY(cmd_options_parse(self, argc, argv, &values, &words, e));
    if (values.markdown && values.json)
        return error_set_reason(e, ERR_INVALID, "bad_option", "--markdown and --json exclude each other");
    TRY(collect(a, &words, &rows, &n, e));
    if (values.markdown)
        cmd__rules_markdown(rows, n, &out);
    else if (values.json)
        cmd__rules_json(rows, n, &out);
    else
        cmd__rules_text(rows, n, words.n > 0, &out);
    return sb_ok(&out) ? cmd_print(sb_view(&out), e) : error_no_memory(e);
}

int cmd_rules(const struct cmd_command *self, int argc, char **argv)
{
    struct error e = {0};
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    enum err err = a ? run(self, argc, argv, a, &e) : error_no_memory(&e);
    if (err != ERR_OK) cmd_say_error(NULL, &e);
    return cmd_exit_of(err);
}
