/* One bundle: configuration, program, and the list of all that is in it. */
#include "ops/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "ops/bundle_priv.h"

#define FORMAT "prism-bundle/1"

enum { LIST_MAX_BYTES = 1 << 20 };

enum err bundle__add(struct ops_bundle *b, struct str path, struct str bytes, bool runs, struct error *e)
{
    struct bundle__file *f = VEC_PUSH(b->a, &b->files);
    if (!f) return error_no_memory(e);
    *f = (struct bundle__file){.path = str_to_c(b->a, path), .bytes = bytes, .runs = runs};
    return f->path ? ERR_OK : error_no_memory(e);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct bundle__file *)a)->path, ((const struct bundle__file *)b)->path);
}

static void list_settings(const struct ops_bundle *b, struct json_out *o)
{
    json_out_begin_object(o, "settings");
    for (size_t i = 0; i < BUNDLE__KEY_COUNT; i++)
        json_out_str(o, bundle__keys[i].name, b->eb[i].text);
    for (size_t i = 0; i < CONF_SETTING_COUNT; i++) /* of a secret, its ARN */
        if (b->program[i].text.n) json_out_str(o, conf_row_at(i).name, b->program[i].text);
    json_out_end_object(o);
}

static enum err list_files(const struct ops_bundle *b, struct json_out *o, struct error *e)
{
    char hash[HASH_SHA256_HEX + 1];
    json_out_begin_array(o, "files");
    for (size_t i = 0; i < b->files.n; i++) {
        const struct bundle__file *f = &b->files.at[i];
        TRY(hash_sha256_hex(f->bytes, hash, e));
        json_out_begin_object(o, NULL);
        json_out_c(o, "path", f->path);
        json_out_u64(o, "bytes", f->bytes.n);
        json_out_c(o, "sha256", hash);
        json_out_bool(o, "executable", f->runs);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    return ERR_OK;
}

static enum err add_list(struct ops_bundle *b, struct error *e)
{
    CLEANUP_SB struct sb out = SB_INIT(LIST_MAX_BYTES);
    struct json_out o = json_out_make(&out, true);
    struct str text = STR_EMPTY;
    qsort(b->files.at, b->files.n, sizeof *b->files.at, by_path);
    json_out_begin_object(&o, NULL);
    json_out_c(&o, "format", FORMAT);
    json_out_c(&o, "version", PRISM_VERSION);
    json_out_c(&o, "architecture", "x86_64");
    json_out_begin_array(&o, "notes");
    for (size_t i = 0; i < b->notes.n; i++)
        json_out_str(&o, NULL, b->notes.at[i]);
    json_out_end_array(&o);
    list_settings(b, &o);
    TRY(list_files(b, &o, e));
    json_out_end_object(&o);
    sb_char(&out, '\n');
    TRY(sb_take(&out, b->a, &text, e));
    return bundle__add(b, STR("bundle.json"), text, false, e);
}

enum err ops_bundle_zip(struct ops_bundle *b, struct str *ret, struct error *e)
{
    b->files.n = 0;
    TRY(bundle__render(b, e));
    TRY(bundle__load(b, e));
    TRY(add_list(b, e));
    return bundle__pack(b, ret, e);
}
