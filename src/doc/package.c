/* The package of a .docx: open, read parts, write a copy. Reading: our own scan (zip_scan.c) decides whether the
 * archive is sound, libzip must see the same in it, and parts are inflated whole (deflate.c). Writing: libzip rewrites
 * the archive from the given bytes with the changed parts, packed here, in place of theirs; it carries every other
 * entry's packed bytes as they are. The only file that sees libzip. Rejected: unpacking to a folder (path tricks,
 * clean-up), keeping all parts inflated (media are most of a large file and nobody reads them). Source: ECMA-376 part
 * 2. Limits: struct doc_limits. */
#include "doc/package.h"

#include <stdlib.h>

#include <zip.h>

#include "doc/package_priv.h"

#define CT_WORD "application/vnd.openxmlformats-officedocument.wordprocessingml."

struct doc_package {
    struct arena *a;
    struct str bytes; /* borrowed */
    struct doc_limits limits;
    struct doc__zip zip; /* our view */
    zip_t *archive;      /* libzip's view, for reading; freed with the arena */
    struct map by_name;  /* lower-cased name → struct doc__zip_entry * */
    struct str *parts;   /* inflated bytes by entry; .p NULL: not asked for yet */
    struct doc__types types;
    struct doc_rels rels; /* of the package itself */
    struct str main_part;
    enum doc_package_kind kind;
    bool strict, is_signed;
};

/* Main parts that we read, and those that we can name. */
static const struct main_kind {
    const char *type;
    int kind;         /* enum doc_package_kind, or -1 */
    const char *what; /* of what we do not read */
} main_kinds[] = {
    {CT_WORD "document.main+xml", DOC_PACKAGE_DOCX, NULL},
    {CT_WORD "template.main+xml", DOC_PACKAGE_DOTX, NULL},
    {"application/vnd.ms-word.document.macroEnabled.main+xml", DOC_PACKAGE_DOCM, NULL},
    {"application/vnd.ms-word.template.macroEnabledTemplate.main+xml", DOC_PACKAGE_DOTM, NULL},
    /* Producers that do not set one: the root element decides when the part is read. */
    {"application/xml", DOC_PACKAGE_DOCX, NULL},
    {"text/xml", DOC_PACKAGE_DOCX, NULL},
};

static const struct foreign {
    struct str mark; /* in the content type */
    const char *what;
} foreign_kinds[] = {
    {STR_INIT("spreadsheetml"), "an Excel workbook"},
    {STR_INIT("ms-excel"), "an Excel workbook"},
    {STR_INIT("presentationml"), "a PowerPoint file"},
    {STR_INIT("ms-powerpoint"), "a PowerPoint file"},
    {STR_INIT("visio"), "a Visio drawing"},
    {STR_INIT("drawingml"), "a drawing part"},
    {STR_INIT("vnd.ms-package.3dman"), "a 3D model"},
    {STR_INIT("xps"), "an XPS document"},
};

static enum err not_opc(struct error *e, const char *what)
{
    error_set_reason(e, ERR_INVALID, "not_opc", "the file is a zip archive but no Word document: %s", what);
    return error_hint(e, "Choose a Word document saved as .docx.");
}

/* An OpenDocument or EPUB file says what it is in its first entry, stored. */
static enum err check_mimetype(const struct doc_package *p, struct error *e)
{
    if (!p->zip.n) return not_opc(e, "it is empty");
    const struct doc__zip_entry *first = &p->zip.at[0];
    if (!str_eq_c(first->name, "mimetype") || first->method != 0 || first->size > 128) return ERR_OK;
    struct str type = {p->bytes.p + first->data_start, (size_t)first->size};
    const char *what = "an archive of another kind";
    if (str_find(type, STR("opendocument.text"), 0) != STR_NONE)
        what = "an OpenDocument text (.odt)";
    else if (str_find(type, STR("opendocument"), 0) != STR_NONE)
        what = "an OpenDocument file";
    else if (str_find(type, STR("epub"), 0) != STR_NONE)
        what = "an EPUB book";
    error_set_reason(e, ERR_INVALID, "unsupported_type", "the file is %s, not a .docx", what);
    return error_hint(e, "Open it in Word or LibreOffice and save it as .docx.");
}

