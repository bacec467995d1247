/* The texts that models are instructed with: files of prompts/, part of the program, each replaced by a file of the same name in a folder of the team's
 * (PRISM_PROMPTS). A prompt's version is a hash of its text, so whatever was made with it can say so, and nothing made with another is reused.
 * {{NAME}} in a text stands for a value that the caller gives. Thread: any; loaded prompts are immutable. */
#pragma once

#include "base/str.h"

struct prompts;

struct prompt {
    struct str name;
    struct str text;
    struct str version; /* 12 hexadecimal digits */
};

/* folder: of the team's own texts, or NULL. In a. ERR_NOT_FOUND the folder; ERR_INVALID "bad_prompt": a file in it that is no prompt of ours (the
 * message lists them), is empty or no UTF-8; ERR_LIMIT. */
enum err prompts_load(struct arena *a, const char *folder, struct prompts **ret, struct error *e) MUST_USE;

/* name: one that there is ("review", "chat", …). */
const struct prompt *prompts_get(const struct prompts *prompts, const char *name);

struct prompt_var {
    const char *name; /* of [A-Z_] */
    struct str value;
};

/* The text with its values; in a. ERR_INVALID "bad_prompt": the text (a team's own, maybe) names a value that is not given, or leaves out FENCE where that is
 * given: what keeps a document from giving instructions must not be lost. */
enum err prompt_fill(const struct prompt *prompt, const struct prompt_var *vars, size_t n_vars, struct arena *a,
                     struct str *ret, struct error *e) MUST_USE;
