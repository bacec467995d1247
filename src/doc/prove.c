/* The proof of an output: read it back and hold it against what was there and what was meant.
 * It knows nothing of how the output was made but the first numbers that were given out; the texts it expects are put together from the input and the edits alone. One reading shows the document with our
 * changes accepted; when there are changes, a second one shows it with them rejected. Entries that no edit may touch are compared by their packed bytes, so that nothing is inflated for it.
 * Rejected: trusting the splices (a proof that shares the writer's idea of what it did proves nothing).
 * Source: ECMA-376 part 2, 6 and 7; reference, sections 1, 3 and 6. */
#include <stdio.h>
#include <stdlib.h>

#include "base/map.h"
#include "doc/package_priv.h"
#include "doc/text.h"
#include "doc/write_plan.h"

struct prover {
    const struct doc *doc;
    const struct doc_edits *edits;
    const struct doc_write_result *result;
    struct arena *arena;
    struct str *expected; /* per block of the input: its text with our changes, .p NULL: as it was */
    size_t n_applied;     /* changes that were made */
};

static enum err failed(struct error *e, const char *check, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum err failed(struct error *e, const char *check, const char *format, ...)
{
    (void)error_set_reason(e, ERR_INTERNAL, "proof_failed", "the written document did not pass its check: %s", check);
    char detail[400];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    return error_detail(e, "%s", detail);
}

/* ---- what is expected ---- */

struct applied {
    uint32_t block, start, end;
    struct str words;
};

static int compare_applied(const void *left, const void *right)
{
    const struct applied *a = left;
    const struct applied *b = right;
    if (a->block != b->block) return a->block < b->block ? -1 : 1;
    if (a->start != b->start) return a->start < b->start ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

static enum err expect_text(struct prover *p, const struct applied *changes, size_t n, struct error *e)
{
    struct str text = p->doc->blocks.at[changes[0].block].text;
    CLEANUP_SB struct sb sb = SB_INIT((size_t)256 << 20);
    size_t done = 0;
    for (size_t i = 0; i < n; i++) {
        sb_str(&sb, str_sub(text, done, changes[i].start));
        sb_str(&sb, changes[i].words);
        done = changes[i].end;
    }
    sb_str(&sb, str_sub(text, done, text.n));
    return sb_take(&sb, p->arena, &p->expected[changes[0].block], e);
}

static enum err expect_texts(struct prover *p, struct error *e)
{
    p->expected = NEW(p->arena, struct str, p->doc->blocks.n + 1);
    struct applied *all = NEW(p->arena, struct applied, p->edits->n_changes + 1);
    if (!p->expected || !all) return error_no_memory(e);
    size_t n = 0;
    for (size_t i = 0; i < p->edits->n_changes; i++) {
        const struct doc_new_change *c = &p->edits->changes[i];
        if (p->result->changes[i].outcome == DOC_EDIT_REFUSED) continue;
        struct str words = write_clean(p->arena, c->replacement, true);
        if (!words.p) return error_no_memory(e);
        all[n++] = (struct applied){c->anchor.start.block, c->anchor.start.offset, c->anchor.end.offset, words};
    }
    p->n_applied = n;
    qsort(all, n, sizeof *all, compare_applied);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && all[j].block == all[i].block; j++)
            ;
        TRY(expect_text(p, all + i, j - i, e));
    }
    return ERR_OK;
}

/* ---- the package ---- */

static const struct {
    const char *rel, *content_type;
} comment_parts[] = {
    {"comments", "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"},
    {"commentsExtended", "application/vnd.openxmlformats-officedocument.wordprocessingml.commentsExtended+xml"},
    {"commentsIds", "application/vnd.openxmlformats-officedocument.wordprocessingml.commentsIds+xml"},
    {"commentsExtensible", "application/vnd.openxmlformats-officedocument.wordprocessingml.commentsExtensible+xml"},
    {"people", "application/vnd.openxmlformats-officedocument.wordprocessingml.people+xml"},
};

