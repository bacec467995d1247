/* What the commands say to people. The one place that writes to standard error, so that all messages look alike and file names from
 * outside cannot send control sequences to a terminal. */
#include "cmd/say.h"

#include <errno.h>
#include <stdio.h>

#include "cmd/commands.h"

static void put_safe(const char *c)
{
    for (; *c; c++)
        fputc((unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c, stderr);
}

static void put_line(const char *text)
{
    if (!*text) return;
    fputs("       ", stderr);
    put_safe(text);
    fputc('\n', stderr);
}

void cmd_say_error(const char *file, const struct error *e)
{
    (void)fflush(stdout); /* the two streams may end on one terminal: keep their order */
    fputs("prism: ", stderr);
    if (file && *file) {
        put_safe(file);
        fputs(": ", stderr);
    }
    put_safe(e->message[0] ? e->message : "failed without a message");
    fputc('\n', stderr);
    put_line(e->hint);
    if (e->code == ERR_INTERNAL) put_line(e->detail); /* here the person and the operator are one */
}

void cmd_say(const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)fflush(stdout);
    fputs("prism: ", stderr);
    put_safe(text);
    fputc('\n', stderr);
}

enum err cmd_print(struct str s, struct error *e)
{
    if (s.n && fwrite(s.p, 1, s.n, stdout) != s.n)
        return error_set(e, ERR_INTERNAL, "could not write to standard output: %s", strerror(errno));
    if (fflush(stdout)) return error_set(e, ERR_INTERNAL, "could not write to standard output: %s", strerror(errno));
    return ERR_OK;
}

int cmd_exit_of(enum err code)
{
    switch (code) {
    case ERR_OK: return CMD_EXIT_OK;
    case ERR_INTERNAL: return CMD_EXIT_INTERNAL;
    case ERR_INVALID:
    case ERR_NOT_FOUND:
    case ERR_FORBIDDEN:
    case ERR_CONFLICT:
    case ERR_LIMIT:
    case ERR_BUSY:
    case ERR_UPSTREAM:
    case ERR_STORAGE: return CMD_EXIT_BAD_INPUT;
    }
    return CMD_EXIT_INTERNAL;
}
