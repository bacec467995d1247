/* The rules as pages: Markdown (docs/rules.md is this page, and a check holds it so), JSON, text. All of it stands in the rows of the
 * registry; nothing is written twice. */
#include <stdio.h>

#include "base/json.h"
#include "cmd/rules.h"

static const char *risk_name(enum rule_risk risk)
{
    switch (risk) {
    case RULE_RISK_LOW: return "low";
    case RULE_RISK_MEDIUM: return "medium";
    case RULE_RISK_HIGH: return "high";
    }
    return "";
}

static const char *kind_name(enum rule_kind kind)
{
    switch (kind) {
    case RULE_KIND_SUGGESTION: return "suggestion";
    case RULE_KIND_IMPORTANT: return "important";
    case RULE_KIND_CRITICAL: return "critical";
    }
    return "";
}

static const char *param_type_name(enum rule_param_type type)
{
    switch (type) {
    case RULE_PARAM_INT: return "whole number";
    case RULE_PARAM_DOUBLE: return "number";
    case RULE_PARAM_STRS: return "words, added to ours";
    }
    return "";
}

static size_t param_count(const struct rule *rule)
{
    size_t n = 0;
    while (n < RULE_PARAMS_MAX && rule->params[n].name)
        n++;
    return n;
}

/* Text of a cell or paragraph: what Markdown would take for marks is escaped. */
static void put_md(struct sb *out, const char *c)
{
    for (; c && *c; c++) {
        if (*c == '\n') {
            sb_c(out, "<br>");
            continue;
        }
        if (strchr("\\`*_[]<>|", *c)) sb_char(out, '\\');
        sb_char(out, *c);
    }
}

/* An example stands as code in a block of its own, its lines as they are. */
static void put_md_example(struct sb *out, const char *title, const char *text)
{
    if (!text || !*text) return;
    sb_printf(out, "%s\n\n", title);
    while (*text) {
        size_t n = strcspn(text, "\n");
        sb_printf(out, "    %.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    }
    sb_char(out, '\n');
}

static void put_points(struct sb *out, const struct cmd__rules_points *points)
{
    for (size_t i = 0; i < points->n; i++)
        sb_printf(out, "%s%lld %.*s", i ? ", " : "", (long long)points->numbers[i], STR_ARG(points->names[i]));
}

static void md_params(const struct rule *rule, struct sb *out)
{
    if (!param_count(rule)) return;
    sb_c(out, "| setting | type | default | from | to | meaning |\n| --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; i < param_count(rule); i++) {
        const struct rule_param *p = &rule->params[i];
        sb_printf(out, "| `%s` | %s | ", p->name, param_type_name(p->type));
        if (p->type != RULE_PARAM_STRS)
            sb_printf(out, "%g | %g | %g | ", p->value, p->min, p->max);
        else
            sb_c(out, "– | – | – | ");
        put_md(out, p->meaning);
        sb_c(out, " |\n");
    }
    sb_char(out, '\n');
}

static void md_rule(const struct cmd__rules_row *row, struct sb *out)
{
    const struct rule *rule = row->rule;
    sb_printf(out, "### `%s`\n\n**", rule->id);
    put_md(out, rule->title);
    sb_printf(out, "** · %s, %s risk · category ", kind_name(rule->kind), risk_name(rule->risk));
    put_md(out, rule->category);
    sb_printf(out, " · right in about %.0f of 100 cases%s\n\n", rule->confidence * 100,
              rule->off ? " · **off unless switched on**" : "");
    put_md(out, rule->why);
    sb_c(out, "\n\n");
    for (size_t i = 0; i < row->n_points; i++) {
        if (!row->points[i].n) continue;
        sb_printf(out, "Points of %.*s: ", STR_ARG(row->points[i].framework));
        put_points(out, &row->points[i]);
        sb_c(out, ".\n");
    }
    sb_char(out, '\n');
    md_params(rule, out);
    put_md_example(out, "Fires on:", rule->fires);
    put_md_example(out, "Spares:", rule->spares);
}

static void md_contents(const struct cmd__rules_row *rows, size_t n, struct sb *out)
{
    sb_c(out, "| rule | what it finds | kind | risk |\n| --- | --- | --- | --- |\n");
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = rows[i].rule;
        sb_printf(out, "| `%s` | ", rule->id);
        put_md(out, rule->title);
        sb_printf(out, "%s | %s | %s |\n", rule->off ? " (off)" : "", kind_name(rule->kind), risk_name(rule->risk));
    }
    sb_char(out, '\n');
}

void cmd__rules_markdown(const struct cmd__rules_row *rows, size_t n, struct sb *out)
{
    sb_printf(
        out,
        "# The rules\n\n"
        "This page is printed by `prism rules --markdown` from the table in the program; `make check` holds the two "
        "in step.\n\n"
        "There are %zu rules. Each looks for one thing, says why it matters and quotes the words that it is about. "
        "Findings of one rule in one paragraph are one finding. A settings file, named with `prism review --rules "
        "FILE`, switches rules off or on, sets their values and adds words of your own:\n\n"
        "    {\"rules\": {\"language.long_sentence\": {\"enabled\": true, \"max_words\": 50}}, \"words\": "
        "[\"Hawkeye\"]}\n\n",
        n);
    md_contents(rows, n, out);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || rows[i].rule->family != rows[i - 1].rule->family)
            sb_printf(out, "## %s\n\n", rules_family_name(rows[i].rule->family));
        md_rule(&rows[i], out);
    }
    while (out->n > 1 && out->p[out->n - 1] == '\n' && out->p[out->n - 2] == '\n')
        out->n--; /* the page ends with one line feed */
}

