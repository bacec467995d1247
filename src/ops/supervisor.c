/* A loop over one poll(2): signals come as data (signalfd), and each server that starts has a pipe on which it says that it is ready. All waiting is
 * by deadline, so there is no handler of a signal and nothing to race with.
 * Rejected: SO_REUSEPORT and a socket for each server (connections in the queue of the old one are lost when it closes it); passing the descriptor
 * over a Unix socket (inheriting it is simpler, and a newer program needs to know nothing); threads (fork and threads do not mix).
 * Limits: a change of PORT or PRISM_BIND needs a restart, since the socket stays. */
#include "ops/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "ops/child.h"
#include "ops/notify.h"

enum {
    SERVERS_MAX = 8, /* one at work, one that starts, and old ones that end their requests */
    PAUSE_FIRST_MS = 100,
    PAUSE_MAX_MS = 10000,
    STEADY_MS = 60000, /* a server that lived so long died of something new */
    FD_ABOVE = 16,     /* our copies of descriptors stay clear of the numbers that a server gets */
    EXIT_NO_PROGRAM = 127
};
#define MS ((int64_t)1000000)

enum state { GONE, STARTING, AT_WORK, ENDING };

struct server {
    enum state state;
    pid_t pid;
    int ready_fd;        /* STARTING; else -1 */
    int64_t deadline_ns; /* to be ready, or to be gone; 0: none */
    int64_t began_ns;
};

struct supervisor {
    const struct ops_supervisor_options *o;
    struct server servers[SERVERS_MAX];
    int listen_fd; /* -1: we are stopping */
    int lock_fd;   /* our copy */
    int signal_fd;
    bool was_ready; /* there was a server at work once */
    bool stopping;
    bool reload;                  /* asked for, not begun */
    int64_t start_at_ns;          /* a new server is due then; 0: none is */
    unsigned deaths;              /* in a row */
    unsigned all_deaths, reloads; /* ever: servers are told */
    bool over;
    int code;
};

static int64_t now(void) { return time_monotonic_ns(); }

static struct server *in_state(struct supervisor *s, enum state state)
{
    for (size_t i = 0; i < SERVERS_MAX; i++)
        if (s->servers[i].state == state) return &s->servers[i];
    return NULL;
}

static bool anybody(const struct supervisor *s)
{
    for (size_t i = 0; i < SERVERS_MAX; i++)
        if (s->servers[i].state != GONE) return true;
    return false;
}

/* --- starting a server --- */

static char *const *environment_for(const struct supervisor *s, bool first, char **room, size_t n)
{
    extern char **environ;
    static char first_word[] = OPS_CHILD_VARIABLE "=first", next_word[] = OPS_CHILD_VARIABLE "=next";
    static char restarts[sizeof OPS_CHILD_RESTARTS + 24];
    for (size_t i = 0; i < n; i++)
        room[i] = environ[i];
    room[n] = first ? first_word : next_word;
    (void)snprintf(restarts, sizeof restarts, OPS_CHILD_RESTARTS "=%u,%u", s->all_deaths, s->reloads);
    room[n + 1] = restarts;
    room[n + 2] = NULL;
    return room;
}

/* In the child: only calls that are safe after fork. */
_Noreturn static void become_server(const struct supervisor *s, int ready_fd, pid_t parent, char *const *environment)
{
    sigset_t none;
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(EXIT_NO_PROGRAM); /* it died before we asked to be told */
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(s->listen_fd, OPS_FD_LISTEN) < 0 || dup2(s->lock_fd, OPS_FD_LOCK) < 0 || dup2(ready_fd, OPS_FD_READY) < 0)
        _exit(EXIT_NO_PROGRAM);
    execve(s->o->program, s->o->argv, environment);
    _exit(EXIT_NO_PROGRAM);
}

/* Above the numbers that a server gets. */
static int moved_up(int fd)
{
    int up = fcntl(fd, F_DUPFD_CLOEXEC, FD_ABOVE);
    close(fd);
    return up;
}

static enum err cannot(const char *what, struct error *e)
{
    int cause = errno;
    error_set_reason(e, cause == ENOMEM || cause == EAGAIN || cause == EMFILE ? ERR_LIMIT : ERR_INTERNAL, "no_process",
                     "could not %s: %s", what, strerrordesc_np(cause));
    return error_hint(e, "The log of the system, and the limits of processes and open files, tell more.");
}

static enum err fork_server(struct supervisor *s, struct server *server, int ready_fd, struct error *e)
{
    extern char **environ;
    size_t n = 0;
    while (environ[n])
        n++;
    char **room = calloc(n + 3, sizeof *room);
    if (!room) return error_no_memory(e);
    char *const *environment = environment_for(s, !anybody(s), room, n);
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) become_server(s, ready_fd, parent, environment);
    free(room);
    if (pid < 0) return cannot("start a process", e);
    server->pid = pid;
    return ERR_OK;
}

