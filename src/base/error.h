/* Errors: one enum, one struct on the caller's stack, text for three readers (the user, the user's next step, the log).
 * A fallible function returns `enum err` and takes `struct error *e` last; it fills *e on failure only and then returns the same code.
 * Buffers are fixed, so reporting never allocates. Texts are set once, where the cause is known; callers may put context in front.
 * Thread: any; a struct error belongs to one thread. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define MUST_USE __attribute__((warn_unused_result))

/* X(name, code for programs, HTTP status): the only place where the three meet. */
#define ERROR_CODES(X)                                                                                                 \
    X(OK, "ok", 200)                                                                                                   \
    X(INVALID, "invalid", 400)                                                                                         \
    X(NOT_FOUND, "not_found", 404)                                                                                     \
    X(FORBIDDEN, "forbidden", 403)                                                                                     \
    X(CONFLICT, "conflict", 409)                                                                                       \
    X(LIMIT, "limit", 413)                                                                                             \
    X(BUSY, "busy", 503)                                                                                               \
    X(UPSTREAM, "upstream", 502)                                                                                       \
    X(STORAGE, "storage", 507) /* what must be kept cannot be: no room, read-only */                                   \
    X(INTERNAL, "internal", 500)

enum err {
#define X(name, text, status) ERR_##name,
    ERROR_CODES(X)
#undef X
};

struct error {
    enum err code;
    char reason[48];   /* for programs: finer than code, e.g. "zip_bomb", "bad_xml"; may be empty */
    char message[256]; /* for the user: what is wrong; lower case, quotes user data, gives the reason and the limit */
    char hint[256];    /* for the user: what to do, a sentence; may be empty */
    char detail[512];  /* for the log only: path, errno, upstream body; never sent to a client */
};

/* Leaves the function with the error of `call`, if it failed. The only control-flow macro of the code base. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        enum err try_err_ = (call);                                                                                    \
        if (try_err_ != ERR_OK) return try_err_;                                                                       \
    } while (0)

/* Fill *e (all other texts are emptied) and return code, so that `return error_set(…)` reads as one statement. e may be NULL.
 * reason: a constant of [a-z0-9_], at most 47 bytes. Longer texts are cut at a UTF-8 border. */
enum err error_set(struct error *e, enum err code, const char *format, ...) __attribute__((format(printf, 3, 4)));
enum err error_set_reason(struct error *e, enum err code, const char *reason, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ERR_LIMIT "out of memory": for a failed allocation, arena maximum included. */
enum err error_no_memory(struct error *e);
/* Is it that? For callers that turn errors of a kind into another one: what had no memory says nothing about its input. NULL: false. */
bool error_is_no_memory(const struct error *e);

/* Set the hint or the log detail of an error that is already set; return its code. e may be NULL (then ERR_INTERNAL). */
enum err error_hint(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum err error_detail(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "<context>: " in front of the message; returns the code. */
enum err error_prefix(struct error *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The program's name of a code ("not_found") and its HTTP status. */
const char *error_code_name(enum err code);
int error_code_http_status(enum err code);

/* For clang's analyzer only: what fails does not return ERR_OK. It looks into no other file and would go on after `return error_set(…)` as if all
 * was well, with everything that a failing function leaves unset. */
#if defined __clang_analyzer__ && !defined ERROR_DEFINITIONS
#define error_set(e, code, ...)                ((void)error_set(e, code, __VA_ARGS__), (code))
#define error_set_reason(e, code, reason, ...) ((void)error_set_reason(e, code, reason, __VA_ARGS__), (code))
#define error_no_memory(e)                     ((void)error_no_memory(e), ERR_LIMIT)
#define error_hint(e, ...)                     ((void)error_hint(e, __VA_ARGS__), ERR_INTERNAL)
#define error_detail(e, ...)                   ((void)error_detail(e, __VA_ARGS__), ERR_INTERNAL)
#define error_prefix(e, ...)                   ((void)error_prefix(e, __VA_ARGS__), ERR_INTERNAL)
#endif
