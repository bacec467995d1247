/* Whose certificates are believed. Distributions keep them in different places, and libcurl knows only that of the one it was built for. Thread: any. */
#pragma once

/* A file of authorities in PEM: the one that SSL_CERT_FILE names, else the first of the places where systems keep theirs that is there, else NULL:
 * libcurl's own. It lives as long as the environment does. */
const char *client_authorities(void);
