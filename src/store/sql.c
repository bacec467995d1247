/* Every statement of the store, in SQL that SQLite and PostgreSQL both read: "$n" for parameters, ON CONFLICT and RETURNING, row values, common table expressions; no
 * rowid, no INSERT OR REPLACE, no functions of one of them, no type but text, integers and double precision. Values only ever come in as parameters.
 * Columns stand in the order of the field tables of the files that use them.
 * Sets of small numbers are bits: ((1 << state) & $2) <> 0. A filter that asks nothing is 0 or '' and each of its conditions is then true,
 * so one statement serves every combination. */
#include "store/sql_priv.h"

#define VISITOR "id, secret_hash, name, created_at, seen_at"

#define VERSION(v)                                                                                                     \
    v "id, " v "document_id, " v "sha256, " v "size_bytes, " v "blob, " v "content_blob, " v "title, " v "author, " v  \
      "words, " v "pages, " v "sections, " v "blocks, " v "comments, " v "tracked_changes, " v "created_at, " v        \
      "proposed_sections, " v "proposed_state, " v "file_removed_at"

/* coverage: the column, or what stands in its place where it is not wanted */
#define REVIEW(r, coverage)                                                                                            \
    r "id, " r "document_id, " r "version_id, " r "actor, " r "state, " r "framework, " r "framework_title, " r        \
      "why_framework, " r "progress, " r "stage, " r "reason, " r "message, " r "hint, " r "not_reviewed, " r          \
      "created_at, " r "started_at, " r "finished_at, " r "guidelines, " r "guidelines_only, " coverage ", " r         \
      "model, " r "prompt_version, " r "model_state, " r "model_reason, " r "model_message, " r "model_hint"

/* Of the reviews that "page" names; one row a review that has findings. */
#define COUNTS                                                                                                         \
    "counts AS (SELECT p.review_id, count(*) AS total"                                                                 \
    ", sum(CASE WHEN f.decision = 0 THEN 1 ELSE 0 END) AS open"                                                        \
    ", sum(CASE WHEN f.decision = 1 THEN 1 ELSE 0 END) AS accepted"                                                    \
    ", sum(CASE WHEN f.decision = 2 THEN 1 ELSE 0 END) AS rejected"                                                    \
    ", sum(CASE WHEN f.risk = 0 THEN 1 ELSE 0 END) AS low"                                                             \
    ", sum(CASE WHEN f.risk = 1 THEN 1 ELSE 0 END) AS medium"                                                          \
    ", sum(CASE WHEN f.risk = 2 THEN 1 ELSE 0 END) AS high"                                                            \
    " FROM page p JOIN finding f ON f.review_id = p.review_id AND f.deleted = 0 GROUP BY p.review_id) "
#define COUNTED                                                                                                        \
    "coalesce(c.total, 0), coalesce(c.open, 0), coalesce(c.accepted, 0), coalesce(c.rejected, 0), coalesce(c.low, 0)"  \
    ", coalesce(c.medium, 0), coalesce(c.high, 0)"

#define DOCUMENT_PAGE                                                                                                  \
    "SELECT d.id, d.owner, d.name, d.version_id, d.created_at, d.never_send, d.guidelines, d.used_at"                  \
    ", (SELECT r.id FROM review r WHERE r.document_id = d.id ORDER BY r.created_at DESC, r.id DESC LIMIT 1)"           \
    " AS review_id FROM document d "
#define DOCUMENT_ROWS(coverage)                                                                                                   \
    "SELECT p.id, p.owner, p.name, p.version_id, p.created_at, p.never_send, p.guidelines, p.used_at, " VERSION(                  \
        "v.") ", " REVIEW("r.",                                                                                                   \
                          coverage) ", " COUNTED                                                                                  \
                                    " FROM page p JOIN version v ON v.id = p.version_id LEFT JOIN review r ON r.id = p.review_id" \
                                    " LEFT JOIN counts c ON c.review_id = p.review_id ORDER BY p.created_at DESC, p.id DESC"

#define REVIEW_ROWS                                                                                                    \
    "SELECT " REVIEW(                                                                                                  \
        "r.", "r.coverage") ", " COUNTED " FROM page p JOIN review r ON r.id = p.review_id"                            \
                            " LEFT JOIN counts c ON c.review_id = p.review_id ORDER BY r.created_at DESC, r.id DESC"

/* What a finding is made with, around the reviewer's name; the folded texts are only searched. */
#define FINDING_HEAD(f)                                                                                                \
    f "id, " f "review_id, " f "document_id, " f "seq, " f "fingerprint, " f "source, " f "reviewer, "
