/* Makes files part of the program: writes a C table of their bytes. Run by the build.
 * embed OUTPUT HEADER PREFIX FILE…: OUTPUT includes HEADER (which has struct embedded_file) and defines PREFIXs[] and PREFIX_n, one row a file, in the order given,
 * named by the file's base name without its last extension. The output depends on the files' contents and names alone. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The file's bytes as the initialiser of array bytes_I. */
static bool embed(FILE *out, const char *path, int i)
{
    FILE *in = fopen(path, "rbe");
    if (!in) {
        (void)fprintf(stderr, "embed: could not open \"%s\"\n", path);
        return false;
    }
    (void)fprintf(out, "static const unsigned char bytes_%d[] = {", i);
    int c = 0;
    unsigned long n = 0;
    for (; (c = fgetc(in)) != EOF; n++)
        (void)fprintf(out, "%s%d,", n % 24 ? "" : "\n    ", c);
    (void)fprintf(out, "\n};\n\n");
    bool ok = !ferror(in) && n > 0;
    if (!ok) (void)fprintf(stderr, "embed: \"%s\" is empty or could not be read\n", path);
    (void)fclose(in);
    return ok;
}

static void row(FILE *out, const char *path, int i)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');
    int n = dot ? (int)(dot - name) : (int)strlen(name);
    (void)fprintf(out, "    {\"%.*s\", bytes_%d, sizeof bytes_%d},\n", n, name, i, i);
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        (void)fprintf(stderr, "usage: embed OUTPUT HEADER PREFIX FILE...\n");
        return 2;
    }
    FILE *out = fopen(argv[1], "we");
    if (!out) {
        (void)fprintf(stderr, "embed: could not write \"%s\"\n", argv[1]);
        return 1;
    }
    bool ok = true;
    (void)fprintf(out, "/* Made by tools/embed.c. */\n#include \"%s\"\n\n", argv[2]);
    for (int i = 4; i < argc; i++)
        ok = embed(out, argv[i], i - 4) && ok;
    (void)fprintf(out, "const struct embedded_file %ss[] = {\n", argv[3]);
    for (int i = 4; i < argc; i++)
        row(out, argv[i], i - 4);
    (void)fprintf(out, "};\nconst size_t %s_n = sizeof %ss / sizeof *%ss;\n", argv[3], argv[3], argv[3]);
    if (fclose(out) != 0) ok = false;
    return ok ? 0 : 1;
}
