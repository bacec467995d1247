#include "review_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/time.h"
#include "base/utf8.h"
#include "review/locate.h"

#define N(array) (sizeof(array) / sizeof *(array))

static struct locate_result find_in(const struct doc *doc, struct arena *a, struct locate_query q)
{
    struct locate_index *index = NULL;
    struct locate_result r = {0};
    assert_ok(locate_index_new(doc, a, &index, e));
    assert_ok(locate_quote(index, &q, a, &r, e));
    return r;
}

static struct locate_result find(struct arena *a, const char *const *texts, size_t n, const char *quote)
{
    return find_in(test_doc_of(a, texts, n), a, (struct locate_query){.quote = str_from_c(quote), .block = DOC_NONE});
}

/* The quote is found in that way, on exactly those words of that block. */
static void check(const char *const *texts, size_t n, const char *quote, enum locate_how how, uint32_t block,
                  const char *words)
{
    CLEANUP_ARENA struct arena *a = test_arena();
    struct doc *doc = test_doc_of(a, texts, n);
    struct locate_result r = find_in(doc, a, (struct locate_query){.quote = str_from_c(quote), .block = DOC_NONE});
    if (r.how != how) fail_msg("\"%s\": found as %d, not %d", quote, r.how, how);
    if (how == LOCATE_NOT_FOUND || how == LOCATE_AMBIGUOUS) return;
    assert_int_equal(r.anchor.start.block, block);
    assert_str(doc_text_of(doc, r.anchor, a), words);
}
#define CHECK(texts, ...) check(texts, N(texts), __VA_ARGS__)

static void exact_quotes_are_found_on_their_words(void **state)
{
    (void)state;
    static const char *const texts[] = {"The seller was suspended on 3 March.", "", "The appeal was granted."};
    CHECK(texts, "was suspended", LOCATE_EXACT, 0, "was suspended");
    CHECK(texts, "  appeal was ", LOCATE_EXACT, 2, "appeal was");
    CHECK(texts, "The appeal was granted.", LOCATE_EXACT, 2, "The appeal was granted.");
    CHECK(texts, "was refunded", LOCATE_NOT_FOUND, 0, "");
}

static void punctuation_of_word_processors_is_no_difference(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "The seller\u2019s \u201cgood faith\u201d \u2014 as they put it \u2014 was doubted.",
        "Refunds of\u00A0$1,200 took 3\u20135\u00A0days\u2026",
        "The in\u00ADves\u00ADti\u00ADga\u00ADtion was re\u00ADopened.",
    };
    CHECK(texts, "seller's \"good faith\" - as they", LOCATE_FOLDED, 0,
          "seller\u2019s \u201cgood faith\u201d \u2014 as they");
    CHECK(texts, "Refunds of $1,200 took 3-5 days...", LOCATE_FOLDED, 1,
          "Refunds of\u00A0$1,200 took 3\u20135\u00A0days\u2026");
    CHECK(texts, "The investigation was reopened.", LOCATE_FOLDED, 2, texts[2]);
    CHECK(texts, "seller`s", LOCATE_FOLDED, 0, "seller\u2019s");
}

static void ligatures_widths_and_composition_are_no_difference(void **state)
{
    (void)state;
    static const char *const texts[] = {"The \uFB01rst e\uFB03cient work\uFB02ow.", "Caf\u00E9 cre\u0300me",
                                        "\uFF21\uFF22\uFF23 1234"};
    CHECK(texts, "first efficient workflow", LOCATE_FOLDED, 0, "\uFB01rst e\uFB03cient work\uFB02ow");
    CHECK(texts, "Cafe\u0301 cr\u00E8me", LOCATE_FOLDED, 1, "Caf\u00E9 cre\u0300me");
    CHECK(texts, "ABC 1234", LOCATE_FOLDED, 2, "\uFF21\uFF22\uFF23 1234");
    CHECK(texts, "Cafe", LOCATE_NOT_FOUND, 0, "");
}

