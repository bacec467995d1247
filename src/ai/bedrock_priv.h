/* What the files of Bedrock share: bedrock.c is the provider, who signs and what is tried again; bedrock_body.c writes requests, bedrock_read.c reads
 * streams and whole answers. */
#pragma once

#include "ai/call_priv.h"
#include "client/eventstream.h"

struct ai__bedrock_call {
    struct ai__call base;
    struct ai__bedrock *provider;
    struct client_eventstream *frames; /* of a stream */
    struct sb whole;                   /* of an answer in one piece */
    struct str access_key;             /* that it was signed with, for "expired" */
    unsigned profile;                  /* how many inference profiles were tried */
    bool refreshed;                    /* credentials were fetched again */
};

/* bedrock_body.c */
void ai__bedrock_body(struct sb *b, const struct ai_request *rq);

/* bedrock_read.c: the two ways of an answer, without .refused and .done, which are bedrock.c's. */
enum err ai__bedrock_frames(struct ai__call *c, struct error *e) MUST_USE; /* makes .frames */
enum err ai__bedrock_stream_data(struct ai__call *c, struct str bytes, struct error *e) MUST_USE;
enum err ai__bedrock_stream_end(struct ai__call *c, struct error *e) MUST_USE;
enum err ai__bedrock_whole_data(struct ai__call *c, struct str bytes, struct error *e) MUST_USE;
enum err ai__bedrock_whole_end(struct ai__call *c, struct error *e) MUST_USE;
/* What a code of Bedrock's ("ThrottlingException") means. status: where the code says nothing. */
enum ai_reason ai__bedrock_reason(int status, struct str code, struct str message);
