// Guidelines that are kept: upload one, see the requirements that were read out of it, and change them.
import { useEffect, useRef, useState } from "preact/hooks";

import type { Guidelines } from "../api/types";
import { many, sentence } from "../model/words";
import { server } from "../state/app";
import { failure, type Failure } from "../state/failure";
import { addGuidelines, guidelines, guidelinesOpen, loadGuidelines } from "../state/guidelines";
import { Dialog, Progress, Trouble } from "../ui/bits";
import { Icon } from "../ui/icons";
import { Points } from "./Points";

export function GuidelinesDialog() {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  useEffect(() => void loadGuidelines().catch((error: unknown) => setProblem(failure(error))), []);
  const add = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    setProblem(null);
    try {
      setOpen((await addGuidelines(file)).id);
    } catch (error) {
      setProblem(failure(error));
    }
    setBusy(false);
  };
  const list = guidelines.value ?? [];
  return (
    <Dialog label="Guidelines" class="help settings" onClose={() => (guidelinesOpen.value = false)} test="guidelines-dialog">
      <header class="help-head">
        <h2>Guidelines</h2>
        <button type="button" class="button small" onClick={() => (guidelinesOpen.value = false)}>
          Close
        </button>
      </header>
      <p class="soft">
        Upload a Word document with what your team asks for. {server.value?.model ? "The model lists its requirements once" : "Its requirements (what must, shall or should be) are read out of it"}; look through them, and change what is not right. Then choose it when a document is reviewed.
      </p>
      <p>
        <button type="button" class="button primary" disabled={busy} onClick={() => input.current?.click()}>
          <Icon name="upload" />
          {busy ? "Uploading…" : "Upload guidelines"}
        </button>
        <input
          ref={input}
          type="file"
          class="unseen"
          accept=".docx,.docm,.dotx,.dotm"
          tabIndex={-1}
          aria-label="A Word document with guidelines"
          data-test="guidelines-file"
          onChange={(event) => {
            void add(event.currentTarget.files?.[0]);
            event.currentTarget.value = "";
          }}
        />
      </p>
      {problem && <Trouble failure={problem} />}
      <ul class="guides">
        {list.map((g) => (
          <Row key={g.id} guide={g} open={open === g.id} onOpen={() => setOpen(open === g.id ? null : g.id)} />
        ))}
      </ul>
      {list.length === 0 && !problem && <p class="soft">None are kept yet.</p>}
    </Dialog>
  );
}

function Row({ guide: g, open, onOpen }: { guide: Guidelines; open: boolean; onOpen: () => void }) {
  const reading = g.state === "queued" || g.state === "running";
  return (
    <li class="guide" data-test="guide" data-state={g.state}>
      <button type="button" class="guide-head" aria-expanded={open} disabled={reading} onClick={onOpen}>
        <Icon name={open ? "up" : "down"} />
        <strong class="break">{g.name}</strong>
        <span class="soft">
          {reading ? "being read" : g.points.length ? many(g.points.length, "requirement") : "could not be read"}
          {!reading && g.points.length > 0 && (g.by === "model" ? ", listed by the model" : ", by their words")}
          {g.team && " · for everyone"}
        </span>
      </button>
      {reading && <Progress value={null} label={`${g.name} is being read`} />}
      {g.problem && (
        <p class={g.points.length ? "soft" : "wrong-text"} role="status">
          {sentence(g.problem.detail)} {g.problem.hint}
        </p>
      )}
      {open && !reading && <Points key={g.version} guide={g} />}
    </li>
  );
}
