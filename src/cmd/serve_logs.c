/* Logs in files, for who has nothing that takes standard output and standard error: both are then replaced by files, so that whatever is written there, a
 * crash's stack too, goes the same way. On SIGUSR1 the files are opened anew by their paths, as whoever rotates logs moves them away before. That happens
 * in the handler of the signal, at once, since open and dup2 are allowed there: a line goes to the old file or to the new one, none is lost, and it works in each
 * moment of a server's life, also while it ends its last requests.
 * SIGUSR1 is ignored from the first moment (cmd_serve), and by a supervisor always, which takes it as data: what is ignored stays so in a new server
 * process, where a handler would become the default, which kills. So one that comes early harms nobody. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cmd/serve_priv.h"

enum { FILE_MODE = 0640, TERMINAL_FD_LEAST = 16 /* clear of the numbers that a server gets */ };

/* Set before the handler is, and never changed. */
static struct {
    const char *path; /* NULL: no file */
    int fd;           /* what it replaces */
} files[] = {{NULL, STDERR_FILENO}, {NULL, STDOUT_FILENO}};

static int terminal_fd = -1; /* what standard error was */

static int file_open(const char *path) { return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, FILE_MODE); }

static void reopen(int signal_number)
{
    static const char failed[] = "prism could not open a log file anew; it goes on with the old one\n";
    int cause = errno;
    (void)signal_number;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (!files[i].path) continue;
        int fd = file_open(files[i].path);
        if (fd < 0 || dup2(fd, files[i].fd) < 0) (void)!write(STDERR_FILENO, failed, sizeof failed - 1);
        if (fd >= 0) close(fd);
    }
    errno = cause;
}

bool cmd__logs_leave(void)
{
    (void)signal(SIGUSR1, SIG_IGN);
    return terminal_fd >= 0 && dup2(terminal_fd, STDERR_FILENO) >= 0;
}

void cmd__logs_reopen(void) { reopen(SIGUSR1); }

static enum err take(size_t i, struct str path, const char *setting, struct error *e)
{
    if (path.n == 0) return ERR_OK;
    if (i == 0) terminal_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, TERMINAL_FD_LEAST);
    int fd = file_open(path.p);
    if (fd < 0 || dup2(fd, files[i].fd) < 0) {
        error_set_reason(e, ERR_INVALID, "bad_setting", "%s: could not open \"%s\": %s", setting, path.p,
                         strerrordesc_np(errno));
        if (fd >= 0) close(fd);
        return error_hint(e, "Its folder must be there, and the server must be allowed to write in it.");
    }
    close(fd);
    files[i].path = path.p;
    return ERR_OK;
}

enum err cmd__logs_open(const struct conf *c, bool by_signal, struct error *e)
{
    struct sigaction action = {.sa_handler = reopen, .sa_flags = SA_RESTART};
    TRY(take(0, c->log_file, "PRISM_LOG_FILE", e));
    TRY(take(1, c->access_log_file, "PRISM_ACCESS_LOG_FILE", e));
    sigemptyset(&action.sa_mask);
    if (by_signal && (files[0].path || files[1].path)) (void)sigaction(SIGUSR1, &action, NULL);
    return ERR_OK;
}
