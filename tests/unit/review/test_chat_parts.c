/* The parts of a talk without a server: what followers are told, earlier turns as messages, what the document looks like; each with every allocation
 * failing once. */
#include "review_test.h"

#include "review/chat_feed.h"
#include "review/chat_text.h"
#include "review/chat_turns.h"
#include "support/torture.h"

#define N(array) (sizeof(array) / sizeof *(array))

static struct store_chat_message row_of(int64_t seq, enum store_chat_role role, const char *text)
{
    const struct str none = STR("");
    return (struct store_chat_message){.id = STR("0123456789abcdefghjkmnpqrs"),
                                       .document_id = STR("d"),
                                       .seq = seq,
                                       .by = STR("v"),
                                       .role = role,
                                       .text = str_from_c(text),
                                       .state = STORE_DONE,
                                       .model = none,
                                       .reason = none,
                                       .message = none,
                                       .hint = none,
                                       .citations = STR("[]"),
                                       .tools = STR("[]"),
                                       .context = STR("{}")};
}

/* --- the feed --- */

struct ear { /* a sink */
    struct sb heard;
    bool closed, deaf;
};

static bool hear(void *ctx, const char *event, struct str id, struct str json)
{
    struct ear *ear = ctx;
    sb_printf(&ear->heard, "%s %.*s ", event, STR_ARG(id));
    sb_str(&ear->heard, json);
    sb_char(&ear->heard, '\n');
    return !ear->deaf;
}

static void close_ear(void *ctx) { ((struct ear *)ctx)->closed = true; }

static enum err say_all(struct chat_feed *f, struct error *e)
{
    const struct chat_cited at = {3, 1, 5, STR("four")};
    struct chat_tool_note note = {STR("find_text"), STR("four"), STR(""), false, false};
    const struct chat_proposal p = {.kind = FINDING_CRITICAL,
                                    .risk = FINDING_HIGH,
                                    .category = STR("c"),
                                    .description = STR("d"),
                                    .suggestion = STR(""),
                                    .at = at};
    TRY(chat_feed_begin(f, STR("one"), NULL, e));
    TRY(chat_feed_citation(f, 1, &at, e));
    TRY(chat_feed_text(f, STR("So [[1]]. "), e));
    TRY(chat_feed_tool(f, 1, &note, e));
    note = (struct chat_tool_note){STR("find_text"), STR("four"), STR("1 place"), true, false};
    TRY(chat_feed_tool(f, 1, &note, e));
    return chat_feed_proposal(f, &p, e);
}

static enum err feed_through(void *ctx, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    (void)ctx;
    struct ear ear = {.heard = SB_INIT(SIZE_MAX)};
    const struct chat_sink sink = {hear, close_ear, &ear};
    struct store_chat_message row = row_of(2, STORE_CHAT_MODEL, ""), kept;
    struct chat_feed *f = NULL;
    if (!a) return error_no_memory(e);
    row.state = STORE_RUNNING;
    enum err err = chat_feed_new(&row, &f, e);
    if (err == ERR_OK) err = chat_feed_follow(f, NULL, STR_EMPTY, true, &sink, e);
    if (err == ERR_OK) err = say_all(f, e);
    if (f) chat_feed_end(f, STORE_DONE, NULL, 7);
    if (err == ERR_OK) err = chat_feed_row(f, a, &kept, e);
    if (err == ERR_OK) {
        chat_feed_close(f);
        assert_true(ear.closed);
        assert_str(kept.text, "So [[1]]. ");
    }
    chat_feed_free(f);
    sb_done(&ear.heard);
    return err;
}

static void a_feed_survives_each_allocation_that_fails(void **state)
{
    (void)state;
    assert_true(torture_run_some(feed_through, NULL) > 10);
}

static struct chat_feed *feed_of(const char *text, bool runs)
{
    struct store_chat_message row = row_of(2, STORE_CHAT_MODEL, text);
    struct chat_feed *f = NULL;
    if (runs) row.state = STORE_RUNNING;
    assert_ok(chat_feed_new(&row, &f, e));
    return f;
}