/* A part that is not read into the model is at least whole XML. */
static enum err check_xml(struct prover *p, struct doc_package *package, struct str part, struct error *e)
{
    struct str bytes;
    struct part_root root;
    struct error inner = {0};
    enum err err = doc_package_part(package, part, &bytes, &inner);
    if (err == ERR_OK) err = part_root_read(bytes, (const char *const[]){NULL}, "part", p->arena, &root, &inner);
    if (err == ERR_OK) return ERR_OK;
    if (error_is_no_memory(&inner)) return error_no_memory(e);
    return failed(e, "a part cannot be read", "%.*s: %s", STR_ARG(part), inner.message);
}

/* The parts that may differ from the input, and that they are what the package says. */
static enum err check_parts(struct prover *p, struct doc_package *package, struct map *may_differ, struct error *e)
{
    struct str main = doc_package_main_part(package), types = STR("[Content_Types].xml"),
               rels_name = doc_package_rels_name(p->arena, main);
    if (!str_eq_nocase(main, doc_package_main_part(p->doc->package)))
        return failed(e, "the main part moved", "%.*s", STR_ARG(main));
    struct str names[3 + sizeof comment_parts / sizeof *comment_parts] = {main, types, rels_name};
    size_t n = 3;
    struct doc_rels rels;
    TRY(doc_package_rels(package, main, &rels, e));
    for (size_t i = 0; i < sizeof comment_parts / sizeof *comment_parts && p->edits->n_comments; i++) {
        const struct doc_rel *rel = doc_rels_first(&rels, comment_parts[i].rel);
        if (!rel || !doc_package_has(package, rel->target))
            return failed(e, "a part of the comments is missing", "%s", comment_parts[i].rel);
        struct str type = doc_package_content_type(package, rel->target);
        bool ours = !doc_package_has(p->doc->package, rel->target);
        if (ours && !str_eq_c(type, comment_parts[i].content_type))
            return failed(e, "a part has the wrong content type", "%.*s: %.*s", STR_ARG(rel->target), STR_ARG(type));
        names[n++] = rel->target;
    }
    for (size_t i = 0; i < n; i++) {
        struct str lower = names[i].p ? doc__lower(p->arena, names[i]) : STR_EMPTY;
        if (!lower.p || !map_put(may_differ, lower, p)) return error_no_memory(e);
        if (i > 0 && doc_package_has(package, names[i]))
            TRY(check_xml(p, package, names[i], e)); /* the main part was read */
    }
    return ERR_OK;
}

static bool same_entry(struct str a_bytes, const struct doc__zip_entry *a, struct str b_bytes,
                       const struct doc__zip_entry *b)
{
    if (a->method != b->method || a->size != b->size || a->packed_size != b->packed_size) return false;
    return str_eq(str_sub(a_bytes, a->data_start, a->data_start + a->packed_size),
                  str_sub(b_bytes, b->data_start, b->data_start + b->packed_size));
}

static enum err check_entries(struct prover *p, const struct map *may_differ, const struct doc_limits *limits,
                              struct error *e)
{
    struct str before = doc_package_bytes(p->doc->package), after = p->result->bytes;
    struct doc__zip in, out;
    TRY(doc__zip_scan(p->arena, before, limits, &in, e));
    TRY(doc__zip_scan(p->arena, after, limits, &out, e));
    if (out.n < in.n) return failed(e, "parts are missing", "%zu of %zu entries", out.n, in.n);
    for (size_t i = 0; i < out.n; i++) {
        struct str lower = doc__lower(p->arena, out.at[i].name);
        if (!lower.p) return error_no_memory(e);
        bool may = map_get(may_differ, lower) != NULL;
        if (i >= in.n) {
            if (!may) return failed(e, "a part was added that should not be there", "%.*s", STR_ARG(out.at[i].name));
            continue;
        }
        if (!str_eq(in.at[i].name, out.at[i].name))
            return failed(e, "parts changed places", "%.*s at %zu", STR_ARG(out.at[i].name), i);
        if (!may && !same_entry(before, &in.at[i], after, &out.at[i]))
            return failed(e, "a part changed that should not", "%.*s", STR_ARG(in.at[i].name));
    }
    return ERR_OK;
}

/* ---- texts and looks ---- */

/* The block of the output that a block of the input became: new ones stand between the body and the rest. */
static uint32_t moved_block(const struct prover *p, uint32_t block)
{
    return block < p->doc->body_end_block ? block : block + (uint32_t)p->edits->n_blocks;
}

