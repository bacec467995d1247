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

const char *ai_reason_what(enum ai_reason reason) { return rows[reason].what; }

static const struct row *find(const struct error *e)
{
    for (size_t i = 0; i < AI_REASONS; i++)
        if (strcmp(rows[i].reason, e->reason) == 0) return &rows[i];
    return NULL;
}

bool ai_error_worth_retry(const struct error *e)
{
    const struct row *r = find(e);
    return r && r->retry;
}

bool ai_error_worth_fallback(const struct error *e)
{
    const struct row *r = find(e);
    return r && r->fallback;
}
