/* Small .docx files for tests, made in memory: the test writes what it is about, the rest is filled in. The zip is
 * written here and nowhere through libzip, stored without compression, so that hostile archives can be made too.
 * Every function returns .p NULL on no memory only. */
#pragma once

#include "base/sb.h"

/* One entry of a zip. The fields behind `bytes` lie to the reader when they are not zero. */
struct test_zip_entry {
    const char *name;
    struct str bytes;
    unsigned flags;         /* general purpose flags, e.g. 1 encrypted */
    unsigned method;        /* stored bytes under another method number */
    uint32_t declared_size; /* uncompressed size as declared */
    uint32_t bad_crc;       /* is xored into the CRC */
    const char *local_name; /* another name in the local header */
};
struct str test_zip(struct arena *a, const struct test_zip_entry *entries, size_t n);

/* What a test may give beside the body. NULL: the default in brackets. All are XML text in the prefix "w", and "r",
 * "w14", "w15", "mc", "wp", "a", "m", "v", "o", "wps" are declared too. */
struct test_docx_parts {
    const char *document; /* the whole document.xml instead of a body [made of the body] */
    const char *
        styles; /* inside w:styles [docDefaults, Normal, Title, Subtitle, heading 1–6, toc 1, List Paragraph]; "" for no such part */
    const char *numbering;         /* inside w:numbering [numId 1: bullets; numId 2: 1., a., i.]; "" for no such part */
    const char *comments;          /* inside w:comments [no part] */
    const char *comments_extended; /* inside w15:commentsEx [no part] */
    const char *comments_ids;      /* inside w16cid:commentsIds [no part] */
    const char *comments_extensible; /* inside w16cex:commentsExtensible [no part] */
    const char *people;              /* inside w15:people [no part] */
    const char *footnotes;           /* w:footnote elements, the separators are added [no part] */
    const char *endnotes;            /* w:endnote elements [no part] */
    const char *header;   /* inside w:hdr; give the body a w:sectPr with a headerReference r:id="rIdHeader" [no part] */
    const char *footer;   /* inside w:ftr; r:id="rIdFooter" [no part] */
    const char *settings; /* inside w:settings [no part] */
    const char *core;     /* inside cp:coreProperties; prefixes dc, dcterms, xsi [no part] */
    const char *app;      /* inside Properties [no part] */
    const char *rels;     /* more <Relationship …/> of the main part [none] */
    const char *main_type;             /* content type of the main part [of a .docx] */
    const char *content_types;         /* more Override and Default elements [none] */
    const struct test_zip_entry *more; /* further entries */
    size_t n_more;
    bool strict; /* ISO 29500 strict namespaces and relationships */
};

/* more may be NULL. */
struct str test_docx(struct arena *a, const char *body_xml, const struct test_docx_parts *more);

/* A document of plain lines: "# Heading", "## Sub" (up to 6), "- item" (a bullet), "| a | b |" (a table row; rows in
 * sequence are one table), a blank line is left out, everything else is a paragraph. "**bold**" as a whole line is a
 * bold paragraph. */
struct str test_docx_from_lines(struct arena *a, const char *lines);
/* The body XML of the same. */
struct str test_body_from_lines(struct arena *a, const char *lines);
