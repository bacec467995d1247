/* Parts around the text: adding elements at the end of a part's root, content types, relationships, style ids by name. Thread: any. */
#pragma once

#include "doc/package.h"
#include "doc/splice.h"

/* The root element of a part. */
struct part_root {
    struct doc_source source;
    size_t start, open_end; /* the start tag */
    size_t end_start;       /* the end tag; open_end when the root is written as <a/> */
    bool empty;
    struct str qname;
    struct str prefix; /* of the namespace asked for, as bound on the root: "" is the default namespace */
    bool prefix_bound;
    struct str ignorable;     /* mc:Ignorable as written, or .p NULL */
    struct str mc_prefix;     /* prefix bound to markup compatibility, or .p NULL */
    struct str w14_prefix;    /* bound to the 2010 namespace, or .p NULL */
    bool w14_taken, mc_taken; /* the prefix is bound to something else */
};

/* Reads a part to the end and says where its root lies. uris: the namespaces whose prefix is asked for (NULL-terminated). Errors: those of xml_read. */
enum err part_root_read(struct str bytes, const char *const *uris, const char *what, struct arena *a,
                        struct part_root *ret, struct error *e) MUST_USE;

/* The splices that put text behind the root's last child. */
void part_root_append(const struct part_root *root, struct splice_list *l, struct str text);
/* Makes w14 attributes legal below the root: declares the prefix and lists it in mc:Ignorable. *ret: the prefix. */
enum err part_root_allow_w14(const struct part_root *root, struct splice_list *l, struct arena *a, struct str *ret,
                             struct error *e) MUST_USE;

/* What is added to a package around a text. Changes are collected and written at once. */
struct part_plan {
    struct doc_package *package;
    struct arena *arena;
    struct doc_rels rels; /* of the main part */
    VEC(struct doc_part_change) changes;
    VEC(struct str) new_rels; /* <Relationship …/> without prefix: the inside of the tag */
    VEC(struct str) new_overrides;
    uint64_t next_rel;
};

enum err part_plan_init(struct part_plan *plan, struct doc_package *p, struct arena *a, struct error *e) MUST_USE;

struct part_kind {
    const char *rel;     /* "commentsExtended": the end of the relationship's type */
    const char *rel_uri; /* the whole type */
    const char *content_type;
    const char *name; /* without ".xml" */
};

/* Finds the part of a kind by its relationship, or names a new one beside the main part and plans its relationship and content type. *ret_bytes.p is NULL for a new one. */
enum err part_plan_find(struct part_plan *plan, const struct part_kind *kind, struct str *ret_name,
                        struct str *ret_bytes, struct error *e) MUST_USE;
enum err part_plan_change(struct part_plan *plan, struct str name, struct str bytes, struct error *e) MUST_USE;
/* Adds the changed [Content_Types].xml and relationships to the changes. */
enum err part_plan_finish(struct part_plan *plan, struct error *e) MUST_USE;

/* The ids of the styles with those names (any case), .p NULL for what is not there. A styles part that cannot be read has none. */
enum {
    STYLE_ANNOTATION_TEXT,
    STYLE_ANNOTATION_REFERENCE,
    STYLE_HEADING_1,
    STYLE_HEADING_2,
    STYLE_LIST_BULLET,
    STYLE_HYPERLINK,
    STYLE_FOOTNOTE_REFERENCE,
    STYLE_ENDNOTE_REFERENCE,
    STYLE_COUNT
};
enum err part_styles_find(struct part_plan *plan, struct str ret[STYLE_COUNT], struct error *e) MUST_USE;
