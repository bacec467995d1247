/* Chat completions as OpenAI has them, streamed (POST {base}/chat/completions): OpenAI, vLLM, llama.cpp, Ollama, gateways.
 * Servers differ in what they know. Where one has no tools, a forced tool becomes a JSON schema that the answer must follow, and the answer is
 * handed out as the input of that tool; where one wants max_completion_tokens, it gets it. Both are learnt from its refusal, once for a model.
 * Of the request, ai_part.cache and signatures are of no use here. Source: OpenAI's API reference. Thread: any. */
#pragma once

#include "ai/provider.h"
#include "client/http.h"

struct ai_openai_options {
    struct client_http *http; /* borrowed */
    struct str
        base_url; /* copied; without a slash at its end: "http://127.0.0.1:11434/v1"; empty: "https://api.openai.com/v1" */
    struct str api_key; /* copied; a secret; may be empty: local servers ask for none */
};

/* *ret: freed by ops->free. ERR_LIMIT no memory. */
enum err ai_openai_new(const struct ai_openai_options *o, struct ai_provider **ret, struct error *e) MUST_USE;