static enum err check_texts(struct prover *p, const struct doc *out, bool accepted, struct error *e)
{
    if (out->blocks.n != p->doc->blocks.n + p->edits->n_blocks)
        return failed(e, "paragraphs were lost or added", "%u blocks, %u before, %zu new", out->blocks.n,
                      p->doc->blocks.n, p->edits->n_blocks);
    for (uint32_t i = 0; i < p->doc->blocks.n; i++) {
        const struct doc_block *before = &p->doc->blocks.at[i], *after = &out->blocks.at[moved_block(p, i)];
        struct str text = accepted && p->expected[i].p ? p->expected[i] : before->text;
        if (!str_eq(text, after->text))
            return failed(e,
                          accepted ? "the text with the changes accepted is not what was meant"
                                   : "the text with the changes rejected is not the original's",
                          "block %u: \"%.*s\" for \"%.*s\"", i, STR_ARG(str_sub(after->text, 0, 120)),
                          STR_ARG(str_sub(text, 0, 120)));
        if (before->story != after->story || before->note != after->note)
            return failed(e, "a paragraph moved to another place", "block %u", i);
    }
    return ERR_OK;
}

static enum err check_new_blocks(struct prover *p, const struct doc *out, struct error *e)
{
    for (size_t i = 0; i < p->edits->n_blocks; i++) {
        struct str text = write_clean(p->arena, p->edits->blocks[i].text, false);
        struct str after = out->blocks.at[p->doc->body_end_block + i].text;
        if (!text.p) return error_no_memory(e);
        if (p->edits->blocks[i].style == DOC_NEW_BULLET && str_starts(after, STR(WRITE_BULLET)))
            after = str_sub(after, sizeof WRITE_BULLET - 1, after.n);
        if (!str_eq(text, after)) return failed(e, "an added paragraph does not read as meant", "new block %zu", i);
    }
    return ERR_OK;
}

/* Every character has the look it had, however its runs are cut now. */
static bool same_looks(const struct doc *in, const struct doc_block *a, const struct doc *out,
                       const struct doc_block *b)
{
    uint32_t i = 0, j = 0;
    while (i < a->run_count && j < b->run_count) {
        const struct doc_run *x = &in->runs.at[a->first_run + i], *y = &out->runs.at[b->first_run + j];
        if (x->start == x->end) {
            i++;
        } else if (y->start == y->end) {
            j++;
        } else {
            if (x->format != y->format || x->half_points != y->half_points || x->kind != y->kind) return false;
            uint32_t x_end = x->end, y_end = y->end;
            if (x_end <= y_end) i++;
            if (y_end <= x_end) j++;
        }
    }
    return true;
}

/* Of the reading that shows the input's text. */
static enum err check_looks(struct prover *p, const struct doc *out, struct error *e)
{
    for (uint32_t i = 0; i < p->doc->blocks.n; i++) {
        const struct doc_block *before = &p->doc->blocks.at[i], *after = &out->blocks.at[moved_block(p, i)];
        if (!same_looks(p->doc, before, out, after)) return failed(e, "the look of the text changed", "block %u", i);
        bool heading = before->heading_level == after->heading_level ||
                       (p->edits->n_blocks &&
                        (before->heading_source == DOC_HEADING_LOOK || after->heading_source == DOC_HEADING_LOOK));
        if (!heading || before->list_level != after->list_level || before->cell != after->cell ||
            !str_eq(before->style, after->style) || !str_eq(before->label, after->label))
            return failed(e, "the structure of the document changed", "block %u", i);
    }
    return ERR_OK;
}

/* ---- comments ---- */

/* Both ends on characters, as far in as they go: the same words have one such form. */
static struct doc_anchor tight(const struct doc *doc, struct doc_anchor a)
{
    while (a.start.block < a.end.block && a.start.offset >= doc->blocks.at[a.start.block].text.n)
        a.start = (struct doc_place){a.start.block + 1, 0};
    while (a.end.block > a.start.block && a.end.offset == 0)
        a.end = (struct doc_place){a.end.block - 1, (uint32_t)doc->blocks.at[a.end.block - 1].text.n};
    return a;
}

static bool same_place(struct doc_place a, struct doc_place b) { return a.block == b.block && a.offset == b.offset; }

static bool same_anchor(const struct doc *in, struct doc_anchor before, const struct doc *out, struct doc_anchor after)
{
    before = tight(in, before);
    after = tight(out, after);
    return same_place(before.start, after.start) && same_place(before.end, after.end);
}

