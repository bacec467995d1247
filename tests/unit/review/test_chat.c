/* Talks, over a store, a router and a provider that plays what each test wrote. */
#include "chat_test.h"

#include <stdio.h>

#include "review/chat_rows.h"

#define TALK(name)                                                                                                     \
    static void name##_in(struct server *s, struct talk *t);                                                           \
    static void name(void **state)                                                                                     \
    {                                                                                                                  \
        struct talk *t = talk_begin(*state);                                                                           \
        name##_in(*state, t);                                                                                          \
        talk_end(t);                                                                                                   \
    }                                                                                                                  \
    static void name##_in(struct server *s __attribute__((unused)), struct talk *t)

/* --- asking --- */

TALK(an_answer_is_streamed_and_kept)
{
    struct reader r;
    SCRIPT(SAY("The seller was "), WAIT, SAY("suspended [[1|on 3 March 2026]]."), STOP(AI_STOP_DONE));
    talk_ask(t, "What happened?", &r);
    reader_until(&r, "The seller was ");
    assert_int_equal(talk_rows(t).n, 2);
    assert_int_equal(talk_rows(t).at[1].state, STORE_RUNNING);
    chat_gate_open();
    struct str all = reader_all(s, &r);
    assert_true(str_starts(all, STR("message  {\"question\":{\"id\":\"")));
    assert_has(all, "begin  {\"model\":\"one\"}\n");
    assert_has(all,
               "citation  {\"n\":1,\"anchor\":{\"block\":1,\"start\":25,\"end\":40,\"quote\":\"on 3 March 2026\"}}\n");
    assert_has(all, "\"state\":\"done\",\"model\":\"one\",\"problem\":null,\"length\":31,");
    assert_str(reader_text(s, &r), "The seller was suspended [[1]].");
    struct store_chat_list rows = talk_rows(t);
    assert_str(rows.at[0].text, "What happened?");
    assert_str(rows.at[1].text, "The seller was suspended [[1]].");
    assert_str(rows.at[1].model, "one");
    assert_int_equal(rows.at[1].state, STORE_DONE);
    assert_has(rows.at[1].citations, "\"quote\":\"on 3 March 2026\"");
    reader_done(&r);
}

TALK(the_model_sees_the_document_as_data_and_what_is_in_view)
{
    struct reader r;
    const struct store_finding f = server_findings(s, t->review).at[0];
    SCRIPT(SAY("ok"), STOP(AI_STOP_DONE));
    const struct chat_question q = {.text = STR("Is that so?"),
                                    .view = {.has_section = true,
                                             .section = 1,
                                             .findings = &f.id,
                                             .n_findings = 1,
                                             .has_selection = true,
                                             .selection = {1, 0, 10, STR("The seller")}}};
    talk_ask_with(t, &q, &r);
    (void)reader_all(s, &r);
    struct str asked = chat_asked(s, 0);
    assert_has(asked, "[1] The seller was suspended on 3 March 2026. Details: TBD.\n");
    assert_has(asked, "(section 1: Timeline of Events)\n[2] Timeline of Events\n");
    assert_has(asked, "You are given the whole document.");
    assert_has(asked, "The person has section 1 in view: Timeline of Events (blocks 2 to 4)\n");
    assert_has(asked, "Words that the person has selected, in block 1: \"The seller\"\n");
    struct str line = str_printf(s->a, "[%u] ", f.block);
    assert_true(str_find(asked, line, str_find(asked, STR("Findings that the person asks about"), 0)) != STR_NONE);
    assert_true(str_ends(asked, STR("user: Is that so?\n")));
    /* all of it between marks, the document once and cached */
    size_t open = str_find(asked, STR("<document-"), str_find(asked, STR("system: <document-"), 0));
    struct str mark = str_printf(s->a, "</%.*s>", (int)strlen("document-0123456789abcdef"), asked.p + open + 1);
    assert_has(asked, str_printf(s->a, "%s (cached)\n", mark.p).p);
    assert_true(str_find(asked, mark, str_find(asked, STR("(cached)"), 0)) != STR_NONE);
    assert_has(talk_rows(t).at[0].context, "\"section\":1,\"review\":null,\"findings\":[\"");
    reader_done(&r);
}

