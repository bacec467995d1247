/* The server process's side of the supervisor (ops/supervisor.h): what it was given, and how it says that it is ready.
 * Thread: the main one, before others are started. */
#pragma once

#include <stdbool.h>

/* What a server finds open, by number. */
enum { OPS_FD_LISTEN = 3, OPS_FD_LOCK = 4, OPS_FD_READY = 5 };

/* Named in the environment of a server: how it was started ("first", "next"). */
#define OPS_CHILD_VARIABLE "_PRISM_SERVER"

/* Beside it: how often the supervisor has replaced a server that died, and how often it was told to reload, "2,1". */
#define OPS_CHILD_RESTARTS "_PRISM_RESTARTS"

enum ops_child_kind {
    OPS_CHILD_NONE,  /* nobody watches this process */
    OPS_CHILD_FIRST, /* the only server on its data: what others left running has ended with them */
    OPS_CHILD_NEXT   /* another one is still at work until this one is ready, and ends its requests beside it */
};

/* Takes the variable out of the environment and keeps the descriptors from programs that this process may start. */
enum ops_child_kind ops_child_take(void);
/* What ops_child_take found of them; 0 where a supervisor says nothing. */
struct ops_child_restarts {
    unsigned long deaths, reloads;
};
struct ops_child_restarts ops_child_restarts(void);

/* Requests are answered from now on. Once, and only by a child. */
void ops_child_ready(void);
