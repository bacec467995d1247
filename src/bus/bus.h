/* The bus: small messages by topic, from whoever knows that something happened to whoever shows it live. It carries only what is live: what
 * must survive is in the store before it is published, so that a listener who has missed something reads it there.
 * Publishing never waits and never fails. The queue has a maximum; a message that finds no room is dropped, and each listener of its topic
 * is told by `lost` that it must read again. Thread: any, unless said otherwise. */
#pragma once

#include "base/str.h"

#define BUS_TOPIC_MAX   128   /* bytes */
#define BUS_PAYLOAD_MAX 65536 /* bytes; a larger one counts as dropped */

struct bus;
struct bus_listener;

/* What a listener does; called on the bus's own thread, one call at a time on the whole bus, no lock held: it must not wait for long.
 * It may publish, listen and unlisten others, but not itself. topic and payload are valid during the call. */
struct bus_handler {
    void (*message)(void *ctx, struct str topic, struct str payload);
    /* Messages of this topic were dropped; some that were published before may still come. */
    void (*lost)(void *ctx, struct str topic);
    void *ctx; /* borrowed until bus_unlisten has returned */
};

struct bus_local_options {
    size_t queue_max;       /* messages that may wait */
    size_t queue_max_bytes; /* and their bytes, topics and payloads */
};
#define BUS_LOCAL_DEFAULTS                                                                                             \
    {                                                                                                                  \
        .queue_max = 8192, .queue_max_bytes = (size_t)8 << 20                                                          \
    }

/* A bus within this process; starts its thread. ERR_LIMIT no memory or no thread. Caller frees with bus_free. */
enum err bus_local_new(const struct bus_local_options *options, struct bus **ret, struct error *e) MUST_USE;

/* Stops the thread; what waits is not delivered. Every listener is gone already. b may be NULL. Thread: not the bus's. */
void bus_free(struct bus *b);

/* Both are copied. Messages of one publishing thread come in its order. topic: 1 to BUS_TOPIC_MAX bytes. */
void bus_publish(struct bus *b, struct str topic, struct str payload);

/* Every message that is published on topic after this returned comes to handler (or `lost` is called). ERR_LIMIT no memory. */
enum err bus_listen(struct bus *b, struct str topic, struct bus_handler handler, struct bus_listener **ret,
                    struct error *e) MUST_USE;

/* After it has returned, no call of the handler runs or will come. Waits for a call that is running, so: no lock is held.
 * l may be NULL. */
void bus_unlisten(struct bus *b, struct bus_listener *l);
