/* Links: malformed, leading to another site than their text says, without encryption, leading to what only the author can reach.
 *
 * The idea: one small reader of URLs (scheme, host, rest) serves the targets of hyperlinks and the URLs that stand in the text; a URL in the
 * text that a hyperlink lies on is judged as that hyperlink only. Nothing is fetched.
 * Spared: names of XML namespaces (they look like http links and are none), the link wrappers of mail filters (the site is inside).
 * Sources: RFC 3986 (3, 4.2), RFC 6761, RFC 1918. */
#include "rules/registry_priv.h"
#include "rules/words.h"

#define SCHEME_MAX 12
#define SHOWN_MAX  80 /* bytes of a URL in a description */

static bool is_digit(char c) { return (unsigned)(unsigned char)c - '0' < 10u; }
static bool is_alnum(char c) { return is_digit(c) || (unsigned)((unsigned char)c | 0x20) - 'a' < 26u; }

struct url {
    struct str all, scheme, host; /* host without port and user */
    bool web;                     /* http or https */
};

/* Splits "scheme://user@host:port/rest"; host is empty where there is none. */
static struct url url_split(struct str s)
{
    struct url u = {.all = s};
    size_t colon = str_find_char(s, ':', 0);
    if (colon == STR_NONE || colon == 0 || colon > SCHEME_MAX) return u;
    u.scheme = str_sub(s, 0, colon);
    u.web = str_eq_nocase(u.scheme, STR("http")) || str_eq_nocase(u.scheme, STR("https"));
    struct str rest = str_sub(s, colon + 1, s.n);
    if (!str_starts(rest, STR("//"))) return u;
    rest = str_sub(rest, 2, rest.n);
    size_t end = 0;
    while (end < rest.n && !strchr("/?#\\", rest.p[end]))
        end++;
    struct str host = str_sub(rest, 0, end);
    size_t user = str_find_char(host, '@', 0);
    if (user != STR_NONE) host = str_sub(host, user + 1, host.n);
    size_t port = str_find_char(host, ':', 0);
    if (port != STR_NONE && !str_starts(host, STR("["))) host = str_sub(host, 0, port);
    u.host = host;
    return u;
}

static struct str shown(struct str s) { return str_sub(s, 0, SHOWN_MAX); }

/* ---- walking the links ---- */

struct place {
    uint32_t block;
    size_t start, end;
    struct str text;             /* the words there */
    struct url url;              /* of the target; for a URL in the text: that URL */
    const struct doc_link *link; /* NULL: a URL in the text */
    struct map *seen;            /* for the rule's own use during its run over the document */
};
/* What a rule finds in one place. */
typedef enum err judge_fn(struct rules_run *run, const struct rule *rule, const struct place *place, struct error *e);

/* The next "scheme://…" in text, without the punctuation of the sentence around it. */
static bool next_url(struct str text, size_t *at, size_t *ret_start, size_t *ret_end)
{
    for (;;) {
        size_t mark = str_find(text, STR("://"), *at);
        if (mark == STR_NONE) return false;
        size_t start = mark, end = mark + 3;
        while (start > 0 && mark - start < SCHEME_MAX && is_alnum(text.p[start - 1]))
            start--;
        while (end < text.n && (unsigned char)text.p[end] > ' ' && !strchr("<>\"`|{}", text.p[end]) &&
               (unsigned char)text.p[end] < 0x80)
            end++;
        *at = end;
        while (end > mark + 3 && strchr(".,;:!?)]'*", text.p[end - 1]))
            end--;
        if (start == mark) continue;
        *ret_start = start;
        *ret_end = end;
        return true;
    }
}

/* The links of each block in document order: first[b] … first[b + 1] in order[]. Links that span blocks belong to their first. */
struct by_block {
    uint32_t *first, *order;
};

static enum err sort_links(struct rules_run *run, struct by_block *ret, struct error *e)
{
    const struct doc *doc = run->doc;
    uint32_t *first = NEW(run->arena, uint32_t, (size_t)doc->blocks.n + 2);
    uint32_t *order = NEW(run->arena, uint32_t, (size_t)doc->links.n + 1);
    if (!first || !order) return error_no_memory(e);
    for (uint32_t i = 0; i < doc->links.n; i++)
        if (doc->links.at[i].anchor.start.block < doc->blocks.n) first[doc->links.at[i].anchor.start.block + 2]++;
    for (uint32_t i = 2; i < doc->blocks.n + 2; i++)
        first[i] += first[i - 1];
    for (uint32_t i = 0; i < doc->links.n; i++)
        if (doc->links.at[i].anchor.start.block < doc->blocks.n)
            order[first[doc->links.at[i].anchor.start.block + 1]++] = i;
    *ret = (struct by_block){first, order};
    return ERR_OK;
}