static void discard(void *archive) { zip_discard(archive); }

static enum err libzip_failed(struct error *e, zip_error_t *z, const char *what)
{
    error_set_reason(e, ERR_INVALID, "corrupt_zip", "the file is damaged: %s", what);
    error_detail(e, "libzip: %s", zip_error_strerror(z));
    zip_error_fini(z);
    return ERR_INVALID;
}

/* Opens the bytes with libzip. On success *ret_source, when it is asked for, is held once more and gives the written
 * archive after zip_close; it then works on a copy of the bytes that is its own: writing through a borrowed buffer,
 * libzip 1.7 frees a piece of it. */
static enum err open_archive(struct str bytes, zip_t **ret, zip_source_t **ret_source, struct error *e)
{
    const void *data = bytes.p;
    void *own = NULL;
    if (ret_source) {
        if (!(own = malloc(bytes.n ? bytes.n : 1))) return error_no_memory(e);
        data = bytes.n ? memcpy(own, bytes.p, bytes.n) : own;
    }
    zip_error_t z;
    zip_error_init(&z);
    zip_source_t *source = zip_source_buffer_create(data, bytes.n, own != NULL, &z);
    if (!source) {
        free(own);
        zip_error_fini(&z);
        return error_no_memory(e);
    }
    if (ret_source) zip_source_keep(source);
    zip_t *archive = zip_open_from_source(source, ret_source ? 0 : ZIP_RDONLY, &z);
    if (!archive) {
        zip_source_free(source);
        if (ret_source) zip_source_free(source);
        return libzip_failed(e, &z, "its zip directory cannot be read");
    }
    zip_error_fini(&z);
    *ret = archive;
    if (ret_source) *ret_source = source;
    return ERR_OK;
}

/* libzip must see the same entries as our scan: else the file is made so that two readers see two documents. */
static enum err check_same_view(const struct doc_package *p, struct error *e)
{
    bool same = zip_get_num_entries(p->archive, 0) == (zip_int64_t)p->zip.n;
    for (size_t i = 0; same && i < p->zip.n; i++) {
        const char *name = zip_get_name(p->archive, i, ZIP_FL_ENC_RAW);
        zip_stat_t st;
        same = name && str_eq_c(p->zip.at[i].name, name) && zip_stat_index(p->archive, i, 0, &st) == 0 &&
               st.size == p->zip.at[i].size && st.comp_size == p->zip.at[i].packed_size;
    }
    if (same) return ERR_OK;
    return error_set_reason(e, ERR_INVALID, "corrupt_zip",
                            "the file is damaged: its zip directory can be read in two ways");
}

static enum err index_names(struct doc_package *p, struct error *e)
{
    p->by_name = map_make(p->a);
    p->parts = NEW(p->a, struct str, p->zip.n);
    if (!p->parts) return error_no_memory(e);
    for (size_t i = 0; i < p->zip.n; i++) {
        struct str key = doc__lower(p->a, p->zip.at[i].name);
        if (!key.p || !map_put(&p->by_name, key, &p->zip.at[i])) return error_no_memory(e);
    }
    return ERR_OK;
}

static const struct doc__zip_entry *find_entry(const struct doc_package *p, struct str part)
{
    return part.n ? doc__find_name(&p->by_name, part) : NULL;
}

