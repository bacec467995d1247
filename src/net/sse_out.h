/* A stream of server-sent events to one client. Whoever has something to say appends it to the stream's buffer and goes on; the io thread sends
 * it when the client's socket takes it. No thread belongs to a stream. A comment is sent every NET_SSE_HEARTBEAT_MS of silence, so that proxies
 * keep the line open and a client that is gone is noticed (within two heartbeats).
 * A reader that lets more than NET_SSE_BUFFER_MAX bytes wait is told `event: reload` and dropped: its page then asks for the state anew.
 * When the server drains, streams are told `event: reconnect` and end; EventSource comes back by itself, to the next process.
 * Thread: any for everything here; callbacks come on an io thread. Source: the HTML standard, 9.2 Server-sent events. */
#pragma once

#include "base/str.h"
#include "net/request.h"

#define NET_SSE_BUFFER_MAX   ((size_t)64 * 1024)
#define NET_SSE_HEARTBEAT_MS 15000

struct net_sse;

/* A stream that will answer rq (hand it to net_response_stream in the same handler). Events may be sent to it at once; they wait until the
 * answer has begun. The caller has one reference and gives it back with net_sse_unref, when it likes.
 * on_close(ctx, stream): exactly once, without a lock held, when the stream is over, whatever ended it: client, slowness, drain,
 * net_sse_close, a handler that failed or answered otherwise. It may not wait. May be NULL.
 * NULL when there is no memory (on_close is not called then). */
struct net_sse *net_sse_new(struct net_request *rq, void (*on_close)(void *ctx, struct net_sse *stream),
                            void *ctx) MUST_USE;

/* Appends one event. event: name, without line ends, .n 0 for none ("message"); id: without line ends or NUL, .n 0 for none; data: any text (lines are
 * split). All are copied. false when the stream is over or was dropped just now: nothing more can come. Events go out in the order of sends. */
bool net_sse_send(struct net_sse *s, struct str event, struct str id, struct str data);

/* From now on so many bytes may wait instead of NET_SSE_BUFFER_MAX: for who sends in one go what it has, and knows how much that can be. */
void net_sse_allow(struct net_sse *s, size_t bytes);

/* Ends the stream after what was sent so far. Again: nothing. */
void net_sse_close(struct net_sse *s);

struct net_sse *net_sse_ref(struct net_sse *s);
void net_sse_unref(struct net_sse *s); /* s may be NULL */
