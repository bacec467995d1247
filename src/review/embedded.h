/* Files that are part of the program. The tables are made by tools/embed.c. Thread: any. */
#pragma once

#include "base/embedded.h"

extern const struct embedded_file framework__builtins[]; /* frameworks/, sorted by name */
extern const size_t framework__builtin_n;
extern const struct embedded_file prompt__builtins[]; /* prompts/ */
extern const size_t prompt__builtin_n;
extern const struct embedded_file export__assets[]; /* report.css */
extern const size_t export__asset_n;
