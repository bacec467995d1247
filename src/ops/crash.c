/* In a handler of a fault next to nothing may be called: no allocation, no stdio, no lock. backtrace() is loaded before the first fault, as its
 * first call allocates. Addresses are of a position-independent program: "prism(+0x1234)" is read with addr2line -e prism 0x1234. */
#include "ops/crash.h"

#include <execinfo.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define FRAMES_MAX 64

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifndef SANITIZED

static void say(const char *text) { (void)!write(STDERR_FILENO, text, strlen(text)); }

static void on_fault(int signal_number)
{
    void *frames[FRAMES_MAX];
    const char *name = sigabbrev_np(signal_number);
    say("prism died of SIG");
    say(name ? name : "?");
    say("; its stack, innermost first:\n");
    backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), STDERR_FILENO);
    /* SA_RESETHAND: the signal now has its own way */
    (void)raise(signal_number);
}

void ops_crash_report(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS};
    void *frame = NULL;
    (void)backtrace(&frame, 1);
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = (int)SA_RESETHAND | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        (void)sigaction(faults[i], &action, NULL);
}

#else

void ops_crash_report(void) {}

#endif
