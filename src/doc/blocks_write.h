/* Paragraphs added at the end of the body. See write_plan.h. Thread: any. */
#pragma once

#include "doc/write_plan.h"
