#include "review_test.h"

#include <stdio.h>

#include "base/json.h"
#include "base/utf8.h"
#include "review/export.h"

#define HOSTILE "<img src=x onerror=alert(1)> & \"quotes\" ]]>"

/* A review made by hand: what a report shows is then known to the letter. */
struct fixture {
    struct arena *a;
    struct doc *doc;
    struct framework *framework;
    struct finding findings[8];
    struct review_result result;
    struct export_review review;
};

static struct doc_anchor anchor_of(const struct doc *doc, const char *words)
{
    for (uint32_t b = 0; b < doc->blocks.n; b++) {
        size_t at = str_find(doc->blocks.at[b].text, str_from_c(words), 0);
        if (at != STR_NONE) return doc_anchor_make(doc, b, at, at + strlen(words));
    }
    fail_msg("\"%s\" is not in the document", words);
    return (struct doc_anchor){0};
}

static struct finding *add(struct fixture *f, const char *words, enum finding_risk risk, const char *title)
{
    struct finding *at = &f->findings[f->result.findings.n++];
    *at = (struct finding){
        .id = str_printf(f->a, "id%zu", f->result.findings.n),
        .source = FINDING_BY_RULE,
        .reviewer = STR("cause.human_error"),
        .located = true,
        .anchor = anchor_of(f->doc, words),
        .quote = str_from_c(words),
        .risk = risk,
        .category = STR("Root cause"),
        .confidence = 0.8,
        .title = str_from_c(title),
        .description = STR("What is wrong."),
        .place = STR("section 1 Impact"),
    };
    at->section = f->doc->blocks.at[at->anchor.start.block].section;
    return at;
}

static void open_lines(struct fixture *f, const char *lines)
{
    *f = (struct fixture){0};
    f->a = test_arena();
    f->doc = test_doc_read(f->a, lines);
    assert_ok(framework_load(f->a, "hawkeye", &f->framework, e));
    struct framework_touch *touches = NEW(f->a, struct framework_touch, f->framework->n_points);
    assert_non_null(touches);
    f->result.findings.at = f->findings;
    f->result.coverage =
        (struct review_coverage){.blocks = 4, .blocks_reviewed = 3, .words = 12, .rules_run = 50, .touches = touches};
    f->review = (struct export_review){
        .file_name = STR("report.docx"),
        .sha256 = STR("0123456789012345678901234567890123456789012345678901234567890123"),
        .doc = f->doc,
        .framework = f->framework,
        .framework_why = STR("chosen by hand"),
        .result = &f->result,
        .at_unix_ms = 1774000000000,
    };
}

static void fixture_close(struct fixture *f)
{
    doc_free(f->doc);
    arena_free(f->a);
}

static struct str html(struct fixture *f)
{
    CLEANUP_SB struct sb b = SB_INIT((size_t)64 << 20);
    struct str out = STR_EMPTY;
    assert_ok(export_html(&f->review, &b, e));
    assert_ok(sb_take(&b, f->a, &out, e));
    return out;
}

static struct str csv(struct fixture *f)
{
    CLEANUP_SB struct sb b = SB_INIT((size_t)64 << 20);
    struct str out = STR_EMPTY;
    export_csv(&f->review, &b);
    assert_ok(sb_take(&b, f->a, &out, e));
    return out;
}

static struct str text(struct fixture *f, bool color)
{
    CLEANUP_SB struct sb b = SB_INIT((size_t)64 << 20);
    struct str out = STR_EMPTY;
    export_text(&f->review, color, &b);
    assert_ok(sb_take(&b, f->a, &out, e));
    return out;
}

static const struct json *json(struct fixture *f, bool sarif)
{
    CLEANUP_SB struct sb b = SB_INIT((size_t)64 << 20);
    const struct json *v = NULL;
    const struct export_review *both[] = {&f->review, &f->review};
    struct json_out o = json_out_make(&b, true);
    if (sarif)
        export_sarif(both, 2, &b);
    else
        export_json(&f->review, &o);
    struct str out = STR_EMPTY;
    assert_ok(sb_take(&b, f->a, &out, e));
    assert_ok(json_parse(f->a, out, &v, e));
    return v;
}

static size_t occurrences(struct str s, const char *part)
{
    size_t n = 0;
    for (size_t at = 0; (at = str_find(s, str_from_c(part), at)) != STR_NONE; at++)
        n++;
    return n;
}

/* --- HTML --- */

