/* bin/prism of a deployment bundle: starts lib/prism by the loader and with the libraries that lie beside it, and nothing of the machine's.
 * The path of a program's loader is written into the program and cannot be relative, so a program that brings its own C library needs somebody to
 * start it who needs none. This one has no C library, reads no file, and works in a root folder that is empty but for the bundle (no /proc, no shell).
 * It finds itself by the path that it was started by (AT_EXECFN), which keeps links as they are: a folder that is switched by a link is then
 * looked up anew at each start. Only where that path leads to no lib/ (a link to bin/prism alone) is the kernel asked (/proc/self/exe).
 * The program learns in the environment by which path it can be started again (ops/program.h): to the kernel it is the loader.
 * Rejected: a shell script (needs a shell, and is a process name that says nothing), LD_LIBRARY_PATH (reaches every program that ours may start),
 * a static program (glibc's getaddrinfo cannot be linked into one), an absolute path of a loader in the program (a bundle lies where it is put).
 * Limits: Linux on x86-64; paths up to 4,096 bytes; 4,000 words each of arguments and environment. */
#include <stddef.h>

enum { SYS_WRITE = 1, SYS_ACCESS = 21, SYS_EXECVE = 59, SYS_EXIT = 60, SYS_GETCWD = 79, SYS_READLINK = 89 };
enum { AT_END = 0, AT_PROGRAM_PATH = 31, STDERR = 2, MAY_READ = 4, EXIT_NO_PROGRAM = 127 };
enum { PATH_BYTES = 4096, WORDS_MAX = 4096, WORDS_SPARE = 16 };

#define LOADER   "lib/ld-linux-x86-64.so.2"
#define VARIABLE "_PRISM_PROGRAM="

static char own[PATH_BYTES], folder[PATH_BYTES], loader[PATH_BYTES], libraries[PATH_BYTES], program[PATH_BYTES];
static char variable[PATH_BYTES + sizeof VARIABLE];
static char *arguments[WORDS_MAX], *environment[WORDS_MAX];

static long call(long number, long a, long b, long c)
{
    long ret;
    __asm__ volatile("syscall" : "=a"(ret) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return ret;
}

static size_t length(const char *s)
{
    size_t n = 0;
    while (s[n])
        n++;
    return n;
}

_Noreturn static void fail(const char *what)
{
    static const char first[] = "prism: could not start ",
                      last[] = "; bin/ and lib/ of the bundle must lie together, unpacked with their modes\n";
    (void)call(SYS_WRITE, STDERR, (long)first, sizeof first - 1);
    (void)call(SYS_WRITE, STDERR, (long)what, (long)length(what));
    (void)call(SYS_WRITE, STDERR, (long)last, sizeof last - 1);
    for (;;)
        (void)call(SYS_EXIT, EXIT_NO_PROGRAM, 0, 0);
}

/* to = a, b and c. */
static void join(char *to, size_t room, const char *a, const char *b, const char *c)
{
    const char *const parts[] = {a, b, c};
    size_t n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (const char *p = parts[i]; *p; p++) {
            if (n + 1 >= room) fail("from so long a path");
            to[n++] = *p;
        }
    to[n] = 0;
}

/* Without the last name of the path and what parts it from the rest. */
static void cut_name(char *path)
{
    size_t n = length(path);
    while (n > 0 && path[n - 1] != '/')
        n--;
    while (n > 0 && path[n - 1] == '/')
        n--;
    path[n] = 0;
}

/* The folder above that of own, with a "/" at its end, if it is a bundle. */
static int find_folder(void)
{
    join(folder, sizeof folder, own, "", "");
    cut_name(folder);
    cut_name(folder);
    join(folder + length(folder), sizeof folder - length(folder), "/", "", "");
    join(loader, sizeof loader, folder, LOADER, "");
    return call(SYS_ACCESS, (long)loader, MAY_READ, 0) == 0;
}

/* The path by which we were started, from the root. */
static void own_path(const char *started_by)
{
    static char here[PATH_BYTES];
    if (started_by[0] == '/') {
        join(own, sizeof own, started_by, "", "");
        return;
    }
    if (call(SYS_GETCWD, (long)here, sizeof here, 0) <= 0 || here[0] != '/') fail("from a folder that is gone");
    while (started_by[0] == '.' && started_by[1] == '/')
        started_by += 2;
    join(own, sizeof own, here, here[1] ? "/" : "", started_by);
}

static void find_bundle(const char *started_by)
{
    own_path(started_by);
    if (find_folder()) return;
    long n = call(SYS_READLINK, (long)"/proc/self/exe", (long)own, sizeof own - 1);
    if (n <= 0) fail(loader);
    own[n] = 0;
    if (!find_folder()) fail(loader);
}

static const char *started_by(char **envp)
{
    while (*envp)
        envp++;
    for (const unsigned long *aux = (const unsigned long *)(void *)(envp + 1); aux[0] != AT_END; aux += 2)
        if (aux[0] == AT_PROGRAM_PATH) return (const char *)aux[1];
    fail("as the kernel does not say from where");
}

static int is_variable(const char *word)
{
    const char *name = VARIABLE;
    while (*name && *name == *word) {
        name++;
        word++;
    }
    return !*name;
}

static void set_environment(char **envp)
{
    size_t n = 0;
    join(variable, sizeof variable, VARIABLE, own, "");
    for (; *envp; envp++) {
        if (n >= WORDS_MAX - WORDS_SPARE) fail("with so large an environment");
        if (!is_variable(*envp)) environment[n++] = *envp;
    }
    environment[n] = variable;
}

static void set_arguments(char **argv)
{
    static char no_cache[] = "--inhibit-cache", path[] = "--library-path", name[] = "--argv0", prism[] = "prism";
    size_t n = 0;
    arguments[n++] = loader;
    arguments[n++] = no_cache; /* the machine's libraries are not even looked for */
    arguments[n++] = path;
    arguments[n++] = libraries;
    arguments[n++] = name;
    arguments[n++] = prism;
    arguments[n++] = program;
    for (argv += *argv ? 1 : 0; *argv; argv++) {
        if (n >= WORDS_MAX - WORDS_SPARE) fail("with so many arguments");
        arguments[n++] = *argv;
    }
}

/* stack: as the kernel lays it out: argc, argv, NULL, envp, NULL, auxiliary values. */
__attribute__((used)) _Noreturn static void launch(long *stack)
{
    char **argv = (char **)(void *)(stack + 1), **envp = argv + stack[0] + 1;
    find_bundle(started_by(envp));
    join(libraries, sizeof libraries, folder, "lib", "");
    join(program, sizeof program, folder, "lib/prism", "");
    set_environment(envp);
    set_arguments(argv);
    (void)call(SYS_EXECVE, (long)loader, (long)arguments, (long)environment);
    fail(loader);
}

__asm__(".globl _start\n"
        "_start:\n"
        "    xor %ebp, %ebp\n"
        "    mov %rsp, %rdi\n"
        "    and $-16, %rsp\n"
        "    call launch\n");
