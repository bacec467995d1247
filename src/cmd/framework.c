/* prism framework: the built-in frameworks, and whether a team's own is right. */
#include "review/framework.h"
#include "cmd/commands.h"
#include "cmd/options.h"
#include "cmd/say.h"
#include "rules/rules.h"

enum { ARENA_MAX = 64 << 20, PAGE_MAX_BYTES = 8 << 20 };

static enum err list(struct arena *a, struct sb *out, struct error *e)
{
    for (size_t i = 0; i < framework_builtin_count(); i++) {
        struct framework *f;
        TRY(framework_load(a, framework_builtin_name(i), &f, e));
        sb_printf(out, "%-10.*s %zu points  %.*s\n", STR_ARG(f->id), f->n_points, STR_ARG(f->description));
    }
    return ERR_OK;
}

static void put_list(struct sb *out, const char *title, const struct str *at, size_t n)
{
    if (!n) return;
    sb_printf(out, "    %s: ", title);
    for (size_t i = 0; i < n; i++)
        sb_printf(out, "%s%.*s", i ? ", " : "", STR_ARG(at[i]));
    sb_char(out, '\n');
}

static void put_point(struct sb *out, const struct framework_point *p)
{
    sb_printf(out, "\n%lld. %.*s\n    %.*s\n", (long long)p->number, STR_ARG(p->name), STR_ARG(p->asks));
    for (size_t i = 0; i < p->n_questions; i++)
        sb_printf(out, "    - %.*s\n", STR_ARG(p->questions[i]));
    put_list(out, "words", p->words, p->n_words);
    put_list(out, "rules", p->rules, p->n_rules);
    put_list(out, "sections", p->sections, p->n_sections);
}

static void put_framework(struct sb *out, const struct framework *f)
{
    sb_printf(out, "%.*s (%.*s), version %.*s\n%.*s\n", STR_ARG(f->name), STR_ARG(f->id), STR_ARG(f->version),
              STR_ARG(f->description));
    for (size_t i = 0; i < f->n_points; i++)
        put_point(out, &f->points[i]);
    if (f->n_sections) sb_c(out, "\nExpected sections:\n");
    for (size_t i = 0; i < f->n_sections; i++) {
        const struct rules_expected_section *s = &f->sections[i];
        sb_printf(out, "    %.*s", STR_ARG(s->title));
        for (size_t k = 0; k < s->n_aliases; k++)
            sb_printf(out, "%s%.*s", k ? ", " : " (or ", STR_ARG(s->aliases[k]));
        sb_c(out, s->n_aliases ? ")\n" : "\n");
    }
    if (f->n_recognise) {
        sb_printf(out, "\nTaken for a document with at least %lld of these words:\n", (long long)f->recognise_at_least);
        put_list(out, "words", f->recognise, f->n_recognise);
    }
}

/* Rules that a framework names and that do not exist would silently never count. */
static bool knows_rule(struct str id)
{
    if (!str_ends(id, STR(".*"))) return rules_find(id) != NULL;
    for (int family = 0; family < RULE_FAMILY_COUNT; family++)
        if (str_eq_c(str_sub(id, 0, id.n - 2), rules_family_name((enum rule_family)family))) return true;
    return false;
}

static enum err check(struct arena *a, const char *path, struct sb *out, struct error *e)
{
    struct framework *f;
    TRY(framework_load(a, path, &f, e));
    for (size_t i = 0; i < f->n_points; i++)
        for (size_t k = 0; k < f->points[i].n_rules; k++)
            if (!knows_rule(f->points[i].rules[k])) {
                error_set_reason(e, ERR_INVALID, "bad_framework", "points[%zu].rules[%zu]: there is no rule \"%.*s\"",
                                 i, k, STR_ARG(f->points[i].rules[k]));
                return error_hint(e, "\"prism rules\" lists the rules; a family is written as \"cause.*\".");
            }
    sb_printf(out, "%s: right: \"%.*s\", %zu points\n", path, STR_ARG(f->name), f->n_points);
    return ERR_OK;
}

/* Each file on its own; what is wrong is said. Returns the exit code. */
static int check_all(struct arena *a, const struct cmd_operands *files, struct sb *out)
{
    int exit_code = CMD_EXIT_OK;
    for (size_t i = 0; i < files->n; i++) {
        struct error e = {0};
        enum err err = check(a, files->at[i], out, &e);
        if (err == ERR_OK) continue;
        cmd_say_error(files->at[i], &e);
        if (cmd_exit_of(err) > exit_code) exit_code = cmd_exit_of(err);
    }
    return exit_code;
}

static enum err usage(struct error *e)
{
    error_set_reason(e, ERR_INVALID, "bad_option", "say what to do: list, show NAME or check FILE");
    return error_hint(e, "\"prism help framework\" explains them.");
}

static enum err run(const struct cmd_command *self, int argc, char **argv, struct arena *a, int *exit_code,
                    struct error *e)
{
    struct cmd_operands words;
    CLEANUP_SB struct sb out = SB_INIT(PAGE_MAX_BYTES);
    TRY(cmd_options_parse(self, argc, argv, NULL, &words, e));
    if (words.n == 1 && strcmp(words.at[0], "list") == 0) {
        TRY(list(a, &out, e));
    } else if (words.n == 2 && strcmp(words.at[0], "show") == 0) {
        struct framework *f;
        TRY(framework_load(a, words.at[1], &f, e));
        put_framework(&out, f);
    } else if (words.n >= 2 && strcmp(words.at[0], "check") == 0) {
        const struct cmd_operands files = {.at = words.at + 1, .n = words.n - 1};
        *exit_code = check_all(a, &files, &out);
    } else {
        return usage(e);
    }
    return sb_ok(&out) ? cmd_print(sb_view(&out), e) : error_no_memory(e);
}

int cmd_framework(const struct cmd_command *self, int argc, char **argv)
{
    return cmd_in_arena(self, argc, argv, ARENA_MAX, run);
}
