/* What reading an answer takes, whoever sends it: events, refusals, the reason of the end, and what is known of models.
 * What a provider says of an error goes into the detail, which only the log sees, and even there without what is quoted in it, and not at all
 * where it has a piece of the request: servers repeat what they were sent, and that is somebody's document.
 * Once the answer has begun the request is gone and nothing can be compared: of an error that comes then only its type is kept.
 * Limits: a piece is QUOTED bytes. */
#include <stdio.h>

#include "ai/call_priv.h"

bool ai__has(struct str s, const char *texts)
{
    for (struct str part, rest = str_from_c(texts); rest.p;) {
        part = str_cut(rest, '|', &rest);
        if (part.n > 0 && str_find_nocase(s, part, 0) != STR_NONE) return true;
    }
    return false;
}

#define QUOTED 24
#define STEP   8

/* Is a piece of the request in it? The model's own id does not count. */
static bool repeats_request(const struct ai__call *c, struct str text)
{
    struct str body = sb_view(&c->body);
    for (size_t at = 0; at + QUOTED <= text.n; at += STEP) {
        struct str piece = str_sub(text, at, at + QUOTED);
        if (str_find(body, piece, 0) != STR_NONE && str_find(c->model, piece, 0) == STR_NONE) return true;
    }
    return false;
}

/* A server that says which key it did not like. */
static bool repeats_secret(const struct ai__call *c, struct str message)
{
    struct str key = str_starts(c->secret, STR("Bearer ")) ? str_sub(c->secret, 7, c->secret.n) : c->secret;
    return key.n > 0 && str_find(message, key, 0) != STR_NONE;
}

static void detail(const struct ai__call *c, struct str type, struct str message, struct error *e)
{
    char text[240];
    size_t n = 0;
    char quote = 0;
    for (size_t i = 0; i < message.n && n < sizeof text - 1; i++) {
        char ch = message.p[i];
        bool inside = quote != 0;
        if (inside && ch == quote) quote = 0;
        if (!inside &&
            (ch == '"' || ch == '`' || (ch == '\'' && (i == 0 || message.p[i - 1] == ' ' || message.p[i - 1] == ':'))))
            quote = ch;
        if (!inside || !quote) text[n++] = ch;
    }
    text[n] = 0;
    if (c->status == 200)
        text[0] = 0;
    else if (repeats_secret(c, message))
        (void)snprintf(text, sizeof text, "(its message repeats the key)");
    else if (repeats_request(c, (struct str){text, n}))
        (void)snprintf(text, sizeof text, "(its message repeats the request)");
    (void)error_detail(e, "HTTP %d, %.*s, request %s: %s", c->status, STR_ARG(str_sub(type, 0, 60)),
                       c->request_id[0] ? c->request_id : "without an id", text);
}

enum err ai__event_parse(const struct ai__call *c, struct str text, struct arena **ret_a, const struct json **ret,
                         struct error *e)
{
    struct arena *a = arena_new(1 << 16);
    if (!a) return error_no_memory(e);
    struct error why = {0};
    if (json_parse(a, text, ret, &why) == ERR_OK) {
        *ret_a = a;
        return ERR_OK;
    }
    arena_free(a);
    if (error_is_no_memory(&why)) return error_no_memory(e);
    return ai_error(e, AI_BAD_ANSWER, "%.*s: an event of the answer's stream is no JSON", STR_ARG(c->model));
}

enum err ai__refuse(const struct ai__call *c, enum ai_reason reason, struct str type, struct str message,
                    struct error *e)
{
    enum err err = ai_error(e, reason, "%.*s: %s", STR_ARG(c->model), ai_reason_what(reason));
    detail(c, type, message, e);
    return err;
}

enum ai_reason ai__by_status(int status)
{
    static const struct {
        int status;
        enum ai_reason reason;
    } rows[] = {{401, AI_BAD_CREDENTIALS},    {402, AI_QUOTA},      {403, AI_ACCESS_DENIED},
                {404, AI_MODEL_NOT_FOUND},    {407, AI_NO_ROUTE},   {408, AI_TIMEOUT_FIRST_TOKEN},
                {413, AI_CONTEXT_TOO_LONG},   {424, AI_BAD_ANSWER}, {429, AI_THROTTLED},
                {504, AI_TIMEOUT_FIRST_TOKEN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status) return rows[i].reason;
    return status >= 500 ? AI_OVERLOADED : status >= 400 ? AI_BAD_REQUEST : AI_BAD_ANSWER;
}

enum err ai__stopped(struct ai__call *c, struct str reason, const struct ai__stop_row *rows, struct error *e)
{
    for (; rows->reason && !str_eq_c(reason, rows->reason); rows++)
        continue;
    if (rows->reason && rows->stop == AI_STOP_ERROR)
        return ai_error(e, AI_BAD_ANSWER, "%.*s: the model's own output was malformed (%s)", STR_ARG(c->model),
                        rows->reason);
    /* what is not known ended the answer all the same */
    c->stop = rows->reason ? rows->stop : AI_STOP_DONE;
    if (c->stop == AI_STOP_DONE && c->n_tools > 0) c->stop = AI_STOP_TOOL;
    c->stop_known = true;
    return ERR_OK;
}

bool ai__thinks_by_budget(struct str model)
{
    return ai__has(
        model, "claude-3-7|claude-sonnet-4-2025|claude-opus-4-2025|claude-opus-4-1|claude-sonnet-4-5|claude-haiku-4-5|"
               "claude-opus-4-5|claude-sonnet-4-0|claude-opus-4-0|claude-sonnet-4@|claude-opus-4@");
}

const char *ai__effort(int64_t reasoning_tokens)
{
    return reasoning_tokens < 4096 ? "low" : reasoning_tokens < 16384 ? "medium" : "high";
}

uint64_t ai__count(const struct json *object, const char *key)
{
    double n = json_double(json_get(object, key), 0);
    return n > 0 && n < 1e15 ? (uint64_t)n : 0;
}
