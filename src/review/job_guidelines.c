/* The job that lets a model list what guidelines require. Each requirement must quote the guidelines, and the quote must be there: what a model adds of its
 * own is left out. The list takes the place of what was found by words, unless a person has changed the guidelines meanwhile. A model that fails
 * leaves what was found by words, and the reason is shown.
 * Long guidelines are read in parts (review/model_plan.h), one after the other. */
#include "base/vec.h"
#include "doc/read.h"
#include "review/chat_text.h"
#include "review/framework_json.h"
#include "review/guidelines.h"
#include "review/locate.h"
#include "review/model_plan.h"
#include "review/model_question.h"
#include "review/models.h"
#include "review/prompt.h"

enum { QUOTE_MAX = 2000, NAME_MAX_BYTES = 300, ASKS_MAX = 4000, QUESTIONS_MAX = 5, REQUIREMENTS_MAX = 200 };

struct work {
    const struct job__run *run;
    struct store_guidelines row;
    const struct doc *doc;
    struct locate_index *index;
    struct redact *redact;
    struct model_plan plan;
    struct str fence; /* the name of the marks around the text */
    struct str system;
    VEC(struct framework_point) points;
    size_t refused;
};

static const struct ai_tool tool = {
    .name = STR_INIT("list_requirements"),
    .description = STR_INIT("Hands in the requirements of the guidelines, all in one call."),
    .schema =
        STR_INIT("{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"requirements\"],\"properties\":{"
                 "\"requirements\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"additionalProperties\":false,"
                 "\"required\":[\"name\",\"asks\",\"questions\",\"block\",\"quote\"],\"properties\":{"
                 "\"name\":{\"type\":\"string\"},\"asks\":{\"type\":\"string\"},"
                 "\"questions\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
                 "\"block\":{\"type\":\"integer\"},\"quote\":{\"type\":\"string\"}}}}}}"),
};

struct raw {
    struct str name, asks, quote;
    struct json_list questions;
    int64_t block;
};
static const struct json_field fields[] = {
    {.name = "name",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw, name),
     .required = true,
     .min = 1,
     .max = NAME_MAX_BYTES},
    {.name = "asks",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw, asks),
     .required = true,
     .min = 1,
     .max = ASKS_MAX},
    {.name = "questions",
     .kind = JSON_K_STRS,
     .offset = offsetof(struct raw, questions),
     .required = true,
     .min = 0,
     .max = QUESTIONS_MAX},
    {.name = "block",
     .kind = JSON_K_INT,
     .offset = offsetof(struct raw, block),
     .required = true,
     .min = 0,
     .max = 1e9},
    {.name = "quote",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw, quote),
     .required = true,
     .min = 1,
     .max = QUOTE_MAX},
};
static const struct json_table raw_table = {sizeof(struct raw), fields, sizeof fields / sizeof *fields};

/* --- what the model hands in --- */

static enum err is_there(const struct work *w, const struct raw *raw, bool *ret, struct error *e)
{
    struct locate_result where;
    struct str quote;
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    if (!scratch) return error_no_memory(e);
    *ret = false;
    if (redact_back(w->redact, raw->quote, scratch, &quote, e) != ERR_OK)
        return error_is_no_memory(e) ? e->code : ERR_OK;
    const struct locate_query q = {.quote = quote,
                                   .block = raw->block < w->doc->blocks.n ? (uint32_t)raw->block : DOC_NONE};
    TRY(locate_quote(w->index, &q, scratch, &where, e));
    *ret = where.how != LOCATE_NOT_FOUND; /* asked for in two places is asked for */
    return ERR_OK;
}

static enum err take_one(struct work *w, const struct json *item, struct error *e)
{
    struct raw raw = {.block = -1};
    struct arena *a = w->run->a;
    bool there = false;
    enum err err = json_decode(a, item, &raw_table, &raw, e);
    if (err == ERR_OK) err = is_there(w, &raw, &there, e);
    if (err != ERR_OK && error_is_no_memory(e)) return err;
    if (err != ERR_OK || !there || w->points.n >= REQUIREMENTS_MAX) {
        w->refused++;
        return ERR_OK;
    }
    struct framework_point *p = VEC_PUSH(a, &w->points);
    if (!p) return error_no_memory(e);
    *p = (struct framework_point){
        .number = (int64_t)w->points.n, .questions = raw.questions.at, .n_questions = raw.questions.n};
    TRY(redact_back(w->redact, str_trim(raw.name), a, &p->name, e));
    return redact_back(w->redact, str_trim(raw.asks), a, &p->asks, e);
}

static enum err take_all(struct work *w, const struct chat_call *call, struct error *e)
{
    for (size_t k = 0; k < call->n_tools; k++) {
        const struct json *input = NULL;
        if (json_parse(w->run->a, call->tools[k].input, &input, e) != ERR_OK)
            return error_is_no_memory(e) ? e->code
                                         : error_set_reason(e, ERR_UPSTREAM, "bad_answer",
                                                            "the model's list of requirements cannot be read");
        const struct json *list = json_get(input, "requirements");
        for (size_t i = 0; i < json_count(list); i++)
            TRY(take_one(w, json_at(list, i), e));
    }
    return ERR_OK;
}

/* --- asking --- */

static enum err part_text(const struct work *w, const struct model_part *part, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct arena *a = w->run->a;
    struct str text;
    (void)chat_text_blocks(&b, w->doc, part->first, part->end, SIZE_MAX);
    TRY(sb_take(&b, a, &text, e));
    TRY(redact_text(w->redact, text, a, &text, e));
    return model_question_fenced(a, w->fence, text,
                                 "List what these blocks of the guidelines require, with list_requirements.", ret, e);
}

