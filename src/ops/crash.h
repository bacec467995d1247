/* A line and a stack on stderr when the process dies of a fault, and then the death itself, so that who watches sees the signal and a core can be
 * written. In a build with sanitizers nothing is done: they report better. Source: backtrace(3), sigaltstack(2). Thread: the main one, first. */
#pragma once

/* Threads that overflow their stack have no room to report; all other faults of all threads are. */
void ops_crash_report(void);
