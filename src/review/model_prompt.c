/* The text of requests.
 * With extended thinking no provider lets a tool be forced, so it is then offered and asked for in words.
 * Rejected: the whole document in every call (its parts would be paid for again and again where a provider does not cache, and a model finds less in what
 * is long); a fence that is the same for all (whoever has seen it in one answer could close it in the next document). */
#include "review/model_prompt.h"

#include "base/hash.h"
#include "base/random.h"
#include "base/time.h"
#include "doc/text.h"
#include "review/chat_text.h"
#include "review/model_tools.h"
#include "review/prompt.h"

enum {
    FENCE_BYTES = 8,
    TEXT_MAX = 8 << 20,        /* of one message */
    WHOLE_TEXT_MAX = 16 << 10, /* of the document in the call about the whole; past that its headings and beginnings */
    BEGINNING_MAX = 300,       /* bytes of a section's first blocks */
};
#define FORMAT "1" /* of what is kept in model_result: goes up when it changes */

/* --- the framework --- */

static void put_framework(struct sb *b, const struct framework *f)
{
    sb_printf(
        b, "The document is reviewed against this framework. Its points are cited by their numbers.\n\n%.*s (%.*s)\n",
        STR_ARG(f->name), STR_ARG(f->version));
    if (f->description.n > 0) sb_printf(b, "%.*s\n", STR_ARG(f->description));
    for (size_t i = 0; i < f->n_points; i++) {
        const struct framework_point *p = &f->points[i];
        sb_printf(b, "\nPoint %lld: %.*s\n%.*s\n", (long long)p->number, STR_ARG(p->name), STR_ARG(p->asks));
        for (size_t k = 0; k < p->n_questions; k++)
            sb_printf(b, "- %.*s\n", STR_ARG(p->questions[k]));
    }
    if (f->n_sections > 0) SB_LIT(b, "\nSections that such a document has:");
    for (size_t i = 0; i < f->n_sections; i++)
        sb_printf(b, "%s %.*s", i ? "," : "", STR_ARG(f->sections[i].title));
}

/* --- instructions --- */

static enum err name_fence(struct arena *a, struct str *ret, struct error *e)
{
    unsigned char chance[FENCE_BYTES];
    CLEANUP_SB struct sb b = SB_INIT(64);
    random_bytes(chance, sizeof chance);
    SB_LIT(&b, "document-");
    for (size_t i = 0; i < sizeof chance; i++)
        sb_printf(&b, "%02x", chance[i]);
    return sb_take(&b, a, ret, e);
}

static enum err instructions(const struct model_prompt_of *of, const struct prompt *prompt, struct str fence,
                             struct arena *a, struct str *ret, struct error *e)
{
    struct time_civil day = time_to_civil(of->now_unix_ms);
    struct str today = str_printf(a, "%04d-%02d-%02d", day.year, day.month, day.day);
    if (!today.p) return error_no_memory(e);
    const struct prompt_var vars[] = {
        {"FENCE", fence},
        {"TODAY", today},
        {"COSMETIC", of->models->cosmetic
                         ? STR("Remarks on style, wording and spelling are wanted too, as suggestions of low risk.")
                         : STR("No remarks on style, wording, spelling or layout: nobody has asked for them.")},
    };
    return prompt_fill(prompt, vars, sizeof vars / sizeof *vars, a, ret, e);
}

/* Redacted, between the marks. */
static enum err put_fenced(const struct model_prompt_of *of, struct str fence, struct str text, struct sb *out,
                           struct error *e)
{
    struct str safe;
    CLEANUP_ARENA struct arena *scratch = arena_new(SIZE_MAX);
    if (!scratch) return error_no_memory(e);
    TRY(redact_text(of->redact, text, scratch, &safe, e));
    sb_printf(out, "<%.*s>\n", STR_ARG(fence));
    sb_str(out, safe);
    if (safe.n > 0 && safe.p[safe.n - 1] != '\n') sb_char(out, '\n');
    sb_printf(out, "</%.*s>\n", STR_ARG(fence));
    return ERR_OK;
}