static enum err check_old_comments(struct prover *p, const struct doc *out, struct error *e)
{
    size_t added = write_comment_count(p->edits);
    if (out->comments.n != p->doc->comments.n + added)
        return failed(e, "comments were lost or added", "%u comments, %u before, %zu new", out->comments.n,
                      p->doc->comments.n, added);
    for (uint32_t i = 0; i < p->doc->comments.n; i++) {
        const struct doc_comment *a = &p->doc->comments.at[i], *b = &out->comments.at[i];
        bool same = str_eq(a->id, b->id) && str_eq(a->author, b->author) && str_eq(a->initials, b->initials) &&
                    str_eq(a->text, b->text) && a->date_unix_ms == b->date_unix_ms && a->parent == b->parent &&
                    a->done == b->done && a->anchored == b->anchored;
        if (!same || (a->anchored && !same_anchor(p->doc, a->anchor, out, b->anchor)))
            return failed(e, "a comment that was there changed", "comment %u", i);
    }
    return ERR_OK;
}

struct meant_comment {
    struct str author, initials, text;
    int64_t date_unix_ms;
    uint32_t parent;
    bool done;
    struct doc_anchor anchor;
};

static int64_t whole_seconds(int64_t ms)
{
    if (ms == INT64_MIN) return ms;
    int64_t rest = ms % 1000;
    return ms - (rest < 0 ? rest + 1000 : rest);
}

static enum err joined(struct arena *a, const struct str *lines, size_t n, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb sb = SB_INIT((size_t)256 << 20);
    for (size_t i = 0; i < n; i++) {
        struct str line = write_clean(a, lines[i], false);
        if (!line.p) return error_no_memory(e);
        if (i) sb_char(&sb, '\n');
        sb_str(&sb, line);
    }
    return sb_take(&sb, a, ret, e);
}

static enum err check_comment(struct prover *p, const struct doc *out, uint32_t index, const struct meant_comment *m,
                              struct error *e)
{
    const struct doc_comment *c = &out->comments.at[index];
    unsigned long long number = p->result->first_comment_id + (index - p->doc->comments.n);
    struct str id = str_printf(p->arena, "%llu", number), author = write_clean_name(p->arena, m->author, 255),
               initials = write_initials(p->arena, m->initials, m->author);
    if (!id.p || !author.p || !initials.p) return error_no_memory(e);
    if (!str_eq(c->id, id)) return failed(e, "a comment has another number", "%.*s for %llu", STR_ARG(c->id), number);
    if (!str_eq(c->author, author) || !str_eq(c->initials, initials))
        return failed(e, "a comment has another author", "comment %llu", number);
    if (!str_eq(c->text, str_trim(m->text))) /* as the reader hands it out */
        return failed(e, "a comment has another text", "comment %llu: \"%.*s\" for \"%.*s\"", number,
                      STR_ARG(str_sub(c->text, 0, 150)), STR_ARG(str_sub(m->text, 0, 150)));
    if (c->date_unix_ms != whole_seconds(m->date_unix_ms))
        return failed(e, "a comment has another date", "comment %llu: %lld", number, (long long)c->date_unix_ms);
    if (c->parent != m->parent || c->done != m->done)
        return failed(e, "a comment is in another thread or state", "comment %llu", number);
    if (!c->anchored || !same_anchor(p->doc, m->anchor, out, c->anchor))
        return failed(e, "a comment is not on its words", "comment %llu: %u:%u-%u:%u for %u:%u-%u:%u", number,
                      c->anchor.start.block, c->anchor.start.offset, c->anchor.end.block, c->anchor.end.offset,
                      m->anchor.start.block, m->anchor.start.offset, m->anchor.end.block, m->anchor.end.offset);
    return ERR_OK;
}

