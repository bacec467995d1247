/* A review for a terminal. Document text is shown without control characters, so that no file can drive the terminal.
 * Limits: WIDTH columns, a code point counted as one; a quote is cut behind QUOTE_MAX code points. */
#include "base/utf8.h"
#include "review/export_priv.h"

#define WIDTH     100
#define QUOTE_MAX 160
#define INDENT    6

struct paint {
    struct sb *out;
    bool color;
};

static void paint(const struct paint *p, const char *code, const char *text)
{
    if (p->color)
        sb_printf(p->out, "\033[%sm%s\033[0m", code, text);
    else
        sb_c(p->out, text);
}

static size_t columns(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; n++)
        (void)utf8_next(s, &i);
    return n;
}

/* Words in lines of WIDTH, each line indented; prefix stands before the first. */
static void wrapped(struct sb *out, const char *prefix, struct str text)
{
    CLEANUP_SB struct sb line = SB_INIT(SIZE_MAX);
    export__one_line(&line, text, SIZE_MAX);
    if (line.failed) out->failed = true;
    struct str rest = sb_view(&line);
    size_t hang = columns(str_from_c(prefix)), at = INDENT + hang;
    sb_printf(out, "%*s%s", INDENT, "", prefix);
    for (bool first = true; rest.p && rest.n; first = false) {
        struct str word = str_cut(rest, ' ', &rest);
        size_t n = columns(word);
        if (!first && at + 1 + n > WIDTH) {
            sb_printf(out, "\n%*s", (int)(INDENT + hang), "");
            at = INDENT + hang;
        } else if (!first) {
            sb_char(out, ' ');
            at++;
        }
        sb_str(out, word);
        at += n;
    }
    sb_char(out, '\n');
}

static void finding(const struct export_review *r, const struct paint *p, size_t n)
{
    static const char *const colors[] = {"36", "33", "1;31"}, *const words[] = {"LOW", "MEDIUM", "HIGH"};
    const struct finding *f = &r->result->findings.at[n];
    CLEANUP_SB struct sb line = SB_INIT(SIZE_MAX);
    sb_printf(p->out, "%4zu  ", n + 1);
    paint(p, colors[f->risk], words[f->risk]);
    export__one_line(&line, f->title, SIZE_MAX);
    sb_printf(p->out, "  %.*s", STR_ARG(sb_view(&line)));
    sb_reset(&line);
    export__one_line(&line, f->reviewer, 80);
    sb_printf(p->out, "  [%.*s]\n", STR_ARG(sb_view(&line)));
    wrapped(p->out, "in ", f->place);
    sb_reset(&line);
    SB_LIT(&line, "\"");
    export__one_line(&line, f->quote, QUOTE_MAX);
    SB_LIT(&line, "\"");
    if (f->quote.n) wrapped(p->out, f->located ? "" : "not found in the text: ", sb_view(&line));
    wrapped(p->out, "", f->description);
    if (f->suggestion.n) wrapped(p->out, "→ ", f->suggestion);
    if (f->has_rewrite) wrapped(p->out, "→ write: ", f->rewrite.n ? f->rewrite : STR("(nothing: delete the words)"));
    for (size_t i = 0; i < f->n_questions; i++)
        wrapped(p->out, "? ", f->questions[i]);
    sb_reset(&line);
    export__points(&line, r->framework, f);
    if (line.n) wrapped(p->out, "framework: ", sb_view(&line));
    if (f->decision != FINDING_OPEN) wrapped(p->out, "", str_from_c(finding_decision_name(f->decision)));
    if (line.failed) p->out->failed = true;
    sb_char(p->out, '\n');
}

static void coverage(const struct export_review *r, struct sb *out)
{
    const struct review_coverage *c = &r->result->coverage;
    sb_printf(out, "      Reviewed %zu of %zu paragraphs (%zu words) with %zu rules", c->blocks_reviewed, c->blocks,
              c->words, c->rules_run);
    if (c->rules_off) sb_printf(out, "; %zu are switched off", c->rules_off);
    sb_printf(out, ". Framework: %.*s %.*s", STR_ARG(r->framework->name), STR_ARG(r->framework->version));
    if (r->framework_why.n) sb_printf(out, ", %.*s", STR_ARG(r->framework_why));
    SB_LIT(out, ".\n");
    if (c->below_min_risk) {
        SB_LIT(out, "      Not shown: ");
        export__count(out, c->below_min_risk, "finding", "findings");
        SB_LIT(out, " below the asked risk.\n");
    }
    CLEANUP_SB struct sb line = SB_INIT(SIZE_MAX);
    export__model(&line, r);
    if (line.n > 0) wrapped(out, "", sb_view(&line));
    for (size_t i = 0; i < c->n_left_out; i++) {
        sb_reset(&line);
        sb_printf(&line, "%.*s: %.*s", STR_ARG(c->left_out[i].what), STR_ARG(c->left_out[i].why));
        wrapped(out, "not reviewed: ", sb_view(&line));
        if (line.failed) out->failed = true;
    }
}

void export_text(const struct export_review *r, bool color, struct sb *out)
{
    struct paint p = {out, color};
    const struct finding_list *list = &r->result->findings;
    CLEANUP_SB struct sb name = SB_INIT(SIZE_MAX);
    export__one_line(&name, r->file_name, SIZE_MAX);
    if (name.failed) out->failed = true;
    if (color) SB_LIT(out, "\033[1m");
    sb_str(out, sb_view(&name));
    if (color) SB_LIT(out, "\033[0m");
    SB_LIT(out, "\n\n");
    for (size_t i = 0; i < list->n; i++)
        finding(r, &p, i);
    struct export__counts c = export__count_findings(list, DOC_NONE, DOC_NONE);
    sb_str(out, sb_view(&name));
    SB_LIT(out, ": ");
    export__count(out, c.all, "finding", "findings");
    if (c.all) {
        SB_LIT(out, " (");
        export__risks(out, &c);
        SB_LIT(out, ")");
    }
    SB_LIT(out, "\n");
    coverage(r, out);
}
