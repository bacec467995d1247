/* The prices that are part of the program. The table is made by tools/embed.c. Thread: any. */
#pragma once

#include "base/embedded.h"

extern const struct embedded_file ai__price_files[]; /* prices/ */
extern const size_t ai__price_file_n;