static enum err ask(struct work *w, const struct model_part *part, struct error *e)
{
    struct model_question q = {.run = w->run,
                               .person = w->row.owner,
                               .system = w->system,
                               .repeated = true,
                               .tool = &tool,
                               .list = "requirements"};
    struct chat_call call;
    struct str model;
    TRY(part_text(w, part, &q.text, e));
    TRY(model_question_ask(&q, &call, &model, e));
    return take_all(w, &call, e);
}

static enum err prepare(struct work *w, struct error *e)
{
    const struct review_context *c = w->run->c;
    struct arena *a = w->run->a;
    struct model_plan_options o = MODEL_PLAN_DEFAULTS;
    o.engine = c->engine;
    o.whole_document = true;
    TRY(model_question_fence(a, "guidelines", &w->fence, e));
    const struct prompt_var vars[] = {{"FENCE", w->fence}};
    TRY(prompt_fill(prompts_get(c->models->prompts, "guidelines"), vars, 1, a, &w->system, e));
    TRY(redact_new(c->engine, w->doc, c->models->redact, a, &w->redact, e));
    TRY(locate_index_new(w->doc, a, &w->index, e));
    return model_plan_make(w->doc, &o, a, &w->plan, e);
}

/* --- rows --- */

static enum err begin_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct work *w = ctx;
    bool changed = false;
    TRY(store_job_hold(tx, w->run->job.id, w->run->worker, e));
    TRY(store_guidelines_find(tx, w->run->job.ref, STR_EMPTY, w->run->a, &w->row, e));
    if (w->row.state != STORE_QUEUED) return ERR_OK;
    w->row.state = STORE_RUNNING;
    TRY(store_guidelines_update(tx, &w->row, &changed, e));
    w->row.version++;
    return ERR_OK;
}

static enum err end_write(struct store_tx *tx, void *ctx, struct error *e)
{
    struct work *w = ctx;
    bool changed = false;
    w->row.changed_unix_ms = w->run->c->now_unix_ms();
    TRY(store_job_hold(tx, w->run->job.id, w->run->worker, e));
    TRY(store_guidelines_update(tx, &w->row, &changed,
                                e)); /* not changed: a person was faster, and what they wrote stays */
    return store_job_end(tx, w->run->job.id, w->run->worker, STORE_DONE, STR(""), e);
}

static enum err keep(struct work *w, struct error *e)
{
    struct framework *f = NULL;
    struct str version = str_printf(w->run->a, "%u", w->row.version + 1);
    if (!version.p) return error_no_memory(e);
    if (w->points.n == 0) {
        error_set_reason(e, ERR_INVALID, "no_requirements",
                         "the model found nothing in the guidelines that a document has to have or do");
        return error_hint(e, "Write each requirement as a sentence, as in \"A report must name its author.\"");
    }
    TRY(guidelines_of_points(w->run->a, w->row.name, version, w->points.at, w->points.n, &f, e));
    return framework_json(f, w->run->a, &w->row.framework, e);
}

/* The model's part alone has failed: what was found by words stays, and the reason is said. */
static void say_failed(struct work *w, const struct error *why)
{
    bool usable = !str_eq_c(w->row.framework, "{}");
    w->row.state = usable ? STORE_DONE : STORE_FAILED;
    w->row.reason = str_from_c(why->reason[0] ? why->reason : error_code_name(why->code));
    w->row.message = str_from_c(why->message);
    w->row.hint = str_from_c(why->hint);
}

static enum err read_with_model(struct work *w, struct error *e)
{
    TRY(prepare(w, e));
    for (size_t i = 0; i < w->plan.n; i++)
        TRY(ask(w, &w->plan.parts[i], e));
    return keep(w, e);
}

static enum err run(const struct job__run *run, struct error *e)
{
    struct work w = {.run = run};
    struct error why = {0};
    CLEANUP_DOC struct doc *doc = NULL;
    TRY(store_write(run->c->store, begin_write, &w, e));
    job__is_of(run, w.row.owner, STR_EMPTY);
    if (w.row.state == STORE_RUNNING) {
        if (!run->c->models) return error_set_reason(e, ERR_CONFLICT, "no_model", "no model is configured any more");
        const struct store_version version = {.blob = w.row.blob};
        TRY(review__version_read(run->c, &version, run->a, &doc, e));
        w.doc = doc;
        enum err err = read_with_model(&w, &why);
        if (err != ERR_OK && model_question_ends_job(&why)) {
            *e = why;
            return err;
        }
        w.row.state = STORE_DONE;
        w.row.by_model = err == ERR_OK;
        w.row.reason = w.row.message = w.row.hint = STR("");
        if (err != ERR_OK) say_failed(&w, &why);
    }
    return store_write(run->c->store, end_write, &w, e);
}

static enum err failed(struct store_tx *tx, const struct job__run *run, const struct error *why, struct error *e)
{
    struct work w = {.run = run};
    bool changed = false;
    enum err err = store_guidelines_find(tx, run->job.ref, STR_EMPTY, run->a, &w.row, e);
    if (err != ERR_OK) return err == ERR_NOT_FOUND ? ERR_OK : err;
    say_failed(&w, why);
    w.row.changed_unix_ms = run->c->now_unix_ms();
    return store_guidelines_update(tx, &w.row, &changed, e);
}

const struct job__kind job__guidelines = {run, failed};
