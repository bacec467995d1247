/* Requests counted: by type, path, status, minute, time, and checks of health by who asks.
 * Nothing here grows with the length of a log: paths, sources and minutes have a maximum each, and what finds no room is counted together, so the
 * sums stay right. Times are a histogram of sixteen buckets a power of two, which is within 6 % of the true quantile.
 * Checks of health are kept apart from the rest: fifty of them a minute hide any error of people. (Beanstalk's own numbers mix them.)
 * Paths lose their query, and parts that are ids become ":id", so that a route is one row. */
#include <stdlib.h>

#include "ops/logs_priv.h"

enum { PATH_SHOWN = 100, MINUTE_MS = 60000 };

static const char *const type_names[] = {
#define X(name, text) [LOGS_TYPE_##name] = (text),
    LOGS_TYPES(X)
#undef X
};

const char *logs__type_name(enum logs_type type) { return type_names[type]; }

void logs__requests_init(struct ops_logs *l)
{
    for (size_t i = 0; i < LOGS_ORIGIN_COUNT; i++) {
        struct logs_requests *r = &l->requests[i];
        r->first = r->last = LOGS_NO_TIME;
        r->paths = map_make(l->a);
        r->sources = map_make(l->a);
        r->all.min_bytes = r->checks.min_bytes = UINT64_MAX;
        for (size_t t = 0; t < LOGS_TYPE_COUNT; t++)
            r->types[t].min_bytes = UINT64_MAX;
    }
}

static void sum_add(struct logs_sum *s, int status, uint64_t bytes)
{
    s->n++;
    s->n2 += status / 100 == 2;
    s->n3 += status / 100 == 3;
    s->n4 += status / 100 == 4;
    s->n5 += status / 100 == 5;
    if (__builtin_add_overflow(s->bytes, bytes, &s->bytes)) s->bytes = UINT64_MAX;
    if (bytes > s->max_bytes) s->max_bytes = bytes;
    if (bytes < s->min_bytes) s->min_bytes = bytes;
}

/* --- types and paths --- */
static bool is_static(struct str path)
{
    static const char *const ends[] = {".js",  ".css", ".png",   ".jpg", ".jpeg", ".gif",  ".svg",
                                       ".ico", ".map", ".woff2", ".ttf", ".woff", ".webp", ".wasm"};
    if (str_starts(path, STR("/static/")) || str_starts(path, STR("/assets/"))) return true;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (str_ends(path, str_from_c(ends[i]))) return true;
    return false;
}

static enum logs_type type_of(const struct logs_request *rq, struct str path)
{
    if (rq->path.n == 0) return LOGS_TYPE_BROKEN;
    if (str_eq(path, STR("/health")) || str_eq(path, STR("/ready")) || str_starts(rq->agent, STR("ELB-HealthChecker")))
        return LOGS_TYPE_HEALTH;
    if (str_starts(path, STR("/api/"))) return LOGS_TYPE_API;
    bool reads = rq->method.n == 0 || str_eq(rq->method, STR("GET")) || str_eq(rq->method, STR("HEAD"));
    if (is_static(path)) return LOGS_TYPE_STATIC;
    if (!reads) return LOGS_TYPE_ACTION;
    if (str_eq(path, STR("/")) || str_ends(path, STR(".html"))) return LOGS_TYPE_PAGE;
    return LOGS_TYPE_VIEW;
}

/* Numbers, uuids, long words of digits and letters. */
static bool is_id(struct str part)
{
    size_t digits = 0;
    for (size_t i = 0; i < part.n; i++) {
        char c = part.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        digits += c >= '0' && c <= '9';
        if (!letter && c != '-' && c != '_' && !(c >= '0' && c <= '9')) return false;
    }
    return digits > 0 && (digits == part.n || part.n >= 20);
}

static void put_route(struct sb *b, struct str path)
{
    struct str rest = path;
    for (bool first = true; rest.p && b->n < PATH_SHOWN; first = false) {
        struct str part = str_cut(rest, '/', &rest);
        if (!first) sb_char(b, '/');
        if (is_id(part))
            SB_LIT(b, ":id");
        else
            sb_str(b, str_sub(part, 0, PATH_SHOWN));
    }
}

