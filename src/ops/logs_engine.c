/* eb-engine.log, eb-hooks.log and cfn-init.log: what a deployment did, step by step.
 * The engine writes "2025/11/26 18:31:57.123456 [INFO] message"; a run begins at "Starting EBPlatform-PlatformEngine", names its command, then
 * each step as "Executing instruction: X", and ends with "CommandService Response" and "finished execution on command". The output of pip and dnf stands
 * between these lines without a time. The words are Beanstalk's and may change: what is not known is counted as not read, never guessed, and a
 * run whose end is not said stays open. cfn-init writes "2025-11-26 18:32:52,123 [INFO] message".
 * Rejected: reading the JSON behind "CommandService Response" whole; it is often cut, and only its status is wanted. */
#include "ops/logs_priv.h"

static struct logs_run *run_of(struct ops_logs *l) { return l->run ? &l->runs.at[l->run - 1] : NULL; }

static struct logs_run *run_begin(struct ops_logs *l, int64_t at)
{
    l->run = 0;
    if (l->runs.n >= LOGS_RUNS_MAX) return NULL;
    struct logs_run *run = VEC_PUSH(l->a, &l->runs);
    if (!run) {
        l->no_memory = true;
        return NULL;
    }
    *run = (struct logs_run){.start = at, .end = at, .instance = l->file->instance, .first_phase = l->phases.n};
    l->run = l->runs.n;
    return run;
}

static void phase(struct ops_logs *l, int64_t at, struct str name)
{
    struct logs_run *run = run_of(l);
    /* phases of a run lie together: a run that is not the newest has had its last one */
    if (!run || l->run != l->runs.n || l->phases.n >= LOGS_PHASES_MAX) return;
    struct logs_phase *p = VEC_PUSH(l->a, &l->phases);
    if (!p) {
        l->no_memory = true;
        return;
    }
    *p = (struct logs_phase){.at = at, .name = logs__shown(l, name, 80)};
    run->n_phases++;
}

static bool is_deployment(struct str command)
{
    return logs__has(command, "deploy") || logs__has(command, "launch") || logs__has(command, "startup") ||
           logs__has(command, "restart");
}

static void command(struct ops_logs *l, struct str name)
{
    struct logs_run *run = run_of(l);
    name = logs__word(name);
    if (!run || name.n == 0) return;
    run->command = logs__shown(l, name, 40);
    run->deploys = is_deployment(run->command);
}

/* --- what was installed --- */
static struct logs_package *package(struct ops_logs *l, const char *by, struct str name, struct str version)
{
    CLEANUP_SB struct sb key = SB_INIT(512);
    sb_printf(&key, "%s %.*s %.*s", by, STR_ARG(str_sub(name, 0, 100)), STR_ARG(str_sub(version, 0, 100)));
    struct logs_package *p = map_get(&l->packages_known, sb_view(&key));
    if (p || l->packages.n >= LOGS_PACKAGES_MAX) return p;
    struct str own = str_dup(l->a, sb_view(&key));
    struct logs_package **at = VEC_PUSH(l->a, &l->packages);
    p = NEW(l->a, struct logs_package, 1);
    if (!sb_ok(&key) || !own.p || !at || !p || !map_put(&l->packages_known, own, p)) {
        if (at) l->packages.n--;
        l->no_memory = true;
        return NULL;
    }
    *at = p;
    p->by = by;
    p->name = logs__shown(l, name, 80);
    p->version = logs__shown(l, version, 60);
    return p;
}

/* "name-1.2.3": the version begins behind the last hyphen that a digit follows (pip), or the first one (dnf: "git-2.40.1-1.amzn2023.x86_64"). */
static void package_word(struct ops_logs *l, const char *by, struct str word, bool last)
{
    size_t cut = STR_NONE;
    for (size_t i = 1; i + 1 < word.n; i++)
        if (word.p[i] == '-' && word.p[i + 1] >= '0' && word.p[i + 1] <= '9') {
            cut = i;
            if (!last) break;
        }
    if (cut == STR_NONE) {
        if (!last) (void)package(l, by, word, STR_EMPTY);
        return;
    }
    struct str name = str_sub(word, 0, cut), version = str_sub(word, cut + 1, word.n);
    struct logs_package *p = package(l, by, name, version);
    if (p && l->replaced.name.n && str_eq_nocase(l->replaced.name, name)) {
        p->replaced = l->replaced.version;
        l->replaced = (struct logs_package){0};
    }
}