/* The document has no character where a note is referred to; a quote may have one. */
static void marks_of_notes_in_the_quote_are_dropped(void **state)
{
    (void)state;
    static const char *const texts[] = {"The seller was verified. A second check followed in May."};
    CHECK(texts, "was verified.\u00B9 A second check", LOCATE_FOLDED, 0, "was verified. A second check");
    CHECK(texts, "was verified.[12] A second check[3] followed", LOCATE_FOLDED, 0,
          "was verified. A second check followed");
    CHECK(texts, "was verified\u2020.", LOCATE_FOLDED, 0, "was verified.");
}

static void hyphenation_and_lost_spaces_are_forgiven(void **state)
{
    (void)state;
    static const char *const texts[] = {"The investigation team escalated the high-value case to Legal."};
    CHECK(texts, "The investi-\ngation team escalated", LOCATE_FOLDED, 0, "The investigation team escalated");
    CHECK(texts, "investigation teamescalated the highvalue case", LOCATE_FOLDED, 0,
          "investigation team escalated the high-value case");
    CHECK(texts, "THE INVESTIGATION TEAM ESCALATED", LOCATE_FOLDED, 0, "The investigation team escalated");
    CHECK(texts, "investigation  team\t escalated", LOCATE_FOLDED, 0, "investigation team escalated");
}

/* A short quote must never land inside another word, nor on a similar one. */
static void a_short_quote_is_not_found_in_machines(void **state)
{
    (void)state;
    static const char *const texts[] = {"All machines were inspected by machinists."};
    CHECK(texts, "chin", LOCATE_NOT_FOUND, 0, "");
    CHECK(texts, "machine", LOCATE_NOT_FOUND, 0, "");
    CHECK(texts, "macines", LOCATE_NOT_FOUND, 0, "");
    CHECK(texts, "machines", LOCATE_EXACT, 0, "machines");
    static const char *const therapist[] = {"The therapist came.", "Nothing else."};
    CHECK(therapist, "the rapist", LOCATE_NOT_FOUND, 0, "");
}

static void small_errors_in_long_quotes_are_found_on_whole_words(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "The account was reinstated after the second appeal because the documents were genuine.",
        "Payments were held for ninety days while the team waited for an answer.",
    };
    CHECK(texts, "acount was reinstated after the secnd appeal", LOCATE_NEAR, 0,
          "account was reinstated after the second appeal");
    CHECK(texts, "ayments were held for ninety day", LOCATE_EXACT, 1, "ayments were held for ninety day");
    CHECK(texts, "xayments were held for ninety dais", LOCATE_NEAR, 1, "Payments were held for ninety days");
    CHECK(texts, "reinstated after the secund apeal because", LOCATE_NEAR, 0,
          "reinstated after the second appeal because");
    CHECK(texts, "reinstated after the third appeal because", LOCATE_NOT_FOUND, 0, ""); /* another word is no error */
    CHECK(texts, "reopened following one more appeal since", LOCATE_NOT_FOUND, 0, "");
}

static void similarity_says_how_near(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    static const char *const texts[] = {"The account was reinstated after the second appeal."};
    struct locate_result r = find(a, texts, 1, "The acount was reinstated after the second apeal.");
    assert_int_equal(r.how, LOCATE_NEAR);
    assert_true(r.similarity > 0.94 && r.similarity < 0.97); /* 2 of 42 letters */
    r = find(a, texts, 1, "The account");
    assert_true(r.similarity > 0.999);
}

static void equal_places_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"The team checked the account.", "Later the team checked the account.",
                                        "Root cause one was found in the queue.",
                                        "Root cause two was found in the queue."};
    CHECK(texts, "team checked the account", LOCATE_AMBIGUOUS, 0, "");
    CHECK(texts, "team cheked the account", LOCATE_AMBIGUOUS, 0, "");
    CHECK(texts, "Root cause xxx was found in the queue.", LOCATE_AMBIGUOUS, 0, "");
    CLEANUP_ARENA struct arena *a = test_arena();
    assert_int_equal(find(a, texts, 4, "team checked the account").places, 2);
}

