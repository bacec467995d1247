/* The list is that of Go's crypto/x509, whose programs are moved between distributions as ours is in a deployment bundle.
 * A file that SSL_CERT_FILE names is taken as it is: where it is missing, connections fail and say so, rather than trust somebody else. */
#include "client/authorities.h"

#include <stdlib.h>
#include <unistd.h>

static const char *const places[] = {
    "/etc/ssl/certs/ca-certificates.crt",                /* Debian, Arch, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",                  /* Amazon Linux, Fedora, RHEL */
    "/etc/ssl/ca-bundle.pem",                            /* openSUSE */
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* newer RHEL */
    "/etc/ssl/cert.pem",                                 /* Alpine, BSDs */
};

const char *client_authorities(void)
{
    const char *named = getenv("SSL_CERT_FILE");
    if (named && *named) return named;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (access(places[i], R_OK) == 0) return places[i];
    return NULL;
}