static enum err find_main(struct doc_package *p, struct error *e)
{
    if (!doc_package_has(p, STR("[Content_Types].xml"))) return not_opc(e, "it has no [Content_Types].xml");
    if (!doc_package_has(p, STR("_rels/.rels"))) return not_opc(e, "it has no _rels/.rels");
    struct str xml = STR_EMPTY;
    TRY(doc_package_part(p, STR("[Content_Types].xml"), &xml, e));
    TRY(doc__types_read(p->a, xml, &p->types, e));
    TRY(doc_package_part(p, STR("_rels/.rels"), &xml, e));
    TRY(doc__rels_read(p->a, xml, "_rels/.rels", STR_EMPTY, &p->rels, &p->strict, e));
    for (size_t i = 0; i < p->rels.n; i++)
        if (str_find(p->rels.at[i].type, STR("digital-signature/origin"), 0) != STR_NONE) p->is_signed = true;
    const struct doc_rel *rel = doc_rels_first(&p->rels, "officeDocument");
    if (!rel) return not_opc(e, "its relationships name no document");
    const struct doc__zip_entry *entry = find_entry(p, rel->target);
    if (!entry) {
        error_set_reason(e, ERR_INVALID, "missing_part", "the file has no document in it: \"%.*s\" is missing",
                         STR_ARG(rel->target));
        return error_hint(e, "Get the file again from where it came.");
    }
    p->main_part = entry->name;
    return ERR_OK;
}

static enum err check_main_kind(struct doc_package *p, struct error *e)
{
    struct str type = doc_package_content_type(p, p->main_part);
    for (size_t i = 0; i < sizeof main_kinds / sizeof main_kinds[0]; i++)
        if (str_eq_nocase(type, str_from_c(main_kinds[i].type))) {
            p->kind = (enum doc_package_kind)main_kinds[i].kind;
            return ERR_OK;
        }
    const char *what = NULL;
    for (size_t i = 0; !what && i < sizeof foreign_kinds / sizeof foreign_kinds[0]; i++)
        if (str_find_nocase(type, foreign_kinds[i].mark, 0) != STR_NONE) what = foreign_kinds[i].what;
    if (what)
        error_set_reason(e, ERR_INVALID, "not_a_word_document", "the file is %s, not a Word document", what);
    else
        error_set_reason(e, ERR_INVALID, "not_a_word_document",
                         "the main part of the file is no Word document but \"%.*s\"", STR_ARG(type));
    return error_hint(e, "Choose a Word document saved as .docx.");
}

enum err doc_package_open(struct arena *a, struct str bytes, const struct doc_limits *limits, struct doc_package **ret,
                          struct error *e)
{
    if (bytes.n > limits->max_file_bytes)
        return error_set_reason(e, ERR_LIMIT, "too_large", "the file has %zu bytes; the limit is %zu", bytes.n,
                                limits->max_file_bytes);
    TRY(doc__sniff(bytes, e));
    struct doc_package *p = NEW(a, struct doc_package, 1);
    if (!p) return error_no_memory(e);
    p->a = a;
    p->bytes = bytes;
    p->limits = *limits;
    TRY(doc__zip_scan(a, bytes, limits, &p->zip, e));
    TRY(check_mimetype(p, e));
    TRY(open_archive(bytes, &p->archive, NULL, e));
    if (!arena_defer(a, discard, p->archive)) return error_no_memory(e);
    TRY(check_same_view(p, e));
    TRY(index_names(p, e));
    TRY(find_main(p, e));
    TRY(check_main_kind(p, e));
    *ret = p;
    return ERR_OK;
}

struct str doc_package_bytes(const struct doc_package *p) { return p->bytes; }
struct str doc_package_main_part(const struct doc_package *p) { return p->main_part; }
bool doc_package_is_strict(const struct doc_package *p) { return p->strict; }
enum doc_package_kind doc_package_kind(const struct doc_package *p) { return p->kind; }
bool doc_package_is_signed(const struct doc_package *p) { return p->is_signed; }
size_t doc_package_entry_count(const struct doc_package *p) { return p->zip.n; }
struct str doc_package_entry_name(const struct doc_package *p, size_t i) { return p->zip.at[i].name; }

