// The comments that the document came with: a button behind the paragraph for each thread that begins on it.
import { useId, useRef } from "preact/hooks";

import { onDay } from "../model/words";
import { useStore } from "../state/session";
import { setVars } from "../ui/bits";
import { Icon } from "../ui/icons";

export function CommentDots({ block }: { block: number }) {
  const comments = useStore().content.value?.comments ?? [];
  return (
    <>
      {comments.map((c, i) => (c.block === block && c.parent === null ? <Dot key={i} index={i} /> : null))}
    </>
  );
}

function Dot({ index }: { index: number }) {
  const comments = useStore().content.value?.comments ?? [];
  const thread = comments.flatMap((c, i) => (i === index || c.parent === index ? [c] : []));
  const first = comments[index];
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const card = useRef<HTMLSpanElement>(null);
  if (!first) return null;
  const place = () => {
    const at = button.current?.getBoundingClientRect();
    if (at) setVars(card.current, { "--left": `${Math.max(8, Math.min(innerWidth - 328, at.left - 150))}px`, "--top": `${Math.min(innerHeight - 120, at.bottom + 6)}px` });
  };
  return (
    <span class="comment-dot">
      <button ref={button} type="button" popovertarget={id} onClick={place} aria-label={`Comment by ${first.author || "someone"} in the document`} title={`${first.author}: ${first.text}`}>
        <Icon name="comment" />
      </button>
      <span ref={card} id={id} popover="auto" class="comment-card" role="note">
        {thread.map((c, i) => (
          <span key={i} class="comment">
            <strong>{c.author || "Someone"}</strong>
            {c.date && <span class="soft"> {onDay(c.date)}</span>}
            <span class="comment-text">{c.text}</span>
          </span>
        ))}
        {first.resolved && <span class="soft">Resolved</span>}
      </span>
    </span>
  );
}
