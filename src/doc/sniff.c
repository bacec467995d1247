/* Names what a file is when it is no .docx, by its first bytes, so that a person reads "this is a PDF" and not "bad
 * zip". A compound file (CFB) is told apart by the names of its streams: they are looked for where directory entries
 * can stand (multiples of 128 bytes) instead of by walking its sector tables, which is shorter, linear, and cannot be
 * led into a loop. Sources: [MS-CFB] 2.6; [MS-OFFCRYPTO] 2.3; [MS-DOC] 2.5.2. Limits: the tables below. */
#include "doc/package_priv.h"

#define CFB_ENTRY 128

struct magic {
    struct str bytes;
    const char *what; /* for the message: "this is …" */
};

static const struct magic magics[] = {
    {STR_INIT("{\\rtf"), "an RTF document"},       {STR_INIT("%PDF"), "a PDF"},
    {STR_INIT("\x1f\x8b"), "a gzip archive"},      {STR_INIT("7z\xbc\xaf\x27\x1c"), "a 7-Zip archive"},
    {STR_INIT("Rar!"), "a RAR archive"},           {STR_INIT("\x89PNG"), "a PNG picture"},
    {STR_INIT("\xff\xd8\xff"), "a JPEG picture"},  {STR_INIT("GIF8"), "a GIF picture"},
    {STR_INIT("\xdb\xa5"), "a Word 2.0 document"},
};

static enum err unsupported(struct error *e, const char *what)
{
    error_set_reason(e, ERR_INVALID, "unsupported_type", "the file is %s, not a .docx", what);
    return error_hint(e, "Open it in Word or LibreOffice and save it as .docx.");
}

static unsigned le16(const char *p) { return (unsigned)(unsigned char)p[0] | (unsigned)(unsigned char)p[1] << 8; }
static uint32_t le32(const char *p) { return le16(p) | (uint32_t)le16(p + 2) << 16; }

/* The name of a directory entry in ASCII lower case (other characters as '?'), or "" when the 128 bytes are none. */
static void cfb_name(const char *entry, char name[33])
{
    name[0] = 0;
    unsigned n = le16(entry + 64), type = (unsigned char)entry[66];
    if (n < 4 || n > 64 || n % 2 || (type != 1 && type != 2 && type != 5) || le16(entry + n - 2) != 0) return;
    for (unsigned i = 0; i < n / 2 - 1; i++) {
        unsigned unit = le16(entry + 2 * (size_t)i);
        char c = unit >= 1 && unit < 127 ? (char)unit : '?';
        name[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    name[n / 2 - 1] = 0;
}

/* Does the old document say in its header (FIB) that it is encrypted? */
static bool doc_encrypted(struct str b, const char *entry)
{
    uint64_t sector_size = 1ull << (le16(b.p + 30) & 15);
    uint64_t at = ((uint64_t)le32(entry + 116) + 1) * sector_size;
    return at + 12 <= b.n && le16(b.p + at) == 0xA5EC && (le16(b.p + at + 10) & 0x0100);
}

static enum err cfb_error(struct str b, struct error *e)
{
    bool encrypted = false, drm = false, word = false, word_locked = false;
    const char *other = NULL;
    for (size_t at = 512; at + CFB_ENTRY <= b.n; at += CFB_ENTRY) {
        char name[33];
        cfb_name(b.p + at, name);
        struct str s = str_from_c(name);
        if (!s.n) continue;
        if (str_eq_c(s, "encryptedpackage") || str_eq_c(s, "encryptioninfo"))
            encrypted = true;
        else if (str_find(s, STR("drmencrypted"), 0) != STR_NONE)
            drm = true;
        else if (str_eq_c(s, "worddocument")) {
            word = true;
            word_locked = doc_encrypted(b, b.p + at);
        } else if (str_eq_c(s, "workbook") || str_eq_c(s, "book"))
            other = "an old Excel workbook (.xls)";
        else if (str_eq_c(s, "powerpoint document"))
            other = "an old PowerPoint presentation (.ppt)";
        else if (str_eq_c(s, "visiodocument"))
            other = "an old Visio drawing (.vsd)";
        else if (str_starts(s, STR("__properties_version")))
            other = "an Outlook message (.msg)";
    }
    if (drm) {
        error_set_reason(e, ERR_INVALID, "rights_protected", "the file is protected by rights management");
        return error_hint(e, "Save a copy without restricted access, then try again.");
    }
    if (encrypted) {
        error_set_reason(e, ERR_INVALID, "password_protected", "the file is protected with a password");
        return error_hint(
            e, "Open it in Word, remove the password (File, Info, Protect Document), save it, then try again.");
    }
    if (word) {
        error_set_reason(e, ERR_INVALID, "legacy_doc", "the file is a Word 97–2003 document (.doc)%s",
                         word_locked ? ", protected with a password" : "");
        return error_hint(e, "Open it in Word or LibreOffice and save it as .docx.");
    }
    return unsupported(e, other ? other : "an old Office or other compound file");
}

static enum err xml_error(struct str head, struct error *e)
{
    if (str_find(head, STR("wordDocument"), 0) != STR_NONE) {
        error_set_reason(e, ERR_INVALID, "word2003_xml", "the file is a Word 2003 XML document, not a .docx");
        return error_hint(e, "Open it in Word and save it as .docx.");
    }
    if (str_find(head, STR("http://schemas.microsoft.com/office/2006/xmlPackage"), 0) != STR_NONE) {
        error_set_reason(e, ERR_INVALID, "flat_opc", "the file is a flat XML package, not a .docx");
        return error_hint(e, "Open it in Word and save it as .docx.");
    }
    if (str_find_nocase(head, STR("<html"), 0) != STR_NONE) return unsupported(e, "a web page (HTML)");
    return unsupported(e, "an XML file");
}

/* Is there an end-of-central-directory record where one may stand? Then something was put in front of a zip. */
static bool has_zip_end(struct str b)
{
    size_t floor = b.n > 65557 ? b.n - 65557 : 0;
    return str_find(b, STR("PK\x05\x06"), floor) != STR_NONE;
}

enum err doc__sniff(struct str b, struct error *e)
{
    if (b.n == 0) return error_set_reason(e, ERR_INVALID, "empty_file", "the file is empty");
    if (str_starts(b, STR("PK\x03\x04")) || str_starts(b, STR("PK\x05\x06"))) return ERR_OK;
    if (str_starts(b, STR("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"))) return cfb_error(b, e);
    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        if (str_starts(b, magics[i].bytes)) return unsupported(e, magics[i].what);
    if (b.n == 162 && b.p[0] >= 1 && b.p[0] <= 54) {
        error_set_reason(e, ERR_INVALID, "lock_file",
                         "the file is the lock file that Word keeps beside an open document");
        return error_hint(e, "Choose the document itself: the same name without \"~$\" in front.");
    }
    struct str head = str_sub(b, 0, 4096);
    if (str_starts(head, STR("\xEF\xBB\xBF"))) head = str_sub(head, 3, head.n);
    head = str_trim(head);
    if (str_starts_nocase(head, STR("<!doctype html")) || str_starts_nocase(head, STR("<html")))
        return unsupported(e, "a web page (HTML)");
    if (str_starts(head, STR("<?xml"))) return xml_error(head, e);
    if (has_zip_end(b)) return ERR_OK;
    error_set_reason(e, ERR_INVALID, "not_a_docx", "the file is not a .docx: it is no zip archive");
    return error_hint(e, "Choose a Word document saved as .docx.");
}
