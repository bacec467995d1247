/* Answers of S3. What is not XML says nothing; what is, says texts that are within their bounds and are UTF-8, and makes a refusal in words, whatever it says. */
#include <assert.h>

#include "base/utf8.h"
#include "client/s3_priv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_text(struct str s)
{
    assert(s.n <= 2000);
    assert(utf8_valid(s));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)16 << 20);
    struct client__s3_said said;
    struct error e = {0};
    enum err err = client__s3_read((struct str){(const char *)data, n}, a, &said, &e);
    assert(err == ERR_OK || err == ERR_INVALID || err == ERR_LIMIT);
    if (err != ERR_OK) assert(!said.is_error && said.code.n + said.message.n + said.region.n + said.upload_id.n == 0);
    check_text(said.code);
    check_text(said.message);
    check_text(said.region);
    check_text(said.upload_id);
    const struct client__s3_refusal r = {.status = n ? 200 + data[n - 1] : 500,
                                         .said = &said,
                                         .bucket = STR("b"),
                                         .region = STR("r"),
                                         .keys_from = STR("k")};
    assert(client__s3_refused(&r, &e) != ERR_OK);
    assert(e.message[0] && e.reason[0] && utf8_valid(str_from_c(e.message)) && utf8_valid(str_from_c(e.hint)));
    return 0;
}
