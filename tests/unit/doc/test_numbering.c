/* List labels as Word shows them. */
#include "read_test.h"

#define LVL(i, start, fmt, text, more)                                                                                 \
    "<w:lvl w:ilvl=\"" i "\"><w:start w:val=\"" start "\"/><w:numFmt w:val=\"" fmt "\"/>" more                         \
    "<w:lvlText w:val=\"" text "\"/></w:lvl>"
#define ABSTRACT(id, levels)    "<w:abstractNum w:abstractNumId=\"" id "\">" levels "</w:abstractNum>"
#define NUM(id, abstract, more) "<w:num w:numId=\"" id "\"><w:abstractNumId w:val=\"" abstract "\"/>" more "</w:num>"

/* steps: "num level" pairs, one a paragraph; labels: what each shows, by '|'. */
static void assert_labels(struct read_test *t, const char *numbering, const char *steps, const char *labels)
{
    CLEANUP_SB struct sb body = SB_INIT(65536);
    struct str rest = str_from_c(steps);
    while (rest.p) {
        struct str step = str_cut(rest, ' ', &rest);
        sb_printf(
            &body,
            "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"%c\"/><w:numId w:val=\"%c\"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>",
            step.p[1], step.p[0]);
    }
    sb_char(&body, 0);
    const struct test_docx_parts parts = {.numbering = numbering};
    const struct doc *doc = read_with(t, body.p, &parts);
    CLEANUP_SB struct sb got = SB_INIT(65536);
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        if (i) sb_char(&got, '|');
        sb_str(&got, doc->blocks.at[i].label);
    }
    assert_str(sb_view(&got), labels);
}

static void test_multi_level_lists(void **state)
{
    struct read_test *t = *state;
    assert_labels(t,
                  ABSTRACT("0", LVL("0", "1", "decimal", "%1.", "") LVL("1", "1", "lowerLetter", "%2)", "")
                                    LVL("2", "1", "decimal", "%1.%2.%3", "<w:isLgl/>")) NUM("1", "0", ""),
                  "10 11 11 12 12 10 11 12", "1.|a)|b)|1.2.1|1.2.2|2.|a)|2.1.1");
}

static void test_labels_such_as_rc1(void **state)
{
    struct read_test *t = *state;
    assert_labels(t,
                  ABSTRACT("0", LVL("0", "1", "decimal", "RC%1", "") LVL("1", "1", "lowerLetter", "PA%1%2", ""))
                      NUM("1", "0", ""),
                  "10 11 11 10 11", "RC1|PA1a|PA1b|RC2|PA2a");
}

static void test_counters_belong_to_the_list(void **state)
{
    struct read_test *t = *state;
    const char *numbering = ABSTRACT("0", LVL("0", "1", "decimal", "%1", ""))
        ABSTRACT("1", LVL("0", "5", "upperRoman", "%1", "")) NUM("1", "0", "") NUM("2", "0", "") NUM(
            "3", "0", "<w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"10\"/></w:lvlOverride>") NUM("4", "1", "")
            NUM("5", "1", "<w:lvlOverride w:ilvl=\"0\">" LVL("0", "1", "decimal", "(%1)", "") "</w:lvlOverride>");
    assert_labels(t, numbering, "10 20 10 30 30 10 40 40 50", "1|2|3|10|11|12|V|VI|(7)");
}

static void test_levels_restart_as_told(void **state)
{
    struct read_test *t = *state;
    assert_labels(t,
                  ABSTRACT("0", LVL("0", "1", "decimal", "%1", "")
                                    LVL("1", "1", "decimal", "%1.%2", "<w:lvlRestart w:val=\"0\"/>")) NUM("1", "0", ""),
                  "10 11 10 11 11", "1|1.1|2|2.2|2.3");
    assert_labels(
        t, ABSTRACT("0", LVL("0", "3", "decimal", "%1", "") LVL("1", "1", "decimal", "%1.%2", "")) NUM("1", "0", ""),
        "11 11 10", "3.1|3.2|3"); /* a level that was skipped shows its start */
}