#define FINDING_TAIL(f)                                                                                                \
    f "block, " f "anchor_start, " f "anchor_end, " f "located, " f "quote, " f "section, " f "place, " f "kind, " f   \
      "risk, " f "category, " f "confidence, " f "rank, " f "title, " f "description, " f "why, " f "suggestion, " f   \
      "rewrite, " f "questions, " f "points, " f "point_numbers, " f "decision, " f "decided_by, " f "decided_at, " f  \
      "note, " f "edited, " f "original, " f "created_at, " f "changed_at, " f "version, " f "deleted"
#define FINDING_ROWS                                                                                                   \
    "SELECT " FINDING_HEAD("f.") "CASE WHEN rv.id IS NULL THEN f.reviewer_name ELSE rv.name END, " FINDING_TAIL(       \
        "f.") ", coalesce(dv.name, '') FROM finding f"                                                                 \
              " LEFT JOIN visitor rv ON f.source = 2 AND rv.id = f.reviewer"                                           \
              " LEFT JOIN visitor dv ON dv.id = f.decided_by "

/* $2 risks, $3 kinds, $4 decisions, $5 sources, $6 ",section,section,", $7 reviewer, $8 category, $9 and $10 patterns, $11 folded only or not, $12 below what */
#define FINDING_FILTER                                                                                                 \
    "($2 = 0 OR ((1 << f.risk) & $2) <> 0) AND ($3 = 0 OR ((1 << f.kind) & $3) <> 0)"                                  \
    " AND ($4 = 0 OR ((1 << f.decision) & $4) <> 0) AND ($5 = 0 OR ((1 << f.source) & $5) <> 0)"                       \
    " AND ($6 = '' OR $6 LIKE '%,' || f.section || ',%') AND ($7 = '' OR f.reviewer = $7)"                             \
    " AND ($8 = '' OR f.category = $8) AND ($9 = '' OR f.point_numbers LIKE $9)"                                       \
    " AND ($10 = '' OR f.folded LIKE $10 ESCAPE '\\' OR f.folded_note LIKE $10 ESCAPE '\\')"                           \
    " AND ($11 = 0 OR ($11 = 1) = (f.source = 1 AND f.confidence < $12))"
/* $13: 1 puts danger first */
#define FINDING_ORDER                                                                                                  \
    "CASE WHEN $13 = 1 THEN 2 - f.risk ELSE 0 END, CASE WHEN $13 = 1 THEN 1000 - f.rank ELSE 0 END, f.block"           \
    ", f.anchor_start, f.seq"

#define ACTION "id, seq, review_id, actor, kind, at, undone, inverse"

#define EVENT_ROWS                                                                                                     \
    "SELECT v.seq, v.document_id, v.review_id, v.kind, v.actor, v.at, v.data, coalesce(w.name, '')"                    \
    " FROM event v LEFT JOIN visitor w ON w.id = v.actor "

#define JOB         "id, kind, ref, state, attempts, not_before, lease_until, worker, reason, created_at, request, traceparent"
#define JOB_IS_OURS " WHERE id = $1 AND worker = $2 AND state = 1"

#define EXPORT(x)                                                                                                      \
    x "id, " x "review_id, " x "actor, " x "format, " x "options, " x "state, " x "blob, " x "name, " x                \
      "size_bytes, " x "reason, " x "message, " x "hint, " x "created_at, " x "finished_at, " x "file_removed_at, " x  \
      "bucket, " x "folder, " x "steps"

#define MODEL_CALL                                                                                                     \
    "id, at, person, document_id, review_id, purpose, model, asked_model, outcome, tokens_in, tokens_out, cache_read"  \
    ", cache_write, queue_ms, first_token_ms, whole_ms, cost_microusd, priced, estimated"

#define CHAT(m)                                                                                                        \
    m "id, " m "document_id, " m "seq, " m "actor, " m "role, " m "text, " m "state, " m "model, " m "reason, " m      \
      "message, " m "hint, " m "citations, " m "tools, " m "context, " m "created_at, " m "finished_at, " m "gone"

#define GUIDELINES                                                                                                     \
    "id, owner, team, name, state, framework, blob, by_model, reason, message, hint, created_at, changed_at, version"

#define DISMISSAL(x)                                                                                                   \
    x "id, " x "scope, " x "scope_id, " x "reviewer, " x "category, " x "key, " x "document_id, " x "quote, " x        \
      "reason, " x "actor, " x "at"
