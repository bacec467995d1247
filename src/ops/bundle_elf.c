/* strip, as far as a bundle needs it: everything that is loaded stays byte for byte where it is, and what stands behind it in the file (symbols, debug
 * information, comments) goes; the table of sections keeps those that are loaded, so that tools still read the file.
 * Rejected: running strip(1) (a server has no binutils), installing a stripped program (its stacks in the log are better with symbols).
 * Source: System V ABI, "Object files"; elf.h. */
#include <elf.h>
#include <string.h>

#include "ops/bundle_priv.h"

static bool fits(struct str file, uint64_t at, uint64_t n) { return at <= file.n && n <= file.n - at; }

static enum err not_ours(struct error *e)
{
    error_set_reason(e, ERR_INVALID, "no_bundle",
                     "this program is not a dynamic program for x86-64 Linux, as a bundle needs it");
    return error_hint(e, "Bundles are made on x86-64 by an ordinary build (make build).");
}

/* The end of what is loaded, and of the table that says so. */
static uint64_t loaded_end(struct str file, const Elf64_Ehdr *h)
{
    uint64_t end = h->e_phoff + (uint64_t)h->e_phnum * sizeof(Elf64_Phdr);
    for (size_t i = 0; i < h->e_phnum; i++) {
        Elf64_Phdr p;
        memcpy(&p, file.p + h->e_phoff + i * sizeof p, sizeof p);
        if (!fits(file, p.p_offset, p.p_filesz)) return 0;
        if (p.p_filesz > 0 && p.p_offset + p.p_filesz > end) end = p.p_offset + p.p_filesz;
    }
    return end;
}

/* How many sections, from the first on, are loaded: the linker puts them before all others. */
static size_t loaded_sections(struct str file, const Elf64_Ehdr *h)
{
    size_t n = 1;
    for (; n < h->e_shnum; n++) {
        Elf64_Shdr s;
        memcpy(&s, file.p + h->e_shoff + n * sizeof s, sizeof s);
        if (!(s.sh_flags & SHF_ALLOC)) break;
    }
    return n;
}

static enum err write_stripped(struct arena *a, struct str file, Elf64_Ehdr h, uint64_t end, struct str *ret,
                               struct error *e)
{
    Elf64_Shdr names;
    size_t n = loaded_sections(file, &h);
    memcpy(&names, file.p + h.e_shoff + h.e_shstrndx * sizeof names, sizeof names);
    uint64_t names_at = names.sh_offset, table = (end + names.sh_size + 7) & ~UINT64_C(7);
    size_t whole = table + (n + 1) * sizeof names;
    char *to = whole < file.n ? arena_alloc(a, whole) : NULL;
    if (whole >= file.n) {
        *ret = file;
        return ERR_OK;
    }
    if (!to) return error_no_memory(e);
    memcpy(to, file.p, end);
    memcpy(to + end, file.p + names_at, names.sh_size);
    memcpy(to + table, file.p + h.e_shoff, n * sizeof names);
    names.sh_offset = end;
    memcpy(to + table + n * sizeof names, &names, sizeof names);
    h.e_shoff = table;
    h.e_shnum = (Elf64_Half)(n + 1);
    h.e_shstrndx = (Elf64_Half)n;
    memcpy(to, &h, sizeof h);
    *ret = (struct str){to, whole};
    return ERR_OK;
}

enum err bundle__strip(struct arena *a, struct str file, struct str *ret, struct error *e)
{
    Elf64_Ehdr h;
    Elf64_Shdr names;
    if (file.n < sizeof h) return not_ours(e);
    memcpy(&h, file.p, sizeof h);
    bool right = memcmp(h.e_ident, ELFMAG, SELFMAG) == 0 && h.e_ident[EI_CLASS] == ELFCLASS64 &&
                 h.e_machine == EM_X86_64 && h.e_phentsize == sizeof(Elf64_Phdr) &&
                 fits(file, h.e_phoff, (uint64_t)h.e_phnum * sizeof(Elf64_Phdr));
    uint64_t end = right ? loaded_end(file, &h) : 0;
    if (end == 0) return not_ours(e);
    *ret = file;
    if (h.e_shnum == 0 || h.e_shentsize != sizeof names || h.e_shstrndx >= h.e_shnum ||
        !fits(file, h.e_shoff, (uint64_t)h.e_shnum * sizeof names))
        return ERR_OK; /* no table: stripped already */
    memcpy(&names, file.p + h.e_shoff + h.e_shstrndx * sizeof names, sizeof names);
    if (!fits(file, names.sh_offset, names.sh_size)) return not_ours(e);
    return write_stripped(a, file, h, end, ret, e);
}
