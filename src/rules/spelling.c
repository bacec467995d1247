/* The dictionary behind the spelling rule: hunspell with en_US.
 *
 * Threads: hunspell does not document its handle as safe to share, and its lookups do write into buffers of the handle. An engine is
 * shared by all threads, so a mutex guards each lookup. Rejected: a handle a run (loading takes as long as reviewing twenty
 * documents, and 15 MB each) and a pool of handles (a rule looks each distinct word up once, about 1 µs a word: the lock is
 * held for less than one percent of a review).
 * Loading takes a tenth of a second, which a server that starts must not wait for: there a thread loads, and whoever asks
 * first waits for it.
 * Suggestions are our own: every word at one slip's distance that the dictionary knows. Rejected: Hunspell_suggest, which takes tens of milliseconds
 * a word, and ranks by likeness without saying when there is exactly one candidate, which is what allows an exact rewrite.
 * Hunspell needs 5 µs to find that a word is unknown (it tries every affix), and a word has five hundred neighbours. So a candidate with
 * three letters in a row that no root of the dictionary has is not looked up: that leaves one in seven.
 * Limits: ASCII words for suggestions; the encoding of the dictionary is taken as UTF-8, and words with other characters are only looked up
 * when it is. */
#include "rules/spelling.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <hunspell/hunspell.h>

#include "base/fs.h"

#define SYSTEM_FOLDER "/usr/share/hunspell"
#define DICTIONARY    "en_US"
#define DIC_BYTES_MAX ((size_t)64 << 20)
#define PATH_BYTES    4096
#define SYMBOLS       27 /* a–z, and the start of a word */

struct rules__dictionary {
    char aff[PATH_BYTES], dic[PATH_BYTES];
    pthread_t loader; /* when has_loader */
    bool has_loader;
    pthread_cond_t loaded;
    pthread_mutex_t lock; /* guards is_loaded, and what handle points to */
    bool is_loaded;       /* what follows is complete and, but for what handle points to, does not change any more */
    bool failed;          /* it could not be loaded: no memory, or a file that changed under us */
    Hunhandle *handle;
    bool utf8;
    bool trigrams[SYMBOLS * SYMBOLS * SYMBOLS]; /* three letters in a row that some root has */
};

static bool is_letter(char c) { return (unsigned)((unsigned char)c | 0x20) - 'a' < 26u; }

/* The place of word[at - 2 .. at] in trigrams; what is before the word is its start. */
static size_t trigram(const char *word, size_t at)
{
    size_t place = 0;
    for (size_t i = 0; i < 3; i++) {
        size_t symbol = at + i < 2 ? SYMBOLS - 1 : (size_t)((word[at + i - 2] | 0x20) - 'a');
        place = place * SYMBOLS + symbol;
    }
    return place;
}

/* The roots of the .dic file: a word a line, up to its flags. */
static enum err learn_trigrams(struct rules__dictionary *s, const char *path, struct error *e)
{
    CLEANUP_ARENA struct arena *a = arena_new(DIC_BYTES_MAX + (1 << 20));
    if (!a) return error_no_memory(e);
    struct str text = STR_EMPTY;
    TRY(fs_read(a, path, DIC_BYTES_MAX, &text, e));
    for (size_t at = 0, start = 0; at < text.n; at++) {
        if (text.p[at] == '\n') start = at + 1;
        if (text.p[at] == '/') /* flags follow */
            while (at + 1 < text.n && text.p[at + 1] != '\n')
                at++;
        else if (is_letter(text.p[at]))
            s->trigrams[trigram(text.p + start, at - start)] = true;
        else if (!is_letter(text.p[at]))
            start = at + 1; /* an apostrophe or a hyphen parts words here */
    }
    return ERR_OK;
}

/* folder/en_US.ext in buf; false when it is too long. */
static bool path_of(const char *folder, const char *ext, char *buf, size_t size)
{
    int n = snprintf(buf, size, "%s/" DICTIONARY "%s", folder, ext);
    return n > 0 && (size_t)n < size;
}

static enum err load(struct rules__dictionary *s, struct error *e)
{
    Hunhandle *handle = Hunspell_create(s->aff, s->dic);
    enum err err = handle ? learn_trigrams(s, s->dic, e) : error_no_memory(e);
    const char *encoding = handle ? Hunspell_get_dic_encoding(handle) : NULL;
    (void)pthread_mutex_lock(&s->lock);
    s->handle = handle;
    s->failed = err != ERR_OK;
    s->utf8 = encoding && strcmp(encoding, "UTF-8") == 0;
    s->is_loaded = true;
    (void)pthread_cond_broadcast(&s->loaded);
    (void)pthread_mutex_unlock(&s->lock);
    return err;
}

static void *loader_main(void *object)
{
    struct error e;
    (void)load(object, &e); /* who asks learns of it by spelling_ready */
    return NULL;
}

enum err spelling_new(const char *folder, bool in_background, struct rules__dictionary **ret, struct error *e)
{
    struct rules__dictionary *s = calloc(1, sizeof(*s));
    if (!s) return error_no_memory(e);
    if (!folder) folder = SYSTEM_FOLDER;
    if (!path_of(folder, ".aff", s->aff, sizeof(s->aff)) || !path_of(folder, ".dic", s->dic, sizeof(s->dic)) ||
        access(s->aff, R_OK) != 0 || access(s->dic, R_OK) != 0) {
        free(s);
        (void)error_set_reason(e, ERR_NOT_FOUND, "no_dictionary", "there is no dictionary " DICTIONARY " in \"%s\"",
                               folder);
        return error_hint(e, "Install the package hunspell-en-us, or name the folder of " DICTIONARY ".aff and .dic.");
    }
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->loaded, NULL);
    s->has_loader = in_background && pthread_create(&s->loader, NULL, loader_main, s) == 0;
    enum err err = s->has_loader ? ERR_OK : load(s, e);
    if (err != ERR_OK) {
        spelling_free(s);
        return err;
    }
    *ret = s;
    return ERR_OK;
}

