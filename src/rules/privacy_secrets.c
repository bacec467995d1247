/* Secrets and addresses of machines: access keys, tokens, passwords in clear, IP addresses.
 *
 * The idea: keys of the large services have forms of their own, which are certain; everything else must be introduced by a word
 * ("token =", "password:") and look like a secret (letters and digits mixed), so that "password: see the vault" is no finding.
 * A secret is never repeated: descriptions show its first characters at most, the anchor carries the words.
 * IP addresses are told from version and section numbers by what stands before them and by the size of their numbers.
 * Sources: the providers' documented key prefixes; RFC 7519 (JWT), RFC 6750 (Bearer), RFC 5737 and 3849 (documentation ranges). */
#include "rules/registry_priv.h"
#include "rules/words.h"

#define CONTEXT_BYTES 24
#define SMALL_OCTET   20 /* all four below: a section or version number unless something says otherwise */

static bool is_digit(char c) { return (unsigned)(unsigned char)c - '0' < 10u; }
static bool is_letter(char c) { return (unsigned)((unsigned char)c | 0x20) - 'a' < 26u; }

/* ---- access keys and tokens ---- */

/* Cheap: could the block hold a key at all? */
static bool may_hold_key(struct str text)
{
    static const char *const marks[] = {"AKIA",        "ASIA", "sk-",  "gh",  "github_pat_", "xox",
                                        "PRIVATE KEY", "eyJ",  "AIza", "SG.", "glpat-",      "sk_live_"};
    static const char *const words[] = {"bearer", "secret", "token", "key"};
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (str_find(text, str_from_c(marks[i]), 0) != STR_NONE) return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (str_find_nocase(text, str_from_c(words[i]), 0) != STR_NONE) return true;
    return false;
}

/* Letters and digits mixed, as a generated secret has them. */
static bool looks_generated(struct str value)
{
    size_t digits = 0, letters = 0;
    for (size_t i = 0; i < value.n; i++) {
        digits += is_digit(value.p[i]);
        letters += is_letter(value.p[i]);
    }
    return digits >= 2 && letters >= 2;
}

/* What group of the two patterns says what it is; NULL: none of them. */
static const char *key_kind(const struct pattern_match *m)
{
    static const char *const kinds[] = {NULL,
                                        "an AWS access key id",
                                        "a GitHub token",
                                        "a Slack token",
                                        "a secret API key",
                                        "a private key",
                                        "a signed token (JWT)"};
    for (size_t i = 1; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (m->group_start[i] != STR_NONE) return kinds[i];
    return NULL;
}

static const char key_advice[] = "Remove it, and have it revoked: it must count as known from now on.";

static enum err find_keys(struct rules_run *run, const struct rule *rule, uint32_t block, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    struct pattern_match m;
    for (size_t at = 0; pattern_find(rules__pattern(run, "privacy.key"), text, at, &m); at = m.end) {
        const char *kind = key_kind(&m);
        if (!kind) continue;
        bool digits = words_has_digit(text, m.start, m.end) || m.group_start[5] != STR_NONE;
        if (!digits) continue; /* "sk-" and a long word */
        TRY(rules__hit_at(run, rule, block, m.start, m.end, key_advice, e, "This is %s (%.4s…).", kind,
                          text.p + m.start));
    }
    for (size_t at = 0; pattern_find(rules__pattern(run, "privacy.named_key"), text, at, &m); at = m.end) {
        struct str value = pattern_group(text, &m, 1);
        if (!looks_generated(value)) continue;
        TRY(rules__hit_at(run, rule, block, m.group_start[1], m.group_end[1], key_advice, e,
                          "This looks like a secret key or token (%.2s…, %zu characters).", value.p, value.n));
    }
    return ERR_OK;
}

static enum err check_keys(struct rules_run *run, const struct rule *rule, struct error *e)
{
    for (uint32_t i = 0; i < run->doc->blocks.n; i++)
        if (rules__reviewed(run, i) && may_hold_key(run->doc->blocks.at[i].text)) TRY(find_keys(run, rule, i, e));
    return ERR_OK;
}

/* ---- passwords ---- */

/* A value that hides or describes the password instead of being it. */
static bool is_stand_in(struct str value)
{
    if (value.n == 0 || strchr("<[{*$%(_.-", value.p[0])) return true;
    bool same = true;
    for (size_t i = 1; i < value.n; i++)
        same = same && value.p[i] == value.p[0];
    return same || str_find(value, STR("***"), 0) != STR_NONE || str_find_nocase(value, STR("xxxx"), 0) != STR_NONE ||
           str_find(value, STR("://"), 0) != STR_NONE || str_find(value, STR("\xE2\x80\xA2"), 0) != STR_NONE;
}

/* Chosen passwords mix letters with digits or signs; prose does not. "=" and quotation marks say that the value is meant literally. */
static bool is_password(struct str value, bool literal)
{
    size_t letters = 0, digits = 0, signs = 0;
    for (size_t i = 0; i < value.n; i++) {
        letters += is_letter(value.p[i]);
        digits += is_digit(value.p[i]);
        signs += value.p[i] != '\0' && strchr("!@#$%^&*+=?~", value.p[i]) != NULL;
    }
    if (is_stand_in(value)) return false;
    if (literal) return letters + digits >= 4;
    return letters > 0 && digits + signs > 0 && digits + signs < value.n;
}

static enum err find_passwords(struct rules_run *run, const struct rule *rule, uint32_t block, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    const struct pattern *form = rules__pattern(run, "privacy.password");
    struct pattern_match m;
    for (size_t at = 0; pattern_find(form, text, at, &m); at = m.end) {
        struct str value = pattern_group(text, &m, 2);
        while (value.n && strchr(".,;:)", value.p[value.n - 1]))
            value.n--;
        bool quoted = m.group_start[1] != STR_NONE && m.group_end[1] > m.group_start[1];
        if (value.n < 4 || !is_password(value, quoted)) continue;
        size_t start = m.group_start[2];
        TRY(rules__hit_at(run, rule, block, start, start + value.n,
                          "Remove it, and have it changed: it must count as known from now on.", e,
                          "This looks like a password in clear (%zu characters).", value.n));
    }
    return ERR_OK;
}

static enum err check_passwords(struct rules_run *run, const struct rule *rule, struct error *e)
{
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        if (!rules__reviewed(run, i)) continue;
        struct str text = run->doc->blocks.at[i].text;
        if (str_find_nocase(text, STR("pass"), 0) == STR_NONE && str_find_nocase(text, STR("pwd"), 0) == STR_NONE)
            continue;
        TRY(find_passwords(run, rule, i, e));
    }
    return ERR_OK;
}

