/* Packing and unpacking of whole entries, by libdeflate: everything that is packed here is in memory as a whole, before
 * and after, which is the case that libdeflate is made for. It unpacks a part in a quarter of zlib's time, straight into
 * memory of the right size, and packs it smaller in less. Rejected: zlib through libzip (streams through a small
 * buffer; a part is inflated at each reading and at each proof of a written one).
 * Source: RFC 1951; APPNOTE.TXT 4.4.7 (the check sum). */
#include "doc/package_priv.h"

#include <libdeflate.h>

#define LEVEL 2 /* a third of the time of 6, a fifth larger: the parts that changed are packed while somebody waits */

bool doc__inflate(struct str packed, char *to, size_t n)
{
    struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
    if (!d) return false;
    enum libdeflate_result result = libdeflate_deflate_decompress(d, packed.p, packed.n, to, n, NULL);
    libdeflate_free_decompressor(d);
    return result == LIBDEFLATE_SUCCESS;
}

struct str doc__deflate(struct arena *a, struct str bytes)
{
    struct libdeflate_compressor *c = libdeflate_alloc_compressor(LEVEL);
    if (!c) return STR_EMPTY;
    size_t max = libdeflate_deflate_compress_bound(c, bytes.n);
    char *to = arena_alloc(a, max);
    struct str ret = {to, to ? libdeflate_deflate_compress(c, bytes.p, bytes.n, to, max) : 0};
    libdeflate_free_compressor(c);
    return ret;
}

uint32_t doc__crc32(struct str bytes) { return libdeflate_crc32(0, bytes.n ? bytes.p : "", bytes.n); }