static enum err check_new_comments(struct prover *p, const struct doc *out, struct error *e)
{
    uint32_t index = p->doc->comments.n;
    for (size_t i = 0; i < p->edits->n_comments; i++) {
        const struct doc_new_comment *c = &p->edits->comments[i];
        struct write_comment_text text;
        TRY(write_comment_paragraphs(p->doc, c, &p->result->comments[i], p->arena, &text, e));
        struct meant_comment m = {
            c->author, c->initials, STR_EMPTY, c->date_unix_ms, DOC_NONE, c->done, p->result->comments[i].anchor};
        TRY(joined(p->arena, text.at, text.n, &m.text, e));
        uint32_t root = index++;
        TRY(check_comment(p, out, root, &m, e));
        for (size_t j = 0; j < c->n_replies; j++) {
            const struct doc_new_reply *r = &c->replies[j];
            struct meant_comment reply = {r->author, r->initials, STR_EMPTY, r->date_unix_ms, root, c->done, m.anchor};
            TRY(joined(p->arena, r->paragraphs, r->n_paragraphs, &reply.text, e));
            TRY(check_comment(p, out, index++, &reply, e));
        }
    }
    return ERR_OK;
}

/* No number of ours is one that was there. */
static enum err check_ids(struct prover *p, const struct doc *out, struct error *e)
{
    struct map ids = map_make(p->arena);
    for (uint32_t i = 0; i < out->comments.n; i++) {
        bool twice = map_get(&ids, out->comments.at[i].id) != NULL;
        if (twice && i >= p->doc->comments.n)
            return failed(e, "two comments have one number", "%.*s", STR_ARG(out->comments.at[i].id));
        if (out->comments.at[i].id.p && !map_put(&ids, out->comments.at[i].id, p)) return error_no_memory(e);
    }
    return ERR_OK;
}

/* Each new comment has its start, its end and its reference once, in that order: a reader makes do with less, Word drops the comment. */
static enum err check_markers(struct prover *p, const struct doc *out, struct error *e)
{
    static const char *const names[] = {"commentRangeStart", "commentRangeEnd", "commentReference"};
    size_t n = write_comment_count(p->edits);
    uint8_t *seen = NEW(p->arena, uint8_t, n + 1);
    struct doc_source raw = doc_source_of(out->parts.at[0].bytes);
    struct str text = doc_source_text(&raw, (struct doc_range){0, raw.bytes.n}, p->arena);
    if (!seen || !text.p) return error_no_memory(e);
    struct doc_source s = {text, DOC_ENCODING_UTF8, 1};
    struct markup_tag tag;
    struct doc_range id;
    uint64_t number;
    for (size_t at = 0; n && markup_next_start(text, &at, STR("commentR"), &tag);) {
        if (!markup_attr(&s, &tag, ":id", &id)) continue;
        if (str_to_u64(str_sub(text, id.start, id.end), p->result->first_comment_id,
                       p->result->first_comment_id + n - 1, &number, NULL) != ERR_OK)
            continue;
        uint8_t *stage = &seen[number - p->result->first_comment_id];
        if (*stage > 2 || strcmp(markup_local(&tag), names[*stage]) != 0)
            return failed(e, "the marks of a comment are not in order", "comment %llu: %s", (unsigned long long)number,
                          tag.name);
        ++*stage;
    }
    for (size_t i = 0; i < n; i++)
        if (seen[i] != 3) return failed(e, "a mark of a comment is missing", "new comment %zu", i);
    return ERR_OK;
}

/* Nothing was put where the format has no place for it; a document that has such places keeps them. */
static enum err check_places(const struct prover *p, const struct doc *out, struct error *e)
{
    static const char *const names[] = {
        [DOC_MISPLACED_RUN] = "a run",
        [DOC_MISPLACED_TEXT] = "text",
        [DOC_MISPLACED_MARK] = "a mark of a comment",
        [DOC_MISPLACED_REFERENCE] = "the reference of a comment",
        [DOC_MISPLACED_CHANGE] = "a tracked change",
    };
    const uint64_t *before = p->doc->misplaced, *after = out->misplaced;
    for (size_t i = 0; i < DOC_MISPLACED_COUNT; i++) {
        uint64_t allowed = before[i];
        /* beside runs that stand there already, marks and changes are no worse off */
        if (i == DOC_MISPLACED_MARK || i == DOC_MISPLACED_CHANGE) allowed |= before[DOC_MISPLACED_RUN];
        if (after[i] & ~allowed)
            return failed(e, "something stands where the format has no place for it", "%s (%llx)", names[i],
                          (unsigned long long)(after[i] & ~allowed));
    }
    return ERR_OK;
}

/* ---- tracked changes that were there ---- */

