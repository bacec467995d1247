// Under which name you comment in the files that are made.
import { useState } from "preact/hooks";

import { me, rename, say, server } from "../state/app";
import { failure } from "../state/failure";
import { Dialog } from "../ui/bits";

export function NameField() {
  const [open, setOpen] = useState(false);
  if (!me.value) return null;
  return (
    <>
      <button type="button" class="button quiet" data-test="name" onClick={() => setOpen(true)}>
        {me.value.name || "Set your name"}
      </button>
      {open && <NameDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function NameDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState(me.value?.name ?? "");
  const [problem, setProblem] = useState("");
  const send = async (event: Event) => {
    event.preventDefault();
    try {
      await rename(name.trim());
      onClose();
      say(name.trim() ? `You comment as ${name.trim()}.` : "You comment as “Reviewer”.");
    } catch (error) {
      const f = failure(error);
      setProblem(`${f.text} ${f.hint}`);
    }
  };
  return (
    <Dialog label="Your name" onClose={onClose}>
      <form onSubmit={send}>
        <h2>Your name</h2>
        <p class="soft">It is the author of the Word comments that you hand out. Without one they are by “Reviewer”.</p>
        <label class="field">
          <span>Name</span>
          <input type="text" value={name} maxLength={server.value ? Math.min(100, server.value.limits.max_name_bytes) : 100} autocomplete="name" onInput={(e) => setName(e.currentTarget.value)} />
        </label>
        {problem && (
          <p class="wrong-text" role="alert">
            {problem}
          </p>
        )}
        <p class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Save
          </button>
        </p>
      </form>
    </Dialog>
  );
}
