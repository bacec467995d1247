#include "review_test.h"

#include "review/review.h"

static struct finding make(const char *id, uint32_t start, uint32_t end, const char *category, const char *description,
                           double confidence)
{
    return (struct finding){
        .id = str_from_c(id),
        .source = FINDING_BY_MODEL,
        .reviewer = str_from_c(id),
        .located = true,
        .anchor = {{0, start}, {0, end}},
        .category = str_from_c(category),
        .description = str_from_c(description),
        .confidence = confidence,
    };
}

static size_t merge(struct finding *at, size_t n, struct finding_list *ret)
{
    CLEANUP_ARENA struct arena *scratch = test_arena();
    size_t merged = 0;
    *ret = (struct finding_list){at, n};
    assert_ok(review_merge(ret, scratch, &merged, e));
    assert_int_equal(merged + ret->n, n);
    return merged;
}

static void the_same_said_twice_is_one_and_the_surer_stays(void **state)
{
    (void)state;
    struct finding f[] = {make("a", 0, 20, "Cause", "Human error is given as the root cause of the incident.", 0.6),
                          make("b", 10, 30, "People", "human error is given as THE root cause of the incident", 0.9)};
    struct finding_list list;
    assert_int_equal(merge(f, 2, &list), 1);
    assert_str(list.at[0].id, "b");
}

static void other_words_or_other_places_are_kept(void **state)
{
    (void)state;
    struct finding f[] = {make("a", 0, 20, "Cause", "Human error is given as the root cause.", 0.6),
                          make("b", 5, 30, "Time", "The date has no year, so nobody can tell when it was.", 0.9),
                          make("c", 40, 50, "Cause", "Human error is given as the root cause.", 0.9)};
    struct finding_list list;
    assert_int_equal(merge(f, 3, &list), 0);
}

static void the_same_anchor_and_category_is_one(void **state)
{
    (void)state;
    struct finding f[] = {make("a", 0, 20, "Cause", "Nobody asked why.", 0.9),
                          make("b", 0, 20, "Cause", "The chain stops here.", 0.5)};
    struct finding_list list;
    assert_int_equal(merge(f, 2, &list), 1);
    assert_str(list.at[0].id, "a");
}

/* A long sentence in the passive is two remarks, though both are about language and about the same sentence. */
static void two_rules_are_not_merged_for_their_category(void **state)
{
    (void)state;
    struct finding f[] = {make("language.long", 0, 20, "Language", "The sentence has 60 words.", 0.9),
                          make("language.passive", 0, 20, "Language", "Nobody is said to have acted.", 0.5)};
    f[0].source = f[1].source = FINDING_BY_RULE;
    struct finding_list list;
    assert_int_equal(merge(f, 2, &list), 0);
}

static void what_a_person_wrote_stays(void **state)
{
    (void)state;
    struct finding f[] = {make("a", 0, 20, "Cause", "Nobody asked why.", 0.99),
                          make("b", 0, 20, "Cause", "Nobody asked why!", 0.1)};
    f[1].source = FINDING_BY_PERSON;
    struct finding_list list;
    assert_int_equal(merge(f, 2, &list), 1);
    assert_str(list.at[0].id, "b");
}

static void findings_without_a_place_are_merged_with_none(void **state)
{
    (void)state;
    struct finding f[] = {make("a", 0, 0, "Cause", "Nobody asked why.", 0.9),
                          make("b", 0, 0, "Cause", "Nobody asked why.", 0.9)};
    f[0].located = f[1].located = false;
    struct finding_list list;
    assert_int_equal(merge(f, 2, &list), 0);
}

static void order_is_kept(void **state)
{
    (void)state;
    struct finding f[] = {make("a", 0, 9, "A", "One thing.", 0.5), make("b", 0, 9, "A", "One thing.", 0.9),
                          make("c", 2, 4, "C", "Another matter.", 0.5), make("d", 20, 30, "D", "A third one.", 0.5)};
    struct finding_list list;
    assert_int_equal(merge(f, 4, &list), 1);
    assert_str(list.at[0].id, "b");
    assert_str(list.at[1].id, "c");
    assert_str(list.at[2].id, "d");
    assert_int_equal(merge(f, 0, &list), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_said_twice_is_one_and_the_surer_stays),
        cmocka_unit_test(other_words_or_other_places_are_kept),
        cmocka_unit_test(the_same_anchor_and_category_is_one),
        cmocka_unit_test(two_rules_are_not_merged_for_their_category),
        cmocka_unit_test(what_a_person_wrote_stays),
        cmocka_unit_test(findings_without_a_place_are_merged_with_none),
        cmocka_unit_test(order_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