static enum err judge_block(struct rules_run *run, const struct rule *rule, uint32_t block,
                            const struct by_block *links, struct map *seen, judge_fn *judge, struct error *e)
{
    const struct doc *doc = run->doc;
    struct str text = doc->blocks.at[block].text;
    uint32_t next = links->first[block], end_links = links->first[block + 1];
    for (uint32_t i = next; i < end_links; i++) {
        const struct doc_link *link = &doc->links.at[links->order[i]];
        size_t end = link->anchor.end.block == block ? link->anchor.end.offset : text.n;
        struct str words = str_trim(str_sub(text, link->anchor.start.offset, end));
        if (words.n == 0) continue; /* on an image or on nothing: there are no words to stand on */
        size_t start = (size_t)(words.p - text.p);
        struct place place = {block, start, start + words.n, words, url_split(link->target), link, seen};
        TRY(judge(run, rule, &place, e));
    }
    size_t start, end;
    for (size_t at = 0; next_url(text, &at, &start, &end);) {
        while (next < end_links && doc->links.at[links->order[next]].anchor.end.block == block &&
               doc->links.at[links->order[next]].anchor.end.offset <= start)
            next++;
        if (next < end_links && doc->links.at[links->order[next]].anchor.start.offset < end) continue;
        struct str words = str_sub(text, start, end);
        struct place place = {block, start, end, words, url_split(words), NULL, seen};
        TRY(judge(run, rule, &place, e));
    }
    return ERR_OK;
}

static enum err judge_all(struct rules_run *run, const struct rule *rule, judge_fn *judge, struct error *e)
{
    struct by_block links = {0};
    struct map seen = map_make(run->arena);
    TRY(sort_links(run, &links, e));
    for (uint32_t i = 0; i < run->doc->blocks.n; i++)
        if (rules__reviewed(run, i)) TRY(judge_block(run, rule, i, &links, &seen, judge, e));
    return ERR_OK;
}

/* ---- malformed ---- */

static bool host_is_wellformed(struct str host)
{
    if (host.n == 0 || host.n > 253 || host.p[0] == '.' || host.p[host.n - 1] == '-') return false;
    if (host.p[0] == '[') return true;
    bool dots = false;
    for (size_t i = 0; i < host.n; i++) {
        char c = host.p[i];
        if (!is_alnum(c) && c != '-' && c != '.' && c != '_' && c != '%' && (unsigned char)c < 0x80) return false;
        dots = dots || (c == '.' && i + 1 < host.n && host.p[i + 1] == '.');
    }
    return !dots;
}

/* What is wrong with it, or NULL. */
static const char *url_fault(struct url u)
{
    static const char *const typos[] = {"htp",   "htpp",   "htps", "htttp", "htttps", "hhtp",
                                        "hhtps", "httpss", "ttp",  "ttps",  "htpps"};
    for (size_t i = 0; i < sizeof(typos) / sizeof(typos[0]); i++)
        if (str_eq_nocase(u.scheme, str_from_c(typos[i]))) return "its scheme is mistyped";
    if (!u.web) return NULL;
    struct str rest = str_sub(u.all, u.scheme.n + 1, u.all.n);
    if (!str_starts(rest, STR("//"))) return "the two slashes behind its scheme are missing or turned";
    if (str_eq_nocase(u.host, STR("http")) || str_eq_nocase(u.host, STR("https"))) return "it has its scheme twice";
    if (u.host.n == 0) return "it names no site";
    if (!host_is_wellformed(u.host)) return "the name of its site cannot be right";
    if (str_find_char(u.all, ' ', 0) != STR_NONE) return "it has a space in it";
    return NULL;
}

static const char *mail_fault(struct url u)
{
    if (!str_eq_nocase(u.scheme, STR("mailto"))) return NULL;
    size_t at = str_find_char(u.all, '@', 0);
    if (at == STR_NONE) return "it is a mail link without an address";
    return str_find_nocase(u.all, STR("http"), 0) != STR_NONE && str_find(u.all, STR("://"), 0) < at
               ? "it is a mail link to a web address"
               : NULL;
}

