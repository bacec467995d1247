/* From the words of a command line to files: names, patterns, folders, standard input; and names for what is made of them.
 * Thread: main. */
#pragma once

#include <sys/types.h>

#include "base/map.h"
#include "base/vec.h"
#include "cmd/options.h"

struct cmd_input {
    const char *path; /* "-": standard input */
    bool is_stdin;
    dev_t device; /* with inode: which file it is, whatever its name */
    ino_t inode;
};

struct cmd_input_wrong { /* a word that led to no file */
    const char *word;
    struct error error;
};

struct cmd_inputs {
    struct cmd_input *at;
    size_t n, cap;
    VEC(struct cmd_input_wrong) wrong; /* each was said on standard error */
    bool many; /* several words, a folder or a pattern were given: results need names of their own, even for one file */
};

/* Every file that the words mean, in their order, folders sorted, each file once. A file that a word names is taken whatever its name; in
 * folders only .docx, .docm, .dotx and .dotm, without Word's lock files ("~$report.docx"), which are mentioned. */
enum err cmd_inputs_find(struct arena *a, const struct cmd_operands *words, struct cmd_inputs *ret,
                         struct error *e) MUST_USE;

/* Is path one of the inputs, by whatever name? false when it does not exist. */
bool cmd_inputs_have(const struct cmd_inputs *inputs, const char *path);

struct cmd_names { /* names that are taken in one folder */
    struct arena *a;
    const char *folder; /* NULL: no folder, names only have to differ */
    const struct cmd_inputs *inputs;
    struct map taken;
};

struct cmd_names cmd_names_make(struct arena *a, const char *folder, const struct cmd_inputs *inputs);

/* The path in the folder for what is made of an input: its name, suffix ("-reviewed"), extension (NULL: the input's own); numbered where that is
 * taken or is an input itself. Made by export_file_name: all other characters stay as they are, and what file systems cannot take is cut. NULL on no memory. */
const char *cmd_names_take(struct cmd_names *names, const char *input, const char *suffix, const char *extension);
