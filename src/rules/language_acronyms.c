/* Acronyms that are never defined, and those that are defined twice.
 *
 * The facts of the run have found every acronym with its uses and definitions; here it is decided which of them a reader must be told.
 * Spared: what everybody knows, units, Roman numerals, the team's own words, words that the document also writes small (then the
 * capitals are for emphasis), and what stands in a line of capitals. One finding an acronym, at its first use.
 * Limits: an acronym that is an English word ("RAID") and is also used as that word is spared. */
#include "rules/facts.h"
#include "rules/registry_priv.h"
#include "rules/words.h"

#define ACRONYM_MIN  2
#define ACRONYM_MAX  6
#define MEANING_SHOW 80

/* Known to readers of business documents without a word of explanation. Sorted. */
static const char *const universal[] = {
    "2D",   "3D",    "AC",   "ACH",  "AD",     "AGM",  "AI",   "AIDS", "AKA",   "AM",   "API",  "APIS", "ASAP", "ASCII",
    "ASIN", "ATM",   "AWS",  "B2B",  "B2C",    "BA",   "BBC",  "BC",   "BCC",   "BIOS", "BMW",  "BSC",  "BST",  "CAD",
    "CC",   "CCTV",  "CD",   "CDC",  "CEO",    "CEOS", "CEST", "CET",  "CFO",   "CIA",  "CIO",  "CMS",  "CMYK", "CO",
    "COO",  "COVID", "CPU",  "CRM",  "CSS",    "CST",  "CSV",  "CTO",  "CV",    "DC",   "DHL",  "DIY",  "DJ",   "DNA",
    "DNS",  "DOB",   "DOC",  "DOCX", "DOI",    "DOJ",  "DVD",  "EEA",  "EG",    "EMEA", "EPA",  "ERP",  "ESG",  "EST",
    "EU",   "EUR",   "EURO", "FAA",  "FAQ",    "FAQS", "FBI",  "FCC",  "FDA",   "FTC",  "FTP",  "FY",   "GAAP", "GB",
    "GBP",  "GDP",   "GDPR", "GHZ",  "GIF",    "GMT",  "GPS",  "GPU",  "GW",    "HD",   "HIV",  "HQ",   "HR",   "HTML",
    "HTTP", "HTTPS", "IBAN", "IBM",  "ID",     "IDE",  "IDS",  "IE",   "IEEE",  "IFRS", "II",   "III",  "IMF",  "INC",
    "IP",   "IPV4",  "IQ",   "IRS",  "ISBN",   "ISO",  "ISP",  "ISSN", "IT",    "IV",   "JPEG", "JPG",  "JPY",  "JS",
    "JSON", "KB",    "KG",   "KM",   "KPI",    "KPIS", "KW",   "LA",   "LAN",   "LCD",  "LED",  "LLC",  "LLP",  "LP",
    "LTD",  "LTE",   "MA",   "MAC",  "MB",     "MBA",  "MD",   "MHZ",  "MIME",  "MIT",  "MP3",  "MP4",  "MS",   "MSC",
    "MW",   "NASA",  "NATO", "NB",   "NBA",    "NDA",  "NGO",  "NHS",  "NHTSA", "NY",   "NYC",  "NYSE", "OECD", "OK",
    "OS",   "OSHA",  "PC",   "PCS",  "PDF",    "PDFS", "PDT",  "PHD",  "PHP",   "PIN",  "PLC",  "PM",   "PNG",  "PO",
    "POS",  "PPT",   "PR",   "PS",   "PST",    "QA",   "QR",   "QTY",  "RAM",   "REST", "RGB",  "RIP",  "ROI",  "ROM",
    "RSS",  "RSVP",  "SDK",  "SEC",  "SIM",    "SKU",  "SKUS", "SMS",  "SMTP",  "SOAP", "SQL",  "SSH",  "SSL",  "SSN",
    "SUV",  "TBA",   "TBC",  "TBD",  "TCP",    "TIFF", "TLS",  "TM",   "TODO",  "TV",   "TVS",  "TX",   "TXT",  "UAE",
    "UDP",  "UI",    "UK",   "UN",   "UNESCO", "UPS",  "URI",  "URL",  "URLS",  "US",   "USA",  "USB",  "USD",  "USPS",
    "UTC",  "UTF",   "UV",   "VAT",  "VIP",    "VIPS", "VPN",  "VS",   "WHO",   "WIFI", "WWII", "WWW",  "XLS",  "XLSX",
    "XML",  "YMCA",  "ZIP"};