static void json_params(const struct rule *rule, struct json_out *o)
{
    json_out_begin_array(o, "params");
    for (size_t i = 0; i < param_count(rule); i++) {
        const struct rule_param *p = &rule->params[i];
        json_out_begin_object(o, NULL);
        json_out_c(o, "name", p->name);
        json_out_c(o, "type",
                   p->type == RULE_PARAM_STRS  ? "strings"
                   : p->type == RULE_PARAM_INT ? "integer"
                                               : "number");
        if (p->type != RULE_PARAM_STRS) {
            json_out_double(o, "default", p->value);
            json_out_double(o, "min", p->min);
            json_out_double(o, "max", p->max);
        }
        json_out_c(o, "meaning", p->meaning);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

static void json_rule(const struct cmd__rules_row *row, struct json_out *o)
{
    const struct rule *rule = row->rule;
    json_out_begin_object(o, NULL);
    json_out_c(o, "id", rule->id);
    json_out_c(o, "family", rules_family_name(rule->family));
    json_out_c(o, "title", rule->title);
    json_out_c(o, "why", rule->why);
    json_out_c(o, "category", rule->category);
    json_out_c(o, "kind", kind_name(rule->kind));
    json_out_c(o, "risk", risk_name(rule->risk));
    json_out_double(o, "confidence", rule->confidence);
    json_out_bool(o, "on", !rule->off);
    json_params(rule, o);
    json_out_c(o, "fires", rule->fires);
    json_out_c(o, "spares", rule->spares);
    json_out_begin_object(o, "points");
    for (size_t i = 0; i < row->n_points; i++) {
        char key[80];
        (void)snprintf(key, sizeof key, "%.*s", STR_ARG(row->points[i].framework));
        json_out_begin_array(o, key);
        for (size_t k = 0; k < row->points[i].n; k++)
            json_out_i64(o, NULL, row->points[i].numbers[k]);
        json_out_end_array(o);
    }
    json_out_end_object(o);
    json_out_end_object(o);
}

void cmd__rules_json(const struct cmd__rules_row *rows, size_t n, struct sb *out)
{
    struct json_out o = json_out_make(out, true);
    json_out_begin_object(&o, NULL);
    json_out_begin_array(&o, "rules");
    for (size_t i = 0; i < n; i++)
        json_rule(&rows[i], &o);
    json_out_end_array(&o);
    json_out_end_object(&o);
    sb_char(out, '\n');
}

static void text_detail(const struct cmd__rules_row *row, struct sb *out)
{
    const struct rule *rule = row->rule;
    sb_printf(out, "    %s\n    %s · category %s%s\n", rule->why, kind_name(rule->kind), rule->category,
              rule->off ? " · off unless switched on" : "");
    for (size_t i = 0; i < row->n_points; i++) {
        if (!row->points[i].n) continue;
        sb_printf(out, "    points of %.*s: ", STR_ARG(row->points[i].framework));
        put_points(out, &row->points[i]);
        sb_char(out, '\n');
    }
    for (size_t i = 0; i < param_count(rule); i++) {
        const struct rule_param *p = &rule->params[i];
        if (p->type == RULE_PARAM_STRS)
            sb_printf(out, "    setting %s (%s): %s\n", p->name, param_type_name(p->type), p->meaning);
        else
            sb_printf(out, "    setting %s = %g (%g to %g): %s\n", p->name, p->value, p->min, p->max, p->meaning);
    }
    if (rule->fires) sb_printf(out, "    fires on: %s\n", rule->fires);
    if (rule->spares) sb_printf(out, "    spares:   %s\n", rule->spares);
    sb_char(out, '\n');
}

void cmd__rules_text(const struct cmd__rules_row *rows, size_t n, bool detailed, struct sb *out)
{
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = rows[i].rule;
        sb_printf(out, "%-38s %-7s %s%s\n", rule->id, risk_name(rule->risk), rule->title,
                  rule->off && !detailed ? " (off)" : "");
        if (detailed) text_detail(&rows[i], out);
    }
    if (!detailed)
        sb_printf(out, "\n%zu rules. \"prism rules ID\" tells all of one, \"prism rules FAMILY\" of a family.\n", n);
}
