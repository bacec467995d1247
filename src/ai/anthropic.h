/* Anthropic's Messages API, streamed (POST {base}/v1/messages), and whatever speaks it: Bedrock's "mantle" door, llama.cpp.
 * Source: Anthropic's API reference; `anthropic-version: 2023-06-01`. Thread: any. */
#pragma once

#include "ai/provider.h"
#include "client/http.h"

struct ai_anthropic_options {
    struct client_http *http; /* borrowed */
    struct str base_url;      /* copied; without a slash at its end; empty: "https://api.anthropic.com" */
    struct str api_key;       /* copied; a secret; may be empty: servers on this machine ask for none */
    bool bearer;              /* the key goes as "Authorization: Bearer", not as "x-api-key" */
};

/* *ret: freed by ops->free. ERR_LIMIT no memory. */
enum err ai_anthropic_new(const struct ai_anthropic_options *o, struct ai_provider **ret, struct error *e) MUST_USE;
