// Where a question is written. Enter sends it, Shift+Enter begins a new line; what it is about stands above, and can be taken away.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { shorten } from "../model/words";
import { useSession } from "../state/session";
import { Trouble } from "../ui/bits";
import { Icon } from "../ui/icons";

export function Composer() {
  const { chat } = useSession();
  const box = useRef<HTMLTextAreaElement>(null);
  const focus = chat.focus.value;
  useLayoutEffect(() => {
    if (focus) box.current?.focus({ preventScroll: true });
  }, [focus]);
  const running = chat.running.value !== null;
  useEffect(() => {
    // when what was stopped by its button has ended, the box is where one goes on
    if (!running && document.activeElement === document.body) box.current?.focus({ preventScroll: true });
  }, [running]);
  const refused = chat.refused.value;
  return (
    <form
      class="composer"
      aria-label="Ask about the document"
      onSubmit={(event) => {
        event.preventDefault();
        void chat.send();
      }}
    >
      {refused && <Trouble failure={refused} onRetry={refused.transient && chat.text.value ? () => void chat.send() : undefined} />}
      {chat.editing.value && (
        <p class="composer-note">
          <span>This takes the place of your question and of all that came after it.</span>
          <button type="button" class="link-button" onClick={() => chat.cancelEdit()}>
            Cancel
          </button>
        </p>
      )}
      <About />
      <div class="composer-row">
        <textarea
          ref={box}
          rows={1}
          class="composer-text"
          aria-label="Your question"
          placeholder="Ask about the document"
          value={chat.text.value}
          maxLength={chat.maxText.value}
          data-test="chat-text"
          onInput={(event) => chat.write(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            if (!running) void chat.send();
          }}
        />
        {running ? (
          <button type="button" class="button composer-go" data-test="chat-stop" onClick={() => void chat.stop()}>
            <Icon name="stop" />
            Stop
          </button>
        ) : (
          <button type="submit" class="button primary composer-go" disabled={!chat.text.value.trim()} data-test="chat-send">
            Send
          </button>
        )}
      </div>
    </form>
  );
}

function About() {
  const { store, chat } = useSession();
  const section = store.section.value;
  const title = section === null ? "" : (store.content.value?.sections[section]?.title ?? "") || "Beginning";
  const chips: { key: string; label: string; remove: () => void }[] = [];
  if (section !== null && chat.withSection.value) chips.push({ key: "section", label: title, remove: () => (chat.withSection.value = false) });
  for (const id of chat.findings.value) {
    const f = store.cell(id)?.value;
    chips.push({ key: id, label: f ? f.title || shorten(f.description, 60) : "a finding", remove: () => (chat.findings.value = chat.findings.value.filter((one) => one !== id)) });
  }
  const selection = chat.selection.value;
  if (selection) chips.push({ key: "selection", label: `“${shorten(selection.quote, 80)}”`, remove: () => (chat.selection.value = null) });
  if (!chips.length)
    return section === null ? null : (
      <p class="composer-about">
        <button type="button" class="link-button" onClick={() => (chat.withSection.value = true)}>
          Say that I am reading “{shorten(title, 40)}”
        </button>
      </p>
    );
  return (
    <p class="composer-about" data-test="chat-about">
      <span class="soft">About</span>
      {chips.map((c) => (
        <button type="button" key={c.key} class="pill" aria-label={`Leave out: ${c.label}`} title={`Leave out: ${c.label}`} onClick={c.remove}>
          <span>{c.label}</span>
          <Icon name="close" />
        </button>
      ))}
    </p>
  );
}