static struct logs_path *path_new(struct ops_logs *l, struct logs_requests *r, const struct logs_request *rq,
                                  struct str key, struct str route)
{
    struct logs_path *p = NEW(l->a, struct logs_path, 1);
    struct str own = str_dup(l->a, key);
    if (!p || !own.p || !map_put(&r->paths, own, p)) {
        l->no_memory = true;
        return NULL;
    }
    *p = (struct logs_path){.first_5xx = LOGS_NO_TIME, .sum.min_bytes = UINT64_MAX};
    p->method = logs__shown(l, rq->method, 16);
    p->path = logs__shown(l, route, PATH_SHOWN);
    r->n_paths++;
    return p;
}

static struct logs_path *path_of(struct ops_logs *l, struct logs_requests *r, const struct logs_request *rq,
                                 struct str path)
{
    CLEANUP_SB struct sb key = SB_INIT(1024);
    sb_str(&key, str_sub(rq->method, 0, 16));
    sb_char(&key, ' ');
    size_t start = key.n;
    put_route(&key, path);
    if (!sb_ok(&key)) {
        l->no_memory = true;
        return NULL;
    }
    struct logs_path *p = map_get(&r->paths, sb_view(&key));
    if (p) return p;
    if (r->n_paths < LOGS_PATHS_MAX) return path_new(l, r, rq, sb_view(&key), str_sub(sb_view(&key), start, key.n));
    if (r->rest) return r->rest;
    const struct logs_request any = {.method = STR_EMPTY};
    return r->rest = path_new(l, r, &any, STR("other paths"), STR("(other paths)"));
}

/* --- minutes --- */
static struct logs_minute *minute_of(struct ops_logs *l, struct logs_requests *r, int64_t at)
{
    int64_t minute = at / MINUTE_MS;
    if (!r->minutes) {
        r->minutes = NEW(l->a, struct logs_minute, LOGS_MINUTES_MAX);
        if (!r->minutes) {
            l->no_memory = true;
            return NULL;
        }
        for (size_t i = 0; i < LOGS_MINUTES_MAX; i++)
            r->minutes[i].minute = LOGS_NO_TIME;
    }
    for (size_t i = (size_t)minute * 0x9E3779B1u % LOGS_MINUTES_MAX;; i = (i + 1) % LOGS_MINUTES_MAX) {
        struct logs_minute *m = &r->minutes[i];
        if (m->minute == minute) return m;
        if (m->minute != LOGS_NO_TIME) continue;
        if (r->n_minutes >= LOGS_MINUTES_MAX / 4 * 3) return NULL;
        r->n_minutes++;
        m->minute = minute;
        return m;
    }
}

static void count_minute(struct ops_logs *l, struct logs_requests *r, const struct logs_request *rq, bool is_check)
{
    struct logs_minute *m = rq->at == LOGS_NO_TIME ? NULL : minute_of(l, r, rq->at);
    if (!m || m->n == UINT32_MAX || m->checks == UINT32_MAX) {
        r->off_minutes++;
        return;
    }
    if (is_check) {
        m->checks++;
        m->failed += rq->status / 100 != 2;
        return;
    }
    m->n++;
    m->n4 += rq->status / 100 == 4;
    m->n5 += rq->status / 100 == 5;
}

static int by_minute(const void *a, const void *b)
{
    const struct logs_minute *x = a, *y = b;
    return (x->minute > y->minute) - (x->minute < y->minute);
}

void logs__requests_end(struct ops_logs *l)
{
    for (size_t i = 0; i < LOGS_ORIGIN_COUNT; i++) {
        struct logs_requests *r = &l->requests[i];
        size_t n = 0;
        for (size_t k = 0; r->minutes && k < LOGS_MINUTES_MAX; k++)
            if (r->minutes[k].minute != LOGS_NO_TIME) r->minutes[n++] = r->minutes[k];
        if (n) qsort(r->minutes, n, sizeof r->minutes[0], by_minute);
    }
}

size_t logs__spans(const struct logs_requests *r, struct logs_span *ret, size_t max, int64_t *ret_minutes_each)
{
    static const int64_t widths[] = {1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440, 10080, 43200, 525600};
    size_t n = 0, w = 0;
    if (r->n_minutes == 0) return 0;
    int64_t first = r->minutes[0].minute, last = r->minutes[r->n_minutes - 1].minute;
    while (w + 1 < sizeof widths / sizeof widths[0] && last / widths[w] - first / widths[w] >= (int64_t)max)
        w++;
    for (size_t i = 0; i < r->n_minutes; i++) {
        const struct logs_minute *m = &r->minutes[i];
        int64_t start = m->minute - m->minute % widths[w];
        if (n == 0 || ret[n - 1].from_minute != start) {
            if (n == max) break; /* a span of centuries: times are a jest there */
            ret[n++] = (struct logs_span){.from_minute = start};
        }
        struct logs_span *s = &ret[n - 1];
        s->n += m->n;
        s->n4 += m->n4;
        s->n5 += m->n5;
        s->checks += m->checks;
        s->failed += m->failed;
    }
    *ret_minutes_each = widths[w];
    return n;
}

