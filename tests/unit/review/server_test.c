#include "server_test.h"

#include <fts.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/random.h"
#include "base/time.h"

const char server_report[] =
    "# Executive Summary\nThe seller was suspended on 3 March 2026. Details: TBD.\n"
    "# Timeline of Events\n2026-03-01 09:00 UTC The account was flagged.\n2026-03-02 10:00 UTC The case was opened.\n"
    "# Root Causes and Preventative Actions\nRC1: The root cause was human error by the analyst.\n"
    "PA1: Add a second review, by Jane Doe, until 2026-05-01; measured weekly.\n"
    "# Impact\nContact: TBD. 12 orders were refunded. \xE2\x82\xAC 5 and \xF0\x9D\x84\x9E were lost.\n";

static struct rules_engine *engine;
static struct arena *shared;
static struct frameworks frameworks;
static _Atomic(int64_t) moved_ms;

static int64_t now(void) { return time_now_unix_ms() + atomic_load(&moved_ms); }
void server_later(int64_t ms) { (void)atomic_fetch_add(&moved_ms, ms); }

int server_group_setup(void **state)
{
    (void)state;
    struct rules_options o = {0};
    log_start(STDERR_FILENO, LOG_LEVEL_ERROR, LOG_FORMAT_JSON);
    shared = test_arena();
    assert_ok(rules_engine_new(&o, &engine, e));
    assert_ok(frameworks_load(shared, &frameworks, e));
    return 0;
}

int server_group_teardown(void **state)
{
    (void)state;
    rules_engine_free(engine);
    arena_free(shared);
    return 0;
}

static char *path_of(struct server *s, const char *name)
{
    struct str path = str_printf(s->a, "%s/%s", s->folder, name);
    assert_non_null(path.p);
    return str_to_c(s->a, path);
}

static void open_all(struct server *s)
{
    const struct store_options options = {.folder = s->folder, .lock_fd = -1, .readers = 8};
    assert_ok(store_open(&options, &s->c.store, e));
    assert_ok(blob_folder_open(path_of(s, "files"), &s->c.blob, e));
}

struct people {
    struct store_visitor rows[2];
};

static enum err insert_people(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct people *p = ctx;
    TRY(store_visitor_insert(tx, &p->rows[0], e));
    return store_visitor_insert(tx, &p->rows[1], e);
}

static struct store_visitor person(struct server *s, const char *name)
{
    char id[RANDOM_ID_CHARS + 1];
    random_id(id);
    return (struct store_visitor){.id = str_dup(s->a, str_from_c(id)),
                                  .secret_hash = str_dup(s->a, str_from_c(id)),
                                  .name = str_from_c(name),
                                  .created_unix_ms = now(),
                                  .seen_unix_ms = now()};
}

int server_setup(void **state)
{
    const struct bus_local_options bus = BUS_LOCAL_DEFAULTS;
    const struct doc_limits limits = DOC_LIMITS_DEFAULT;
    const char *tmp = getenv("TMPDIR");
    struct server *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->a = test_arena();
    (void)snprintf(s->folder, sizeof s->folder, "%s/prism-review-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(s->folder));
    s->c.engine = engine;
    s->c.frameworks = frameworks;
    s->c.limits = limits;
    s->c.now_unix_ms = now;
    atomic_store(&moved_ms, 0);
    open_all(s);
    assert_ok(bus_local_new(&bus, &s->c.bus, e));
    struct people people = {{person(s, "Ann Lee"), person(s, "")}};
    assert_ok(store_write(s->c.store, insert_people, &people, e));
    s->ann = (struct review_by){people.rows[0].id, people.rows[0].name};
    s->bob = (struct review_by){people.rows[1].id, people.rows[1].name};
    *state = s;
    return 0;
}

static void remove_tree(char *path)
{
    char *paths[] = {path, NULL};
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    assert_non_null(tree);
    for (FTSENT *entry; (entry = fts_read(tree)) != NULL;)
        if (entry->fts_info != FTS_D) (void)remove(entry->fts_path);
    fts_close(tree);
}

int server_teardown(void **state)
{
    struct server *s = *state;
    jobs_free(s->c.jobs);
    events_free(s->c.events);
    bus_free(s->c.bus);
    store_close(s->c.store);
    blob_free(s->c.blob);
    remove_tree(s->folder);
    arena_free(s->a);
    free(s);
    return 0;
}

void server_restart(struct server *s)
{
    store_close(s->c.store);
    blob_free(s->c.blob);
    open_all(s);
}

struct str server_docx(struct server *s, const char *lines)
{
    struct str bytes = test_docx_from_lines(s->a, lines);
    assert_non_null(bytes.p);
    return bytes;
}

struct documents_added server_upload(struct server *s, const struct review_by *by, const char *name, struct str bytes)
{
    const struct documents_upload up = {.name = str_from_c(name), .bytes = bytes, .review = true};
    struct documents_added added = {0};
    assert_ok(documents_add(&s->c, by, &up, s->a, &added, e));
    return added;
}

static bool is_due(struct server *s)
{
    int64_t due = 0;
    struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_job_next_due(tx, &due, e));
    store_read_end(tx);
    return due != 0 && due <= now() + 30000; /* one that runs is due when its lease ends */
}

