/* TLS, as far as libmicrohttpd leaves it to be done: certificates are judged, handshakes wait, and a client that speaks plain HTTP is told so.
 * libmicrohttpd 0.9.75 asks again and again, as fast as it can, whether a handshake can go on, since it takes a socket for readable until a read of the
 * content has found it empty: one client that stops within its handshake keeps a thread busy. So the bytes of a session are read here, and where none
 * are there in a handshake, the connection is suspended until the watch thread finds its socket readable. libmicrohttpd promises suspension in its
 * callbacks only; it works within a handshake because its loop looks at a connection's state after each step. tests/integration/test_tls.py
 * measures that a waiting handshake takes no time of a processor, and would show another version that does otherwise.
 * Sessions are not resumed: a handshake with an elliptic key costs a millisecond, and keys of tickets would have to be shared by two servers.
 * Rejected: a thread that speaks TLS and passes plain bytes on (two more descriptors and copies a connection), a library of our choice (this one is what
 * Debian's libmicrohttpd is built with). Source: RFC 8446, 9325; GnuTLS, "Setting up the transport layer". */
#include "net/tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "net/tls_priv.h"

enum { FILE_MAX_BYTES = 1 << 20, KEY_ID_BYTES = 64, WOKEN_AT_ONCE = 64 };

const char net__tls_priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE";

/* --- certificates --- */

struct chain {
    gnutls_x509_crt_t *at;
    unsigned n;
};

static void chain_done(struct chain *c)
{
    for (unsigned i = 0; i < c->n; i++)
        gnutls_x509_crt_deinit(c->at[i]);
    gnutls_free(c->at);
}

static gnutls_datum_t datum(struct str s)
{
    union {
        const char *from;
        unsigned char *to;
    } p = {.from = s.p}; /* the library only reads it */
    return (gnutls_datum_t){p.to, (unsigned)s.n};
}

static enum err chain_read(struct str pem, const char *path, struct chain *ret, struct error *e)
{
    gnutls_datum_t d = datum(pem);
    int got =
        gnutls_x509_crt_list_import2(&ret->at, &ret->n, &d, GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_FAIL_IF_UNSORTED);
    if (got >= 0) return ERR_OK;
    *ret = (struct chain){0};
    if (got == GNUTLS_E_CERTIFICATE_LIST_UNSORTED) {
        error_set_reason(e, ERR_INVALID, "bad_certificate", "the certificates of \"%s\" are not in order", path);
        return error_hint(e, "The server's own comes first, then the one that vouches for it, and so on.");
    }
    error_set_reason(e, ERR_INVALID, "bad_certificate", "\"%s\" has no certificate in PEM that can be read", path);
    return error_detail(e, "%s", gnutls_strerror(got));
}

