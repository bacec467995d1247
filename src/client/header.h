/* One header of an HTTP message, as everything here takes and gives them. Views: who made it says how long they live. */
#pragma once

#include "base/str.h"

struct client_header {
    struct str name, value;
};