static void test_number_formats(void **state)
{
    struct read_test *t = *state;
    static const struct {
        const char *format, *start, *label;
    } rows[] = {{"decimalZero", "7", "07"},
                {"lowerRoman", "1994", "mcmxciv"},
                {"upperLetter", "27", "AA"},
                {"lowerLetter", "53", "aaa"},
                {"ordinal", "112", "112th"},
                {"ordinal", "22", "22nd"},
                {"cardinalText", "21", "Twenty-one"},
                {"ordinalText", "3", "Third"},
                {"decimalEnclosedCircle", "3", "③"},
                {"chineseCounting", "21", "二十一"},
                {"russianLower", "2", "б"},
                {"hex", "255", "FF"},
                {"none", "1", ""},
                {"unheardOf", "4", "4"},
                {"numberInDash", "4", "- 4 -"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct str numbering = str_printf(
            t->a,
            ABSTRACT(
                "0",
                "<w:lvl w:ilvl=\"0\"><w:start w:val=\"%s\"/><w:numFmt w:val=\"%s\"/><w:lvlText w:val=\"%%1\"/></w:lvl>")
                NUM("1", "0", ""),
            rows[i].start, rows[i].format);
        assert_labels(t, numbering.p, "10", rows[i].label);
    }
}

static void test_bullets(void **state)
{
    struct read_test *t = *state;
    assert_labels(t,
                  ABSTRACT("0", LVL("0", "1", "bullet", "&#xF0B7;", "") LVL("1", "1", "bullet", "-", "")
                                    LVL("2", "1", "bullet", "x", "<w:lvlPicBulletId w:val=\"0\"/>")) NUM("1", "0", ""),
                  "10 11 12 10", "•|-|•|•");
}

static void test_numbers_by_style(void **state)
{
    struct read_test *t = *state;
    const struct test_docx_parts parts = {
        .styles =
            "<w:style w:type=\"paragraph\" w:styleId=\"h1\"><w:name w:val=\"heading 1\"/><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:style>"
            "<w:style w:type=\"paragraph\" w:styleId=\"h2\"><w:name w:val=\"heading 2\"/><w:basedOn w:val=\"h1\"/><w:pPr><w:numPr><w:ilvl w:val=\"1\"/></w:numPr></w:pPr></w:style>"
            "<w:style w:type=\"numbering\" w:styleId=\"list\"><w:name w:val=\"My list\"/><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:style>",
        .numbering = ABSTRACT("0", LVL("0", "1", "decimal", "%1", "<w:pStyle w:val=\"h1\"/>")
                                       LVL("1", "1", "decimal", "%1.%2", "<w:pStyle w:val=\"h2\"/>"))
            ABSTRACT("1", "<w:numStyleLink w:val=\"list\"/>") NUM("1", "0", "") NUM("2", "1", "")};
#define H(style, more) "<w:p><w:pPr><w:pStyle w:val=\"" style "\"/>" more "</w:pPr><w:r><w:t>x</w:t></w:r></w:p>"
    const struct doc *doc =
        read_with(t,
                  H("h1", "") H("h2", "") H("h2", "<w:numPr><w:numId w:val=\"0\"/></w:numPr>") H("h2", "")
                      H("none", "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"2\"/></w:numPr>"),
                  &parts);
    static const char *const want[] = {"1", "1.1", "", "1.2", "2"};
    for (uint32_t i = 0; i < 5; i++)
        assert_str(doc->blocks.at[i].label, want[i]);
    assert_int_equal(doc->blocks.at[1].list_level, 2);
    assert_str(doc->sections.at[1].label, "1.1");
    assert_str(doc->blocks.at[1].text, "x"); /* the number is not text */
}

#define T(name) cmocka_unit_test_setup_teardown(name, read_test_setup, read_test_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_multi_level_lists),      T(test_labels_such_as_rc1), T(test_counters_belong_to_the_list),
        T(test_levels_restart_as_told), T(test_number_formats),     T(test_bullets),
        T(test_numbers_by_style),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
