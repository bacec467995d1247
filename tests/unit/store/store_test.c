#include "store_test.h"

#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/schema_priv.h"

enum err test_store_open(const char *folder, struct store **ret, struct error *e)
{
    const struct store_options options = {.folder = folder, .lock_fd = -1, .readers = 8};
    return store_open(&options, ret, e);
}

static void make_folder(struct test_store *t)
{
    const char *tmp = getenv("TMPDIR");
    *t = (struct test_store){.a = arena_new((size_t)256 << 20)};
    assert_non_null(t->a);
    (void)snprintf(t->folder, sizeof t->folder, "%s/prism-store-XXXXXX", tmp ? tmp : "/tmp");
    assert_non_null(mkdtemp(t->folder));
}

void test_store_begin(struct test_store *t)
{
    make_folder(t);
    must(test_store_open(t->folder, &t->store, e));
}

void test_store_reopen(struct test_store *t)
{
    store_close(t->store);
    t->store = NULL;
    must(test_store_open(t->folder, &t->store, e));
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

void test_store_end(struct test_store *t)
{
    store_close(t->store);
    arena_free(t->a);
    remove_tree(t->folder);
}

char *test_store_path(struct test_store *t, const char *name)
{
    struct str path = str_printf(t->a, "%s/%s", t->folder, name);
    assert_non_null(path.p);
    return str_to_c(t->a, path);
}

int test_store_setup(void **state)
{
    struct test_store *t = malloc(sizeof *t);
    assert_non_null(t);
    test_store_begin(t);
    *state = t;
    return 0;
}

int test_store_teardown(void **state)
{
    test_store_end(*state);
    free(*state);
    return 0;
}

int test_store_tx_setup(void **state)
{
    struct test_store *t = malloc(sizeof *t);
    assert_non_null(t);
    make_folder(t);
    t->tx = calloc(1, sizeof *t->tx);
    assert_non_null(t->tx);
    t->tx->writes = true;
    must(store__drv_open(t->folder, true, &t->tx->drv, e));
    must(store__schema_prepare(t->tx->drv, t->folder, e));
    must(store__drv_step(t->tx->drv, DRV_BEGIN_WRITE, e));
    must(test_fill(t->tx, NULL, e));
    *state = t;
    return 0;
}

int test_store_tx_teardown(void **state)
{
    struct test_store *t = *state;
    must(store__drv_step(t->tx->drv, DRV_COMMIT, e));
    for (size_t i = 0; i < SQL_N; i++)
        store__drv_stmt_free(t->tx->statements[i]);
    store__drv_close(t->tx->drv);
    free(t->tx);
    return test_store_teardown(state);
}

struct store_visitor make_visitor(const char *id)
{
    return (struct store_visitor){
        .id = str_from_c(id),
        .secret_hash = str_from_c(id), /* unique is what counts */
        .name = STR("Ada Lovelace"),
        .created_unix_ms = 1000,
        .seen_unix_ms = 2000,
    };
}

struct store_document make_document(const char *id, const char *owner, int64_t created_unix_ms)
{
    static char versions[64][64];
    static size_t n;
    char *version = versions[n++ % 64];
    (void)snprintf(version, sizeof versions[0], "%s-version", id);
    return (struct store_document){
        .id = str_from_c(id),
        .owner = str_from_c(owner),
        .name = STR("Bericht \xC3\xBC"
                    "ber den Ausfall.docx"),
        .version_id = str_from_c(version),
        .created_unix_ms = created_unix_ms,
        .never_send = true,
        .guidelines = STR("g"),
    };
}

struct store_version make_version(const char *id, const char *document)
{
    return (struct store_version){
        .id = str_from_c(id),
        .document_id = str_from_c(document),
        .sha256 = STR("5feceb66"),
        .size_bytes = (uint64_t)5 << 32,
        .blob = str_from_c(id),
        .content_blob = str_from_c(document),
        .title = STR("The title"),
        .author = STR("The author"),
        .words = 11,
        .pages = 12,
        .sections = 13,
        .blocks = 14,
        .comments = 15,
        .tracked_changes = 16,
        .created_unix_ms = 17,
        .proposed_sections = STR("[{\"block\":3}]"),
        .proposed_state = STORE_PROPOSED_USED,
    };
}

struct store_review make_review(const char *id, const char *document, int64_t created_unix_ms)
{
    return (struct store_review){
        .id = str_from_c(id),
        .document_id = str_from_c(document),
        .version_id = STR("d-version"),
        .by = STR("v"),
        .state = STORE_QUEUED,
        .framework = STR("hawkeye"),
        .framework_title = STR("Hawkeye"),
        .why_framework = STR("Its words fit."),
        .progress = 250,
        .stage = STR("reading"),
        .not_reviewed = STR("[]"),
        .created_unix_ms = created_unix_ms,
        .guidelines = STR("g"),
        .guidelines_only = true,
        .coverage = STR("{\"calls\":2}"),
        .model = STR("a-model"),
        .prompt_version = STR("0123456789ab"),
        .model_state = STORE_MODEL_FAILED,
        .model_reason = STR("throttled"),
        .model_message = STR("It is asked too often."),
        .model_hint = STR("Wait."),
    };
}

struct store_finding make_finding(const char *id, const char *review, const char *document, uint32_t seq)
{
    return (struct store_finding){
        .id = str_from_c(id),
        .review_id = str_from_c(review),
        .document_id = str_from_c(document),
        .seq = seq,
        .fingerprint = STR("f1"),
        .source = STORE_BY_RULE,
        .reviewer = STR("facts.dates"),
        .reviewer_name = STR("Dates"),
        .block = 100 + seq,
        .start = 3,
        .end = 9,
        .located = true,
        .quote = STR("monday"),
        .section = 2,
        .place = STR("section 2"),
        .kind = STORE_KIND_IMPORTANT,
        .risk = STORE_RISK_MEDIUM,
        .category = STR("facts"),
        .confidence = 0.75,
        .rank = -7,
        .title = STR("A date"),
        .description = STR("What it says."),
        .why = STR("Why it matters."),
        .suggestion = STR("Name the day."),
        .questions = STR("[\"Which?\"]"),
        .points = STR("[{\"number\":3}]"),
        .point_numbers = STR(",3,12,"),
        .created_unix_ms = 5000,
        .changed_unix_ms = 5000,
        .version = 1,
    };
}

struct store_chat_message make_message(const char *id, const char *document, enum store_chat_role role)
{
    return (struct store_chat_message){
        .id = str_from_c(id),
        .document_id = str_from_c(document),
        .by = STR("v"),
        .role = role,
        .text = STR("What is missing?"),
        .state = role == STORE_CHAT_PERSON ? STORE_DONE : STORE_RUNNING,
        .model = STR("a-model"),
        .reason = STR("cut"),
        .message = STR("It broke off."),
        .hint = STR("Ask again."),
        .citations = STR("[1]"),
        .tools = STR("[2]"),
        .context = STR("{\"section\":3}"),
        .created_unix_ms = 70,
        .finished_unix_ms = 80,
    };
}

struct store_guidelines make_guidelines(const char *id, const char *owner, int64_t created_unix_ms)
{
    return (struct store_guidelines){
        .id = str_from_c(id),
        .owner = str_from_c(owner),
        .name = STR("House rules"),
        .state = STORE_DONE,
        .framework = STR("{\"points\":[]}"),
        .blob = str_from_c(id),
        .by_model = true,
        .reason = STR("a"),
        .message = STR("b"),
        .hint = STR("c"),
        .created_unix_ms = created_unix_ms,
        .changed_unix_ms = created_unix_ms + 1,
        .version = 1,
    };
}

struct store_dismissal make_dismissal(const char *id, enum store_scope scope, const char *scope_id, const char *key)
{
    return (struct store_dismissal){
        .id = str_from_c(id),
        .scope = scope,
        .scope_id = str_from_c(scope_id),
        .reviewer = STR("facts.dates"),
        .category = STR("facts"),
        .key = str_from_c(key),
        .document_id = STR("d"),
        .quote = STR("monday"),
        .reason = STR("we say so here"),
        .by = STR("v"),
        .at_unix_ms = 40,
    };
}

enum err test_fill(struct store_tx *tx, void *ctx, struct error *e)
{
    const struct store_visitor visitor = make_visitor("v");
    const struct store_document document = make_document("d", "v", 100);
    const struct store_version version = make_version("d-version", "d");
    const struct store_review review = make_review("r", "d", 200);
    (void)ctx;
    TRY(store_visitor_insert(tx, &visitor, e));
    TRY(store_document_insert(tx, &document, e));
    TRY(store_version_insert(tx, &version, e));
    return store_review_insert(tx, &review, e);
}
