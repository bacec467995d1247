/* Chance from the kernel.
 * getrandom without flags reads the same source as /dev/urandom, waits only before the kernel has gathered its first entropy, and needs no
 * descriptor, so it works when those have run out. A generator of our own on top would be faster and one more thing to get wrong after fork. */
#include "base/random.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <sys/random.h>
#include <sys/types.h>

void random_bytes(void *to, size_t n)
{
    unsigned char *p = to;
    while (n > 0) {
        ssize_t got = getrandom(p, n, 0);
        if (got < 0 && errno == EINTR) continue;
        assert(got > 0 &&
               "the kernel gives no random bytes"); /* before Linux 3.17, or forbidden by a filter: no safe way on */
        p += got;
        n -= (size_t)got;
    }
}

void random_id(char ret[RANDOM_ID_CHARS + 1])
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint8_t bytes[RANDOM_ID_CHARS];
    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        ret[i] = digits[bytes[i] & 31]; /* 32 digits: every one equally likely */
    ret[RANDOM_ID_CHARS] = '\0';
}
