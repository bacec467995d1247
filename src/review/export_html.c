/* The HTML report: one file that needs no other, without script. Cards float beside the block that they are about, and stand below it where the window is narrow; the browser does
 * the layout, so it works from a mail attachment. All style is in report.css, which the build makes part of the program.
 * A policy in the head forbids everything but that style, so that not even a mistake here could run or load something. */
#include "base/time.h"
#include "review/embedded.h"
#include "review/export_priv.h"

static void head(const struct export_review *r, struct sb *out)
{
    SB_LIT(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>Review of ");
    html__text(out, r->file_name);
    SB_LIT(out, "</title>\n<style>\n");
    sb_str(out, (struct str){(const char *)export__assets[0].bytes, export__assets[0].n});
    SB_LIT(out, "</style>\n</head>\n");
}

static void title(const struct export_review *r, struct sb *out)
{
    CLEANUP_SB struct sb at = SB_INIT(64);
    sb_time(&at, r->at_unix_ms, false);
    struct str when = sb_view(&at);
    SB_LIT(out, "<header>\n<p class=\"kicker\">Document review</p>\n<h1 dir=\"auto\">");
    html__text(out, r->doc->properties.title.n ? r->doc->properties.title : r->file_name);
    SB_LIT(out, "</h1>\n<p class=\"fine\">");
    html__text(out, r->file_name);
    sb_printf(out, " · reviewed <time datetime=\"%.*s\">%.*s %.*s UTC</time>", STR_ARG(when),
              STR_ARG(str_sub(when, 0, 10)), STR_ARG(str_sub(when, 11, 16)));
    if (r->framework_why.n) {
        SB_LIT(out, " · framework: ");
        html__text(out, r->framework->name);
        SB_LIT(out, ", ");
        html__text(out, r->framework_why);
    }
    if (r->sha256.n) {
        SB_LIT(out, "<br>SHA-256 <code>");
        html__text(out, r->sha256);
        SB_LIT(out, "</code>");
    }
    SB_LIT(out, "</p>\n</header>\n");
}

static void unlocated(const struct html_report *h)
{
    bool any = false;
    for (size_t i = 0; i < h->review->result->findings.n; i++) {
        if (h->review->result->findings.at[i].located) continue;
        if (!any)
            SB_LIT(
                h->out,
                "<section class=\"unlocated\" aria-labelledby=\"unlocated\">\n<h3 id=\"unlocated\">Findings whose words are not in the document</h3>\n");
        any = true;
        html__card(h, i);
    }
    if (any) SB_LIT(h->out, "</section>\n");
}

enum err export_html(const struct export_review *r, struct sb *out, struct error *e)
{
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    if (!scratch) return error_no_memory(e);
    struct html_report h = {r, out, scratch};
    head(r, out);
    SB_LIT(out, "<body>\n<a class=\"skip\" href=\"#document\">To the document</a>\n");
    title(r, out);
    SB_LIT(out, "<main>\n<div class=\"summary\">\n");
    html__summary(&h);
    SB_LIT(out, "</div>\n<section class=\"document\" id=\"document\" aria-labelledby=\"document-title\">\n"
                "<h2 id=\"document-title\">The document and its findings</h2>\n");
    if (r->result->findings.n == 0) SB_LIT(out, "<p class=\"none\">No findings.</p>\n");
    unlocated(&h);
    SB_LIT(out, "<div class=\"page\">\n");
    TRY(html__document(&h, e));
    SB_LIT(out, "</div>\n</section>\n</main>\n<footer><p class=\"fine\">Made by prism " PRISM_VERSION
                ". Findings are remarks for a person to decide on.</p></footer>\n</body>\n</html>\n");
    if (out->failed) return out->no_memory ? error_no_memory(e) : error_set(e, ERR_LIMIT, "the report is too large");
    return ERR_OK;
}