TALK(what_is_not_there_cannot_be_asked_about)
{
    struct reader r;
    struct str nobody = STR("0123456789abcdefghjkmnpqrs");
    struct chat_question q = {.document_id = t->document, .text = STR("x"), .view = {.review = nobody}};
    reader_init(&r);
    assert_fails(chat_ask(t->chat, &s->ann, &q, &r.sink, e), ERR_NOT_FOUND, "not_found");
    q.view = (struct chat_view){.findings = &nobody, .n_findings = 1};
    assert_fails(chat_ask(t->chat, &s->ann, &q, &r.sink, e), ERR_NOT_FOUND, "not_found");
    q.view = (struct chat_view){.has_section = true, .section = 99};
    assert_fails(chat_ask(t->chat, &s->ann, &q, &r.sink, e), ERR_INVALID, "no_such_section");
    q = (struct chat_question){.document_id = t->document, .text = STR(" \n")};
    assert_fails(chat_ask(t->chat, &s->ann, &q, &r.sink, e), ERR_INVALID, "bad_text");
    q.text = STR("a\x01");
    assert_fails(chat_ask(t->chat, &s->ann, &q, &r.sink, e), ERR_INVALID, "bad_text");
    q = (struct chat_question){.document_id = t->document, .text = STR("x"), .replaces = nobody};
    assert_fails(chat_ask(t->chat, &s->ann, &q, &r.sink, e), ERR_NOT_FOUND, "not_found");
    assert_fails(chat_follow(t->chat, t->document, nobody, STR_EMPTY, &r.sink, e), ERR_NOT_FOUND, "not_found");
    assert_int_equal(talk_rows(t).n, 0);
    assert_false(r.closed);
    reader_done(&r);
}

TALK(without_a_model_nobody_answers)
{
    struct reader r;
    const struct chat_question q = {.document_id = t->document, .text = STR("x")};
    reader_init(&r);
    s->c.models = NULL;
    assert_fails(chat_ask(t->chat, &s->ann, &q, &r.sink, e), ERR_CONFLICT, "no_model");
    s->c.models = &t->models;
    t->models.never_send = true;
    assert_fails(chat_ask(t->chat, &s->ann, &q, &r.sink, e), ERR_CONFLICT, "never_send");
    t->models.never_send = false;
    assert_int_equal(chat_calls(), 0);
    assert_int_equal(talk_rows(t).n, 0);
    reader_done(&r);
}

TALK(one_answer_at_once)
{
    struct reader r, other;
    const struct chat_question q = {.document_id = t->document, .text = STR("and?")};
    SCRIPT(WAIT, SAY("yes"), STOP(AI_STOP_DONE));
    talk_ask(t, "One?", &r);
    chat_until_waiting();
    reader_init(&other);
    assert_fails(chat_ask(t->chat, &s->ann, &q, &other.sink, e), ERR_CONFLICT, "answer_running");
    assert_int_equal(talk_rows(t).n, 2);
    chat_gate_open();
    assert_str(reader_text(s, &r), "yes");
    reader_done(&r);
    reader_done(&other);
}

struct many {
    const struct store_chat_message *row;
    int n;
};

static enum err insert_many(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct many *m = ctx;
    for (int i = 0; i < m->n; i++) {
        char id[32];
        int64_t seq;
        struct store_chat_message row = *m->row;
        row.id = (struct str){id, (size_t)snprintf(id, sizeof id, "message%d", i)};
        TRY(store_chat_insert(tx, &row, &seq, e));
    }
    return ERR_OK;
}

TALK(a_talk_that_is_full_must_be_cleared)
{
    struct reader r;
    const struct chat_question q = {.document_id = t->document, .text = STR("one more")};
    SCRIPT(SAY("one"), STOP(AI_STOP_DONE), SAY("two"), STOP(AI_STOP_DONE));
    struct store_chat_message row = talk_answered(t, "first");
    struct many many = {&row, CHAT_MESSAGES_MAX - 3};
    assert_ok(store_write(s->c.store, insert_many, &many, e));
    reader_init(&r);
    assert_fails(chat_ask(t->chat, &s->ann, &q, &r.sink, e), ERR_CONFLICT, "chat_full");
    reader_done(&r);
    assert_ok(chat_clear(t->chat, &s->ann, t->document, e));
    assert_str(talk_answered(t, "one more").text, "two");
}

