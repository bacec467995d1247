/* What the commands say to people: results on standard output, everything else on standard error. Thread: main. */
#pragma once

#include "base/error.h"
#include "base/str.h"

/* "prism: FILE: message" and the hint on a line of its own; of an error of ours the detail too. file: NULL or empty for none. Control characters are shown as '?'. */
void cmd_say_error(const char *file, const struct error *e);
/* "prism: …" by printf. */
void cmd_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes all of s to standard output. ERR_INTERNAL when that fails (a full disk, a closed pipe). */
enum err cmd_print(struct str s, struct error *e) MUST_USE;

/* The exit code that an error leads to. */
int cmd_exit_of(enum err code);
