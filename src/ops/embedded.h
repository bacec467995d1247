/* Files that the build makes part of this module (tools/embed.c). */
#pragma once

#include "base/embedded.h"

extern const struct embedded_file logs__assets[];
extern const size_t logs__asset_n;