static enum err start_server(struct supervisor *s, struct error *e)
{
    struct server *server = in_state(s, GONE);
    int ends[2];
    s->start_at_ns = 0;
    if (!server) return error_set_reason(e, ERR_BUSY, "no_process", "too many servers are still ending their requests");
    if (pipe2(ends, O_CLOEXEC) != 0) return cannot("open a pipe", e);
    int reading = moved_up(ends[0]), writing = moved_up(ends[1]);
    enum err err = reading < 0 || writing < 0 ? cannot("open a pipe", e) : fork_server(s, server, writing, e);
    if (writing >= 0) close(writing);
    if (err != ERR_OK) {
        if (reading >= 0) close(reading);
        return err;
    }
    server->state = STARTING;
    server->ready_fd = reading;
    server->began_ns = now();
    server->deadline_ns = server->began_ns + s->o->ready_ms * MS;
    return ERR_OK;
}

/* --- what happens to servers --- */

static void end_server(struct supervisor *s, struct server *server, int signal_number)
{
    (void)kill(server->pid, signal_number);
    if (server->ready_fd >= 0) close(server->ready_fd);
    server->ready_fd = -1;
    server->state = ENDING;
    server->deadline_ns = now() + s->o->grace_ms * MS;
}

static void is_ready(struct supervisor *s, struct server *server)
{
    struct server *old = in_state(s, AT_WORK);
    close(server->ready_fd);
    server->ready_fd = -1;
    server->state = AT_WORK;
    server->deadline_ns = 0;
    s->was_ready = true;
    log_info("server_ready", L_I64("pid", server->pid));
    ops_notify("READY=1\nSTATUS=serving");
    if (old) end_server(s, old, SIGUSR2);
}

/* What the pipe of a server says: a byte, or its end, which comes with the server's own. */
static void hear(struct supervisor *s, struct server *server)
{
    char byte = 0;
    ssize_t n = read(server->ready_fd, &byte, 1);
    if (n == 1) {
        is_ready(s, server);
    } else if (n == 0) {
        close(server->ready_fd);
        server->ready_fd = -1;
    }
}

static void start_later(struct supervisor *s)
{
    int64_t pause_ms = PAUSE_FIRST_MS;
    for (unsigned i = 1; i < s->deaths && pause_ms < PAUSE_MAX_MS; i++)
        pause_ms *= 2;
    s->start_at_ns = now() + (pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS) * MS;
}

static void log_death(const struct server *server, int status)
{
    bool by_signal = WIFSIGNALED(status);
    const char *name = by_signal ? sigabbrev_np(WTERMSIG(status)) : NULL;
    log_error("server_died", L_I64("pid", server->pid), L_C("signal", name ? name : ""),
              L_I64("exit", by_signal ? -1 : WEXITSTATUS(status)), L_BOOL("core", by_signal && WCOREDUMP(status)));
}

static void has_ended(struct supervisor *s, struct server *server, int status)
{
    enum state was = server->state;
    bool steady = was == AT_WORK && now() - server->began_ns >= STEADY_MS * MS;
    struct server gone = *server;
    if (server->ready_fd >= 0) close(server->ready_fd);
    *server = (struct server){.state = GONE, .ready_fd = -1};
    if (was == ENDING || s->stopping) {
        log_info("server_ended", L_I64("pid", gone.pid));
        return;
    }
    if (was == STARTING && !s->was_ready && WIFEXITED(status)) {
        s->over = true; /* it has said why it cannot start */
        s->code = WEXITSTATUS(status);
        return;
    }
    log_death(&gone, status);
    if (was == STARTING && in_state(s, AT_WORK)) {
        log_error("reload_failed", L_C("what", "the server that was at work goes on"));
        ops_notify("READY=1\nSTATUS=serving; the last reload failed");
        return;
    }
    s->deaths = steady ? 1 : s->deaths + 1;
    s->all_deaths++;
    start_later(s);
}

static void reap(struct supervisor *s)
{
    int status = 0;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < SERVERS_MAX; i++)
            if (s->servers[i].state != GONE && s->servers[i].pid == pid) has_ended(s, &s->servers[i], status);
}

static void tell_all(const struct supervisor *s, int signal_number)
{
    for (size_t i = 0; i < SERVERS_MAX; i++)
        if (s->servers[i].state != GONE) (void)kill(s->servers[i].pid, signal_number);
}

static void stop(struct supervisor *s, int signal_number)
{
    if (s->stopping) {
        tell_all(s, SIGKILL);
        return;
    }
    log_info("stopping", L_I64("signal", signal_number));
    ops_notify("STOPPING=1");
    s->stopping = true;
    close(s->listen_fd); /* who comes now is refused, not left waiting in a queue that nobody serves */
    s->listen_fd = -1;
    s->reload = false;
    s->start_at_ns = 0;
    for (size_t i = 0; i < SERVERS_MAX; i++)
        if (s->servers[i].state == STARTING || s->servers[i].state == AT_WORK) end_server(s, &s->servers[i], SIGTERM);
}

