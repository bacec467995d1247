/* From the words of a command line to files.
 * A word that is a file is that file; else a folder; else, with one of * ? [ in it, a pattern that the shell did not expand (it was quoted, or
 * there is no shell). A file that several words lead to is reviewed once: it is known by its device and inode, not by its name.
 * Names of results keep the input's name whatever its script; only the folder in front of it goes. */
#include "cmd/inputs.h"

#include <glob.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "cmd/say.h"
#include "review/export.h"

static bool has_document_name(struct str name)
{
    return str_ends_nocase(name, STR(".docx")) || str_ends_nocase(name, STR(".docm")) ||
           str_ends_nocase(name, STR(".dotx")) || str_ends_nocase(name, STR(".dotm"));
}

/* "~$report.docx": written by Word while it has report.docx open. */
static bool is_lock_file(struct str name) { return str_starts(name, STR("~$")); }

bool cmd_inputs_have(const struct cmd_inputs *inputs, const char *path)
{
    struct stat st;
    if (stat(path, &st)) return false;
    for (size_t i = 0; i < inputs->n; i++)
        if (!inputs->at[i].is_stdin && inputs->at[i].device == st.st_dev && inputs->at[i].inode == st.st_ino)
            return true;
    return false;
}

static enum err add(struct arena *a, struct cmd_inputs *inputs, const char *path, struct error *e)
{
    struct stat st = {0};
    if (cmd_inputs_have(inputs, path)) return ERR_OK;
    char *copy = str_to_c(a, str_from_c(path));
    struct cmd_input *input = copy ? VEC_PUSH(a, inputs) : NULL;
    if (!input) return error_no_memory(e);
    bool there = stat(path, &st) == 0; /* when it has just gone, reading it will say so */
    *input = (struct cmd_input){.path = copy, .device = there ? st.st_dev : 0, .inode = there ? st.st_ino : 0};
    return ERR_OK;
}

static enum err wrong(struct arena *a, struct cmd_inputs *inputs, const char *word, const struct error *why,
                      struct error *e)
{
    cmd_say_error(word, why);
    struct cmd_input_wrong *w = VEC_PUSH(a, &inputs->wrong);
    if (!w) return error_no_memory(e);
    *w = (struct cmd_input_wrong){.word = word, .error = *why};
    return ERR_OK;
}

static enum err add_folder(struct arena *a, struct cmd_inputs *inputs, const char *folder, struct error *e)
{
    struct fs_list files = {0};
    struct error failed;
    inputs->many = true;
    if (fs_walk(a, folder, has_document_name, &files, &failed) != ERR_OK) return wrong(a, inputs, folder, &failed, e);
    size_t n_locks = 0;
    for (size_t i = 0; i < files.n; i++) {
        if (is_lock_file(fs_base_name(str_from_c(files.at[i])))) {
            cmd_say("%s: left out, Word's lock file of a document that is open", files.at[i]);
            n_locks++;
            continue;
        }
        TRY(add(a, inputs, files.at[i], e));
    }
    if (files.n > n_locks) return ERR_OK;
    error_set_reason(&failed, ERR_NOT_FOUND, "no_documents", "no Word documents in this folder");
    error_hint(&failed, "Documents are files that end in .docx, .docm, .dotx or .dotm.");
    return wrong(a, inputs, folder, &failed, e);
}

static enum err add_path(struct arena *a, struct cmd_inputs *inputs, const char *path, bool from_pattern,
                         struct error *e)
{
    if (fs_kind(path) == FS_FOLDER) return add_folder(a, inputs, path, e);
    if (from_pattern && is_lock_file(fs_base_name(str_from_c(path)))) {
        cmd_say("%s: left out, Word's lock file of a document that is open", path);
        return ERR_OK;
    }
    return add(a, inputs, path, e);
}

static enum err add_pattern(struct arena *a, struct cmd_inputs *inputs, const char *word, struct error *e)
{
    glob_t found = {0};
    struct error failed;
    enum err err = ERR_OK;
    inputs->many = true;
    int status = glob(word, 0, NULL, &found);
    if (status == GLOB_NOSPACE) err = error_no_memory(e);
    if (status != 0 && status != GLOB_NOSPACE) {
        error_set_reason(&failed, ERR_NOT_FOUND, "no_documents", "no file matches this pattern");
        err = wrong(a, inputs, word, &failed, e);
    }
    for (size_t i = 0; err == ERR_OK && i < found.gl_pathc; i++)
        err = add_path(a, inputs, found.gl_pathv[i], true, e);
    globfree(&found);
    return err;
}

static enum err add_word(struct arena *a, struct cmd_inputs *inputs, const char *word, struct error *e)
{
    struct error failed;
    if (strcmp(word, "-") == 0) {
        for (size_t i = 0; i < inputs->n; i++)
            if (inputs->at[i].is_stdin) return ERR_OK;
        struct cmd_input *input = VEC_PUSH(a, inputs);
        if (!input) return error_no_memory(e);
        *input = (struct cmd_input){.path = "-", .is_stdin = true};
        return ERR_OK;
    }
    if (fs_kind(word) != FS_MISSING) return add_path(a, inputs, word, false, e);
    if (strpbrk(word, "*?[")) return add_pattern(a, inputs, word, e);
    error_set_reason(&failed, ERR_NOT_FOUND, "file_not_found", "there is no such file or folder");
    return wrong(a, inputs, word, &failed, e);
}

enum err cmd_inputs_find(struct arena *a, const struct cmd_operands *words, struct cmd_inputs *ret, struct error *e)
{
    struct cmd_inputs inputs = {.many = words->n > 1};
    for (size_t i = 0; i < words->n; i++)
        TRY(add_word(a, &inputs, words->at[i], e));
    *ret = inputs;
    return ERR_OK;
}

struct cmd_names cmd_names_make(struct arena *a, const char *folder, const struct cmd_inputs *inputs)
{
    return (struct cmd_names){.a = a, .folder = folder, .inputs = inputs, .taken = map_make(a)};
}

/* Where the extension begins, the dot included; its end when there is none. */
static size_t extension_start(struct str name)
{
    for (size_t i = name.n; i > 1; i--)
        if (name.p[i - 1] == '.') return i - 1;
    return name.n;
}

const char *cmd_names_take(struct cmd_names *names, const char *input, const char *suffix, const char *extension)
{
    struct str name = strcmp(input, "-") == 0 ? STR("stdin.docx") : fs_base_name(str_from_c(input));
    struct str own = str_sub(name, extension_start(name), name.n);
    struct str ext = extension ? str_from_c(extension) : own;
    const char *folder = names->folder ? names->folder : "";
    const char *slash = *folder && folder[strlen(folder) - 1] != '/' ? "/" : "";
    for (unsigned n = 1;; n++) {
        struct error e;
        struct str file;
        struct str end = n == 1 ? str_printf(names->a, "%s%.*s", suffix, STR_ARG(ext))
                                : str_printf(names->a, "%s-%u%.*s", suffix, n, STR_ARG(ext));
        if (!end.p || export_file_name(name, end.p, names->a, &file, &e) != ERR_OK) return NULL;
        struct str path = str_printf(names->a, "%s%s%.*s", folder, slash, STR_ARG(file));
        if (!path.p) return NULL;
        if (map_get(&names->taken, path) || cmd_inputs_have(names->inputs, path.p)) continue;
        return map_put(&names->taken, path, names) ? path.p : NULL;
    }
}
