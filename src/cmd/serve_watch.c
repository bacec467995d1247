/* What is sent or written for those who watch from elsewhere, as the settings say: spans to a collector, metrics for CloudWatch. */
#include <unistd.h>

#include "base/log.h"
#include "base/trace.h"
#include "cmd/serve_priv.h"
#include "telemetry/exporter.h"

enum { HOST_NAME_MAX_BYTES = 250 };

/* On the exporter's thread. */
static void on_lost(void *ctx, const struct error *why, size_t spans)
{
    (void)ctx;
    log_warn("traces_not_sent", L_U64("spans", spans), L_ERROR(why));
}

struct str cmd__instance(struct cmd__server *s)
{
    char name[HOST_NAME_MAX_BYTES + 1] = "";
    if (s->conf.instance.n > 0) return s->conf.instance;
    if (gethostname(name, sizeof name) != 0 || !name[0]) return STR("unknown");
    name[HOST_NAME_MAX_BYTES] = 0;
    struct str kept = str_dup(s->arena, str_from_c(name));
    return kept.p ? kept : STR("unknown");
}

enum err cmd__traces_start(struct cmd__server *s, struct error *e)
{
    const struct conf *c = &s->conf;
    if (c->otlp_url.n == 0) return ERR_OK;
    const struct exporter_options o = {.url = c->otlp_url,
                                       .headers = c->otlp_headers,
                                       .from = {.service = c->otel_service,
                                                .version = STR(PRISM_VERSION),
                                                .environment = c->environment,
                                                .instance = cmd__instance(s)},
                                       .delay_ms = (int64_t)c->otel_delay_ms,
                                       .spans = c->otel_queue,
                                       .ratio = c->otel_ratio,
                                       .on_lost = on_lost};
    TRY(exporter_new(&o, &s->exporter, e));
    log_info("traces", L_STR("to", c->otlp_url), L_STR("service", c->otel_service));
    return ERR_OK;
}

enum err cmd__metrics_start(struct cmd__server *s, struct error *e) { return cmd__emf_start(s, cmd__instance(s), e); }
