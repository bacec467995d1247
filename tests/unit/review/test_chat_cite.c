#include "review_test.h"

#include "review/chat_cite.h"

#define N(array) (sizeof(array) / sizeof *(array))

static const char *const texts[] = {
    "The seller was suspended on 3 March.",
    "",
    "The appeal was granted on 9 March, and the seller \xE2\x80\x9C\xF0\x9D\x92\xB3 Ltd\xE2\x80\x9D was told.",
    "The team said yes. The team said no. The team said nothing.",
};

struct run {
    struct arena *a;
    struct doc *doc;
    struct chat_cite cite;
    struct sb out;
};

static void begin(struct run *r)
{
    struct locate_index *index = NULL;
    *r = (struct run){.a = test_arena(), .out = SB_INIT(SIZE_MAX)};
    r->doc = test_doc_of(r->a, texts, N(texts));
    assert_ok(locate_index_new(r->doc, r->a, &index, e));
    chat_cite_init(&r->cite, r->doc, index, r->a);
}

static void end(struct run *r)
{
    sb_done(&r->out);
    arena_free(r->a);
}

/* The text becomes that text, in one piece and byte by byte, with so many citations. */
static void check(const char *text, const char *wanted, size_t citations)
{
    struct str s = str_from_c(text);
    for (int bytewise = 0; bytewise < 2; bytewise++) {
        struct run r;
        begin(&r);
        for (size_t at = 0; at < s.n; at += bytewise ? 1 : s.n)
            assert_ok(chat_cite_feed(&r.cite, str_sub(s, at, bytewise ? at + 1 : s.n), &r.out, e));
        assert_ok(chat_cite_end(&r.cite, &r.out, e));
        assert_str(sb_view(&r.out), wanted);
        assert_int_equal(r.cite.found.n, citations);
        end(&r);
    }
}

static void a_block_and_words_of_it_become_numbers(void **state)
{
    (void)state;
    struct run r;
    begin(&r);
    assert_ok(chat_cite_feed(&r.cite, STR("See [[0]], then [[2|\xF0\x9D\x92\xB3 Ltd]] and again [[0]]."), &r.out, e));
    assert_str(sb_view(&r.out), "See [[1]], then [[2]] and again [[1]].");
    assert_int_equal(r.cite.found.n, 2);
    assert_int_equal(r.cite.found.at[0].block, 0);
    assert_int_equal(r.cite.found.at[0].start, 0);
    assert_int_equal(r.cite.found.at[0].end, strlen(texts[0]));
    assert_int_equal(r.cite.found.at[1].block, 2);
    assert_int_equal(r.cite.found.at[1].start, 51); /* UTF-16 code units */
    assert_int_equal(r.cite.found.at[1].end, 57);
    assert_str(r.cite.found.at[1].quote, "\xF0\x9D\x92\xB3 Ltd");
    end(&r);
}

static void words_are_found_where_they_are_whatever_block_is_named(void **state)
{
    (void)state;
    struct run r;
    begin(&r);
    assert_ok(chat_cite_feed(&r.cite, STR("[[0|the appeal was granted]] [[99|was suspended on]]"), &r.out, e));
    assert_str(sb_view(&r.out), "[[1]] [[2]]");
    assert_int_equal(r.cite.found.at[0].block, 2);
    assert_str(r.cite.found.at[0].quote, "The appeal was granted");
    assert_int_equal(r.cite.found.at[1].block, 0);
    end(&r);
}

static void quotation_marks_around_the_words_are_not_theirs(void **state)
{
    (void)state;
    check("[[0|\"was suspended\"]] [[0|\xE2\x80\x9Cwas suspended\xE2\x80\x9D]]", "[[1]] [[1]]", 1);
}

static void what_is_not_in_the_document_is_no_link(void **state)
{
    (void)state;
    check("[[0|was refunded twice]]", "\"was refunded twice\" (these words are not in the document)", 0);
    check("[[7]]", "(the document has no block 7 to read)", 0);
    check("[[1]]", "(the document has no block 1 to read)", 0); /* it is blank */
    check("[[4294967296]]", "(the document has no block 4294967295 to read)", 0);
    check("[[00000000000000000000000000000000000000002|The appeal]]", "[[1]]", 1);
    check("[[0|[[3]]]]", "\"[ [ 3\" (these words are not in the document)]]", 0);
}

