/* The logs of a deployment, read and told as a report: what "prism logs report" does.
 * A bundle is a folder or a .zip as Elastic Beanstalk hands them out (console, "eb logs --zip", an instance's /var/log), of this program or of the
 * gunicorn program that it replaced. What is read: eb-engine.log, eb-hooks.log, cfn-init.log, nginx's access.log and error.log, healthd's
 * application.log and daemon.log, web.stdout.log or gunicorn's logs, the log of prism as JSON or text, messages, and the one text of "last 100 lines";
 * rotated ones too, packed by gzip or not. Everything in them is hostile: nothing is unpacked to disk, everything has a maximum.
 * Thread: any; one bundle is used by one thread at a time. */
#pragma once

#include "base/sb.h"

struct ops_logs;

struct ops_logs_limits {
    size_t max_files;         /* of the bundle */
    uint64_t max_file_bytes;  /* of one, unpacked; what is behind is not read, and the report says so */
    uint64_t max_total_bytes; /* of all, unpacked: likewise */
};

/* Reads a bundle and judges it. limits: NULL for 10,000 files, 1 GiB and 4 GiB. *ret lives in the arena.
 * ERR_NOT_FOUND "file_not_found"; ERR_INVALID "not_a_bundle" neither a folder nor a .zip, "no_logs" no file in it is a log that is known;
 * ERR_LIMIT "too_many_files". A single file that cannot be read is a line in the report. */
enum err ops_logs_read(struct arena *a, const char *path, const struct ops_logs_limits *limits, struct ops_logs **ret,
                       struct error *e) MUST_USE;

enum ops_logs_verdict {
    OPS_LOGS_HEALTHY,  /* deployed or serving, and nothing worse than remarks */
    OPS_LOGS_PROBLEMS, /* it works, and something needs a person */
    OPS_LOGS_FAILED,   /* the deployment failed, or nobody is served */
    OPS_LOGS_UNKNOWN,  /* the logs hold too little to say */
};
enum ops_logs_verdict ops_logs_verdict(const struct ops_logs *l);

enum ops_logs_format { OPS_LOGS_MARKDOWN, OPS_LOGS_HTML, OPS_LOGS_JSON };

/* The report; the same bundle gives the same bytes. HTML: one file that loads nothing and has no script. JSON: docs/logs.schema.json.
 * ERR_LIMIT when out's maximum is passed. */
enum err ops_logs_write(const struct ops_logs *l, enum ops_logs_format format, struct sb *out,
                        struct error *e) MUST_USE;
