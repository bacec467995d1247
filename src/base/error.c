/* Errors: filling struct error.
 * Every text is first formatted into a buffer of its own and then copied, so that arguments may point into the error that is being filled
 * (a common case: wrapping a message into a new one). What does not fit is cut at a UTF-8 border, because the texts are sent on as JSON.
 * Rejected: errno (no text), thread-local errors (easily stale), allocated texts (reporting an allocation failure must not allocate). */
#define ERROR_DEFINITIONS
#include "base/error.h"

#include <stdio.h>
#include <string.h>

/* Removes a UTF-8 sequence that the end of the buffer has cut: from its lead byte, if its continuation bytes are not all there. */
static void cut_at_border(char *text, size_t n)
{
    size_t back = 0;
    while (back < 3 && back < n && ((unsigned char)text[n - 1 - back] & 0xC0) == 0x80)
        back++;
    if (back >= n) return;
    unsigned char lead = (unsigned char)text[n - 1 - back];
    size_t need = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (need > back) text[n - 1 - back] = '\0';
}

static void format_text(char *to, size_t size, const char *format, va_list args) __attribute__((format(printf, 3, 0)));
static void set_message(struct error *e, enum err code, const char *reason, const char *format, va_list args)
    __attribute__((format(printf, 4, 0)));

static void format_text(char *to, size_t size, const char *format, va_list args)
{
    char text[sizeof(((struct error *)0)->detail)] = "";
    int n = vsnprintf(text, size < sizeof text ? size : sizeof text, format, args);
    if (n < 0) text[0] = '\0';
    if (n > 0 && (size_t)n >= size) cut_at_border(text, size - 1);
    memcpy(to, text, strlen(text) + 1);
}

static void set_message(struct error *e, enum err code, const char *reason, const char *format, va_list args)
{
    struct error fresh = {.code = code};
    size_t n = strnlen(reason, sizeof fresh.reason - 1);
    memcpy(fresh.reason, reason, n);
    format_text(fresh.message, sizeof fresh.message, format, args);
    *e = fresh;
}

enum err error_set(struct error *e, enum err code, const char *format, ...)
{
    if (!e) return code;
    va_list args;
    va_start(args, format);
    set_message(e, code, "", format, args);
    va_end(args);
    return code;
}

enum err error_set_reason(struct error *e, enum err code, const char *reason, const char *format, ...)
{
    if (!e) return code;
    va_list args;
    va_start(args, format);
    set_message(e, code, reason, format, args);
    va_end(args);
    return code;
}

enum err error_no_memory(struct error *e) { return error_set_reason(e, ERR_LIMIT, "out_of_memory", "out of memory"); }

bool error_is_no_memory(const struct error *e) { return e && strcmp(e->reason, "out_of_memory") == 0; }

enum err error_hint(struct error *e, const char *format, ...)
{
    if (!e) return ERR_INTERNAL;
    va_list args;
    va_start(args, format);
    format_text(e->hint, sizeof e->hint, format, args);
    va_end(args);
    return e->code;
}

enum err error_detail(struct error *e, const char *format, ...)
{
    if (!e) return ERR_INTERNAL;
    va_list args;
    va_start(args, format);
    format_text(e->detail, sizeof e->detail, format, args);
    va_end(args);
    return e->code;
}

enum err error_prefix(struct error *e, const char *format, ...)
{
    if (!e) return ERR_INTERNAL;
    char text[sizeof e->message];
    va_list args;
    va_start(args, format);
    format_text(text, sizeof text, format, args);
    va_end(args);

    size_t n = strlen(text), old = strlen(e->message);
    bool cut = false;
    if (n + 2 >= sizeof text) return e->code; /* no room for both: the message matters more than its context */
    memcpy(text + n, ": ", 2);
    n += 2;
    if (n + old >= sizeof text) {
        old = sizeof text - 1 - n;
        cut = true;
    }
    memcpy(text + n, e->message, old);
    text[n + old] = '\0';
    if (cut) cut_at_border(text, n + old);
    memcpy(e->message, text, sizeof text);
    return e->code;
}

const char *error_code_name(enum err code)
{
    switch (code) {
#define X(name, text, status)                                                                                          \
    case ERR_##name: return text;
        ERROR_CODES(X)
#undef X
    }
    return "internal";
}

int error_code_http_status(enum err code)
{
    switch (code) {
#define X(name, text, status)                                                                                          \
    case ERR_##name: return status;
        ERROR_CODES(X)
#undef X
    }
    return 500;
}
