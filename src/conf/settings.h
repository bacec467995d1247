/* The settings: one row each, with what is accepted, the default and the meaning. struct conf (conf.h), the table that reads them (conf.c) and
 * docs/configuration.md are made of these rows, so none can be forgotten in one of them. Only what the program reads stands here.
 *
 * Each row is one of
 *   N(field, name, default, min, max, meaning)                a whole number: uint64_t
 *   C(field, name, default, choices, meaning)                 one of some words: unsigned, its place in the NULL-terminated array choices
 *   P(field, name, default in words, meaning)                 a path: struct str, absolute and NUL-terminated, or empty
 *   T(field, name, default, check, accepted in words, meaning) a text that check() accepts: struct str, NUL-terminated
 *   L(field, name, default in words, check, accepted in words, meaning) texts with commas between them: struct conf_list */
#pragma once

#define CONF_SETTINGS(N, C, P, T, L)                                                                                        \
    N(port, "PORT", 8000, 0, 65535, "The TCP port of the server. 0 takes a free one and says which.")                       \
    T(bind, "PRISM_BIND", "127.0.0.1", conf__check_address, "an IPv4 or IPv6 address",                                      \
      "The address that the server listens on. The default is reached from this machine only; 0.0.0.0 and :: are all "      \
      "addresses of the machine. Put a proxy that speaks https before it then.")                                            \
    L(allowed_hosts, "PRISM_ALLOWED_HOSTS", "none more", conf__check_host, "host names without port",                       \
      "The names under which people reach the server, as they stand in the address bar, beside localhost and the "          \
      "addresses that the server listens on. A request for another name is refused, so that a page elsewhere cannot "       \
      "talk to a server on this machine by naming it.")                                                                     \
    P(data_folder, "PRISM_DATA",                                                                                            \
      "$XDG_DATA_HOME/prism, without that variable ~/.local/share/prism; /var/lib/prism for root",                          \
      "The folder of everything that is kept: records, uploaded documents, prism.conf. It is made if it is missing. "       \
      "One server at a time uses it.")                                                                                      \
    P(conf_file, "PRISM_CONF", "prism.conf in the data folder, if it is there",                                             \
      "A file of settings, see below. In the environment only.")                                                            \
    T(database_url, "DATABASE_URL", "sqlite", conf__check_database, "sqlite",                                               \
      "What keeps the records. This version keeps them in a file of SQLite in the data folder.")                            \
    T(redis_url, "REDIS_URL", "disabled", conf__check_redis, "disabled",                                                    \
      "What carries live events between servers. This version runs as one server and carries them itself.")                 \
    N(max_content_bytes, "MAX_CONTENT_LENGTH", 16777216, 1024, 1073741824,                                                  \
      "The largest upload in bytes. A larger one is refused with 413 before it is read.")                                   \
    N(max_uploads, "PRISM_MAX_UPLOADS", 32, 1, 10000,                                                                       \
      "Uploads that may run at once; one more is told to come again in a moment.")                                          \
    N(session_timeout_s, "SESSION_TIMEOUT", 3600, 1, 31536000,                                                              \
      "Seconds without a request after which a visitor is forgotten and the documents of that visitor are no longer "       \
      "reached. Not of a server that is bound to loopback: nobody on the same machine loses work to a pause.")              \
    C(secure_cookies, "PRISM_SECURE_COOKIES", "auto", conf_secure_cookies,                                                  \
      "Whether cookies are for https only. auto: when the proxy says that the request came by https "                       \
      "(X-Forwarded-Proto); always: also when it does not say so.")                                                         \
    L(trusted_proxies, "PRISM_TRUSTED_PROXIES", "127.0.0.0/8,::1: this machine", conf__check_network,                       \
      "addresses and networks (10.0.0.0/8), or none",                                                                       \
      "Proxies in front of the server. What they say of the client (X-Forwarded-For, X-Forwarded-Proto, "                   \
      "X-Forwarded-Host, Forwarded) is believed; nobody else's word is. none: nobody is a proxy.")                          \
    N(workers, "PRISM_WORKERS", 0, 0, 1024,                                                                                 \
      "Threads that answer requests which read or write records and files. 0: twice the processors, at least 4.")           \
    N(io_threads, "PRISM_IO_THREADS", 0, 0, 256,                                                                            \
      "Threads that move bytes between the network and the server. 0: one a processor, at most 8.")                         \
    N(job_workers, "PRISM_JOB_WORKERS", 0, 0, 256, "Reviews that run at once. 0: one a processor.")                         \
    N(max_connections, "PRISM_MAX_CONNECTIONS", 12000, 16, 1000000,                                                         \
      "Connections that are open at once; further ones wait for a free place. Needs as many open files of the system "      \
      "(ulimit -n).")                                                                                                       \
    N(max_connections_per_client, "PRISM_MAX_CONNECTIONS_PER_CLIENT", 256, 1, 1000000,                                      \
      "Connections from one address. Those of a trusted proxy are not counted so.")                                         \
    N(graceful_timeout_s, "PRISM_GRACEFUL_TIMEOUT", 60, 0, 86400,                                                           \
      "Seconds that requests and reviews have to end when the server is told to stop or is replaced (SIGTERM, SIGHUP). "    \
      "Reviews that need longer are begun again by the next server.")                                                       \
    T(framework, "PRISM_FRAMEWORK", "", conf__check_text, "the name of a framework, or nothing",                            \
      "The framework that documents are reviewed against unless the one who uploads chooses another. Nothing: the "         \
      "one whose words fit the document.")                                                                                  \
    P(rules_file, "PRISM_RULES", "the rules' own settings",                                                                 \
      "A JSON file of settings for the rules, as for prism review --rules.")                                                \
    C(access_log, "PRISM_ACCESS_LOG", "none", conf_access_logs,                                                             \
      "A line for each request on standard output: combined, as nginx and Apache write it, or gunicorn, which adds the "    \
      "microseconds. The log of the program itself, with requests that change something or fail, goes to standard error.")  \
    C(metrics, "PRISM_METRICS", "local", conf_metrics,                                                                      \
      "Who may read GET /metrics. local: clients on the same machine; all: everybody who reaches the server; off: nobody.") \
    C(log_level, "PRISM_LOG_LEVEL", "info", conf_log_levels, "The least level that is logged.")                             \
    C(log_format, "PRISM_LOG_FORMAT", "auto", conf_log_formats,                                                             \
      "How a line of the log looks. auto: text on a terminal, else JSON.")
