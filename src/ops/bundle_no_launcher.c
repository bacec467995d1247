/* Where there is no launcher for this processor: a bundle cannot be made, and that is said (bundle_load.c). */
#include "ops/embedded.h"

const struct embedded_file bundle__launchers[] = {{"", (const unsigned char *)"", 0}};
const size_t bundle__launcher_n = 0;
