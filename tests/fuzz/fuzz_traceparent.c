/* traceparent of W3C Trace Context: what is taken is written back as the same span, and read again as it; what is not taken leaves nothing behind. */
#include <assert.h>

#include "base/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str text = {(const char *)data, n};
    struct trace_link link, again;
    char room[TRACE_PARENT_CHARS + 1];
    bool good = trace_parent_read(text, &link);
    struct str written = trace_parent_write(&link, room);
    assert(good == !trace_is_none(&link) && good == (written.n == TRACE_PARENT_CHARS));
    if (!good) return 0;
    assert(str_eq(str_sub(text, 3, 52), str_sub(written, 3, 52)));
    assert(trace_parent_read(written, &again) && memcmp(&link, &again, sizeof link) == 0);
    const struct trace_work work = trace_work_make(text, text);
    assert(strlen(work.request) <= TRACE_REQUEST_MAX && memcmp(&work.link, &link, sizeof link) == 0);
    return 0;
}
