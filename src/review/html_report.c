/* The parts of the HTML report around the document: the summary, the cards, the record of what was reviewed.
 * Every number is a count over the findings that the report shows. */
#include "base/time.h"
#include "review/export_priv.h"

static void escaped(struct sb *out, struct sb *made)
{
    if (made->failed) out->failed = true;
    html__text(out, sb_view(made));
    sb_reset(made);
}

/* Risk as a word and a shape: never by colour alone. */
static void badge(struct sb *out, enum finding_risk risk)
{
    static const char *const shapes[] = {"●", "■", "▲"};
    sb_printf(out, "<span class=\"badge %s\"><span aria-hidden=\"true\">%s</span> %s</span>", finding_risk_name(risk),
              shapes[risk], export__risk_words(risk));
}

static void labelled(struct sb *out, const char *label, struct str text)
{
    if (text.n == 0) return;
    sb_printf(out, "<p class=\"said\"><b>%s</b> ", label);
    html__text(out, text);
    SB_LIT(out, "</p>\n");
}

static void rewrite(struct sb *out, const struct finding *f)
{
    if (!f->has_rewrite) return;
    SB_LIT(out, "<p class=\"said\"><b>Proposed wording</b> <del>");
    html__text(out, f->quote);
    SB_LIT(out, "</del> <ins>");
    html__text(out, f->rewrite);
    SB_LIT(out, "</ins></p>\n");
}

static void questions(struct sb *out, const struct finding *f)
{
    if (f->n_questions == 0) return;
    SB_LIT(out, "<p class=\"said\"><b>Questions</b></p>\n<ul class=\"questions\">\n");
    for (size_t i = 0; i < f->n_questions; i++) {
        SB_LIT(out, "<li>");
        html__text(out, f->questions[i]);
        SB_LIT(out, "</li>\n");
    }
    SB_LIT(out, "</ul>\n");
}

static void fine_print(const struct html_report *h, const struct finding *f)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    SB_LIT(h->out, "<p class=\"fine\">");
    if (f->n_points > 0) {
        SB_LIT(h->out, "Framework: ");
        export__points(&b, h->review->framework, f);
        escaped(h->out, &b);
        SB_LIT(h->out, " · ");
    }
    sb_printf(h->out, "Confidence %d %% · ", (int)(100 * f->confidence + 0.5));
    SB_LIT(h->out, "<code>");
    html__text(h->out, f->reviewer);
    SB_LIT(h->out, "</code>");
    if (f->decision != FINDING_OPEN) {
        sb_printf(h->out, " · %s", finding_decision_name(f->decision));
        if (f->decided_by.n) SB_LIT(h->out, " by ");
        html__text(h->out, f->decided_by);
    }
    SB_LIT(h->out, "</p>\n");
}

void html__card(const struct html_report *h, size_t n)
{
    const struct finding *f = &h->review->result->findings.at[n];
    struct sb *out = h->out;
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    sb_printf(out, "<article class=\"card %s\" id=\"f%zu\" aria-labelledby=\"t%zu\">\n<p class=\"card-head\">",
              finding_risk_name(f->risk), n + 1, n + 1);
    if (f->located)
        sb_printf(out,
                  "<a class=\"number\" href=\"#m%zu\"><span class=\"unseen\">to the words of finding </span>%zu</a> ",
                  n + 1, n + 1);
    else
        sb_printf(out, "<span class=\"number\">%zu</span> ", n + 1);
    badge(out, f->risk);
    SB_LIT(out, " <span class=\"category\">");
    html__text(out, f->category);
    sb_printf(out, "</span></p>\n<p class=\"card-title\" id=\"t%zu\">", n + 1);
    html__text(out, f->title);
    SB_LIT(out, "</p>\n<p class=\"place\">");
    html__text(out, f->place);
    SB_LIT(out, "</p>\n");
    if (!f->located) {
        SB_LIT(out, "<p class=\"said\"><b>Not found in the text</b> <q>");
        export__one_line(&b, f->quote, 200);
        escaped(out, &b);
        SB_LIT(out, "</q></p>\n");
    }
    SB_LIT(out, "<p class=\"said\">");
    html__text(out, f->description);
    SB_LIT(out, "</p>\n");
    labelled(out, "Suggestion", f->suggestion);
    rewrite(out, f);
    questions(out, f);
    labelled(out, "Note", f->note);
    fine_print(h, f);
    SB_LIT(out, "</article>\n");
}

