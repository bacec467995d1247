/* Comments: their markers in the plan, and the parts that hold their text, threads, ids and people. See write_plan.h. Thread: any. */
#pragma once

#include "doc/write_plan.h"
