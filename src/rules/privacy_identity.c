/* Personal data that should not travel with a document: e-mail addresses, telephone numbers, payment cards, bank accounts, national ids.
 *
 * The idea: each kind has a form that can be checked beyond its look (Luhn for cards, check digits for IBANs, assigned ranges for social
 * security numbers), or asks for words beside it that say what the number is. What cannot be checked and has no such word is not
 * reported: order numbers, tracking numbers and references look the same. Descriptions show a masked form; the anchor has the words.
 * Spared: mailboxes of a role (support@…) and the domains reserved for examples.
 * Sources: ISO/IEC 7812 (Luhn, prefixes), ISO 13616 (IBAN), SSA, HMRC and the NHS Data Dictionary on which numbers are given out, RFC 2606, E.164. */
#include "rules/registry_priv.h"
#include "rules/words.h"

#define LOCAL_PART_MAX  64
#define DOMAIN_MAX      253
#define CONTEXT_BYTES   60 /* how far before a number the word that names it may stand */
#define CARD_DIGITS_MIN 13
#define CARD_DIGITS_MAX 19
#define IBAN_MAX        34

static bool is_digit(char c) { return (unsigned)(unsigned char)c - '0' < 10u; }
static bool is_upper(char c) { return (unsigned)(unsigned char)c - 'A' < 26u; }
static bool is_letter(char c) { return (unsigned)((unsigned char)c | 0x20) - 'a' < 26u; }
static bool is_alnum(char c) { return is_digit(c) || is_letter(c); }
/* Part of a word, other scripts' letters included. */
static bool is_wordy(struct str text, size_t at)
{
    return at < text.n && (is_alnum(text.p[at]) || text.p[at] == '_' || (unsigned char)text.p[at] >= 0xC0);
}

/* Does one of the words (lower case, NULL ends them) stand in the CONTEXT_BYTES before `at`? */
static bool named_before(struct str text, size_t at, const char *const *words)
{
    struct str before = str_sub(text, at > CONTEXT_BYTES ? at - CONTEXT_BYTES : 0, at);
    for (; *words; words++)
        if (str_find_nocase(before, str_from_c(*words), 0) != STR_NONE) return true;
    return false;
}

/* Looks through one block. */
typedef enum err scan_fn(struct rules_run *run, const struct rule *rule, uint32_t block, struct str text,
                         struct error *e);

static enum err scan_blocks(struct rules_run *run, const struct rule *rule, scan_fn *scan, struct error *e)
{
    for (uint32_t i = 0; i < run->doc->blocks.n; i++)
        if (rules__reviewed(run, i)) TRY(scan(run, rule, i, run->doc->blocks.at[i].text, e));
    return ERR_OK;
}

/* ---- e-mail ---- */

static bool local_char(char c) { return is_alnum(c) || (c && strchr(".!#$%&'*+/=?^_`{|}~-", c)); }

static bool is_role(struct str local)
{
    static const char *const roles[] = {
        "abuse",      "accounts", "admin",           "appeals",      "billing",    "careers",
        "compliance", "contact",  "customerservice", "do-not-reply", "donotreply", "enquiries",
        "feedback",   "help",     "helpdesk",        "hello",        "hr",         "info",
        "inquiries",  "jobs",     "legal",           "mail",         "marketing",  "media",
        "no-reply",   "noreply",  "notifications",   "office",       "operations", "postmaster",
        "press",      "privacy",  "sales",           "security",     "service",    "support",
        "team",       "webmaster"};
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
        if (str_eq_nocase(local, str_from_c(roles[i]))) return true;
    return false;
}

static bool is_example_domain(struct str domain)
{
    static const char *const reserved[] = {"example.com", "example.org", "example.net", ".example",
                                           ".test",       ".invalid",    ".localhost"};
    for (size_t i = 0; i < sizeof(reserved) / sizeof(reserved[0]); i++)
        if (str_ends_nocase(domain, str_from_c(reserved[i]))) return true;
    return false;
}