TALK(so_many_answers_at_once)
{
    enum { MOST = 4 };
    struct reader r[MOST], none;
    struct chat_question q = {.text = STR("x")};
    SCRIPT(WAIT, STOP(AI_STOP_DONE), WAIT, STOP(AI_STOP_DONE), WAIT, STOP(AI_STOP_DONE), WAIT, STOP(AI_STOP_DONE));
    for (int i = 0; i < MOST; i++) {
        q.document_id = server_upload(s, &s->ann, "a.docx", server_docx(s, "one\n")).document->id;
        reader_init(&r[i]);
        assert_ok(chat_ask(t->chat, &s->ann, &q, &r[i].sink, e));
    }
    reader_init(&none);
    q.document_id = t->document;
    assert_fails(chat_ask(t->chat, &s->ann, &q, &none.sink, e), ERR_BUSY, "too_many_answers");
    assert_int_equal(talk_rows(t).n, 0);
    for (int i = 0; i < MOST; i++)
        chat_gate_open();
    for (int i = 0; i < MOST; i++) {
        (void)reader_all(s, &r[i]);
        reader_done(&r[i]);
    }
    reader_done(&none);
}

/* --- failing, stopping --- */

TALK(an_error_is_shown_as_that_error)
{
    struct store_chat_message row;
    SCRIPT(SAY("Half an "), FAIL(AI_BAD_REQUEST), FAIL(AI_ACCESS_DENIED), STOP(AI_STOP_REFUSAL), SAY("cut"),
           STOP(AI_STOP_MAX_TOKENS));
    row = talk_answered(t, "1");
    assert_int_equal(row.state, STORE_FAILED);
    assert_str(row.text, "Half an ");
    assert_str(row.reason, "bad_request");
    assert_str(row.message, "one does not take the request");
    row = talk_answered(t, "2");
    assert_str(row.text, "");
    assert_str(row.reason, "access_denied");
    row = talk_answered(t, "3");
    assert_int_equal(row.state, STORE_FAILED);
    assert_str(row.reason, "refused");
    row = talk_answered(t, "4");
    assert_int_equal(row.state, STORE_DONE);
    assert_str(row.reason, "answer_cut");
    assert_str(row.text, "cut");
    /* questions without an answer are still asked; what was broken off says so */
    assert_has(chat_asked(s, 3),
               "assistant: Half an \n(This answer was broken off here.)\nuser: 2\nuser: 3 (cached)\nuser: 4\n");
}

TALK(another_model_begins_anew_and_that_is_seen)
{
    struct reader r;
    SCRIPT(SAY("First [[1]] words"), WAIT, FAIL(AI_OVERLOADED), SAY("Other [[3]] words."), STOP(AI_STOP_DONE));
    talk_ask(t, "x", &r);
    reader_until(&r, " words");
    chat_gate_open();
    struct str all = reader_all(s, &r);
    assert_has(all, "begin  {\"model\":\"one\"}\n");
    assert_has(all,
               "restart 1:0 {\"model\":\"two\",\"offset\":0,\"citations\":0,\"problem\":{\"reason\":\"overloaded\"");
    assert_str(reader_text(s, &r), "Other [[1]] words.");
    struct store_chat_message row = talk_rows(t).at[1];
    assert_str(row.text, "Other [[1]] words.");
    assert_str(row.model, "two");
    assert_has(row.citations, "\"block\":3");
    assert_has_not(row.citations, "\"block\":1,");
    reader_done(&r);
}

TALK(a_stop_ends_it_at_once_and_keeps_what_was_said)
{
    struct reader r;
    struct str stopped;
    SCRIPT(SAY("So far [[1|on 3 Ma"), WAIT, SAY("never"), STOP(AI_STOP_DONE));
    talk_ask(t, "x", &r);
    reader_until(&r, "So far");
    assert_ok(chat_stop(t->chat, &s->bob, t->document, s->a, &stopped, e));
    assert_int_equal(stopped.n, 0);
    assert_ok(chat_stop(t->chat, &s->ann, t->document, s->a, &stopped, e));
    struct store_chat_message row = talk_rows(t).at[1];
    assert_true(str_eq(stopped, row.id));
    assert_int_equal(row.state, STORE_CANCELLED);
    assert_str(row.text, "So far [[1|on 3 Ma");
    assert_str(row.reason, "");
    assert_has(reader_all(s, &r), "\"state\":\"cancelled\"");
    assert_int_equal(chat_cancels(), 1);
    assert_ok(chat_stop(t->chat, &s->ann, t->document, s->a, &stopped, e));
    assert_int_equal(stopped.n, 0);
    reader_done(&r);
}

