/* Comments: markers and parts.
 * A comment is a w:comment in comments.xml, a range with a reference run in the body, and entries in up to four side parts that are joined by the id of its LAST paragraph: threads and "resolved"
 * (commentsExtended), a lasting id (commentsIds), the true UTC date (commentsExtensible), and its author (people). A reply has markers of its own on the same range, nested as Word nests them; without
 * them Word drops it.
 * A part that is there is added to, with the prefixes its root has bound; one that is not is made.
 * Source: ECMA-376 part 1, 17.13.4; [MS-DOCX] 2.5.3, 2.6.2; reference, sections 2, 3 and 5. */
#include "doc/comments_write.h"

#include <stdio.h>

#include "base/map.h"
#include "base/time.h"
#include "base/utf8.h"
#include "base/xml.h"
#include "doc/text.h"

#define URI_W        "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define URI_W_STRICT "http://purl.oclc.org/ooxml/wordprocessingml/main"
#define URI_W15      "http://schemas.microsoft.com/office/word/2012/wordml"
#define URI_CID      "http://schemas.microsoft.com/office/word/2016/wordml/cid"
#define URI_CEX      "http://schemas.microsoft.com/office/word/2018/wordml/cex"
#define TYPE(name)   "application/vnd.openxmlformats-officedocument.wordprocessingml." name "+xml"
#define XML_HEAD     "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n"

#define COMMENTS_MAX 32767 /* Word opens no document with more ranges */
#define QUOTE_MAX    300   /* bytes of the words that a moved comment quotes */

/* ---- texts ---- */

size_t write_comment_count(const struct doc_edits *edits)
{
    size_t n = edits->n_comments;
    for (size_t i = 0; i < edits->n_comments; i++)
        n += edits->comments[i].n_replies;
    return n;
}

static enum err clean_all(const struct str *from, size_t n, struct str *to, struct arena *a, struct error *e)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = write_clean(a, from[i], false);
        if (!to[i].p) return error_no_memory(e);
    }
    return ERR_OK;
}

/* "On “the words” (footnote 3):" */
static enum err quote_of(const struct doc *doc, struct doc_anchor asked, struct arena *a, struct str *ret,
                         struct error *e)
{
    struct doc_anchor anchor;
    TRY(write_anchor_normal(doc, asked, &anchor, e));
    struct str place = doc_place_name(doc, anchor.start.block, a), words = doc_text_of(doc, anchor, a);
    if (!place.p || (!words.p && words.n)) return error_no_memory(e);
    words = write_clean(a, str_trim(words), false);
    if (!words.p) return error_no_memory(e);
    size_t n = words.n > QUOTE_MAX ? utf8_grapheme_floor(words, QUOTE_MAX) : words.n;
    *ret = str_printf(a, "On \xE2\x80\x9C%.*s%s\xE2\x80\x9D (%.*s):", STR_ARG(str_sub(words, 0, n)),
                      n < words.n ? "\xE2\x80\xA6" : "", STR_ARG(place));
    if (!ret->p) return error_no_memory(e);
    *ret = write_clean(a, *ret, false);
    return ret->p ? ERR_OK : error_no_memory(e);
}

enum err write_comment_paragraphs(const struct doc *doc, const struct doc_new_comment *c,
                                  const struct doc_edit_result *placed, struct arena *a, struct write_comment_text *ret,
                                  struct error *e)
{
    size_t quoted = placed->outcome == DOC_EDIT_MOVED;
    struct str *at = NEW(a, struct str, quoted + c->n_paragraphs + 1);
    if (!at) return error_no_memory(e);
    at[0] = STR("");
    if (quoted) TRY(quote_of(doc, c->anchor, a, &at[0], e));
    TRY(clean_all(c->paragraphs, c->n_paragraphs, at + quoted, a, e));
    size_t n = quoted + c->n_paragraphs;
    *ret = (struct write_comment_text){at, n ? n : 1};
    return ERR_OK;
}

/* ---- markers ---- */

