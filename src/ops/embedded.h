/* Files that the build makes part of this module (tools/embed.c). */
#pragma once

#include "base/embedded.h"

extern const struct embedded_file logs__assets[];
extern const size_t logs__asset_n;

extern const struct embedded_file bundle__assets[];
extern const size_t bundle__asset_n;

extern const struct embedded_file bundle__launchers[]; /* one, or none on other processors */
extern const size_t bundle__launcher_n;
