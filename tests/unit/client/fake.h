/* Servers for the tests of client: a program of tests/support that prints its port, and ends when this test does. */
#pragma once

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client_test.h"

struct fake {
    pid_t pid;
    int to; /* its standard input: it ends when this is closed */
    unsigned port;
};

/* argv[0] is looked up in the path; NULL-terminated. false: the program is not there, or says no port. */
static inline bool fake_start(struct fake *f, char *const argv[])
{
    int in[2], out[2];
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    f->pid = fork();
    assert_true(f->pid >= 0);
    if (f->pid == 0) {
        (void)dup2(in[0], 0);
        (void)dup2(out[1], 1);
        (void)execvp(argv[0], argv);
        _exit(127);
    }
    (void)close(in[0]);
    (void)close(out[1]);
    f->to = in[1];
    char text[32] = "";
    size_t n = 0;
    for (ssize_t got = 1; got > 0 && n < sizeof text - 1 && !memchr(text, '\n', n); n += got > 0 ? (size_t)got : 0)
        got = read(out[0], text + n, sizeof text - 1 - n);
    (void)close(out[0]);
    uint64_t port = 0;
    struct error e = {0};
    bool ok = str_to_u64(str_trim((struct str){text, n}), 1, 65535, &port, &e) == ERR_OK;
    f->port = (unsigned)port;
    return ok;
}

static inline void fake_stop(struct fake *f)
{
    if (f->pid <= 0) return;
    (void)close(f->to);
    (void)waitpid(f->pid, NULL, 0);
    f->pid = 0;
}

static inline const char *source_path(char *room, size_t n, const char *name)
{
    const char *source = getenv("TEST_SOURCE");
    (void)snprintf(room, n, "%s/%s", source ? source : ".", name);
    return room;
}
