/* What can go wrong with a model, in one table for all providers: the reason (struct error's, for programs), what an operator does about it, and
 * whether asking again, or another model, is of use. Providers map what servers say to a row; nobody else words these errors.
 * Thread: any. */
#pragma once

#include "base/error.h"

/* X(name, reason, code, the same again may help, another model may help, what it says of a model, what to do) */
#define AI_ERRORS(X)                                                                                                   \
    X(THROTTLED, "throttled", UPSTREAM, true, true, "is asked more often than the account may",                        \
      "Wait a little; if it stays so, ask the provider for a higher quota, or configure a fallback model.")            \
    X(OVERLOADED, "overloaded", UPSTREAM, true, true, "has too much to do, or an error of its own",                    \
      "The provider has too much to do; try again later, or configure a fallback model.")                              \
    X(TIMEOUT_FIRST_TOKEN, "timeout_first_token", UPSTREAM, true, true, "did not begin to answer in time",             \
      "Try again; if it stays so, the model is overloaded, or the limit is too tight.")                                \
    X(STALLED, "stalled", UPSTREAM, true, true, "fell silent in the middle of its answer",                             \
      "Try again; what was received is not complete.")                                                                 \
    X(TIMEOUT, "timeout", UPSTREAM, false, true, "was not done in time",                                               \
      "Ask for less at once, or raise the limit of a whole answer.")                                                   \
    X(CUT_OFF, "cut_off", UPSTREAM, true, true, "broke off before its answer was complete",                            \
      "Try again; what was received is not complete.")                                                                 \
    X(NOT_READY, "not_ready", UPSTREAM, true, true, "is not ready yet",                                                \
      "The model is being loaded; try again in a minute.")                                                             \
    X(ACCESS_DENIED, "access_denied", UPSTREAM, false, false, "may not be used with these credentials",                \
      "Grant these credentials the use of this model (of Bedrock: bedrock:InvokeModel and "                            \
      "bedrock:InvokeModelWithResponseStream on the model and its inference profile), and model access in the "        \
      "console.")                                                                                                      \
    X(MODEL_NOT_FOUND, "model_not_found", UPSTREAM, false, false, "is not known at this address",                      \
      "Compare the model's id with the provider's list, and the region with where the model is offered.")              \
    X(NEEDS_INFERENCE_PROFILE, "needs_inference_profile", UPSTREAM, false, false,                                      \
      "can only be used through an inference profile in this region",                                                  \
      "Configure the id of an inference profile: the model's with eu., us., apac. or global. in front.")               \
    X(CONTEXT_TOO_LONG, "context_too_long", UPSTREAM, false, false, "cannot take so much text at once",                \
      "Send less at once, or use a model with more room.")                                                             \
    X(BAD_REQUEST, "bad_request", UPSTREAM, false, false, "does not take the request",                                 \
      "The log has what the provider says of it; the model's settings are the first to look at.")                      \
    X(BAD_CREDENTIALS, "bad_credentials", UPSTREAM, false, false, "was asked with credentials that are not valid",     \
      "Configure the provider's key again.")                                                                           \
    X(EXPIRED_TOKEN, "expired_token", UPSTREAM, false, false, "was asked with credentials that have expired",          \
      "Renew the credentials: they have expired.")                                                                     \
    X(CLOCK_OFF, "clock_off", UPSTREAM, false, false, "was asked with a signature of another time than now",           \
      "Set this machine's clock: signatures are taken for five minutes only.")                                         \
    X(QUOTA, "quota", UPSTREAM, false, true, "has no allowance left for this account",                                 \
      "The account's allowance is used up; look at its limits and its billing.")                                       \
    X(NO_ROUTE, "no_route", UPSTREAM, true, false, "cannot be reached",                                                \
      "Look at the address and the region, at the network between here and there, and at the proxy settings.")         \
    X(BAD_ANSWER, "bad_answer", UPSTREAM, true, true, "sent what is no answer",                                        \
      "Try again; if it stays so, what answers at this address does not speak the provider's format.")

enum ai_reason {
#define X(name, reason, code, again, other, what, hint) AI_##name,
    AI_ERRORS(X)
#undef X
        AI_REASONS
};

/* Fills *e by a row: code, reason, hint; the message is "<model> <what happened>". Returns the code. */
enum err ai_error(struct error *e, enum ai_reason reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "is asked more often than the account may": to be put behind a model's name. */
const char *ai_reason_what(enum ai_reason reason);

const char *ai_reason_name(enum ai_reason reason); /* "throttled" */
/* The row of e->reason; AI_REASONS: of none. */
enum ai_reason ai_error_reason(const struct error *e);

/* By e->reason. What is not of the table (cancelled, no memory) is worth neither. */
bool ai_error_worth_retry(const struct error *e);    /* the same model, after a while */
bool ai_error_worth_fallback(const struct error *e); /* another model, at once */
