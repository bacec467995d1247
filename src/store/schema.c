/* The schema, as the list of steps that made it: step n brings version n to n + 1. A step that was shipped is never changed; a change of the schema is a step more.
 * Types are those that SQLite and PostgreSQL share: text, bigint, double precision; flags are 0 or 1, times unix ms, 0 for "not yet".
 * Every foreign key has an index that begins with it, or deleting a document would read whole tables. event names documents without a key: it
 * outlives them; so do model_call (what was paid) and dismissal (whose scope_id names one of three things). document.version_id has none either, as each
 * of the two would have to come first. */
#include "store/schema_priv.h"

#include "store/store.h"

static const char *const steps[] = {
    "CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL);"
    "INSERT INTO counter (name, value) VALUES ('event', 0), ('action', 0), ('probe', 0);"

    "CREATE TABLE visitor (id TEXT NOT NULL PRIMARY KEY, secret_hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL,"
    " created_at BIGINT NOT NULL, seen_at BIGINT NOT NULL);"

    "CREATE TABLE document (id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL REFERENCES visitor (id),"
    " name TEXT NOT NULL, version_id TEXT NOT NULL, created_at BIGINT NOT NULL);"
    "CREATE INDEX document_by_owner ON document (owner, created_at, id);"

    "CREATE TABLE version (id TEXT NOT NULL PRIMARY KEY,"
    " document_id TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE, sha256 TEXT NOT NULL,"
    " size_bytes BIGINT NOT NULL, blob TEXT NOT NULL CHECK (blob <> ''), content_blob TEXT NOT NULL,"
    " title TEXT NOT NULL, author TEXT NOT NULL, words BIGINT NOT NULL, pages BIGINT NOT NULL,"
    " sections BIGINT NOT NULL, blocks BIGINT NOT NULL, comments BIGINT NOT NULL, tracked_changes BIGINT NOT NULL,"
    " created_at BIGINT NOT NULL);"
    "CREATE INDEX version_by_document ON version (document_id);"
    "CREATE INDEX version_by_blob ON version (blob);"
    "CREATE INDEX version_by_content ON version (content_blob);"

    "CREATE TABLE review (id TEXT NOT NULL PRIMARY KEY,"
    " document_id TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE, version_id TEXT NOT NULL,"
    " actor TEXT NOT NULL, state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 4), framework TEXT NOT NULL,"
    " framework_title TEXT NOT NULL, why_framework TEXT NOT NULL,"
    " progress BIGINT NOT NULL CHECK (progress BETWEEN 0 AND 1000), stage TEXT NOT NULL, reason TEXT NOT NULL,"
    " message TEXT NOT NULL, hint TEXT NOT NULL, not_reviewed TEXT NOT NULL, created_at BIGINT NOT NULL,"
    " started_at BIGINT NOT NULL, finished_at BIGINT NOT NULL);"
    "CREATE INDEX review_by_document ON review (document_id, created_at, id);"

    "CREATE TABLE finding (id TEXT NOT NULL PRIMARY KEY,"
    " review_id TEXT NOT NULL REFERENCES review (id) ON DELETE CASCADE, document_id TEXT NOT NULL,"
    " seq BIGINT NOT NULL, fingerprint TEXT NOT NULL, source BIGINT NOT NULL CHECK (source BETWEEN 0 AND 2),"
    " reviewer TEXT NOT NULL, reviewer_name TEXT NOT NULL, block BIGINT NOT NULL, anchor_start BIGINT NOT NULL,"
    " anchor_end BIGINT NOT NULL, located BIGINT NOT NULL, quote TEXT NOT NULL, section BIGINT NOT NULL,"
    " place TEXT NOT NULL, kind BIGINT NOT NULL CHECK (kind BETWEEN 0 AND 2),"
    " risk BIGINT NOT NULL CHECK (risk BETWEEN 0 AND 2), category TEXT NOT NULL, confidence DOUBLE PRECISION NOT NULL"
    " CHECK (confidence BETWEEN 0 AND 1), title TEXT NOT NULL, description TEXT NOT NULL, why TEXT NOT NULL,"
    " suggestion TEXT NOT NULL, rewrite TEXT, questions TEXT NOT NULL, points TEXT NOT NULL,"
    " point_numbers TEXT NOT NULL, decision BIGINT NOT NULL CHECK (decision BETWEEN 0 AND 2),"
    " decided_by TEXT NOT NULL, decided_at BIGINT NOT NULL, note TEXT NOT NULL, edited BIGINT NOT NULL,"
    " original TEXT, created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, version BIGINT NOT NULL,"
    " deleted BIGINT NOT NULL, folded TEXT NOT NULL, folded_note TEXT NOT NULL, UNIQUE (review_id, seq),"
    " CHECK (anchor_start <= anchor_end));"
    "CREATE INDEX finding_counts ON finding (review_id, deleted, decision, risk);"

    "CREATE TABLE action (id TEXT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL,"
    " review_id TEXT NOT NULL REFERENCES review (id) ON DELETE CASCADE, actor TEXT NOT NULL, kind TEXT NOT NULL,"
    " at BIGINT NOT NULL, undone BIGINT NOT NULL, inverse TEXT NOT NULL);"
    "CREATE INDEX action_by_review ON action (review_id, actor, undone, seq);"

    "CREATE TABLE event (seq BIGINT NOT NULL PRIMARY KEY, document_id TEXT NOT NULL, review_id TEXT NOT NULL,"
    " kind TEXT NOT NULL, actor TEXT NOT NULL, at BIGINT NOT NULL, data TEXT NOT NULL);"
    "CREATE INDEX event_by_document ON event (document_id, seq);"

    "CREATE TABLE job (id TEXT NOT NULL PRIMARY KEY, kind BIGINT NOT NULL CHECK (kind BETWEEN 0 AND 2),"
    " ref TEXT NOT NULL, state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 4), attempts BIGINT NOT NULL,"
    " not_before BIGINT NOT NULL, lease_until BIGINT NOT NULL, worker TEXT NOT NULL, reason TEXT NOT NULL,"
    " created_at BIGINT NOT NULL);"
    "CREATE INDEX job_by_ref ON job (ref);"
    "CREATE INDEX job_unfinished ON job (created_at, id) WHERE state IN (0, 1);"

    "CREATE TABLE export (id TEXT NOT NULL PRIMARY KEY,"
    " review_id TEXT NOT NULL REFERENCES review (id) ON DELETE CASCADE, actor TEXT NOT NULL, format TEXT NOT NULL,"
    " options TEXT NOT NULL, state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 4), blob TEXT NOT NULL,"
    " name TEXT NOT NULL, size_bytes BIGINT NOT NULL, reason TEXT NOT NULL, message TEXT NOT NULL,"
    " hint TEXT NOT NULL, created_at BIGINT NOT NULL, finished_at BIGINT NOT NULL);"
    "CREATE INDEX export_by_review ON export (review_id, created_at, id);"
    "CREATE INDEX export_by_blob ON export (blob);",

    /* models; job is made anew, as its kinds are more */
    "CREATE TABLE job_next (id TEXT NOT NULL PRIMARY KEY, kind BIGINT NOT NULL CHECK (kind BETWEEN 0 AND 4),"
    " ref TEXT NOT NULL, state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 4), attempts BIGINT NOT NULL,"
    " not_before BIGINT NOT NULL, lease_until BIGINT NOT NULL, worker TEXT NOT NULL, reason TEXT NOT NULL,"
    " created_at BIGINT NOT NULL);"
    "INSERT INTO job_next (id, kind, ref, state, attempts, not_before, lease_until, worker, reason, created_at)"
    " SELECT id, kind, ref, state, attempts, not_before, lease_until, worker, reason, created_at FROM job;"
    "DROP TABLE job;"
    "ALTER TABLE job_next RENAME TO job;"
    "CREATE INDEX job_by_ref ON job (ref);"
    "CREATE INDEX job_unfinished ON job (created_at, id) WHERE state IN (0, 1);"

    "ALTER TABLE review ADD COLUMN guidelines TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE review ADD COLUMN guidelines_only BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE review ADD COLUMN coverage TEXT NOT NULL DEFAULT '{}';"
    "ALTER TABLE review ADD COLUMN model TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE review ADD COLUMN prompt_version TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE review ADD COLUMN model_state BIGINT NOT NULL DEFAULT 0 CHECK (model_state BETWEEN 0 AND 6);"
    "ALTER TABLE review ADD COLUMN model_reason TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE review ADD COLUMN model_message TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE review ADD COLUMN model_hint TEXT NOT NULL DEFAULT '';"

    "ALTER TABLE finding ADD COLUMN rank BIGINT NOT NULL DEFAULT 0 CHECK (rank BETWEEN -1000 AND 1000);"

    "ALTER TABLE document ADD COLUMN never_send BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE document ADD COLUMN guidelines TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX document_by_guidelines ON document (guidelines) WHERE guidelines <> '';"

    "ALTER TABLE version ADD COLUMN proposed_sections TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE version ADD COLUMN proposed_state BIGINT NOT NULL DEFAULT 0 CHECK (proposed_state BETWEEN 0 AND 2);"

    "CREATE TABLE model_call (id TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL, person TEXT NOT NULL,"
    " document_id TEXT NOT NULL, review_id TEXT NOT NULL, purpose BIGINT NOT NULL CHECK (purpose BETWEEN 0 AND 2),"
    " model TEXT NOT NULL, asked_model TEXT NOT NULL, outcome TEXT NOT NULL, tokens_in BIGINT NOT NULL,"
    " tokens_out BIGINT NOT NULL, cache_read BIGINT NOT NULL, cache_write BIGINT NOT NULL, queue_ms BIGINT NOT NULL,"
    " first_token_ms BIGINT NOT NULL, whole_ms BIGINT NOT NULL, cost_microusd BIGINT NOT NULL,"
    " priced BIGINT NOT NULL, estimated BIGINT NOT NULL);"
    "CREATE INDEX model_call_by_time ON model_call (at);"
    "CREATE INDEX model_call_by_document ON model_call (document_id, cost_microusd);"

    "CREATE TABLE model_result (document_id TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE,"
    " key TEXT NOT NULL, result TEXT NOT NULL, created_at BIGINT NOT NULL, PRIMARY KEY (document_id, key));"

    "CREATE TABLE chat_message (id TEXT NOT NULL PRIMARY KEY,"
    " document_id TEXT NOT NULL REFERENCES document (id) ON DELETE CASCADE, seq BIGINT NOT NULL,"
    " actor TEXT NOT NULL, role BIGINT NOT NULL CHECK (role BETWEEN 0 AND 1), text TEXT NOT NULL,"
    " state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 4), model TEXT NOT NULL, reason TEXT NOT NULL,"
    " message TEXT NOT NULL, hint TEXT NOT NULL, citations TEXT NOT NULL, tools TEXT NOT NULL,"
    " context TEXT NOT NULL, created_at BIGINT NOT NULL, finished_at BIGINT NOT NULL, gone BIGINT NOT NULL,"
    " UNIQUE (document_id, seq));"
    "CREATE INDEX chat_unfinished ON chat_message (id) WHERE state IN (0, 1);"

    "CREATE TABLE chat_summary (document_id TEXT NOT NULL PRIMARY KEY REFERENCES document (id) ON DELETE CASCADE,"
    " upto_seq BIGINT NOT NULL, text TEXT NOT NULL);"

    "CREATE TABLE guidelines (id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL REFERENCES visitor (id),"
    " team BIGINT NOT NULL, name TEXT NOT NULL, state BIGINT NOT NULL CHECK (state BETWEEN 0 AND 4),"
    " framework TEXT NOT NULL, blob TEXT NOT NULL CHECK (blob <> ''), by_model BIGINT NOT NULL,"
    " reason TEXT NOT NULL, message TEXT NOT NULL, hint TEXT NOT NULL, created_at BIGINT NOT NULL,"
    " changed_at BIGINT NOT NULL, version BIGINT NOT NULL);"
    "CREATE INDEX guidelines_by_owner ON guidelines (owner, created_at, id);"
    "CREATE INDEX guidelines_of_team ON guidelines (team);"
    "CREATE INDEX guidelines_by_blob ON guidelines (blob);"

    "CREATE TABLE dismissal (id TEXT NOT NULL PRIMARY KEY, scope BIGINT NOT NULL CHECK (scope BETWEEN 0 AND 2),"
    " scope_id TEXT NOT NULL, reviewer TEXT NOT NULL, category TEXT NOT NULL, key TEXT NOT NULL,"
    " document_id TEXT NOT NULL, quote TEXT NOT NULL, reason TEXT NOT NULL, actor TEXT NOT NULL, at BIGINT NOT NULL,"
    " UNIQUE (scope, scope_id, key), CHECK ((scope = 2) = (scope_id = '')));"
    "CREATE INDEX dismissal_by_document ON dismissal (document_id);"

    "CREATE TABLE learn_reset (visitor TEXT NOT NULL PRIMARY KEY, at BIGINT NOT NULL);",

    /* what is removed when nobody uses it; used_at 0: not known, as nobody has written it down before */
    "ALTER TABLE document ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0;"
    "CREATE INDEX document_by_use ON document (used_at);"
    "CREATE INDEX event_of_deleted ON event (at, document_id) WHERE kind = 'document.deleted';"
    "CREATE INDEX review_by_guidelines ON review (guidelines) WHERE guidelines <> '';"
    "ALTER TABLE version ADD COLUMN file_removed_at BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE export ADD COLUMN file_removed_at BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE guidelines ADD COLUMN file_removed_at BIGINT NOT NULL DEFAULT 0;",

    /* which request a job is for, so that what it logs and asks of models bears its id; counting jobs by state */
    "ALTER TABLE job ADD COLUMN request TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE job ADD COLUMN traceparent TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX job_by_state ON job (kind, state, created_at);",

    /* for the status of the server */
    "CREATE INDEX review_by_end ON review (finished_at) WHERE finished_at > 0;"
    "CREATE INDEX version_without_file ON version (file_removed_at) WHERE file_removed_at > 0;",

    /* packages of reviews: where they go and how far they are */
    "ALTER TABLE export ADD COLUMN bucket TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE export ADD COLUMN folder TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE export ADD COLUMN steps TEXT NOT NULL DEFAULT '';"
    "CREATE INDEX export_by_folder ON export (bucket, folder);",
};

