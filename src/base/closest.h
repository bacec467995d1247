/* The name that a mistyped word most likely means: for options, commands, settings. Thread: any. */
#pragma once

#include <stddef.h>

/* The name among n that differs from word in at most a third of its letters (insert, delete, replace, swap of neighbours), or that word begins;
 * the first of equally near ones. NULL when none is near. */
const char *closest_name(const char *word, size_t n, const char *(*name_at)(const void *ctx, size_t i),
                         const void *ctx);