/* ---- IP addresses ---- */

static bool word_before_is(struct str text, size_t at, const char *const *stems)
{
    struct str before = str_sub(text, at > CONTEXT_BYTES ? at - CONTEXT_BYTES : 0, at);
    struct word w;
    for (size_t i = 0; words_next(before, &i, &w);)
        for (const char *const *stem = stems; *stem; stem++)
            if (str_starts_nocase(words_text(before, w), str_from_c(*stem))) return true;
    return false;
}

static bool is_version(struct str text, size_t at)
{
    static const char *const stems[] = {"version",   "ver",      "v",      "release", "section",
                                        "clause",    "firmware", "build",  "article", "chapter",
                                        "paragraph", "step",     "figure", "table",   NULL};
    return word_before_is(text, at, stems);
}

static bool is_address_here(struct str text, size_t at)
{
    static const char *const stems[] = {"ip", "address", "host", "server", "login", "logged", "from", NULL};
    return word_before_is(text, at, stems);
}

/* Four numbers up to 255 that belong to somebody: not this host, broadcast, a mask or a documentation range. */
static bool read_ipv4(struct str address, unsigned octets[4])
{
    size_t n = 0, digits = 0;
    unsigned v = 0;
    for (size_t i = 0; i <= address.n; i++) {
        if (i < address.n && is_digit(address.p[i])) {
            v = v * 10 + (unsigned)(address.p[i] - '0');
            digits++;
            continue;
        }
        if (digits == 0 || digits > 3 || v > 255 || n == 4) return false;
        octets[n++] = v;
        v = 0;
        digits = 0;
    }
    if (n != 4) return false;
    unsigned head = octets[0] << 16 | octets[1] << 8 | octets[2];
    bool documentation = head == 0xC00002 || head == 0xC63364 || head == 0xCB0071;
    return octets[0] != 0 && octets[0] != 127 && octets[0] < 224 && !documentation;
}

static bool is_ipv4(struct str text, const struct pattern_match *m)
{
    unsigned o[4];
    if (!read_ipv4(pattern_group(text, m, 1), o) || is_version(text, m->start)) return false;
    bool small = o[0] < SMALL_OCTET && o[1] < SMALL_OCTET && o[2] < SMALL_OCTET && o[3] < SMALL_OCTET;
    return !small || (m->start > 0 && is_address_here(text, m->start));
}

static bool is_ipv6(struct str address)
{
    if (str_starts_nocase(address, STR("2001:db8:")) || !words_has_digit(address, 0, address.n)) return false;
    size_t colons = 0;
    for (size_t i = 0; i < address.n; i++)
        colons += address.p[i] == ':';
    return colons >= 3;
}