static void words_that_stand_there_several_times_mark_their_block(void **state)
{
    (void)state;
    struct run r;
    begin(&r);
    assert_ok(chat_cite_feed(&r.cite, STR("[[3|The team said]] [[0|The team said]]"), &r.out, e));
    assert_str(sb_view(&r.out), "[[1]] \"The team said\" (these words are not in the document)");
    assert_int_equal(r.cite.found.at[0].block, 3);
    assert_int_equal(r.cite.found.at[0].end, strlen(texts[3]));
    end(&r);
}

static void other_brackets_stay_as_they_are(void **state)
{
    (void)state;
    check("a[0] [x](y) [[word]] [[]] [ [0]] [[0] ] [[-1]] [", "a[0] [x](y) [[word]] [[]] [ [0]] [[0] ] [[-1]] [", 0);
    check("[[[0]]]", "[[[1]]]", 1);
    check("[[0", "[[0", 0);
    check("[[0|was", "[[0|was", 0);
    check("[[ 0 ]] [[0 |was suspended ]]", "[[1]] [[2]]", 2);
}

static void what_is_held_back_is_bounded(void **state)
{
    (void)state;
    struct run r;
    begin(&r);
    assert_ok(chat_cite_feed(&r.cite, STR("[[0|"), &r.out, e));
    for (int i = 0; i < 3 * CHAT_CITE_HELD_MAX; i++)
        assert_ok(chat_cite_feed(&r.cite, STR("x"), &r.out, e));
    assert_int_equal(r.out.n, 4 + 3 * CHAT_CITE_HELD_MAX);
    end(&r);
}

static void a_void_attempt_takes_its_citations_along(void **state)
{
    (void)state;
    struct run r;
    begin(&r);
    assert_ok(chat_cite_feed(&r.cite, STR("[[0]] [[2]] [[3|The te"), &r.out, e));
    chat_cite_back(&r.cite, 1);
    sb_reset(&r.out);
    assert_ok(chat_cite_feed(&r.cite, STR("am]] [[3]]"), &r.out, e));
    assert_str(sb_view(&r.out), "am]] [[2]]");
    assert_int_equal(r.cite.found.at[1].block, 3);
    end(&r);
}

static void many_citations_end_as_words(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    const char *many[CHAT_CITATIONS_MAX + 1];
    struct locate_index *index = NULL;
    struct chat_cite cite;
    CLEANUP_SB struct sb out = SB_INIT(SIZE_MAX);
    for (int i = 0; i <= CHAT_CITATIONS_MAX; i++)
        many[i] = str_printf(a, "paragraph %d", i).p;
    const struct doc *doc = test_doc_of(a, many, N(many));
    assert_ok(locate_index_new(doc, a, &index, e));
    chat_cite_init(&cite, doc, index, a);
    for (int i = 0; i <= CHAT_CITATIONS_MAX; i++)
        assert_ok(chat_cite_feed(&cite, str_printf(a, "[[%d]]", i), &out, e));
    assert_int_equal(cite.found.n, CHAT_CITATIONS_MAX);
    assert_has(sb_view(&out), "[[200]]\"paragraph 200\"");
}

static void a_long_block_is_marked_at_its_beginning(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    CLEANUP_SB struct sb text = SB_INIT(SIZE_MAX);
    struct locate_index *index = NULL;
    struct chat_cited at;
    bool found = false;
    for (int i = 0; i < 2000; i++)
        sb_c(&text, "words ");
    const char *const one[] = {str_to_c(a, sb_view(&text))};
    const struct doc *doc = test_doc_of(a, one, 1);
    assert_ok(locate_index_new(doc, a, &index, e));
    assert_ok(chat_cite_find(doc, index, 0, STR_EMPTY, a, &found, &at, e));
    assert_true(found && at.start == 0 && at.end <= CHAT_CITED_MAX && at.quote.n == at.end);
    assert_true(str_ends(at.quote, STR("words")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_and_words_of_it_become_numbers),
        cmocka_unit_test(words_are_found_where_they_are_whatever_block_is_named),
        cmocka_unit_test(quotation_marks_around_the_words_are_not_theirs),
        cmocka_unit_test(what_is_not_in_the_document_is_no_link),
        cmocka_unit_test(words_that_stand_there_several_times_mark_their_block),
        cmocka_unit_test(other_brackets_stay_as_they_are),
        cmocka_unit_test(what_is_held_back_is_bounded),
        cmocka_unit_test(a_void_attempt_takes_its_citations_along),
        cmocka_unit_test(many_citations_end_as_words),
        cmocka_unit_test(a_long_block_is_marked_at_its_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