static void put_marker(struct sb *sb, const struct write_plan *p, const char *which, uint64_t id)
{
    sb_printf(sb, "<%.*s%s%.*s %.*sid=\"%llu\"/>", STR_ARG(p->w), which, STR_ARG(p->w_declaration), STR_ARG(p->w),
              (unsigned long long)id);
}

static void put_reference(struct sb *sb, const struct write_plan *p, uint64_t id)
{
    sb_printf(sb, "<%.*sr%.*s>", STR_ARG(p->w), STR_ARG(p->w_declaration));
    struct str style = p->styles[STYLE_ANNOTATION_REFERENCE];
    if (style.p) {
        sb_printf(sb, "<%.*srPr><%.*srStyle %.*sval=\"", STR_ARG(p->w), STR_ARG(p->w), STR_ARG(p->w));
        sb_xml_attr(sb, style);
        sb_printf(sb, "\"/></%.*srPr>", STR_ARG(p->w));
    }
    sb_printf(sb, "<%.*scommentReference %.*sid=\"%llu\"/></%.*sr>", STR_ARG(p->w), STR_ARG(p->w),
              (unsigned long long)id, STR_ARG(p->w));
}

/* Starts, or ends with their references, or either alone, of a thread. */
enum { PUT_STARTS = 1, PUT_ENDS = 2, PUT_REFERENCES = 4 };

static enum err thread_markers(const struct write_plan *p, uint64_t id, size_t replies, unsigned what, struct str *ret,
                               struct error *e)
{
    CLEANUP_SB struct sb sb = SB_INIT((size_t)64 << 20);
    for (size_t i = 0; what & PUT_STARTS && i <= replies; i++)
        put_marker(&sb, p, "commentRangeStart", id + i);
    for (size_t i = 0; i <= replies; i++) {
        if (what & PUT_ENDS) put_marker(&sb, p, "commentRangeEnd", id + i);
        if (what & PUT_REFERENCES) put_reference(&sb, p, id + i);
    }
    return sb_take(&sb, p->arena, ret, e);
}

static enum err add_markers(struct write_plan *p, const struct write_span *span, uint64_t id, size_t replies,
                            uint32_t order, unsigned what, struct write_point at, enum write_rank rank, struct error *e)
{
    (void)span;
    struct str text;
    TRY(thread_markers(p, id, replies, what, &text, e));
    return write_plan_add(p, at, rank, order, text) ? ERR_OK : error_no_memory(e);
}

enum err write_comments_place(struct write_plan *p, struct doc_edit_result *results, struct error *e)
{
    size_t all = write_comment_count(p->edits);
    if (all > COMMENTS_MAX || p->doc->comments.n > COMMENTS_MAX - all)
        return error_set_reason(e, ERR_LIMIT, "too_many_comments",
                                "the document would have %zu comments; programs open no more than %d",
                                p->doc->comments.n + all, COMMENTS_MAX);
    uint64_t id = p->first_comment_id;
    for (size_t i = 0; i < p->edits->n_comments; i++) {
        const struct doc_new_comment *c = &p->edits->comments[i];
        struct write_span s;
        TRY(write_place_comment(&p->place, c->anchor, &s, e));
        results[i] = (struct doc_edit_result){.outcome = s.outcome, .anchor = s.anchor};
        uint32_t order = (uint32_t)i;
        unsigned closing = s.reference ? PUT_ENDS : PUT_ENDS | PUT_REFERENCES;
        if (write_point_compare(&s.start, &s.end) == 0) {
            TRY(add_markers(p, &s, id, c->n_replies, order, PUT_STARTS | closing, s.start, WRITE_POINT, e));
        } else {
            TRY(add_markers(p, &s, id, c->n_replies, order, PUT_STARTS, s.start, WRITE_START, e));
            TRY(add_markers(p, &s, id, c->n_replies, order, closing, s.end, WRITE_END, e));
        }
        struct write_point reference = {s.reference, 0, DOC_NONE, WRITE_POINT_GAP};
        if (s.reference) TRY(add_markers(p, &s, id, c->n_replies, order, PUT_REFERENCES, reference, WRITE_POINT, e));
        id += 1 + c->n_replies;
    }
    return ERR_OK;
}