#define VERSION_NOW ((int64_t)(sizeof steps / sizeof *steps))

enum err store__schema_steps(struct drv *d, int64_t from, int64_t to, struct error *e)
{
    for (int64_t version = from; version < to; version++)
        TRY(store__drv_script(d, steps[version], e));
    return store__drv_mark(d, to, e);
}

/* All steps or none: a start that is cut off leaves the version before. */
static enum err migrate(struct drv *d, struct error *e)
{
    enum drv_identity identity = DRV_EMPTY;
    int64_t version = 0;
    TRY(store__drv_step(d, DRV_BEGIN_WRITE, e));
    /* asked again, as another process may have been faster */
    enum err err = store__drv_identify(d, &identity, &version, e);
    if (err == ERR_OK && version < VERSION_NOW) err = store__schema_steps(d, version, VERSION_NOW, e);
    if (err == ERR_OK) err = store__drv_step(d, DRV_COMMIT, e);
    if (err != ERR_OK && store__drv_in_transaction(d)) {
        struct error ignored;
        (void)!store__drv_step(d, DRV_ROLLBACK, &ignored);
    }
    return err;
}

enum err store__schema_check(struct drv *d, const char *folder, int64_t *ret_version, struct error *e)
{
    enum drv_identity identity = DRV_EMPTY;
    int64_t version = 0;
    TRY(store__drv_identify(d, &identity, &version, e));
    *ret_version = version;
    if (identity == DRV_FOREIGN) {
        error_set_reason(e, ERR_INVALID, "store_foreign", "\"%s/" STORE_FILE "\" is the database of another program",
                         folder);
        return error_hint(e, "Name another data folder (PRISM_DATA), or move that file away.");
    }
    if (version > VERSION_NOW) {
        error_set_reason(e, ERR_INVALID, "store_newer",
                         "the store in \"%s\" has version %lld; this prism knows versions up to %lld", folder,
                         (long long)version, (long long)VERSION_NOW);
        return error_hint(e, "Start the newer prism that has made it, or name another data folder (PRISM_DATA).");
    }
    return ERR_OK;
}

enum err store__schema_prepare(struct drv *d, const char *folder, struct error *e)
{
    int64_t version = 0;
    TRY(store__schema_check(d, folder, &version, e));
    TRY(store__drv_settle(d, folder, e));
    return version == VERSION_NOW ? ERR_OK : migrate(d, e);
}
