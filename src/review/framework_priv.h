/* The words that frameworks look for. */
#pragma once

#include "review/framework.h"

/* Whether the word ("investigat*" takes every ending) stands in the text; both folded (framework__fold). */
bool framework__has_word(struct str folded_text, struct str folded_word);
/* Case and white space made one, for comparing. .p NULL on no memory. */
struct str framework__fold(struct arena *a, struct str s);