TALK(a_server_that_ends_says_interrupted)
{
    struct reader r;
    SCRIPT(SAY("So far"), WAIT, STOP(AI_STOP_DONE));
    talk_ask(t, "x", &r);
    reader_until(&r, "So far");
    chat_free(t->chat);
    t->chat = NULL;
    struct store_chat_message row = talk_rows(t).at[1];
    assert_int_equal(row.state, STORE_FAILED);
    assert_str(row.reason, "interrupted");
    assert_str(row.text, "So far");
    assert_has(reader_all(s, &r), "\"reason\":\"interrupted\"");
    reader_done(&r);
}

/* A row that says it runs, and nobody gives it. */
TALK(what_a_crash_left_is_interrupted_at_the_next_start)
{
    const struct chat_options options = {.alone = true};
    CLEANUP_ARENA struct arena *a = test_arena();
    struct chat_rows_new rows = {.document_id = t->document, .by = &s->ann, .text = STR("Why?"), .context = STR("{}")};
    assert_ok(chat_rows_add(&s->c, &rows, a, e));
    rows.answer.text = STR("Because");
    assert_ok(chat_rows_update(&s->c, &rows.answer, e));
    struct reader r;
    reader_init(&r);
    assert_ok(chat_follow(t->chat, t->document, rows.answer.id, STR_EMPTY, &r.sink, e));
    assert_has(reader_all(s, &r), "reconnect  {}\n");
    assert_str(reader_text(s, &r), "Because");
    reader_done(&r);
    chat_free(t->chat);
    assert_ok(chat_new(&s->c, &options, &t->chat, e));
    struct store_chat_message row = talk_rows(t).at[1];
    assert_int_equal(row.state, STORE_FAILED);
    assert_str(row.reason, "interrupted");
    assert_str(row.text, "Because");
}

TALK(an_answer_without_end_is_cut)
{
    SCRIPT(SAY_MANY("0123456789abcde ", 40000), STOP(AI_STOP_DONE));
    struct store_chat_message row = talk_answered(t, "x");
    assert_int_equal(row.text.n, CHAT_ANSWER_MAX);
    assert_int_equal(row.state, STORE_DONE);
    assert_str(row.reason, "answer_cut");
}

/* --- again --- */

TALK(an_answer_can_be_asked_for_again)
{
    struct reader r;
    SCRIPT(SAY("bad"), STOP(AI_STOP_DONE), SAY("later"), STOP(AI_STOP_DONE), SAY("good"), STOP(AI_STOP_DONE),
           SAY("better"), STOP(AI_STOP_DONE));
    struct str first = talk_answered(t, "Why?").id;
    (void)talk_answered(t, "And then?");
    struct str question = talk_rows(t).at[0].id;
    reader_init(&r);
    assert_fails(chat_retry(t->chat, &s->ann, t->document, question, &r.sink, e), ERR_INVALID, "not_an_answer");
    assert_ok(chat_retry(t->chat, &s->ann, t->document, first, &r.sink, e));
    assert_str(reader_text(s, &r), "good");
    reader_done(&r);
    struct store_chat_list rows = talk_rows(t);
    assert_int_equal(rows.n, 2);
    assert_str(rows.at[0].text, "Why?");
    assert_str(rows.at[1].text, "good");
    assert_has_not(chat_asked(s, 2), "bad");
    reader_init(&r); /* and again: the question is further back */
    assert_ok(chat_retry(t->chat, &s->ann, t->document, rows.at[1].id, &r.sink, e));
    assert_str(reader_text(s, &r), "better");
    reader_done(&r);
    reader_init(&r);
    assert_fails(chat_retry(t->chat, &s->ann, t->document, first, &r.sink, e), ERR_NOT_FOUND, "not_found");
    reader_done(&r);
}