static enum err find_addresses(struct rules_run *run, const struct rule *rule, uint32_t block, struct error *e)
{
    struct str text = run->doc->blocks.at[block].text;
    const struct pattern *form = rules__pattern(run, "privacy.ip");
    struct pattern_match m;
    for (size_t at = 0; pattern_find(form, text, at, &m); at = m.end) {
        bool v4 = m.group_start[1] != STR_NONE;
        if (v4 ? !is_ipv4(text, &m) : !is_ipv6(pattern_group(text, &m, 0))) continue;
        TRY(rules__hit_at(run, rule, block, m.start, m.end,
                          "Leave it out, or cut it to its network, unless the exact address matters to the readers.", e,
                          "\"%.*s\" is an IP address.", STR_ARG(pattern_group(text, &m, 0))));
    }
    return ERR_OK;
}

static enum err check_addresses(struct rules_run *run, const struct rule *rule, struct error *e)
{
    for (uint32_t i = 0; i < run->doc->blocks.n; i++)
        if (rules__reviewed(run, i) && words_has_digit(run->doc->blocks.at[i].text, 0, STR_NONE))
            TRY(find_addresses(run, rule, i, e));
    return ERR_OK;
}

/* ---- the table ---- */

const struct rules_pattern_spec rules__privacy_secrets_patterns[] = {
    {"privacy.key",
     "\\b(?:((?:AKIA|ASIA)[0-9A-Z]{16})\\b"
     "|(gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{30,255})"
     "|(xox[abeoprs]-[A-Za-z0-9-]{10,250})"
     "|(sk-(?:[a-z]{2,8}-){0,2}[A-Za-z0-9_-]{20,250}|AIza[A-Za-z0-9_-]{35}|sk_live_[A-Za-z0-9]{16,99}"
     "|glpat-[A-Za-z0-9_-]{20,50}|SG\\.[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{16,64}))"
     "|(-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY-----)"
     "|\\b(eyJ[A-Za-z0-9_-]{8,1000}\\.eyJ[A-Za-z0-9_-]{8,2000}\\.[A-Za-z0-9_-]{8,1000})",
     false},
    {"privacy.named_key",
     "\\b(?:authorization: ?bearer +"
     "|bearer +(?=[A-Za-z0-9])"
     "|(?:secret|token|(?:api|access|secret|account)[_ -]?key|client[_ -]?secret)[\"']?[ \\t]{0,3}[:=][ \\t]{0,3})"
     "[\"'“]?([A-Za-z0-9+/_.~-]{20,500}=?=?)",
     true},
    {"privacy.password",
     "\\b(?:password|passwd|pwd|passphrase|passcode)[\"']?[ \\t]{0,3}(?:(?:is|was)[ \\t]{1,3}|[:=][ \\t]{0,3})"
     "([\"'“‘]?)([^\\s\"'”’]{4,64})",
     true},
    {"privacy.ip",
     "(?<![\\w.:/-])(?:((?:\\d{1,3}\\.){3}\\d{1,3})(?![\\w-]|\\.\\d)"
     "|(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}(?![\\w:])"
     "|(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}(?![\\w:]))",
     false},
};
const size_t rules__privacy_secrets_patterns_count = RULES__COUNT(rules__privacy_secrets_patterns);

const struct rule rules__privacy_secrets[] = {
    {.id = "privacy.access_key",
     .family = RULE_PRIVACY,
     .title = "Access key or token",
     .why = "Whoever reads the document can act with the key. It stays in every copy, also after it is deleted here.",
     .category = "Security",
     .kind = RULE_KIND_CRITICAL,
     .risk = RULE_RISK_HIGH,
     .confidence = 0.95,
     .fires = "The job ran with AKIAIOSFODNN7EXAMPLE.",
     .spares = "Access keys start with AKIA.",
     .check = check_keys},
    {.id = "privacy.password",
     .family = RULE_PRIVACY,
     .title = "Password in clear",
     .why = "A password that is written down in a document is known to everybody who ever gets a copy of it.",
     .category = "Security",
     .kind = RULE_KIND_CRITICAL,
     .risk = RULE_RISK_HIGH,
     .confidence = 0.9,
     .fires = "Log in as admin, password: Summer2026!",
     .spares = "The password is changed every 90 days.",
     .check = check_passwords},
    {.id = "privacy.ip_address",
     .family = RULE_PRIVACY,
     .title = "IP address",
     .why = "An IP address can be personal data, and an internal one tells outsiders how a network is built.",
     .category = "Privacy",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.8,
     .fires = "The account was opened from 84.17.52.11.",
     .spares = "Fixed in version 4.12.0.3.",
     .check = check_addresses},
};
const size_t rules__privacy_secrets_count = RULES__COUNT(rules__privacy_secrets);