static void a_preferred_block_and_words_around_tell_equal_places_apart(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    static const char *const texts[] = {"First the team checked the account.",
                                        "Then the team checked the account again.", "The team\u2019s account"};
    struct doc *doc = test_doc_of(a, texts, 3);
    struct str quote = STR("team checked the account");
    struct locate_result r = find_in(doc, a, (struct locate_query){.quote = quote, .block = 1});
    assert_int_equal(r.how, LOCATE_EXACT);
    assert_int_equal(r.anchor.start.block, 1);
    r = find_in(doc, a, (struct locate_query){.quote = quote, .block = DOC_NONE, .after = STR(" again.")});
    assert_int_equal(r.how, LOCATE_EXACT);
    assert_int_equal(r.anchor.start.block, 1);
    r = find_in(doc, a, (struct locate_query){.quote = quote, .block = DOC_NONE, .before = STR("First the ")});
    assert_int_equal(r.anchor.start.block, 0);
    r = find_in(doc, a, (struct locate_query){.quote = quote, .block = DOC_NONE, .before = STR("the ")});
    assert_int_equal(r.how, LOCATE_AMBIGUOUS);
    r = find_in(doc, a,
                (struct locate_query){.quote = quote, .block = 2}); /* not in the preferred block: no preference */
    assert_int_equal(r.how, LOCATE_AMBIGUOUS);
    r = find_in(doc, a, (struct locate_query){.quote = quote, .block = DOC_NONE, .first_block = 1, .end_block = 3});
    assert_int_equal(r.how, LOCATE_EXACT);
    assert_int_equal(r.anchor.start.block, 1);
    r = find_in(doc, a, (struct locate_query){.quote = quote, .block = 0, .first_block = 2, .end_block = 3});
    assert_int_equal(r.how, LOCATE_NOT_FOUND);
}

/* The model wrote a plain apostrophe; the block it means has the curly one. */
static void a_folded_match_in_the_preferred_block_wins_over_an_exact_one_elsewhere(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    static const char *const texts[] = {"The seller's account", "The seller\u2019s account"};
    struct doc *doc = test_doc_of(a, texts, 2);
    struct locate_result r = find_in(doc, a, (struct locate_query){.quote = STR("seller's account"), .block = 1});
    assert_int_equal(r.how, LOCATE_FOLDED);
    assert_int_equal(r.anchor.start.block, 1);
}

static void quotes_may_cross_blocks_but_not_stories(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    static const char *const texts[] = {"One ends here.", "", "Two begins so.", "A footnote stands apart."};
    struct doc *doc = test_doc_of(a, texts, 4);
    doc->blocks.at[3].story = DOC_STORY_FOOTNOTE;
    struct locate_result r =
        find_in(doc, a, (struct locate_query){.quote = STR("ends here.\nTwo begins"), .block = DOC_NONE});
    assert_int_equal(r.how, LOCATE_FOLDED);
    assert_int_equal(r.anchor.start.block, 0);
    assert_int_equal(r.anchor.start.offset, 4);
    assert_int_equal(r.anchor.end.block, 2);
    assert_int_equal(r.anchor.end.offset, 10);
    r = find_in(doc, a, (struct locate_query){.quote = STR("Two begins so. A footnote stands"), .block = DOC_NONE});
    assert_int_equal(r.how, LOCATE_NOT_FOUND);
    r = find_in(doc, a,
                (struct locate_query){.quote = STR("here. Two begins so. A footnote stands apart"), .block = DOC_NONE});
    assert_int_equal(r.how, LOCATE_NOT_FOUND);
}

