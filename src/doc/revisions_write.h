/* Tracked changes: from an anchor and a replacement to deletions and insertions in the plan. See write_plan.h. Thread: any. */
#pragma once

#include "doc/write_plan.h"