/* The address around the @ at `at`. */
static bool email_around(struct str text, size_t at, size_t *ret_start, size_t *ret_end)
{
    size_t start = at;
    while (start > 0 && at - start < LOCAL_PART_MAX && local_char(text.p[start - 1]))
        start--;
    while (start < at && !is_alnum(text.p[start]))
        start++; /* an opening quotation mark or a dash is not the address's */
    size_t end = at + 1, dot = 0;
    while (end < text.n && end - at <= DOMAIN_MAX &&
           (is_alnum(text.p[end]) || text.p[end] == '-' || text.p[end] == '.'))
        end++;
    while (end > at + 1 && !is_alnum(text.p[end - 1]))
        end--; /* the full stop of the sentence */
    for (size_t i = at + 1; i < end; i++)
        if (text.p[i] == '.') dot = i;
    if (start == at || !dot || end - dot < 3 || !is_letter(text.p[dot + 1])) return false;
    *ret_start = start;
    *ret_end = end;
    return true;
}

static enum err scan_email(struct rules_run *run, const struct rule *rule, uint32_t block, struct str text,
                           struct error *e)
{
    for (size_t at = 0; (at = str_find_char(text, '@', at)) != STR_NONE; at++) {
        size_t start, end;
        if (!email_around(text, at, &start, &end)) continue;
        struct str domain = str_sub(text, at + 1, end);
        if (!run->every && (is_role(str_sub(text, start, at)) || is_example_domain(domain))) continue;
        TRY(rules__hit_at(run, rule, block, start, end,
                          "Name the person by role, or leave the address out unless every reader needs it.", e,
                          "This is somebody's e-mail address (%.1s…@%.*s).", text.p + start, STR_ARG(domain)));
        at = end - 1;
    }
    return ERR_OK;
}

static enum err check_email(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return scan_blocks(run, rule, scan_email, e);
}

/* ---- telephone ---- */

static const char *const phone_words[] = {"phone", "tel", "mobile", "cell", "fax", "call", "whatsapp", "dial", NULL};

static bool phone_named(struct str text, size_t at)
{
    struct str before = str_sub(text, at > CONTEXT_BYTES ? at - CONTEXT_BYTES : 0, at);
    struct word w;
    for (size_t i = 0; words_next(before, &i, &w);)
        for (const char *const *word = phone_words; *word; word++)
            if (str_starts_nocase(words_text(before, w), str_from_c(*word)) && w.end - w.start <= strlen(*word) + 5)
                return true;
    return false;
}

static enum err scan_phone(struct rules_run *run, const struct rule *rule, uint32_t block, struct str text,
                           struct error *e)
{
    const struct pattern *form = rules__pattern(run, "privacy.phone");
    size_t digits = 0;
    for (size_t i = 0; i < text.n && digits < 8; i++)
        digits += is_digit(text.p[i]);
    if (digits < 8) return ERR_OK;
    struct pattern_match m;
    for (size_t at = 0; pattern_find(form, text, at, &m); at = m.end) {
        struct str number = pattern_group(text, &m, 0);
        size_t n = 0;
        for (size_t i = 0; i < number.n; i++)
            n += is_digit(number.p[i]);
        bool formed = m.group_start[1] != STR_NONE; /* +49 …, (555) …: the form says it */
        if (n < 8 || n > 15 || (!formed && !phone_named(text, m.start))) continue;
        TRY(rules__hit_at(run, rule, block, m.start, m.end,
                          "Leave the number out, or give the number of the team instead of a person's.", e,
                          "This looks like a telephone number (… %.*s).", 2, number.p + number.n - 2));
    }
    return ERR_OK;
}

static enum err check_phone(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return scan_blocks(run, rule, scan_phone, e);
}

/* ---- payment card ---- */

static bool luhn(const char *digits, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = (unsigned)(digits[n - 1 - i] - '0');
        if (i % 2) d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return sum % 10 == 0;
}

static const char *card_brand(const char *digits, size_t n)
{
    unsigned first4 = 0;
    for (size_t i = 0; i < 4; i++)
        first4 = first4 * 10 + (unsigned)(digits[i] - '0');
    unsigned first2 = first4 / 100;
    if (first4 / 1000 == 4 && (n == 13 || n == 16 || n == 19)) return "Visa";
    if (n == 16 && ((first2 >= 51 && first2 <= 55) || (first4 >= 2221 && first4 <= 2720))) return "Mastercard";
    if (n == 15 && (first2 == 34 || first2 == 37)) return "American Express";
    if (n == 16 && (first4 == 6011 || first2 == 65 || (first4 >= 6440 && first4 <= 6499))) return "Discover";
    if (n == 16 && first4 >= 3528 && first4 <= 3589) return "JCB";
    if (n == 14 && (first2 == 36 || first2 == 38 || (first4 >= 3000 && first4 <= 3059))) return "Diners Club";
    return NULL;
}