TALK(a_question_can_be_edited_and_sent_again)
{
    struct reader r;
    SCRIPT(SAY("one"), STOP(AI_STOP_DONE), SAY("two"), STOP(AI_STOP_DONE), SAY("three"), STOP(AI_STOP_DONE));
    (void)talk_answered(t, "First?");
    (void)talk_answered(t, "Secnod?");
    struct store_chat_list rows = talk_rows(t);
    struct chat_question q = {.document_id = t->document, .text = STR("Second?"), .replaces = rows.at[1].id};
    reader_init(&r);
    assert_fails(chat_ask(t->chat, &s->ann, &q, &r.sink, e), ERR_INVALID, "not_a_question");
    reader_done(&r);
    q.replaces = rows.at[2].id;
    talk_ask_with(t, &q, &r);
    assert_str(reader_text(s, &r), "three");
    reader_done(&r);
    rows = talk_rows(t);
    assert_int_equal(rows.n, 4);
    assert_str(rows.at[2].text, "Second?");
    assert_str(rows.at[3].text, "three");
    assert_has_not(chat_asked(s, 2), "Secnod");
    assert_ok(chat_clear(t->chat, &s->ann, t->document, e));
    assert_int_equal(talk_rows(t).n, 0);
}

TALK(who_comes_back_hears_the_rest)
{
    struct reader r, again, late;
    SCRIPT(SAY("One \xF0\x9D\x84\x9E two. "), WAIT, SAY("Three."), STOP(AI_STOP_DONE));
    talk_ask(t, "x", &r);
    reader_until(&r, "two. ");
    struct str id = talk_rows(t).at[1].id;
    reader_init(&again);
    assert_ok(chat_follow(t->chat, t->document, id, STR("0:7"), &again.sink, e)); /* behind the clef */
    chat_gate_open();
    struct str all = reader_all(s, &again);
    assert_true(str_starts(all, STR("message  {\"question\":null,\"answer\":{")));
    assert_has(all, "delta 0:12 {\"offset\":7,\"text\":\"two. \"}\n");
    assert_has(all, "delta 0:18 {\"offset\":12,\"text\":\"Three.\"}\n");
    assert_has_not(all, "restart");
    reader_init(&late); /* when it has ended, with an id of another text */
    assert_ok(chat_follow(t->chat, t->document, id, STR("7:3"), &late.sink, e));
    assert_str(reader_text(s, &late), "One \xF0\x9D\x84\x9E two. Three.");
    assert_has(reader_all(s, &late), "restart 0:0 {\"model\":\"one\",\"offset\":0,");
    assert_has(reader_all(s, &late), "end  {\"id\":");
    (void)reader_all(s, &r);
    reader_done(&r);
    reader_done(&again);
    reader_done(&late);
}

/* --- tools --- */

TALK(the_model_looks_things_up)
{
    struct reader r;
    SCRIPT(SAY("Let me look."), USE("find_text", "{\"text\":\"ORDERS WERE\"}"), USE("read_section", "{\"section\":1}"),
           USE("list_findings", "{\"risk\":\"high\"}"), USE("read_section", "{\"section\":77}"),
           USE("find_text", "{\"wrong\":1}"), USE("erase", "{}"), STOP(AI_STOP_TOOL), SAY("12 orders [[9|12 orders]]."),
           STOP(AI_STOP_DONE));
    talk_ask(t, "How many?", &r);
    struct str all = reader_all(s, &r), asked = chat_asked(s, 1);
    assert_str(reader_text(s, &r), "Let me look.\n\n12 orders [[1]].");
    assert_has(
        all,
        "tool  {\"n\":1,\"name\":\"find_text\",\"state\":\"running\",\"about\":\"ORDERS WERE\",\"detail\":\"\"}\n");
    assert_has(
        all,
        "tool  {\"n\":1,\"name\":\"find_text\",\"state\":\"done\",\"about\":\"ORDERS WERE\",\"detail\":\"1 place\"}\n");
    assert_has(all, "\"about\":\"Timeline of Events\",\"detail\":\"blocks 2 to 4\"}");
    assert_has(all, "{\"n\":6,\"name\":\"erase\",\"state\":\"failed\"");
    assert_has(asked, "assistant: Let me look.\ntool find_text {\"text\":\"ORDERS WERE\"}\n");
    assert_has(asked, "result of use0: <document-");
    assert_has(asked, "[9] Contact: TBD. 12 orders were refunded.");
    assert_has(asked, "[3] 2026-03-01 09:00 UTC The account was flagged.\n");
    assert_has(asked, "findings of this kind, ");
    assert_has(asked, "result (failed) of use3: <document-");
    assert_has(asked, "Error: section: there are sections 0 to 3\n");
    assert_has(asked, "Error: wrong: is not known here");
    assert_has(asked, "Error: there is no tool \"erase\"\n");
    assert_has(talk_rows(t).at[1].tools, "\"detail\":\"1 place\"");
    reader_done(&r);
}