#define DISMISSAL_ROWS                                                                                                 \
    "SELECT " DISMISSAL("x.") ", coalesce(w.name, '') FROM dismissal x LEFT JOIN visitor w ON w.id = x.actor "

/* $1 a visitor, $2 a time */
#define LEARNED                                                                                                        \
    " FROM document d JOIN review r ON r.document_id = d.id JOIN finding f ON f.review_id = r.id"                      \
    " WHERE d.owner = $1 AND f.deleted = 0 AND f.decided_at > $2 "

/* Documents that nobody has used since $1 and nobody works on; those whose files are gone already only where rows go too ($2). */
#define UNUSED                                                                                                         \
    "SELECT d.id FROM document d JOIN version v ON v.id = d.version_id WHERE d.used_at > 0 AND d.used_at < $1"         \
    " AND ($2 = 1 OR v.file_removed_at = 0) AND NOT EXISTS (SELECT 1 FROM review r JOIN job j ON j.ref = r.id"         \
    " WHERE r.document_id = d.id AND j.state IN (0, 1)) AND NOT EXISTS (SELECT 1 FROM review r JOIN export x"          \
    " ON x.review_id = r.id JOIN job j ON j.ref = x.id WHERE r.document_id = d.id AND j.state IN (0, 1))"              \
    " AND NOT EXISTS (SELECT 1 FROM chat_message m WHERE m.document_id = d.id AND m.state IN (0, 1)) "

/* A person's guidelines that were read, changed before $1 and not reviewed against since, and that no document in use names. */
#define UNUSED_GUIDELINES                                                                                              \
    "SELECT g.id FROM guidelines g WHERE g.team = 0 AND g.state IN (2, 3) AND g.changed_at < $1"                       \
    " AND ($2 = 1 OR g.file_removed_at = 0) AND NOT EXISTS (SELECT 1 FROM document d WHERE d.guidelines = g.id"        \
    " AND d.guidelines <> '' AND (d.used_at = 0 OR d.used_at >= $1)) AND NOT EXISTS (SELECT 1 FROM review r"           \
    " WHERE r.guidelines = g.id AND r.guidelines <> '' AND r.created_at >= $1) "

