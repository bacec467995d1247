/* The time limits of a call: which one it is under, and what is said when it has passed.
 * They are ours: libcurl has one time-out for all, and an operator must be told which of five it was. They are looked at when the first of
 * them can have passed (h->look_ns), not by a timer each; a piece that comes only moves the moment that its silence is counted from. */
#include "base/time.h"
#include "client/http_priv.h"

#define MS_NS ((int64_t)1000000)

void client__limit_passed(struct client_http_call *c, const char *reason, const char *what, int64_t ms)
{
    (void)error_set_reason(&c->failed, ERR_UPSTREAM, reason, "%s %s within %g s", c->host, what, (double)ms / 1000);
    (void)error_hint(&c->failed, "%s",
                     c->phase == CLIENT__CONNECTING
                         ? "Look at the address, at the network between here and there, and at the proxy settings."
                         : "Try again; if it stays so, the service is overloaded, or the limit is too tight.");
}

/* When the limit of the phase that c is in is passed; INT64_MAX: never. */
int64_t client__phase_deadline(const struct client_http_call *c)
{
    int64_t ms = c->phase == CLIENT__CONNECTING ? c->limits.connect_ms
                 : c->phase == CLIENT__WAITING  ? c->limits.first_byte_ms
                                                : c->limits.stall_ms;
    bool stands_still = c->phase == CLIENT__RECEIVING && (c->held || atomic_load(&c->paused));
    return ms > 0 && !stands_still ? c->phase_ns + ms * MS_NS : INT64_MAX;
}

int64_t client__whole_deadline(const struct client_http_call *c)
{
    return c->limits.whole_ms > 0 ? c->began_ns + c->limits.whole_ms * MS_NS : INT64_MAX;
}

void client__look_by(struct client_http *h, int64_t ns)
{
    if (ns < h->look_ns) h->look_ns = ns;
}

void client__phase_set(struct client_http_call *c, enum client__phase phase)
{
    c->phase = phase;
    c->phase_ns = time_monotonic_ns();
    client__look_by(c->h, client__phase_deadline(c));
}

void client_http_stall_limit(struct client_http_call *c, int64_t stall_ms)
{
    c->limits.stall_ms = stall_ms;
    client__look_by(c->h, client__phase_deadline(c));
}

/* Fills c->failed when a limit is passed. */
bool client__limit_check(struct client_http_call *c, int64_t now)
{
    if (client__phase_deadline(c) <= now) {
        if (c->phase == CLIENT__CONNECTING)
            client__limit_passed(c, "connect_timeout", "could not be reached", c->limits.connect_ms);
        else if (c->phase == CLIENT__WAITING)
            client__limit_passed(c, "first_byte_timeout", "did not begin to answer", c->limits.first_byte_ms);
        else
            client__limit_passed(c, "stall_timeout", "fell silent in the middle of its answer and sent nothing",
                                 c->limits.stall_ms);
        return true;
    }
    if (client__whole_deadline(c) > now) return false;
    client__limit_passed(c, "whole_timeout", "was not done with its answer", c->limits.whole_ms);
    return true;
}
