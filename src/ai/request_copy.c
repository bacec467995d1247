/* A request of one's own: a call may wait longer than whoever asked keeps its texts, and is sent more than once. */
#include "ai/router_priv.h"

static size_t parts_bytes(const struct ai_part *parts, size_t n)
{
    size_t bytes = 0;
    for (size_t i = 0; i < n; i++)
        bytes += sizeof *parts + parts[i].text.n + parts[i].signature.n + parts[i].tool_id.n + parts[i].tool_name.n;
    return bytes;
}

size_t ai__request_bytes(const struct ai_request *rq)
{
    size_t bytes = sizeof *rq + rq->model.n + rq->forced_tool.n + parts_bytes(rq->system, rq->n_system);
    for (size_t i = 0; i < rq->n_messages; i++)
        bytes += sizeof *rq->messages + parts_bytes(rq->messages[i].parts, rq->messages[i].n_parts);
    for (size_t i = 0; i < rq->n_tools; i++)
        bytes += sizeof *rq->tools + rq->tools[i].name.n + rq->tools[i].description.n + rq->tools[i].schema.n;
    return bytes;
}

uint64_t ai__tokens_of(size_t bytes) { return ((uint64_t)bytes * 2 + 6) / 7; }

/* An empty text stays one, and needs no memory. */
static bool dup(struct arena *a, struct str *s)
{
    if (s->n == 0) {
        *s = STR_EMPTY;
        return true;
    }
    *s = str_dup(a, *s);
    return s->p != NULL;
}

static bool parts_copy(struct arena *a, const struct ai_part *parts, size_t n, const struct ai_part **ret)
{
    struct ai_part *copy = NEW(a, struct ai_part, n);
    if (!copy) return false;
    for (size_t i = 0; i < n; i++) {
        struct ai_part *p = &copy[i];
        *p = parts[i];
        if (!dup(a, &p->text) || !dup(a, &p->signature) || !dup(a, &p->tool_id) || !dup(a, &p->tool_name)) return false;
    }
    *ret = copy;
    return true;
}

static bool messages_copy(struct arena *a, struct ai_request *rq)
{
    struct ai_message *copy = NEW(a, struct ai_message, rq->n_messages);
    if (!copy) return false;
    for (size_t i = 0; i < rq->n_messages; i++) {
        copy[i] = rq->messages[i];
        if (!parts_copy(a, copy[i].parts, copy[i].n_parts, &copy[i].parts)) return false;
    }
    rq->messages = copy;
    return true;
}

static bool tools_copy(struct arena *a, struct ai_request *rq)
{
    struct ai_tool *copy = NEW(a, struct ai_tool, rq->n_tools);
    if (!copy) return false;
    for (size_t i = 0; i < rq->n_tools; i++) {
        copy[i] = rq->tools[i];
        if (!dup(a, &copy[i].name) || !dup(a, &copy[i].description) || !dup(a, &copy[i].schema)) return false;
    }
    rq->tools = copy;
    return true;
}

enum err ai__request_copy(struct arena *a, const struct ai_request *rq, struct ai_request *ret, struct error *e)
{
    struct ai_request copy = *rq;
    bool ok = dup(a, &copy.model) && dup(a, &copy.forced_tool) &&
              parts_copy(a, copy.system, copy.n_system, &copy.system) && messages_copy(a, &copy) &&
              tools_copy(a, &copy);
    if (!ok) return error_no_memory(e);
    *ret = copy;
    return ERR_OK;
}
