/* docs/openapi.yaml as part of the program. Made by tools/embed.c. Thread: any. */
#pragma once

#include "base/embedded.h"

extern const struct embedded_file api__specs[];
extern const size_t api__spec_n;
