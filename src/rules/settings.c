/* The team's settings of the rules: {"rules": {id: {"enabled": bool, parameter: value}}, "words": [...]}.
 * A typing mistake must not be ignored silently, so every unknown name is an error that says the path and what is accepted. */
#include "rules/engine_priv.h"

#include <math.h>

#include "base/closest.h"
#include "base/json.h"
#include "base/utf8.h"

#define BAD       "bad_settings"
#define NAMES_MAX 150 /* bytes of a message */
#define WORDS_MAX 100000u
#define WORD_MAX  128u

static enum err bad_member(struct error *e, struct str key, const char *accepted)
{
    error_set_reason(e, ERR_INVALID, BAD, "%.*s: there is no such member; accepted: %s", STR_ARG(key), accepted);
    return ERR_INVALID;
}

static const char *id_at(const void *ctx, size_t i) { return ((const struct rules_engine *)ctx)->rules[i]->id; }

/* The unknown id, and the one that is meant, or the ids of the family that it names (or the families). */
static enum err unknown_rule(struct rules_engine *engine, struct str id, struct error *e)
{
    char *word = str_to_c(engine->arena, id);
    const char *closest = word ? closest_name(word, engine->n_rules, id_at, engine) : NULL;
    if (closest)
        return error_set_reason(e, ERR_INVALID, BAD, "rules.%.*s: there is no such rule; did you mean \"%s\"?",
                                STR_ARG(str_sub(id, 0, 60)), closest);
    struct str rest, family = str_cut(id, '.', &rest);
    CLEANUP_SB struct sb names = SB_INIT(NAMES_MAX);
    for (size_t i = 0; i < engine->n_rules; i++) {
        struct str known = str_from_c(engine->rules[i]->id);
        struct str known_rest, known_family = str_cut(known, '.', &known_rest);
        if (!str_eq(known_family, family)) continue;
        if (names.n + known_rest.n + 8 > NAMES_MAX) {
            SB_LIT(&names, ", …");
            break;
        }
        sb_printf(&names, "%s%.*s", names.n ? ", " : "", STR_ARG(known_rest));
    }
    if (names.n == 0)
        return error_set_reason(e, ERR_INVALID, BAD,
                                "rules.%.*s: there is no such rule; the families are structure, time, cause, evidence, "
                                "language, privacy, links",
                                STR_ARG(str_sub(id, 0, 60)));
    error_set_reason(e, ERR_INVALID, BAD, "rules.%.*s: there is no such rule; \"%.*s\" has %.*s",
                     STR_ARG(str_sub(id, 0, 60)), STR_ARG(str_sub(family, 0, 16)), STR_ARG(sb_view(&names)));
    return error_hint(e, "\"prism rules %.*s\" lists them.", STR_ARG(str_sub(family, 0, 16)));
}

static enum err read_words(struct arena *a, const struct json *v, const char *path, struct rules__words *ret,
                           struct error *e)
{
    size_t n = json_count(v);
    if (json_type(v) != JSON_ARRAY || n > WORDS_MAX)
        return error_set_reason(e, ERR_INVALID, BAD, "%s: must be an array of at most %u words", path, WORDS_MAX);
    struct str *at = NEW(a, struct str, n);
    if (!at) return error_no_memory(e);
    for (size_t i = 0; i < n; i++) {
        struct str word = json_str(json_at(v, i));
        if (!word.p || word.n == 0 || word.n > WORD_MAX)
            return error_set_reason(e, ERR_INVALID, BAD, "%s[%zu]: must be a word of 1 to %u bytes", path, i, WORD_MAX);
        at[i] = str_dup(a, word);
        if (!at[i].p) return error_no_memory(e);
    }
    *ret = (struct rules__words){at, n};
    return ERR_OK;
}

static enum err read_number(const struct rule *rule, const struct rule_param *p, const struct json *v, double *ret,
                            struct error *e)
{
    double value = json_double(v, NAN);
    bool whole = p->type == RULE_PARAM_INT;
    if (json_type(v) != JSON_NUMBER || !(value >= p->min && value <= p->max) || (whole && value != floor(value)))
        return error_set_reason(e, ERR_INVALID, BAD, "rules.%s.%s: must be a %s from %g to %g", rule->id, p->name,
                                whole ? "whole number" : "number", p->min, p->max);
    *ret = value;
    return ERR_OK;
}

