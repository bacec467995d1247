/* What a model is given to review a document.
 *
 *   tools     report_findings
 *   system    the framework               the same for all documents: the provider's cache ends here,
 *             instructions, outline, facts  the same for all parts of a document: and here
 *   user      the blocks of a part, and which of them to review
 *
 * Whatever is the document's stands between marks with a name that is made anew for each review, by chance: nobody who writes a document can close them.
 * Everything that goes out has passed the redaction. Thread: any; a prompt is immutable once made. */
#pragma once

#include "review/framework.h"
#include "review/model_plan.h"
#include "review/models.h"

struct model_prompt_of { /* borrowed as long as the prompt is used */
    const struct review_models *models;
    const struct doc *doc;
    const struct model_plan *plan;
    const struct framework *framework;
    const struct redact *redact;
    struct str learnt; /* what is known of this person's decisions, lines for the model; may be empty */
    int64_t now_unix_ms;
};

struct model_prompt {
    struct model_prompt_of of;
    struct ai_part system[2];
    struct str fence;   /* the name of the marks */
    struct str version; /* of the instructions (review/prompt.h) */
    struct str basis;   /* hex: what every answer rests on, beside the blocks */
};

/* name: of the prompt, "review" or "whole". In a. ERR_CONFLICT "cannot_redact"; ERR_INVALID "bad_prompt" (a team's own); ERR_LIMIT. */
enum err model_prompt_make(const struct model_prompt_of *of, const char *name, struct arena *a,
                           struct model_prompt *ret, struct error *e) MUST_USE;

/* What the model is asked about a part. *ret_content: hex, of all that the answer rests on beside the model. In a. */
enum err model_prompt_part(const struct model_prompt *p, const struct model_part *part, struct arena *a,
                           struct str *ret_text, struct str *ret_content, struct error *e) MUST_USE;

/* The same about the document as a whole. findings: lines that say what was found so far. */
enum err model_prompt_whole(const struct model_prompt *p, struct str findings, struct arena *a, struct str *ret_text,
                            struct str *ret_content, struct error *e) MUST_USE;

/* Under which a model's answer to it is kept (model_result); in a. */
enum err model_prompt_key(struct str content, struct str model, struct arena *a, struct str *ret,
                          struct error *e) MUST_USE;

struct model_request { /* a request and what it is made of */
    struct ai_request rq;
    struct ai_message message;
    struct ai_part text;
};
/* Fills *ret, which borrows from p, text and itself. */
void model_prompt_request(const struct model_prompt *p, struct str text, struct model_request *ret);
