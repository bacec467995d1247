// The talk about the document: questions, answers that grow as they come, and the box to ask in.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { server } from "../state/app";
import { useSession } from "../state/session";
import { Dialog, Trouble } from "../ui/bits";
import { Icon } from "../ui/icons";
import { Composer } from "./Composer";
import { Message } from "./Message";
import { Nobody } from "./Nobody";

const SUGGESTIONS = ["What is missing from this document?", "Where does it contradict itself?", "What would a critical reader ask first?"];
const NEAR_END = 60; // px

export function ChatPanel() {
  const { chat, store } = useSession();
  const [clearing, setClearing] = useState(false);
  useEffect(() => void chat.open(), [chat, store.document.value?.never_send]);
  const blocked = chat.blocked.value;
  const empty = chat.ids.value.length === 0;
  return (
    <div class="chat" data-test="chat-panel">
      {!empty && (
        <p class="chat-head">
          <span class="soft">Answers can be wrong: check what they cite.</span>
          <button type="button" class="icon-button" aria-label="Clear the talk" title="Clear the talk" data-test="chat-clear" onClick={() => setClearing(true)}>
            <Icon name="trash" />
          </button>
        </p>
      )}
      <Talk>
        {chat.problem.value && <Trouble failure={chat.problem.value} onRetry={() => void chat.open()} />}
        {blocked && <Nobody problem={blocked} />}
        {chat.ready.value && empty && !blocked && <Beginning />}
      </Talk>
      {chat.ready.value && !blocked && <Composer />}
      {clearing && (
        <Dialog label="Clear the talk" onClose={() => setClearing(false)}>
          <h2>Clear the talk?</h2>
          <p class="soft">All questions and answers about this document are forgotten. Findings that you took from them stay.</p>
          <p class="row end">
            <button type="button" class="button" onClick={() => setClearing(false)}>
              Keep it
            </button>
            <button
              type="button"
              class="button danger"
              data-test="chat-clear-yes"
              onClick={async () => {
                if (await chat.clear()) setClearing(false);
              }}
            >
              Clear
            </button>
          </p>
        </Dialog>
      )}
    </div>
  );
}

function Beginning() {
  const { chat } = useSession();
  return (
    <div class="chat-empty" data-test="chat-empty">
      <p>
        <strong>Ask about this document.</strong>
      </p>
      <p class="soft">
        {server.value?.model ? `${chat.model.value ?? server.value.model.primary} reads it and answers` : "The model reads it and answers"} with links to the words it relies on. Select text, or open a finding, to ask about just that.
      </p>
      <ul class="chat-suggestions">
        {SUGGESTIONS.map((text) => (
          <li key={text}>
            <button type="button" class="button" data-test="chat-suggestion" onClick={() => void chat.send(text)}>
              {text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

// Stays at its end while an answer grows, unless somebody has scrolled up to read.
function Talk({ children }: { children: preact.ComponentChildren }) {
  const { chat } = useSession();
  const box = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const follow = useRef(true);
  const ids = chat.ids.value;
  const toEnd = () => {
    const e = box.current;
    if (e) e.scrollTop = e.scrollHeight;
  };
  useLayoutEffect(() => {
    follow.current = true; // a new question: to the end
    toEnd();
  }, [ids.length, chat.ready.value]);
  useEffect(() => {
    const e = box.current;
    const inner = e?.firstElementChild;
    if (!e || !inner) return;
    const observer = new ResizeObserver(() => {
      if (follow.current) toEnd();
    });
    observer.observe(inner);
    observer.observe(e);
    return () => observer.disconnect();
  }, []);
  return (
    <div class="chat-room">
      <div
        class="chat-scroll"
        ref={box}
        tabIndex={0}
        role="group"
        aria-label="The talk"
        onScroll={() => {
          const e = box.current;
          if (!e) return;
          const end = e.scrollHeight - e.scrollTop - e.clientHeight < NEAR_END;
          follow.current = end;
          setAtEnd(end);
        }}
      >
        <div class="chat-list">
          {children}
          {ids.map((id) => (
            <Message key={id} id={id} last={id === ids[ids.length - 1]} />
          ))}
          <Waiting />
        </div>
      </div>
      {!atEnd && (
        <button
          type="button"
          class="button small chat-newest"
          onClick={() => {
            follow.current = true;
            toEnd();
          }}
        >
          <Icon name="down" />
          To the end
        </button>
      )}
    </div>
  );
}

// Between the question and the first word.
function Waiting() {
  const { chat } = useSession();
  const running = chat.running.value;
  const one = running ? chat.message(running)?.value : undefined;
  const waiting = running !== null && !(one?.role === "model" && one.text);
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    setSeconds(0);
    if (!waiting) return;
    const begun = Date.now();
    const timer = window.setInterval(() => setSeconds(Math.round((Date.now() - begun) / 1000)), 1000);
    return () => clearInterval(timer);
  }, [waiting]);
  if (chat.lost.value) return <p class="chat-waiting">The connection was lost; the answer goes on and is fetched again…</p>;
  if (!waiting) return null;
  return <p class="chat-waiting">{seconds < 8 ? "Reading…" : `Reading… ${seconds} s`}</p>;
}