TALK(tools_have_an_end)
{
    static struct act acts[2 * (8 + 2)];
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        acts[i] = i % 2 ? (struct act)STOP(AI_STOP_TOOL) : (struct act)USE("find_text", "{\"text\":\"seller\"}");
    chat_script(acts, sizeof acts / sizeof *acts);
    struct store_chat_message row = talk_answered(t, "x");
    assert_int_equal(row.state, STORE_FAILED);
    assert_str(row.reason, "no_end");
    assert_has(chat_asked(s, 9), "Error: no more calls of tools are possible");
}

#define PROPOSE(quote)                                                                                                 \
    USE("propose_finding", "{\"block\":6,\"quote\":\"" quote "\",\"kind\":\"important\",\"risk\":\"high\","            \
                           "\"category\":\"Cause\",\"description\":\"Human error is no root cause.\"}")

TALK(a_proposal_becomes_a_finding_when_the_person_says_so)
{
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    struct json_out o = json_out_make(&b, false);
    struct store_finding *f = NULL, *again = NULL;
    const struct str words = STR("Say why it happened.");
    const struct decide_text changed = {.suggestion = &words}, same = {0};
    const struct chat_choice yes = {.accept = true, .text = &changed}, no = {.accept = false, .text = &same};
    size_t before = server_findings(s, t->review).n;
    SCRIPT(PROPOSE("nobody ever said this"), PROPOSE("human error by the analyst"), PROPOSE("The root cause"),
           STOP(AI_STOP_TOOL), SAY("Done."), STOP(AI_STOP_DONE));
    struct store_chat_message row = talk_answered(t, "Add a finding");
    assert_has(chat_asked(s, 1), "result (failed) of use0: <document-");
    assert_has(chat_asked(s, 1), "Error: quote: these words are not in the document");
    assert_has(row.tools, "\"proposals\":[\n{\"n\":1,\"kind\":\"important\",\"risk\":\"high\",\"category\":\"Cause\",");
    assert_int_equal(server_findings(s, t->review).n, before); /* it is none until then */
    assert_ok(chat_decide(t->chat, &s->ann, t->document, row.id, 1, &yes, s->a, &f, &o, e));
    assert_int_equal(server_findings(s, t->review).n, before + 1);
    assert_str(f->quote, "human error by the analyst");
    assert_str(f->suggestion, "Say why it happened.");
    assert_str(f->description, "Human error is no root cause.");
    assert_int_equal(f->source, STORE_BY_PERSON);
    assert_has(sb_view(&b), "\"state\":\"accepted\",\"finding\":\"");
    assert_ok(chat_decide(t->chat, &s->ann, t->document, row.id, 1, &yes, s->a, &again, &o, e));
    assert_true(str_eq(again->id, f->id));
    assert_int_equal(server_findings(s, t->review).n, before + 1);
    assert_fails(chat_decide(t->chat, &s->ann, t->document, row.id, 1, &no, s->a, &f, &o, e), ERR_CONFLICT,
                 "changed_since");
    assert_ok(chat_decide(t->chat, &s->ann, t->document, row.id, 2, &no, s->a, &f, &o, e));
    assert_null(f);
    assert_fails(chat_decide(t->chat, &s->ann, t->document, row.id, 3, &no, s->a, &f, &o, e), ERR_NOT_FOUND,
                 "not_found");
    row = talk_rows(t).at[1];
    assert_has(row.tools, "\"state\":\"accepted\"");
    assert_has(row.tools, "\"state\":\"rejected\",\"finding\":null");
    assert_str(row.text, "Done.");
}

/* --- long talks --- */