static enum err key_read(struct str pem, const char *path, gnutls_x509_privkey_t *ret, struct error *e)
{
    gnutls_datum_t d = datum(pem);
    if (gnutls_x509_privkey_init(ret) < 0) return error_no_memory(e);
    int got = gnutls_x509_privkey_import2(*ret, &d, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (got >= 0) return ERR_OK;
    bool locked = str_find(pem, STR("ENCRYPTED"), 0) != STR_NONE;
    error_set_reason(
        e, ERR_INVALID, "bad_key",
        locked ? "the key in \"%s\" has a passphrase" : "\"%s\" has no private key in PEM that can be read", path);
    if (locked) error_hint(e, "Nobody is there to type it: \"openssl pkey -in KEY -out NEW\" writes the key without.");
    return error_detail(e, "%s", gnutls_strerror(got));
}

static bool belong_together(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key)
{
    unsigned char a[KEY_ID_BYTES], b[KEY_ID_BYTES];
    size_t n_a = sizeof a, n_b = sizeof b;
    return gnutls_x509_crt_get_key_id(certificate, 0, a, &n_a) == 0 &&
           gnutls_x509_privkey_get_key_id(key, 0, b, &n_b) == 0 && n_a == n_b && memcmp(a, b, n_a) == 0;
}

static enum err judge(struct net_tls *tls, const char *certificate_path, const char *key_path, struct error *e)
{
    struct chain chain = {0};
    gnutls_x509_privkey_t key = NULL;
    enum err err = chain_read(tls->certificate, certificate_path, &chain, e);
    if (err == ERR_OK) err = key_read(tls->key, key_path, &key, e);
    if (err == ERR_OK && !belong_together(chain.at[0], key)) {
        err = error_set_reason(e, ERR_INVALID, "bad_key", "the key in \"%s\" is not that of the certificate in \"%s\"",
                               key_path, certificate_path);
        error_hint(e, "They are made together; after a renewal both files must be replaced.");
    }
    if (err == ERR_OK) {
        tls->from_unix_ms = (int64_t)gnutls_x509_crt_get_activation_time(chain.at[0]) * 1000;
        tls->until_unix_ms = (int64_t)gnutls_x509_crt_get_expiration_time(chain.at[0]) * 1000;
    }
    if (key) gnutls_x509_privkey_deinit(key);
    chain_done(&chain);
    return err;
}

enum err net_tls_load(struct arena *a, const char *certificate_path, const char *key_path, struct net_tls *ret,
                      struct error *e)
{
    struct net_tls made = {0};
    struct stat status;
    TRY(fs_read(a, certificate_path, FILE_MAX_BYTES, &made.certificate, e));
    TRY(fs_read(a, key_path, FILE_MAX_BYTES, &made.key, e));
    const char *certificate = str_to_c(a, made.certificate), *key = str_to_c(a, made.key);
    if (!certificate || !key) return error_no_memory(e);
    made.certificate.p = certificate;
    made.key.p = key;
    if (stat(key_path, &status) == 0) made.key_mode = status.st_mode & 0777;
    TRY(judge(&made, certificate_path, key_path, e));
    *ret = made;
    return ERR_OK;
}

bool net_tls_names(const struct net_tls *tls, const char *host)
{
    struct chain chain = {0};
    struct error ignored;
    if (chain_read(tls->certificate, "", &chain, &ignored) != ERR_OK) return false;
    bool is = gnutls_x509_crt_check_hostname(chain.at[0], host) != 0;
    chain_done(&chain);
    return is;
}

/* --- connections --- */

static const char says_http[] = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
                                "Connection: close\r\nContent-Length: 90\r\n\r\n"
                                "This port speaks https and was asked in plain http. Put https:// in front of "
                                "the address.\n";

/* What a client begins with: a handshake (a record of type 22) or a method. The answer to the latter is the last on this connection. */
static bool speaks_http(struct net__connection *c, unsigned char first)
{
    bool letter = (first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z');
    if (!letter) return false;
    c->linger = true;
    (void)!send(c->fd, says_http, sizeof says_http - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    return true;
}

static void wake(struct net__connection *c)
{
    if (c->asleep) net__resume(c->mhd);
    c->asleep = false;
}

/* The handshake has nothing to read: the connection sleeps until there is something. */
static void wait_for_client(struct net__connection *c)
{
    struct net_server *s = c->server;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data.ptr = c};
    lock_take(&s->lock);
    if (!s->quitting) { /* else the connection was shut down, and reads its end */
        net__suspend(c->mhd);
        c->asleep = true;
        if (epoll_ctl(s->hands_fd, c->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &event) == 0)
            c->watched = true;
        else /* no memory: it is asked again and again, as the library has it */
            wake(c);
    }
    lock_give(&s->lock);
}

static ssize_t pull(gnutls_transport_ptr_t object, void *to, size_t n)
{
    struct net__connection *c = object;
    if (!c->heard) {
        unsigned char first;
        ssize_t got = recv(c->fd, &first, 1, MSG_PEEK);
        c->heard = got == 1;
        if (got == 1 && speaks_http(c, first)) return 0;
    }
    ssize_t got = recv(c->fd, to, n, 0);
    if (c->shaken) return got;
    int cause = errno, one = 1;
    /* a client that sends its request behind the end of the handshake waits for our word that the latter has arrived */
    setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof one);
    if (got < 0 && cause == EAGAIN) wait_for_client(c);
    errno = cause;
    return got;
}

static int pull_timeout(gnutls_transport_ptr_t object, unsigned ms)
{
    const struct net__connection *c = object;
    char byte;
    (void)ms; /* nobody may wait here */
    ssize_t got = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && errno != EAGAIN ? -1 : got > 0;
}

static ssize_t push(gnutls_transport_ptr_t object, const void *from, size_t n)
{
    const struct net__connection *c = object;
    return send(c->fd, from, n, MSG_NOSIGNAL);
}

/* Our half of a handshake ends with the client's Finished: from now on its requests have their time. */
static int on_finished(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                       const gnutls_datum_t *message)
{
    struct net__connection *c = gnutls_transport_get_ptr(session);
    (void)type;
    (void)when;
    (void)message;
    if (!incoming) return 0;
    c->shaken = true;
    net__connection_phase(c, NET__IDLE);
    return 0;
}

void net__tls_begin(struct net__connection *c, struct MHD_Connection *mhd, void *session)
{
    int one = 1;
    c->mhd = mhd;
    c->session = session;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    net__connection_phase(c, NET__HANDSHAKE);
    gnutls_transport_set_ptr(session, c);
    gnutls_transport_set_pull_function(session, pull);
    gnutls_transport_set_pull_timeout_function(session, pull_timeout);
    gnutls_transport_set_push_function(session, push);
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST, on_finished);
}

bool net__tls_send(struct net__connection *c, struct str bytes)
{
    while (bytes.n > 0) {
        ssize_t n = gnutls_record_send(c->session, bytes.p, bytes.n);
        if (n == GNUTLS_E_INTERRUPTED) continue;
        if (n <= 0) return false;
        bytes = str_sub(bytes, (size_t)n, bytes.n);
    }
    return true;
}

void net__tls_wake(struct net_server *s)
{
    struct epoll_event events[WOKEN_AT_ONCE];
    int n;
    do {
        lock_take(&s->lock);
        n = epoll_wait(s->hands_fd, events, WOKEN_AT_ONCE, 0);
        for (int i = 0; i < n; i++)
            wake(events[i].data.ptr); /* it sleeps, or has only just been woken by the end, so it is there */
        lock_give(&s->lock);
    } while (n == WOKEN_AT_ONCE);
}

void net__tls_quit(struct net_server *s)
{
    s->quitting = true;
    for (struct net__connection *c = s->connections; c; c = c->next) {
        if (atomic_load(&c->phase) != NET__HANDSHAKE) continue;
        shutdown(c->fd, SHUT_RDWR);
        wake(c);
    }
}

void net__tls_end(struct net__connection *c)
{
    if (c->watched) epoll_ctl(c->server->hands_fd, EPOLL_CTL_DEL, c->fd, NULL);
}
