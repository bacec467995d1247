// What a review looked at, in words.
import type { Coverage, Review, SectionState } from "../api/types";
import { many, n, percent } from "./words";

export const STATE_WORD: Record<SectionState, string> = {
  reviewed: "Reviewed",
  cached: "Reviewed (as before)",
  cut: "Partly reviewed",
  failed: "Failed",
  excluded: "Left out",
  over_budget: "Over budget",
};

export const isReviewed = (state: SectionState): boolean => state === "reviewed" || state === "cached";

// One sentence: who reviewed how much.
export function summary({ model, coverage }: Review): string {
  const name = model.name || "the model";
  switch (model.state) {
    case "none":
      return "The rules reviewed it alone: no language model is set up on this server, or none was asked for.";
    case "not_allowed":
      return "The rules reviewed it alone: it is marked never to be sent to a model.";
    case "queued":
      return `The rules are done; ${name} is to begin.`;
    case "running":
      return `The rules are done; ${name} is reviewing.`;
    case "cancelled":
      return `The rules are done; ${name} was stopped${coverage ? ` after ${reviewed(coverage)}` : ""}.`;
    case "failed":
      return `The rules reviewed it; ${name} could not.`;
    case "done":
      if (!coverage) return `The rules and ${name} reviewed it.`;
      return coverage.complete ? `The rules and ${name} reviewed all of it: ${many(coverage.sections.length, "section")}.` : `The rules reviewed it; ${name} reviewed ${reviewed(coverage)}.`;
  }
}

function reviewed({ sections }: Coverage): string {
  return `${n(sections.filter((s) => isReviewed(s.state)).length)} of ${many(sections.length, "section")}`;
}

// What became of the findings that the model sent, without those of which there were none.
export function sorted({ findings: f }: Coverage): { label: string; count: number; says: string }[] {
  return [
    { label: "Kept", count: f.kept, says: "shown here, the less sure ones folded away" },
    { label: "Merged", count: f.merged, says: "said the same as another finding" },
    { label: "Refused", count: f.refused_not_found, says: "quoted words that are not in the document, or in several places" },
    { label: "Refused", count: f.refused_invalid, says: "were not in the form that was asked for" },
    { label: "Left out", count: f.over_budget, says: "were more than a document of this length gets" },
    { label: "Left out", count: f.dismissed, says: "had been dismissed before" },
  ].filter((row, i) => i === 0 || row.count > 0);
}

const RULES = 0.1; // of a review's progress is behind when the model begins (src/review/job_model.c)

// While a model is at it: how much of its part it has done.
export const progress = ({ progress: p }: Review): string => percent(Math.max(0, (p - RULES) / (1 - RULES)));
