/* A framework as JSON, in the form that framework_parse() reads. Thread: any. */
#pragma once

#include "review/framework.h"

/* In a. */
enum err framework_json(const struct framework *f, struct arena *a, struct str *ret, struct error *e) MUST_USE;
