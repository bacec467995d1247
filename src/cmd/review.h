/* The options of "prism review". Thread: main. */
#pragma once

#include "cmd/commands.h"

enum cmd_format {
    CMD_FORMAT_TEXT,
    CMD_FORMAT_JSON,
    CMD_FORMAT_SARIF,
    CMD_FORMAT_HTML,
    CMD_FORMAT_CSV,
    CMD_FORMAT_UNSET, /* by the name of the report file, else text */
};

struct cmd_review_values {
    const char *out;        /* NULL: report only; "-": standard output */
    const char *report;     /* NULL: standard output */
    int format;             /* enum cmd_format */
    const char *framework;  /* NULL: the one that fits */
    const char *guidelines; /* or NULL */
    const char *rules;      /* settings file, or NULL */
    int min_risk;           /* enum finding_risk */
    bool summary, track_changes, all;
    const char *author;
    int color; /* 0 auto, 1 always, 2 never */
};

enum { CMD_REVIEW_OPTION_COUNT = 12 };
extern const struct cmd_option cmd_review_options[CMD_REVIEW_OPTION_COUNT];