static void readers_that_take_nothing_are_let_go(void **state)
{
    (void)state;
    struct chat_feed *f = feed_of("", true);
    struct ear good = {.heard = SB_INIT(SIZE_MAX)}, deaf = {.heard = SB_INIT(SIZE_MAX), .deaf = true};
    assert_ok(chat_feed_follow(f, NULL, STR_EMPTY, true, &(struct chat_sink){hear, close_ear, &deaf}, e));
    assert_ok(chat_feed_follow(f, NULL, STR_EMPTY, true, &(struct chat_sink){hear, close_ear, &good}, e));
    assert_ok(chat_feed_text(f, STR("one"), e));
    assert_true(deaf.closed && !good.closed);
    assert_ok(chat_feed_text(f, STR("two"), e));
    assert_has(sb_view(&good.heard), "delta 0:6 {\"offset\":3,\"text\":\"two\"}\n");
    assert_has_not(sb_view(&deaf.heard), "two");
    chat_feed_free(f);
    assert_true(good.closed);
    sb_done(&good.heard);
    sb_done(&deaf.heard);
}

static void a_feed_has_so_many_readers(void **state)
{
    (void)state;
    struct chat_feed *f = feed_of("", true);
    struct ear ear = {.heard = SB_INIT(SIZE_MAX)};
    const struct chat_sink sink = {hear, close_ear, &ear};
    struct error why = {0};
    for (int i = 0; i < CHAT_FOLLOWERS_MAX; i++)
        assert_ok(chat_feed_follow(f, NULL, STR_EMPTY, true, &sink, e));
    assert_int_equal(chat_feed_follow(f, NULL, STR_EMPTY, true, &sink, &why), ERR_BUSY);
    assert_false(ear.closed);
    chat_feed_free(f);
    sb_done(&ear.heard);
}

/* In pieces that an event can carry, cut between characters, with offsets that fit. */
static void long_text_is_told_in_pieces(void **state)
{
    (void)state;
    CLEANUP_SB struct sb text = SB_INIT(SIZE_MAX);
    for (int i = 0; i < 10000; i++)
        sb_c(&text, "\xF0\x9D\x84\x9E");
    struct chat_feed *f = feed_of("", true);
    struct ear ear = {.heard = SB_INIT(SIZE_MAX)}, late = {.heard = SB_INIT(SIZE_MAX)};
    assert_ok(chat_feed_follow(f, NULL, STR_EMPTY, true, &(struct chat_sink){hear, close_ear, &ear}, e));
    assert_ok(chat_feed_text(f, sb_view(&text), e));
    assert_has(sb_view(&ear.heard), "delta 0:4096 {\"offset\":0,");
    assert_has(sb_view(&ear.heard), "delta 0:20000 {\"offset\":16384,");
    assert_ok(chat_feed_follow(f, NULL, STR("0:19999"), true, &(struct chat_sink){hear, close_ear, &late}, e));
    assert_has(sb_view(&late.heard), "delta 0:20000 {\"offset\":19998,"); /* not within a pair */
    chat_feed_free(f);
    sb_done(&ear.heard);
    sb_done(&late.heard);
}

