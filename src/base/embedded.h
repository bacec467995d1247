/* A file that is part of the program. Tables of them are made by tools/embed.c. Thread: any. */
#pragma once

#include <stddef.h>

struct embedded_file {
    const char *name; /* base name without its last extension */
    const unsigned char *bytes;
    size_t n;
};
