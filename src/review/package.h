/* A package: everything that there is of one review, as files. original/ and reviewed/ have the document, reports and records lie beside them, and
 * manifest.json names each with its size and SHA-256; where files are put one by one it is the last, so a folder without it is not complete.
 * Thread: any. */
#pragma once

#include "base/sb.h"
#include "review/export.h"
#include "review/package_zip.h"
#include "store/queries.h"

struct package_content {               /* what it is made of; all borrowed */
    const struct export_review *shown; /* with all findings */
    const struct store_document *document;
    const struct store_version *version;
    const struct store_review *review;
    const struct store_finding_list *findings; /* all, in document order */
    const struct store_chat_list *chat;
    const struct store_event_list *events; /* newest first */
    struct str reviewed_name, reviewed;    /* the reviewed document: name and bytes */
    int original_fd;
    struct str export_id;
    int64_t at_unix_ms; /* when it was asked for */
    struct str by;      /* who asked, as people see it */
};

struct package_file {
    struct str path, content_type;
    struct str bytes; /* .p NULL: the original, by its descriptor */
    uint64_t size;
    struct str sha256; /* hex */
    bool packed;
};

#define PACKAGE_FILES_MAX 12

struct package {
    struct package_file files[PACKAGE_FILES_MAX]; /* the last one is the manifest */
    size_t n;
};

/* All files, in a. Errors: of export.h; ERR_LIMIT. */
enum err package_make(const struct package_content *c, struct arena *a, struct package *ret, struct error *e) MUST_USE;

/* A name that people gave, as one that every file system, zip program and S3 take: letters, digits and marks of every script stay, what would be a path, a
 * wildcard or a control is an underscore, and names that were changed end in a piece of the hash of the old one, so that different names stay different.
 * At most PACKAGE_NAME_MAX bytes; never empty, ".", ".." or a device of Windows. extension: ".docx" to be kept at its end, or empty. */
#define PACKAGE_NAME_MAX 160
enum err package_name(struct str name, struct str extension, struct arena *a, struct str *ret,
                      struct error *e) MUST_USE;

/* "<name>_review_20261126T180846Z": the folder of a package. */
enum err package_folder(struct str document_name, int64_t at_unix_ms, struct arena *a, struct str *ret,
                        struct error *e) MUST_USE;

/* --- records as JSON (package_json.c) --- */

void package__decisions(const struct package_content *c, struct json_out *o);
void package__chat(const struct package_content *c, struct json_out *o);
void package__activity(const struct package_content *c, struct json_out *o);
void package__statistics(const struct package_content *c, struct json_out *o);
void package__manifest(const struct package_content *c, const struct package *p, struct json_out *o);
