/* What a kind of bus implements. bus.c checks what callers hand in, so that each kind need not. */
#pragma once

#include "bus/bus.h"

struct bus_ops {
    void (*publish)(struct bus *b, struct str topic, struct str payload);
    enum err (*listen)(struct bus *b, struct str topic, struct bus_handler handler, struct bus_listener **ret,
                       struct error *e);
    void (*unlisten)(struct bus *b, struct bus_listener *l);
    void (*free)(struct bus *b);
};

/* The first member of every kind. */
struct bus {
    const struct bus_ops *ops;
};
