/* The table of commands, and the way from argv to one of them.
 * A command is a file of this folder and a row here; its options live beside its code (cmd/review_options.h for the long list). Help and
 * manual speak of the same rows; a test compares docs/prism.1 with them. */
#include "cmd/commands.h"

#include <stdio.h>

#include "base/closest.h"
#include "cmd/backup.h"
#include "cmd/bundle.h"
#include "cmd/check.h"
#include "cmd/conf.h"
#include "cmd/export.h"
#include "cmd/health.h"
#include "cmd/logs.h"
#include "cmd/options.h"
#include "cmd/review.h"
#include "cmd/rules.h"
#include "cmd/say.h"
#include "cmd/serve.h"
#include "ops/program.h"

static const struct cmd_command commands[] = {
    {
        .name = "review",
        .summary = "review Word documents and write them back with comments",
        .synopsis = "FILE... [-o OUT] [options]",
        .description =
            "Reads each document, checks it by rules against a review framework, and reports each finding with the "
            "words that it is about. With -o the document is also written as a copy in which each finding is a Word "
            "comment on those words; the document itself is never changed.\n"
            "FILE is a .docx, .docm, .dotx or .dotm, a pattern such as 'reports/*.docx', a folder (with all "
            "folders in it), or - for standard input.\n"
            "The exit code is 0 when nothing was found at or above --min-risk, 1 when something was, 2 when the "
            "command line or a document is wrong (the other documents are still reviewed), 3 when prism itself failed.",
        .options = cmd_review_options,
        .n_options = CMD_REVIEW_OPTION_COUNT,
        .examples = "prism review report.docx\n"
                    "prism review report.docx -o reviewed.docx --summary\n"
                    "prism review reports/ -o reviewed/ --min-risk medium\n"
                    "prism review report.docx --format json | jq '.documents[].findings[].title'\n"
                    "prism review report.docx --report report.html\n",
        .run = cmd_review,
    },
    {
        .name = "serve",
        .summary = "serve reviews to browsers",
        .synopsis = "",
        .description =
            "Runs the server until it is stopped (SIGTERM, or Ctrl-C): people open its address in a browser, drop a "
            "document in, read the findings on the words that they are about, accept and reject them, and download "
            "the document with them as comments. What it needs is in this program; documents and records are kept in "
            "a folder of its own.\n"
            "Settings are environment variables, or lines of the file prism.conf in that folder; \"prism conf\" shows "
            "them. The address is http://127.0.0.1:8000 unless PORT and PRISM_BIND say otherwise.\n"
            "The exit code is 0 when it was stopped, 2 when a setting is wrong, the port is taken or the folder cannot "
            "be used, 3 when prism itself failed.",
        .examples = "prism serve\n"
                    "PORT=9000 PRISM_DATA=/srv/prism prism serve\n",
        .run = cmd_serve,
    },
    {
        .name = "conf",
        .summary = "show the server's settings",
        .synopsis = "[--markdown]",
        .description = "Prints every setting of \"prism serve\" with its value and where that comes from, as a "
                       "prism.conf that gives the same. A wrong setting is said as the server would say it.",
        .options = cmd_conf_options,
        .n_options = CMD_CONF_OPTION_COUNT,
        .examples = "prism conf\n"
                    "prism conf > prism.conf\n"
                    "prism conf --markdown > docs/configuration.md\n",
        .run = cmd_conf,
    },
    {
        .name = "backup",
        .summary = "copy everything that the server keeps",
        .synopsis = "FOLDER",
        .description =
            "Copies records, documents and prism.conf of the data folder (PRISM_DATA) into FOLDER, which is not there "
            "yet or is empty, while the server goes on serving: what is copied is the state of one moment, and it is "
            "checked. The last file that is written is manifest.json, with the size and SHA-256 of each; without it a "
            "backup is not whole.\n"
            "The exit code is 0 when the backup is whole, 2 when it could not be made, 3 when prism itself failed.",
        .examples = "prism backup /backup/prism-$(date +%F)\n",
        .run = cmd_backup,
    },
    {
        .name = "restore",
        .summary = "put back what \"prism backup\" has copied",
        .synopsis = "FOLDER",
        .description =
            "Checks every file of FOLDER against its manifest, and then copies all of it into the data folder "
            "(PRISM_DATA), which must be empty or not there. A backup of an older version is brought up to date by the "
            "next start of the server.\n"
            "The exit code is 0 when all is there again, 2 when the backup is not whole or the data folder is not "
            "empty, 3 when prism itself failed.",
        .examples = "PRISM_DATA=/srv/prism prism restore /backup/prism-2026-11-26\n",
        .run = cmd_restore,
    },
    {
        .name = "export",
        .summary = "put everything that there is of a review into a zip, or into S3",
        .synopsis = "ID -o FILE | ID --s3",
        .description =
            "Makes a package of the review ID, or of the newest review of the document ID: the original and the reviewed "
            "document, findings as JSON and CSV, decisions, chat, activity, statistics, a report as HTML, and manifest.json "
            "with the size and SHA-256 of each. With -o it becomes one zip; with --s3 a folder in the bucket that "
            "S3_BUCKET_NAME names, in which the manifest is put last.\n"
            "It works on a copy of the records of one moment, beside a server that runs or without one; the server's own list "
            "of exports does not show it. Where it went is printed on standard output.\n"
            "The exit code is 0 when all is there, 2 when the export could not be made, 3 when prism itself failed.",
        .options = cmd_export_options,
        .n_options = CMD_EXPORT_OPTION_COUNT,
        .examples = "prism export 5j2m8q0s3v7x9z1b4d6f8h0k2n -o review.zip\n"
                    "prism export 5j2m8q0s3v7x9z1b4d6f8h0k2n --s3\n",
        .run = cmd_export,
    },
    {
        .name = "bundle",
        .summary = "make a deployment bundle for AWS Elastic Beanstalk",
        .synopsis = "-o FILE [--conf FILE] [--docker] | --check | --example",
        .description =
            "Writes a source bundle for Elastic Beanstalk on Amazon Linux 2023: this program with every library that it "
            "loads, so that nothing has to be installed there, and the configuration of the environment (instances, "
            "balancer, scaling, health, logs, updates, nginx, hooks, environment properties), made of one small file of "
            "settings.\n"
            "What would break the deployment is refused with the reason. No secret is written into a bundle. The same "
            "program and settings give the same bytes.\n"
            "The exit code is 0 when all is right, 2 when a setting is wrong, 3 when prism itself failed.",
        .options = cmd_bundle_options,
        .n_options = CMD_BUNDLE_OPTION_COUNT,
        .examples = "prism bundle --example > bundle.conf\n"
                    "prism bundle --check\n"
                    "prism bundle -o app.zip\n"
                    "prism bundle --conf production.conf --docker -o app.zip\n",
        .run = cmd_bundle,
    },
    {
        .name = "check",
        .summary = "try each part of the server for real",
        .synopsis = "[--json]",
        .description =
            "Tries what \"prism serve\" would use with the same settings: the settings themselves, the data folder, the "
            "records, the files, and each configured language model with a call of one token. Says of what does not work "
            "what is wrong and what to do. A server may run meanwhile.\n"
            "The exit code is 0 when all is well, 1 when something is not (a setting, say), 2 when the command line is "
            "wrong, 3 when prism itself failed.",
        .options = cmd_check_options,
        .n_options = CMD_CHECK_OPTION_COUNT,
        .examples = "prism check\n"
                    "prism check --json | jq '.parts[] | select(.state == \"failed\")'\n"
                    "AWS_REGION=eu-west-1 BEDROCK_MODEL_ID=eu.amazon.nova-lite-v1:0 prism check\n",
        .run = cmd_check,
    },
    {
        .name = "health",
        .summary = "ask a server that runs whether it is alive",
        .synopsis = "[URL]",
        .description =
            "Asks GET /health of the server that the settings describe, on this machine, or of URL, and prints the answer. For the "
            "health check of a container, which has no other program to ask with; \"prism check\" says more.\n"
            "The exit code is 0 when the server answers with 200 within 4 seconds, 1 when it does not, 2 when the command line or a "
            "setting is wrong, 3 when prism itself failed.",
        .examples = "prism health\n"
                    "prism health http://127.0.0.1:9000/ready\n",
        .run = cmd_health,
    },
    {
        .name = "rules",
        .summary = "list the rules, their settings and the points they speak to",
        .synopsis = "[--markdown | --json] [ID...]",
        .description = "Lists all rules, or those named: an id such as time.weekday_mismatch, or a family such as "
                       "time. A settings file (prism review --rules) switches rules off and on and sets their values.",
        .options = cmd_rules_options,
        .n_options = CMD_RULES_OPTION_COUNT,
        .examples = "prism rules\n"
                    "prism rules cause\n"
                    "prism rules --markdown > docs/rules.md\n",
        .run = cmd_rules,
    },
    {
        .name = "framework",
        .summary = "list, show and check review frameworks",
        .synopsis = "list | show NAME | check FILE...",
        .description =
            "A framework is a named list of points that a document is reviewed against: a JSON file that a team can "
            "write itself. \"list\" names those that are built in, \"show\" prints one of them or a file, \"check\" "
            "says whether files are right and, if not, where they are wrong.",
        .examples = "prism framework list\n"
                    "prism framework show hawkeye\n"
                    "prism framework check ours.json\n",
        .run = cmd_framework,
    },
    {
        .name = "logs",
        .summary = "report what the logs of a deployment say",
        .synopsis = "report DIR|ZIP [-o FILE] [options]",
        .description =
            "Reads a folder of logs or the .zip that Elastic Beanstalk gives out (\"full logs\") and reports: how the "
            "deployment went, what was installed, the program and its workers, health checks, requests, when errors "
            "began, slow and large responses, what the warnings mean, and which things the logs show to work.\n"
            "Logs of gunicorn are read as well as those of prism. Nothing is unpacked to disk.\n"
            "The exit code is 0 when all is healthy, 4 when something needs a person, 5 when the deployment failed or "
            "nobody is served, 6 when the logs hold too little to say; 2 when the bundle cannot be read.",
        .options = cmd_logs_options,
        .n_options = CMD_LOGS_OPTION_COUNT,
        .examples = "prism logs report bundle.zip\n"
                    "prism logs report /var/log -o report.html\n"
                    "prism logs report bundle.zip --format json | jq .verdict\n",
        .run = cmd_logs,
    },
    {
        .name = "help",
        .summary = "explain a command",
        .synopsis = "[COMMAND]",
        .description = "Prints what a command does, its options and examples.",
        .run = cmd_help,
    },
    {
        .name = "version",
        .summary = "print the version",
        .synopsis = "",
        .description = "Prints the program's version.",
        .run = cmd_version,
    },
};

