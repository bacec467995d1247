/* Reviews as SARIF 2.1.0: one run for all documents.
 * A .docx has no lines, so a region counts blocks as lines (from 1) and UTF-16 code units as columns (from 1): line N is block N - 1 of the review's JSON. The place
 * in words is a logical location. A finding's id is its fingerprint, so a service can tell a new result from an old one.
 * Source: OASIS SARIF 2.1.0, 3.14 (run), 3.27 (result), 3.30 (region), 3.49 (reportingDescriptor). */
#include "doc/text.h"
#include "review/export_priv.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

static const char *level(int risk)
{
    return risk == FINDING_HIGH ? "error" : risk == FINDING_MEDIUM ? "warning" : "note";
}

static void message(struct json_out *o, const char *key, struct str text)
{
    json_out_begin_object(o, key);
    json_out_str(o, "text", text);
    json_out_end_object(o);
}

static void rules(struct json_out *o)
{
    json_out_begin_array(o, "rules");
    for (size_t i = 0; i < rules_count(); i++) {
        const struct rule *r = rules_at(i);
        json_out_begin_object(o, NULL);
        json_out_c(o, "id", r->id);
        message(o, "shortDescription", str_from_c(r->title));
        message(o, "fullDescription", str_from_c(r->why));
        json_out_begin_object(o, "defaultConfiguration");
        json_out_bool(o, "enabled", !r->off);
        json_out_c(o, "level", level((int)r->risk));
        json_out_end_object(o);
        json_out_begin_object(o, "properties");
        json_out_c(o, "category", r->category);
        json_out_end_object(o);
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

static bool rule_index(struct str id, size_t *ret)
{
    for (size_t i = 0; i < rules_count(); i++) {
        if (!str_eq_c(id, rules_at(i)->id)) continue;
        *ret = i;
        return true;
    }
    return false;
}

/* A file name as a relative URI reference (RFC 3986): everything but unreserved characters is percent-encoded. */
static void uri(struct json_out *o, struct str name)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        bool plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '.' ||
                     c == '_' || c == '~';
        if (plain)
            sb_char(&b, (char)c);
        else
            sb_printf(&b, "%%%02X", c);
    }
    if (b.failed) o->sb->failed = true;
    json_out_str(o, "uri", sb_view(&b));
}

static void region(const struct export_review *r, struct json_out *o, const struct finding *f)
{
    const struct doc *doc = r->doc;
    if (f->anchor.start.block >= doc->blocks.n || f->anchor.end.block >= doc->blocks.n) return;
    json_out_begin_object(o, "region");
    json_out_u64(o, "startLine", (uint64_t)f->anchor.start.block + 1);
    json_out_u64(o, "startColumn",
                 doc_offset_to_utf16(&doc->blocks.at[f->anchor.start.block], f->anchor.start.offset) + 1);
    json_out_u64(o, "endLine", (uint64_t)f->anchor.end.block + 1);
    json_out_u64(o, "endColumn", doc_offset_to_utf16(&doc->blocks.at[f->anchor.end.block], f->anchor.end.offset) + 1);
    message(o, "snippet", f->quote);
    json_out_end_object(o);
}

static void location(const struct export_review *r, size_t artifact, struct json_out *o, const struct finding *f)
{
    json_out_begin_array(o, "locations");
    json_out_begin_object(o, NULL);
    json_out_begin_object(o, "physicalLocation");
    json_out_begin_object(o, "artifactLocation");
    uri(o, r->file_name);
    json_out_u64(o, "index", artifact);
    json_out_end_object(o);
    region(r, o, f);
    json_out_end_object(o);
    json_out_begin_array(o, "logicalLocations");
    json_out_begin_object(o, NULL);
    json_out_str(o, "fullyQualifiedName", f->place);
    json_out_end_object(o);
    json_out_end_array(o);
    json_out_end_object(o);
    json_out_end_array(o);
}

static void properties(const struct export_review *r, struct json_out *o, const struct finding *f)
{
    json_out_begin_object(o, "properties");
    json_out_c(o, "risk", finding_risk_name(f->risk));
    json_out_c(o, "importance", finding_kind_name(f->kind));
    json_out_str(o, "category", f->category);
    json_out_c(o, "decision", finding_decision_name(f->decision));
    json_out_bool(o, "located", f->located);
    if (f->suggestion.n) json_out_str(o, "suggestion", f->suggestion);
    if (f->has_rewrite) json_out_str(o, "rewrite", f->rewrite);
    json_out_begin_array(o, "frameworkPoints");
    for (size_t i = 0; i < f->n_points; i++) {
        const struct framework_point *p = &r->framework->points[f->points[i]];
        CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
        sb_printf(&b, "%lld %.*s", (long long)p->number, STR_ARG(p->name));
        if (b.failed) o->sb->failed = true;
        json_out_str(o, NULL, sb_view(&b));
    }
    json_out_end_array(o);
    json_out_end_object(o);
}

