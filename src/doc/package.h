/* The zip package of a .docx (OPC): entries, content types, relationships; and writing a copy in which only named parts differ.
 * The only file that includes libzip is package.c. Names are part names without the leading '/', as in the zip ("word/document.xml"), compared without regard to
 * ASCII case. Nothing is ever written to the file system and no external target is fetched.
 * Source: ECMA-376 part 2 (OPC); APPNOTE.TXT 6.3. Thread: any; one package is used by one thread at a time. */
#pragma once

#include "base/str.h"
#include "base/vec.h"
#include "doc/limits.h"

struct doc_package;

/* Opens a .docx for reading: checks magic, entry count, sizes, ratio, names, duplicates, overlap, encryption; reads [Content_Types].xml and _rels/.rels and finds the main part.
 * bytes: borrowed, must outlive the package. ret: lives in the arena. Everything wrong is one clear error with a reason for programs:
 * empty_file, not_a_docx, password_protected, rights_protected, legacy_doc, unsupported_type (rtf, pdf, html, odt, gzip: the message names it), word2003_xml,
 * flat_opc, lock_file, not_a_word_document (names what it is), corrupt_zip, corrupt_entry, zip_encrypted, unsupported_compression, duplicate_entries, unsafe_path, zip_bomb, too_large,
 * too_many_entries, not_opc, missing_part, and those of xml_read. On error *ret is untouched. */
enum err doc_package_open(struct arena *a, struct str bytes, const struct doc_limits *limits, struct doc_package **ret,
                          struct error *e) MUST_USE;

struct str doc_package_bytes(const struct doc_package *p);     /* the file as given */
struct str doc_package_main_part(const struct doc_package *p); /* e.g. "word/document.xml" */
bool doc_package_is_strict(const struct doc_package *p);       /* ISO 29500 strict relationships */
enum doc_package_kind { DOC_PACKAGE_DOCX, DOC_PACKAGE_DOCM, DOC_PACKAGE_DOTX, DOC_PACKAGE_DOTM };
enum doc_package_kind doc_package_kind(const struct doc_package *p);
bool doc_package_is_signed(
    const struct doc_package *p); /* has a digital signature origin: writing breaks the signature */

size_t doc_package_entry_count(const struct doc_package *p);
struct str doc_package_entry_name(const struct doc_package *p, size_t i);
struct str doc_package_entry_packed(const struct doc_package *p,
                                    size_t i); /* its bytes in the file, as they are packed */
bool doc_package_has(const struct doc_package *p, struct str part);

/* The inflated bytes of a part, kept for as long as the package (asking again costs nothing). ERR_NOT_FOUND "missing_part"; ERR_INVALID "corrupt_entry" (CRC, inflate, a size that lies);
 * ERR_LIMIT "too_large" (limits.max_part_bytes). */
enum err doc_package_part(struct doc_package *p, struct str part, struct str *ret, struct error *e) MUST_USE;

/* The content type by [Content_Types].xml, or .p NULL. */
struct str doc_package_content_type(const struct doc_package *p, struct str part);

struct doc_rel {
    struct str id;
    struct str
        type; /* the part after ".../relationships/" of transitional, strict and Microsoft URIs: "comments", "commentsExtended", "hyperlink" */
    struct str target; /* internal: the resolved part name; external: the URL as written */
    bool external;
};
struct doc_rels {
    struct doc_rel *at;
    size_t n;
};

/* The relationships of a part ("" for the package). None is an empty list. */
enum err doc_package_rels(struct doc_package *p, struct str part, struct doc_rels *ret, struct error *e) MUST_USE;
const struct doc_rel *doc_rels_by_id(const struct doc_rels *rels, struct str id);    /* or NULL */
const struct doc_rel *doc_rels_first(const struct doc_rels *rels, const char *type); /* internal ones only; or NULL */
struct str doc_package_rels_name(struct arena *a, struct str part); /* "word/_rels/document.xml.rels" */

/* One entry of the copy that differs: an existing name is replaced in place, a new one is added at the end. */
struct doc_part_change {
    struct str name;
    struct str bytes;
};

/* A copy of the package with those parts changed. Every other entry keeps its packed bytes, order and time. *ret lives in the arena. */
enum err doc_package_write(const struct doc_package *p, const struct doc_part_change *changes, size_t n_changes,
                           struct arena *a, struct str *ret, struct error *e) MUST_USE;