static bool is_universal(struct str text)
{
    for (size_t i = 0; i < sizeof(universal) / sizeof(universal[0]); i++)
        if (str_eq_c(text, universal[i])) return true;
    return false;
}

static bool is_roman(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!strchr("IVXLCDM", text.p[i])) return false;
    return true;
}

/* "ACME1", "X-200", "PA1a": names of products, labels. */
static bool is_code(struct str text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned)(unsigned char)text.p[i] - 'A' >= 26u && !(i + 1 == text.n && text.p[i] == 's')) return true;
    return false;
}

/* Capitals are used all over the block: nothing in it is an acronym for certain. */
static bool stands_in_capitals(const struct rules_run *run, struct facts_span use)
{
    const struct doc_block *block = &run->doc->blocks.at[use.block];
    return !words_is_prose(block) || words_all_capitals(block->text);
}

/* Every word that the document writes in small letters, if with a capital ("Kelly"), and that is short enough to be an acronym. */
static enum err small_words(struct rules_run *run, struct map *ret, struct error *e)
{
    struct map small = map_make(run->arena);
    for (uint32_t i = 0; i < run->doc->blocks.n; i++) {
        if (!rules__reviewed(run, i)) continue;
        struct str text = run->doc->blocks.at[i].text;
        struct word w;
        for (size_t at = 0; words_next(text, &at, &w);) {
            size_t n = w.end - w.start;
            if (n < ACRONYM_MIN || n > ACRONYM_MAX || w.all_upper || w.has_digit || !w.ascii) continue;
            struct str word = words_text(text, w);
            if (w.upper_first) { /* kept in lower case; few words begin with a capital */
                char buf[WORDS_KEY_MAX];
                word = str_dup(run->arena, words_key(word, buf));
                if (!word.p) return error_no_memory(e);
            }
            if (!map_put(&small, word, run)) return error_no_memory(e);
        }
    }
    *ret = small;
    return ERR_OK;
}

/* "Sacramento, CA", "Miller, MA": a state or a degree. */
static bool behind_comma(const struct rules_run *run, struct facts_span use)
{
    struct str text = run->doc->blocks.at[use.block].text;
    return use.start >= 2 && use.end - use.start == 2 && text.p[use.start - 1] == ' ' && text.p[use.start - 2] == ',';
}

/* "GB82 WEST 1234 5698": part of a number that is written in groups. */
static bool in_number(const struct rules_run *run, struct facts_span use)
{
    struct str before = str_sub(run->doc->blocks.at[use.block].text, 0, use.start);
    struct str behind = str_sub(run->doc->blocks.at[use.block].text, use.end, STR_NONE);
    return before.n >= 2 && behind.n >= 2 && before.p[before.n - 1] == ' ' && behind.p[0] == ' ' &&
           words_has_digit(before, before.n - 2, before.n) && words_has_digit(behind, 1, 2);
}

static bool must_be_defined(const struct rules_run *run, const struct facts_acronym *a, const struct map *small)
{
    struct str text = a->text;
    if (text.n > 2 && text.p[text.n - 1] == 's') text.n--; /* "SLAs" */
    if (text.n < ACRONYM_MIN || text.n > ACRONYM_MAX || is_universal(text) || is_universal(a->text)) return false;
    if (is_roman(text) || is_code(text) || rules__team_word(run, a->text) || rules__team_word(run, text)) return false;
    if (text.n == 2 && (a->uses < 2 || behind_comma(run, a->first_use))) return false; /* initials, states, degrees */
    if (!words_is_english(run->doc->blocks.at[a->first_use.block].text, true)) return false;
    char buf[WORDS_KEY_MAX];
    return !stands_in_capitals(run, a->first_use) && !in_number(run, a->first_use) &&
           !map_get(small, words_key(text, buf));
}