/* --- summary --- */

static void risk_cells(struct sb *out, const struct export__counts *c)
{
    for (int risk = FINDING_HIGH; risk >= FINDING_LOW; risk--) {
        if (c->by_risk[risk])
            sb_printf(out, "<td class=\"n %s\">%zu</td>", finding_risk_name((enum finding_risk)risk), c->by_risk[risk]);
        else
            SB_LIT(out, "<td class=\"n zero\">0</td>");
    }
}

static void tiles(const struct html_report *h)
{
    struct export__counts c = export__count_findings(&h->review->result->findings, DOC_NONE, DOC_NONE);
    SB_LIT(h->out, "<ul class=\"tiles\">\n");
    sb_printf(h->out, "<li class=\"tile\"><b>%zu</b> %s</li>\n", c.all, c.all == 1 ? "finding" : "findings");
    for (int risk = FINDING_HIGH; risk >= FINDING_LOW; risk--) {
        sb_printf(h->out, "<li class=\"tile %s\"><b>%zu</b> ", finding_risk_name((enum finding_risk)risk),
                  c.by_risk[risk]);
        badge(h->out, (enum finding_risk)risk);
        SB_LIT(h->out, "</li>\n");
    }
    SB_LIT(h->out, "</ul>\n");
}

static void by_section(const struct html_report *h)
{
    const struct doc *doc = h->review->doc;
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    SB_LIT(h->out,
           "<section aria-labelledby=\"by-section\">\n<h2 id=\"by-section\">Findings by section</h2>\n"
           "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Findings by section, table\">"
           "<table class=\"counts\">\n<thead><tr><th scope=\"col\">Section</th><th scope=\"col\" class=\"n\">High</th>"
           "<th scope=\"col\" class=\"n\">Medium</th><th scope=\"col\" class=\"n\">Low</th></tr></thead>\n<tbody>\n");
    for (uint32_t i = 0; i < doc->sections.n; i++) {
        const struct doc_section *s = &doc->sections.at[i];
        struct export__counts c = export__count_findings(&h->review->result->findings, i, DOC_NONE);
        if (c.all == 0 && s->kind == DOC_SECTION_PREAMBLE) continue;
        sb_printf(h->out, "<tr><th scope=\"row\" class=\"d%u\">", s->level > 4 ? 4u : s->level);
        export__section_name(&b, doc, i);
        if (s->heading != DOC_NONE) sb_printf(h->out, "<a href=\"#s%u\">", i);
        escaped(h->out, &b);
        if (s->heading != DOC_NONE) SB_LIT(h->out, "</a>");
        if (!s->reviewed) SB_LIT(h->out, " <span class=\"fine\">not reviewed</span>");
        SB_LIT(h->out, "</th>");
        risk_cells(h->out, &c);
        SB_LIT(h->out, "</tr>\n");
    }
    SB_LIT(h->out, "</tbody></table></div>\n</section>\n");
}

static void point_links(const struct html_report *h, uint32_t point)
{
    const struct finding_list *list = &h->review->result->findings;
    size_t shown = 0, all = export__count_findings(list, DOC_NONE, point).all;
    for (size_t i = 0; i < list->n && shown < 12; i++) {
        const struct finding *f = &list->at[i];
        bool has = false;
        for (size_t k = 0; k < f->n_points; k++)
            has = has || f->points[k] == point;
        if (!has) continue;
        shown++;
        sb_printf(h->out, "<a class=\"ref %s\" href=\"#f%zu\">%zu</a> ", finding_risk_name(f->risk), i + 1, i + 1);
    }
    if (all > shown) sb_printf(h->out, "and %zu more", all - shown);
    if (all == 0) SB_LIT(h->out, "<span class=\"zero\">none</span>");
}

