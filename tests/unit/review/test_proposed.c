#include "review_test.h"

#include "review/proposed.h"
#include "support/torture.h"

static const char LINES[] = "Report about the outage of 3 May.\n"
                            "What happened: the queue filled up.\n"
                            "It was noticed late, since nobody looked at the alarms.\n"
                            "# Causes\n"
                            "A setting was wrong: Root cause.\n"
                            "| a cell | another |\n"
                            "What we do about it, and by when.\n";

struct fixture {
    struct arena *a;
    struct doc *doc;
    struct proposed_ground ground;
};

static struct fixture fixture_open(const char *lines)
{
    struct fixture f = {.a = test_arena()};
    struct locate_index *index = NULL;
    f.doc = test_doc_read(f.a, lines);
    assert_ok(locate_index_new(f.doc, f.a, &index, e));
    f.ground = (struct proposed_ground){.doc = f.doc, .index = index};
    struct redact *off = NULL;
    assert_ok(redact_new(NULL, f.doc, REDACT_OFF, f.a, &off, e));
    f.ground.redact = off;
    return f;
}

static void fixture_close(struct fixture *f)
{
    doc_free(f->doc);
    arena_free(f->a);
}

static struct proposed read_ok(struct fixture *f, const char *answer)
{
    struct proposed p = {.n = 0};
    assert_ok(proposed_read(&f->ground, str_from_c(answer), f->a, &p, e));
    return p;
}

static void refused(struct fixture *f, const char *answer)
{
    struct proposed p = {.n = 0};
    struct error e = {0};
    if (proposed_read(&f->ground, str_from_c(answer), f->a, &p, &e) == ERR_OK) fail_msg("taken: %s", answer);
    assert_int_equal(e.code, ERR_UPSTREAM);
    assert_string_equal(e.reason, "bad_answer");
    assert_int_equal(p.n, 0);
}

#define ITEM(block, title) "{\"block\":" #block ",\"title\":\"" title "\",\"level\":1}"
#define LIST(items)        "{\"sections\":[" items "]}"
#define TWO                ITEM(1, "What happened") "," ITEM(4, "Root cause")

static void titles_are_words_of_their_block(void **state)
{
    (void)state;
    struct fixture f = fixture_open(LINES);
    struct proposed p = read_ok(&f, LIST(ITEM(1, "  What happened ") "," ITEM(2, "Negligence of the operator") "," ITEM(
                                        4, "Root cause") "," ITEM(7, "by when")));
    assert_int_equal(p.n, 3);
    assert_str(p.at[0].title, "What happened");
    assert_str(p.at[1].title, "Root cause");
    assert_str(p.at[2].title, "by when");
    assert_int_equal(p.at[0].first, 1);
    assert_int_equal(p.at[0].last, 2); /* up to the document's own heading */
    assert_int_equal(p.at[1].first, 4);
    assert_int_equal(p.at[1].last, 6);
    assert_int_equal(p.at[2].last, f.doc->body_end_block - 1);
    fixture_close(&f);
}

static void sections_begin_only_where_one_may(void **state)
{
    (void)state;
    struct fixture f = fixture_open(LINES);
    static const char *const others[] = {
        ITEM(3, "Causes"),         /* a heading already */
        ITEM(5, "a cell"),         /* in a table */
        ITEM(99, "What happened"), /* no such block */
        ITEM(0, "Report"),         /* not behind the one before */
        ITEM(1, "What happened"),  /* twice */
        ITEM(7, " "),              /* no words */
        ITEM(7, "Root cause"),     /* of another block */
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct str answer = str_printf(f.a, "{\"sections\":[%s,%s]}", TWO, others[i]);
        struct proposed p = {.n = 0};
        assert_ok(proposed_read(&f.ground, answer, f.a, &p, e));
        if (p.n != 2) fail_msg("taken: %s", others[i]);
    }
    fixture_close(&f);
}

static void an_answer_of_another_form_is_refused_whole(void **state)
{
    (void)state;
    struct fixture f = fixture_open(LINES);
    refused(&f, "");
    refused(&f, "[]");
    refused(&f, "{\"sections\":{}}");
    refused(&f, "{\"sections\":[]}");
    refused(&f, "{\"headings\":[]}");
    refused(&f, LIST(ITEM(1, "What happened")));
    refused(&f, LIST(ITEM(1, "Invented") "," ITEM(4, "Also")));
    refused(&f, LIST(TWO ",{\"block\":7,\"title\":\"by when\"}"));
    refused(&f, LIST(TWO ",{\"block\":7,\"title\":\"by when\",\"level\":4}"));
    refused(&f, LIST(TWO ",{\"block\":7,\"title\":\"by when\",\"level\":\"1\"}"));
    refused(&f, LIST(TWO ",{\"block\":-1,\"title\":\"by when\",\"level\":1}"));
    refused(&f, LIST(TWO ",{\"block\":7,\"title\":\"by when\",\"level\":1,\"why\":\"x\"}"));
    fixture_close(&f);
}

