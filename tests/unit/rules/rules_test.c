/* See rules_test.h. */
#include "rules_test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "support/docx_build.h"

#define ARENA_MAX ((size_t)1 << 30)

static void no_error(enum err err, const struct error *e)
{
    if (err != ERR_OK) fail_msg("%s: %s %s", error_code_name(err), e->message, e->detail);
}

struct rules_test_run *rules_test_new(const char *settings)
{
    struct arena *a = arena_new(ARENA_MAX);
    assert_non_null(a);
    struct rules_test_run *t = NEW(a, struct rules_test_run, 1);
    assert_non_null(t);
    t->arena = a;
    struct error e = {0};
    struct rules_options o = {0};
    if (settings) no_error(json_parse(a, str_from_c(settings), &o.settings, &e), &e);
    no_error(rules_engine_new(&o, &t->engine, &e), &e);
    return t;
}

void rules_test_free(struct rules_test_run *t)
{
    rules_engine_free(t->engine);
    arena_free(t->arena);
}

struct collecting {
    struct rules_test_run *t;
    const struct doc *doc;
};

static enum err collect(void *ctx, const struct rules_hit *hit, struct error *e)
{
    struct collecting *c = ctx;
    struct rules_test_hit *kept = VEC_PUSH(c->t->arena, &c->t->hits);
    if (!kept) return error_no_memory(e);
    struct str quote = doc_text_of(c->doc, hit->anchor, c->t->arena);
    *kept = (struct rules_test_hit){.rule = hit->rule,
                                    .block = hit->anchor.start.block,
                                    .quote = str_dup(c->t->arena, quote),
                                    .description = str_dup(c->t->arena, hit->description),
                                    .suggestion = str_dup(c->t->arena, hit->suggestion),
                                    .rewrite = hit->has_rewrite ? str_dup(c->t->arena, hit->rewrite) : STR_EMPTY,
                                    .confidence = hit->confidence};
    return ERR_OK;
}

void rules_test_docx(struct rules_test_run *t, struct str docx)
{
    assert_non_null(docx.p);
    struct error e = {0};
    CLEANUP_DOC struct doc *doc = NULL;
    struct doc_read_options o = DOC_READ_OPTIONS_DEFAULT;
    no_error(doc_read(docx, &o, &doc, &e), &e);
    t->hits.n = 0;
    t->input.doc = doc;
    struct collecting c = {t, doc};
    no_error(rules_run(t->engine, &t->input, collect, &c, t->arena, &t->coverage, &e), &e);
}

void rules_test_lines(struct rules_test_run *t, const char *lines)
{
    rules_test_docx(t, test_docx_from_lines(t->arena, lines));
}

const struct rules_test_hit *rules_test_hit(const struct rules_test_run *t, const char *rule, size_t at)
{
    assert_non_null(rules_find(str_from_c(rule)));
    for (size_t i = 0; i < t->hits.n; i++)
        if (strcmp(t->hits.at[i].rule->id, rule) == 0 && at-- == 0) return &t->hits.at[i];
    return NULL;
}

size_t rules_test_count(const struct rules_test_run *t, const char *rule)
{
    size_t n = 0;
    while (rules_test_hit(t, rule, n))
        n++;
    return n;
}

void rules_test_cases(const struct rules_case *cases, size_t n)
{
    struct rules_test_run *t = rules_test_new(NULL);
    size_t failed = 0;
    for (size_t i = 0; i < n; i++) {
        rules_test_lines(t, cases[i].lines);
        const struct rules_test_hit *hit = rules_test_hit(t, cases[i].rule, 0);
        bool ok = hit ? cases[i].quote && str_eq_c(hit->quote, cases[i].quote) : !cases[i].quote;
        if (ok) continue;
        failed++;
        print_error("case %zu, %s:\n%s\n  expected: %s\n  got:      %.*s\n            %.*s\n", i, cases[i].rule,
                    cases[i].lines, cases[i].quote ? cases[i].quote : "(nothing)",
                    STR_ARG(hit ? hit->quote : STR("(nothing)")), STR_ARG(hit ? hit->description : STR_EMPTY));
    }
    rules_test_free(t);
    if (failed) fail_msg("%zu of %zu cases", failed, n);
}