void spelling_free(struct rules__dictionary *s)
{
    if (!s) return;
    if (s->has_loader) (void)pthread_join(s->loader, NULL);
    (void)pthread_cond_destroy(&s->loaded);
    (void)pthread_mutex_destroy(&s->lock);
    if (s->handle) Hunspell_destroy(s->handle);
    free(s);
}

bool spelling_ready(struct rules__dictionary *s)
{
    (void)pthread_mutex_lock(&s->lock);
    while (!s->is_loaded)
        (void)pthread_cond_wait(&s->loaded, &s->lock);
    bool ready = !s->failed;
    (void)pthread_mutex_unlock(&s->lock);
    return ready;
}

/* word is NUL-terminated. */
static bool lookup(struct rules__dictionary *s, const char *word)
{
    (void)pthread_mutex_lock(&s->lock);
    bool known = Hunspell_spell(s->handle, word) != 0;
    (void)pthread_mutex_unlock(&s->lock);
    return known;
}

static bool is_ascii(struct str word)
{
    for (size_t i = 0; i < word.n; i++)
        if ((unsigned char)word.p[i] >= 0x80) return false;
    return true;
}

bool spelling_knows(struct rules__dictionary *s, struct str word)
{
    if (word.n == 0 || word.n > SPELLING_WORD_MAX || (!s->utf8 && !is_ascii(word))) return true;
    char buf[SPELLING_WORD_MAX + 1];
    memcpy(buf, word.p, word.n);
    buf[word.n] = '\0';
    return lookup(s, buf);
}

/* ---- words one slip away ---- */

struct near {
    struct rules__dictionary *spelling;
    struct arena *arena;
    struct str *found;
    size_t n, max;
    size_t *lookups; /* left */
    bool no_memory;
};

static bool is_plausible(const struct rules__dictionary *s, struct str word)
{
    for (size_t at = 0, start = 0; at < word.n; at++) {
        if (!is_letter(word.p[at]))
            start = at + 1;
        else if (!s->trigrams[trigram(word.p + start, at - start)])
            return false;
    }
    return true;
}

static void try_candidate(struct near *near, const char *candidate)
{
    struct str s = str_from_c(candidate);
    if (near->n == near->max || near->no_memory || !is_plausible(near->spelling, s)) return;
    for (size_t i = 0; i < near->n; i++)
        if (str_eq(near->found[i], s)) return;
    if (*near->lookups == 0) return;
    --*near->lookups;
    if (!lookup(near->spelling, candidate)) return;
    struct str copy = str_dup(near->arena, s);
    if (!copy.p)
        near->no_memory = true;
    else
        near->found[near->n++] = copy;
}

/* Two letters swapped, a letter doubled that is not, or not doubled that is: by far the most frequent slips. */
static void try_frequent(struct near *near, struct str w)
{
    char c[SPELLING_WORD_MAX + 2];
    for (size_t i = 0; i < w.n; i++) {
        if (i + 1 < w.n && w.p[i] != w.p[i + 1]) {
            memcpy(c, w.p, w.n);
            c[w.n] = '\0';
            c[i] = w.p[i + 1];
            c[i + 1] = w.p[i];
            try_candidate(near, c);
        }
        bool doubled = i + 1 < w.n && w.p[i] == w.p[i + 1];
        size_t behind = doubled ? i + 1 : i; /* the letter at i once or twice, then the rest from behind */
        memcpy(c, w.p, i + 1);
        memcpy(c + i + 1, w.p + behind + (doubled ? 1 : 0), w.n - behind - (doubled ? 1 : 0));
        c[doubled ? w.n - 1 : w.n + 1] = '\0';
        try_candidate(near, c);
    }
}

static void try_deletions(struct near *near, struct str w)
{
    char c[SPELLING_WORD_MAX + 2];
    for (size_t i = 0; i < w.n && w.n > 2; i++) {
        memcpy(c, w.p, i);
        memcpy(c + i, w.p + i + 1, w.n - i - 1);
        c[w.n - 1] = '\0';
        try_candidate(near, c);
    }
}

static void try_insertions_and_changes(struct near *near, struct str w)
{
    char c[SPELLING_WORD_MAX + 2];
    for (size_t i = 0; i <= w.n; i++) {
        memcpy(c, w.p, i);
        memcpy(c + i + 1, w.p + i, w.n - i);
        c[w.n + 1] = '\0';
        for (char letter = 'a'; letter <= 'z'; letter++) {
            c[i] = letter;
            try_candidate(near, c);
        }
    }
    for (size_t i = 0; i < w.n; i++) {
        memcpy(c, w.p, w.n);
        c[w.n] = '\0';
        for (char letter = 'a'; letter <= 'z'; letter++) {
            c[i] = letter;
            if (letter != w.p[i]) try_candidate(near, c);
        }
    }
}

enum err spelling_near(struct rules__dictionary *s, struct str word, struct str *ret, size_t max, size_t *lookups,
                       size_t *ret_n, struct arena *a, struct error *e)
{
    struct near near = {.spelling = s, .arena = a, .found = ret, .max = max, .lookups = lookups};
    if (word.n >= 2 && word.n <= SPELLING_WORD_MAX && is_ascii(word)) {
        try_frequent(&near, word);
        if (near.n == 0) {
            try_deletions(&near, word);
            try_insertions_and_changes(&near, word);
        }
    }
    if (near.no_memory) return error_no_memory(e);
    *ret_n = near.n;
    return ERR_OK;
}
