/* What the exports share: the words for people, and counts. Thread: any. */
#pragma once

#include "review/export.h"

/* "High risk", "Medium risk", "Low risk". */
const char *export__risk_words(enum finding_risk risk);
/* "1 finding", "12 findings" and its kind. */
void export__count(struct sb *b, size_t n, const char *one, const char *many);
/* The text with line feeds, tabs and control characters as spaces, runs of white space as one, cut behind max code points with "…". */
void export__one_line(struct sb *b, struct str s, size_t max);
/* "4.2 Timeline" or "before the first heading". Appends. */
void export__section_name(struct sb *b, const struct doc *doc, uint32_t section);
/* "11 Root Cause Analysis, 12 Preventative Actions"; nothing for a finding without points. */
void export__points(struct sb *b, const struct framework *f, const struct finding *finding);

struct export__counts {
    size_t by_risk[3]; /* by enum finding_risk */
    size_t all;
};
/* Of the findings that pass; section and point: DOC_NONE for all. */
struct export__counts export__count_findings(const struct finding_list *list, uint32_t section, uint32_t point);
/* "2 high, 1 low", without what is zero; "none" when all is. */
void export__risks(struct sb *b, const struct export__counts *c);

/* "The model x reviewed 12 of 14 paragraphs (instructions 1f2e3d)." or nothing. */
void export__model(struct sb *b, const struct export_review *r);

/* html_doc.c: the document with its marks and, behind each block, the cards of its findings. */
struct html_report {
    const struct export_review *review;
    struct sb *out;
    struct arena *scratch;
};
enum err html__document(const struct html_report *h, struct error *e) MUST_USE;
/* html_report.c: one finding as a card; n counts from 0. */
void html__card(const struct html_report *h, size_t n);
void html__summary(const struct html_report *h);
/* Escaped text. */
static inline void html__text(struct sb *b, struct str s) { sb_xml_text(b, s); }