struct digit_run {
    char digits[CARD_DIGITS_MAX + 1];
    size_t n;          /* CARD_DIGITS_MAX + 1: too many */
    size_t start, end; /* bytes */
    size_t groups, shortest, longest, last;
};

/* Digits from `at`, with one space or hyphen between groups. */
static struct digit_run read_digits(struct str text, size_t at)
{
    struct digit_run run = {.start = at, .shortest = STR_NONE};
    size_t group = 0;
    while (at < text.n) {
        if (is_digit(text.p[at])) {
            if (run.n <= CARD_DIGITS_MAX) run.digits[run.n < CARD_DIGITS_MAX ? run.n : CARD_DIGITS_MAX] = text.p[at];
            if (run.n <= CARD_DIGITS_MAX) run.n++;
            group++;
            run.end = ++at;
            continue;
        }
        bool joint = (text.p[at] == ' ' || text.p[at] == '-') && at + 1 < text.n && is_digit(text.p[at + 1]);
        if (!joint) break;
        run.groups++;
        if (group < run.shortest) run.shortest = group;
        if (group > run.longest) run.longest = group;
        group = 0;
        at++;
    }
    run.groups++;
    run.last = group;
    return run;
}

static enum err scan_card(struct rules_run *run, const struct rule *rule, uint32_t block, struct str text,
                          struct error *e)
{
    for (size_t at = 0; at < text.n;) {
        if (!is_digit(text.p[at])) {
            at++;
            continue;
        }
        struct digit_run d = read_digits(text, at);
        at = d.end;
        if (d.n < CARD_DIGITS_MIN || d.n > CARD_DIGITS_MAX) continue;
        if ((d.start > 0 &&
             (is_wordy(text, d.start - 1) || text.p[d.start - 1] == '.' || text.p[d.start - 1] == '-')) ||
            is_wordy(text, d.end))
            continue;
        bool fours = d.groups >= 4 && d.shortest == 4 && d.longest == 4 && d.last <= 4;
        bool four_six = d.groups == 3 && d.shortest == 4 && d.longest == 6 && (d.last == 5 || d.last == 4);
        if (d.groups > 1 && !fours && !four_six) continue;
        const char *brand = card_brand(d.digits, d.n);
        if (!brand || !luhn(d.digits, d.n)) continue;
        TRY(rules__hit_at(run, rule, block, d.start, d.end,
                          "Remove the number; the last four digits are enough to tell cards apart.", e,
                          "This is a payment card number (%s, ending in %.4s): its check digit is right.", brand,
                          d.digits + d.n - 4));
    }
    return ERR_OK;
}

static enum err check_card(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return scan_blocks(run, rule, scan_card, e);
}

/* ---- bank account ---- */

static unsigned iban_length(const char *country)
{
    static const char lengths[] = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BR29BY28CH21CR22CY28CZ24DE22DK18DO28EE20EG29"
                                  "ES24FI18FO18FR27GB22GE22GI23GL18GR27GT28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20"
                                  "LB28LC32LI21LT20LU20LV21MC27MD24ME22MK19MR27MT31MU30NL18NO15PK24PL28PS29PT25QA29"
                                  "RO24RS22SA24SC31SE24SI19SK24SM27ST25SV28TL23TN24TR26UA29VA22VG24XK20";
    for (size_t i = 0; i + 4 < sizeof(lengths); i += 4)
        if (lengths[i] == country[0] && lengths[i + 1] == country[1])
            return (unsigned)(lengths[i + 2] - '0') * 10 + (unsigned)(lengths[i + 3] - '0');
    return 0;
}

static bool iban_checks(const char *iban, size_t n)
{
    unsigned rest = 0;
    for (size_t i = 0; i < n; i++) {
        char c = iban[(i + 4) % n];
        unsigned v = is_digit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'A') + 10;
        rest = (rest * (v > 9 ? 100 : 10) + v) % 97;
    }
    return rest == 1;
}

