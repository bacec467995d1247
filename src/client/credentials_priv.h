/* What the files of the credentials share: credentials.c keeps keys and goes through the sources, credentials_files.c reads profiles,
 * credentials_remote.c asks STS, containers and instances. */
#pragma once

#include "base/sb.h"
#include "client/credentials.h"

/* One search. */
struct client__search {
    const struct client_credentials_options *o;
    struct arena *arena; /* where the keys go */
    char tried[512];     /* "; "-joined: why each source was passed over; cut when it is longer */
};

/* A variable that is set and not empty, or .p NULL. */
struct str client__env(const struct client_credentials_options *o, const char *name);
/* Why a source was passed over, a few words. */
void client__tried(struct client__search *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A source fills *ret and sets *found, or notes why it has nothing (client__tried) and leaves *found. */
enum err client__keys_from_profile(struct client__search *s, struct client_keys *ret, bool *found,
                                   struct error *e) MUST_USE;
enum err client__keys_from_web_identity(struct client__search *s, struct client_keys *ret, bool *found,
                                        struct error *e) MUST_USE;
enum err client__keys_from_container(struct client__search *s, struct client_keys *ret, bool *found,
                                     struct error *e) MUST_USE;
enum err client__keys_from_instance(struct client__search *s, struct client_keys *ret, bool *found,
                                    struct error *e) MUST_USE;

/* AssumeRoleWithWebIdentity. session: may be empty. */
enum err client__keys_from_sts(struct client__search *s, struct str role, struct str session, struct str token_file,
                               struct client_keys *ret, struct error *e) MUST_USE;

/* Of the environment and the profile; .p NULL: neither. */
enum err client__region_local(struct client__search *s, struct str *ret, struct error *e) MUST_USE;
/* Of the instance; .p NULL and a note: there is none. */
enum err client__region_of_instance(struct client__search *s, struct str *ret, struct error *e) MUST_USE;
