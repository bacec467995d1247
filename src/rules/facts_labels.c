/* Labels of root causes and actions: "RC1", "PA1a", "Root Cause 2:", "Preventative Action 1b -", where a block begins, or as the number that
 * Word shows in front of it. A mention in the middle of a sentence is no label: it defines nothing. */
#include "rules/facts_priv.h"

static const struct prefix {
    struct str text;
    bool is_action;
    bool is_short; /* written against the number; must be upper case */
} prefixes[] = {
    {STR_INIT("RC"), false, true},
    {STR_INIT("PA"), true, true},
    {STR_INIT("CA"), true, true},
    {STR_INIT("Root Cause"), false, false},
    {STR_INIT("Preventative Action"), true, false},
    {STR_INIT("Preventive Action"), true, false},
    {STR_INIT("Corrective Action"), true, false},
};

static bool read_label(struct str text, size_t from, struct facts_label *ret)
{
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        const struct prefix *prefix = &prefixes[i];
        struct str rest = str_sub(text, from, text.n);
        if (!(prefix->is_short ? str_starts(rest, prefix->text) : str_starts_nocase(rest, prefix->text))) continue;
        size_t at = prefix->text.n;
        while (at < rest.n && (rest.p[at] == ' ' || rest.p[at] == '#' || (prefix->is_short && rest.p[at] == '-')))
            at++;
        if (!prefix->is_short && at == prefix->text.n) continue;
        size_t digits = at;
        int number = 0;
        while (at < rest.n && facts__is_digit(rest.p[at]) && at < digits + 3)
            number = number * 10 + (rest.p[at++] - '0');
        if (at == digits) continue;
        char letter = 0;
        if (at < rest.n && rest.p[at] >= 'a' && rest.p[at] <= 'z') letter = rest.p[at++];
        if (at < rest.n && facts__word_at(rest, at)) continue;
        *ret = (struct facts_label){.is_action = prefix->is_action,
                                    .number = number,
                                    .letter = letter,
                                    .span = {0, (uint32_t)from, (uint32_t)(from + at)}};
        return true;
    }
    return false;
}

enum err facts__labels(struct rules_run *run, struct rules_facts *facts, uint32_t block, struct error *e)
{
    const struct doc_block *b = &run->doc->blocks.at[block];
    if (b->story != DOC_STORY_BODY && b->story != DOC_STORY_TEXTBOX) return ERR_OK;
    struct facts_label label = {0};
    size_t from = 0;
    while (from < b->text.n &&
           (b->text.p[from] == ' ' || b->text.p[from] == '\t' || b->text.p[from] == '[' || b->text.p[from] == '('))
        from++;
    bool found = read_label(b->text, from, &label);
    if (!found && b->label.n &&
        read_label(b->label, 0, &label)) { /* Word's number: the span is the text that it stands before */
        found = true;
        label.span.start = 0;
        label.span.end = (uint32_t)b->text.n;
    }
    if (!found) return ERR_OK;
    label.span.block = block;
    struct facts_label *kept = VEC_PUSH(run->arena, &facts->labels);
    if (!kept) return error_no_memory(e);
    *kept = label;
    return ERR_OK;
}