const char *const store__sql[SQL_N] = {
    [SQL_NEXT_NUMBER] = "UPDATE counter SET value = value + 1 WHERE name = $1 RETURNING value",
    [SQL_LAST_NUMBER] = "SELECT value FROM counter WHERE name = $1",
    [SQL_PROBE] = "UPDATE counter SET value = value + 1 WHERE name = 'probe'",

    [SQL_VISITOR_INSERT] = "INSERT INTO visitor (" VISITOR ") VALUES ($1, $2, $3, $4, $5)",
    [SQL_VISITOR_FIND] = "SELECT " VISITOR " FROM visitor WHERE id = $1",
    [SQL_VISITOR_FIND_BY_SECRET] = "SELECT " VISITOR " FROM visitor WHERE secret_hash = $1",
    [SQL_VISITOR_RENAME] = "UPDATE visitor SET name = $2 WHERE id = $1",
    [SQL_VISITOR_SEEN] = "UPDATE visitor SET seen_at = CASE WHEN seen_at < $2 THEN $2 ELSE seen_at END WHERE id = $1",

    [SQL_OWNER_OF_DOCUMENT] = "SELECT id, owner, used_at FROM document WHERE id = $1",
    [SQL_OWNER_OF_REVIEW] =
        "SELECT d.id, d.owner, d.used_at FROM review r JOIN document d ON d.id = r.document_id WHERE r.id = $1",
    [SQL_OWNER_OF_FINDING] =
        "SELECT d.id, d.owner, d.used_at FROM finding f JOIN document d ON d.id = f.document_id WHERE f.id = $1",
    [SQL_OWNER_OF_EXPORT] = "SELECT d.id, d.owner, d.used_at FROM export x JOIN review r ON r.id = x.review_id"
                            " JOIN document d ON d.id = r.document_id WHERE x.id = $1",

    [SQL_DOCUMENT_INSERT] =
        "INSERT INTO document (id, owner, name, version_id, created_at, never_send, guidelines, used_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    [SQL_DOCUMENT_FIND] = "WITH page AS (" DOCUMENT_PAGE
                          "WHERE d.id = $1 AND ($2 = '' OR d.owner = $2)), " COUNTS DOCUMENT_ROWS("r.coverage"),
    [SQL_DOCUMENT_LIST] = "WITH page AS (" DOCUMENT_PAGE "WHERE d.owner = $1 AND (d.created_at, d.id) < ($2, $3)"
                          " ORDER BY d.created_at DESC, d.id DESC LIMIT $4), " COUNTS DOCUMENT_ROWS("'{}'"),
    [SQL_DOCUMENT_BLOBS] = "SELECT blob FROM version WHERE document_id = $1 UNION"
                           " SELECT content_blob FROM version WHERE document_id = $1 AND content_blob <> '' UNION"
                           " SELECT x.blob FROM export x JOIN review r ON r.id = x.review_id"
                           " WHERE r.document_id = $1 AND x.blob <> ''",
    [SQL_DOCUMENT_DELETE_JOBS] =
        "DELETE FROM job WHERE ref IN (SELECT id FROM review WHERE document_id = $1 UNION ALL SELECT x.id FROM"
        " export x JOIN review r ON r.id = x.review_id WHERE r.document_id = $1)",
    [SQL_DOCUMENT_DELETE_EVENTS] = "DELETE FROM event WHERE document_id = $1",
    [SQL_DOCUMENT_DELETE_DISMISSALS] = "DELETE FROM dismissal WHERE scope = 0 AND scope_id = $1",
    [SQL_DOCUMENT_DELETE_QUOTES] = "UPDATE dismissal SET quote = '' WHERE document_id = $1",
    [SQL_DOCUMENT_DELETE] = "DELETE FROM document WHERE id = $1",
    [SQL_DOCUMENT_UPDATE] = "UPDATE document SET never_send = $2, guidelines = $3 WHERE id = $1",
    [SQL_VERSION_INSERT] = "INSERT INTO version (" VERSION(
        "") ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    [SQL_VERSION_FIND] = "SELECT " VERSION("") " FROM version WHERE id = $1",
    [SQL_VERSION_UPDATE] = "UPDATE version SET proposed_sections = $2, proposed_state = $3 WHERE id = $1",
    [SQL_BLOB_IN_USE] = "SELECT 1 FROM version WHERE blob = $1 AND file_removed_at = 0 UNION ALL"
                        " SELECT 1 FROM version WHERE content_blob = $1 AND file_removed_at = 0 UNION ALL"
                        " SELECT 1 FROM export WHERE blob = $1 UNION ALL"
                        " SELECT 1 FROM guidelines WHERE blob = $1 AND file_removed_at = 0 LIMIT 1",

    [SQL_REVIEW_INSERT] = "INSERT INTO review (" REVIEW(
        "", "coverage") ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17"
                        ", $18, $19, $20, $21, $22, $23, $24, $25, $26)",
    [SQL_REVIEW_FIND] = "WITH page AS (SELECT r.id AS review_id FROM review r JOIN document d ON d.id = r.document_id"
                        " WHERE r.id = $1 AND ($2 = '' OR d.owner = $2)), " COUNTS REVIEW_ROWS,
    [SQL_REVIEW_LIST] = "WITH page AS (SELECT id AS review_id FROM review WHERE document_id = $1"
                        " ORDER BY created_at DESC, id DESC LIMIT $2), " COUNTS REVIEW_ROWS,
    [SQL_REVIEW_UPDATE] =
        "UPDATE review SET state = $3, framework = $4, framework_title = $5, why_framework = $6, progress = $7"
        ", stage = $8, reason = $9, message = $10, hint = $11, not_reviewed = $12, started_at = $13, finished_at = $14"
        ", coverage = $15, model = $16, prompt_version = $17, model_state = $18, model_reason = $19, model_message = $20"
        ", model_hint = $21"
        " WHERE id = $1 AND ((1 << state) & $2) <> 0",

    [SQL_FINDING_INSERT] = "INSERT INTO finding (" FINDING_HEAD("") "reviewer_name, " FINDING_TAIL(
        "") ", folded, folded_note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16"
            ", $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36"
            ", $37, $38, $39, $40)",
    [SQL_FINDING_NEXT_SEQ] = "SELECT coalesce(max(seq) + 1, 0) FROM finding WHERE review_id = $1",
    [SQL_FINDING_FIND] =
        FINDING_ROWS "JOIN document d ON d.id = f.document_id WHERE f.id = $1 AND ($2 = '' OR d.owner = $2)",
    [SQL_FINDING_LIST] =
        FINDING_ROWS "WHERE f.review_id = $1 AND f.deleted = 0 AND " FINDING_FILTER " AND (" FINDING_ORDER
                     ") > ($14, $15, $16, $17, $18) ORDER BY " FINDING_ORDER " LIMIT $19",
    [SQL_FINDING_COUNT] = "SELECT f.decision, f.risk, f.kind, f.section, count(*)"
                          ", sum(CASE WHEN " FINDING_FILTER " THEN 1 ELSE 0 END) FROM finding f"
                          " WHERE f.review_id = $1 AND f.deleted = 0"
                          " GROUP BY f.section, f.decision, f.risk, f.kind ORDER BY f.section",
    [SQL_FINDING_DECIDE] =
        "UPDATE finding SET decision = $3, decided_by = $4, decided_at = $5, note = $6, folded_note = $7"
        ", changed_at = $8, version = version + 1 WHERE id = $1 AND version = $2 AND deleted = 0",
    [SQL_FINDING_UPDATE] =
        "UPDATE finding SET kind = $3, risk = $4, category = $5, title = $6, description = $7, why = $8, suggestion = $9"
        ", rewrite = $10, questions = $11, points = $12, point_numbers = $13, decision = $14, decided_by = $15"
        ", decided_at = $16, note = $17, edited = $18, original = $19, changed_at = $20, deleted = $21, folded = $22"
        ", folded_note = $23, version = version + 1 WHERE id = $1 AND version = $2",

    [SQL_ACTION_INSERT] = "INSERT INTO action (" ACTION ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    [SQL_ACTION_LAST] = "SELECT " ACTION " FROM action WHERE review_id = $1 AND actor = $2 AND undone = 0"
                        " ORDER BY seq DESC LIMIT 1",
    [SQL_ACTION_UNDONE] = "UPDATE action SET undone = 1 WHERE id = $1 AND undone = 0",

    [SQL_EVENT_INSERT] = "INSERT INTO event (seq, document_id, review_id, kind, actor, at, data)"
                         " VALUES ($1, $2, $3, $4, $5, $6, $7)",
    [SQL_EVENT_SINCE] = EVENT_ROWS "WHERE v.document_id = $1 AND v.seq > $2 ORDER BY v.seq LIMIT $3",
    [SQL_EVENT_SINCE_OF_ALL] = EVENT_ROWS "WHERE v.seq > $1 ORDER BY v.seq LIMIT $2",
    [SQL_EVENT_BEFORE] = EVENT_ROWS "WHERE v.document_id = $1 AND v.seq < $2 ORDER BY v.seq DESC LIMIT $3",
    [SQL_EVENT_LAST] = "SELECT coalesce(max(seq), 0) FROM event WHERE document_id = $1",

    [SQL_JOB_INSERT] = "INSERT INTO job (" JOB ") VALUES ($1, $2, $3, 0, 0, $4, 0, '', '', $5, $6, $7)",
    [SQL_JOB_CLAIM] = "UPDATE job SET state = 1, attempts = attempts + 1, worker = $1, lease_until = $2 WHERE id ="
                      " (SELECT id FROM job WHERE state IN (0, 1) AND ((1 << kind) & $3) <> 0 AND attempts < $5"
                      " AND ((state = 0 AND not_before <= $4) OR (state = 1 AND lease_until <= $4))"
                      " ORDER BY kind = 1 DESC, created_at, id LIMIT 1) RETURNING " JOB,
    [SQL_JOB_RENEW] = "UPDATE job SET lease_until = $3" JOB_IS_OURS,
    [SQL_JOB_HOLD] = "UPDATE job SET state = 1" JOB_IS_OURS,
    [SQL_JOB_END] = "UPDATE job SET state = $3, reason = $4" JOB_IS_OURS,
    [SQL_JOB_RETRY] = "UPDATE job SET state = 0, not_before = $3, reason = $4, worker = ''" JOB_IS_OURS,
    [SQL_JOB_CANCEL] = "UPDATE job SET state = 4 WHERE ref = $1 AND kind = $2 AND state IN (0, 1)",
    [SQL_JOB_GIVE_UP] = "UPDATE job SET state = 3, reason = $3 WHERE state IN (0, 1) AND attempts >= $1"
                        " AND (state = 0 OR lease_until <= $2) RETURNING " JOB,
    [SQL_JOB_NEXT_DUE] =
        "SELECT min(CASE WHEN state = 0 THEN not_before ELSE lease_until END) FROM job WHERE state IN (0, 1)",
    [SQL_JOB_FIND] = "SELECT " JOB " FROM job WHERE ref = $1 AND kind = $2 ORDER BY created_at DESC, id DESC LIMIT 1",
    [SQL_JOB_COUNT] =
        "SELECT kind, state, count(*), min(created_at) FROM job GROUP BY kind, state ORDER BY kind, state",
    [SQL_JOB_FORGET] = "DELETE FROM job WHERE state IN (2, 3, 4) AND created_at < $1",

    [SQL_EXPORT_INSERT] = "INSERT INTO export (" EXPORT(
        "") ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    [SQL_EXPORT_FIND] = "SELECT " EXPORT("x.") " FROM export x JOIN review r ON r.id = x.review_id"
                                               " JOIN document d ON d.id = r.document_id"
                                               " WHERE x.id = $1 AND ($2 = '' OR d.owner = $2)",
    [SQL_EXPORT_LIST] = "SELECT " EXPORT("") " FROM export WHERE review_id = $1"
                                             " ORDER BY created_at DESC, id DESC LIMIT $2",
    [SQL_EXPORT_FOLDER_TAKEN] = "SELECT count(*) FROM export WHERE bucket = $1 AND folder = $2",
    [SQL_EXPORT_UPDATE] =
        "UPDATE export SET state = $3, blob = $4, name = $5, size_bytes = $6, reason = $7"
        ", message = $8, hint = $9, finished_at = $10, bucket = $11, folder = $12, steps = $13, file_removed_at = $14 WHERE id = $1 AND ((1 << state) & $2) <> 0",

    [SQL_MODEL_CALL_INSERT] = "INSERT INTO model_call (" MODEL_CALL ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10"
                              ", $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    [SQL_MODEL_SPENT] = "SELECT coalesce(sum(cost_microusd), 0) FROM model_call WHERE at >= $1",
    [SQL_MODEL_SPENT_BY_PERSON] = "SELECT person, sum(cost_microusd) FROM model_call WHERE at >= $1 AND person <> ''"
                                  " AND cost_microusd > 0 GROUP BY person ORDER BY person",
    [SQL_MODEL_SPENT_ON_DOCUMENTS] = "SELECT document_id, sum(cost_microusd) FROM model_call WHERE document_id > ''"
                                     " AND cost_microusd > 0 GROUP BY document_id ORDER BY document_id",
    [SQL_MODEL_TOTALS] =
        "SELECT asked_model, count(*), sum(CASE WHEN outcome = '' THEN 0 ELSE 1 END), sum(tokens_in), sum(tokens_out)"
        ", sum(cache_read), sum(cache_write), sum(cost_microusd)"
        ", min(CASE WHEN outcome = '' AND priced = 0 THEN 0 ELSE 1 END)"
        " FROM model_call WHERE at >= $1 GROUP BY asked_model ORDER BY asked_model",
    [SQL_MODEL_RESULT_PUT] = "INSERT INTO model_result (document_id, key, result, created_at) VALUES ($1, $2, $3, $4)"
                             " ON CONFLICT (document_id, key) DO UPDATE SET result = excluded.result"
                             ", created_at = excluded.created_at",
    [SQL_MODEL_RESULT_GET] = "SELECT result FROM model_result WHERE document_id = $1 AND key = $2",

    [SQL_CHAT_INSERT] = "INSERT INTO chat_message (id, document_id, actor, role, text, state, model, reason, message"
                        ", hint, citations, tools, context, created_at, finished_at, gone, seq)"
                        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0"
                        ", (SELECT coalesce(max(seq), 0) + 1 FROM chat_message WHERE document_id = $2)) RETURNING seq",
    [SQL_CHAT_FIND] = "SELECT " CHAT("m.") " FROM chat_message m JOIN document d ON d.id = m.document_id"
                                           " WHERE m.id = $1 AND ($2 = '' OR d.owner = $2)",
    [SQL_CHAT_LIST] = "SELECT " CHAT("") " FROM chat_message WHERE document_id = $1 AND seq > $2 AND gone = 0"
                                         " ORDER BY seq LIMIT $3",
    [SQL_CHAT_COUNT] = "SELECT count(*) FROM chat_message WHERE document_id = $1 AND gone = 0",
    [SQL_CHAT_UPDATE] =
        "UPDATE chat_message SET text = $3, state = $4, model = $5, reason = $6, message = $7, hint = $8"
        ", citations = $9, tools = $10, context = $11, finished_at = $12 WHERE id = $1 AND ((1 << state) & $2) <> 0",
    [SQL_CHAT_GO] = "UPDATE chat_message SET gone = 1 WHERE document_id = $1 AND seq >= $2 AND gone = 0",
    [SQL_CHAT_CLEAR] = "DELETE FROM chat_message WHERE document_id = $1",
    [SQL_CHAT_INTERRUPT] = "UPDATE chat_message SET state = 3, reason = $1, message = $2, hint = $3, finished_at = $4"
                           " WHERE state IN (0, 1) RETURNING " CHAT(""),
    [SQL_CHAT_SUMMARY_PUT] = "INSERT INTO chat_summary (document_id, upto_seq, text) VALUES ($1, $2, $3)"
                             " ON CONFLICT (document_id) DO UPDATE SET upto_seq = excluded.upto_seq"
                             ", text = excluded.text",
    [SQL_CHAT_SUMMARY_GET] = "SELECT upto_seq, text FROM chat_summary WHERE document_id = $1",
    [SQL_CHAT_SUMMARY_DELETE] = "DELETE FROM chat_summary WHERE document_id = $1 AND upto_seq >= $2",

    [SQL_GUIDELINES_INSERT] = "INSERT INTO guidelines (" GUIDELINES ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9"
                              ", $10, $11, $12, $13, $14)",
    [SQL_GUIDELINES_FIND] =
        "SELECT " GUIDELINES " FROM guidelines WHERE id = $1 AND ($2 = '' OR owner = $2 OR team = 1)",
    [SQL_GUIDELINES_LIST] = "SELECT " GUIDELINES " FROM guidelines WHERE owner = $1 OR team = 1"
                            " ORDER BY created_at DESC, id DESC LIMIT $2",
    [SQL_GUIDELINES_UPDATE] =
        "UPDATE guidelines SET team = $3, name = $4, state = $5, framework = $6, by_model = $7, reason = $8"
        ", message = $9, hint = $10, changed_at = $11, version = version + 1 WHERE id = $1 AND version = $2",
    [SQL_GUIDELINES_DELETE] = "DELETE FROM guidelines WHERE id = $1 RETURNING blob",
    [SQL_GUIDELINES_DELETE_JOBS] = "DELETE FROM job WHERE ref = $1",
    [SQL_GUIDELINES_LET_GO] = "UPDATE document SET guidelines = '' WHERE guidelines = $1 AND guidelines <> ''",

    [SQL_DISMISSAL_INSERT] = "INSERT INTO dismissal (" DISMISSAL(
        "") ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
            " ON CONFLICT (scope, scope_id, key) DO UPDATE SET reason ="
            " CASE WHEN excluded.reason <> '' THEN excluded.reason ELSE dismissal.reason END",
    [SQL_DISMISSAL_FIND] = DISMISSAL_ROWS "WHERE x.id = $1",
    [SQL_DISMISSAL_LIST] =
        DISMISSAL_ROWS "WHERE (x.scope = 0 AND x.scope_id = $1) OR (x.scope = 1 AND x.scope_id = $2)"
                       " OR (x.scope = 2 AND x.scope_id = '') ORDER BY x.at DESC, x.id DESC LIMIT $3",
    [SQL_DISMISSAL_HOLDS] = "SELECT 1 FROM dismissal WHERE (scope = 0 AND scope_id = $1 AND key = $3)"
                            " OR (scope = 1 AND scope_id = $2 AND key = $3)"
                            " OR (scope = 2 AND scope_id = '' AND key = $3) LIMIT 1",
    [SQL_DISMISSAL_DELETE] = "DELETE FROM dismissal WHERE id = $1",
    [SQL_DISMISSAL_TAKE_BACK] = "DELETE FROM dismissal WHERE ((scope = 0 AND scope_id = $1 AND key = $3)"
                                " OR (scope = 1 AND scope_id = $2 AND key = $3)"
                                " OR (scope = 2 AND scope_id = '' AND key = $3)) AND actor = $2",

    [SQL_LEARN_COUNT] = "SELECT f.source, f.reviewer, f.category, max(f.reviewer_name)"
                        ", sum(CASE WHEN f.decision = 1 THEN 1 ELSE 0 END)"
                        ", sum(CASE WHEN f.decision = 2 THEN 1 ELSE 0 END)" LEARNED
                        "AND f.decision IN (1, 2) AND f.source IN (0, 1) GROUP BY f.source, f.reviewer, f.category"
                        " ORDER BY f.source, f.reviewer, f.category",
    [SQL_LEARN_EXAMPLES] =
        FINDING_ROWS "WHERE f.id IN (SELECT f.id" LEARNED
                     "AND f.decision = $3 AND f.source = 1 AND d.never_send = 0 AND ($4 = '' OR d.id = $4)"
                     " ORDER BY f.decided_at DESC, f.id DESC LIMIT $5) ORDER BY f.decided_at DESC, f.id DESC",
    [SQL_LEARN_RESET_PUT] = "INSERT INTO learn_reset (visitor, at) VALUES ($1, $2)"
                            " ON CONFLICT (visitor) DO UPDATE SET at = excluded.at",
    [SQL_LEARN_RESET_GET] = "SELECT at FROM learn_reset WHERE visitor = $1",

    [SQL_STATUS_DOCUMENTS] = "SELECT count(*) FROM document",
    [SQL_STATUS_WITHOUT_FILE] = "SELECT count(*) FROM version WHERE file_removed_at > 0",
    [SQL_STATUS_REVIEWS] = "SELECT (finished_at - $1) / $2, count(*), 0 FROM review WHERE finished_at > 0"
                           " AND finished_at >= $1 AND state = 2 GROUP BY (finished_at - $1) / $2",
    [SQL_STATUS_CALLS] = "SELECT (at - $1) / $2, count(*), sum(CASE WHEN outcome = '' THEN 0 ELSE 1 END)"
                         " FROM model_call WHERE at >= $1 GROUP BY (at - $1) / $2",

    [SQL_DOCUMENT_USED] = "UPDATE document SET used_at = $2 WHERE id = $1 AND used_at < $2",
    [SQL_RETAIN_FROM_NOW] = "UPDATE document SET used_at = $1 WHERE used_at = 0",
    [SQL_RETAIN_DOCUMENTS] = UNUSED "AND d.id > $3 ORDER BY d.id LIMIT $4",
    [SQL_RETAIN_DOCUMENT] = UNUSED "AND d.id = $3",
    [SQL_RETAIN_VERSIONS_GONE] = "UPDATE version SET file_removed_at = $2, proposed_sections = '', proposed_state = 0"
                                 " WHERE document_id = $1 AND file_removed_at = 0",
    [SQL_RETAIN_EXPORTS_GONE] = "UPDATE export SET blob = '', file_removed_at = $2 WHERE blob <> '' AND review_id IN"
                                " (SELECT id FROM review WHERE document_id = $1)",
    [SQL_RETAIN_RESULTS_GONE] = "DELETE FROM model_result WHERE document_id = $1",
    [SQL_RETAIN_SUMMARY_GONE] = "DELETE FROM chat_summary WHERE document_id = $1",
    [SQL_RETAIN_EXPORTS] = "SELECT id FROM export WHERE state IN (2, 3) AND finished_at > 0 AND finished_at < $1"
                           " AND ($2 = 1 OR blob <> '') AND id > $3 ORDER BY id LIMIT $4",
    [SQL_RETAIN_EXPORT_BLOB] = "SELECT blob FROM export WHERE id = $1 AND state IN (2, 3)",
    [SQL_RETAIN_EXPORT_GONE] = "UPDATE export SET blob = '', file_removed_at = $2 WHERE id = $1",
    [SQL_RETAIN_EXPORT_DELETE] = "DELETE FROM export WHERE id = $1",
    [SQL_RETAIN_GUIDELINES] = UNUSED_GUIDELINES "AND g.id > $3 ORDER BY g.id LIMIT $4",
    [SQL_RETAIN_GUIDELINES_ONE] = UNUSED_GUIDELINES "AND g.id = $3",
    [SQL_RETAIN_GUIDELINES_GONE] = "UPDATE guidelines SET file_removed_at = $2 WHERE id = $1 RETURNING blob",
    [SQL_RETAIN_CALLS] = "SELECT c.id FROM model_call c WHERE c.at < $1 AND NOT EXISTS (SELECT 1 FROM document d"
                         " JOIN version v ON v.id = d.version_id WHERE d.id = c.document_id AND v.file_removed_at = 0)"
                         " ORDER BY c.at LIMIT $2",
    [SQL_RETAIN_CALL_DELETE] = "DELETE FROM model_call WHERE id = $1",
    [SQL_RETAIN_EVENTS] = "SELECT document_id FROM event WHERE kind = 'document.deleted' AND at < $1 LIMIT $2",
    [SQL_RETAIN_EVENTS_DELETE] = "DELETE FROM event WHERE document_id = $1 AND at < $2 AND NOT EXISTS"
                                 " (SELECT 1 FROM document d WHERE d.id = $1)",
};
