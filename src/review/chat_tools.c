/* The tools of a talk.
 * An input that is wrong (no JSON, another type, a section that is not there, a quote that is not found) is an answer to the model, not an error: it may
 * try again in its next round. The rounds are counted (chat_answer.c), the output of each tool is bounded here.
 * What a finding quotes must be in the document, or it is not proposed. */
#include "review/chat_tools.h"

#include "base/utf8.h"
#include "doc/text.h"
#include "review/chat_text.h"
#include "review/finding.h"

enum {
    HITS_MAX = 20,
    HIT_BYTES = 400,
    SECTION_BYTES = 40 << 10,
    FINDINGS_MAX = 30,
    FINDING_BYTES = 600,
    OUTPUT_MAX = 128 << 10,
    PROPOSED_MAX = 4000, /* bytes of each text of a proposal */
};

enum { UNSET = -1 }; /* a number that the model did not give */

static const char *const kind_names[] = {"suggestion", "important", "critical", NULL}; /* enum finding_kind */
static const char *const risk_names[] = {"low", "medium", "high", NULL};               /* enum finding_risk */
static const char *const decision_names[] = {"open", "accepted", "rejected", NULL};    /* enum finding_decision */

struct input { /* of all tools */
    struct str text;
    int64_t section, from_block, block;
    int kind, risk, decision;
    struct str quote, category, description, suggestion, rewrite;
};

struct run {
    const struct chat_lookup *l;
    const struct input *in;
    struct arena *a;
    struct sb *out; /* for the model, not redacted yet */
    struct chat_tool_note *note;
};

/* ERR_INVALID: the model is told the message. */
typedef enum err (*tool_fn)(struct run *r, struct error *e);

static enum err detail(struct run *r, struct str text, struct error *e)
{
    r->note->detail = text;
    return text.p ? ERR_OK : error_no_memory(e);
}

/* --- find_text --- */

static void put_hit(struct run *r, uint32_t block, size_t at)
{
    sb_printf(r->out, "[%u] ", block);
    chat_text_short(r->out, r->l->doc->blocks.at[block].text, at, HIT_BYTES);
    sb_char(r->out, '\n');
}

/* Whatever the case; *ret: how many blocks have it. */
static enum err find_folded(struct run *r, size_t *ret, struct error *e)
{
    const struct doc *doc = r->l->doc;
    struct str needle = utf8_fold_case(r->a, str_trim(r->in->text));
    if (!needle.p) return error_no_memory(e);
    *ret = 0;
    for (uint32_t i = 0; i < doc->blocks.n; i++) {
        CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
        struct str folded = scratch ? utf8_fold_case(scratch, doc->blocks.at[i].text) : STR_EMPTY;
        if (!folded.p) return error_no_memory(e);
        size_t at = str_find(folded, needle, 0);
        if (at == STR_NONE) continue;
        if (++*ret <= HITS_MAX) put_hit(r, i, at);
    }
    return ERR_OK;
}

static enum err find_text(struct run *r, struct error *e)
{
    size_t n = 0;
    struct locate_result at;
    struct locate_query q = {.quote = r->in->text, .block = DOC_NONE};
    if (str_trim(r->in->text).n == 0) return error_set(e, ERR_INVALID, "text: must not be empty");
    TRY(find_folded(r, &n, e));
    if (n == 0) { /* other quotation marks, spaces, a small error */
        TRY(locate_quote(r->l->index, &q, r->a, &at, e));
        if (at.how == LOCATE_FOLDED || at.how == LOCATE_NEAR) {
            put_hit(r, at.anchor.start.block, at.anchor.start.offset);
            n = 1;
        }
    }
    if (n == 0) SB_LIT(r->out, "This text is nowhere in the document.\n");
    if (n > HITS_MAX) sb_printf(r->out, "(and %zu more blocks have it)\n", n - HITS_MAX);
    return detail(r, str_printf(r->a, n == 1 ? "%zu place" : "%zu places", n), e);
}

/* --- read_section --- */

static enum err section_asked(const struct run *r, const struct doc_section **ret, struct error *e)
{
    const struct doc *doc = r->l->doc;
    if (r->in->section < 0 || r->in->section >= doc->sections.n)
        return error_set(e, ERR_INVALID, "section: there are sections 0 to %u", doc->sections.n - 1);
    *ret = &doc->sections.at[r->in->section];
    return ERR_OK;
}