struct str doc_package_entry_packed(const struct doc_package *p, size_t i)
{
    return (struct str){p->bytes.p + p->zip.at[i].data_start, (size_t)p->zip.at[i].packed_size};
}

bool doc_package_has(const struct doc_package *p, struct str part) { return find_entry(p, part) != NULL; }

static enum err corrupt_entry(struct error *e, struct str name, const char *detail)
{
    error_set_reason(e, ERR_INVALID, "corrupt_entry", "the file is damaged: \"%.*s\" in it cannot be unpacked",
                     STR_ARG(name));
    error_detail(e, "%s", detail);
    error_hint(e, "Get the file again from where it came; if it opens in Word, save a new copy there.");
    return ERR_INVALID;
}

enum err doc_package_part(struct doc_package *p, struct str part, struct str *ret, struct error *e)
{
    const struct doc__zip_entry *entry = find_entry(p, part);
    if (!entry)
        return error_set_reason(e, ERR_NOT_FOUND, "missing_part", "the file has no part \"%.*s\"", STR_ARG(part));
    size_t i = (size_t)(entry - p->zip.at);
    if (p->parts[i].p) {
        *ret = p->parts[i];
        return ERR_OK;
    }
    if (entry->size > p->limits.max_part_bytes)
        return error_set_reason(e, ERR_LIMIT, "too_large", "\"%.*s\" in the file has %llu bytes; the limit is %zu",
                                STR_ARG(entry->name), (unsigned long long)entry->size, p->limits.max_part_bytes);
    size_t n = (size_t)entry->size;
    char *out = arena_alloc(p->a, n + 1);
    if (!out) return error_no_memory(e);
    struct str packed = doc_package_entry_packed(p, i);
    if (entry->method == ZIP_CM_STORE)
        memcpy(out, packed.p, n); /* as many as packed: zip_scan.c */
    else if (!doc__inflate(packed, out, n))
        return corrupt_entry(e, entry->name, "the packed bytes are broken");
    if (doc__crc32((struct str){out, n}) != entry->crc) return corrupt_entry(e, entry->name, "the check sum is wrong");
    p->parts[i] = (struct str){out, n};
    *ret = p->parts[i];
    return ERR_OK;
}

struct str doc_package_content_type(const struct doc_package *p, struct str part)
{
    return doc__types_of(&p->types, part);
}

enum err doc_package_rels(struct doc_package *p, struct str part, struct doc_rels *ret, struct error *e)
{
    if (!part.n) {
        *ret = p->rels;
        return ERR_OK;
    }
    struct str name = doc_package_rels_name(p->a, part);
    if (!name.p) return error_no_memory(e);
    if (!doc_package_has(p, name)) {
        *ret = (struct doc_rels){0};
        return ERR_OK;
    }
    struct str xml = STR_EMPTY;
    TRY(doc_package_part(p, name, &xml, e));
    bool strict = false;
    return doc__rels_read(p->a, xml, name.p, part, ret, &strict, e);
}

static enum err write_failed(struct error *e, const char *detail)
{
    error_set(e, ERR_INTERNAL, "could not write the document's archive");
    error_detail(e, "libzip: %s", detail);
    return ERR_INTERNAL;
}

/* A part that is packed already, as a source of libzip: it then copies what it gets. */
struct packed_part {
    struct str packed;
    zip_stat_t stat;
    size_t at; /* read so far */
};

static zip_int64_t packed_source(void *state, void *data, zip_uint64_t n, zip_source_cmd_t command)
{
    struct packed_part *part = state;
    switch (command) {
    case ZIP_SOURCE_OPEN: part->at = 0; return 0;
    case ZIP_SOURCE_READ: {
        size_t left = part->packed.n - part->at, k = n < left ? (size_t)n : left;
        memcpy(data, part->packed.p + part->at, k);
        part->at += k;
        return (zip_int64_t)k;
    }
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE: return 0;
    case ZIP_SOURCE_STAT: memcpy(data, &part->stat, sizeof part->stat); return sizeof part->stat;
    case ZIP_SOURCE_SUPPORTS: return ZIP_SOURCE_SUPPORTS_READABLE;
    default: return -1;
    }
}

