/* Amazon Bedrock: ConverseStream, and Converse where a model does not stream with tools (POST {base}/model/{id}/converse-stream, …/converse).
 * Signed with AWS credentials, or with a Bedrock API key. Keys that AWS calls expired are fetched again once. A model that the region has only
 * behind an inference profile is asked for through that of the region's geography (never a wider one), which is remembered, and said once (struct
 * ai_end). Calls are begun on a thread of the provider's own, since credentials may have to be fetched.
 * Source: Bedrock's service model 2023-09-30. Thread: any. */
#pragma once

#include "ai/provider.h"
#include "client/credentials.h"

struct ai_bedrock_options {
    struct client_http *http;               /* borrowed */
    struct client_credentials *credentials; /* borrowed; not used with a bearer_token */
    struct str bearer_token;                /* copied; a secret: AWS_BEARER_TOKEN_BEDROCK; empty: requests are signed */
    struct str region;                      /* copied: "eu-west-1" */
    struct str
        base_url; /* copied; without a slash at its end; empty: "https://bedrock-runtime.{region}.amazonaws.com" */
};

/* *ret: freed by ops->free. ERR_LIMIT no memory, no thread. */
enum err ai_bedrock_new(const struct ai_bedrock_options *o, struct ai_provider **ret, struct error *e) MUST_USE;
