/* The dictionary: hunspell, seen by spelling.c only.
 * Thread: any; lookups of one dictionary are made one at a time. */
#pragma once

#include "base/sb.h"

struct rules__dictionary;

/* folder: where en_US.aff and en_US.dic are; NULL: the system's. ERR_NOT_FOUND "no_dictionary" when they are not there.
 * in_background: loading goes on on a thread of its own. ERR_LIMIT no memory. */
enum err spelling_new(const char *folder, bool in_background, struct rules__dictionary **ret, struct error *e) MUST_USE;
void spelling_free(struct rules__dictionary *s); /* NULL is fine */

/* Waits until it is loaded. false: it could not be. To be asked before what follows. */
bool spelling_ready(struct rules__dictionary *s) MUST_USE;

/* Is the word in the dictionary? One of more than SPELLING_WORD_MAX bytes is. */
#define SPELLING_WORD_MAX 60
bool spelling_knows(struct rules__dictionary *s, struct str word);

/* Known words that are one slip away: letters swapped, or doubled wrongly; only if there are none of these, one letter left out, too many or
 * wrong. At most max of them, each in the arena; *ret_n how many. *lookups: how many words may still be looked up, counted down; at 0 the
 * search ends with what it has. */
enum err spelling_near(struct rules__dictionary *s, struct str word, struct str *ret, size_t max, size_t *lookups,
                       size_t *ret_n, struct arena *a, struct error *e) MUST_USE;