static void html_shows_text_and_never_runs_it(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "# Impact " HOSTILE "\nBody " HOSTILE " here.\n| " HOSTILE " |\n");
    struct finding *at = add(&f, HOSTILE, FINDING_HIGH, HOSTILE);
    struct str questions[] = {STR(HOSTILE)};
    at->description = at->suggestion = at->category = at->place = at->reviewer = at->rewrite = STR(HOSTILE);
    at->has_rewrite = true;
    at->questions = questions;
    at->n_questions = 1;
    f.review.file_name = STR(HOSTILE);
    struct review_left_out out = {STR(HOSTILE), STR(HOSTILE)};
    f.result.coverage.left_out = &out;
    f.result.coverage.n_left_out = 1;
    struct str page = html(&f);
    assert_has_not(page, "<img");
    assert_has_not(page, "<script");
    assert_has_not(page, " style=");
    assert_has(page, "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&quot;");
    assert_has(page, "default-src 'none'");
    fixture_close(&f);
}

static void marks_and_cards_lead_to_each_other(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "# Impact\nThe seller was suspended twice in March.\n");
    add(&f, "seller was suspended", FINDING_LOW, "Outer");
    add(&f, "was suspended twice", FINDING_HIGH, "Overlapping");
    add(&f, "suspended", FINDING_MEDIUM, "Nested");
    struct str page = html(&f);
    for (int i = 1; i <= 3; i++) {
        static const char *const parts[] = {"id=\"m", "id=\"f", "href=\"#m", "href=\"#f"};
        for (size_t k = 0; k < 4; k++) {
            char part[32];
            (void)snprintf(part, sizeof part, "%s%d\"", parts[k], i);
            size_t n = occurrences(page, part);
            assert_true(k < 2 ? n == 1 : n >= 1);
        }
    }
    assert_int_equal(occurrences(page, "<mark"), occurrences(page, "</mark>"));
    assert_int_equal(occurrences(page, "<mark"), 1 + 2 + 3 + 1); /* "seller ", "was ", "suspended", " twice" */
    fixture_close(&f);
}

static void tables_keep_their_spans(void **state)
{
    (void)state;
    struct fixture f;
    CLEANUP_ARENA struct arena *a = test_arena();
    struct str bytes = test_docx(
        a,
        "<w:tbl><w:tblGrid><w:gridCol/><w:gridCol/></w:tblGrid>"
        "<w:tr><w:trPr><w:tblHeader/></w:trPr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr><w:p><w:r><w:t>Wide</w:t></w:r></w:p></w:tc></w:tr>"
        "<w:tr><w:tc><w:tcPr><w:vMerge w:val=\"restart\"/></w:tcPr><w:p><w:r><w:t>Tall</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>One</w:t></w:r></w:p></w:tc></w:tr>"
        "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc><w:tc><w:p><w:r><w:t>Two</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/>",
        NULL);
    open_lines(&f, "x\n");
    doc_free(f.doc);
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    assert_ok(doc_read(bytes, &o, &f.doc, e));
    f.review.doc = f.doc;
    add(&f, "One", FINDING_LOW, "In a cell");
    struct str page = html(&f);
    assert_has(page, "<th scope=\"col\" colspan=\"2\">");
    assert_has(page, "<td rowspan=\"2\">");
    struct str table = str_sub(page, str_find(page, STR("<table class=\"doc-table\""), 0), page.n);
    assert_int_equal(occurrences(str_sub(table, 0, str_find(table, STR("</table>"), 0)), "<td"), 3);
    assert_has_not(str_sub(table, 0, str_find(table, STR("</table>"), 0)),
                   "<article"); /* cards stand beside tables, not in them */
    assert_int_equal(occurrences(page, "<article"), 1);
    fixture_close(&f);
}

static void a_finding_without_a_place_is_shown_apart(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "# Impact\nText.\n");
    struct finding *at = add(&f, "Impact", FINDING_LOW, "Lost");
    at->located = false;
    at->quote = STR("words that nobody wrote");
    struct str page = html(&f);
    assert_has(page, "whose words are not in the document");
    assert_has(page, "words that nobody wrote");
    assert_has_not(page, "<mark");
    assert_has_not(page, "href=\"#m1\"");
    fixture_close(&f);
}

/* --- JSON and SARIF --- */

static const struct json *path(const struct json *v, const char *a, size_t i)
{
    const struct json *array = json_get(v, a);
    assert_non_null(array);
    assert_true(json_count(array) > i);
    return json_at(array, i);
}

static void json_counts_in_utf16(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "# Impact\n\U0001F600 caf\u00E9 was closed.\n");
    struct finding *at = add(&f, "was closed", FINDING_HIGH, "T");
    uint32_t points[] = {10};
    at->points = points;
    at->n_points = 1;
    const struct json *v = json(&f, false), *finding = path(v, "findings", 0);
    const struct json *start = json_get(json_get(finding, "anchor"), "start"),
                      *end = json_get(json_get(finding, "anchor"), "end");
    assert_int_equal((int)json_double(json_get(start, "offset"), -1), 8);
    assert_int_equal((int)json_double(json_get(end, "offset"), -1), 18);
    assert_int_equal((int)json_double(json_get(json_get(v, "counts"), "high"), -1), 1);
    assert_int_equal((int)json_double(path(finding, "points", 0), -1), 11);
    assert_int_equal(json_type(json_get(finding, "rewrite")), JSON_NULL);
    assert_str(json_str(json_get(v, "reviewed_at")), "2026-03-20T09:46:40Z");
    fixture_close(&f);
}