static void laid_over_they_stand_among_the_documents_own(void **state)
{
    (void)state;
    struct fixture f = fixture_open(LINES);
    struct proposed p = read_ok(&f, LIST(ITEM(0, "the outage") "," ITEM(
                                        2, "noticed late") ",{\"block\":4,\"title\":\"Root cause\",\"level\":2}"));
    const struct doc *shown = NULL;
    uint32_t own = f.doc->sections.n, own_of_4 = f.doc->blocks.at[4].section;
    assert_ok(proposed_lay_over(f.doc, &p, f.a, &shown, e));
    assert_int_equal(shown->sections.n, 4); /* what stood before the first heading has given way */
    const struct doc_section *s = shown->sections.at;
    assert_str(s[0].title, "the outage");
    assert_str(s[1].title, "noticed late");
    assert_str(s[2].title, "Causes");
    assert_str(s[3].title, "Root cause");
    uint32_t before = 0;
    for (uint32_t i = 0; i < shown->sections.n; i++) {
        assert_int_equal(s[i].first_block, before);
        before = s[i].end_block;
        for (uint32_t b = s[i].first_block; b < s[i].end_block; b++)
            assert_int_equal(shown->blocks.at[b].section, i);
    }
    assert_int_equal(before, shown->body_end_block);
    assert_int_equal(s[3].parent, 2);
    assert_int_equal(s[2].subtree_end_block, shown->body_end_block);
    assert_int_equal(s[0].parent, DOC_NONE);
    assert_int_equal(s[0].subtree_end_block, 2);
    /* the document itself is what it was */
    assert_int_equal(f.doc->sections.n, own);
    assert_int_equal(f.doc->blocks.at[4].section, own_of_4);
    fixture_close(&f);
}

static void those_of_another_document_are_not_laid_over(void **state)
{
    (void)state;
    struct fixture f = fixture_open(LINES);
    struct proposed p = read_ok(&f, LIST(TWO));
    const struct doc *shown = NULL;
    struct error e = {0};
    p.at[1].first = 1000;
    assert_int_equal(proposed_lay_over(f.doc, &p, f.a, &shown, &e), ERR_INTERNAL);
    p.at[1].first = p.at[0].first;
    assert_int_equal(proposed_lay_over(f.doc, &p, f.a, &shown, &e), ERR_INTERNAL);
    fixture_close(&f);
}

static void what_is_kept_reads_back(void **state)
{
    (void)state;
    struct fixture f = fixture_open(LINES);
    struct proposed p = read_ok(&f, LIST(TWO)), back = {.n = 0};
    struct str text;
    p.model = STR("a-model");
    assert_ok(proposed_text(&p, f.a, &text, e));
    assert_ok(proposed_of(text, f.a, &back, e));
    assert_int_equal(back.n, 2);
    assert_str(back.model, "a-model");
    assert_str(back.at[1].title, "Root cause");
    assert_int_equal(back.at[1].first, 4);
    assert_int_equal(back.at[1].last, p.at[1].last);
    assert_int_equal(back.at[1].level, 1);
    static const char *const others[] = {
        "{}", "{\"model\":\"m\",\"sections\":[{}]}",
        "{\"model\":\"m\",\"sections\":[{\"title\":\"t\",\"level\":1,\"first_block\":3,\"last_block\":2}]}"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct error e = {0};
        assert_int_equal(proposed_of(str_from_c(others[i]), f.a, &back, &e), ERR_INTERNAL);
    }
    fixture_close(&f);
}

static void needed_where_few_sections_show_and_there_is_text(void **state)
{
    (void)state;
    struct arena *a = test_arena();
    CLEANUP_SB struct sb plain = SB_INIT(SIZE_MAX), headed = SB_INIT(SIZE_MAX);
    for (int i = 0; i < 8; i++) {
        sb_printf(&headed, "%s", i % 2 == 0 ? "# Heading\n" : "");
        for (int k = 0; k < 30; k++) {
            SB_LIT(&plain, "word ");
            SB_LIT(&headed, "word ");
        }
        SB_LIT(&plain, "and an end.\n");
        SB_LIT(&headed, "and an end.\n");
    }
    const struct {
        const char *lines;
        bool needed;
    } cases[] = {{LINES, false}, {str_to_c(a, sb_view(&plain)), true}, {str_to_c(a, sb_view(&headed)), false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct doc *doc = test_doc_read(a, cases[i].lines);
        assert_int_equal(proposed_needed(doc), cases[i].needed);
        doc_free(doc);
    }
    arena_free(a);
}

static enum err there_and_back(void *ctx, struct error *e)
{
    const struct fixture *f = ctx;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    struct proposed p, back;
    const struct doc *shown = NULL;
    struct str text;
    if (!a) return error_no_memory(e);
    TRY(proposed_read(&f->ground, STR(LIST(TWO "," ITEM(7, "and  by when"))), a, &p, e));
    p.model = STR("m");
    TRY(proposed_text(&p, a, &text, e));
    TRY(proposed_of(text, a, &back, e));
    return proposed_lay_over(f->doc, &back, a, &shown, e);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct fixture f = fixture_open(LINES);
    assert_true(torture_run(there_and_back, &f) > 3);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(titles_are_words_of_their_block),
        cmocka_unit_test(sections_begin_only_where_one_may),
        cmocka_unit_test(an_answer_of_another_form_is_refused_whole),
        cmocka_unit_test(laid_over_they_stand_among_the_documents_own),
        cmocka_unit_test(those_of_another_document_are_not_laid_over),
        cmocka_unit_test(what_is_kept_reads_back),
        cmocka_unit_test(needed_where_few_sections_show_and_there_is_text),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