/* --- checks of health --- */
static struct logs_source *source_of(struct ops_logs *l, struct logs_requests *r, const struct logs_request *rq)
{
    CLEANUP_SB struct sb key = SB_INIT(512);
    sb_str(&key, str_sub(rq->client, 0, 100));
    sb_char(&key, ' ');
    sb_str(&key, str_sub(rq->agent, 0, 100));
    sb_char(&key, ' ');
    sb_str(&key, l->file->instance); /* a balancer's node asks each of them at its own times */
    if (!sb_ok(&key)) {
        l->no_memory = true;
        return NULL;
    }
    struct logs_source *s = map_get(&r->sources, sb_view(&key));
    if (s || r->n_sources >= LOGS_SOURCES_MAX) return s;
    struct str own = str_dup(l->a, sb_view(&key));
    s = NEW(l->a, struct logs_source, 1);
    if (!own.p || !s || !map_put(&r->sources, own, s)) {
        l->no_memory = true;
        return NULL;
    }
    r->n_sources++;
    s->first = s->last = LOGS_NO_TIME;
    s->instance = l->file->instance;
    s->address = logs__shown(l, str_sub(rq->client, 0, 100), 100);
    s->agent = logs__shown(l, str_sub(rq->agent, 0, 100), 100);
    return s;
}

static void count_check(struct ops_logs *l, struct logs_requests *r, const struct logs_request *rq)
{
    struct logs_source *s = source_of(l, r, rq);
    if (!s) return;
    bool passed = rq->status / 100 == 2;
    s->n++;
    s->passed += passed;
    s->run_failed = passed ? 0 : s->run_failed + 1;
    if (s->run_failed > s->longest_failed) s->longest_failed = s->run_failed;
    if (rq->at == LOGS_NO_TIME) return;
    if (s->last != LOGS_NO_TIME && rq->at >= s->last && rq->at - s->last <= (int64_t)LOGS_GAP_MAX_S * 1000)
        s->gaps[(rq->at - s->last + 500) / 1000]++;
    if (s->first == LOGS_NO_TIME || rq->at < s->first) s->first = rq->at;
    s->last = rq->at;
}

unsigned logs__interval_s(const struct logs_source *s)
{
    uint64_t n = 0, seen = 0;
    for (size_t i = 0; i <= LOGS_GAP_MAX_S; i++)
        n += s->gaps[i];
    for (unsigned i = 0; n && i <= LOGS_GAP_MAX_S; i++)
        if ((seen += s->gaps[i]) * 2 >= n) return i;
    return 0;
}

/* --- times --- */
static size_t bucket_of(uint64_t us)
{
    if (us < 16) return us;
    unsigned power = 63u - (unsigned)__builtin_clzll(us);
    size_t bucket = (size_t)(power - 3) * 16 + ((us >> (power - 4)) & 15);
    return bucket < LOGS_LATENCY_BUCKETS ? bucket : LOGS_LATENCY_BUCKETS - 1;
}

/* The end of a bucket. */
static uint64_t bucket_us(size_t bucket)
{
    if (bucket < 16) return bucket;
    return (((uint64_t)16 + bucket % 16 + 1) << (bucket / 16 - 1)) - 1;
}

uint64_t logs__latency(const struct logs_requests *r, double share)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < LOGS_LATENCY_BUCKETS; i++) {
        seen += r->latency[i];
        if ((double)seen >= share * (double)r->timed && seen)
            return bucket_us(i) < r->max_us ? bucket_us(i) : r->max_us;
    }
    return 0;
}