static void scripts_without_spaces_are_found_anywhere(void **state)
{
    (void)state;
    static const char *const texts[] = {"調査は三月に始まった。", "Отчёт о расследовании готов."};
    CHECK(texts, "三月に", LOCATE_EXACT, 0, "三月に");
    CHECK(texts, "расследовании", LOCATE_EXACT, 1, "расследовании");
    CHECK(texts, "следовании", LOCATE_NOT_FOUND, 1, "");
    CHECK(texts, "отчёт о расследовнии готов", LOCATE_NEAR, 1, "Отчёт о расследовании готов");
}

static void hostile_quotes_are_only_not_found(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    static const char *const texts[] = {"Some text.", ""};
    struct doc *doc = test_doc_of(a, texts, 2);
    const struct str quotes[] = {STR_EMPTY,           STR("   \n"), STR("\xC3("), STR("a\0b"),
                                 STR("\u00AD\u00AD"), STR("[1]"),   STR("\u2020")};
    for (size_t i = 0; i < N(quotes); i++)
        assert_int_equal(find_in(doc, a, (struct locate_query){.quote = quotes[i], .block = DOC_NONE}).how,
                         LOCATE_NOT_FOUND);
    struct locate_query out = {.quote = STR("Some"), .block = 77, .first_block = 90, .end_block = 3000};
    assert_int_equal(find_in(doc, a, out).how, LOCATE_NOT_FOUND);
    struct doc *empty = test_doc_of(a, NULL, 0);
    assert_int_equal(find_in(empty, a, (struct locate_query){.quote = STR("Some text"), .block = DOC_NONE}).how,
                     LOCATE_NOT_FOUND);
}

/* One letter, over and over: every q-gram stands everywhere. It must end soon and must not guess. */
static void a_document_of_one_letter_is_no_trap(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    size_t n = 200000;
    char *text = NEW(a, char, n + 1);
    assert_non_null(text);
    memset(text, 'a', n);
    const char *const texts[] = {text};
    char quote[301];
    memset(quote, 'a', 300);
    quote[300] = 0;
    quote[150] = 'b';
    assert_int_equal(find(a, texts, 1, quote).how, LOCATE_AMBIGUOUS);
    quote[150] = 'a';
    assert_int_equal(find(a, texts, 1, quote).how, LOCATE_AMBIGUOUS);
}

/* --- many quotes --- */

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

static const char *const vocabulary[] = {
    "the",     "seller",    "account", "was",      "suspended", "after",   "investigation", "team",
    "found",   "documents", "that",    "did",      "not",       "match",   "invoice",       "records",
    "payment", "held",      "until",   "appeal",   "reviewed",  "by",      "second",        "analyst",
    "who",     "confirmed", "risk",    "score",    "and",       "closed",  "case",          "with",
    "note",    "about",     "missing", "evidence", "from",      "carrier", "tracking",
};

/* A document of about so many words; every paragraph has a number, as reports have. */
static struct doc *big_doc(struct arena *a, size_t words, uint64_t *seed)
{
    size_t n = words / 40;
    const char **texts = NEW(a, const char *, n);
    assert_non_null(texts);
    for (size_t i = 0; i < n; i++) {
        CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
        sb_printf(&b, "Entry %zu:", i);
        for (int k = 0; k < 38; k++)
            sb_printf(&b, " %s", vocabulary[next_random(seed) % N(vocabulary)]);
        struct str text = STR_EMPTY;
        assert_ok(sb_take(&b, a, &text, e));
        texts[i] = text.p;
    }
    return test_doc_of(a, texts, n);
}