void server_run_jobs(struct server *s)
{
    struct jobs_options o = JOBS_DEFAULTS;
    struct jobs *jobs = NULL;
    o.retry_ms = 1;
    assert_ok(jobs_new(&s->c, &o, &jobs, e));
    for (int i = 0; i < 10000 && is_due(s); i++)
        (void)usleep(2000);
    assert_false(is_due(s));
    jobs_free(jobs);
}

struct store_review server_reviewed(struct server *s)
{
    const struct documents_upload up = {.name = STR("report.docx"),
                                        .bytes = server_docx(s, server_report),
                                        .review = true,
                                        .framework = STR("hawkeye")};
    struct documents_added added = {0};
    assert_ok(documents_add(&s->c, &s->ann, &up, s->a, &added, e));
    server_run_jobs(s);
    struct store_review r = server_review(s, added.review->id);
    assert_int_equal(r.state, STORE_DONE);
    assert_true(r.counts.total > 3);
    return r;
}

struct store_review server_review(struct server *s, struct str id)
{
    struct store_review r = {0};
    struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_review_find(tx, id, STR_EMPTY, s->a, &r, e));
    store_read_end(tx);
    return r;
}

struct store_finding_list server_findings(struct server *s, struct str review_id)
{
    struct store_finding_list list = {0};
    struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_finding_list(tx, review_id, NULL, STORE_BY_PLACE, STR_EMPTY, 0, s->a, &list, e));
    store_read_end(tx);
    return list;
}

struct store_finding server_finding(struct server *s, struct str id)
{
    struct store_finding f = {0};
    struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_finding_find(tx, id, STR_EMPTY, s->a, &f, e));
    store_read_end(tx);
    return f;
}

struct store_event_list server_events(struct server *s, struct str document_id)
{
    struct store_event_list list = {0};
    struct store_tx *tx = NULL;
    assert_ok(store_read(s->c.store, &tx, e));
    assert_ok(store_event_since(tx, document_id, 0, 0, s->a, &list, e));
    store_read_end(tx);
    return list;
}

size_t server_count_events(struct server *s, struct str document_id, const char *kind)
{
    struct store_event_list list = server_events(s, document_id);
    size_t n = 0;
    for (size_t i = 0; i < list.n; i++)
        n += str_eq_c(list.at[i].kind, kind);
    return n;
}

size_t server_count_files(struct server *s)
{
    struct fs_list list = {0};
    assert_ok(fs_walk(s->a, path_of(s, "files"), NULL, &list, e));
    return list.n;
}

void server_decide(struct server *s, const struct review_by *by, struct str finding, enum finding_decision decision)
{
    const struct decide_choice choice = {.decision = decision};
    struct store_finding *f = NULL;
    assert_ok(decide_one(&s->c, by, finding, &choice, DECIDE_ANY_VERSION, s->a, &f, e));
    assert_int_equal(f->decision, decision);
}

struct decide_undone server_undo(struct server *s, const struct review_by *by, struct str review)
{
    struct decide_undone undone = {0};
    assert_ok(decide_undo(&s->c, by, review, s->a, &undone, e));
    return undone;
}

struct decide_anchor server_anchor(struct server *s, const char *words)
{
    struct decide_anchor anchor = {.quote = str_from_c(words)};
    struct doc *doc = test_doc_read(s->a, server_report);
    bool found = false;
    for (uint32_t b = 0; b < doc->blocks.n && !found; b++) {
        size_t at = str_find(doc->blocks.at[b].text, anchor.quote, 0);
        if (at == STR_NONE) continue;
        found = true;
        anchor.block = b;
        anchor.start = (uint32_t)doc_offset_to_utf16(&doc->blocks.at[b], at);
        anchor.end = (uint32_t)doc_offset_to_utf16(&doc->blocks.at[b], at + anchor.quote.n);
    }
    doc_free(doc);
    assert_true(found);
    return anchor;
}
