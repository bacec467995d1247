/* SHA-256 through OpenSSL's EVP, which uses the processor's own instructions for it.
 * Limits: one call hashes one piece of memory; nothing here is for passwords. Source: FIPS 180-4; EVP_Digest(3). */
#include "base/hash.h"

#include <openssl/evp.h>

enum err hash_sha256_hex(struct str bytes, char ret[HASH_SHA256_HEX + 1], struct error *e)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_Digest(bytes.n ? bytes.p : "", bytes.n, sum, &n, EVP_sha256(), NULL) != 1 || n != HASH_SHA256_HEX / 2)
        return error_set(e, ERR_INTERNAL, "could not compute a SHA-256");
    for (unsigned i = 0; i < n; i++) {
        ret[2 * (size_t)i] = digits[sum[i] >> 4];
        ret[2 * (size_t)i + 1] = digits[sum[i] & 15];
    }
    ret[HASH_SHA256_HEX] = 0;
    return ERR_OK;
}
