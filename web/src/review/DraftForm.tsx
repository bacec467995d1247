// Your own finding, on the words that were selected.
import { shorten } from "../model/words";
import { useSession } from "../state/session";
import { Trouble } from "../ui/bits";
import { FindingFields } from "./FindingFields";

export function DraftForm() {
  const { drafts } = useSession();
  const draft = drafts.draft.value;
  if (!draft) return null;
  return (
    <form
      class="draft"
      aria-label="New finding"
      data-test="draft"
      onSubmit={(event) => {
        event.preventDefault();
        void drafts.add();
      }}
    >
      <h2 class="draft-title">Your finding</h2>
      <blockquote class="card-words">{shorten(draft.anchor.quote, 240)}</blockquote>
      <FindingFields fields={draft} onChange={(part) => drafts.change(part)} name="draft" onSubmit={() => void drafts.add()} />
      {drafts.problem.value && <Trouble failure={drafts.problem.value} />}
      <p class="row end">
        <button type="button" class="button" onClick={() => drafts.discard()}>
          Discard
        </button>
        <button type="submit" class="button primary" disabled={drafts.saving.value || !draft.description.trim()} data-test="draft-add">
          {drafts.saving.value ? "Adding…" : "Add finding"}
        </button>
      </p>
    </form>
  );
}
