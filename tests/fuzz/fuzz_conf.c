/* Any bytes as prism.conf: refused with a sentence, or lines whose names and values come back when they are written out and read again. */
#include <assert.h>
#include <stdlib.h>

#include "base/sb.h"
#include "base/utf8.h"
#include "conf/file.h"

/* As conf_print_text would write it; false where no way of writing it gives it back. */
static bool write_line(struct sb *b, const struct conf_line *line)
{
    bool has_double = str_find_char(line->value, '"', 0) != STR_NONE;
    bool has_single = str_find_char(line->value, '\'', 0) != STR_NONE;
    if (has_double && has_single) return false;
    const char *mark = has_double ? "'" : "\"";
    sb_printf(b, "%.*s=%s%.*s%s\n", STR_ARG(line->name), mark, STR_ARG(line->value), mark);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new((size_t)64 << 20);
    CLEANUP_SB struct sb b = SB_INIT((size_t)1 << 20);
    struct conf_lines lines = {0}, again = {0};
    struct error e = {0};
    size_t written = 0;
    if (!a) return 0;
    if (conf_file_parse(a, (struct str){(const char *)data, n}, &lines, &e) != ERR_OK) {
        assert(e.code == ERR_INVALID || e.code == ERR_LIMIT);
        assert(e.message[0] && lines.n == 0);
    }
    for (size_t i = 0; i < lines.n; i++) {
        assert(lines.at[i].name.n > 0 && lines.at[i].line > 0);
        assert(utf8_valid(lines.at[i].value));
        if (write_line(&b, &lines.at[i])) lines.at[written++] = lines.at[i];
    }
    if (sb_ok(&b)) {
        enum err err = conf_file_parse(a, sb_view(&b), &again, &e);
        assert(err == ERR_OK && again.n == written);
        for (size_t i = 0; i < written; i++) {
            assert(str_eq(again.at[i].name, lines.at[i].name));
            assert(str_eq(again.at[i].value, lines.at[i].value));
            assert(again.at[i].line == i + 1);
        }
    }
    arena_free(a);
    return 0;
}
