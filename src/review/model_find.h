/* From what a model wrote to a finding that stands on the document's words, or to the reason why it is none. No finding without ground: the quote is
 * found again in the text (review/locate.h), in the part that was reviewed first; what is not found, or in several places equally well, is refused,
 * however sure the model is. A model cannot put words in the author's mouth. Thread: any; what it works with is immutable. */
#pragma once

#include "review/framework.h"
#include "review/locate.h"
#include "review/model_plan.h"
#include "review/redact.h"
#include "review/review.h"

enum model_refusal {
    MODEL_TAKEN,
    MODEL_INVALID,   /* not by the schema, a point that there is not, a placeholder that it has made up */
    MODEL_NOT_FOUND, /* its quote stands nowhere in the document */
    MODEL_AMBIGUOUS, /* its quote stands in several places, and none is the one that it names */
    MODEL_REFUSALS
};

struct model_ground {
    const struct doc *doc;
    const struct locate_index *index;
    const struct framework *framework;
    const struct redact *redact;
};

/* item: JSON. part: that was shown; NULL: the whole document. reviewer: the model's name. *ret lives in a. ERR_LIMIT no memory; every fault of the model's is a refusal and no error. */
enum err model_find(const struct model_ground *g, const struct model_part *part, struct str item, struct str reviewer,
                    struct arena *a, enum model_refusal *ret_refusal, struct finding *ret, struct error *e) MUST_USE;
