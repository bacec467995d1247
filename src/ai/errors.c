/* The table of what can go wrong with a model. */
#include "ai/errors.h"

#include <stdio.h>
#include <string.h>

static const struct row {
    const char *reason;
    enum err code;
    bool retry, fallback;
    const char *what, *hint;
} rows[AI_REASONS] = {
#define X(name, reason, code, again, other, what, hint) [AI_##name] = {reason, ERR_##code, again, other, what, hint},
    AI_ERRORS(X)
#undef X
};

enum err ai_error(struct error *e, enum ai_reason reason, const char *format, ...)
{
    char text[sizeof e->message];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)error_set_reason(e, rows[reason].code, rows[reason].reason, "%s", text);
    return error_hint(e, "%s", rows[reason].hint);
}

const char *ai_reason_name(enum ai_reason reason) { return rows[reason].reason; }

const char *ai_reason_what(enum ai_reason reason) { return rows[reason].what; }

enum ai_reason ai_error_reason(const struct error *e)
{
    size_t i = 0;
    while (i < AI_REASONS && strcmp(rows[i].reason, e->reason) != 0)
        i++;
    return (enum ai_reason)i;
}

bool ai_error_worth_retry(const struct error *e)
{
    enum ai_reason reason = ai_error_reason(e);
    return reason < AI_REASONS && rows[reason].retry;
}

bool ai_error_worth_fallback(const struct error *e)
{
    enum ai_reason reason = ai_error_reason(e);
    return reason < AI_REASONS && rows[reason].fallback;
}
