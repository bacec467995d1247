// Where files come in: dropped anywhere on the screen, or chosen. What is accepted is said before anything is sent.
import { useEffect, useRef, useState } from "preact/hooks";

import { size } from "../model/words";
import { server } from "../state/app";
import { addFiles, against, documents, frameworks, neverSend, trySample } from "../state/home";
import { Against } from "../ui/Against";
import { Icon } from "../ui/icons";

const ACCEPT = ".docx,.docm,.dotx,.dotm,application/vnd.openxmlformats-officedocument.wordprocessingml.document";

export function DropZone() {
  const input = useRef<HTMLInputElement>(null);
  const over = useDropAnywhere();
  const known = server.value;
  return (
    <section class={`drop${over ? " over" : ""}`} aria-label="Upload" data-test="drop">
      <div class="drop-art" aria-hidden="true">
        <Icon name="document" />
      </div>
      <p class="drop-title">{over ? "Let go to upload" : "Drop Word documents anywhere on this page"}</p>
      <p class="drop-or">
        <button type="button" class="button primary large" data-test="choose" onClick={() => input.current?.click()}>
          <Icon name="upload" />
          Choose files
        </button>
        <button type="button" class="button large" data-test="sample" onClick={() => void trySample()}>
          Try the sample report
        </button>
      </p>
      <p class="fine">
        {known ? `.docx, up to ${size(known.limits.max_upload_bytes)} each` : ".docx"}
        {documents.value && documents.value.length === 0 ? " · only you see what you upload" : ""}
      </p>
      <input
        ref={input}
        type="file"
        class="unseen"
        accept={ACCEPT}
        multiple
        tabIndex={-1}
        aria-label="Word documents to upload"
        data-test="file"
        onChange={(event) => {
          addFiles(event.currentTarget.files ?? []);
          event.currentTarget.value = "";
        }}
      />
      <div class="drop-options">
        <Against choice={against.value} frameworks={frameworks.value} onChange={(choice) => (against.value = choice)} />
        {known?.model && (
          <label class="check" title="The rules review it all the same">
            <input type="checkbox" checked={neverSend.value} data-test="never-send" onChange={() => (neverSend.value = !neverSend.value)} />
            <span class="check-label">Never send to a model</span>
          </label>
        )}
      </div>
    </section>
  );
}

// true while files are dragged over the window
function useDropAnywhere(): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    let depth = 0;
    const files = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (files(event) && ++depth === 1) setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (files(event) && --depth <= 0) {
        depth = 0;
        setOver(false);
      }
    };
    const hold = (event: DragEvent) => {
      if (files(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!files(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      addFiles(event.dataTransfer?.files ?? []);
    };
    window.addEventListener("dragenter", enter);
    window.addEventListener("dragleave", leave);
    window.addEventListener("dragover", hold);
    window.addEventListener("drop", drop);
    return () => {
      window.removeEventListener("dragenter", enter);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("dragover", hold);
      window.removeEventListener("drop", drop);
    };
  }, []);
  return over;
}