static void package_words(struct ops_logs *l, const char *by, struct str list, bool last)
{
    struct str rest = list;
    while (rest.p) {
        struct str word = logs__word(str_cut(rest, ' ', &rest));
        if (word.n > 1 && word.p[0] == 'u' && word.p[1] == '\'')
            word = str_sub(word, 2, word.n); /* u'gcc' of Python 2 */
        if (word.n) package_word(l, by, word, last);
    }
}

/* Output of pip and dnf. */
static bool output_line(struct ops_logs *l, struct str line)
{
    struct str rest = str_trim(line);
    bool indented = line.n && line.p[0] == ' ';
    struct str found = logs__after(rest, STR("Found existing installation: "));
    struct str installed = logs__after(rest, STR("Successfully installed "));
    if (installed.p) {
        package_words(l, "pip", installed, true);
        return true;
    }
    if (found.p) {
        struct str version, name = str_cut(found, ' ', &version);
        l->replaced.name = logs__shown(l, name, 80);
        l->replaced.version = logs__shown(l, version, 60);
        return true;
    }
    if (str_eq(rest, STR("Installed:"))) return l->dnf_list = true;
    if (l->dnf_list && indented && rest.n) {
        package_words(l, "dnf", rest, false);
        return true;
    }
    l->dnf_list = false;
    return str_starts(rest, STR("Collecting ")) || str_starts(rest, STR("Downloading ")) ||
           str_starts(rest, STR("Requirement already satisfied"));
}

/* --- the engine --- */
static void failed(struct ops_logs *l, struct str message)
{
    struct logs_run *run = run_of(l);
    if (!run || run->error.n) return;
    struct str step = logs__after(message, STR("] - ["));
    struct str why = logs__after(message, STR("Error: "));
    size_t end = step.p ? str_find_char(step, ']', 0) : STR_NONE;
    if (step.p && end != STR_NONE) run->failed_in = logs__shown(l, str_sub(step, 0, end), 80);
    run->error = logs__shown(l, why.p ? why : message, LOGS_EXCERPT_MAX);
}

static void response(struct logs_run *run, struct str json)
{
    bool failure = logs__has(json, "\"status\":\"FAILURE\"") || logs__has(json, "\"status\":\"FAILED\"");
    if (failure)
        run->outcome = LOGS_RUN_FAILED;
    else if (logs__has(json, "\"status\":\"SUCCESS\"") && run->outcome == LOGS_RUN_OPEN)
        run->outcome = LOGS_RUN_DONE;
}

static void finished(struct ops_logs *l, struct str name)
{
    struct logs_run *run = run_of(l);
    if (!run) return;
    if (run->command.n == 0) command(l, name);
    if (run->outcome == LOGS_RUN_OPEN) run->outcome = run->error.n ? LOGS_RUN_FAILED : LOGS_RUN_DONE;
    l->run = 0;
}

/* Facts that stand in several messages. */
static void facts(struct ops_logs *l, struct str message)
{
    struct logs_run *run = run_of(l);
    if (run && run->instance.n == 0) run->instance = logs__shown(l, logs__instance(message), 40);
    struct str bucket = logs__after(message, STR("elasticbeanstalk-"));
    size_t region_end = 0;
    for (unsigned hyphens = 0; region_end < bucket.n; region_end++) /* eu-north-1-123456789012 */
        if (bucket.p[region_end] == '-' && ++hyphens == 3) break;
    if (bucket.p && region_end < bucket.n && region_end < 20)
        logs__setting(l, "region", str_sub(bucket, 0, region_end));
    size_t zip = str_find(message, STR(".zip"), 0);
    if (zip != STR_NONE) {
        size_t start = zip;
        while (start > 0 && (unsigned char)message.p[start - 1] > ' ' && !strchr("/\"'[(=", message.p[start - 1]))
            start--;
        if (zip > start) logs__setting(l, "bundle", str_sub(message, start, zip + 4));
    }
    struct str named = logs__after(message, STR("Region: ")), id = logs__after(message, STR("envID: "));
    if (named.p) logs__setting(l, "region", logs__word(named));
    if (id.p) logs__setting(l, "environment", logs__word(id));
    struct str python = logs__after(message, STR("/bin/python"));
    if (python.n > 1 && python.p[0] >= '2' && python.p[0] <= '9') logs__setting(l, "python", logs__word(python));
}