/* What happens to a quote on its way through a model: other punctuation, other spaces, a typing mistake now and then. */
static struct str distort(struct arena *a, struct str s, uint64_t *seed, bool typos)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    for (size_t i = 0; i < s.n;) {
        uint32_t r = utf8_next(s, &i);
        if (r == ' ' && next_random(seed) % 4 == 0) {
            static const char *const spaces[] = {"\u00A0", "  ", "\n", "\t"};
            sb_c(&b, spaces[next_random(seed) % 4]);
        } else if (r == '\'' || r == 0x2019) {
            sb_c(&b, next_random(seed) % 2 ? "'" : "\u2019");
        } else if (r == '-' || r == 0x2013) {
            sb_c(&b, next_random(seed) % 2 ? "-" : "\u2013");
        } else if (typos && next_random(seed) % 40 == 0) {
            if (next_random(seed) % 2) sb_char(&b, 'x');
        } else {
            sb_rune(&b, r);
        }
    }
    struct str distorted = STR_EMPTY;
    assert_ok(sb_take(&b, a, &distorted, e));
    return distorted;
}

/* A random stretch of whole words of a random block, or false. */
static bool random_anchor(const struct doc *doc, uint64_t *seed, struct doc_anchor *ret)
{
    uint32_t block = next_random(seed) % doc->blocks.n;
    struct str text = doc->blocks.at[block].text;
    if (text.n < 30) return false;
    size_t start = next_random(seed) % text.n, end = start + 20 + next_random(seed) % 200;
    while (start < text.n && text.p[start] != ' ')
        start++;
    start++;
    if (end > text.n) end = text.n;
    while (end < text.n && text.p[end] != ' ')
        end++;
    if (start + 10 >= end) return false;
    *ret = doc_anchor_make(doc, block, start, end);
    struct str words = str_sub(text, ret->start.offset, ret->end.offset);
    return str_trim(words).n == words.n;
}

static size_t letters(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n;)
        n += utf8_is_letter(utf8_next(s, &i));
    return n;
}

/* Quotes random anchors, plain and distorted: each is found where it was or not at all. Counts how many were found. */
static void quote_randomly(const struct doc *doc, size_t tries, uint64_t seed, size_t *ret_tried, size_t *ret_found)
{
    CLEANUP_ARENA struct arena *a = test_arena();
    struct locate_index *index = NULL;
    assert_ok(locate_index_new(doc, a, &index, e));
    for (size_t i = 0; i < tries && doc->blocks.n > 0; i++) {
        struct doc_anchor anchor = {0};
        if (!random_anchor(doc, &seed, &anchor)) continue;
        CLEANUP_ARENA struct arena *scratch = test_arena();
        struct str words = doc_text_of(doc, anchor, scratch);
        struct str quote = i % 3 == 0 ? words : distort(scratch, words, &seed, i % 3 == 2);
        struct locate_query q = {.quote = quote, .block = i % 2 ? anchor.start.block : DOC_NONE};
        struct locate_result r = {0};
        assert_ok(locate_quote(index, &q, scratch, &r, e));
        (*ret_tried)++;
        if (r.how == LOCATE_NOT_FOUND || r.how == LOCATE_AMBIGUOUS) continue;
        (*ret_found)++;
        struct str got = doc_text_of(doc, r.anchor, scratch);
        bool same = r.anchor.start.block == anchor.start.block && r.anchor.end.block == anchor.end.block &&
                    r.anchor.start.offset < anchor.end.offset && anchor.start.offset < r.anchor.end.offset;
        if (!same)
            fail_msg("\"%.*s\" of block %u was found as \"%.*s\" in block %u", STR_ARG(quote), anchor.start.block,
                     STR_ARG(got), r.anchor.start.block);
        if (i % 3 != 2 && letters(got) != letters(words))
            fail_msg("\"%.*s\" was found as \"%.*s\"", STR_ARG(quote), STR_ARG(got));
    }
}

static void distorted_quotes_are_found_where_they_were_or_not_at_all(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    uint64_t seed = 7;
    struct doc *doc = big_doc(a, 20000, &seed);
    size_t tried = 0, found = 0;
    quote_randomly(doc, 600, 11, &tried, &found);
    print_message("# %zu of %zu distorted quotes were found\n", found, tried);
    assert_true(tried > 300);
    assert_true(found * 100 > tried * 95);
}

