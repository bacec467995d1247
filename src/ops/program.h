/* Where this program lies and how it is started again. Out of a deployment bundle it was started by bin/prism there (launch/launch.c), which
 * says so in the environment: to the kernel the program is then the loader. Thread: any; nobody changes that variable. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* For main, first: in a bundle the process gets its name, as it would have that of the loader. */
void ops_program_began(void);

/* The path by which it is started, as it is found again after an update has put another file there. ERR_INTERNAL when there is none or it is longer than n. */
enum err ops_program_path(char *path, size_t n, struct error *e) MUST_USE;

/* lib/NAME of the bundle that the program was started from; "" for lib itself. false: it was not, or there is no such file. */
bool ops_program_beside(const char *name, char *path, size_t n);

/* The folder of the dictionary in the bundle, for rules_options; NULL: the system's. */
const char *ops_program_dictionary(void);
