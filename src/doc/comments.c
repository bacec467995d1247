/* Reads the comments that a document already has: comments.xml for who and what, commentsExtended.xml for threads and
 * "resolved", commentsIds.xml and commentsExtensible.xml for true UTC dates; their places were collected while the
 * text was read. The parts are joined by the paragraph id of a comment's last paragraph, compared as a number. Real
 * files have duplicate ids, references to nothing and entries about nobody; they are reported and otherwise left
 * alone. Sources: ECMA-376 part 1, 17.13.4; [MS-DOCX] 2.5–2.7; reference 3, 5. */
#include "base/time.h"
#include "doc/read_priv.h"

struct extended { /* w15:commentEx, w16cid:commentId, w16cex:commentExtensible */
    uint32_t para, parent, durable;
    bool done, has_parent;
    int64_t date_unix_ms;
};

struct comments_reader {
    struct doc__builder *b;
    VEC(uint32_t) last_para; /* of each comment: the id of its last paragraph; 0: none */
    VEC(struct extended) extended, ids, extensible;
    VEC(char) text; /* of the open comment */
    bool in_comment, in_text, any_para;
    unsigned dead; /* open w:del around */
};

static uint32_t hex32(struct str s)
{
    uint32_t v = 0;
    if (!s.n || s.n > 8) return 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c >= '0' && c <= '9')
            v = v * 16 + (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            v = v * 16 + (uint32_t)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            v = v * 16 + (uint32_t)(c - 'A' + 10);
        else
            return 0;
    }
    return v;
}

static enum err put_text(struct comments_reader *r, struct str s, struct error *e)
{
    for (size_t i = 0; i < s.n; i++) {
        char *c = VEC_PUSH(r->b->a, &r->text);
        if (!c) return error_no_memory(e);
        *c = s.p[i];
    }
    return ERR_OK;
}

