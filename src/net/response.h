/* An answer being made by a handler. Errors stick (no memory, a header that is none): the server then answers 503 or 500 instead, so that a
 * handler says what it has to say and tests nothing. A handler that returns ERR_OK has set a status.
 * Every answer gets net's security headers, X-Request-Id, and "Cache-Control: no-store" unless the handler set another.
 * Thread: the handler's. Source: RFC 9110 (conditions 13, ranges 14), 6266 and 8187 (attachment names), 6265 (cookies). */
#pragma once

#include "base/str.h"

struct net_response;
struct net_sse;

void net_response_status(struct net_response *rs, int status); /* 200 … 599 */
/* Adds a header. name: a constant token; value: copied; CR, LF, NUL make it fail. Content-Length and Connection are net's own. */
void net_response_header(struct net_response *rs, const char *name, struct str value);
/* "Content-Type: type" and the body. type: a constant. bytes: borrowed until the answer was sent: in rq->arena, or static. */
void net_response_body(struct net_response *rs, const char *type, struct str bytes);
/* The file's bytes from 0 to size as the body; fd is taken over, whatever happens. Answers Range (one range; 416 "bad_range") by itself. */
void net_response_fd(struct net_response *rs, int fd, size_t size, const char *type);
/* The answer is a stream of events (200, text/event-stream). stream: from net_sse_new with this request; see net/sse_out.h. */
void net_response_stream(struct net_response *rs, struct net_sse *stream);
/* ETag: "tag" (strong; tag: visible ASCII without quotes, copied). GET with a matching If-None-Match is answered 304 without the body;
 * another method with If-Match that does not match is for the handler to refuse: net_etag_matches. */
void net_response_etag(struct net_response *rs, struct str tag);
/* Content-Disposition: attachment with this file name (UTF-8; without control characters and path separators in what is sent). */
void net_response_attachment(struct net_response *rs, struct str file_name);

/* Whether the list of an If-None-Match or If-Match header ("*", W/"a", "b") has the tag (weak comparison). */
bool net_etag_matches(struct str list, struct str tag);
