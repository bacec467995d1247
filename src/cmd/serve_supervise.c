/* The supervisor's half of prism serve: what outlives the server process is opened here, so that a server can be replaced without a moment in which
 * nobody listens, and no other server can take the data between two of ours.
 * Settings are read here to learn where to listen and what to lock; each server process reads them anew, so a reload (SIGHUP) takes a changed
 * prism.conf, but for PORT, PRISM_BIND and PRISM_DATA. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "base/time.h"
#include "cmd/serve_priv.h"
#include "net/listen.h"
#include "ops/notify.h"
#include "ops/program.h"
#include "ops/supervisor.h"
#include "store/store.h"

enum {
    ARENA_MAX = 8 << 20,
    PATH_BYTES = 4096,
    READY_MS = 60000,
    GRACE_MORE_MS = 5000, /* than the server itself takes, before it is ended by force */
    LOCK_TRY_MS = 20,
    LOCK_WAIT_MS = 3000 /* a server whose supervisor was killed needs a moment to be gone */
};

static enum err take_lock(const struct conf *c, int *ret_fd, struct error *e)
{
    TRY(fs_make_folders(c->data_folder.p, e));
    for (int waited_ms = 0;; waited_ms += LOCK_TRY_MS) {
        enum err err = store_lock_take(c->data_folder.p, ret_fd, e);
        bool held = err != ERR_OK && strcmp(e->reason, "store_in_use") == 0;
        if (!held || waited_ms >= LOCK_WAIT_MS) return err;
        (void)usleep(LOCK_TRY_MS * 1000);
    }
}

static enum err take_socket(const struct conf *c, int *ret_fd, struct error *e)
{
    *ret_fd = ops_socket_given();
    if (*ret_fd >= 0) return ERR_OK;
    enum err err = net_listen(c->bind.p, (unsigned)c->port, ret_fd, e);
    if (err == ERR_OK || strcmp(e->reason, "address_in_use") != 0) return err;
    return error_hint(
        e,
        "Another program listens there (ss -ltnp shows which). Stop it, or choose another port: PORT=%llu prism serve.",
        (unsigned long long)c->port + 1);
}

static enum err supervise(const struct conf *c, int listen_fd, int lock_fd, int *ret_code, struct error *e)
{
    char path[PATH_BYTES], name[] = "prism", command[] = "serve";
    char *argv[] = {name, command, NULL};
    if (ops_program_path(path, sizeof path, e) != ERR_OK) {
        close(listen_fd);
        return e->code;
    }
    struct ops_supervisor_options o = {.program = path,
                                       .argv = argv,
                                       .reopen_logs = cmd__logs_reopen,
                                       .listen_fd = listen_fd,
                                       .lock_fd = lock_fd,
                                       .ready_ms = READY_MS,
                                       .grace_ms = (unsigned)c->graceful_timeout_s * 1000 + GRACE_MORE_MS};
    return ops_supervise(&o, ret_code, e);
}

enum err cmd__supervise(int *ret_code, struct error *e)
{
    int listen_fd = -1, lock_fd = -1;
    struct conf conf;
    CLEANUP_ARENA struct arena *a = arena_new(ARENA_MAX);
    if (!a) return error_no_memory(e);
    const struct net_tls *tls;
    TRY(cmd__conf_load(a, &conf, e));
    TRY(cmd__tls_load(&conf, a, true, &tls, e));
    TRY(cmd__logs_open(&conf, false, e));
    log_start(STDERR_FILENO, (enum log_level)conf.log_level, (enum log_format)conf.log_format);
    enum err err = take_lock(&conf, &lock_fd, e);
    if (err == ERR_OK) err = take_socket(&conf, &listen_fd, e);
    if (err == ERR_OK) err = supervise(&conf, listen_fd, lock_fd, ret_code, e);
    if (lock_fd >= 0) close(lock_fd);
    log_stop();
    return err;
}