static enum err judge_malformed(struct rules_run *run, const struct rule *rule, const struct place *place,
                                struct error *e)
{
    static const char advice[] = "Follow the link once and correct its address.";
    if (place->link && place->link->target.n == 0)
        return rules__hit_at(run, rule, place->block, place->start, place->end, advice, e,
                             "The link on \"%.*s\" has no target: the document has lost it.",
                             STR_ARG(shown(place->text)));
    if (place->link && !place->link->external) return ERR_OK;
    struct str behind = str_sub(run->doc->blocks.at[place->block].text, place->end, place->end + 5);
    if (!place->link && place->url.host.n == 0 && !str_eq_nocase(behind, STR(" www.")))
        return ERR_OK; /* a text that speaks of "http://" */
    const char *fault = url_fault(place->url);
    if (!fault) fault = mail_fault(place->url);
    if (!fault) return ERR_OK;
    return rules__hit_at(run, rule, place->block, place->start, place->end, advice, e,
                         "The link \"%.*s\" cannot work: %s.", STR_ARG(shown(place->url.all)), fault);
}

static enum err check_malformed(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return judge_all(run, rule, judge_malformed, e);
}

/* ---- another site than the text says ---- */

/* The site that the words name: a URL or a host such as "www.contoso.com" and nothing else; empty otherwise. */
static struct str site_named(struct str words)
{
    for (size_t i = 0; i < words.n; i++)
        if ((unsigned char)words.p[i] <= ' ' || (unsigned char)words.p[i] >= 0x80 || words.p[i] == '@')
            return STR_EMPTY;
    struct url u = url_split(words);
    if (u.web) return host_is_wellformed(u.host) ? u.host : STR_EMPTY;
    size_t end = 0;
    while (end < words.n && words.p[end] != '/')
        end++;
    struct str host = str_sub(words, 0, end);
    static const char *const endings[] = {".com", ".org", ".net", ".edu", ".gov",  ".io",
                                          ".eu",  ".de",  ".fr",  ".uk",  ".info", ".dev"};
    bool named = str_starts_nocase(host, STR("www."));
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
        named = named || str_ends_nocase(host, str_from_c(endings[i]));
    return named && host_is_wellformed(host) ? host : STR_EMPTY;
}

static struct str without_www(struct str host)
{
    return str_starts_nocase(host, STR("www.")) ? str_sub(host, 4, host.n) : host;
}

/* Is one the other, or a part of the other's site ("docs.contoso.com" and "contoso.com")? */
static bool same_site(struct str a, struct str b)
{
    a = without_www(a);
    b = without_www(b);
    if (str_eq_nocase(a, b)) return true;
    struct str longer = a.n > b.n ? a : b, part = a.n > b.n ? b : a;
    return part.n > 0 && str_ends_nocase(longer, part) && longer.p[longer.n - part.n - 1] == '.';
}

static enum err judge_text(struct rules_run *run, const struct rule *rule, const struct place *place, struct error *e)
{
    if (!place->link || !place->link->external || !place->url.web || place->url.host.n == 0) return ERR_OK;
    struct str named = site_named(place->text);
    if (named.n == 0 || same_site(named, place->url.host)) return ERR_OK;
    size_t behind = (size_t)(place->url.host.p + place->url.host.n -
                             place->url.all.p); /* a mail filter's wrapper has the site there */
    if (str_find_nocase(place->url.all, without_www(named), behind) != STR_NONE) return ERR_OK;
    return rules__hit_at(run, rule, place->block, place->start, place->end,
                         "Make text and target name the same site, or say in the text where the link leads.", e,
                         "The text names \"%.*s\", but the link leads to \"%.*s\".", STR_ARG(shown(named)),
                         STR_ARG(shown(place->url.host)));
}

static enum err check_text(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return judge_all(run, rule, judge_text, e);
}

/* ---- only the author can reach it ---- */

static bool is_private_host(struct str host)
{
    static const char *const names[] = {".local", ".localhost", ".internal", ".intranet", ".lan", ".corp", ".home"};
    static const char *const networks[] = {"10.", "127.", "192.168.", "169.254."};
    if (str_eq_nocase(host, STR("localhost"))) return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_ends_nocase(host, str_from_c(names[i]))) return true;
    if (host.n && host.p[0] != '[' && str_find_char(host, '.', 0) == STR_NONE) return true; /* http://wiki/ */
    for (size_t i = 0; i < host.n; i++)
        if (!is_digit(host.p[i]) && host.p[i] != '.') return false;
    for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++)
        if (str_starts(host, str_from_c(networks[i]))) return true;
    return str_starts(host, STR("172.")) && host.n > 6 && host.p[6] == '.' && memcmp(host.p + 4, "16", 2) >= 0 &&
           memcmp(host.p + 4, "31", 2) <= 0;
}

static bool is_file(struct str target)
{
    bool drive =
        target.n > 2 && is_alnum(target.p[0]) && target.p[1] == ':' && (target.p[2] == '\\' || target.p[2] == '/');
    return drive || str_starts_nocase(target, STR("file:")) || str_starts(target, STR("\\\\"));
}

