/* The syntax of prism.conf: NAME=value, one a line; a line that begins with # is a comment; space around name and value does not count; a value may
 * stand in "…" or '…' to keep its own. No variables, no continuation, no escapes: what stands there is what it says. Thread: any. */
#pragma once

#include "base/str.h"
#include "base/vec.h"

#define CONF_FILE_MAX_BYTES 65536

struct conf_line {
    struct str name, value; /* borrowed from the text */
    unsigned line;          /* from 1 */
};

struct conf_lines {
    struct conf_line *at;
    size_t n, cap;
};

/* No name comes twice. ERR_INVALID "bad_conf_file": the message names the line. */
enum err conf_file_parse(struct arena *a, struct str text, struct conf_lines *ret, struct error *e) MUST_USE;