static enum err unknown_param(const struct rule *rule, struct str key, struct error *e)
{
    CLEANUP_SB struct sb names = SB_INIT(NAMES_MAX);
    SB_LIT(&names, "enabled");
    for (size_t i = 0; i < RULE_PARAMS_MAX && rule->params[i].name; i++)
        sb_printf(&names, ", %s", rule->params[i].name);
    return error_set_reason(e, ERR_INVALID, BAD, "rules.%s.%.*s: there is no such setting; accepted: %.*s", rule->id,
                            STR_ARG(str_sub(key, 0, 60)), STR_ARG(sb_view(&names)));
}

static enum err read_member(struct rules_engine *engine, const struct rule *rule, struct rules__setting *setting,
                            struct str key, const struct json *v, struct error *e)
{
    if (str_eq_c(key, "enabled")) {
        if (json_type(v) != JSON_BOOL)
            return error_set_reason(e, ERR_INVALID, BAD, "rules.%s.enabled: must be true or false", rule->id);
        setting->enabled = json_bool(v, true);
        return ERR_OK;
    }
    for (size_t i = 0; i < RULE_PARAMS_MAX && rule->params[i].name; i++) {
        const struct rule_param *p = &rule->params[i];
        if (!str_eq_c(key, p->name)) continue;
        if (p->type != RULE_PARAM_STRS) return read_number(rule, p, v, &setting->values[i], e);
        struct str path = str_printf(engine->arena, "rules.%s.%s", rule->id, p->name);
        if (!path.p) return error_no_memory(e);
        return read_words(engine->arena, v, path.p, &setting->words[i], e);
    }
    return unknown_param(rule, key, e);
}

static enum err read_rule(struct rules_engine *engine, struct str id, const struct json *v, struct error *e)
{
    size_t at = 0;
    while (at < engine->n_rules && !str_eq_c(id, engine->rules[at]->id))
        at++;
    if (at == engine->n_rules) return unknown_rule(engine, id, e);
    if (json_type(v) != JSON_OBJECT)
        return error_set_reason(e, ERR_INVALID, BAD, "rules.%s: must be an object such as {\"enabled\": false}",
                                engine->rules[at]->id);
    struct str key;
    const struct json *member;
    for (size_t i = 0; (member = json_member(v, &i, &key));)
        TRY(read_member(engine, engine->rules[at], &engine->settings[at], key, member, e));
    return ERR_OK;
}

static enum err read_team_words(struct rules_engine *engine, const struct json *v, struct error *e)
{
    struct rules__words words = {0};
    TRY(read_words(engine->arena, v, "words", &words, e));
    for (size_t i = 0; i < words.n; i++) {
        CLEANUP_SB struct sb lower = SB_INIT(4 * WORD_MAX + 4);
        for (size_t at = 0; at < words.at[i].n;)
            sb_rune(&lower, utf8_to_lower(utf8_next(words.at[i], &at)));
        struct str key;
        TRY(sb_take(&lower, engine->arena, &key, e));
        if (!map_put(&engine->words, key, engine)) return error_no_memory(e);
    }
    return ERR_OK;
}

enum err rules__settings_read(struct rules_engine *engine, const struct json *settings, struct error *e)
{
    for (size_t i = 0; i < engine->n_rules; i++) {
        engine->settings[i].enabled = !engine->rules[i]->off;
        for (size_t k = 0; k < RULE_PARAMS_MAX; k++)
            engine->settings[i].values[k] = engine->rules[i]->params[k].value;
    }
    if (!settings) return ERR_OK;
    if (json_type(settings) != JSON_OBJECT)
        return error_set_reason(e, ERR_INVALID, BAD, "the settings must be an object with \"rules\" and \"words\"");
    struct str key;
    const struct json *v;
    for (size_t i = 0; (v = json_member(settings, &i, &key));) {
        if (str_eq_c(key, "$schema")) continue;
        if (str_eq_c(key, "words")) {
            TRY(read_team_words(engine, v, e));
            continue;
        }
        if (!str_eq_c(key, "rules")) return bad_member(e, str_sub(key, 0, 60), "rules, words");
        if (json_type(v) != JSON_OBJECT)
            return error_set_reason(e, ERR_INVALID, BAD, "rules: must be an object from rule ids to their settings");
        struct str id;
        const struct json *rule;
        for (size_t k = 0; (rule = json_member(v, &k, &id));)
            TRY(read_rule(engine, id, rule, e));
    }
    return ERR_OK;
}