static void by_point(const struct html_report *h)
{
    const struct framework *f = h->review->framework;
    const struct framework_touch *touches = h->review->result->coverage.touches;
    SB_LIT(h->out, "<section aria-labelledby=\"by-point\">\n<h2 id=\"by-point\">Framework: ");
    html__text(h->out, f->name);
    SB_LIT(h->out, " ");
    html__text(h->out, f->version);
    SB_LIT(h->out, "</h2>\n<p>");
    html__text(h->out, f->description);
    SB_LIT(h->out, "</p>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Framework points, table\">"
                   "<table class=\"counts points\">\n<thead><tr><th scope=\"col\" colspan=\"2\">Point</th>"
                   "<th scope=\"col\">In the text</th><th scope=\"col\">Findings</th></tr></thead>\n<tbody>\n");
    for (uint32_t i = 0; i < f->n_points; i++) {
        sb_printf(h->out, "<tr><td class=\"point-number\">%lld</td><th scope=\"row\">", (long long)f->points[i].number);
        html__text(h->out, f->points[i].name);
        SB_LIT(h->out, "</th><td class=\"touch\">");
        if (!touches || touches[i].mentions == 0)
            SB_LIT(h->out, "<span class=\"absent\">not mentioned</span>");
        else
            export__count(h->out, touches[i].mentions, "paragraph", "paragraphs");
        SB_LIT(h->out, "</td><td>");
        point_links(h, i);
        SB_LIT(h->out, "</td></tr>\n");
    }
    SB_LIT(h->out, "</tbody></table></div>\n</section>\n");
}

static void urgent(const struct html_report *h)
{
    const struct finding_list *list = &h->review->result->findings;
    size_t n = export__count_findings(list, DOC_NONE, DOC_NONE).by_risk[FINDING_HIGH];
    if (n == 0) return;
    SB_LIT(h->out,
           "<section aria-labelledby=\"first\">\n<h2 id=\"first\">Read these first</h2>\n<ol class=\"first\">\n");
    for (size_t i = 0; i < list->n; i++) {
        const struct finding *f = &list->at[i];
        if (f->risk != FINDING_HIGH) continue;
        sb_printf(h->out,
                  "<li><a class=\"number\" href=\"#f%zu\"><span class=\"unseen\">finding </span>%zu</a> <span><b>",
                  i + 1, i + 1);
        html__text(h->out, f->title);
        SB_LIT(h->out, "</b> <span class=\"place\">");
        html__text(h->out, f->place);
        SB_LIT(h->out, "</span></span></li>\n");
    }
    SB_LIT(h->out, "</ol>\n</section>\n");
}

static void coverage(const struct html_report *h)
{
    const struct review_coverage *c = &h->review->result->coverage;
    struct sb *out = h->out;
    SB_LIT(out, "<section aria-labelledby=\"coverage\">\n<h2 id=\"coverage\">What was reviewed</h2>\n");
    sb_printf(out, "<p>%zu of %zu paragraphs (%zu words) were read by %zu rules.", c->blocks_reviewed, c->blocks,
              c->words, c->rules_run);
    if (c->rules_off)
        sb_printf(out, " %zu %s switched off.", c->rules_off, c->rules_off == 1 ? "rule is" : "rules are");
    if (c->below_min_risk) {
        SB_LIT(out, " Not shown: ");
        export__count(out, c->below_min_risk, "finding", "findings");
        SB_LIT(out, " below the asked risk.");
    }
    if (c->merged) {
        SB_LIT(out, " ");
        export__count(out, c->merged, "finding", "findings");
        SB_LIT(out, " said the same as another and was left out.");
    }
    if (c->dismissed) {
        SB_LIT(out, " Not raised again: ");
        export__count(out, c->dismissed, "finding", "findings");
        SB_LIT(out, " that had been dismissed.");
    }
    SB_LIT(out, "</p>\n");
    CLEANUP_SB struct sb model = SB_INIT(SIZE_MAX);
    export__model(&model, h->review);
    if (model.n > 0) {
        SB_LIT(out, "<p>");
        html__text(out, sb_view(&model));
        SB_LIT(out, "</p>\n");
    }
    if (model.failed) out->failed = true;
    if (c->n_left_out > 0) {
        SB_LIT(out, "<p>Not reviewed:</p>\n<ul class=\"left-out\">\n");
        for (size_t i = 0; i < c->n_left_out; i++) {
            SB_LIT(out, "<li><b>");
            html__text(out, c->left_out[i].what);
            SB_LIT(out, "</b>: ");
            html__text(out, c->left_out[i].why);
            SB_LIT(out, "</li>\n");
        }
        SB_LIT(out, "</ul>\n");
    }
    SB_LIT(out, "</section>\n");
}

void html__summary(const struct html_report *h)
{
    tiles(h);
    SB_LIT(h->out, "<div class=\"column\">\n");
    urgent(h);
    if (h->review->doc->sections.n > 0) by_section(h);
    coverage(h);
    SB_LIT(h->out, "</div>\n<div class=\"column\">\n");
    by_point(h);
    SB_LIT(h->out, "</div>\n");
}