/* What the standard requires of a log, a run, a result (3.13, 3.14, 3.27); the whole schema is judged in tests/peers. */
static void sarif_has_what_the_standard_asks_for(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "# Impact\nThe cause was human error.\n");
    add(&f, "human error", FINDING_HIGH, "T");
    f.review.file_name = STR("Bericht März 1.docx");
    const struct json *v = json(&f, true), *run = path(v, "runs", 0), *result = path(run, "results", 0);
    assert_str(json_str(json_get(v, "version")), "2.1.0");
    assert_int_equal(json_count(json_get(v, "runs")), 1);
    assert_int_equal(json_count(json_get(run, "artifacts")), 1); /* the same file twice is one artifact */
    assert_int_equal(json_count(json_get(run, "results")), 2);
    assert_str(json_str(json_get(run, "columnKind")), "utf16CodeUnits");
    const struct json *driver = json_get(json_get(run, "tool"), "driver");
    assert_str(json_str(json_get(driver, "name")), "prism");
    assert_int_equal(json_count(json_get(driver, "rules")), rules_count());
    assert_str(json_str(json_get(result, "level")), "error");
    const struct json *rule = json_at(json_get(driver, "rules"), (size_t)json_double(json_get(result, "ruleIndex"), 0));
    assert_str(json_str(json_get(rule, "id")), "cause.human_error");
    const struct json *place = json_get(path(result, "locations", 0), "physicalLocation");
    assert_str(json_str(json_get(json_get(place, "artifactLocation"), "uri")), "Bericht%20M%C3%A4rz%201.docx");
    assert_int_equal((int)json_double(json_get(json_get(place, "region"), "startLine"), 0), 2);
    assert_int_equal((int)json_double(json_get(json_get(place, "region"), "startColumn"), 0), 15);
    fixture_close(&f);
}

/* --- text and CSV --- */

static void text_cannot_drive_a_terminal(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "# Impact\nText here.\n");
    struct finding *at = add(&f, "Text here", FINDING_HIGH, "Title\x1B[2J");
    at->description = STR("Line\nfeed \x1B]0;owned\x07 and \u202E reversed\xC2\x9B");
    f.review.file_name = STR("a\x1B[31m.docx");
    struct str plain = text(&f, false);
    assert_int_equal(occurrences(plain, "\x1B"), 0);
    assert_has_not(plain, "\u202E");
    assert_has_not(plain, "\x07");
    assert_has(plain, "1 finding (1 high)");
    assert_has(plain, "\"Text here\"");
    assert_true(occurrences(text(&f, true), "\x1B[") > 0);
    fixture_close(&f);
}

/* Not again: every CSV of the replaced system could run formulas on the reader's machine. */
static void not_again_24_csv_cells_are_no_formulas(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "# Impact\nText here.\n");
    struct finding *at = add(&f, "Text here", FINDING_LOW, "=HYPERLINK(\"http://x\",\"y\")");
    at->description = STR("+1+cmd|' /C calc'!A0");
    at->suggestion = STR("-2+3");
    at->quote = STR("@SUM(A1)");
    at->category = STR("\t=1");
    at->place = STR("  =2");
    at->has_rewrite = true;
    at->rewrite = STR("\uFF1D1+1");
    f.review.file_name = STR("=report.docx");
    struct str out = csv(&f);
    static const char *const defused[] = {"\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"",
                                          "\"'+1+cmd|' /C calc'!A0\"",
                                          "\"'-2+3\"",
                                          "\"'@SUM(A1)\"",
                                          "\"'\t=1\"",
                                          "\"'  =2\"",
                                          "\"'\uFF1D1+1\"",
                                          "\"'=report.docx\""};
    for (size_t i = 0; i < sizeof defused / sizeof *defused; i++)
        assert_has(out, defused[i]);
    static const char *const live[] = {"\"=", "\"+", "\"-", "\"@", ",="};
    for (size_t i = 0; i < sizeof live / sizeof *live; i++)
        assert_has_not(out, live[i]);
    fixture_close(&f);
}

static void csv_is_rfc_4180(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "# Impact\nText here.\n");
    add(&f, "Text here", FINDING_LOW, "Say \"this\", please\nnow");
    struct str out = csv(&f);
    assert_true(str_starts(out, STR("\xEF\xBB\xBF"
                                    "file,id,place,")));
    assert_has(out, "\"Say \"\"this\"\", please\nnow\"");
    assert_true(str_ends(out, STR("\"open\",\"\",\"\",\"\"\r\n")));
    assert_int_equal(occurrences(out, "\r\n"), 2);
    fixture_close(&f);
}

