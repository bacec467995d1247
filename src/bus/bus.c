/* The bus, whatever its kind: checks, and the call of the kind's own function. */
#include "bus/bus.h"

#include <assert.h>

#include "bus/bus_priv.h"

static bool is_topic(struct str topic) { return topic.n > 0 && topic.n <= BUS_TOPIC_MAX; }

void bus_free(struct bus *b)
{
    if (b) b->ops->free(b);
}

void bus_publish(struct bus *b, struct str topic, struct str payload)
{
    assert(is_topic(topic));
    b->ops->publish(b, topic, payload);
}

enum err bus_listen(struct bus *b, struct str topic, struct bus_handler handler, struct bus_listener **ret,
                    struct error *e)
{
    assert(is_topic(topic) && handler.message && handler.lost);
    return b->ops->listen(b, topic, handler, ret, e);
}

void bus_unlisten(struct bus *b, struct bus_listener *l)
{
    if (l) b->ops->unlisten(b, l);
}