/* ---- parts ---- */

/* One w:comment to be: a root or a reply. */
struct entry {
    struct str author, initials;
    int64_t date_unix_ms;
    const struct str *paragraphs;
    size_t n_paragraphs;
    bool done;
    uint32_t para_id;        /* of its last paragraph */
    uint32_t parent_para_id; /* 0 for a root */
    uint32_t durable_id;
};

struct entries {
    struct entry *at;
    size_t n;
};

static enum err add_entry(struct write_plan *p, struct entries *list, struct str author, struct str initials,
                          int64_t date, struct error *e)
{
    struct entry *entry = &list->at[list->n];
    *entry = (struct entry){.author = write_clean_name(p->arena, author, 255), .date_unix_ms = date};
    if (!entry->author.p) return error_no_memory(e);
    if (!entry->author.n) return error_set_reason(e, ERR_INVALID, "bad_author", "a comment has no author");
    entry->initials = write_initials(p->arena, initials, author);
    uint64_t seed = (p->first_comment_id + list->n) << 24;
    entry->para_id = write_ids_fresh(&p->ids, seed);
    entry->durable_id = write_ids_fresh(&p->ids, seed + (1u << 23));
    if (!entry->initials.p || !entry->para_id || !entry->durable_id) return error_no_memory(e);
    list->n++;
    return ERR_OK;
}

static enum err collect_entries(struct write_plan *p, const struct doc_edit_result *results, struct entries *ret,
                                struct error *e)
{
    ret->n = 0;
    ret->at = NEW(p->arena, struct entry, write_comment_count(p->edits) + 1);
    if (!ret->at) return error_no_memory(e);
    for (size_t i = 0; i < p->edits->n_comments; i++) {
        const struct doc_new_comment *c = &p->edits->comments[i];
        struct write_comment_text text;
        TRY(write_comment_paragraphs(p->doc, c, &results[i], p->arena, &text, e));
        TRY(add_entry(p, ret, c->author, c->initials, c->date_unix_ms, e));
        struct entry *root = &ret->at[ret->n - 1];
        root->paragraphs = text.at;
        root->n_paragraphs = text.n;
        root->done = c->done;
        for (size_t j = 0; j < c->n_replies; j++) {
            const struct doc_new_reply *r = &c->replies[j];
            struct str *paragraphs = NEW(p->arena, struct str, r->n_paragraphs + 1);
            if (!paragraphs) return error_no_memory(e);
            paragraphs[0] = STR("");
            TRY(clean_all(r->paragraphs, r->n_paragraphs, paragraphs, p->arena, e));
            TRY(add_entry(p, ret, r->author, r->initials, r->date_unix_ms, e));
            struct entry *reply = &ret->at[ret->n - 1];
            reply->paragraphs = paragraphs;
            reply->n_paragraphs = r->n_paragraphs ? r->n_paragraphs : 1;
            reply->done = c->done;
            reply->parent_para_id = root->para_id;
        }
    }
    return ERR_OK;
}

/* What elements and attributes of a namespace are called in a part: a prefix with its colon, and the declaration where the root has none for attributes. */
struct names {
    struct str prefix, declaration;
};

static bool names_of(const struct part_root *root, const char *fallback, const char *uri, struct arena *a,
                     struct names *ret)
{
    bool bound = root->prefix_bound && root->prefix.n;
    ret->prefix = bound ? str_printf(a, "%.*s:", STR_ARG(root->prefix)) : str_printf(a, "%s:", fallback);
    ret->declaration = bound ? STR("") : str_printf(a, " xmlns:%s=\"%s\"", fallback, uri);
    return ret->prefix.p && ret->declaration.p;
}

/* The text of a part's new elements. */
typedef enum err put_entries_fn(struct write_plan *p, const struct entries *entries, const struct names *n,
                                struct str w14, struct sb *sb, struct error *e);

struct side_part {
    struct part_kind kind;
    const char *uri, *strict_uri; /* of its root's namespace */
    const char *prefix, *root;    /* "w15", "commentsEx" */
    bool needs_w14;
    put_entries_fn *put;
};