static void engine_message(struct ops_logs *l, int64_t at, struct str message)
{
    struct logs_run *run = run_of(l);
    struct str rest;
    if (str_starts(message, STR("Starting EBPlatform-PlatformEngine"))) {
        if (!run || run->n_phases || run->command.n) (void)run_begin(l, at);
    } else if (str_eq(message, STR("Starting..."))) {
        (void)run_begin(l, at);
    } else if ((rest = logs__after(message, STR("Engine command: "))).p) {
        command(l, rest);
    } else if ((rest = logs__after(message, STR("Executing instruction: "))).p ||
               (rest = logs__after(message, STR("Running platform hook: "))).p) {
        phase(l, at, rest);
    } else if ((rest = logs__after(message, STR("CommandService Response: "))).p) {
        if (run) response(run, rest);
    } else if (logs__has(message, "Instance deployment failed")) {
        if (run) run->outcome = LOGS_RUN_FAILED;
    } else if ((rest = logs__after(message, STR("finished execution on command:"))).p) {
        finished(l, rest);
    }
}

bool logs__engine_line(struct ops_logs *l, struct str line)
{
    struct str rest = line, level;
    int64_t at;
    if (!logs__take_time(l, &rest, &at)) return output_line(l, line);
    rest = str_trim(rest);
    if (!logs__take(&rest, STR("["))) return false;
    level = str_cut(rest, ']', &rest);
    if (!rest.p) return false;
    rest = str_trim(rest);
    l->dnf_list = false;
    logs__seen(l, at);
    struct logs_run *run = run_of(l);
    if (!run && l->kind == LOGS_ENGINE && !str_starts(rest, STR("Starting")))
        run = run_begin(l, at); /* its begin was rotated away */
    if (run && at > run->end) run->end = at;
    if (l->kind == LOGS_ENGINE) {
        facts(l, rest);
        engine_message(l, at, rest);
    }
    (void)output_line(l, rest);
    if (str_eq(level, STR("ERROR")) || str_eq(level, STR("FATAL"))) {
        failed(l, rest);
        logs__note(l, l->kind == LOGS_HOOKS ? "command_failed" : "engine_error", at, rest);
    } else if (!logs__note_known(l, l->kind, at, rest) && str_starts(level, STR("WARN"))) {
        logs__note(l, "engine_warning", at, rest);
    }
    return true;
}

void logs__engine_end(struct ops_logs *l)
{
    l->run = 0;
    l->dnf_list = false;
    l->replaced = (struct logs_package){0};
}

/* --- cfn-init --- */
static void cfn_command(struct ops_logs *l, int64_t at, struct str message, bool failed_)
{
    struct str name = logs__after(message, STR("Command "));
    if (!name.p || (!failed_ && !str_ends(message, STR(" succeeded")))) return;
    if (l->commands.n >= LOGS_COMMANDS_MAX) return;
    name = logs__word(name);
    for (size_t i = 0; i < l->commands.n; i++) /* a failure is said twice */
        if (l->commands.at[i].at / 1000 == at / 1000 && str_eq(l->commands.at[i].name, name)) return;
    struct logs_command *c = VEC_PUSH(l->a, &l->commands);
    if (!c) {
        l->no_memory = true;
        return;
    }
    *c = (struct logs_command){.at = at, .failed = failed_, .name = logs__shown(l, name, 80)};
}

bool logs__cfn_line(struct ops_logs *l, struct str line)
{
    struct str rest = line;
    int64_t at;
    if (!logs__take_time(l, &rest, &at)) return false;
    rest = str_trim(rest);
    if (str_starts(rest, STR("P"))) (void)str_cut(rest, ' ', &rest); /* cfn-init-cmd.log: a process number */
    rest = str_trim(rest);
    if (!logs__take(&rest, STR("["))) return false;
    struct str level = str_cut(rest, ']', &rest);
    if (!rest.p) return false;
    rest = str_trim(rest);
    logs__seen(l, at);
    struct str yum = logs__after(rest, STR("um installed ["));
    if (yum.p) package_words(l, "dnf", str_sub(yum, 0, str_find_char(yum, ']', 0)), false);
    bool wrong = str_eq(level, STR("ERROR")) || str_eq(level, STR("CRITICAL"));
    bool command_failed = wrong && str_starts(rest, STR("Command ")) && logs__has(rest, "failed");
    cfn_command(l, at, rest, command_failed);
    if (wrong) logs__note(l, "command_failed", at, rest);
    return true;
}
