/* The e-mail that reports quote at their end: a line "From:" with "Sent:", "To:" and "Subject:" lines below it, and
 * all that follows. It is left out of the review by default, so the test is strict: lines that merely begin with
 * "To:" or "From:", a memo's head, and a mail that is quoted in the middle (a heading follows it) are ordinary text.
 * Limits: the languages of the table; the head within eight paragraphs. */
#include "doc/read_priv.h"

#include "base/utf8.h"

#define HEAD_BLOCKS     8
#define TEXT_BEFORE_MIN 200 /* bytes of the report proper */

/* The words of one language, in the order of the enum. */
enum { FROM, SENT, TO, SUBJECT, FIELDS };
static const struct str words[][FIELDS] = {
    {STR_INIT("From:"), STR_INIT("Sent:"), STR_INIT("To:"), STR_INIT("Subject:")},
    {STR_INIT("From:"), STR_INIT("Date:"), STR_INIT("To:"), STR_INIT("Subject:")},
    {STR_INIT("Von:"), STR_INIT("Gesendet:"), STR_INIT("An:"), STR_INIT("Betreff:")},
    {STR_INIT("De :"), STR_INIT("Envoyé :"), STR_INIT("À :"), STR_INIT("Objet :")},
    {STR_INIT("De:"), STR_INIT("Envoyé:"), STR_INIT("À:"), STR_INIT("Objet:")},
    {STR_INIT("De:"), STR_INIT("Enviado:"), STR_INIT("Para:"), STR_INIT("Asunto:")},
    {STR_INIT("De:"), STR_INIT("Enviada:"), STR_INIT("Para:"), STR_INIT("Assunto:")},
    {STR_INIT("Da:"), STR_INIT("Inviato:"), STR_INIT("A:"), STR_INIT("Oggetto:")},
    {STR_INIT("Van:"), STR_INIT("Verzonden:"), STR_INIT("Aan:"), STR_INIT("Onderwerp:")},
};
#define DATE_ROW 1u /* "Date:" stands in memos too: it counts only with an address or a mark of a mail */

struct head {
    bool found[FIELDS];
    bool has_address; /* an "@" in From: or To: */
    struct str subject;
};

static bool is_plain(const struct doc_block *block)
{
    return block->story == DOC_STORY_BODY && block->cell == DOC_NONE;
}

static void read_head_line(struct str line, size_t row, struct head *head)
{
    for (size_t f = 0; f < FIELDS; f++) {
        if (!str_starts_nocase(line, words[row][f])) continue;
        head->found[f] = true;
        struct str value = str_trim(str_sub(line, words[row][f].n, line.n));
        if (f == SUBJECT) head->subject = value;
        if ((f == FROM || f == TO) && str_find_char(value, '@', 0) != STR_NONE) head->has_address = true;
    }
}

/* Does a mail's head begin in block i with these words? */
static bool head_at(const struct doc__builder *b, uint32_t i, size_t row, struct head *head)
{
    *head = (struct head){.subject = STR("")};
    uint32_t seen = 0;
    for (; i < b->body_end_block && seen < HEAD_BLOCKS; i++) {
        const struct doc_block *block = &b->blocks.at[i];
        if (!is_plain(block) || !str_trim(block->text).n) continue;
        seen++;
        struct str rest = block->text;
        while (rest.p)
            read_head_line(str_trim(str_cut(rest, '\n', &rest)), row, head);
    }
    return head->found[FROM] && head->found[SENT] && head->found[SUBJECT] && (head->found[TO] || row != DATE_ROW);
}

/* "-----Original Message-----" and its like in front of a head belong to the mail. */
static bool is_mail_mark(struct str text)
{
    text = str_trim(text);
    return str_find_nocase(text, STR("original message"), 0) != STR_NONE ||
           str_find_nocase(text, STR("forwarded message"), 0) != STR_NONE ||
           str_find_nocase(text, STR("ursprüngliche nachricht"), 0) != STR_NONE;
}

static uint32_t with_mark(const struct doc__builder *b, uint32_t i, bool *ret_marked)
{
    *ret_marked = false;
    for (uint32_t k = i; k > 0 && i - k < 2;) {
        const struct doc_block *block = &b->blocks.at[--k];
        if (!is_plain(block) || block->text.n > 120) break;
        if (!is_mail_mark(block->text)) continue;
        *ret_marked = true;
        return k;
    }
    return i;
}

/* The last heading of the body that is one by style: a mail after which the report goes on is no end. */
static uint32_t after_last_heading(const struct doc__builder *b)
{
    for (uint32_t i = b->body_end_block; i > 0; i--) {
        const struct doc_block *block = &b->blocks.at[i - 1];
        if (block->heading_level && is_plain(block)) return i;
    }
    return 0;
}

uint32_t doc__mail_find(const struct doc__builder *b, struct str *ret_subject)
{
    size_t before = 0;
    uint32_t from = after_last_heading(b);
    for (uint32_t i = 0; i < from; i++)
        before += b->blocks.at[i].text.n;
    for (uint32_t i = from; i < b->body_end_block; i++) {
        const struct doc_block *block = &b->blocks.at[i];
        struct str text = str_trim(block->text);
        for (size_t row = 0; is_plain(block) && before >= TEXT_BEFORE_MIN && row < sizeof words / sizeof words[0];
             row++) {
            struct head head;
            if (!str_starts_nocase(text, words[row][FROM]) || !head_at(b, i, row, &head)) continue;
            bool marked = false;
            uint32_t start = with_mark(b, i, &marked);
            if (row == DATE_ROW && !marked && !head.has_address) continue;
            *ret_subject = head.subject;
            return start;
        }
        before += block->text.n;
    }
    return DOC_NONE;
}