static enum err read_section(struct run *r, struct error *e)
{
    const struct doc_section *s = NULL;
    TRY(section_asked(r, &s, e));
    uint32_t first = s->first_block;
    if (r->in->from_block > first)
        first = r->in->from_block < s->end_block ? (uint32_t)r->in->from_block : s->end_block;
    uint32_t next = chat_text_blocks(r->out, r->l->doc, first, s->end_block, SECTION_BYTES);
    if (next < s->end_block) sb_printf(r->out, "(the section goes on: read it from_block %u)\n", next);
    if (r->out->n == 0) SB_LIT(r->out, "There is no text in it.\n");
    return detail(r, str_printf(r->a, "blocks %u to %u", first, next > first ? next - 1 : first), e);
}

/* --- list_findings --- */

void chat_finding_line(struct sb *b, const struct store_finding *f)
{
    sb_printf(b, "[%u] %s, %s risk, %s, by %s; category ", f->block, kind_names[f->kind], risk_names[f->risk],
              decision_names[f->decision], finding_source_name((enum finding_source)f->source));
    chat_text_short(b, f->category, 0, 100);
    SB_LIT(b, ". On the words: \"");
    chat_text_short(b, f->quote, 0, 200);
    SB_LIT(b, "\". ");
    chat_text_short(b, f->description, 0, FINDING_BYTES);
    if (f->suggestion.n > 0) SB_LIT(b, " Suggestion: ");
    chat_text_short(b, f->suggestion, 0, FINDING_BYTES);
    sb_char(b, '\n');
}

static enum err query_findings(struct run *r, const struct store_finding_filter *filter, struct store_finding_list *ret,
                               struct store_finding_counts *counts, struct error *e)
{
    CLEANUP_STORE_READ struct store_tx *tx = NULL;
    TRY(store_read(r->l->c->store, &tx, e));
    TRY(store_finding_count(tx, r->l->review_id, filter, r->a, counts, e));
    return store_finding_list(tx, r->l->review_id, filter, STORE_BY_DANGER, STR_EMPTY, FINDINGS_MAX, r->a, ret, e);
}

static enum err list_findings(struct run *r, struct error *e)
{
    struct store_finding_list list;
    struct store_finding_counts counts;
    struct store_finding_filter filter = {.text = str_trim(r->in->text)};
    uint32_t section = (uint32_t)r->in->section;
    const struct doc_section *s;
    if (r->l->review_id.n == 0) {
        SB_LIT(r->out, "The document has not been reviewed yet: there are no findings.\n");
        return detail(r, STR("no review yet"), e);
    }
    if (filter.text.n > STORE_QUERY_MAX) return error_set(e, ERR_INVALID, "text: at most %d bytes", STORE_QUERY_MAX);
    if (r->in->section != UNSET) {
        TRY(section_asked(r, &s, e));
        filter.sections = &section;
        filter.n_sections = 1;
    }
    if (r->in->risk != UNSET) filter.risks = STORE_BIT(r->in->risk);
    if (r->in->decision != UNSET) filter.decisions = STORE_BIT(r->in->decision);
    TRY(query_findings(r, &filter, &list, &counts, e));
    for (size_t i = 0; i < list.n; i++)
        chat_finding_line(r->out, &list.at[i]);
    sb_printf(r->out, "(%u findings of this kind, %u in the review; the most dangerous first)\n", counts.matching,
              counts.total);
    return detail(r, str_printf(r->a, "%u of %u findings", counts.matching, counts.total), e);
}

/* --- propose_finding --- */

/* Line ends and tabs apart. */
static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 && c != '\n' && c != '\r' && c != '\t') return true;
    }
    return false;
}

static enum err check_texts(const struct input *in, struct error *e)
{
    const struct str all[] = {in->description, in->suggestion, in->rewrite, in->quote, in->category};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (has_control(all[i])) return error_set(e, ERR_INVALID, "a text of a finding has no control characters");
        if (all[i].n > PROPOSED_MAX)
            return error_set(e, ERR_INVALID, "a text of a finding has at most %d bytes", PROPOSED_MAX);
    }
    if (str_trim(in->description).n == 0) return error_set(e, ERR_INVALID, "description: must not be empty");
    if (str_trim(in->quote).n == 0)
        return error_set(e, ERR_INVALID, "quote: must be the exact words of the document that the finding is about");
    if (in->category.n > DECIDE_TITLE_MAX)
        return error_set(e, ERR_INVALID, "category: at most %d bytes", DECIDE_TITLE_MAX);
    return ERR_OK;
}