static enum err write_side_part(struct write_plan *p, const struct side_part *side, const struct entries *entries,
                                struct error *e)
{
    struct str name, bytes;
    struct part_kind kind = side->kind;
    const char *uri = side->uri;
    if (p->doc->strict && side->strict_uri) {
        uri = side->strict_uri;
        kind.rel_uri = "http://purl.oclc.org/ooxml/officeDocument/relationships/comments";
    }
    TRY(part_plan_find(&p->parts, &kind, &name, &bytes, e));
    if (!bytes.p)
        bytes = str_printf(p->arena, XML_HEAD "<%s:%s xmlns:%s=\"%s\"></%s:%s>", side->prefix, side->root, side->prefix,
                           uri, side->prefix, side->root);
    if (!bytes.p) return error_no_memory(e);
    char what[128];
    (void)snprintf(what, sizeof what, "%.*s", STR_ARG(name));
    struct part_root root;
    const char *const uris[] = {side->uri, side->strict_uri, NULL};
    enum err err = part_root_read(bytes, uris, what, p->arena, &root, e);
    if ((err == ERR_INVALID || err == ERR_LIMIT) && !error_is_no_memory(e)) {
        struct str message = str_printf(p->arena, "%s", e ? e->message : "");
        (void)error_set_reason(e, ERR_INVALID, "comments_broken",
                               "the comments that the document has cannot be read, so none can be added: %.*s",
                               STR_ARG(message));
        return error_hint(e, "Open the document in Word, save it, and try again.");
    }
    TRY(err);
    struct splice_list l = splice_list_make(p->arena);
    struct str w14 = STR_EMPTY;
    if (side->needs_w14) TRY(part_root_allow_w14(&root, &l, p->arena, &w14, e));
    struct names n;
    if (!names_of(&root, side->prefix, uri, p->arena, &n)) return error_no_memory(e);
    CLEANUP_SB struct sb sb = SB_INIT((size_t)256 << 20);
    TRY(side->put(p, entries, &n, w14, &sb, e));
    struct str text;
    TRY(sb_take(&sb, p->arena, &text, e));
    if (!text.n) return ERR_OK;
    part_root_append(&root, &l, text);
    TRY(splice_apply(&l, &root.source, p->arena, &bytes, e));
    return part_plan_change(&p->parts, name, bytes, e);
}

/* <w:r>[reference mark]</w:r> of a comment's first paragraph */
static void put_annotation_mark(struct sb *sb, const struct write_plan *p, struct str w)
{
    sb_printf(sb, "<%.*sr>", STR_ARG(w));
    if (p->styles[STYLE_ANNOTATION_REFERENCE].p) {
        sb_printf(sb, "<%.*srPr><%.*srStyle %.*sval=\"", STR_ARG(w), STR_ARG(w), STR_ARG(w));
        sb_xml_attr(sb, p->styles[STYLE_ANNOTATION_REFERENCE]);
        sb_printf(sb, "\"/></%.*srPr>", STR_ARG(w));
    }
    sb_printf(sb, "<%.*sannotationRef/></%.*sr>", STR_ARG(w), STR_ARG(w));
}