TALK(what_is_long_ago_is_summarised_once)
{
    static const char half[] = "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 01234567 ";
    for (int i = 0; i < 6; i++) {
        SCRIPT(SAY_MANY(half, 98), STOP(AI_STOP_DONE));
        struct str q = str_printf(s->a, "Question %d?", i);
        (void)talk_answered(t, q.p);
    }
    size_t calls = chat_calls();
    SCRIPT(SAY("They spoke of zero, then one."), STOP(AI_STOP_DONE), SAY("Six."), STOP(AI_STOP_DONE), SAY("Seven."),
           STOP(AI_STOP_DONE));
    (void)talk_answered(t, "Question 6?");
    struct str sum = chat_asked(s, calls), asked = chat_asked(s, calls + 1);
    assert_has(sum, "Write a summary of it");
    assert_has(sum, "The person: Question 0?");
    assert_has_not(sum, "[1] The seller");
    assert_has(asked, "user: (What was said before, in short:)\nThey spoke of zero, then one.\n");
    assert_has_not(asked, "Question 0?");
    assert_has(asked, "user: Question 5?\n");
    assert_true(str_ends(asked, STR("user: Question 6?\n")));
    (void)talk_answered(t, "Question 7?"); /* the summary is there already */
    assert_int_equal(chat_calls(), calls + 3);
    assert_has(chat_asked(s, calls + 2), "They spoke of zero, then one.");
}

TALK(a_talk_that_cannot_be_summarised_goes_on)
{
    static const char half[] = "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 01234567 ";
    for (int i = 0; i < 6; i++) {
        SCRIPT(SAY_MANY(half, 98), STOP(AI_STOP_DONE));
        (void)talk_answered(t, "Long?");
    }
    size_t calls = chat_calls();
    SCRIPT(FAIL(AI_BAD_REQUEST), SAY("All the same."), STOP(AI_STOP_DONE));
    assert_str(talk_answered(t, "Short?").text, "All the same.");
    assert_has(chat_asked(s, calls + 1), "It could not be summarised");
}

TALK(a_list_says_what_there_is)
{
    CLEANUP_SB struct sb b = SB_INIT(1 << 20);
    struct json_out o = json_out_make(&b, false);
    struct reader r;
    SCRIPT(SAY("one"), STOP(AI_STOP_DONE), SAY("half"), WAIT, STOP(AI_STOP_DONE));
    (void)talk_answered(t, "First?");
    talk_ask(t, "Second?", &r);
    reader_until(&r, "half");
    assert_ok(chat_list(t->chat, &s->ann, t->document, 0, 3, s->a, &o, e));
    assert_has(sb_view(&b), "\"next\":3,");
    assert_has_not(sb_view(&b), "half");
    sb_reset(&b);
    o = json_out_make(&b, false);
    assert_ok(chat_list(t->chat, &s->ann, t->document, 3, 3, s->a, &o, e));
    assert_has(sb_view(&b), "\"text\":\"half\",\"state\":\"running\",\"model\":\"one\"");
    assert_has(sb_view(&b), "\"next\":null,\"running\":\"");
    assert_has(sb_view(&b), "\"model\":\"one\",\"problem\":null,\"limits\":{\"max_text_bytes\":8000,");
    chat_gate_open();
    (void)reader_all(s, &r);
    reader_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(an_answer_is_streamed_and_kept),
        SERVER_TEST(the_model_sees_the_document_as_data_and_what_is_in_view),
        SERVER_TEST(what_is_not_there_cannot_be_asked_about),
        SERVER_TEST(without_a_model_nobody_answers),
        SERVER_TEST(one_answer_at_once),
        SERVER_TEST(a_talk_that_is_full_must_be_cleared),
        SERVER_TEST(so_many_answers_at_once),
        SERVER_TEST(an_error_is_shown_as_that_error),
        SERVER_TEST(another_model_begins_anew_and_that_is_seen),
        SERVER_TEST(a_stop_ends_it_at_once_and_keeps_what_was_said),
        SERVER_TEST(a_server_that_ends_says_interrupted),
        SERVER_TEST(what_a_crash_left_is_interrupted_at_the_next_start),
        SERVER_TEST(an_answer_without_end_is_cut),
        SERVER_TEST(an_answer_can_be_asked_for_again),
        SERVER_TEST(a_question_can_be_edited_and_sent_again),
        SERVER_TEST(who_comes_back_hears_the_rest),
        SERVER_TEST(the_model_looks_things_up),
        SERVER_TEST(tools_have_an_end),
        SERVER_TEST(a_proposal_becomes_a_finding_when_the_person_says_so),
        SERVER_TEST(what_is_long_ago_is_summarised_once),
        SERVER_TEST(a_talk_that_cannot_be_summarised_goes_on),
        SERVER_TEST(a_list_says_what_there_is),
    };
    return cmocka_run_group_tests(tests, server_group_setup, server_group_teardown);
}
