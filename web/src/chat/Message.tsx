// A question, or an answer: what the model looked up, what it says, what it proposes, and how it ended.
import { useState } from "preact/hooks";

import type { ChatMessage, ToolUse } from "../api/types";
import { plain } from "../model/answer";
import { exactly, sentence, shorten, when } from "../model/words";
import { now, say } from "../state/app";
import { copyText } from "../state/clipboard";
import { useSession } from "../state/session";
import { Trouble } from "../ui/bits";
import { Icon } from "../ui/icons";
import { Markdown } from "./Markdown";
import { ProposalCard } from "./Proposal";

export function Message({ id, last }: { id: string; last: boolean }) {
  const { chat } = useSession();
  const m = chat.message(id)?.value;
  if (!m) return null;
  return m.role === "person" ? <Question message={m} /> : <Answer message={m} last={last} />;
}

function Question({ message: m }: { message: ChatMessage }) {
  const { chat, store } = useSession();
  const about = [
    ...(m.context?.findings ?? []).map((id) => store.cell(id)?.value.title ?? "a finding"),
    ...(m.context?.selection ? [`“${shorten(m.context.selection.quote, 100)}”`] : []),
  ];
  const idle = chat.running.value === null;
  return (
    <article class="chat-question" aria-label="You" data-test="question">
      <div class="chat-said">
        {about.length > 0 && <p class="chat-about">{about.join(" · ")}</p>}
        <p class="chat-text">{m.text}</p>
      </div>
      <p class="chat-tools">
        <Copy text={m.text} what="question" />
        {idle && m.id !== "sending" && (
          <button type="button" class="icon-button" aria-label="Edit and send again" title="Edit and send again" data-test="chat-edit" onClick={() => chat.edit(m.id)}>
            <Icon name="edit" />
          </button>
        )}
      </p>
    </article>
  );
}

function Answer({ message: m, last }: { message: ChatMessage; last: boolean }) {
  const { chat } = useSession();
  const running = m.state === "running";
  const idle = chat.running.value === null;
  return (
    <article class="chat-answer" aria-label={m.model ? `Answer by ${m.model}` : "Answer"} aria-busy={running} data-test="answer" data-state={m.state}>
      <Tools tools={m.tools} running={running} />
      {m.text && <Markdown text={m.text} growing={running} citations={m.citations} />}
      {m.proposals.map((p) => (
        <ProposalCard key={p.n} answer={m.id} proposal={p} />
      ))}
      {m.state === "cancelled" && <p class="chat-waiting">Stopped.</p>}
      {m.problem &&
        (m.state === "failed" ? (
          <Trouble failure={{ text: m.problem.detail, hint: m.problem.hint, requestId: "", reason: m.problem.reason, transient: true }} onRetry={idle ? () => void chat.retry(m.id) : undefined} />
        ) : (
          <p class="chat-waiting">
            {sentence(m.problem.detail)} {m.problem.hint}
          </p>
        ))}
      {!running && (
        <p class="chat-tools">
          <span class="chat-by" title={m.finished_at ? exactly(m.finished_at) : ""}>
            {[m.model, m.finished_at && when(m.finished_at, now.value)].filter(Boolean).join(" · ")}
          </span>
          {m.text && <Copy text={plain(m.text)} what="answer" />}
          {idle && last && m.state !== "failed" && (
            <button type="button" class="icon-button" aria-label="Ask again" title="Ask again" data-test="chat-retry" onClick={() => void chat.retry(m.id)}>
              <Icon name="refresh" />
            </button>
          )}
        </p>
      )}
    </article>
  );
}

function Copy({ text, what }: { text: string; what: string }) {
  return (
    <button type="button" class="icon-button" aria-label={`Copy the ${what}`} title={`Copy the ${what}`} data-test="chat-copy" onClick={async () => say((await copyText(text)) ? "Copied." : "The browser did not let it be copied. Select the text and copy it.")}>
      <Icon name="copy" />
    </button>
  );
}

const SHOWN = 3; // lines of what was looked up, before they are put together

// Quiet lines: what was looked up, and what came of it.
function Tools({ tools, running }: { tools: readonly ToolUse[]; running: boolean }) {
  const [open, setOpen] = useState(false);
  const list = tools.filter((t) => t.name !== "propose_finding" || t.state === "failed");
  if (!list.length) return null;
  const folded = !running && list.length > SHOWN && !open;
  if (folded)
    return (
      <button type="button" class="link-button chat-lookups" aria-expanded={false} onClick={() => setOpen(true)}>
        Looked up {list.length} things
      </button>
    );
  return (
    <ul class="chat-lookups" data-test="lookups">
      {list.map((t) => (
        <li key={t.n} class={t.state}>
          {lookup(t)}
        </li>
      ))}
    </ul>
  );
}

export function lookup({ name, state, about, detail }: ToolUse): string {
  const what = about ? ` “${about}”` : "";
  const said = { find_text: `Looked for${what}`, read_section: `Read${what || " a section"}`, list_findings: "Looked through the findings", propose_finding: "A finding could not be proposed" }[name] ?? `Tried ${name}`;
  return state === "running" ? `${said}…` : detail ? `${said}: ${detail}` : said;
}
