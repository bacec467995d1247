/* The words and counts that the exports share, so that every report names the same thing alike. */
#include "base/utf8.h"
#include "review/export_priv.h"

const char *export__risk_words(enum finding_risk risk)
{
    static const char *const words[] = {"Low risk", "Medium risk", "High risk"};
    return words[risk];
}

void export__count(struct sb *b, size_t n, const char *one, const char *many)
{
    sb_u64(b, n);
    sb_char(b, ' ');
    sb_c(b, n == 1 ? one : many);
}

void export__one_line(struct sb *b, struct str s, size_t max)
{
    size_t n = 0;
    bool space = false;
    for (size_t i = 0; i < s.n;) {
        uint32_t r = utf8_next(s, &i);
        bool control =
            r < 0x20 || (r >= 0x7F && r < 0xA0) || (r >= 0x202A && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069);
        if (control || utf8_is_space(r)) {
            space = n > 0;
            continue;
        }
        if (n + space >= max) {
            SB_LIT(b, "…");
            return;
        }
        if (space) sb_char(b, ' ');
        n += (size_t)space + 1;
        space = false;
        sb_rune(b, r);
    }
}

void export__section_name(struct sb *b, const struct doc *doc, uint32_t section)
{
    if (section >= doc->sections.n ||
        (doc->sections.at[section].title.n == 0 && doc->sections.at[section].label.n == 0)) {
        SB_LIT(b, "before the first heading");
        return;
    }
    const struct doc_section *s = &doc->sections.at[section];
    if (s->label.n) {
        export__one_line(b, s->label, 20);
        sb_char(b, ' ');
    }
    export__one_line(b, s->title, 120);
}

void export__points(struct sb *b, const struct framework *f, const struct finding *finding)
{
    for (size_t i = 0; i < finding->n_points; i++) {
        const struct framework_point *p = &f->points[finding->points[i]];
        sb_printf(b, "%s%lld %.*s", i ? ", " : "", (long long)p->number, STR_ARG(p->name));
    }
}

static bool has_point(const struct finding *f, uint32_t point)
{
    for (size_t i = 0; i < f->n_points; i++)
        if (f->points[i] == point) return true;
    return false;
}

struct export__counts export__count_findings(const struct finding_list *list, uint32_t section, uint32_t point)
{
    struct export__counts c = {0};
    for (size_t i = 0; i < list->n; i++) {
        const struct finding *f = &list->at[i];
        if ((section != DOC_NONE && f->section != section) || (point != DOC_NONE && !has_point(f, point))) continue;
        c.by_risk[f->risk]++;
        c.all++;
    }
    return c;
}

void export__risks(struct sb *b, const struct export__counts *c)
{
    bool said = false;
    for (int risk = FINDING_HIGH; risk >= FINDING_LOW; risk--) {
        if (c->by_risk[risk] == 0) continue;
        sb_printf(b, "%s%zu %s", said ? ", " : "", c->by_risk[risk], finding_risk_name((enum finding_risk)risk));
        said = true;
    }
    if (!said) SB_LIT(b, "none");
}

void export__model(struct sb *b, const struct export_review *r)
{
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    const struct json *v = NULL;
    if (r->model.n == 0 || r->model_coverage.n == 0) return;
    if (!scratch || json_parse(scratch, r->model_coverage, &v, NULL) != ERR_OK) {
        b->failed = true;
        return;
    }
    struct str version = json_str(json_get(v, "prompt_version"));
    sb_printf(b, "The model %.*s reviewed %.0f of %.0f paragraphs (instructions %.*s).", STR_ARG(r->model),
              json_double(json_get(v, "blocks_reviewed"), 0), json_double(json_get(v, "blocks"), 0), STR_ARG(version));
}
