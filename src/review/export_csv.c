/* A review as CSV, for spreadsheets: one line a finding.
 * A cell that a spreadsheet would run as a formula gets an apostrophe in front, whatever white space it begins with; the file begins with a byte order mark, without which Excel
 * does not read UTF-8. Programs should read the JSON. Source: RFC 4180; OWASP, CSV Injection. */
#include "base/time.h"
#include "base/utf8.h"
#include "review/export_priv.h"

/* Would a spreadsheet take it for a formula? The full-width forms count, some programs convert them. */
static bool is_formula(struct str s)
{
    for (size_t i = 0; i < s.n;) {
        uint32_t r = utf8_next(s, &i);
        if (r == '\t' || r == '\r' || r == '\n') return true;
        if (utf8_is_space(r) || r < 0x20) continue;
        return r == '=' || r == '+' || r == '-' || r == '@' || r == 0xFF1D || r == 0xFF0B || r == 0xFF0D || r == 0xFF20;
    }
    return false;
}

static void cell(struct sb *out, struct str s, bool last)
{
    sb_char(out, '"');
    if (is_formula(s)) sb_char(out, '\'');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\0') continue;
        if (s.p[i] == '"') sb_char(out, '"');
        sb_char(out, s.p[i]);
    }
    sb_c(out, last ? "\"\r\n" : "\",");
}

static void finding(const struct export_review *r, const struct finding *f, struct sb *out)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    cell(out, r->file_name, false);
    cell(out, f->id, false);
    cell(out, f->place, false);
    cell(out, f->quote, false);
    cell(out, str_from_c(finding_risk_name(f->risk)), false);
    cell(out, str_from_c(finding_kind_name(f->kind)), false);
    cell(out, f->category, false);
    sb_printf(&b, "%.2f", f->confidence);
    cell(out, sb_view(&b), false);
    cell(out, f->title, false);
    cell(out, f->description, false);
    cell(out, f->suggestion, false);
    cell(out, f->has_rewrite ? f->rewrite : STR_EMPTY, false);
    sb_reset(&b);
    for (size_t i = 0; i < f->n_questions; i++) {
        if (i) sb_char(&b, '\n');
        sb_str(&b, f->questions[i]);
    }
    cell(out, sb_view(&b), false);
    sb_reset(&b);
    export__points(&b, r->framework, f);
    cell(out, sb_view(&b), false);
    cell(out, f->reviewer, false);
    cell(out, str_from_c(finding_source_name(f->source)), false);
    cell(out, f->located ? STR("yes") : STR("no"), false);
    cell(out, str_from_c(finding_decision_name(f->decision)), false);
    cell(out, f->note, false);
    bool decided = f->decision != FINDING_OPEN;
    cell(out, decided ? f->decided_by : STR_EMPTY, false);
    sb_reset(&b);
    if (decided) sb_time(&b, f->decided_at_unix_ms, false);
    cell(out, sb_view(&b), true);
    if (b.failed) out->failed = true;
}

void export_csv(const struct export_review *r, struct sb *out)
{
    SB_LIT(out, "\xEF\xBB\xBF"
                "file,id,place,quote,risk,kind,category,confidence,title,description,suggestion,rewrite,questions,"
                "framework_points,reviewer,source,located,decision,note,decided_by,decided_at\r\n");
    for (size_t i = 0; i < r->result->findings.n; i++)
        finding(r, &r->result->findings.at[i], out);
}
