/* Earlier turns of a talk.
 * A long talk is not sent whole each time: what is long ago is summarised once by the model, and the summary is kept. The newest turns are always there word by
 * word, each up to a measure.
 * An answer is kept with the numbers of its citations; the model is given back what it wrote, or it would take to citing by those numbers.
 * Rejected: leaving old turns out (people refer to them), a vector index (a talk about one document is short). */
#include "review/chat_turns.h"

#include "base/utf8.h"
#include "review/chat_rows.h"

enum { SUMMARY_INPUT_MAX = 256 << 10 };

enum err chat_messages_add(struct chat_messages *m, enum ai_role role, struct ai_part part, struct error *e)
{
    if (part.kind == AI_TEXT && part.text.n == 0) return ERR_OK;
    struct ai_message *last = m->list.n > 0 ? &m->list.at[m->list.n - 1] : NULL;
    if (!last || last->role != role) {
        // NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): where there is room there is an array
        last = VEC_PUSH(m->a, &m->list);
        if (!last) return error_no_memory(e);
        last->role = role;
    }
    struct ai_part *parts = NEW(m->a, struct ai_part, last->n_parts + 1);
    if (!parts) return error_no_memory(e);
    if (last->n_parts > 0) memcpy(parts, last->parts, last->n_parts * sizeof *parts);
    parts[last->n_parts++] = part;
    last->parts = parts;
    return ERR_OK;
}

/* --- citations back --- */

/* The anchor of citation n in the row's list; *ret_quote.p NULL: there is none. */
static enum err citation_of(struct str citations, size_t n, struct arena *a, int64_t *ret_block, struct str *ret_quote,
                            struct error *e)
{
    struct chat_lists l = {.rest = citations};
    struct str item;
    bool second = false;
    *ret_quote = STR_EMPTY;
    for (size_t i = 1; chat_lists_next(&l, &item, &second); i++) {
        const struct json *v = NULL;
        if (i != n) continue;
        TRY(json_parse(a, item, &v, e));
        const struct json *anchor = json_get(v, "anchor");
        *ret_block = (int64_t)json_double(json_get(anchor, "block"), 0);
        *ret_quote = json_str(json_get(anchor, "quote"));
        break;
    }
    return ERR_OK;
}

/* "[[12]]" at the beginning of s; *ret_end is behind it. */
static size_t number_at(struct str s, size_t *ret_end)
{
    size_t n = 0, at = 2;
    if (!str_starts(s, STR("[["))) return 0;
    for (; at < s.n && at < 9 && s.p[at] >= '0' && s.p[at] <= '9'; at++)
        n = n * 10 + (size_t)(s.p[at] - '0');
    *ret_end = at + 2;
    return str_starts(str_sub(s, at, s.n), STR("]]")) ? n : 0;
}

/* What an answer says, with its citations as the model has written them. */
static enum err uncite(struct str text, struct str citations, struct arena *a, struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(2 * CHAT_ANSWER_MAX);
    for (size_t at = 0; at < text.n;) {
        size_t open = str_find(text, STR("[["), at), end = 0;
        if (open == STR_NONE) open = text.n;
        sb_str(&b, str_sub(text, at, open));
        at = open;
        if (at == text.n) break;
        int64_t block = 0;
        struct str quote = STR_EMPTY;
        size_t n = number_at(str_sub(text, at, text.n), &end);
        if (n > 0) TRY(citation_of(citations, n, a, &block, &quote, e));
        if (quote.p) {
            sb_printf(&b, "[[%lld|", (long long)block);
            sb_str(&b, str_sub(quote, 0, utf8_floor(quote, quote.n < 160 ? quote.n : 160)));
            SB_LIT(&b, "]]");
            at += end;
        } else {
            sb_char(&b, '[');
            at++;
        }
    }
    return sb_take(&b, a, ret, e);
}

/* --- turns --- */

static bool broken_off(const struct store_chat_message *row)
{
    return row->role == STORE_CHAT_MODEL && row->state != STORE_DONE;
}

