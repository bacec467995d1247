/* The schema says what the table below it checks; limits that providers' schemas cannot say stand in the descriptions and are checked here.
 * Source: the subset of JSON Schema that Anthropic and Bedrock compile (no lengths, no ranges, additionalProperties false on every object). */
#include "review/model_tools.h"

const struct ai_tool model_tool_findings = {
    .name = STR_INIT(MODEL_TOOL_FINDINGS),
    .description = STR_INIT(
        "Hands in what you have found in the blocks that you were asked to review. Call it once, with all findings, the most "
        "important ones first; with an empty list when there is nothing to find."),
    .schema = STR_INIT(
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"findings\"],\"properties\":{\"findings\":{"
        "\"type\":\"array\",\"items\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"block\","
        "\"quote\",\"title\",\"category\",\"kind\",\"risk\",\"confidence\",\"description\",\"suggestion\"],"
        "\"properties\":{"
        "\"block\":{\"type\":\"integer\",\"description\":\"The number of the block, as it stands in square brackets "
        "before it.\"},"
        "\"quote\":{\"type\":\"string\",\"description\":\"The words that the finding is about, copied from that block "
        "without any change: as few as show what is meant, never the number in brackets.\"},"
        "\"title\":{\"type\":\"string\",\"description\":\"What is wrong, in at most ten words.\"},"
        "\"category\":{\"type\":\"string\",\"description\":\"One or two words, such as Timeline, Root cause, "
        "Evidence.\"},"
        "\"kind\":{\"type\":\"string\",\"enum\":[\"critical\",\"important\",\"suggestion\"]},"
        "\"risk\":{\"type\":\"string\",\"enum\":[\"high\",\"medium\",\"low\"]},"
        "\"confidence\":{\"type\":\"number\",\"description\":\"From 0 to 1: how sure you are that this is wrong and "
        "that its author would agree.\"},"
        "\"description\":{\"type\":\"string\",\"description\":\"Why it is wrong here, in one to three sentences.\"},"
        "\"suggestion\":{\"type\":\"string\",\"description\":\"What its author should do; empty when that is "
        "clear.\"},"
        "\"rewrite\":{\"type\":\"string\",\"description\":\"Only where other words make it right: those that stand "
        "in the place of the quote, and nothing else.\"},"
        "\"questions\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"What the author should "
        "answer; at most three.\"},"
        "\"points\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"description\":\"Numbers of the points of "
        "the framework that it speaks to.\"}}}}}}"),
};

struct raw {
    int64_t block;
    struct str quote, title, category, description, suggestion, rewrite;
    int kind, risk;
    double confidence;
    struct json_list questions, points;
};

#define TEXT(member, least, most)                                                                                      \
    {                                                                                                                  \
        .name = #member, .kind = JSON_K_STR, .offset = offsetof(struct raw, member), .required = true, .min = (least), \
        .max = (most)                                                                                                  \
    }

static const char *const kinds[] = {"suggestion", "important", "critical", NULL}; /* as enum finding_kind */
static const char *const risks[] = {"low", "medium", "high", NULL};               /* as enum finding_risk */

static const struct json_field fields[] = {
    {.name = "block",
     .kind = JSON_K_INT,
     .offset = offsetof(struct raw, block),
     .required = true,
     .min = 0,
     .max = 1e9},
    TEXT(quote, 1, MODEL_QUOTE_MAX),
    TEXT(title, 1, MODEL_TITLE_MAX),
    TEXT(category, 1, MODEL_CATEGORY_MAX),
    {.name = "kind", .kind = JSON_K_ENUM, .offset = offsetof(struct raw, kind), .required = true, .names = kinds},
    {.name = "risk", .kind = JSON_K_ENUM, .offset = offsetof(struct raw, risk), .required = true, .names = risks},
    {.name = "confidence",
     .kind = JSON_K_DOUBLE,
     .offset = offsetof(struct raw, confidence),
     .required = true,
     .min = 0,
     .max = 1},
    TEXT(description, 1, MODEL_TEXT_MAX),
    {.name = "suggestion",
     .kind = JSON_K_STR,
     .offset = offsetof(struct raw, suggestion),
     .required = true,
     .min = 0,
     .max = MODEL_TEXT_MAX},
    {.name = "rewrite", .kind = JSON_K_STR, .offset = offsetof(struct raw, rewrite), .min = 0, .max = MODEL_TEXT_MAX},
    {.name = "questions",
     .kind = JSON_K_STRS,
     .offset = offsetof(struct raw, questions),
     .min = 0,
     .max = MODEL_QUESTIONS_MAX},
    {.name = "points", .kind = JSON_K_INTS, .offset = offsetof(struct raw, points), .min = 0, .max = MODEL_POINTS_MAX},
};
static const struct json_table table = {sizeof(struct raw), fields, sizeof fields / sizeof *fields};

/* The message stays, the reason is ours. */
static enum err bad(struct error *e)
{
    char message[sizeof e->message];
    memcpy(message, e->message, sizeof message);
    return error_set_reason(e, ERR_INVALID, "bad_finding", "%s", message);
}

enum err model_item_read(struct str json, struct arena *a, struct model_item *ret, struct error *e)
{
    const struct json *v = NULL;
    struct raw raw = {.block = -1};
    enum err err = json_parse(a, json, &v, e);
    if (err == ERR_OK) err = json_decode(a, v, &table, &raw, e);
    if (err != ERR_OK) return error_is_no_memory(e) ? err : bad(e);
    *ret = (struct model_item){
        .block = raw.block,
        .quote = raw.quote,
        .title = raw.title,
        .category = raw.category,
        .description = raw.description,
        .suggestion = raw.suggestion,
        .has_rewrite = raw.rewrite.p != NULL,
        .rewrite = raw.rewrite,
        .kind = (enum finding_kind)raw.kind,
        .risk = (enum finding_risk)raw.risk,
        .confidence = raw.confidence,
        .questions = raw.questions.at,
        .n_questions = raw.questions.n,
        .points = raw.points.at,
        .n_points = raw.points.n,
    };
    return ERR_OK;
}
