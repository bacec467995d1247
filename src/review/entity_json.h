/* Each entity as JSON, as docs/openapi.yaml describes it: one place for the answers of the API and for live events. Thread: any. */
#pragma once

#include "base/json.h"
#include "base/str.h"

struct store_document;
struct store_review;
struct store_finding;
struct store_export;
struct review_retention;

extern const char *const entity_state_names[]; /* of enum store_state */

/* What went wrong, as {reason, detail, hint}; null where reason is empty. */
void problem_json(struct json_out *o, const char *key_or_null, struct str reason, struct str message, struct str hint);

/* key_or_null: as for json_out. Failures stick in the builder. */
void document_json(struct json_out *o, const char *key_or_null, const struct store_document *document,
                   const struct review_retention *retention);
/* Members alone, between begin and end of an object: for more members behind them. */
void document_json_members(struct json_out *o, const struct store_document *document,
                           const struct review_retention *retention);

void review_json(struct json_out *o, const char *key_or_null, const struct store_review *review);

/* viewer: who looks ("mine"). folded_below: models_folded_below (review/models.h). */
void finding_json(struct json_out *o, const char *key_or_null, const struct store_finding *finding, struct str viewer,
                  double folded_below);

void export_entity_json(struct json_out *o, const char *key_or_null, const struct store_export *export);