static enum err put_comment(struct write_plan *p, const struct entry *entry, uint64_t id, const struct names *n,
                            struct str w14, struct sb *sb, struct error *e)
{
    struct str w = n->prefix;
    sb_printf(sb, "<%.*scomment%.*s %.*sid=\"%llu\" %.*sauthor=\"", STR_ARG(w), STR_ARG(n->declaration), STR_ARG(w),
              (unsigned long long)id, STR_ARG(w));
    sb_xml_attr(sb, entry->author);
    sb_c(sb, "\"");
    if (entry->date_unix_ms != INT64_MIN) {
        sb_printf(sb, " %.*sdate=\"", STR_ARG(w));
        sb_time(sb, entry->date_unix_ms, false);
        sb_c(sb, "\"");
    }
    if (entry->initials.n) {
        sb_printf(sb, " %.*sinitials=\"", STR_ARG(w));
        sb_xml_attr(sb, entry->initials);
        sb_c(sb, "\"");
    }
    sb_c(sb, ">");
    for (size_t i = 0; i < entry->n_paragraphs; i++) {
        bool last = i + 1 == entry->n_paragraphs;
        uint32_t para_id = last ? entry->para_id : write_ids_fresh(&p->ids, (id << 24) + 0x400000u + i);
        if (!para_id) return error_no_memory(e);
        sb_printf(sb, "<%.*sp %.*s:paraId=\"%08X\" %.*s:textId=\"77777777\">", STR_ARG(w), STR_ARG(w14), para_id,
                  STR_ARG(w14));
        if (p->styles[STYLE_ANNOTATION_TEXT].p) {
            sb_printf(sb, "<%.*spPr><%.*spStyle %.*sval=\"", STR_ARG(w), STR_ARG(w), STR_ARG(w));
            sb_xml_attr(sb, p->styles[STYLE_ANNOTATION_TEXT]);
            sb_printf(sb, "\"/></%.*spPr>", STR_ARG(w));
        }
        if (i == 0) put_annotation_mark(sb, p, w);
        if (entry->paragraphs[i].n) {
            sb_printf(sb, "<%.*sr>", STR_ARG(w));
            write_run_text(sb, w, entry->paragraphs[i]);
            sb_printf(sb, "</%.*sr>", STR_ARG(w));
        }
        sb_printf(sb, "</%.*sp>", STR_ARG(w));
    }
    sb_printf(sb, "</%.*scomment>", STR_ARG(w));
    return ERR_OK;
}

static enum err put_comments(struct write_plan *p, const struct entries *entries, const struct names *n, struct str w14,
                             struct sb *sb, struct error *e)
{
    for (size_t i = 0; i < entries->n; i++)
        TRY(put_comment(p, &entries->at[i], p->first_comment_id + i, n, w14, sb, e));
    return ERR_OK;
}

static enum err put_extended(struct write_plan *p, const struct entries *entries, const struct names *n, struct str w14,
                             struct sb *sb, struct error *e)
{
    (void)p, (void)w14, (void)e;
    for (size_t i = 0; i < entries->n; i++) {
        const struct entry *entry = &entries->at[i];
        sb_printf(sb, "<%.*scommentEx%.*s %.*sparaId=\"%08X\"", STR_ARG(n->prefix), STR_ARG(n->declaration),
                  STR_ARG(n->prefix), entry->para_id);
        if (entry->parent_para_id)
            sb_printf(sb, " %.*sparaIdParent=\"%08X\"", STR_ARG(n->prefix), entry->parent_para_id);
        sb_printf(sb, " %.*sdone=\"%d\"/>", STR_ARG(n->prefix), entry->done);
    }
    return ERR_OK;
}

static enum err put_ids(struct write_plan *p, const struct entries *entries, const struct names *n, struct str w14,
                        struct sb *sb, struct error *e)
{
    (void)p, (void)w14, (void)e;
    for (size_t i = 0; i < entries->n; i++)
        sb_printf(sb, "<%.*scommentId%.*s %.*sparaId=\"%08X\" %.*sdurableId=\"%08X\"/>", STR_ARG(n->prefix),
                  STR_ARG(n->declaration), STR_ARG(n->prefix), entries->at[i].para_id, STR_ARG(n->prefix),
                  entries->at[i].durable_id);
    return ERR_OK;
}

static enum err put_extensible(struct write_plan *p, const struct entries *entries, const struct names *n,
                               struct str w14, struct sb *sb, struct error *e)
{
    (void)p, (void)w14, (void)e;
    for (size_t i = 0; i < entries->n; i++) {
        if (entries->at[i].date_unix_ms == INT64_MIN) continue;
        sb_printf(sb, "<%.*scommentExtensible%.*s %.*sdurableId=\"%08X\" %.*sdateUtc=\"", STR_ARG(n->prefix),
                  STR_ARG(n->declaration), STR_ARG(n->prefix), entries->at[i].durable_id, STR_ARG(n->prefix));
        sb_time(sb, entries->at[i].date_unix_ms, false);
        sb_c(sb, "\"/>");
    }
    return ERR_OK;
}

