/* A program without pages (-Dweb=false): it serves the interface alone. */
#include "cmd/pages.h"

const struct net_asset cmd__pages[] = {{.path = NULL}};
const size_t cmd__page_n = 0;
