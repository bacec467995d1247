/* The pages of the browser as part of the program: what web/build.mjs makes. The table is made by tools/embed_pages.py. Thread: any. */
#pragma once

#include "net/assets.h"

extern const struct net_asset cmd__pages[]; /* sorted by path */
extern const size_t cmd__page_n;