/* ---- people ---- */

enum { T_PERSON = 1, T_AUTHOR };

struct people_reader {
    struct arena *arena;
    struct map known;
};

static enum err person_start(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    (void)r;
    struct people_reader *reader = ctx;
    struct str author = xml_attr(tag, T_AUTHOR);
    if (tag->token != T_PERSON || !author.p) return ERR_OK;
    author = str_dup(reader->arena, author);
    return author.p && map_put(&reader->known, author, reader) ? ERR_OK : error_no_memory(e);
}

static enum err read_people(struct write_plan *p, struct people_reader *reader, struct error *e)
{
    static const struct xml_ns namespaces[] = {{URI_W15, 1}};
    static const struct xml_name names[] = {{1, "person", T_PERSON}, {1, "author", T_AUTHOR}};
    static const struct xml_vocab vocab = {namespaces, 1, names, 2};
    const struct doc_rel *rel = doc_rels_first(&p->parts.rels, "people");
    struct str bytes;
    if (!rel || !doc_package_has(p->doc->package, rel->target)) return ERR_OK;
    TRY(doc_package_part(p->doc->package, rel->target, &bytes, e));
    struct xml_options options = {.vocab = &vocab, .max_depth = 512, .what = "the list of people", .arena = p->arena};
    struct xml_handler handler = {person_start, NULL, NULL};
    return xml_read(bytes, &options, &handler, reader, e);
}

static enum err put_people(struct write_plan *p, const struct entries *entries, const struct names *n, struct str w14,
                           struct sb *sb, struct error *e)
{
    (void)w14;
    struct people_reader reader = {p->arena, map_make(p->arena)};
    TRY(read_people(p, &reader, e));
    for (size_t i = 0; i < entries->n; i++) {
        struct str author = entries->at[i].author;
        if (map_get(&reader.known, author)) continue;
        if (!map_put(&reader.known, author, &reader)) return error_no_memory(e);
        sb_printf(sb, "<%.*sperson%.*s %.*sauthor=\"", STR_ARG(n->prefix), STR_ARG(n->declaration), STR_ARG(n->prefix));
        sb_xml_attr(sb, author);
        sb_printf(sb, "\"><%.*spresenceInfo %.*sproviderId=\"None\" %.*suserId=\"", STR_ARG(n->prefix),
                  STR_ARG(n->prefix), STR_ARG(n->prefix));
        sb_xml_attr(sb, author);
        sb_printf(sb, "\"/></%.*sperson>", STR_ARG(n->prefix));
    }
    return ERR_OK;
}

enum err write_comments_parts(struct write_plan *p, const struct doc_edit_result *results, struct error *e)
{
    static const struct side_part parts[] = {
        {{"comments", "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments", TYPE("comments"),
          "comments"},
         URI_W,
         URI_W_STRICT,
         "w",
         "comments",
         true,
         put_comments},
        {{"commentsExtended", "http://schemas.microsoft.com/office/2011/relationships/commentsExtended",
          TYPE("commentsExtended"), "commentsExtended"},
         URI_W15,
         NULL,
         "w15",
         "commentsEx",
         false,
         put_extended},
        {{"commentsIds", "http://schemas.microsoft.com/office/2016/09/relationships/commentsIds", TYPE("commentsIds"),
          "commentsIds"},
         URI_CID,
         NULL,
         "w16cid",
         "commentsIds",
         false,
         put_ids},
        {{"commentsExtensible", "http://schemas.microsoft.com/office/2018/08/relationships/commentsExtensible",
          TYPE("commentsExtensible"), "commentsExtensible"},
         URI_CEX,
         NULL,
         "w16cex",
         "commentsExtensible",
         false,
         put_extensible},
        {{"people", "http://schemas.microsoft.com/office/2011/relationships/people", TYPE("people"), "people"},
         URI_W15,
         NULL,
         "w15",
         "people",
         false,
         put_people},
    };
    struct entries entries;
    TRY(collect_entries(p, results, &entries, e));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        TRY(write_side_part(p, &parts[i], &entries, e));
    return ERR_OK;
}
