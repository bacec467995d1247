/* A question to a model that it must answer through one tool, asked by a job that waits for the answer. Thread: the job's. */
#pragma once

#include "review/chat_call.h"
#include "review/jobs_priv.h"

struct model_question {
    const struct job__run *run;
    struct str person, document, review; /* for turns and the books; may be empty */
    struct str system;                   /* the prompt, filled */
    bool repeated;                       /* it comes again with other texts: kept by the provider where it can */
    struct str text;
    const struct ai_tool *tool;
    const char *list; /* what the tool hands in, for an error: "requirements" */
};

/* *ret lives in run->a and has a first tool with an input; *ret_model: who answered. ERR_UPSTREAM "bad_answer": the tool was not called. ERR_CONFLICT
 * "stopped": the job, or the server, ends. All others are the router's and the model's. */
enum err model_question_ask(const struct model_question *q, struct chat_call *ret, struct str *ret_model,
                            struct error *e) MUST_USE;

/* Is that an error of the job, to be begun again or dropped, and not of the model's answer? */
bool model_question_ends_job(const struct error *e);

/* Marks that no text can close, as nobody knows them before: "what-" and chance. In a. */
enum err model_question_fence(struct arena *a, const char *what, struct str *ret, struct error *e) MUST_USE;
/* The text between the marks, and behind it what is asked. In a. */
enum err model_question_fenced(struct arena *a, struct str fence, struct str text, const char *asked, struct str *ret,
                               struct error *e) MUST_USE;
