/* What the files of the package layer share: the walk over the zip's central directory, the look at the first bytes,
 * the OPC parts. */
#pragma once

#include "base/map.h"
#include "doc/package.h"

/* One entry as the central directory has it; everything is checked against the file's bytes. */
struct doc__zip_entry {
    struct str name;      /* borrowed from the file */
    uint16_t flags;       /* general purpose bits */
    uint16_t method;      /* 0 stored, 8 deflated */
    uint16_t time, date;  /* MS-DOS */
    uint32_t crc;         /* of the bytes when inflated */
    uint64_t packed_size; /* bytes in the file */
    uint64_t size;        /* bytes when inflated, as declared */
    uint64_t start, end;  /* local header and data in the file */
    uint64_t data_start;  /* packed bytes: [data_start, data_start + packed_size) */
};

struct doc__zip {
    struct doc__zip_entry *at;
    size_t n;
};

/* Walks the central directory of a zip. Errors as in doc_package_open. */
enum err doc__zip_scan(struct arena *a, struct str bytes, const struct doc_limits *limits, struct doc__zip *ret,
                       struct error *e) MUST_USE;

/* deflate.c: whole entries. Inflating gives exactly n bytes or false; deflating gives .p NULL on no memory. */
bool doc__inflate(struct str packed, char *to, size_t n) MUST_USE;
struct str doc__deflate(struct arena *a, struct str bytes);
uint32_t doc__crc32(struct str bytes);

/* ERR_OK when the bytes may be a zip; else the error that names what they are. */
enum err doc__sniff(struct str bytes, struct error *e) MUST_USE;

/* Content types: by part name, else by extension. Keys are in lower case. */
struct doc__types {
    struct map overrides; /* part name → content type (a struct str *) */
    struct map defaults;  /* extension → content type (a struct str *) */
};
enum err doc__types_read(struct arena *a, struct str xml, struct doc__types *ret, struct error *e) MUST_USE;
struct str doc__types_of(const struct doc__types *types, struct str part); /* .p NULL: none */

/* The relationships of a part, from the bytes of its .rels. */
enum err doc__rels_read(struct arena *a, struct str xml, const char *what, struct str part, struct doc_rels *ret,
                        bool *ret_strict, struct error *e) MUST_USE;

/* ASCII letters in lower case; .p NULL on no memory. */
struct str doc__lower(struct arena *a, struct str s);
/* The value of a name, in any case, in a map whose keys are in lower case. Needs no memory. */
void *doc__find_name(const struct map *m, struct str name);