/* --- decisions --- */

static struct finding *add_decided(struct fixture *f)
{
    struct finding *at = add(f, "Text here", FINDING_LOW, "Vague");
    at->decision = FINDING_ACCEPTED;
    at->note = STR("=agreed");
    at->decided_by = STR("Ann <Lee>");
    at->decided_at_unix_ms = 1774000000123;
    at->edited = true;
    return at;
}

static void a_decision_is_told_with_its_note_and_who_made_it(void **state)
{
    (void)state;
    struct fixture f;
    open_lines(&f, "# Impact\nText here.\n");
    add_decided(&f);
    add(&f, "Impact", FINDING_LOW, "Open one");
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&b, false);
    export_json(&f.review, &o);
    assert_has(sb_view(&b),
               "\"decision\":\"accepted\",\"note\":\"=agreed\",\"decided_by\":\"Ann <Lee>\",\"decided_at\":"
               "\"2026-03-20T09:46:40.123Z\",\"edited\":true");
    assert_has(sb_view(&b),
               "\"decision\":\"open\",\"note\":\"\",\"decided_by\":null,\"decided_at\":null,\"edited\":false");
    assert_has(csv(&f), "\"accepted\",\"'=agreed\",\"Ann <Lee>\",\"2026-03-20T09:46:40Z\"\r\n");
    assert_has(html(&f), "<b>Note</b> =agreed</p>");
    assert_has(html(&f), "accepted by Ann &lt;Lee&gt;");
    fixture_close(&f);
}

/* --- names of files --- */

static struct str named(struct arena *a, const char *name)
{
    struct str made = STR_EMPTY;
    assert_ok(export_file_name(str_from_c(name), "-reviewed.docx", a, &made, e));
    assert_true(made.n <= 255);
    assert_true(utf8_valid(made));
    assert_true(str_ends(made, STR("-reviewed.docx")));
    return made;
}

static void names_of_files_keep_their_script(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    assert_str(named(a, "report.docx"), "report-reviewed.docx");
    assert_str(named(a, "日本.docx"), "日本-reviewed.docx");
    assert_str(named(a, "Отчёт за март.docx"), "Отчёт за март-reviewed.docx");
    assert_str(named(a, "v1.2 final"), "v1.2 final-reviewed.docx");
    struct str made = STR_EMPTY;
    assert_ok(export_file_name(STR("form.docm"), "-reviewed.docm", a, &made, e));
    assert_str(made, "form-reviewed.docm");
    assert_ok(export_file_name(STR("form.docm"), ".html", a, &made, e));
    assert_str(made, "form.docm.html");
}

static void names_of_files_are_no_paths_and_stay_different(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    static const char *const names[] = {"../../etc/passwd", "..",        ".",         "",      "a/b.docx",
                                        "ab.docx",          "a\\b.docx", "a\nb.docx", ".docx", "a\u202Eb.docx"};
    struct str made[10];
    for (size_t i = 0; i < 10; i++) {
        made[i] = named(a, names[i]);
        assert_int_equal(str_find_char(made[i], '/', 0), STR_NONE);
        assert_int_equal(str_find_char(made[i], '\\', 0), STR_NONE);
        assert_int_equal(str_find_char(made[i], '\n', 0), STR_NONE);
        for (size_t k = 0; k < i; k++)
            assert_false(str_eq(made[i], made[k]));
    }
    char one[1000], other[1000];
    memset(one, 'x', sizeof one);
    one[sizeof one - 1] = 0;
    memcpy(other, one, sizeof one);
    other[sizeof other - 2] = 'y';
    assert_false(str_eq(named(a, one), named(a, other)));
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    for (int i = 0; i < 100; i++)
        sb_c(&b, "日本語");
    sb_char(&b, 0);
    assert_true(named(a, b.p).n > 230);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_shows_text_and_never_runs_it),
        cmocka_unit_test(marks_and_cards_lead_to_each_other),
        cmocka_unit_test(tables_keep_their_spans),
        cmocka_unit_test(a_finding_without_a_place_is_shown_apart),
        cmocka_unit_test(json_counts_in_utf16),
        cmocka_unit_test(sarif_has_what_the_standard_asks_for),
        cmocka_unit_test(text_cannot_drive_a_terminal),
        cmocka_unit_test(not_again_24_csv_cells_are_no_formulas),
        cmocka_unit_test(csv_is_rfc_4180),
        cmocka_unit_test(a_decision_is_told_with_its_note_and_who_made_it),
        cmocka_unit_test(names_of_files_keep_their_script),
        cmocka_unit_test(names_of_files_are_no_paths_and_stay_different),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
