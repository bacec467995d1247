/* Limits on what a .docx may be. Each is a row with its default; a reader gets them by value. Thread: any. */
#pragma once

#include <stddef.h>

struct doc_limits {
    size_t max_file_bytes;  /* the .docx itself */
    size_t max_entries;     /* zip entries */
    size_t max_part_bytes;  /* one XML part, inflated */
    size_t max_total_bytes; /* all entries, inflated (declared), media included */
    unsigned max_ratio;     /* inflated : packed of one entry, once it is over ratio_floor_bytes */
    size_t ratio_floor_bytes;
    unsigned max_depth; /* nested XML elements */
    size_t max_blocks;
    size_t max_memory_bytes; /* arena of one document */
};

#define DOC_LIMITS_DEFAULT                                                                                             \
    {                                                                                                                  \
        .max_file_bytes = 64u << 20, .max_entries = 10000, .max_part_bytes = 64u << 20, .max_total_bytes = 512u << 20, \
        .max_ratio = 200, .ratio_floor_bytes = 1u << 20, .max_depth = 512, .max_blocks = 500000,                       \
        .max_memory_bytes = (size_t)1 << 30                                                                            \
    }