/* What is given of a message; empty for an answer that never began. */
static enum err text_of(const struct store_chat_message *row, const struct redact *redact, struct arena *a,
                        struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    struct str s = row->text;
    if (s.n > CHAT_TURN_MAX) s = str_sub(s, 0, utf8_floor(s, CHAT_TURN_MAX));
    bool left_out = s.n < row->text.n;
    if (row->role == STORE_CHAT_MODEL) TRY(uncite(s, row->citations, a, &s, e));
    *ret = STR_EMPTY;
    if (s.n == 0) return ERR_OK;
    sb_str(&b, s);
    if (left_out) SB_LIT(&b, "\n(The rest of this message is left out here.)");
    if (broken_off(row)) SB_LIT(&b, "\n(This answer was broken off here.)");
    TRY(sb_take(&b, a, &s, e));
    return redact_text(redact, s, a, ret, e);
}

static enum err add_row(const struct store_chat_message *row, const struct redact *redact, struct chat_messages *m,
                        struct error *e)
{
    struct str text;
    TRY(text_of(row, redact, m->a, &text, e));
    if (m->list.n == 0 && row->role == STORE_CHAT_MODEL) return ERR_OK; /* its question is not there */
    return chat_messages_add(m, row->role == STORE_CHAT_MODEL ? AI_ASSISTANT : AI_USER,
                             (struct ai_part){.kind = AI_TEXT, .text = text}, e);
}

enum err chat_turns_earlier(const struct chat_talk *talk, const struct redact *redact, struct chat_messages *m,
                            struct error *e)
{
    if (talk->summary.n > 0) {
        struct str text = str_printf(m->a, "(What was said before, in short:)\n%.*s", STR_ARG(talk->summary));
        if (!text.p) return error_no_memory(e);
        TRY(redact_text(redact, text, m->a, &text, e));
        TRY(chat_messages_add(m, AI_USER, (struct ai_part){.kind = AI_TEXT, .text = text}, e));
    }
    for (size_t i = 0; i + 1 < talk->n; i++) {
        if (talk->rows[i].seq > talk->upto_seq) TRY(add_row(&talk->rows[i], redact, m, e));
    }
    if (m->list.n == 0) return ERR_OK;
    struct ai_message *last = &m->list.at[m->list.n - 1];
    struct ai_part *parts = NEW(m->a, struct ai_part, last->n_parts);
    if (!parts) return error_no_memory(e);
    memcpy(parts, last->parts, last->n_parts * sizeof *parts);
    parts[last->n_parts - 1].cache = true;
    last->parts = parts;
    return ERR_OK;
}

/* --- the summary --- */

bool chat_summary_due(const struct chat_talk *talk, int64_t *ret_upto)
{
    size_t bytes = 0, turns = 0;
    for (size_t i = 0; i + 1 < talk->n; i++) {
        const struct store_chat_message *row = &talk->rows[i];
        if (row->seq <= talk->upto_seq) continue;
        bytes += row->text.n < CHAT_TURN_MAX ? row->text.n : CHAT_TURN_MAX;
        turns++;
    }
    if (bytes <= CHAT_TALK_MAX && turns <= CHAT_TALK_TURNS) return false;
    for (size_t i = talk->n; i-- > 0;) {
        const struct store_chat_message *row = &talk->rows[i];
        if (i + 1 + CHAT_TURNS_KEPT >= talk->n || row->role != STORE_CHAT_MODEL) continue;
        *ret_upto = row->seq;
        return row->seq > talk->upto_seq;
    }
    return false;
}

enum err chat_summary_text(const struct chat_talk *talk, int64_t upto, const struct redact *redact, struct arena *a,
                           struct str *ret, struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(SIZE_MAX);
    if (talk->summary.n > 0) {
        SB_LIT(&b, "What was said before, in short:\n");
        sb_str(&b, talk->summary);
        SB_LIT(&b, "\n\n");
    }
    for (size_t i = 0; i + 1 < talk->n && b.n < SUMMARY_INPUT_MAX; i++) {
        const struct store_chat_message *row = &talk->rows[i];
        struct str text;
        if (row->seq <= talk->upto_seq || row->seq > upto) continue;
        TRY(text_of(row, redact, a, &text, e));
        sb_c(&b, row->role == STORE_CHAT_MODEL ? "The assistant: " : "The person: ");
        sb_str(&b, text);
        SB_LIT(&b, "\n\n");
    }
    return sb_take(&b, a, ret, e);
}