static void result(const struct export_review *r, size_t artifact, struct json_out *o, const struct finding *f)
{
    size_t rule = 0;
    json_out_begin_object(o, NULL);
    json_out_str(o, "ruleId", f->reviewer);
    if (rule_index(f->reviewer, &rule)) json_out_u64(o, "ruleIndex", rule);
    json_out_c(o, "level", level((int)f->risk));
    message(o, "message", f->description.n ? f->description : f->title);
    json_out_double(o, "rank", 100 * f->confidence);
    location(r, artifact, o, f);
    json_out_begin_object(o, "partialFingerprints");
    json_out_str(o, "prismFinding/v1", f->id);
    json_out_end_object(o);
    properties(r, o, f);
    json_out_end_object(o);
}

/* The same file may have been given twice; artifacts must be unique (3.14.15). The first review of the same file. */
static size_t first_of(const struct export_review *const *reviews, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (str_eq(reviews[k]->file_name, reviews[i]->file_name) && str_eq(reviews[k]->sha256, reviews[i]->sha256))
            return k;
    return i;
}

static size_t artifact_of(const struct export_review *const *reviews, size_t i)
{
    size_t n = 0;
    for (size_t k = 0; k < first_of(reviews, i); k++)
        n += first_of(reviews, k) == k;
    return n;
}

/* What was not reviewed, where SARIF keeps such things: notifications of the invocation. */
static void invocation(const struct export_review *const *reviews, size_t n, struct json_out *o)
{
    json_out_begin_array(o, "invocations");
    json_out_begin_object(o, NULL);
    json_out_bool(o, "executionSuccessful", true);
    json_out_begin_array(o, "toolExecutionNotifications");
    for (size_t i = 0; i < n; i++) {
        const struct review_coverage *c = &reviews[i]->result->coverage;
        for (size_t k = 0; k < c->n_left_out; k++) {
            CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
            sb_printf(&b, "not reviewed: %.*s: %.*s", STR_ARG(c->left_out[k].what), STR_ARG(c->left_out[k].why));
            if (b.failed) o->sb->failed = true;
            json_out_begin_object(o, NULL);
            json_out_c(o, "level", "note");
            message(o, "message", sb_view(&b));
            json_out_begin_array(o, "locations");
            json_out_begin_object(o, NULL);
            json_out_begin_object(o, "physicalLocation");
            json_out_begin_object(o, "artifactLocation");
            uri(o, reviews[i]->file_name);
            json_out_u64(o, "index", artifact_of(reviews, i));
            json_out_end_object(o);
            json_out_end_object(o);
            json_out_end_object(o);
            json_out_end_array(o);
            json_out_end_object(o);
        }
    }
    json_out_end_array(o);
    json_out_end_object(o);
    json_out_end_array(o);
}

static void artifacts(const struct export_review *const *reviews, size_t n, struct json_out *o)
{
    json_out_begin_array(o, "artifacts");
    for (size_t i = 0; i < n; i++) {
        if (first_of(reviews, i) != i) continue;
        json_out_begin_object(o, NULL);
        json_out_begin_object(o, "location");
        uri(o, reviews[i]->file_name);
        json_out_end_object(o);
        json_out_c(o, "mimeType", "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
        if (reviews[i]->sha256.n) {
            json_out_begin_object(o, "hashes");
            json_out_str(o, "sha-256", reviews[i]->sha256);
            json_out_end_object(o);
        }
        json_out_end_object(o);
    }
    json_out_end_array(o);
}

void export_sarif(const struct export_review *const *reviews, size_t n, struct sb *out)
{
    struct json_out o = json_out_make(out, true);
    json_out_begin_object(&o, NULL);
    json_out_c(&o, "version", "2.1.0");
    json_out_c(&o, "$schema", SCHEMA);
    json_out_begin_array(&o, "runs");
    json_out_begin_object(&o, NULL);
    json_out_begin_object(&o, "tool");
    json_out_begin_object(&o, "driver");
    json_out_c(&o, "name", "prism");
    json_out_c(&o, "semanticVersion", PRISM_VERSION);
    rules(&o);
    json_out_end_object(&o);
    json_out_end_object(&o);
    json_out_c(&o, "columnKind", "utf16CodeUnits");
    invocation(reviews, n, &o);
    artifacts(reviews, n, &o);
    json_out_begin_array(&o, "results");
    for (size_t i = 0; i < n; i++) {
        size_t artifact = artifact_of(reviews, i);
        for (size_t k = 0; k < reviews[i]->result->findings.n; k++)
            result(reviews[i], artifact, &o, &reviews[i]->result->findings.at[k]);
    }
    json_out_end_array(&o);
    json_out_end_object(&o);
    json_out_end_array(&o);
    json_out_end_object(&o);
    sb_char(out, '\n');
}
