/* Text of a document: offsets, names of places. Thread: any. */
#pragma once

#include "doc/model.h"

/* The anchored words; LF between blocks. Borrowed from the model where the anchor lies in one block, else in the arena; .p NULL on no memory. */
struct str doc_text_of(const struct doc *doc, struct doc_anchor anchor, struct arena *a);

/* An anchor in one block. Offsets are widened to grapheme borders. */
struct doc_anchor doc_anchor_make(const struct doc *doc, uint32_t block, size_t start, size_t end);
/* Whole block without white space at its ends. */
struct doc_anchor doc_anchor_block(const struct doc *doc, uint32_t block);

/* UTF-16 code units of the block's text, as on the wire, and back. */
size_t doc_offset_to_utf16(const struct doc_block *block, size_t byte_offset);
size_t doc_offset_from_utf16(const struct doc_block *block, size_t utf16_offset);

/* Where a block is, for people: "section 4.2 Timeline of Events, table 3, row 2" or "footnote 3". In the arena; .p NULL on no memory. */
struct str doc_place_name(const struct doc *doc, uint32_t block, struct arena *a);

/* The chain of titles down to a section: "4 Investigation › 4.2 Timeline". */
struct str doc_section_path(const struct doc *doc, uint32_t section, struct arena *a);

/* Stretches without white space. */
size_t doc_count_words(struct str text);

bool doc_block_is_blank(const struct doc_block *block); /* no text but white space */
