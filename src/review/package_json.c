/* The records of a package as JSON. Each file begins with "format", so that a program that reads one years later knows what it has. */
#include "base/json.h"
#include "review/chat_feed.h"
#include "review/entity_json.h"
#include "review/events.h"
#include "review/finding.h"
#include "review/package.h"

static void begin(struct json_out *o, const char *format, const struct package_content *c)
{
    json_out_begin_object(o, NULL);
    json_out_c(o, "format", format);
    json_out_str(o, "document", c->document->name);
    json_out_str(o, "review", c->review->id);
}

/* --- decisions --- */

static void put_decision(struct json_out *o, const struct store_finding *f)
{
    bool open = f->decision == STORE_OPEN;
    json_out_begin_object(o, NULL);
    json_out_str(o, "finding", f->id);
    json_out_str(o, "fingerprint", f->fingerprint);
    json_out_str(o, "title", f->title);
    json_out_str(o, "place", f->place);
    json_out_str(o, "quote", f->quote);
    json_out_c(o, "risk", finding_risk_name((enum finding_risk)f->risk));
    json_out_c(o, "decision", finding_decision_name((enum finding_decision)f->decision));
    if (open)
        json_out_null(o, "decided_by");
    else
        json_out_str(o, "decided_by", review_shown_name(f->decided_by_name));
    json_out_time(o, "decided_at", open ? 0 : f->decided_unix_ms);
    json_out_filled_or_null(o, "note", f->note);
    json_out_bool(o, "edited", f->edited);
    if (f->original.p)
        json_out_raw(o, "original", f->original);
    else
        json_out_null(o, "original");
    json_out_end_object(o);
}

void package__decisions(const struct package_content *c, struct json_out *o)
{
    begin(o, "prism-decisions/1", c);
    json_out_begin_array(o, "decisions");
    for (size_t i = 0; i < c->findings->n; i++)
        put_decision(o, &c->findings->at[i]);
    json_out_end_array(o);
    json_out_end_object(o);
}

/* --- chat and activity --- */

void package__chat(const struct package_content *c, struct json_out *o)
{
    begin(o, "prism-chat/1", c);
    json_out_begin_array(o, "messages");
    for (size_t i = 0; i < c->chat->n; i++)
        chat_message_json(o, NULL, &c->chat->at[i], true);
    json_out_end_array(o);
    json_out_end_object(o);
}

void package__activity(const struct package_content *c, struct json_out *o)
{
    begin(o, "prism-activity/1", c);
    json_out_begin_array(o, "events");
    for (size_t i = c->events->n; i > 0; i--) /* oldest first, as one reads */
        events_json(o, &c->events->at[i - 1], STR_EMPTY);
    json_out_end_array(o);
    json_out_bool(o, "older_left_out", c->events->more);
    json_out_end_object(o);
}

/* --- statistics --- */

struct tally { /* of findings */
    uint64_t all, decision[STORE_DECISION_N], risk[STORE_RISK_N];
};

static void count(struct tally *t, const struct store_finding *f)
{
    t->all++;
    t->decision[f->decision]++;
    t->risk[f->risk]++;
}

static void put_tally(struct json_out *o, const struct tally *t)
{
    json_out_u64(o, "findings", t->all);
    json_out_begin_object(o, "by_decision");
    for (int i = 0; i < STORE_DECISION_N; i++)
        json_out_u64(o, finding_decision_name((enum finding_decision)i), t->decision[i]);
    json_out_end_object(o);
    json_out_begin_object(o, "by_risk");
    for (int i = 0; i < STORE_RISK_N; i++)
        json_out_u64(o, finding_risk_name((enum finding_risk)i), t->risk[i]);
    json_out_end_object(o);
}

/* A tally for each name that findings have. */
static void put_groups(struct json_out *o, const char *key, const struct store_finding_list *list,
                       struct str (*name_of)(const struct store_finding *f))
{
    json_out_begin_array(o, key);
    for (size_t i = 0; i < list->n; i++) {
        struct tally t = {.all = 0};
        struct str name = name_of(&list->at[i]);
        bool told = false;
        for (size_t k = 0; k < i && !told; k++)
            told = str_eq(name_of(&list->at[k]), name);
        if (told) continue;
        for (size_t k = i; k < list->n; k++)
            if (str_eq(name_of(&list->at[k]), name)) count(&t, &list->at[k]);
        json_out_begin_object(o, NULL);
        json_out_str(o, "name", name);
        put_tally(o, &t);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

static struct str category_of(const struct store_finding *f) { return f->category; }
static struct str place_of(const struct store_finding *f) { return f->place; }
static struct str reviewer_of(const struct store_finding *f)
{
    static const char *const kinds[] = {"rules", "model", "people"};
    return str_from_c(kinds[f->source]);
}

void package__statistics(const struct package_content *c, struct json_out *o)
{
    struct tally all = {.all = 0};
    for (size_t i = 0; i < c->findings->n; i++)
        count(&all, &c->findings->at[i]);
    begin(o, "prism-statistics/1", c);
    json_out_u64(o, "words", c->version->words);
    json_out_u64(o, "pages", c->version->pages);
    json_out_u64(o, "sections", c->version->sections);
    json_out_u64(o, "blocks", c->version->blocks);
    json_out_u64(o, "comments_in_it", c->version->comments);
    json_out_u64(o, "tracked_changes_in_it", c->version->tracked_changes);
    json_out_time(o, "review_started_at", c->review->started_unix_ms);
    json_out_time(o, "review_finished_at", c->review->finished_unix_ms);
    json_out_filled_or_null(o, "model", c->review->model);
    json_out_u64(o, "messages", c->chat->n);
    put_tally(o, &all);
    put_groups(o, "by_reviewer", c->findings, reviewer_of);
    put_groups(o, "by_category", c->findings, category_of);
    put_groups(o, "by_place", c->findings, place_of);
    json_out_end_object(o);
}

/* --- the manifest --- */

void package__manifest(const struct package_content *c, const struct package *p, struct json_out *o)
{
    begin(o, "prism-package/1", c);
    json_out_c(o, "version", PRISM_VERSION);
    json_out_str(o, "export", c->export_id);
    json_out_time(o, "asked_for_at", c->at_unix_ms);
    json_out_str(o, "by", c->by);
    json_out_begin_array(o, "files");
    for (size_t i = 0; i < p->n; i++) {
        const struct package_file *f = &p->files[i];
        json_out_begin_object(o, NULL);
        json_out_str(o, "path", f->path);
        json_out_u64(o, "bytes", f->size);
        json_out_str(o, "sha256", f->sha256);
        json_out_str(o, "type", f->content_type);
        json_out_end_object(o);
    }
    json_out_end_array(o);
    json_out_end_object(o);
}