static enum err about_document(const struct model_prompt *p, struct str instructions_, struct arena *a, struct str *ret,
                               struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(TEXT_MAX), about = SB_INIT(TEXT_MAX);
    sb_str(&b, instructions_);
    SB_LIT(&about, "(the sections of the document)\n");
    sb_str(&about, p->of.plan->outline);
    if (p->of.plan->facts.n > 0) SB_LIT(&about, "(what the whole document states, and in which blocks)\n");
    sb_str(&about, p->of.plan->facts);
    if (p->of.learnt.n > 0) SB_LIT(&about, "(what people here have accepted and rejected of earlier findings)\n");
    sb_str(&about, p->of.learnt);
    if (!sb_ok(&about)) return error_no_memory(e);
    SB_LIT(&b, "\n\n");
    TRY(put_fenced(&p->of, p->fence, sb_view(&about), &b, e));
    return sb_take(&b, a, ret, e);
}

static enum err hex_of(struct str text, struct arena *a, struct str *ret, struct error *e)
{
    char hex[HASH_SHA256_HEX + 1];
    TRY(hash_sha256_hex(text, hex, e));
    *ret = str_dup(a, str_from_c(hex));
    return ret->p ? ERR_OK : error_no_memory(e);
}

static enum err basis_of(const struct model_prompt *p, const struct prompt *prompt, struct arena *a, struct str *ret,
                         struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(TEXT_MAX);
    const struct review_models *m = p->of.models;
    sb_printf(&b, FORMAT "\n%.*s %.*s\n%d %d %lld\n", STR_ARG(prompt->name), STR_ARG(prompt->version), m->cosmetic,
              (int)m->redact, (long long)m->reasoning_tokens);
    sb_str(&b, model_tool_findings.schema);
    sb_str(&b, p->system[0].text);
    return sb_ok(&b) ? hex_of(sb_view(&b), a, ret, e) : error_no_memory(e);
}

enum err model_prompt_make(const struct model_prompt_of *of, const char *name, struct arena *a,
                           struct model_prompt *ret, struct error *e)
{
    const struct prompt *prompt = prompts_get(of->models->prompts, name);
    struct model_prompt p = {.of = *of, .version = prompt->version};
    struct str told, framework;
    CLEANUP_SB struct sb b = SB_INIT(TEXT_MAX);
    put_framework(&b, of->framework);
    TRY(sb_take(&b, a, &framework, e));
    TRY(name_fence(a, &p.fence, e));
    TRY(instructions(of, prompt, p.fence, a, &told, e));
    p.system[0] = (struct ai_part){.kind = AI_TEXT, .text = framework, .cache = true};
    p.system[1] = (struct ai_part){.kind = AI_TEXT, .cache = true};
    TRY(about_document(&p, told, a, &p.system[1].text, e));
    TRY(basis_of(&p, prompt, a, &p.basis, e));
    *ret = p;
    return ERR_OK;
}

/* --- what is asked --- */

static bool is_shown(const struct model_prompt *p, uint32_t block)
{
    return p->of.plan->reviewed[block] || doc_block_is_blank(&p->of.doc->blocks.at[block]);
}

/* Blocks of [first, end) that are reviewed, with their places. */
static void put_blocks(const struct model_prompt *p, uint32_t first, uint32_t end, struct sb *b)
{
    for (uint32_t i = first, stop; i < end; i = stop) {
        for (stop = i; stop < end && is_shown(p, stop);)
            stop++;
        if (stop > i)
            (void)chat_text_blocks(b, p->of.doc, i, stop, SIZE_MAX);
        else
            stop++;
    }
}

static enum err content_of(const struct model_prompt *p, struct str text, struct arena *a, struct str *ret,
                           struct error *e)
{
    CLEANUP_SB struct sb b = SB_INIT(TEXT_MAX);
    sb_str(&b, p->basis);
    sb_char(&b, '\n');
    sb_str(&b, text);
    return sb_ok(&b) ? hex_of(sb_view(&b), a, ret, e) : error_no_memory(e);
}

enum err model_prompt_key(struct str content, struct str model, struct arena *a, struct str *ret, struct error *e)
{
    struct str both = str_printf(a, "%.*s\n%.*s", STR_ARG(model), STR_ARG(content));
    return both.p ? hex_of(both, a, ret, e) : error_no_memory(e);
}