static enum err propose_finding(struct run *r, struct error *e)
{
    const struct input *in = r->in;
    bool found = false;
    struct chat_proposal p = {.kind = (enum finding_kind)in->kind,
                              .risk = (enum finding_risk)in->risk,
                              .category = str_trim(in->category),
                              .description = str_trim(in->description),
                              .suggestion = str_trim(in->suggestion),
                              .rewrite = in->rewrite};
    uint32_t block = in->block >= 0 && in->block < DOC_NONE ? (uint32_t)in->block : DOC_NONE;
    TRY(check_texts(in, e));
    TRY(chat_cite_find(r->l->doc, r->l->index, block, in->quote, r->a, &found, &p.at, e));
    if (!found)
        return error_set(e, ERR_INVALID,
                         "quote: these words are not in the document, or in several places; copy them exactly from one "
                         "block, and give its number");
    enum err err = chat_feed_proposal(r->l->feed, &p, e);
    if (err == ERR_LIMIT && strcmp(e->reason, "too_many") == 0) return error_set(e, ERR_INVALID, "%s", e->message);
    TRY(err);
    SB_LIT(r->out, "It is shown to the person, who decides whether it becomes a finding.\n");
    return detail(r, STR("shown to you to decide"), e);
}

/* --- the table --- */

#define FIELD(name_, kind_, member, ...)                                                                               \
    {                                                                                                                  \
        .name = (name_), .kind = (kind_), .offset = offsetof(struct input, member), ##__VA_ARGS__                      \
    }
#define NUMBER_MAX 4294967294.0

static const struct json_field find_fields[] = {
    FIELD("text", JSON_K_STR, text, .required = true, .min = 1, .max = 500)};
static const struct json_field section_fields[] = {
    FIELD("section", JSON_K_INT, section, .required = true, .max = NUMBER_MAX),
    FIELD("from_block", JSON_K_INT, from_block, .max = NUMBER_MAX)};
static const struct json_field list_fields[] = {
    FIELD("section", JSON_K_INT, section, .max = NUMBER_MAX), FIELD("risk", JSON_K_ENUM, risk, .names = risk_names),
    FIELD("decision", JSON_K_ENUM, decision, .names = decision_names), FIELD("text", JSON_K_STR, text, .max = 200)};
static const struct json_field propose_fields[] = {
    FIELD("block", JSON_K_INT, block, .required = true, .max = NUMBER_MAX),
    FIELD("quote", JSON_K_STR, quote, .required = true),
    FIELD("kind", JSON_K_ENUM, kind, .required = true, .names = kind_names),
    FIELD("risk", JSON_K_ENUM, risk, .required = true, .names = risk_names),
    FIELD("category", JSON_K_STR, category),
    FIELD("description", JSON_K_STR, description, .required = true),
    FIELD("suggestion", JSON_K_STR, suggestion),
    FIELD("rewrite", JSON_K_STR, rewrite)};

#define TABLE(fields)                                                                                                  \
    {                                                                                                                  \
        sizeof(struct input), fields, sizeof(fields) / sizeof *(fields)                                                \
    }

static const struct {
    tool_fn run;
    struct json_table input;
} tools[] = {{find_text, TABLE(find_fields)},
             {read_section, TABLE(section_fields)},
             {list_findings, TABLE(list_fields)},
             {propose_finding, TABLE(propose_fields)}};

#define SCHEMA(required, members)                                                                                      \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" members "}}"
#define RISK "\"risk\":{\"type\":\"string\",\"enum\":[\"low\",\"medium\",\"high\"]}"

static const struct ai_tool declared[] = {
    {STR_INIT("find_text"),
     STR_INIT(
         "Finds a text in the whole document, whatever the case. Gives the blocks that have it, with their numbers."),
     STR_INIT(SCHEMA("\"text\"", "\"text\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":500}"))},
    {STR_INIT("read_section"), STR_INIT("Gives the text of a section, by the section's number in the outline."),
     STR_INIT(SCHEMA(
         "\"section\"",
         "\"section\":{\"type\":\"integer\",\"minimum\":0},"
         "\"from_block\":{\"type\":\"integer\",\"minimum\":0,\"description\":\"Where a long section goes on.\"}"))},
    {STR_INIT("list_findings"),
     STR_INIT(
         "Lists the findings of the review, the most dangerous first; all, or those of a section, a risk, a decision, "
         "or with a text."),
     STR_INIT(SCHEMA("", "\"section\":{\"type\":\"integer\",\"minimum\":0}," RISK
                         ",\"decision\":{\"type\":\"string\",\"enum\":[\"open\",\"accepted\",\"rejected\"]},"
                         "\"text\":{\"type\":\"string\",\"maxLength\":200}"))},
    {STR_INIT("propose_finding"),
     STR_INIT(
         "Proposes a finding on exact words of the document, when the person asks for one or agrees to it. The person "
         "decides whether it is added."),
     STR_INIT(
         SCHEMA("\"block\",\"quote\",\"kind\",\"risk\",\"description\"",
                "\"block\":{\"type\":\"integer\",\"minimum\":0},"
                "\"quote\":{\"type\":\"string\",\"minLength\":1,\"description\":\"The exact words, copied from that "
                "block.\"},"
                "\"kind\":{\"type\":\"string\",\"enum\":[\"suggestion\",\"important\",\"critical\"]}," RISK
                ",\"category\":{\"type\":\"string\",\"maxLength\":200},"
                "\"description\":{\"type\":\"string\",\"minLength\":1},"
                "\"suggestion\":{\"type\":\"string\"},"
                "\"rewrite\":{\"type\":\"string\",\"description\":\"Exact words to put in place of the quote.\"}"))},
};

const struct ai_tool *chat_tools(size_t *ret_n)
{
    *ret_n = sizeof declared / sizeof *declared;
    return declared;
}

/* --- running one --- */

/* The input in words of the document. ERR_INVALID: the model is told. */
static enum err read_input(const struct chat_lookup *l, const struct chat_tool_use *use, size_t tool, struct arena *a,
                           struct input *ret, struct error *e)
{
    const struct json *v = NULL;
    *ret = (struct input){
        .section = UNSET, .from_block = UNSET, .block = UNSET, .kind = UNSET, .risk = UNSET, .decision = UNSET};
    if (!use->input.p) return error_set(e, ERR_INVALID, "the input is too long");
    TRY(json_parse(a, use->input, &v, e));
    TRY(json_decode(a, v, &tools[tool].input, ret, e));
    struct str *const texts[] = {&ret->text,        &ret->quote,      &ret->category,
                                 &ret->description, &ret->suggestion, &ret->rewrite};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i]->p) TRY(redact_back(l->redact, *texts[i], a, texts[i], e));
    }
    return ERR_OK;
}

