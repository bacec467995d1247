#include "review/framework_json.h"

static void put_texts(struct json_out *o, const char *key, const struct str *at, size_t n)
{
    if (n == 0) return;
    json_out_begin_array(o, key);
    for (size_t i = 0; i < n; i++)
        json_out_str(o, NULL, at[i]);
    json_out_end_array(o);
}

static void put_point(struct json_out *o, const struct framework_point *p)
{
    json_out_begin_object(o, NULL);
    json_out_i64(o, "number", p->number);
    json_out_str(o, "name", p->name);
    json_out_str(o, "asks", p->asks);
    put_texts(o, "questions", p->questions, p->n_questions);
    put_texts(o, "words", p->words, p->n_words);
    put_texts(o, "rules", p->rules, p->n_rules);
    put_texts(o, "sections", p->sections, p->n_sections);
    json_out_end_object(o);
}

static void put_sections(struct json_out *o, const struct framework *f)
{
    if (f->n_sections == 0) return;
    json_out_begin_array(o, "sections");
    for (size_t i = 0; i < f->n_sections; i++) {
        json_out_begin_object(o, NULL);
        json_out_str(o, "title", f->sections[i].title);
        put_texts(o, "aliases", f->sections[i].aliases, f->sections[i].n_aliases);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

enum err framework_json(const struct framework *f, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct json_out o = json_out_make(&b, false);
    json_out_begin_object(&o, NULL);
    json_out_str(&o, "id", f->id);
    json_out_str(&o, "name", f->name);
    json_out_str(&o, "version", f->version);
    json_out_str(&o, "description", f->description);
    if (f->n_recognise > 0) {
        json_out_begin_object(&o, "recognise");
        put_texts(&o, "words", f->recognise, f->n_recognise);
        json_out_i64(&o, "at_least", f->recognise_at_least);
        json_out_end_object(&o);
    }
    put_sections(&o, f);
    json_out_begin_array(&o, "points");
    for (size_t i = 0; i < f->n_points; i++)
        put_point(&o, &f->points[i]);
    json_out_end_array(&o);
    json_out_end_object(&o);
    return sb_take(&b, a, ret, e);
}