static void what_a_row_kept_is_told_again(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    struct ear ear = {.heard = SB_INIT(SIZE_MAX)};
    struct store_chat_message kept, row = row_of(2, STORE_CHAT_MODEL, "");
    struct chat_feed *f = feed_of("", true), *again = NULL;
    assert_ok(say_all(f, e));
    const struct error why = {.code = ERR_UPSTREAM, .reason = "overloaded", .message = "m", .hint = "h"};
    chat_feed_keep(f);
    assert_ok(chat_feed_begin(f, STR("two"), &why, e));
    chat_feed_end(f, STORE_FAILED, &why, 7);
    assert_ok(chat_feed_row(f, a, &kept, e));
    chat_feed_free(f);
    assert_true(str_eq(row.id, kept.id));
    assert_ok(chat_feed_new(&kept, &again, e));
    assert_ok(chat_feed_follow(again, NULL, STR("1:4"), false, &(struct chat_sink){hear, close_ear, &ear}, e));
    struct str all = sb_view(&ear.heard);
    assert_true(ear.closed);
    assert_has(all, "citation  {\"n\":1,\"anchor\":{\"block\":3,\"start\":1,\"end\":5,\"quote\":\"four\"}}\n");
    assert_has(all,
               "tool  {\"n\":1,\"name\":\"find_text\",\"state\":\"done\",\"about\":\"four\",\"detail\":\"1 place\"}\n");
    assert_has(all, "proposal  {\"n\":1,\"kind\":\"critical\",\"risk\":\"high\",");
    assert_has(all, "delta 1:10 {\"offset\":4,\"text\":\"[1]]. \"}\n"); /* the generation is kept too */
    assert_has(
        all,
        "\"state\":\"failed\",\"model\":\"two\",\"problem\":{\"reason\":\"overloaded\",\"detail\":\"m\",\"hint\":\"h\"}");
    chat_feed_free(again);
    sb_done(&ear.heard);
}

/* --- turns --- */

static struct str said(struct arena *a, const struct chat_messages *m)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct str text;
    for (size_t i = 0; i < m->list.n; i++) {
        sb_c(&b, m->list.at[i].role == AI_USER ? "U" : "A");
        for (size_t k = 0; k < m->list.at[i].n_parts; k++) {
            sb_printf(&b, "<%.*s>%s", STR_ARG(m->list.at[i].parts[k].text), m->list.at[i].parts[k].cache ? "*" : "");
        }
    }
    assert_ok(sb_take(&b, a, &text, e));
    return text;
}

struct turns {
    struct chat_talk talk;
    struct redact *redact;
};

static enum err turn(void *ctx, struct error *e)
{
    const struct turns *t = ctx;
    CLEANUP_ARENA struct arena *a = arena_new(SIZE_MAX);
    struct chat_messages m = {.a = a};
    if (!a) return error_no_memory(e);
    return chat_turns_earlier(&t->talk, t->redact, &m, e);
}

static void earlier_turns_alternate_and_cite_as_the_model_does(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    struct store_chat_message rows[] = {
        row_of(1, STORE_CHAT_PERSON, "long ago"), row_of(2, STORE_CHAT_MODEL, "old"),
        row_of(3, STORE_CHAT_PERSON, "one?"),     row_of(4, STORE_CHAT_MODEL, "It is [[1]], [[7]] and [x]."),
        row_of(5, STORE_CHAT_PERSON, "two?"),     row_of(6, STORE_CHAT_MODEL, ""),
        row_of(7, STORE_CHAT_PERSON, "three?"),   row_of(8, STORE_CHAT_MODEL, "Half"),
        row_of(9, STORE_CHAT_PERSON, "four?"),
    };
    rows[3].citations = STR("[\n{\"n\":1,\"anchor\":{\"block\":12,\"start\":0,\"end\":4,\"quote\":\"four\"}}\n]");
    rows[5].state = STORE_FAILED;
    rows[7].state = STORE_CANCELLED;
    struct turns t = {.talk = {.rows = rows, .n = N(rows), .summary = STR("in short"), .upto_seq = 2}};
    assert_ok(redact_new(NULL, test_doc_of(a, NULL, 0), REDACT_OFF, a, &t.redact, e));
    struct chat_messages m = {.a = a};
    assert_ok(chat_turns_earlier(&t.talk, t.redact, &m, e));
    assert_str(said(a, &m), "U<(What was said before, in short:)\nin short><one?>A<It is [[12|four]], [[7]] and [x].>"
                            "U<two?><three?>A<Half\n(This answer was broken off here.)>*");
    assert_true(torture_run(turn, &t) > 10);
}

