/* The report as Markdown (CommonMark with GitHub's tables): readable as it is, and in any viewer. The plot is of characters. */
#include <inttypes.h>

#include "base/time.h"
#include "ops/logs_priv.h"

enum { SPANS = 30, BAR = 40 };

/* A text that is no markup: what means something to Markdown gets a backslash. */
static void put(struct logs_page *p, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] && strchr("\\`*_[]<>|#~&!", s.p[i])) sb_char(p->out, '\\');
        sb_char(p->out, s.p[i] == '\n' ? ' ' : s.p[i]);
    }
}

static void begin(struct logs_page *p, struct str title)
{
    SB_LIT(p->out, "# ");
    put(p, title);
    SB_LIT(p->out, "\n");
}

static void end(struct logs_page *p) { SB_LIT(p->out, "\nMade by prism " PRISM_VERSION " from the logs alone.\n"); }

static void heading(struct logs_page *p, const char *text) { sb_printf(p->out, "\n## %s\n", text); }

static void paragraph(struct logs_page *p, struct str text)
{
    SB_LIT(p->out, "\n");
    put(p, text);
    SB_LIT(p->out, "\n");
}

static void table(struct logs_page *p, const char *const *columns, size_t n)
{
    SB_LIT(p->out, "\n|");
    for (size_t i = 0; i < n; i++)
        sb_printf(p->out, " %s |", columns[i] + (columns[i][0] == '>'));
    SB_LIT(p->out, "\n|");
    for (size_t i = 0; i < n; i++)
        sb_c(p->out, columns[i][0] == '>' ? " ---: |" : " --- |");
    SB_LIT(p->out, "\n");
}

static void row(struct logs_page *p, const char *const *columns, const struct str *cells, size_t n)
{
    (void)columns;
    SB_LIT(p->out, "|");
    for (size_t i = 0; i < n; i++) {
        SB_LIT(p->out, " ");
        put(p, cells[i]);
        SB_LIT(p->out, " |");
    }
    SB_LIT(p->out, "\n");
}

static void nothing(struct logs_page *p) { (void)p; }

static void list_begin(struct logs_page *p) { SB_LIT(p->out, "\n"); }

static void item(struct logs_page *p, const char *mark, struct str text)
{
    sb_printf(p->out, "- **%s** ", mark);
    put(p, text);
    SB_LIT(p->out, "\n");
}

static void bar(struct sb *out, const struct logs_span *s, uint64_t most)
{
    uint64_t all = most ? (s->n * BAR + most - 1) / most : 0;
    uint64_t fives = s->n ? (s->n5 * all + s->n - 1) / s->n : 0, fours = s->n ? (s->n4 * all + s->n - 1) / s->n : 0;
    for (uint64_t i = 0; i < all; i++)
        sb_char(out, i < fives ? '#' : i < fives + fours ? '+' : '.');
}

static void plot(struct logs_page *p)
{
    struct logs_span spans[SPANS];
    int64_t each = 1;
    size_t n = logs__spans(p->logs->counted, spans, SPANS, &each);
    uint64_t most = 0;
    for (size_t i = 0; i < n; i++)
        most = spans[i].n > most ? spans[i].n : most;
    sb_printf(p->out, "\nRequests by %" PRId64 " min (UTC): `#` 5xx, `+` 4xx, `.` the rest.\n\n```\n", each);
    for (size_t i = 0; i < n; i++) {
        struct time_civil c = time_to_civil(spans[i].from_minute * 60000);
        sb_printf(p->out, "%04d-%02d-%02d %02d:%02d %8" PRIu64 " req %6" PRIu64 " 4xx %6" PRIu64 " 5xx  ", c.year,
                  c.month, c.day, c.hour, c.minute, spans[i].n, spans[i].n4, spans[i].n5);
        bar(p->out, &spans[i], most);
        SB_LIT(p->out, "\n");
    }
    SB_LIT(p->out, "```\n");
}

const struct logs_page_ops logs__markdown = {begin,   end,  heading,    paragraph, table, row,
                                             nothing, item, list_begin, nothing,   plot};