static void a_thousand_quotes_in_eighty_thousand_words_take_no_second(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    uint64_t seed = 3;
    struct doc *doc = big_doc(a, 80000, &seed);
    int64_t start = time_monotonic_ns();
    size_t tried = 0, found = 0;
    quote_randomly(doc, 1000, 5, &tried, &found);
    int64_t ms = (time_monotonic_ns() - start) / 1000000;
    print_message("# %zu quotes in %lld ms, %zu found\n", tried, (long long)ms, found);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__OPTIMIZE__)
    assert_true(ms < 1000);
#endif
}

/* --- real documents --- */

static bool is_docx(struct str name) { return str_ends(name, STR(".docx")); }

static void anchors_of_real_documents_are_found_again(void **state)
{
    (void)state;
    const char *shared = getenv("TEST_SHARED");
    char folder[4096];
    int length = snprintf(folder, sizeof folder, "%s/corpus", shared ? shared : "");
    if (length < 0 || (size_t)length >= sizeof folder || fs_kind(folder) != FS_FOLDER) {
        print_message("# skipped: the corpus is not beside the source tree\n");
        skip();
    }
    CLEANUP_ARENA struct arena *a = test_arena();
    struct fs_list files = {0};
    struct error e = {0};
    if (fs_walk(a, folder, is_docx, &files, &e) != ERR_OK) fail_msg("%s", e.message);
    size_t documents = 0, tried = 0, found = 0;
    for (size_t i = 0; i < files.n; i++) {
        CLEANUP_ARENA struct arena *each = test_arena();
        struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
        struct str bytes = STR_EMPTY;
        CLEANUP_DOC struct doc *doc = NULL, *again = NULL;
        if (fs_read(each, files.at[i], (size_t)64 << 20, &bytes, &e) != ERR_OK || bytes.n > 400000) continue;
        if (doc_read(bytes, &o, &doc, &e) != ERR_OK) continue;
        if (doc_read(bytes, &o, &again, &e) != ERR_OK) fail_msg("%s", e.message);
        documents++;
        assert_int_equal(doc->blocks.n, again->blocks.n); /* an anchor means the same after a re-read */
        for (uint32_t b = 0; b < doc->blocks.n; b++)
            assert_true(str_eq(doc->blocks.at[b].text, again->blocks.at[b].text));
        quote_randomly(doc, 60, i + 1, &tried, &found);
    }
    print_message("# %zu documents, %zu quotes, %zu found\n", documents, tried, found);
    assert_true(documents > 20);
    assert_true(found * 100 >
                tried * 60); /* legal texts repeat themselves: much is ambiguous without a preferred block */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_quotes_are_found_on_their_words),
        cmocka_unit_test(punctuation_of_word_processors_is_no_difference),
        cmocka_unit_test(ligatures_widths_and_composition_are_no_difference),
        cmocka_unit_test(marks_of_notes_in_the_quote_are_dropped),
        cmocka_unit_test(hyphenation_and_lost_spaces_are_forgiven),
        cmocka_unit_test(a_short_quote_is_not_found_in_machines),
        cmocka_unit_test(small_errors_in_long_quotes_are_found_on_whole_words),
        cmocka_unit_test(similarity_says_how_near),
        cmocka_unit_test(equal_places_are_refused),
        cmocka_unit_test(a_preferred_block_and_words_around_tell_equal_places_apart),
        cmocka_unit_test(a_folded_match_in_the_preferred_block_wins_over_an_exact_one_elsewhere),
        cmocka_unit_test(quotes_may_cross_blocks_but_not_stories),
        cmocka_unit_test(scripts_without_spaces_are_found_anywhere),
        cmocka_unit_test(hostile_quotes_are_only_not_found),
        cmocka_unit_test(a_document_of_one_letter_is_no_trap),
        cmocka_unit_test(distorted_quotes_are_found_where_they_were_or_not_at_all),
        cmocka_unit_test(a_thousand_quotes_in_eighty_thousand_words_take_no_second),
        cmocka_unit_test(anchors_of_real_documents_are_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