size_t cmd_count(void) { return sizeof commands / sizeof commands[0]; }

const struct cmd_command *cmd_at(size_t i) { return &commands[i]; }

const struct cmd_command *cmd_find(const char *name)
{
    for (size_t i = 0; i < cmd_count(); i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static const char *name_at(const void *ctx, size_t i)
{
    (void)ctx;
    return commands[i].name;
}

static int unknown_command(const char *word)
{
    struct error e;
    if (word[0] == '-')
        error_set(&e, ERR_INVALID, "unknown option \"%s\"", word);
    else
        error_set(&e, ERR_INVALID, "unknown command \"%s\"", word);
    const char *closest = closest_name(word, cmd_count(), name_at, NULL);
    if (closest && word[0] != '-')
        error_hint(&e, "Did you mean \"prism %s\"? \"prism help\" lists the commands.", closest);
    else
        error_hint(&e, "\"prism help\" lists the commands.");
    cmd_say_error(NULL, &e);
    return CMD_EXIT_BAD_INPUT;
}

/* --help or -h among the words of a command, in front of a "--". */
static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
    return false;
}

int cmd_main(int argc, char **argv)
{
    if (argc < 2) {
        CLEANUP_SB struct sb text = SB_INIT(1 << 16);
        cmd_help_program(&text);
        fprintf(stderr, "%.*s", STR_ARG(sb_view(&text)));
        return CMD_EXIT_BAD_INPUT;
    }
    ops_program_began();
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) word = "help";
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) word = "version";
    const struct cmd_command *c = cmd_find(word);
    if (!c) return unknown_command(word);
    if (asks_for_help(argc - 2, argv + 2)) {
        char *name = argv[1];
        return cmd_help(c, 1, &name);
    }
    return c->run(c, argc - 2, argv + 2);
}

int cmd_in_arena(const struct cmd_command *self, int argc, char **argv, size_t max_bytes, cmd_work work)
{
    struct error e = {0};
    int code = CMD_EXIT_OK;
    CLEANUP_ARENA struct arena *a = arena_new(max_bytes);
    enum err err = a ? work(self, argc, argv, a, &code, &e) : error_no_memory(&e);
    if (err == ERR_OK) return code;
    cmd_say_error(NULL, &e);
    return cmd_exit_of(err);
}
