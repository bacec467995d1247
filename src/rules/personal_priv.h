/* The names of people, for personal.c. */
#pragma once

#include "base/vec.h"
#include "rules/personal.h"

struct rules__personal_list {
    VEC(struct rules_personal) at;
};

/* people.c: appends names. n texts, the blocks of doc first. */
enum err rules__people_find(const struct doc *doc, const struct str *texts, size_t n, struct arena *a,
                            struct rules__personal_list *list, struct error *e) MUST_USE;
