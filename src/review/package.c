/* The files of a package, in the order in which they are put. What a report has already (findings as JSON and CSV, the page in HTML) is written by its own
 * writer, so a package never says it otherwise than a single export does. */
#include "review/package.h"

#include <assert.h>

#include "base/hash.h"
#include "review/entity_json.h"

enum { FILE_MAX_BYTES = 256 << 20 };

/* A place for one more; its path and type are given. */
static struct package_file *next(struct package *p, const char *path, const char *type)
{
    assert(p->n < PACKAGE_FILES_MAX);
    struct package_file *f = &p->files[p->n++];
    *f = (struct package_file){.path = str_from_c(path), .content_type = str_from_c(type)};
    return f;
}

static enum err seal(struct package_file *f, struct arena *a, struct error *e)
{
    char hex[HASH_SHA256_HEX + 1];
    TRY(hash_sha256_hex(f->bytes, hex, e));
    f->size = f->bytes.n;
    f->sha256 = str_dup(a, str_from_c(hex));
    return f->sha256.p ? ERR_OK : error_no_memory(e);
}

static enum err take(struct package_file *f, struct sb *b, struct arena *a, struct error *e)
{
    TRY(sb_take(b, a, &f->bytes, e));
    return seal(f, a, e);
}

/* --- the document --- */

static const char *document_type(struct str name)
{
    if (str_ends_nocase(name, STR(".docm"))) return "application/vnd.ms-word.document.macroEnabled.12";
    if (str_ends_nocase(name, STR(".dotm"))) return "application/vnd.ms-word.template.macroEnabled.12";
    if (str_ends_nocase(name, STR(".dotx")))
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.template";
    return "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
}

static struct str extension_of(struct str name)
{
    static const char *const known[] = {".docx", ".docm", ".dotx", ".dotm"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_ends_nocase(name, str_from_c(known[i]))) return str_from_c(known[i]);
    return STR(".docx");
}

static enum err path_in(const char *folder, struct str name, struct arena *a, struct str *ret, struct error *e)
{
    struct str safe = STR_EMPTY;
    TRY(package_name(name, extension_of(name), a, &safe, e));
    *ret = str_printf(a, "%s/%.*s", folder, STR_ARG(safe));
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err put_documents(const struct package_content *c, struct arena *a, struct package *p, struct error *e)
{
    struct package_file *original = next(p, "", document_type(c->document->name));
    TRY(path_in("original", c->document->name, a, &original->path, e));
    original->size = c->version->size_bytes;
    original->sha256 = c->version->sha256;
    original->packed = true;
    struct package_file *reviewed = next(p, "", document_type(c->reviewed_name));
    TRY(path_in("reviewed", c->reviewed_name, a, &reviewed->path, e));
    reviewed->bytes = c->reviewed;
    reviewed->packed = true;
    return seal(reviewed, a, e);
}

/* --- reports and records --- */

static enum err put_reports(const struct package_content *c, struct arena *a, struct package *p, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(FILE_MAX_BYTES);
    struct json_out o = json_out_make(&b, true);
    export_json(c->shown, &o);
    sb_char(&b, '\n');
    TRY(take(next(p, "findings.json", "application/json"), &b, a, e));
    export_csv(c->shown, &b);
    TRY(take(next(p, "findings.csv", "text/csv; charset=utf-8"), &b, a, e));
    TRY(export_html(c->shown, &b, e));
    return take(next(p, "report.html", "text/html; charset=utf-8"), &b, a, e);
}

static enum err put_records(const struct package_content *c, struct arena *a, struct package *p, struct error *e)
{
    static const struct {
        const char *path;
        void (*write)(const struct package_content *c, struct json_out *o);
    } records[] = {{"decisions.json", package__decisions},
                   {"chat.json", package__chat},
                   {"activity.json", package__activity},
                   {"statistics.json", package__statistics}};
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        CLEANUP_SB struct sb b = SB_INIT(FILE_MAX_BYTES);
        struct json_out o = json_out_make(&b, true);
        records[i].write(c, &o);
        sb_char(&b, '\n');
        TRY(take(next(p, records[i].path, "application/json"), &b, a, e));
    }
    return ERR_OK;
}

enum err package_make(const struct package_content *c, struct arena *a, struct package *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(FILE_MAX_BYTES);
    struct json_out o = json_out_make(&b, true);
    struct package p = {.n = 0};
    TRY(put_documents(c, a, &p, e));
    TRY(put_reports(c, a, &p, e));
    TRY(put_records(c, a, &p, e));
    package__manifest(c, &p, &o);
    sb_char(&b, '\n');
    TRY(take(next(&p, "manifest.json", "application/json"), &b, a, e));
    *ret = p;
    return ERR_OK;
}
