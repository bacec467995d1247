/* The report as one HTML file: no script, nothing loaded, light or dark as the reader's system is. The plot is SVG inside the page; its bars get their
 * colors by class, because a policy in the head forbids everything but the one style sheet (logs.css, which the build makes part of the
 * program). Below the plot stand its numbers as a table, for whoever does not see it. */
#include <inttypes.h>

#include "base/time.h"
#include "ops/embedded.h"
#include "ops/logs_priv.h"

enum { SPANS = 60, WIDTH = 900, HEIGHT = 160, FOOT = 24 };

static void put(struct logs_page *p, struct str s) { sb_xml_text(p->out, s); }

static void begin(struct logs_page *p, struct str title)
{
    SB_LIT(
        p->out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    put(p, title);
    SB_LIT(p->out, "</title>\n<style>\n");
    sb_str(p->out, (struct str){(const char *)logs__assets[0].bytes, logs__assets[0].n});
    sb_printf(p->out, "</style>\n</head>\n<body>\n<main>\n<p class=\"badge %s\">%s</p>\n<h1>",
              logs__verdict_name(p->logs->verdict), logs__verdict_name(p->logs->verdict));
    put(p, title);
    SB_LIT(p->out, "</h1>\n");
}

static void end(struct logs_page *p)
{
    SB_LIT(p->out,
           "</main>\n<footer><p>Made by prism " PRISM_VERSION " from the logs alone.</p></footer>\n</body>\n</html>\n");
}

static void heading(struct logs_page *p, const char *text)
{
    SB_LIT(p->out, "<h2>");
    put(p, str_from_c(text));
    SB_LIT(p->out, "</h2>\n");
}

static void paragraph(struct logs_page *p, struct str text)
{
    SB_LIT(p->out, "<p>");
    put(p, text);
    SB_LIT(p->out, "</p>\n");
}

/* A wide table scrolls by itself, by keys too. */
static void table(struct logs_page *p, const char *const *columns, size_t n)
{
    SB_LIT(p->out, "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Table: ");
    sb_xml_attr(p->out, str_from_c(columns[0] + (columns[0][0] == '>')));
    SB_LIT(p->out, "\">\n<table>\n<thead><tr>");
    for (size_t i = 0; i < n; i++) {
        bool numbers = columns[i][0] == '>';
        sb_c(p->out, numbers ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
        put(p, str_from_c(columns[i] + numbers));
        SB_LIT(p->out, "</th>");
    }
    SB_LIT(p->out, "</tr></thead>\n<tbody>\n");
}

static void row(struct logs_page *p, const char *const *columns, const struct str *cells, size_t n)
{
    SB_LIT(p->out, "<tr>");
    for (size_t i = 0; i < n; i++) {
        sb_c(p->out, columns[i][0] == '>' ? "<td class=\"n\">" : "<td>");
        put(p, cells[i]);
        SB_LIT(p->out, "</td>");
    }
    SB_LIT(p->out, "</tr>\n");
}

static void table_end(struct logs_page *p) { SB_LIT(p->out, "</tbody>\n</table>\n</div>\n"); }

static void list_begin(struct logs_page *p) { SB_LIT(p->out, "<ul>\n"); }

static void list_end(struct logs_page *p) { SB_LIT(p->out, "</ul>\n"); }

static void item(struct logs_page *p, const char *mark, struct str text)
{
    sb_printf(p->out, "<li><b class=\"mark %s\">%s</b> ", mark, mark);
    put(p, text);
    SB_LIT(p->out, "</li>\n");
}

static void put_minute(struct sb *out, int64_t minute)
{
    struct time_civil c = time_to_civil(minute * 60000);
    sb_printf(out, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

static uint64_t scaled(uint64_t n, uint64_t most)
{
    return most ? (uint64_t)((double)n * HEIGHT / (double)most + 0.5) : 0;
}

/* A bar of three parts from the ground up: 5xx, 4xx, the rest. */
static void bar(struct sb *out, const struct logs_span *s, uint64_t x, uint64_t width, uint64_t most)
{
    static const char *const classes[] = {"e5", "e4", "ok"};
    const uint64_t counts[] = {s->n5, s->n4, s->n - s->n4 - s->n5};
    uint64_t ground = HEIGHT;
    SB_LIT(out, "<g><title>");
    put_minute(out, s->from_minute);
    sb_printf(out, ": %" PRIu64 " requests, %" PRIu64 " 4xx, %" PRIu64 " 5xx</title>", s->n, s->n4, s->n5);
    for (size_t i = 0; i < 3; i++) {
        uint64_t height = scaled(counts[i], most);
        if (counts[i] && height < 2 && i < 2) height = 2; /* a single error is seen */
        if (height > ground) height = ground;
        if (height == 0) continue;
        ground -= height;
        sb_printf(out,
                  "<rect class=\"%s\" x=\"%" PRIu64 "\" y=\"%" PRIu64 "\" width=\"%" PRIu64 "\" height=\"%" PRIu64
                  "\"/>",
                  classes[i], x, ground, width, height);
    }
    SB_LIT(out, "</g>\n");
}

static void plot_table(struct logs_page *p, const struct logs_span *spans, size_t n)
{
    SB_LIT(
        p->out,
        "<details><summary>The numbers of the plot</summary>\n<table><thead><tr><th scope=\"col\">From (UTC)</th>"
        "<th scope=\"col\" class=\"n\">Requests</th><th scope=\"col\" class=\"n\">4xx</th><th scope=\"col\" class=\"n\">5xx</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < n; i++) {
        SB_LIT(p->out, "<tr><td>");
        put_minute(p->out, spans[i].from_minute);
        sb_printf(p->out,
                  "</td><td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64
                  "</td></tr>\n",
                  spans[i].n, spans[i].n4, spans[i].n5);
    }
    SB_LIT(p->out, "</tbody></table></details>\n");
}

static void plot(struct logs_page *p)
{
    struct logs_span spans[SPANS];
    int64_t each = 1;
    size_t n = logs__spans(p->logs->counted, spans, SPANS, &each);
    uint64_t most = 0;
    if (n == 0) return;
    for (size_t i = 0; i < n; i++)
        most = spans[i].n > most ? spans[i].n : most;
    int64_t first = spans[0].from_minute, slots = (spans[n - 1].from_minute - first) / each + 1;
    uint64_t step = slots < SPANS ? (uint64_t)(WIDTH / slots) : WIDTH / SPANS;
    if (step > 60) step = 60;
    sb_printf(
        p->out,
        "<figure>\n<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-labelledby=\"plot-title\">\n<title id=\"plot-title\">Requests and errors by %" PRId64
        " minutes; the highest bar is %" PRIu64
        " requests</title>\n<line class=\"axis\" x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n",
        WIDTH, HEIGHT + FOOT, each, most, HEIGHT, WIDTH, HEIGHT);
    for (size_t i = 0; i < n; i++) {
        uint64_t slot = (uint64_t)((spans[i].from_minute - first) / each);
        if (slot < SPANS) bar(p->out, &spans[i], slot * step, step > 3 ? step - 2 : step, most);
    }
    sb_printf(p->out, "<text x=\"0\" y=\"%d\">", HEIGHT + FOOT - 6);
    put_minute(p->out, first);
    sb_printf(p->out, "</text><text class=\"right\" x=\"%d\" y=\"%d\">", WIDTH, HEIGHT + FOOT - 6);
    put_minute(p->out, spans[n - 1].from_minute);
    sb_printf(
        p->out,
        "</text>\n</svg>\n<figcaption>Requests by %" PRId64 " min without health checks, at most %" PRIu64
        "; <span class=\"key e5\">5xx</span> <span class=\"key e4\">4xx</span> <span class=\"key ok\">the rest</span></figcaption>\n</figure>\n",
        each, most);
    plot_table(p, spans, n);
}

const struct logs_page_ops logs__html = {begin,     end,  heading,    paragraph, table, row,
                                         table_end, item, list_begin, list_end,  plot};