static enum err judge_local(struct rules_run *run, const struct rule *rule, const struct place *place, struct error *e)
{
    if (place->link && !place->link->external) return ERR_OK;
    struct str target = place->url.all;
    bool file = is_file(target);
    if (!file && !(place->url.web && place->url.host.n && is_private_host(place->url.host))) return ERR_OK;
    if (!file && url_fault(place->url)) return ERR_OK; /* that is the finding then */
    return rules__hit_at(run, rule, place->block, place->start, place->end,
                         "Link to a place that the readers can reach, or attach what it leads to.", e,
                         "The link leads to %s (\"%.*s\"): readers elsewhere cannot open it.",
                         file ? "a file on one computer or network" : "a host inside one network",
                         STR_ARG(shown(target)));
}

static enum err check_local(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return judge_all(run, rule, judge_local, e);
}

/* ---- plain http ---- */

/* Is the host `domain`, or in it? */
static bool is_of_domain(struct str host, struct str domain)
{
    if (host.n <= domain.n) return str_eq_nocase(host, domain);
    return str_ends_nocase(host, domain) && host.p[host.n - domain.n - 1] == '.';
}

/* A name that looks like a link and is none: of an XML namespace, or reserved for examples (RFC 2606; not its .test, which real
 * systems use). */
static bool is_only_a_name(struct str host)
{
    static const char *const names[] = {"schemas.", "www.w3.org", "purl.org", "ns.", "xmlns.", "json-schema.org"};
    static const char *const reserved[] = {"example", "example.com", "example.net", "example.org", "invalid"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (str_starts_nocase(host, str_from_c(names[i]))) return true;
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (is_of_domain(host, str_from_c(reserved[i]))) return true;
    return false;
}

/* One finding a site: a list of references is not a list of findings. */
static enum err judge_http(struct rules_run *run, const struct rule *rule, const struct place *place, struct error *e)
{
    struct url u = place->url;
    if ((place->link && !place->link->external) || !str_eq_nocase(u.scheme, STR("http"))) return ERR_OK;
    if (url_fault(u) || is_private_host(u.host) || is_only_a_name(u.host) || map_get(place->seen, u.host))
        return ERR_OK;
    if (!map_put(place->seen, u.host, run)) return error_no_memory(e);
    return rules__hit_at(run, rule, place->block, place->start, place->end,
                         "Use the https address; nearly every site has one.", e,
                         "The link to \"%.*s\" is not encrypted (http).", STR_ARG(shown(u.host)));
}

static enum err check_http(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return judge_all(run, rule, judge_http, e);
}

/* ---- the table ---- */

const struct rule rules__links_targets[] = {
    {.id = "links.malformed",
     .family = RULE_LINKS,
     .title = "Link that cannot work",
     .why = "A reader who follows the link gets an error, and whatever it should have shown is missing.",
     .category = "Links",
     .kind = RULE_KIND_IMPORTANT,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.95,
     .fires = "See http://https://contoso.com/report for details.",
     .spares = "See https://contoso.com/report for details.",
     .check = check_malformed},
    {.id = "links.text_differs",
     .family = RULE_LINKS,
     .title = "Link text names another site than its target",
     .why = "Readers trust the words that they see. A link that leads elsewhere is a mistake at best and looks like "
            "phishing.",
     .category = "Links",
     .kind = RULE_KIND_IMPORTANT,
     .risk = RULE_RISK_HIGH,
     .confidence = 0.9,
     .fires = "A link on \"www.contoso.com\" that leads to https://fabrikam.net/.",
     .spares = "A link on \"www.contoso.com\" that leads to https://contoso.com/start.",
     .check = check_text},
    {.id = "links.local_target",
     .family = RULE_LINKS,
     .title = "Link that only works for the author",
     .why =
         "A link to a file or to a host inside one network is dead for everybody else, and tells them how that network "
         "is built.",
     .category = "Links",
     .kind = RULE_KIND_IMPORTANT,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.85,
     .fires = "The logs are at http://localhost:8080/logs.",
     .spares = "The logs are at https://logs.contoso.com/.",
     .check = check_local},
    {.id = "links.plain_http",
     .family = RULE_LINKS,
     .title = "Link without encryption",
     .why = "What is read over plain http can be read and changed on the way, and browsers warn of it.",
     .category = "Links",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW,
     .confidence = 0.8,
     .fires = "See http://www.contoso.com/report.",
     .spares = "See https://www.contoso.com/report.",
     .check = check_http},
};
const size_t rules__links_targets_count = RULES__COUNT(rules__links_targets);