static enum err check_undefined(struct rules_run *run, const struct rule *rule, struct error *e)
{
    if (!run->facts->english) return ERR_OK; /* what all readers know is known of English */
    struct map small = {0};
    TRY(small_words(run, &small, e));
    for (size_t i = 0; i < run->facts->acronyms.n; i++) {
        const struct facts_acronym *a = &run->facts->acronyms.at[i];
        if (a->definitions.n || rules__param_has(run, rule, "known", a->text) || !must_be_defined(run, a, &small))
            continue;
        TRY(rules__hit_at(run, rule, a->first_use.block, a->first_use.start, a->first_use.end,
                          "Write it out at its first use, with the acronym in brackets behind it.", e,
                          "\"%.*s\" is used %s and never defined.", STR_ARG(a->text),
                          a->uses > 1 ? "several times" : "once"));
    }
    return ERR_OK;
}

/* Same words, whatever their case and spaces? */
static bool same_meaning(struct str a, struct str b)
{
    struct word x, y;
    for (size_t i = 0, j = 0;;) {
        bool more_a = words_next(a, &i, &x), more_b = words_next(b, &j, &y);
        if (!more_a || !more_b) return more_a == more_b;
        struct str p = words_text(a, x), q = words_text(b, y);
        if (str_eq_nocase(p, q)) continue;
        struct str longer = p.n > q.n ? p : q; /* a plural is the same thing */
        size_t shorter = p.n < q.n ? p.n : q.n;
        bool plural = longer.n == shorter + 1 && longer.p[shorter] == 's' &&
                      str_eq_nocase(str_sub(p, 0, shorter), str_sub(q, 0, shorter));
        if (!plural) return false;
    }
}

/* The first definition that differs from the first of all; else the second one; 0: there is one only. One finding an acronym. */
static size_t redefinition(const struct facts_acronym *a)
{
    size_t n = a->definitions.n < a->meanings.n ? a->definitions.n : a->meanings.n;
    for (size_t k = 1; k < n; k++)
        if (!same_meaning(a->meanings.at[0], a->meanings.at[k])) return k;
    return n > 1 ? 1 : 0;
}

static enum err check_redefined(struct rules_run *run, const struct rule *rule, struct error *e)
{
    for (size_t i = 0; i < run->facts->acronyms.n; i++) {
        const struct facts_acronym *a = &run->facts->acronyms.at[i];
        size_t k = redefinition(a);
        if (k == 0) continue;
        struct facts_span at = a->definitions.at[k];
        struct str now = a->meanings.at[k], first = a->meanings.at[0];
        if (same_meaning(now, first))
            TRY(rules__hit_at(run, rule, at.block, at.start, at.end, "Use the acronym alone from here on.", e,
                              "\"%.*s\" is defined again; it was introduced before, with the same words.",
                              STR_ARG(a->text)));
        else
            TRY(rules__hit_at(run, rule, at.block, at.start, at.end, "Give each meaning an acronym of its own.", e,
                              "\"%.*s\" is defined as \"%.*s\" here, but as \"%.*s\" before.", STR_ARG(a->text),
                              STR_ARG(str_sub(now, 0, MEANING_SHOW)), STR_ARG(str_sub(first, 0, MEANING_SHOW))));
    }
    return ERR_OK;
}

const struct rule rules__language_acronyms[] = {
    {.id = "language.acronym_undefined",
     .family = RULE_LANGUAGE,
     .title = "Acronym without a definition",
     .why = "Readers outside the team guess at what it means, or stop reading.",
     .category = "Clarity",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW,
     .confidence = 0.7,
     .params = {{"known", RULE_PARAM_STRS, 0, 0, 0, "acronyms that every reader of the team's documents knows"}},
     .fires = "The case was sent to the TRMS team.",
     .spares = "The case was sent to the Transaction Risk Management System (TRMS) team.",
     .check = check_undefined},
    {.id = "language.acronym_redefined",
     .family = RULE_LANGUAGE,
     .title = "Acronym defined twice",
     .why =
         "Two meanings of one acronym make every later use ambiguous; the same definition twice makes readers look for a "
         "difference.",
     .category = "Clarity",
     .kind = RULE_KIND_SUGGESTION,
     .risk = RULE_RISK_LOW,
     .confidence = 0.85,
     .fires = "The Service Level Agreement (SLA) holds.\nThe Seller Learning Academy (SLA) helps.",
     .spares = "The Service Level Agreement (SLA) holds.\nThe SLA was missed.",
     .check = check_redefined},
};
const size_t rules__language_acronyms_count = RULES__COUNT(rules__language_acronyms);