static zip_source_t *source_of(zip_t *archive, struct str bytes, struct arena *a)
{
    struct packed_part *part = NEW(a, struct packed_part, 1);
    if (!part) return NULL;
    part->packed = doc__deflate(a, bytes);
    if (!part->packed.p) return NULL;
    zip_stat_init(&part->stat);
    part->stat.size = bytes.n;
    part->stat.comp_size = part->packed.n;
    part->stat.comp_method = ZIP_CM_DEFLATE;
    part->stat.crc = doc__crc32(bytes);
    part->stat.valid = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_CRC;
    return zip_source_function(archive, packed_source, part);
}

/* Replaces or adds one part. The time stamp is the old entry's, or a fixed one, so that equal edits give equal files. */
static enum err put_part(const struct doc_package *p, zip_t *archive, const struct doc_part_change *change,
                         struct arena *a, struct error *e)
{
    const struct doc__zip_entry *old = find_entry(p, change->name);
    char *name = str_to_c(a, change->name);
    zip_source_t *source = name ? source_of(archive, change->bytes, a) : NULL;
    if (!source) return error_no_memory(e);
    zip_int64_t i = -1;
    if (old) {
        i = old - p->zip.at;
        if (zip_file_replace(archive, (zip_uint64_t)i, source, 0) != 0) i = -1;
    } else {
        i = zip_file_add(archive, name, source, ZIP_FL_ENC_UTF_8);
    }
    if (i < 0) {
        zip_source_free(source);
        return write_failed(e, zip_strerror(archive));
    }
    uint16_t time = old ? old->time : 0, date = old ? old->date : 0x0021; /* 1980-01-01 */
    if (zip_set_file_compression(archive, (zip_uint64_t)i, ZIP_CM_DEFLATE, 0) != 0 ||
        zip_file_set_dostime(archive, (zip_uint64_t)i, time, date, 0) != 0)
        return write_failed(e, zip_strerror(archive));
    return ERR_OK;
}

static enum err read_source(zip_source_t *source, struct arena *a, struct str *ret, struct error *e)
{
    zip_stat_t st;
    if (zip_source_stat(source, &st) != 0 || !(st.valid & ZIP_STAT_SIZE)) return write_failed(e, "no size");
    char *out = arena_alloc(a, (size_t)st.size + 1);
    if (!out) return error_no_memory(e);
    if (zip_source_open(source) != 0) return write_failed(e, zip_error_strerror(zip_source_error(source)));
    zip_int64_t n = zip_source_read(source, out, st.size);
    (void)zip_source_close(source);
    if (n < 0 || (zip_uint64_t)n != st.size) return write_failed(e, "short read");
    *ret = (struct str){out, (size_t)st.size};
    return ERR_OK;
}

enum err doc_package_write(const struct doc_package *p, const struct doc_part_change *changes, size_t n_changes,
                           struct arena *a, struct str *ret, struct error *e)
{
    zip_t *archive = NULL;
    zip_source_t *source = NULL;
    TRY(open_archive(p->bytes, &archive, &source, e));
    CLEANUP_ARENA struct arena *packed = arena_new(SIZE_MAX); /* until the archive is closed */
    enum err code = packed ? ERR_OK : error_no_memory(e);
    for (size_t i = 0; code == ERR_OK && i < n_changes; i++)
        code = put_part(p, archive, &changes[i], packed, e);
    if (code == ERR_OK && zip_close(archive) != 0)
        code = write_failed(e, zip_strerror(archive));
    else if (code == ERR_OK)
        archive = NULL;
    if (archive) zip_discard(archive);
    struct str out = STR_EMPTY;
    if (code == ERR_OK) code = read_source(source, a, &out, e);
    zip_source_free(source);
    TRY(code);
    *ret = out;
    return ERR_OK;
}