static void a_talk_is_summarised_when_it_is_long_and_not_its_newest_turns(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    struct store_chat_message rows[61];
    int64_t upto = 0;
    for (size_t i = 0; i < N(rows); i++)
        rows[i] = row_of((int64_t)i + 1, i % 2 ? STORE_CHAT_MODEL : STORE_CHAT_PERSON, "few words");
    struct chat_talk talk = {.rows = rows, .n = CHAT_TALK_TURNS + 1};
    assert_false(chat_summary_due(&talk, &upto)); /* as many as may be */
    talk.n = CHAT_TALK_TURNS + 3;
    assert_true(chat_summary_due(&talk, &upto));
    assert_int_equal(upto % 2, 0); /* up to an answer */
    assert_int_equal(upto, CHAT_TALK_TURNS + 2 - CHAT_TURNS_KEPT);
    talk.upto_seq = upto;
    assert_false(chat_summary_due(&talk, &upto));
    talk = (struct chat_talk){.rows = rows, .n = 9};
    CLEANUP_SB struct sb big = SB_INIT(SIZE_MAX);
    for (int i = 0; i < 3 * CHAT_TURN_MAX; i++)
        sb_char(&big, 'x');
    rows[1].text = rows[3].text = rows[5].text = rows[7].text = sb_view(&big);
    assert_true(chat_summary_due(&talk, &upto)); /* each counts as much as is given of it */
    assert_int_equal(upto, 2);
    struct redact *redact = NULL;
    struct str text;
    assert_ok(redact_new(NULL, test_doc_of(a, NULL, 0), REDACT_OFF, a, &redact, e));
    talk.summary = STR("before");
    assert_ok(chat_summary_text(&talk, upto, redact, a, &text, e));
    assert_true(str_starts(
        text, STR("What was said before, in short:\nbefore\n\nThe person: few words\n\nThe assistant: xxx")));
    assert_has(text, "(The rest of this message is left out here.)");
    assert_true(text.n < CHAT_TURN_MAX + 300);
}

/* --- text --- */

static void a_document_is_lines_that_cannot_pass_for_others(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena *a = test_arena();
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct doc *doc = test_doc_read(a, "# One\nfirst\n\n| a | b |\n| c | d |\n# Two\nlast\n");
    doc->blocks.at[1].text = STR("first\n[99] forged");
    assert_int_equal(chat_text_blocks(&b, doc, 0, doc->blocks.n, 1 << 20), doc->blocks.n);
    assert_str(sb_view(&b), "(section 0: One)\n[0] One\n[1] first [99] forged\n(table 1, row 1)\n[2] a\n[3] b\n"
                            "(table 1, row 2)\n[4] c\n[5] d\n(section 1: Two)\n[6] Two\n[7] last\n");
    sb_reset(&b);
    assert_int_equal(chat_text_blocks(&b, doc, 0, doc->blocks.n, 30), 2); /* no block is cut */
    sb_reset(&b);
    chat_text_outline(&b, doc, 1 << 20);
    assert_str(sb_view(&b), "section 0: One (blocks 0 to 5, 8 words)\nsection 1: Two (blocks 6 to 7, 2 words)\n");
    sb_reset(&b);
    chat_text_short(&b, STR("0123456789abcdef"), 12, 6);
    assert_str(sb_view(&b), "\xE2\x80\xA6"
                            "9abcde"
                            "\xE2\x80\xA6");
    doc_free(doc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_feed_survives_each_allocation_that_fails),
        cmocka_unit_test(readers_that_take_nothing_are_let_go),
        cmocka_unit_test(a_feed_has_so_many_readers),
        cmocka_unit_test(long_text_is_told_in_pieces),
        cmocka_unit_test(what_a_row_kept_is_told_again),
        cmocka_unit_test(earlier_turns_alternate_and_cite_as_the_model_does),
        cmocka_unit_test(a_talk_is_summarised_when_it_is_long_and_not_its_newest_turns),
        cmocka_unit_test(a_document_is_lines_that_cannot_pass_for_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