/* Copies the IBAN at `at` without its spaces; its length, or 0. */
static size_t read_iban(struct str text, size_t at, char iban[IBAN_MAX + 1], size_t *ret_end)
{
    unsigned want = iban_length(text.p + at);
    if (want == 0) return 0;
    size_t n = 0, i = at;
    while (i < text.n && n < want) {
        bool space = text.p[i] == ' ' && i + 1 < text.n && n % 4 == 0;
        if (!space && !is_digit(text.p[i]) && !is_upper(text.p[i])) return 0;
        if (!space) iban[n++] = text.p[i];
        i++;
    }
    *ret_end = i;
    return n == want && !is_wordy(text, i) ? n : 0;
}

static enum err scan_iban(struct rules_run *run, const struct rule *rule, uint32_t block, struct str text,
                          struct error *e)
{
    for (size_t at = 0; at + 15 <= text.n; at++) {
        if (!is_upper(text.p[at]) || !is_upper(text.p[at + 1]) || !is_digit(text.p[at + 2]) ||
            !is_digit(text.p[at + 3]) || (at > 0 && is_wordy(text, at - 1)))
            continue;
        char iban[IBAN_MAX + 1];
        size_t end, n = read_iban(text, at, iban, &end);
        if (n == 0 || !iban_checks(iban, n)) continue;
        TRY(rules__hit_at(run, rule, block, at, end, "Remove the account number, or show its last four digits only.", e,
                          "This is a bank account number (IBAN, country %.2s, ending in %.4s): its check digits are "
                          "right.",
                          iban, iban + n - 4));
        at = end - 1;
    }
    return ERR_OK;
}

static enum err check_iban(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return scan_blocks(run, rule, scan_iban, e);
}

/* ---- national ids ---- */

static const char *const ssn_words[] = {"ssn", "social security", "taxpayer", "tax id", "tin:", "tin ", NULL};

static bool ssn_given_out(struct str ssn)
{
    bool area = !str_starts(ssn, STR("000")) && !str_starts(ssn, STR("666")) && ssn.p[0] != '9';
    return area && !str_eq(str_sub(ssn, 4, 6), STR("00")) && !str_eq(str_sub(ssn, 7, 11), STR("0000"));
}

static bool nino_given_out(struct str prefix) { return str_find(STR("BG GB NK KN TN NT ZZ"), prefix, 0) == STR_NONE; }

/* The tenth digit of an NHS number is 11 less the weighted sum of the others, modulo 11; 10 is not given out. */
static bool nhs_checks(struct str number)
{
    unsigned sum = 0, weight = 10, digit = 0;
    for (size_t i = 0; i < number.n; i++) {
        if (!is_digit(number.p[i])) continue;
        digit = (unsigned)(number.p[i] - '0');
        if (weight > 1) sum += digit * weight--;
    }
    return (11 - sum % 11) % 11 == digit;
}

static enum err scan_national_id(struct rules_run *run, const struct rule *rule, uint32_t block, struct str text,
                                 struct error *e)
{
    if (!words_has_digit(text, 0, text.n)) return ERR_OK;
    const struct pattern *form = rules__pattern(run, "privacy.national_id");
    struct pattern_match m;
    for (size_t at = 0; pattern_find(form, text, at, &m); at = m.end) {
        const char *what = NULL;
        size_t start = m.start, end = m.end;
        if (m.group_start[1] != STR_NONE) {
            if (ssn_given_out(pattern_group(text, &m, 1)) && named_before(text, m.start, ssn_words))
                what = "a US social security number";
        } else if (m.group_start[2] != STR_NONE) {
            if (nino_given_out(str_sub(text, m.start, m.start + 2))) what = "a UK national insurance number";
        } else if (m.group_start[3] != STR_NONE) {
            if (nhs_checks(pattern_group(text, &m, 3))) what = "an NHS number";
            start = m.group_start[3];
        } else if (words_has_digit(text, m.group_start[4], m.group_end[4])) {
            what = "a passport number";
            start = m.group_start[4];
        }
        if (!what) continue;
        TRY(rules__hit_at(run, rule, block, start, end, "Remove the number, or show its last digits only.", e,
                          "This looks like %s (ending in %.2s).", what, text.p + end - 2));
    }
    return ERR_OK;
}

