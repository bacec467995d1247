/* The document as JSON for a page: "Content" of docs/openapi.yaml. It is made once, at upload, and kept beside the file; whoever shows a document
 * needs no .docx then. Offsets are UTF-16 code units, and the texts ("t") of a block's runs put together are exactly the block's text, so that an
 * anchor indexes into what is shown:
 *   sections  id (its index), title, number, level, first_block, last_block (null, null: it has none), words, reviewed, why_not
 *   blocks    i, section (null: none), kind (paragraph heading list_item cell footnote endnote), story (when not the body: textbox footnote endnote
 *             header footer), level (1–9, of a heading), list_level, label ("1.a)", as Word shows it), title, toc, note (index into notes),
 *             table {t row col row_span col_span header merged}, runs
 *   runs      t; b i u s sup sub caps small_caps highlight white math (only when true); href (http, https, mailto, # only); ins {author date};
 *             and without text: note (index into notes), del {text author date}; with t U+FFFC: image {alt name}
 *   tables    section, rows, columns, first_block, last_block, in {t row col} (null: in no other table)
 *   notes     kind, number, block and offset of its reference (null: nothing refers to it), first_block, last_block
 *   comments  author, date, text, resolved, parent (index; null), block start end_block end (null: on no words)
 *   changes   kind (insert delete move_from move_to format other), author, date, text, block, offset
 *   warnings  sentences for people
 * A cell that continues the one above it is "merged": its blocks are there, so that block numbers are the document's, and are shown nowhere.
 * Thread: any. */
#pragma once

#include "base/sb.h"
#include "doc/model.h"

#define MODEL_JSON_VERSION 1 /* goes up when the form changes; what was kept in another form is made anew */

/* All of it. Failures of the builder stick in out; ERR_LIMIT on no memory. */
enum err model_json_content(const struct doc *doc, struct sb *out, struct error *e) MUST_USE;
/* {"version":…,"sections":[…]}: cut out of what model_json_content made; in a. ERR_INTERNAL when it was not made so. */
enum err model_json_sections(struct str content, struct arena *a, struct str *ret, struct error *e) MUST_USE;

/* Words of the body, its notes included: stretches without white space. */
size_t model_words(const struct doc *doc);
