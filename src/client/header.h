/* One header of an HTTP message, as everything here takes and gives them. Views: who made it says how long they live. */
#pragma once

#include "base/str.h"

struct client_header {
    struct str name, value;
};

/* The value of the first header with that name (in any case), or .p NULL. */
static inline struct str client_header_find(const struct client_header *headers, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_nocase(headers[i].name, name)) return headers[i].value;
    return STR_EMPTY;
}
