/* The parts of a form as they are received: a sink for net/multipart.h that keeps each part's bytes in a spool. Private to net. */
#pragma once

#include "net/multipart.h"
#include "net/request.h"

struct net_form;

/* A form for rq (its Content-Type is rq's header), in rq->arena; what it holds is released with the arena. file_memory: bytes of a file that stay
 * in memory. ERR_INVALID "bad_multipart". */
enum err net__form_new(struct net_request *rq, size_t file_memory, const char *folder, struct net_form **ret_form,
                       struct error *e) MUST_USE;
/* As net_multipart_feed; ERR_LIMIT "field_too_large" for a part that is no file and longer than NET_FIELD_MAX; errors of the spool. */
#define NET_FIELD_MAX ((size_t)64 * 1024)
enum err net__form_feed(struct net_form *f, struct str bytes, struct error *e) MUST_USE;
/* The form is whole: sets rq->parts. */
enum err net__form_finish(struct net_form *f, struct net_request *rq, struct error *e) MUST_USE;