static enum err dup_attr(struct comments_reader *r, const struct xml_tag *tag, int token, struct str *ret,
                         struct error *e)
{
    *ret = str_dup(r->b->a, xml_attr(tag, token));
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err begin_comment(struct comments_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct doc_comment *c = VEC_PUSH(r->b->a, &r->b->comments);
    uint32_t *para = VEC_PUSH(r->b->a, &r->last_para);
    if (!c || !para) return error_no_memory(e);
    *c = (struct doc_comment){.parent = DOC_NONE, .date_unix_ms = INT64_MIN};
    TRY(dup_attr(r, tag, T_ID, &c->id, e));
    TRY(dup_attr(r, tag, T_AUTHOR, &c->author, e));
    TRY(dup_attr(r, tag, T_INITIALS, &c->initials, e));
    int64_t at = 0;
    if (time_parse_iso(xml_attr(tag, T_DATE), &at)) c->date_unix_ms = at;
    r->in_comment = true;
    r->any_para = false;
    r->text.n = 0;
    return ERR_OK;
}

static enum err comments_start(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    (void)xml;
    struct comments_reader *r = ctx;
    if (tag->token == T_COMMENT) return begin_comment(r, tag, e);
    if (!r->in_comment) return ERR_OK;
    switch (tag->token) {
    case T_P:
        if (r->any_para) TRY(put_text(r, STR("\n"), e));
        r->any_para = true;
        r->last_para.at[r->last_para.n - 1] = hex32(xml_attr(tag, T_W14_PARA_ID));
        return ERR_OK;
    case T_DEL:
    case T_MOVE_FROM: r->dead++; return ERR_OK;
    case T_T: r->in_text = r->dead == 0; return ERR_OK;
    case T_TAB:
    case T_PTAB:
        return r->any_para && tag->n_attrs == 0 ? put_text(r, STR("\t"), e) : ERR_OK; /* not a tab stop of w:tabs */
    case T_BR:
    case T_CR: return put_text(r, STR("\n"), e);
    case T_NO_BREAK_HYPHEN: return put_text(r, STR("\xE2\x80\x91"), e);
    default: return ERR_OK;
    }
}

static enum err comments_end(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    (void)xml;
    struct comments_reader *r = ctx;
    if (tag->token == T_T) r->in_text = false;
    if ((tag->token == T_DEL || tag->token == T_MOVE_FROM) && r->dead) r->dead--;
    if (tag->token != T_COMMENT || !r->in_comment) return ERR_OK;
    r->in_comment = r->in_text = false;
    r->dead = 0;
    struct str text = str_dup(r->b->a, str_trim((struct str){r->text.at, r->text.n}));
    r->b->comments.at[r->b->comments.n - 1].text = text;
    return text.p ? ERR_OK : error_no_memory(e);
}

static enum err comments_text(void *ctx, struct xml_reader *xml, struct str text, size_t start, size_t end,
                              struct error *e)
{
    (void)xml;
    (void)start;
    (void)end;
    struct comments_reader *r = ctx;
    return r->in_text ? put_text(r, text, e) : ERR_OK;
}

static enum err extended_start(void *ctx, struct xml_reader *xml, const struct xml_tag *tag, struct error *e)
{
    (void)xml;
    struct comments_reader *r = ctx;
    struct extended x = {.date_unix_ms = INT64_MIN};
    struct extended *slot = NULL;
    struct str v;
    switch (tag->token) {
    case T_W15_COMMENT_EX:
        x.para = hex32(xml_attr(tag, T_W15_PARA_ID));
        x.parent = hex32(xml_attr(tag, T_W15_PARA_ID_PARENT));
        v = xml_attr(tag, T_W15_DONE);
        x.done = v.p && doc__on_off(v);
        slot = VEC_PUSH(r->b->a, &r->extended);
        break;
    case T_CID_COMMENT_ID:
        x.para = hex32(xml_attr(tag, T_CID_PARA_ID));
        x.durable = hex32(xml_attr(tag, T_CID_DURABLE_ID));
        slot = VEC_PUSH(r->b->a, &r->ids);
        break;
    case T_CEX_COMMENT_EXTENSIBLE:
        x.durable = hex32(xml_attr(tag, T_CEX_DURABLE_ID));
        if (!time_parse_iso(xml_attr(tag, T_CEX_DATE_UTC), &x.date_unix_ms)) return ERR_OK;
        slot = VEC_PUSH(r->b->a, &r->extensible);
        break;
    default: return ERR_OK;
    }
    if (!slot) return error_no_memory(e);
    *slot = x;
    return ERR_OK;
}

/* ---- joining ---- */

/* Numbers as keys of a map: the bytes of the number, which must stay where they are. */
static struct str key_of(const uint32_t *v) { return (struct str){(const char *)v, sizeof *v}; }

static enum err index_comments(struct comments_reader *r, struct map *ret, struct error *e)
{
    struct map m = map_make(r->b->a);
    for (size_t i = 0; i < r->last_para.n; i++)
        if (r->last_para.at[i] && !map_get(&m, key_of(&r->last_para.at[i])) &&
            !map_put(&m, key_of(&r->last_para.at[i]), (void *)(uintptr_t)(i + 1)))
            return error_no_memory(e);
    *ret = m;
    return ERR_OK;
}

static enum err join_threads(struct comments_reader *r, const struct map *by_para, struct error *e)
{
    struct map dates = map_make(r->b->a);
    for (size_t i = 0; i < r->extensible.n; i++)
        if (!map_put(&dates, key_of(&r->extensible.at[i].durable), &r->extensible.at[i])) return error_no_memory(e);
    for (size_t i = 0; i < r->extended.n; i++) {
        const struct extended *x = &r->extended.at[i];
        uintptr_t self = x->para ? (uintptr_t)map_get(by_para, key_of(&x->para)) : 0;
        uintptr_t parent = x->parent ? (uintptr_t)map_get(by_para, key_of(&x->parent)) : 0;
        if (!self) continue;
        r->b->comments.at[self - 1].done = x->done;
        if (parent && parent != self) r->b->comments.at[self - 1].parent = (uint32_t)(parent - 1);
    }
    for (size_t i = 0; i < r->ids.n; i++) {
        uintptr_t self = r->ids.at[i].para ? (uintptr_t)map_get(by_para, key_of(&r->ids.at[i].para)) : 0;
        const struct extended *date = map_get(&dates, key_of(&r->ids.at[i].durable));
        if (self && date) r->b->comments.at[self - 1].date_unix_ms = date->date_unix_ms;
    }
    return ERR_OK;
}

/* Answers to answers point at the root (Word shows one level); circles become roots. A thread is done when its root
 * is. */
static void flatten_threads(struct doc__builder *b)
{
    for (size_t i = 0; i < b->comments.n; i++) {
        uint32_t root = b->comments.at[i].parent;
        size_t steps = 0;
        while (root != DOC_NONE && b->comments.at[root].parent != DOC_NONE && steps++ < 64)
            root = b->comments.at[root].parent;
        if (root == i || steps >= 64) root = DOC_NONE;
        b->comments.at[i].parent = root;
    }
    for (size_t i = 0; i < b->comments.n; i++)
        if (b->comments.at[i].parent != DOC_NONE)
            b->comments.at[i].done = b->comments.at[b->comments.at[i].parent].done;
}

struct comment_places {
    bool has[3]; /* by enum doc__mark_kind */
    struct doc_place at[3];
};

static bool is_before(struct doc_place x, struct doc_place y)
{
    return x.block != y.block ? x.block < y.block : x.offset < y.offset;
}

static void settle_anchor(const struct doc__builder *b, struct doc_comment *c, const struct comment_places *p)
{
    c->anchored = p->has[DOC__MARK_REFERENCE] || (p->has[DOC__MARK_START] && p->has[DOC__MARK_END]);
    if (!c->anchored) return;
    bool range = p->has[DOC__MARK_START] && p->has[DOC__MARK_END];
    struct doc_place start = p->at[DOC__MARK_START], end = p->at[DOC__MARK_END];
    if (range && (is_before(end, start) || b->blocks.at[start.block].story != b->blocks.at[end.block].story))
        range = false;
    if (!range) start = end = p->has[DOC__MARK_REFERENCE] ? p->at[DOC__MARK_REFERENCE] : end;
    c->anchor = (struct doc_anchor){start, end};
}

static enum err join_places(struct comments_reader *r, struct error *e)
{
    struct doc__builder *b = r->b;
    struct map by_id = map_make(b->a);
    struct comment_places *places = NEW(b->a, struct comment_places, b->comments.n);
    if (!places) return error_no_memory(e);
    for (size_t i = 0; i < b->comments.n; i++) {
        struct str id = b->comments.at[i].id;
        if (map_get(&by_id, id))
            TRY(doc__warn(b, DOC_WARN_DUPLICATE_COMMENT_ID, e, "two comments of the document have the id %.*s",
                          STR_ARG(id)));
        else if (!map_put(&by_id, id, (void *)(uintptr_t)(i + 1)))
            return error_no_memory(e);
    }
    size_t dangling = 0;
    for (size_t i = 0; i < b->comment_marks.n && b->blocks.n; i++) {
        const struct doc__comment_mark *mark = &b->comment_marks.at[i];
        uintptr_t found = (uintptr_t)map_get(&by_id, mark->id);
        if (!found) {
            if (mark->kind == DOC__MARK_REFERENCE) dangling++;
            continue;
        }
        struct comment_places *p = &places[found - 1];
        if (!p->has[mark->kind]) p->at[mark->kind] = mark->place;
        p->has[mark->kind] = true;
    }
    for (size_t i = 0; i < b->comments.n; i++)
        settle_anchor(b, &b->comments.at[i], &places[i]);
    if (!dangling) return ERR_OK;
    return doc__warn(b, DOC_WARN_DANGLING_COMMENT, e, "%zu places of the document refer to comments that are not there",
                     dangling);
}

static enum err read_xml(struct comments_reader *r, const struct doc_rel *rel, const struct xml_handler *h,
                         struct error *e)
{
    struct str xml = STR_EMPTY;
    char *what = str_to_c(r->b->a, rel->target);
    if (!what) return error_no_memory(e);
    TRY(doc_package_part(r->b->package, rel->target, &xml, e));
    const struct xml_options o = {.vocab = &doc__vocab, .max_depth = r->b->options.limits.max_depth, .what = what};
    return xml_read(xml, &o, h, r, e);
}

enum err doc__comments_read(struct doc__builder *b, const struct doc_rels *rels, struct error *e)
{
    static const struct xml_handler comments = {.start = comments_start, .end = comments_end, .text = comments_text};
    static const struct xml_handler extended = {.start = extended_start};
    static const char *const beside[] = {"commentsExtended", "commentsIds", "commentsExtensible"};
    struct comments_reader r = {.b = b};
    const struct doc_rel *rel = doc_rels_first(rels, "comments");
    if (rel) {
        enum err code = read_xml(&r, rel, &comments, e);
        if (code != ERR_OK) b->comments.n = 0;
        TRY(code);
    }
    TRY(join_places(&r, e));
    for (size_t i = 0; rel && i < sizeof beside / sizeof beside[0]; i++) {
        const struct doc_rel *part = doc_rels_first(rels, beside[i]);
        if (part) TRY(read_xml(&r, part, &extended, e));
    }
    struct map by_para = {0};
    TRY(index_comments(&r, &by_para, e));
    TRY(join_threads(&r, &by_para, e));
    flatten_threads(b);
    return ERR_OK;
}
