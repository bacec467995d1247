/* Words of a text, phrases made of them, and sections by what their titles say: what the rules about wording share.
 * Thread: any; a phrase set is used by the run that made it. */
#pragma once

#include "base/map.h"
#include "rules/engine_priv.h"

/* Letters and digits with apostrophes inside ("don't", "O’Neil"); a hyphen ends a word. */
struct word {
    uint32_t start, end; /* bytes of the text */
    bool upper_first;    /* begins with a capital */
    bool all_upper;      /* two letters or more, all capitals */
    bool has_digit;
    bool ascii;
};

/* The first word at or after *at, and *at behind it. Linear over the text. */
bool words_next(struct str text, size_t *at, struct word *ret);
static inline struct str words_text(struct str text, struct word w) { return str_sub(text, w.start, w.end); }

#define WORDS_KEY_MAX 40
/* The word in lower case (ASCII letters; other bytes as they are; U+2019 as '), in buf; .p NULL when it is longer than WORDS_KEY_MAX. */
struct str words_key(struct str word, char buf[WORDS_KEY_MAX]);

/* A list of words in alphabetical order, all lower case: is key one of them? */
bool words_in(const char *const *sorted, size_t n, struct str key);
#define WORDS_IN(array, key) words_in((array), sizeof(array) / sizeof((array)[0]), (key))

/* Phrases: "a lot of". "*" stands for any one word; a first word is written out. */
struct phrase {
    const char *words;
    const char *note; /* what the rule says of it; NULL: nothing */
};
struct phrases {
    struct map by_first; /* first word → struct phrases__list */
};
enum err phrases_make(struct arena *a, const struct phrase *table, size_t n, struct phrases *ret,
                      struct error *e) MUST_USE;
/* The longest phrase that begins with the word `first` of text, its words parted by spaces only; *ret_end: the byte behind it. NULL: none. */
const struct phrase *phrases_at(const struct phrases *set, struct str text, struct word first, size_t *ret_end);

/* For each section: does its title, or that of a section around it, hold a word that begins with one of the stems (lower case; NULL ends them)?
 * The array has doc->sections.n entries; NULL on no memory. */
bool *sections_about(const struct rules_run *run, const char *const *stems) MUST_USE;
static inline bool block_in(const struct rules_run *run, const bool *sections, uint32_t block)
{
    uint32_t section = run->doc->blocks.at[block].section;
    return section < run->doc->sections.n && sections[section];
}

/* Is text a sentence of prose: no heading, title, table of contents, header or footer? */
bool words_is_prose(const struct doc_block *block);
/* Does the block hold more capital letters than small ones? */
bool words_all_capitals(struct str text);
/* Does [start, end) of text hold a decimal digit? */
bool words_has_digit(struct str text, size_t start, size_t end);
/* Does the text read as English: is one word in ten or more one of the small ones that English is held together by? Lists of names, tables
 * and references have few of them too. Texts of fewer than WORDS_ENGLISH_MIN words cannot be told and count as `unsure`. */
#define WORDS_ENGLISH_MIN 8
bool words_is_english(struct str text, bool unsure);
/* The same for every block at once; a block of a few words is as the last one that could be told. NULL on no memory. Asked once a run:
 * rules read it, and words_is_legal(), in the facts. */
bool *words_english_blocks(const struct rules_run *run) MUST_USE;
/* Does the document read like a contract or a statute ("shall", "hereof", "pursuant to")? There, long sentences, defined terms with
 * capitals and formulas such as "several" or "known or should have known" are customary. */
bool words_is_legal(const struct rules_run *run);
