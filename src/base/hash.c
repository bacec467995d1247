/* SHA-256 and HMAC through OpenSSL's EVP, which uses the processor's own instructions for it.
 * Limits: one call hashes one piece of memory; nothing here is for passwords. Source: FIPS 180-4; RFC 2104;
 * EVP_Digest(3), EVP_Q_mac(3). */
#include "base/hash.h"

#include <openssl/evp.h>

void hash_hex(const unsigned char *bytes, size_t n, char *ret)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        ret[2 * i] = digits[bytes[i] >> 4];
        ret[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret[2 * n] = 0;
}

enum err hash_sha256_hex(struct str bytes, char ret[HASH_SHA256_HEX + 1], struct error *e)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    if (EVP_Digest(bytes.n ? bytes.p : "", bytes.n, sum, &n, EVP_sha256(), NULL) != 1 || n != HASH_SHA256_BYTES)
        return error_set(e, ERR_INTERNAL, "could not compute a SHA-256");
    hash_hex(sum, n, ret);
    return ERR_OK;
}

enum err hash_hmac_sha256(struct str key, struct str message, unsigned char ret[HASH_SHA256_BYTES], struct error *e)
{
    size_t n = 0;
    if (!EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key.n ? key.p : "", key.n,
                   (const unsigned char *)(message.n ? message.p : ""), message.n, ret, HASH_SHA256_BYTES, &n) ||
        n != HASH_SHA256_BYTES)
        return error_set(e, ERR_INTERNAL, "could not compute an HMAC");
    return ERR_OK;
}