static void count_time(struct logs_requests *r, struct logs_path *path, const struct logs_request *rq)
{
    uint64_t us = (uint64_t)rq->us;
    r->latency[bucket_of(us)]++;
    r->timed++;
    if (us > r->max_us) r->max_us = us;
    if (!path) return;
    path->timed++;
    if (__builtin_add_overflow(path->time_us, us, &path->time_us)) path->time_us = UINT64_MAX;
    if (us > path->max_us) path->max_us = us;
    size_t at = r->n_slow;
    while (at > 0 && r->slow[at - 1].us < us)
        at--;
    if (at == LOGS_SLOW_MAX) return;
    if (r->n_slow < LOGS_SLOW_MAX) r->n_slow++;
    memmove(&r->slow[at + 1], &r->slow[at], (r->n_slow - at - 1) * sizeof r->slow[0]);
    r->slow[at] = (struct logs_slow){.at = rq->at, .us = us, .status = rq->status, .path = path};
}

void logs__request(struct ops_logs *l, enum logs_origin origin, const struct logs_request *rq)
{
    struct logs_requests *r = &l->requests[origin];
    struct str query, path = str_cut(rq->path, '?', &query);
    enum logs_type type = type_of(rq, path);
    bool is_check = type == LOGS_TYPE_HEALTH;
    logs__seen(l, rq->at);
    sum_add(is_check ? &r->checks : &r->all, rq->status, rq->bytes);
    sum_add(&r->types[type], rq->status, rq->bytes);
    r->statuses[rq->status]++;
    if (rq->at != LOGS_NO_TIME) {
        if (r->first == LOGS_NO_TIME || rq->at < r->first) r->first = rq->at;
        if (r->last == LOGS_NO_TIME || rq->at > r->last) r->last = rq->at;
    }
    count_minute(l, r, rq, is_check);
    if (is_check) count_check(l, r, rq);
    struct logs_path *p = path_of(l, r, rq, path);
    if (p) {
        p->type = p == r->rest ? LOGS_TYPE_VIEW : type;
        sum_add(&p->sum, rq->status, rq->bytes);
        if (rq->status / 100 == 5 && p->first_5xx == LOGS_NO_TIME) p->first_5xx = rq->at;
    }
    if (rq->us >= 0 && !is_check) count_time(r, p, rq);
}

/* --- lists for the report --- */
static int path_text(const struct logs_path *x, const struct logs_path *y)
{
    int by_path = str_cmp(x->path, y->path);
    return by_path ? by_path : str_cmp(x->method, y->method);
}

static int by_count(const void *a, const void *b)
{
    const struct logs_path *x = *(const struct logs_path *const *)a, *y = *(const struct logs_path *const *)b;
    if (x->sum.n != y->sum.n) return x->sum.n < y->sum.n ? 1 : -1;
    return path_text(x, y);
}

static int by_bytes(const void *a, const void *b)
{
    const struct logs_path *x = *(const struct logs_path *const *)a, *y = *(const struct logs_path *const *)b;
    if (x->sum.max_bytes != y->sum.max_bytes) return x->sum.max_bytes < y->sum.max_bytes ? 1 : -1;
    return path_text(x, y);
}

const struct logs_path **logs__paths(const struct ops_logs *l, const struct logs_requests *r, bool by_size, size_t *n)
{
    const struct logs_path **list = NEW(l->a, const struct logs_path *, r->n_paths);
    const struct map_slot *slot;
    *n = 0;
    if (!list) return NULL;
    for (size_t i = 0; (slot = map_next(&r->paths, &i));)
        list[(*n)++] = slot->value;
    qsort(list, *n, sizeof list[0], by_size ? by_bytes : by_count);
    return list;
}

static int by_checks(const void *a, const void *b)
{
    const struct logs_source *x = *(const struct logs_source *const *)a, *y = *(const struct logs_source *const *)b;
    if (x->n != y->n) return x->n < y->n ? 1 : -1;
    int by_address = str_cmp(x->address, y->address), by_instance = str_cmp(x->instance, y->instance);
    return by_address ? by_address : by_instance ? by_instance : str_cmp(x->agent, y->agent);
}

const struct logs_source **logs__sources(const struct ops_logs *l, const struct logs_requests *r, size_t *n)
{
    const struct logs_source **list = NEW(l->a, const struct logs_source *, r->n_sources);
    const struct map_slot *slot;
    *n = 0;
    if (!list) return NULL;
    for (size_t i = 0; (slot = map_next(&r->sources, &i));)
        list[(*n)++] = slot->value;
    qsort(list, *n, sizeof list[0], by_checks);
    return list;
}