static enum err find_tool(struct str name, size_t *ret, struct error *e)
{
    for (*ret = 0; *ret < sizeof declared / sizeof *declared; ++*ret) {
        if (str_eq(declared[*ret].name, name)) return ERR_OK;
    }
    return error_set(e, ERR_INVALID, "there is no tool \"%.*s\"", STR_ARG(str_sub(name, 0, 64)));
}

static enum err carry_out(const struct chat_lookup *l, const struct chat_tool_use *use, struct chat_tool_note *note,
                          struct arena *a, struct sb *out, struct error *e)
{
    size_t tool;
    struct input in;
    TRY(find_tool(use->name, &tool, e));
    TRY(read_input(l, use, tool, a, &in, e));
    struct run r = {.l = l, .in = &in, .a = a, .out = out, .note = note};
    return tools[tool].run(&r, e);
}

enum err chat_tool_run(const struct chat_lookup *l, const struct chat_tool_use *use, struct chat_tool_note *note,
                       struct arena *a, struct str *ret, struct error *e)
{
    struct error why = {0};
    struct str text;
    CLEANUP_SB struct sb out = SB_INIT(OUTPUT_MAX);
    enum err err = carry_out(l, use, note, a, &out, &why);
    note->over = true;
    note->failed = err != ERR_OK;
    if (err != ERR_OK && err != ERR_INVALID) {
        *e = why;
        return err;
    }
    if (err == ERR_INVALID) {
        note->detail = str_dup(a, str_from_c(why.message));
        if (!note->detail.p) return error_no_memory(e);
        sb_reset(&out);
        sb_printf(&out, "Error: %s\n", why.message);
    }
    if (out.no_memory) return error_no_memory(e);
    out.failed = false; /* past the maximum: what fits is given */
    TRY(sb_take(&out, a, &text, e));
    return redact_text(l->redact, text, a, ret, e);
}

enum err chat_tool_about(const struct chat_lookup *l, const struct chat_tool_use *use, struct arena *a,
                         struct chat_tool_note *ret, struct error *e)
{
    size_t tool;
    struct input in;
    struct error ignored = {0};
    CLEANUP_SB struct sb b = SB_INIT(4 * CHAT_ABOUT_MAX);
    *ret = (struct chat_tool_note){.name = str_dup(a, str_sub(use->name, 0, 64)), .detail = STR("")};
    enum err err = find_tool(use->name, &tool, &ignored);
    if (err == ERR_OK) err = read_input(l, use, tool, a, &in, &ignored);
    if (err == ERR_OK) {
        struct str what = in.text.p ? in.text : in.quote;
        chat_text_short(&b, str_trim(what), 0, CHAT_ABOUT_MAX);
        if (in.section != UNSET && in.section < l->doc->sections.n) {
            const struct doc_section *s = &l->doc->sections.at[in.section];
            if (b.n > 0) SB_LIT(&b, " in ");
            chat_text_short(&b, s->title.n > 0 ? s->title : STR("the beginning"), 0, CHAT_ABOUT_MAX);
        }
    }
    return ret->name.p ? sb_take(&b, a, &ret->about, e) : error_no_memory(e);
}
