/* Steps of an export as JSON of a row. */
#include "review/export_steps.h"

void export_steps_of(const struct package *p, struct export_steps *ret)
{
    *ret = (struct export_steps){.n = p->n};
    for (size_t i = 0; i < p->n; i++)
        ret->at[i] = (struct export_step){.path = p->files[i].path,
                                          .content_type = p->files[i].content_type,
                                          .sha256 = p->files[i].sha256,
                                          .bytes = p->files[i].size};
}

enum err export_steps_write(const struct export_steps *s, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(1 << 16);
    struct json_out o = json_out_make(&b, false);
    json_out_begin_object(&o, NULL);
    json_out_begin_array(&o, "files");
    for (size_t i = 0; i < s->n; i++) {
        const struct export_step *step = &s->at[i];
        json_out_begin_object(&o, NULL);
        json_out_str(&o, "path", step->path);
        json_out_str(&o, "type", step->content_type);
        json_out_str(&o, "sha256", step->sha256);
        json_out_u64(&o, "bytes", step->bytes);
        json_out_u64(&o, "sent", step->sent);
        json_out_bool(&o, "done", step->done);
        json_out_end_object(&o);
    }
    json_out_end_array(&o);
    json_out_str(&o, "upload_key", s->upload_key);
    json_out_str(&o, "upload_id", s->upload_id);
    json_out_end_object(&o);
    return sb_take(&b, a, ret, e);
}

struct read_steps {
    struct json_list files;
    struct str upload_key, upload_id;
};

struct read_step {
    struct str path, type, sha256;
    int64_t bytes, sent;
    bool done;
};

enum err export_steps_read(struct str text, struct arena *a, struct export_steps *ret, struct error *e)
{
    static const struct json_field step_fields[] = {
        {.name = "path", .kind = JSON_K_STR, .offset = offsetof(struct read_step, path), .required = true},
        {.name = "type", .kind = JSON_K_STR, .offset = offsetof(struct read_step, type), .required = true},
        {.name = "sha256", .kind = JSON_K_STR, .offset = offsetof(struct read_step, sha256), .required = true},
        {.name = "bytes", .kind = JSON_K_INT, .offset = offsetof(struct read_step, bytes), .min = 0, .max = -1},
        {.name = "sent", .kind = JSON_K_INT, .offset = offsetof(struct read_step, sent), .min = 0, .max = -1},
        {.name = "done", .kind = JSON_K_BOOL, .offset = offsetof(struct read_step, done)},
    };
    static const struct json_table step = {sizeof(struct read_step), step_fields,
                                           sizeof step_fields / sizeof *step_fields};
    static const struct json_field fields[] = {
        {.name = "files",
         .kind = JSON_K_ARRAY,
         .offset = offsetof(struct read_steps, files),
         .table = &step,
         .max = PACKAGE_FILES_MAX},
        {.name = "upload_key", .kind = JSON_K_STR, .offset = offsetof(struct read_steps, upload_key)},
        {.name = "upload_id", .kind = JSON_K_STR, .offset = offsetof(struct read_steps, upload_id)},
    };
    static const struct json_table table = {sizeof(struct read_steps), fields, sizeof fields / sizeof *fields};
    struct read_steps got = {.upload_key = STR_EMPTY};
    const struct json *v = NULL;
    *ret = (struct export_steps){.n = 0};
    if (!text.n) return ERR_OK;
    enum err err = json_parse(a, text, &v, e);
    if (err == ERR_OK) err = json_decode(a, v, &table, &got, e);
    if (err != ERR_OK) return err == ERR_INVALID ? ERR_OK : err;
    const struct read_step *from = got.files.at;
    ret->n = got.files.n;
    ret->upload_key = got.upload_key;
    ret->upload_id = got.upload_id;
    for (size_t i = 0; i < ret->n; i++)
        ret->at[i] = (struct export_step){.path = from[i].path,
                                          .content_type = from[i].type,
                                          .sha256 = from[i].sha256,
                                          .bytes = (uint64_t)from[i].bytes,
                                          .sent = (uint64_t)from[i].sent,
                                          .done = from[i].done};
    return ERR_OK;
}

void export_steps_anew(struct export_steps *s)
{
    for (size_t i = 0; i < s->n; i++) {
        s->at[i].sent = 0;
        s->at[i].done = false;
    }
    s->upload_key = s->upload_id = STR_EMPTY;
}

void export_steps_sum(const struct export_steps *s, uint64_t *ret_bytes, uint64_t *ret_sent)
{
    *ret_bytes = *ret_sent = 0;
    for (size_t i = 0; i < s->n; i++) {
        *ret_bytes += s->at[i].bytes;
        *ret_sent += s->at[i].done ? s->at[i].bytes : s->at[i].sent;
    }
}
