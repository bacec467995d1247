/* What S3 answers, read and worded. An operator meets one of these sentences on the day when a bucket, a role or a clock is not as it should be, so each
 * names the setting or the right that mends it. S3's own message stands behind the codes that are not known here. */
#include "base/sb.h"
#include "base/utf8.h"
#include "base/xml.h"
#include "client/s3_priv.h"

enum { DEPTH_MAX = 16, TEXT_MAX = 2000 };

/* --- reading --- */

struct reading {
    struct arena *a;
    struct client__s3_said *said;
    struct str *field; /* of the element that is open below the root; NULL: one that does not matter */
    struct sb text;
};

static struct str *field_of(struct client__s3_said *said, struct str name)
{
    const struct {
        const char *name;
        struct str *field;
    } fields[] = {
        {"Code", &said->code}, {"Message", &said->message}, {"Region", &said->region}, {"UploadId", &said->upload_id}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (str_eq_c(name, fields[i].name)) return fields[i].field;
    return NULL;
}

static enum err on_start(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct reading *reading = ctx;
    (void)r;
    (void)e;
    if (tag->depth == 1) reading->said->is_error = str_eq_c(tag->qname, "Error");
    if (tag->depth != 2) return ERR_OK;
    reading->field = field_of(reading->said, tag->qname);
    sb_reset(&reading->text);
    return ERR_OK;
}

static enum err on_text(void *ctx, struct xml_reader *r, struct str text, size_t start, size_t end, struct error *e)
{
    struct reading *reading = ctx;
    (void)r;
    (void)start;
    (void)end;
    (void)e;
    if (reading->field) sb_str(&reading->text, str_sub(text, 0, utf8_floor(text, TEXT_MAX - reading->text.n)));
    return ERR_OK;
}

static enum err on_end(void *ctx, struct xml_reader *r, const struct xml_tag *tag, struct error *e)
{
    struct reading *reading = ctx;
    (void)r;
    if (tag->depth != 2 || !reading->field) return ERR_OK;
    *reading->field = str_dup(reading->a, str_trim(sb_view(&reading->text)));
    if (!sb_ok(&reading->text) || !reading->field->p) return error_no_memory(e);
    reading->field = NULL;
    return ERR_OK;
}

enum err client__s3_read(struct str xml, struct arena *a, struct client__s3_said *ret, struct error *e)
{
    static const struct xml_vocab nothing = {.n_names = 0};
    const struct xml_options o = {.vocab = &nothing, .max_depth = DEPTH_MAX, .what = "the answer of S3"};
    const struct xml_handler h = {on_start, on_end, on_text};
    struct client__s3_said said = {.is_error = false};
    struct reading reading = {.a = a, .said = &said, .text = SB_INIT(TEXT_MAX + 8)};
    *ret = said;
    enum err err = xml_read(xml, &o, &h, &reading, e);
    sb_done(&reading.text);
    if (err == ERR_OK) *ret = said;
    return err;
}

/* --- wording --- */

static enum err wrong_region(const struct client__s3_refusal *r, struct error *e)
{
    struct str there = r->region_header.n ? r->region_header : r->said->region;
    if (!there.n || str_eq(there, r->region)) {
        (void)error_set_reason(e, ERR_INVALID, "s3_wrong_region", "the bucket \"%.*s\" is not in the region %.*s",
                               STR_ARG(r->bucket), STR_ARG(r->region));
        return error_hint(e, "Set S3_REGION to the region of the bucket; the console of S3 shows it.");
    }
    (void)error_set_reason(e, ERR_INVALID, "s3_wrong_region", "the bucket \"%.*s\" is in the region %.*s, not in %.*s",
                           STR_ARG(r->bucket), STR_ARG(there), STR_ARG(r->region));
    return error_hint(e, "Set S3_REGION to %.*s.", STR_ARG(there));
}

static enum err denied(const struct client__s3_refusal *r, struct error *e)
{
    (void)error_set_reason(e, ERR_FORBIDDEN, "s3_access_denied", "S3 refuses access to the bucket \"%.*s\"",
                           STR_ARG(r->bucket));
    return error_hint(
        e,
        "The keys come from %.*s. Whoever they belong to needs s3:PutObject and s3:AbortMultipartUpload below "
        "S3_BASE_PATH; docs/operations.md has the policy.",
        STR_ARG(r->keys_from));
}

static enum err no_bucket(const struct client__s3_refusal *r, struct error *e)
{
    (void)error_set_reason(e, ERR_NOT_FOUND, "s3_no_bucket", "there is no bucket \"%.*s\"", STR_ARG(r->bucket));
    return error_hint(e, "Make it, or set S3_BUCKET_NAME to one that there is.");
}

static enum err clock_off(const struct client__s3_refusal *r, struct error *e)
{
    (void)r;
    (void)error_set_reason(e, ERR_INVALID, "s3_clock_off",
                           "the clock of this machine differs from that of S3 by more than a quarter of an hour");
    return error_hint(e, "Set the clock; chrony or systemd-timesyncd keeps it right.");
}

static enum err unknown_key(const struct client__s3_refusal *r, struct error *e)
{
    (void)error_set_reason(e, ERR_FORBIDDEN, "s3_bad_keys", "S3 does not know the access key that comes from %.*s",
                           STR_ARG(r->keys_from));
    return error_hint(e, "Correct the key there, or make another one and set it.");
}

static enum err wrong_secret(const struct client__s3_refusal *r, struct error *e)
{
    (void)error_set_reason(e, ERR_FORBIDDEN, "s3_bad_keys",
                           "the secret key that comes from %.*s does not belong to its access key",
                           STR_ARG(r->keys_from));
    return error_hint(e, "Set both to those of one key.");
}

static enum err expired(const struct client__s3_refusal *r, struct error *e)
{
    (void)error_set_reason(e, ERR_FORBIDDEN, "s3_bad_keys", "the session of the keys that come from %.*s is over",
                           STR_ARG(r->keys_from));
    return error_hint(e, "Set new keys with their AWS_SESSION_TOKEN, or none, so that a role is used.");
}

static enum err slow_down(const struct client__s3_refusal *r, struct error *e)
{
    (void)r;
    (void)error_set_reason(e, ERR_BUSY, "s3_slow_down", "S3 has too many requests for this bucket just now");
    return error_hint(e, "Try again in a few minutes.");
}

static enum err unavailable(const struct client__s3_refusal *r, struct error *e)
{
    (void)error_set_reason(e, ERR_UPSTREAM, "s3_unavailable", "S3 cannot answer just now (status %d)", r->status);
    return error_hint(e, "Try again in a few minutes; the status page of AWS tells of longer failures.");
}

static enum err upload_lost(const struct client__s3_refusal *r, struct error *e)
{
    (void)r;
    return error_set_reason(e, ERR_UPSTREAM, "s3_upload_lost", "S3 does not know the upload in parts any more");
}

static const struct {
    const char *code;
    enum err (*word)(const struct client__s3_refusal *r, struct error *e);
} words[] = {
    {"AccessDenied", denied},
    {"AllAccessDisabled", denied},
    {"AccountProblem", denied},
    {"NoSuchBucket", no_bucket},
    {"PermanentRedirect", wrong_region},
    {"TemporaryRedirect", wrong_region},
    {"AuthorizationHeaderMalformed", wrong_region},
    {"IllegalLocationConstraintException", wrong_region},
    {"RequestTimeTooSkewed", clock_off},
    {"InvalidAccessKeyId", unknown_key},
    {"SignatureDoesNotMatch", wrong_secret},
    {"ExpiredToken", expired},
    {"InvalidToken", expired},
    {"TokenRefreshRequired", expired},
    {"SlowDown", slow_down},
    {"RequestLimitExceeded", slow_down},
    {"InternalError", unavailable},
    {"ServiceUnavailable", unavailable},
    {"RequestTimeout", unavailable},
    {"OperationAborted", unavailable},
    {"NoSuchUpload", upload_lost},
};

static enum err by_status(const struct client__s3_refusal *r, struct error *e)
{
    switch (r->status) {
    case 301:
    case 307: return wrong_region(r, e);
    case 403: return denied(r, e);
    case 429: return slow_down(r, e);
    default: break;
    }
    if (r->status >= 500) return unavailable(r, e);
    if (r->said->message.n)
        (void)error_set_reason(e, ERR_INVALID, "s3_refused", "S3 refuses the request: %.*s (%.*s)",
                               STR_ARG(r->said->message), STR_ARG(r->said->code));
    else
        (void)error_set_reason(e, ERR_INVALID, "s3_refused", "S3 refuses the request (status %d)", r->status);
    return error_hint(e, "Look at S3_BUCKET_NAME, S3_REGION and PRISM_S3_URL, and at the settings of the bucket.");
}

enum err client__s3_refused(const struct client__s3_refusal *r, struct error *e)
{
    enum err err = ERR_OK;
    for (size_t i = 0; i < sizeof words / sizeof *words && err == ERR_OK; i++)
        if (str_eq_c(r->said->code, words[i].code)) err = words[i].word(r, e);
    if (err == ERR_OK) err = by_status(r, e);
    (void)error_detail(e, "S3 answered %d %.*s: %.*s", r->status, STR_ARG(r->said->code), STR_ARG(r->said->message));
    return err;
}
