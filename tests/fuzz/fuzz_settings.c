/* Any bytes as settings of the rules: an engine is made, or they are refused with a reason. */
#include <assert.h>
#include <stdlib.h>

#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new((size_t)256 << 20);
    const struct json *settings = NULL;
    struct error e = {0};
    if (!a) return 0;
    if (json_parse(a, (struct str){(const char *)data, n}, &settings, &e) == ERR_OK) {
        struct rules_options o = {.settings = settings,
                                  .dictionary_folder = "/nonexistent"}; /* a dictionary a run would take all the time */
        struct rules_engine *engine = NULL;
        enum err err = rules_engine_new(&o, &engine, &e);
        if (err != ERR_OK) {
            assert(engine == NULL);
            assert(err == ERR_INVALID || err == ERR_LIMIT);
            assert(e.message[0]);
        }
        rules_engine_free(engine);
    }
    arena_free(a);
    return 0;
}