static void take_signals(struct supervisor *s)
{
    struct signalfd_siginfo info;
    while (read(s->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        switch ((int)info.ssi_signo) {
        case SIGTERM:
        case SIGINT: stop(s, (int)info.ssi_signo); break;
        case SIGUSR1:
            s->o->reopen_logs();
            tell_all(s, SIGUSR1);
            break;
        case SIGHUP:
            if (info.ssi_code == SI_KERNEL) /* the terminal was closed */
                stop(s, SIGHUP);
            else
                s->reload = !s->stopping;
            break;
        default: break; /* SIGCHLD: reap looks anyway */
        }
}

/* --- the loop --- */

static void begin_reload(struct supervisor *s)
{
    struct error e = {0};
    s->reload = false;
    s->reloads++;
    log_info("reloading");
    ops_notify("RELOADING=1");
    if (start_server(s, &e) == ERR_OK) return;
    log_error("reload_failed", L_ERROR(&e));
    ops_notify("READY=1\nSTATUS=serving; the last reload failed");
}

static void restart(struct supervisor *s)
{
    struct error e = {0};
    if (start_server(s, &e) == ERR_OK) return;
    log_error("start_failed", L_ERROR(&e));
    s->deaths++;
    start_later(s);
}

/* Deadlines that have come. */
static void keep_time(struct supervisor *s)
{
    for (size_t i = 0; i < SERVERS_MAX; i++) {
        struct server *server = &s->servers[i];
        if (server->state == GONE || server->deadline_ns == 0 || now() < server->deadline_ns) continue;
        log_warn(server->state == STARTING ? "server_not_ready" : "server_cut", L_I64("pid", server->pid));
        server->deadline_ns = 0;
        (void)kill(server->pid, SIGKILL);
    }
    if (s->start_at_ns != 0 && now() >= s->start_at_ns) restart(s);
    if (s->reload && in_state(s, AT_WORK) && !in_state(s, STARTING)) begin_reload(s);
}

static int64_t next_deadline(const struct supervisor *s)
{
    int64_t at = s->start_at_ns;
    for (size_t i = 0; i < SERVERS_MAX; i++) {
        int64_t its = s->servers[i].state == GONE ? 0 : s->servers[i].deadline_ns;
        if (its != 0 && (at == 0 || its < at)) at = its;
    }
    return at;
}

static void wait_for_something(struct supervisor *s)
{
    struct pollfd at[SERVERS_MAX + 1] = {{.fd = s->signal_fd, .events = POLLIN}};
    for (size_t i = 0; i < SERVERS_MAX; i++)
        at[i + 1] =
            (struct pollfd){.fd = s->servers[i].state == STARTING ? s->servers[i].ready_fd : -1, .events = POLLIN};
    int64_t due = next_deadline(s), left_ms = due ? (due - now() + MS - 1) / MS : -1;
    int timeout = due == 0 ? -1 : left_ms < 0 ? 0 : left_ms > 60000 ? 60000 : (int)left_ms;
    if (poll(at, SERVERS_MAX + 1, timeout) < 0) return; /* EINTR: looked at again */
    for (size_t i = 0; i < SERVERS_MAX; i++)
        if (at[i + 1].revents && s->servers[i].state == STARTING) hear(s, &s->servers[i]);
    take_signals(s);
    reap(s);
}

static enum err prepare(struct supervisor *s, struct error *e)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return cannot("block signals", e);
    s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s->signal_fd < 0) return cannot("open a descriptor for signals", e);
    s->listen_fd = moved_up(s->o->listen_fd);
    s->lock_fd = fcntl(s->o->lock_fd, F_DUPFD_CLOEXEC, FD_ABOVE);
    return s->listen_fd < 0 || s->lock_fd < 0 ? cannot("copy a descriptor", e) : ERR_OK;
}

enum err ops_supervise(const struct ops_supervisor_options *options, int *ret_code, struct error *e)
{
    struct supervisor s = {.o = options, .listen_fd = -1, .lock_fd = -1, .signal_fd = -1};
    for (size_t i = 0; i < SERVERS_MAX; i++)
        s.servers[i].ready_fd = -1;
    enum err err = prepare(&s, e);
    if (err == ERR_OK) err = start_server(&s, e);
    while (err == ERR_OK && !s.over && !(s.stopping && !anybody(&s))) {
        wait_for_something(&s);
        keep_time(&s);
    }
    tell_all(&s, SIGKILL);
    while (anybody(&s) && waitpid(-1, NULL, 0) > 0)
        ;
    if (s.signal_fd >= 0) close(s.signal_fd);
    if (s.listen_fd >= 0) close(s.listen_fd);
    if (s.lock_fd >= 0) close(s.lock_fd);
    if (err == ERR_OK) *ret_code = s.code;
    return err;
}
