/* What stands where the format has no place for it: runs and their text, marks of comments, tracked changes.
 * Reading takes all of it, since such documents exist and their text must not be lost; writing must not add to it, for programs drop
 * what is misplaced or refuse the file. So the reader notes each pair of "what" and "in what" that it meets, and the proof of an output
 * holds the pairs of the output against those of the input. Pairs and not numbers: a misplaced run that a comment cuts becomes two.
 * Rejected: a scan of the tags by the proof itself (it would have to know namespaces again, and costs another pass).
 * Limits: what the reader passes over (properties, the branch of an AlternateContent that is not read) is not looked at.
 * Source: ECMA-376 part 1, annex A (EG_PContent, EG_RunInnerContent, EG_RangeMarkupElements, EG_RunTrackChangeElements). */
#include "doc/story_priv.h"

#define IN(what) ((uint64_t)1 << (what))

_Static_assert(IS_COUNT <= 64, "sets of places are bits of a word");

/* The innermost element around that means something; IS_TRANSPARENT when there is none. */
static size_t place_of(const struct doc__story *s, size_t from)
{
    while (from > 0 && s->frames.at[from - 1].what == IS_TRANSPARENT)
        from--;
    return from;
}

static uint8_t what_at(const struct doc__story *s, size_t place)
{
    return place ? s->frames.at[place - 1].what : (uint8_t)IS_TRANSPARENT;
}

/* In a w:del of the same paragraph (what was moved away keeps its w:t). */
static bool is_deleted(const struct doc__story *s)
{
    for (size_t i = s->frames.n - 1; i > 0 && s->frames.at[i - 1].what != IS_P; i--) {
        const struct doc__frame *f = &s->frames.at[i - 1];
        if (f->what == IS_DEL && s->b->revisions.at[f->aux].kind == DOC_REVISION_DELETE) return true;
    }
    return false;
}

void doc__story_note_place(struct doc__story *s, int token)
{
    const uint64_t inline_places = IN(IS_P) | IN(IS_WRAP) | IN(IS_LINK) | IN(IS_INS) | IN(IS_DEL) | IN(IS_SDT_CONTENT);
    const uint64_t block_places =
        IN(IS_BODY) | IN(IS_TBL) | IN(IS_TR) | IN(IS_TC) | IN(IS_TEXTBOX) | IN(IS_NOTE) | IN(IS_SDT_CONTENT);
    uint8_t in = what_at(s, place_of(s, s->frames.n - 1));
    uint64_t *misplaced = s->b->misplaced;
    switch (token) {
    case T_R:
        if (!s->in_para || !(inline_places & IN(in))) misplaced[DOC_MISPLACED_RUN] |= IN(in);
        break;
    case T_T:
    case T_DEL_TEXT:
        if (in != IS_R) misplaced[DOC_MISPLACED_TEXT] |= IN(in);
        if (is_deleted(s) != (token == T_DEL_TEXT)) misplaced[DOC_MISPLACED_TEXT] |= IN(IS_DEL);
        break;
    case T_COMMENT_RANGE_START:
    case T_COMMENT_RANGE_END:
        if (!((inline_places | block_places) & IN(in))) misplaced[DOC_MISPLACED_MARK] |= IN(in);
        break;
    case T_COMMENT_REFERENCE:
        if (in != IS_R) misplaced[DOC_MISPLACED_REFERENCE] |= IN(in);
        if (is_deleted(s)) misplaced[DOC_MISPLACED_REFERENCE] |= IN(IS_DEL);
        break;
    case T_INS:
    case T_DEL:
        if (in == IS_DEL || !((inline_places | block_places) & IN(in))) misplaced[DOC_MISPLACED_CHANGE] |= IN(in);
        break;
    default: break;
    }
}