enum err model_prompt_part(const struct model_prompt *p, const struct model_part *part, struct arena *a,
                           struct str *ret_text, struct str *ret_content, struct error *e)
{
    CLEANUP_SB struct sb blocks = SB_INIT(TEXT_MAX), b = SB_INIT(TEXT_MAX), asked = SB_INIT(TEXT_MAX);
    put_blocks(p, part->shown_from, part->end, &blocks);
    sb_printf(&asked, "Review blocks %u to %u.", part->first, part->end - 1);
    if (part->shown_from < part->first)
        sb_printf(&asked, " What stands before block %u is shown so that you can follow; it was reviewed already.",
                  part->first);
    SB_LIT(&asked, " Hand in with " MODEL_TOOL_FINDINGS " what you find, or an empty list.");
    TRY(put_fenced(&p->of, p->fence, sb_view(&blocks), &b, e));
    sb_str(&b, sb_view(&asked));
    sb_str(&asked, sb_view(&blocks));
    if (!sb_ok(&asked) || !sb_ok(&blocks)) return error_no_memory(e);
    TRY(content_of(p, sb_view(&asked), a, ret_content, e));
    return sb_take(&b, a, ret_text, e);
}

/* Headings, and how each section begins. */
static void put_beginnings(const struct model_prompt *p, struct sb *b)
{
    const struct doc *doc = p->of.doc;
    for (uint32_t i = 0; i < doc->sections.n && b->n < WHOLE_TEXT_MAX; i++) {
        const struct doc_section *s = &doc->sections.at[i];
        uint32_t end = s->first_block;
        for (size_t bytes = 0; end < s->end_block && bytes < BEGINNING_MAX; end++)
            bytes += doc->blocks.at[end].kind == DOC_BLOCK_HEADING ? 0 : doc->blocks.at[end].text.n;
        put_blocks(p, s->first_block, end, b);
    }
}

enum err model_prompt_whole(const struct model_prompt *p, struct str findings, struct arena *a, struct str *ret_text,
                            struct str *ret_content, struct error *e)
{
    CLEANUP_SB struct sb shown = SB_INIT(TEXT_MAX), b = SB_INIT(TEXT_MAX);
    size_t bytes = 0;
    for (uint32_t i = 0; i < p->of.doc->blocks.n; i++)
        bytes += p->of.plan->reviewed[i] ? p->of.doc->blocks.at[i].text.n : 0;
    bool all = bytes <= WHOLE_TEXT_MAX;
    if (all)
        put_blocks(p, 0, p->of.doc->blocks.n, &shown);
    else
        put_beginnings(p, &shown);
    SB_LIT(&shown, "(what was found so far)\n");
    sb_str(&shown, findings.n > 0 ? findings : STR("nothing\n"));
    if (!sb_ok(&shown)) return error_no_memory(e);
    TRY(put_fenced(&p->of, p->fence, sb_view(&shown), &b, e));
    SB_LIT(&b, "This is the document as a whole. ");
    if (!all) SB_LIT(&b, "Of each section you see its heading and how it begins; each was reviewed already. ");
    SB_LIT(&b, "Hand in with " MODEL_TOOL_FINDINGS " what is missing, or an empty list.");
    TRY(content_of(p, sb_view(&shown), a, ret_content, e));
    return sb_take(&b, a, ret_text, e);
}

void model_prompt_request(const struct model_prompt *p, struct str text, struct model_request *ret)
{
    const struct review_models *m = p->of.models;
    ret->text = (struct ai_part){.kind = AI_TEXT, .text = text};
    ret->message = (struct ai_message){.role = AI_USER, .parts = &ret->text, .n_parts = 1};
    ret->rq = (struct ai_request){
        .system = p->system,
        .n_system = sizeof p->system / sizeof *p->system,
        .messages = &ret->message,
        .n_messages = 1,
        .tools = &model_tool_findings,
        .n_tools = 1,
        .cache_tools = true,
        .forced_tool = m->reasoning_tokens > 0 ? STR("") : STR(MODEL_TOOL_FINDINGS),
        .max_tokens = m->max_tokens,
        .temperature = m->temperature,
        .reasoning_tokens = m->reasoning_tokens,
        .limits = AI_LIMITS,
    };
}
