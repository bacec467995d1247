/* The settings: one row each, with what is accepted, the default and the meaning. struct conf (conf.h), the table that reads them (conf.c) and
 * docs/configuration.md are made of these rows, so none can be forgotten in one of them. Only what the program reads stands here.
 *
 * Each row is one of
 *   N(field, name, default, min, max, meaning)                a whole number: uint64_t
 *   C(field, name, default, choices, meaning)                 one of some words: unsigned, its place in the NULL-terminated array choices
 *   P(field, name, default in words, meaning)                 a path: struct str, absolute and NUL-terminated, or empty
 *   T(field, name, default, check, accepted in words, meaning) a text that check() accepts: struct str, NUL-terminated
 *   L(field, name, default in words, check, accepted in words, meaning) texts with commas between them: struct conf_list
 *   D(field, name, default, min, max, meaning)                a decimal number, min and max whole: double
 *   S(field, name, least characters, meaning)                 a secret: struct str, NUL-terminated, or empty; it is printed nowhere */
#pragma once

#define CONF_SETTINGS(N, C, P, T, L, D, S)                                                                                                            \
    N(port, "PORT", 8000, 0, 65535, "The TCP port of the server. 0 takes a free one and says which.")                                                 \
    T(bind, "PRISM_BIND", "127.0.0.1", conf__check_address, "an IPv4 or IPv6 address",                                                                \
      "The address that the server listens on. The default is reached from this machine only; 0.0.0.0 and :: are all "                                \
      "addresses of the machine. Put a proxy that speaks https before it then.")                                                                      \
    P(tls_cert, "PRISM_TLS_CERT", "none: http",                                                                                                       \
      "The server's certificate in PEM, with those that vouch for it behind it, for a server without a proxy that speaks https: it then speaks "      \
      "https itself (TLS 1.2 and 1.3), and nothing else. It is read again at a reload.")                                                              \
    P(tls_key, "PRISM_TLS_KEY", "none", "The key of that certificate in PEM, without a passphrase.")                                                  \
    T(base_path, "PRISM_BASE_PATH", "", conf__check_prefix,                                                                                           \
      "a path such as /prism, without a slash at its end, or nothing",                                                                                \
      "Where a proxy shows the server, if not at the root of its host: https://example.org/prism/ is /prism. The proxy may pass requests on "         \
      "with that path or without; the server takes both.")                                                                                            \
    L(allowed_hosts, "PRISM_ALLOWED_HOSTS", "none more", conf__check_host, "host names without port",                                                 \
      "The names under which people reach the server, as they stand in the address bar, beside localhost and the "                                    \
      "addresses that the server listens on. A request for another name is refused, so that a page elsewhere cannot "                                 \
      "talk to a server on this machine by naming it.")                                                                                               \
    P(data_folder, "PRISM_DATA",                                                                                                                      \
      "$XDG_DATA_HOME/prism, without that variable ~/.local/share/prism; /var/lib/prism for root",                                                    \
      "The folder of everything that is kept: records, uploaded documents, prism.conf. It is made if it is missing. "                                 \
      "One server at a time uses it.")                                                                                                                \
    P(conf_file, "PRISM_CONF", "prism.conf in the data folder, if it is there",                                                                       \
      "A file of settings, see below. In the environment only.")                                                                                      \
    T(database_url, "DATABASE_URL", "sqlite", conf__check_database, "sqlite",                                                                         \
      "What keeps the records. This version keeps them in a file of SQLite in the data folder.")                                                      \
    T(redis_url, "REDIS_URL", "disabled", conf__check_redis, "disabled",                                                                              \
      "What carries live events between servers. This version runs as one server and carries them itself.")                                           \
    N(max_content_bytes, "MAX_CONTENT_LENGTH", 16777216, 1024, 1073741824,                                                                            \
      "The largest upload in bytes. A larger one is refused with 413 before it is read.")                                                             \
    N(max_uploads, "PRISM_MAX_UPLOADS", 32, 1, 10000,                                                                                                 \
      "Uploads that may run at once; one more is told to come again in a moment.")                                                                    \
    N(session_timeout_s, "SESSION_TIMEOUT", 3600, 1, 31536000,                                                                                        \
      "Seconds without a request after which a visitor is forgotten and the documents of that visitor are no longer "                                 \
      "reached. Not of a server that is bound to loopback: nobody on the same machine loses work to a pause.")                                        \
    C(secure_cookies, "PRISM_SECURE_COOKIES", "auto", conf_secure_cookies,                                                                            \
      "Whether cookies are for https only. auto: when the server speaks https, or the proxy says that the request came by it "                        \
      "(X-Forwarded-Proto); always: also when it does not say so.")                                                                                   \
    L(trusted_proxies, "PRISM_TRUSTED_PROXIES", "127.0.0.0/8,::1: this machine", conf__check_network,                                                 \
      "addresses and networks (10.0.0.0/8), or none",                                                                                                 \
      "Proxies in front of the server. What they say of the client (X-Forwarded-For, X-Forwarded-Proto, "                                             \
      "X-Forwarded-Host, Forwarded) is believed; nobody else's word is. none: nobody is a proxy.")                                                    \
    N(workers, "PRISM_WORKERS", 0, 0, 1024,                                                                                                           \
      "Threads that answer requests which read or write records and files. Those that write wait for the disk, and share its commits. "               \
      "0: twice the processors, at least 16.")                                                                                                        \
    N(io_threads, "PRISM_IO_THREADS", 0, 0, 256,                                                                                                      \
      "Threads that move bytes between the network and the server. 0: one a processor, at most 8.")                                                   \
    N(job_workers, "PRISM_JOB_WORKERS", 0, 0, 256, "Reviews that run at once. 0: one a processor.")                                                   \
    N(max_connections, "PRISM_MAX_CONNECTIONS", 12000, 16, 1000000,                                                                                   \
      "Connections that are open at once; further ones are answered 503, and /health and /ready as ever. Needs as many "                              \
      "open files of the system (ulimit -n).")                                                                                                        \
    N(max_connections_per_client, "PRISM_MAX_CONNECTIONS_PER_CLIENT", 256, 1, 1000000,                                                                \
      "Connections from one address; further ones are answered 429. Those of a trusted proxy are not counted so.")                                    \
    N(head_timeout_s, "PRISM_HEAD_TIMEOUT", 15, 1, 3600,                                                                                              \
      "Seconds from the first line of a request to the end of its header fields; with TLS, also for the handshake.")                                  \
    N(body_timeout_s, "PRISM_BODY_TIMEOUT", 15, 1, 3600, "Seconds for each 16 KiB of a request's body.")                                              \
    N(idle_timeout_s, "PRISM_IDLE_TIMEOUT", 75, 1, 3600,                                                                                              \
      "Seconds that a connection is kept open between two requests, and that an answer of which the client takes nothing "                            \
      "is held. A proxy in front must let go of its connections earlier; a load balancer of AWS in front without "                                    \
      "nginx, which keeps them for 600 s, needs 620.")                                                                                                \
    N(request_timeout_s, "PRISM_REQUEST_TIMEOUT", 600, 1, 86400,                                                                                      \
      "Seconds from the first line of a request to the last byte of its answer. Streams of live events last.")                                        \
    N(graceful_timeout_s, "PRISM_GRACEFUL_TIMEOUT", 60, 0, 86400,                                                                                     \
      "Seconds that requests and reviews have to end when the server is told to stop or is replaced (SIGTERM, SIGHUP). "                              \
      "Reviews that need longer are begun again by the next server.")                                                                                 \
    N(retention_days, "PRISM_RETENTION_DAYS", 7, 0, 36500,                                                                                            \
      "Days without being opened or worked on after which the file of a document is removed, with all that was made of it. Files that were exported " \
      "go so many days after they were made. 0: nothing is removed.")                                                                                 \
    C(retention_records, "PRISM_RETENTION_RECORDS", "keep", conf_retention_records,                                                                   \
      "What stays then. keep: the document's name, its findings, decisions and activity, which can be read and exported as CSV and JSON; remove: "    \
      "nothing.")                                                                                                                                     \
    T(framework, "PRISM_FRAMEWORK", "", conf__check_text, "the name of a framework, or nothing",                                                      \
      "The framework that documents are reviewed against unless the one who uploads chooses another. Nothing: the "                                   \
      "one whose words fit the document.")                                                                                                            \
    P(rules_file, "PRISM_RULES", "the rules' own settings",                                                                                           \
      "A JSON file of settings for the rules, as for prism review --rules.")                                                                          \
    P(log_file, "PRISM_LOG_FILE", "standard error",                                                                                                   \
      "A file for the log of the program, in the place of standard error. SIGUSR1 opens it anew, after it was moved away.")                           \
    P(access_log_file, "PRISM_ACCESS_LOG_FILE", "standard output",                                                                                    \
      "A file for the access log, in the place of standard output; opened anew in the same way.")                                                     \
    C(access_log, "PRISM_ACCESS_LOG", "none", conf_access_logs,                                                                                       \
      "A line for each request on standard output: combined, as nginx and Apache write it; gunicorn, which adds the microseconds; or json, with the " \
      "request's id, visitor, document and milliseconds. The log of the program itself, with requests that change something or fail, goes to "        \
      "standard error.")                                                                                                                              \
    C(metrics, "PRISM_METRICS", "local", conf_metrics,                                                                                                \
      "Who may read GET /metrics. local: clients on the same machine; all: everybody who reaches the server; off: nobody.")                           \
    N(emf_seconds, "PRISM_EMF_SECONDS", 0, 0, 3600,                                                                                                   \
      "Every so many seconds a line of metrics in CloudWatch's embedded metric format is written; 60 is what its graphs show. 0: none.")              \
    P(emf_file, "PRISM_EMF_FILE", "standard output",                                                                                                  \
      "The file that these lines are added to. It is opened anew for each, so it may be rotated at any time.")                                        \
    T(emf_namespace, "PRISM_EMF_NAMESPACE", "AI-Prism", conf__check_namespace,                                                                        \
      "1 to 255 letters, digits, spaces and . - _ / #, not AWS/ at its beginning",                                                                    \
      "The namespace of these metrics in CloudWatch.")                                                                                                \
    T(environment, "PRISM_ENVIRONMENT", "default", conf__check_dimension, "1 to 250 printable characters of ASCII",                                   \
      "What this server is part of, as it is called in metrics and traces: production, or the name of the Beanstalk environment.")                    \
    T(instance, "PRISM_INSTANCE", "", conf__check_dimension_or_none, "up to 250 printable characters of ASCII",                                       \
      "What this server is called there. Nothing: the name of the host.")                                                                             \
    T(otlp_url, "OTEL_EXPORTER_OTLP_ENDPOINT", "", conf__check_url,                                                                                   \
      "an address that begins with http:// or https://, without a question mark, or nothing",                                                         \
      "Where traces are sent, by OTLP over HTTP in JSON: the address before /v1/traces, http://127.0.0.1:4318 for a collector on this machine. "      \
      "Nothing: none are kept.")                                                                                                                      \
    S(otlp_headers, "OTEL_EXPORTER_OTLP_HEADERS", 3,                                                                                                  \
      "Headers that are sent with them, as name=value with commas between them; values may be percent-encoded.")                                      \
    T(otel_service, "OTEL_SERVICE_NAME", "prism", conf__check_dimension, "1 to 250 printable characters of ASCII",                                    \
      "What this program is called in traces.")                                                                                                       \
    D(otel_ratio, "OTEL_TRACES_SAMPLER_ARG", 1, 0, 1,                                                                                                 \
      "Of the traces that begin here, those that are kept: 1 all, 0.1 every tenth. What comes with a traceparent is kept if it says so.")             \
    N(otel_delay_ms, "OTEL_BSP_SCHEDULE_DELAY", 5000, 10, 3600000,                                                                                    \
      "Milliseconds after which spans are sent, if there are not many.")                                                                              \
    N(otel_queue, "OTEL_BSP_MAX_QUEUE_SIZE", 2048, 1, 100000,                                                                                         \
      "Spans that may wait to be sent, each about 1.5 KB. More are dropped and counted; nothing ever waits for them.")                                \
    C(model_provider, "PRISM_MODEL_PROVIDER", "auto", conf_model_providers,                                                                           \
      "Who answers for the language models that review beside the rules and talk about documents; docs/models.md explains each. auto: bedrock if "    \
      "BEDROCK_MODEL_ID or AWS_BEARER_TOKEN_BEDROCK is set, else anthropic if ANTHROPIC_API_KEY is, else openai if PRISM_OPENAI_URL is, else none. "  \
      "With none nothing leaves the machine.")                                                                                                        \
    T(bedrock_model, "BEDROCK_MODEL_ID", "anthropic.claude-sonnet-4-5-20250929-v1:0", conf__check_model,                                              \
      "the id or the ARN of a model or an inference profile",                                                                                         \
      "Of bedrock: the model that is asked first. A plain id is asked for through the inference profile of the region's geography where the region "  \
      "has it only there.")                                                                                                                           \
    L(bedrock_fallback_models, "BEDROCK_FALLBACK_MODELS", "none", conf__check_model,                                                                  \
      "ids or ARNs of models or inference profiles",                                                                                                  \
      "Of bedrock: the models that are asked, in this order, when the one before is throttled, overloaded, silent or not ready.")                     \
    T(aws_region, "AWS_REGION", "", conf__check_region, "the name of a region such as eu-west-1, or nothing",                                         \
      "Of bedrock, and of S3 where S3_REGION says none: the region. Nothing: AWS_DEFAULT_REGION, then the region of the AWS profile.")                \
    T(aws_default_region, "AWS_DEFAULT_REGION", "", conf__check_region,                                                                               \
      "the name of a region such as eu-west-1, or nothing", "The region where AWS_REGION says none.")                                                 \
    T(bedrock_url, "PRISM_BEDROCK_URL", "", conf__check_url,                                                                                          \
      "an address that begins with http:// or https://, without a question mark, or nothing",                                                         \
      "Of bedrock: where it is reached, for an endpoint in a private network. Nothing: the public address of the region.")                            \
    S(bedrock_bearer, "AWS_BEARER_TOKEN_BEDROCK", 1,                                                                                                  \
      "Of bedrock: an API key of Bedrock, in the place of AWS credentials. Without it the credentials are looked for where the AWS SDKs look.")       \
    S(anthropic_key, "ANTHROPIC_API_KEY", 1, "Of anthropic: the API key.")                                                                            \
    T(anthropic_url, "PRISM_ANTHROPIC_URL", "", conf__check_url,                                                                                      \
      "an address that begins with http:// or https://, without a question mark, or nothing",                                                         \
      "Of anthropic: where the Messages API is reached. Nothing: https://api.anthropic.com.")                                                         \
    T(anthropic_model, "PRISM_ANTHROPIC_MODEL", "claude-sonnet-4-5-20250929", conf__check_model,                                                      \
      "the name of a model", "Of anthropic: the model that is asked first.")                                                                          \
    T(openai_url, "PRISM_OPENAI_URL", "", conf__check_url,                                                                                            \
      "an address that begins with http:// or https://, without a question mark, or nothing",                                                         \
      "Of openai: where chat completions are reached, up to and with /v1: http://127.0.0.1:11434/v1 for a server on this machine. Nothing: "          \
      "https://api.openai.com/v1.")                                                                                                                   \
    T(openai_model, "PRISM_OPENAI_MODEL", "", conf__check_model_or_none, "the name of a model",                                                       \
      "Of openai: the model that is asked first; there is no default.")                                                                               \
    S(openai_key, "PRISM_OPENAI_KEY", 1, "Of openai: the API key. Servers on this machine mostly ask for none.")                                      \
    L(fallback_models, "PRISM_FALLBACK_MODELS", "none", conf__check_model, "names of models",                                                         \
      "Of anthropic and openai: what BEDROCK_FALLBACK_MODELS is of bedrock.")                                                                         \
    C(model_fallback, "ENABLE_MODEL_FALLBACK", "true", conf_booleans,                                                                                 \
      "Whether a review may go on to the next of the fallback models.")                                                                               \
    C(chat_fallback, "CHAT_ENABLE_MULTI_MODEL", "true", conf_booleans,                                                                                \
      "Whether an answer in a talk may come from the next of the fallback models.")                                                                   \
    N(max_tokens, "BEDROCK_MAX_TOKENS", 4096, 16, 200000,                                                                                             \
      "Of every provider: the longest answer of one call, in tokens. Bedrock reserves it from the account's quota while the call runs.")              \
    D(temperature, "BEDROCK_TEMPERATURE", 0.7, 0, 1,                                                                                                  \
      "Of every provider: how freely the model chooses its words. Not sent with reasoning.")                                                          \
    C(reasoning, "REASONING_ENABLED", "false", conf_booleans,                                                                                         \
      "Whether models think before they answer. Better and slower; what they think is paid as what they say.")                                        \
    N(reasoning_tokens, "REASONING_BUDGET_TOKENS", 4096, 1024, 128000,                                                                                \
      "How long they may think in one call, in tokens, beside BEDROCK_MAX_TOKENS.")                                                                   \
    N(model_calls, "PRISM_MODEL_CALLS", 256, 1, 10000,                                                                                                \
      "Calls of one model at once. Fewer after throttling, until it has room again.")                                                                 \
    N(model_workers, "PRISM_MODEL_WORKERS", 256, 1, 1024,                                                                                             \
      "Reviews by a model at once; each has a thread that mostly waits.")                                                                             \
    N(model_tokens_per_minute, "PRISM_MODEL_TOKENS_PER_MINUTE", 0, 0, 1000000000,                                                                     \
      "Tokens of one model in a minute, as the account's quota has them. 0: learnt when the provider throttles.")                                     \
    D(budget_day, "PRISM_BUDGET_DAY", 0, 0, 1000000,                                                                                                  \
      "US dollars that all models together may cost in a day (UTC). 0: no limit.")                                                                    \
    D(budget_person, "PRISM_BUDGET_PERSON", 0, 0, 1000000,                                                                                            \
      "US dollars that one person's reviews and talks may cost in a day (UTC). 0: no limit.")                                                         \
    D(budget_document, "PRISM_BUDGET_DOCUMENT", 0, 0, 1000000,                                                                                        \
      "US dollars that one document may cost as long as it is kept. 0: no limit.")                                                                    \
    P(prices_file, "PRISM_PRICES", "the prices inside the program",                                                                                   \
      "A JSON file of prices of models, which goes before those inside the program, row by row.")                                                     \
    P(prompts_folder, "PRISM_PROMPTS", "the prompts inside the program",                                                                              \
      "A folder of prompts (review.md, chat.md and so on), each of which takes the place of the one of that name inside the program.")                \
    T(s3_bucket, "S3_BUCKET_NAME", "", conf__check_bucket, "the name of a bucket, or nothing",                                                        \
      "The bucket of S3 that packages of reviews are exported to. Nothing: none are, and a package is a download alone.")                             \
    T(s3_base_path, "S3_BASE_PATH", "", conf__check_base_path, "folders with slashes between them, or nothing",                                       \
      "The folder in the bucket under which each export makes its own; it may have spaces, as in Logs and data/.")                                    \
    T(s3_region, "S3_REGION", "", conf__check_region, "the name of a region such as eu-west-1, or nothing",                                           \
      "The region of the bucket. Nothing: AWS_REGION, then AWS_DEFAULT_REGION, then the region of the AWS profile.")                                  \
    T(s3_url, "PRISM_S3_URL", "", conf__check_url,                                                                                                    \
      "an address that begins with http:// or https://, without a question mark, or nothing",                                                         \
      "Where S3 is reached, for an endpoint in a private network or another server that speaks as S3 does; the bucket then stands in the path. "      \
      "Nothing: the public address of the region.")                                                                                                   \
    D(min_confidence, "PRISM_MIN_CONFIDENCE", 0.8, 0, 1,                                                                                              \
      "Findings that a model is less sure of than this are kept and folded away.")                                                                    \
    D(findings_per_1000_words, "PRISM_FINDINGS_PER_1000_WORDS", 20, 0, 1000,                                                                          \
      "How many findings of a model are kept for each 1,000 words, the weightiest first. 0: all.")                                                    \
    C(cosmetic, "PRISM_COSMETIC", "false", conf_booleans, "Whether models are asked for cosmetic remarks too.")                                       \
    C(redact, "PRISM_REDACT", "false", conf_booleans,                                                                                                 \
      "Whether personal data are replaced by placeholders before anything is sent to a model, and put back in its answers. Where that is not surely " \
      "possible, nothing is sent.")                                                                                                                   \
    C(never_send, "PRISM_NEVER_SEND", "false", conf_booleans,                                                                                         \
      "true: nothing of any document is sent to a model, whatever else is set here.")                                                                 \
    S(admin_token, "PRISM_ADMIN_TOKEN", 16,                                                                                                           \
      "What makes a request that of an administrator (Authorization: Bearer). Without it everybody is one who reaches a server that is bound to "     \
      "loopback, and nobody on others.")                                                                                                              \
    C(log_level, "PRISM_LOG_LEVEL", "info", conf_log_levels, "The least level that is logged.")                                                       \
    C(log_format, "PRISM_LOG_FORMAT", "auto", conf_log_formats,                                                                                       \
      "How a line of the log looks. auto: text on a terminal, else JSON.")
