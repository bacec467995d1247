/* Numbers as people write them: "1,234.50", "1.234,50", "(120)", "$3.4 million", "45 %". Thread: any. */
#pragma once

#include "base/str.h"

struct number {
    double value; /* with "million" and the like multiplied in */
    int decimals; /* digits behind the decimal mark, as written */
    bool percent;
    bool currency;     /* a sign or code stands with it */
    bool scaled;       /* "million", "k": the value is rounded */
    struct str unit;   /* the word behind it, if that is neither of these: "hours"; or empty */
    size_t start, end; /* bytes of what was read, sign, currency and scale included, unit not */
};

/* Reads the number that begins at `at` (its sign, currency mark or first digit). false: none is there. */
bool number_read(struct str text, size_t at, struct number *ret);
/* The text is this number and at most a unit: a cell of a table. */
bool number_read_whole(struct str text, struct number *ret);