static bool is_ours(const struct prover *p, const struct doc_revision *r)
{
    uint64_t id;
    return p->result->first_revision_id <= DOC_REVISION_ID_MAX &&
           str_to_u64(r->id, p->result->first_revision_id, DOC_REVISION_ID_MAX, &id, NULL) == ERR_OK;
}

static bool has_our_change(const struct prover *p, uint32_t block)
{
    return block < p->doc->blocks.n && p->expected[block].p;
}

static enum err check_revisions(struct prover *p, const struct doc *out, struct error *e)
{
    uint32_t j = 0;
    for (uint32_t i = 0; i < p->doc->revisions.n; i++, j++) {
        while (j < out->revisions.n && is_ours(p, &out->revisions.at[j]))
            j++;
        if (j >= out->revisions.n) return failed(e, "a tracked change that was there is gone", "change %u", i);
        const struct doc_revision *a = &p->doc->revisions.at[i], *b = &out->revisions.at[j];
        /* words of ours inside another's insertion are ours in the list of changes; that they are there is shown by the texts */
        bool ours_inside =
            (a->kind == DOC_REVISION_INSERT || a->kind == DOC_REVISION_MOVE_TO) && has_our_change(p, a->place.block);
        if (a->kind != b->kind || !str_eq(a->id, b->id) || !str_eq(a->author, b->author) ||
            a->date_unix_ms != b->date_unix_ms || (!ours_inside && !str_eq(a->text, b->text)))
            return failed(e, "a tracked change that was there changed", "change %u", i);
    }
    return ERR_OK;
}

/* ---- both readings ---- */

static enum err read_back(struct prover *p, uint64_t reject_from, struct doc **ret, struct error *e)
{
    struct doc_read_options options = DOC_READ_OPTIONS_DEFAULT;
    options.reject_revisions_from = reject_from;
    options.limits.max_file_bytes = SIZE_MAX; /* the input passed the limits that its reader chose */
    options.limits.max_part_bytes *= 4;
    options.limits.max_total_bytes *= 4;
    options.limits.max_ratio *= 16;
    options.limits.max_blocks *= 4;
    options.limits.max_memory_bytes *= 4;
    struct error inner = {0};
    enum err err = doc_read(p->result->bytes, &options, ret, &inner);
    if (err == ERR_OK) return ERR_OK;
    if (error_is_no_memory(&inner)) return error_no_memory(e);
    return failed(e, "it cannot be read back", "%s", inner.message);
}

/* The reading that shows the input's text: everything but our words is as it was. */
static enum err check_original(struct prover *p, const struct doc *out, struct error *e)
{
    TRY(check_texts(p, out, false, e));
    TRY(check_looks(p, out, e));
    TRY(check_old_comments(p, out, e));
    TRY(check_new_comments(p, out, e));
    TRY(check_ids(p, out, e));
    TRY(check_markers(p, out, e));
    TRY(check_places(p, out, e));
    return check_revisions(p, out, e);
}

static enum err prove(struct prover *p, struct error *e)
{
    TRY(expect_texts(p, e));
    CLEANUP_DOC struct doc *accepted = NULL;
    CLEANUP_DOC struct doc *rejected = NULL;
    TRY(read_back(p, 0, &accepted, e));
    struct doc_limits limits = DOC_LIMITS_DEFAULT;
    limits.max_file_bytes = SIZE_MAX;
    limits.max_total_bytes *= 4;
    limits.max_part_bytes *= 4;
    limits.max_ratio *= 16;
    struct map may_differ = map_make(p->arena);
    TRY(check_parts(p, accepted->package, &may_differ, e));
    TRY(check_entries(p, &may_differ, &limits, e));
    TRY(check_texts(p, accepted, true, e));
    TRY(check_new_blocks(p, accepted, e));
    if (!p->n_applied) return check_original(p, accepted, e);
    TRY(read_back(p, p->result->first_revision_id, &rejected, e));
    return check_original(p, rejected, e);
}

enum err doc_prove(const struct doc *doc, const struct doc_edits *edits, const struct doc_write_result *result,
                   struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new((size_t)1 << 30);
    if (!a) return error_no_memory(e);
    struct prover p = {.doc = doc, .edits = edits, .result = result, .arena = a};
    return prove(&p, e);
}