static enum err check_national_id(struct rules_run *run, const struct rule *rule, struct error *e)
{
    return scan_blocks(run, rule, scan_national_id, e);
}

/* ---- the table ---- */

const struct rules_pattern_spec rules__privacy_identity_patterns[] = {
    {"privacy.phone",
     "(?<![\\w+./\\-])(?:"
     "(\\+\\d{1,3}[ .\\-\\x{A0}]?(?:\\(\\d{1,4}\\)[ .\\-\\x{A0}]?)?\\d{1,4}(?:[ .\\-\\x{A0}]?\\d{2,4}){1,5}"
     "|\\(\\d{3}\\)[ \\x{A0}]?\\d{3}[ .\\-]\\d{4}|\\d{3}-\\d{3}-\\d{4})"
     "|\\(?0?\\d{2,5}\\)?(?:[ .\\-/\\x{A0}]{1,2}\\d{2,8}){1,5}|\\d{10,11}"
     ")(?![\\w\\-]|\\.\\d)",
     false},
    {"privacy.national_id",
     "\\b(?:(\\d{3}-\\d{2}-\\d{4})"
     "|([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\\d{2} ?\\d{2} ?\\d{2} ?[A-D])"
     "|NHS ?(?:[Nn]o\\.?|[Nn]umber|#)?[: ]{0,3}(?:is )?(\\d{3}[ -]?\\d{3}[ -]?\\d{4})"
     "|[Pp]assport ?(?:[Nn]o\\.?|[Nn]umber|#)?[:, ]{0,3}(?:is )?([A-Z]{0,2}\\d{6,9}))\\b",
     false},
};
const size_t rules__privacy_identity_patterns_count = RULES__COUNT(rules__privacy_identity_patterns);

const struct rule rules__privacy_identity[] = {
    {.id = "privacy.email",
     .family = RULE_PRIVACY,
     .title = "E-mail address of a person",
     .why = "A report travels further than its author expects; an address in it is personal data that most readers do "
            "not need.",
     .category = "Privacy",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.85,
     .fires = "Contact jane.doe@contoso.com for the logs.",
     .spares = "Write to support@contoso.com.",
     .check = check_email},
    {.id = "privacy.phone",
     .family = RULE_PRIVACY,
     .title = "Telephone number",
     .why = "A telephone number is personal data; a number that reaches one person rarely belongs into a report.",
     .category = "Privacy",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_MEDIUM,
     .confidence = 0.75,
     .fires = "The buyer was called at +49 170 1234567.",
     .spares = "Order 114-3941689-8772232 was shipped.",
     .check = check_phone},
    {.id = "privacy.card_number",
     .family = RULE_PRIVACY,
     .title = "Payment card number",
     .why = "A full card number must not be kept outside a cardholder data environment (PCI DSS); whoever reads the "
            "document could use it.",
     .category = "Privacy",
     .kind = RULE_KIND_CRITICAL,
     .risk = RULE_RISK_HIGH,
     .confidence = 0.95,
     .fires = "Card 4111 1111 1111 1111 was charged twice.",
     .spares = "Tracking number 4111 1111 1111 1112.",
     .check = check_card},
    {.id = "privacy.iban",
     .family = RULE_PRIVACY,
     .title = "Bank account number",
     .why =
         "A bank account number is personal or confidential data; the last digits are enough to tell accounts apart.",
     .category = "Privacy",
     .kind = RULE_KIND_CRITICAL,
     .risk = RULE_RISK_HIGH,
     .confidence = 0.97,
     .fires = "Refund to DE89 3704 0044 0532 0130 00.",
     .spares = "Refund to DE89 3704 0044 0532 0130 01.",
     .check = check_iban},
    {.id = "privacy.national_id",
     .family = RULE_PRIVACY,
     .title = "National identity number",
     .why = "Numbers that a state gives to a person open the door to identity theft and are protected by law nearly "
            "everywhere.",
     .category = "Privacy",
     .kind = RULE_KIND_CRITICAL,
     .risk = RULE_RISK_HIGH,
     .confidence = 0.85,
     .fires = "His SSN is 219-09-9999.",
     .spares = "Part number 219-09-9999.",
     .check = check_national_id},
};
const size_t rules__privacy_identity_count = RULES__COUNT(rules__privacy_identity);
