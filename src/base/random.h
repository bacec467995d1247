/* Chance from the kernel: for ids, keys and tokens that nobody may guess. Source: Linux getrandom(2). Thread: any. */
#pragma once

#include <stddef.h>

/* n bytes. Cannot fail: the kernel's source never runs dry once it is ready, and waits at boot until it is. */
void random_bytes(void *to, size_t n);

/* An id: 26 digits of base 32 (0-9 and a-z without i, l, o, u, as Crockford chose them: no two look alike, no words by accident) and a NUL.
 * 130 bits: it is unique without asking anyone, and knowing some ids tells nothing of another. */
#define RANDOM_ID_CHARS 26
void random_id(char ret[RANDOM_ID_CHARS + 1]);
