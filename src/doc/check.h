/* The invariants of a model, for tests and fuzz targets: what every reader may rely on. Thread: any. */
#pragma once

#include "doc/model.h"

/* Runs of a block cover its text without gap; ranges lie in their part, begin with '<' and nest; sections partition
 * the body; tables, rows, cells and blocks nest; indices and anchors are valid; text is UTF-8. ERR_INTERNAL: the
 * message says what does not hold. */
enum err doc_check(const struct doc *doc, struct error *e) MUST_USE;
