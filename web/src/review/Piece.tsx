// A piece of text with one look and one set of marks. data-o and data-n say where it stands in the block's text, data-f whose words it is.
import type { ByWhom, Run } from "../api/types";
import type { Risk, Decision } from "../api/types";
import { DRAFT, FLASH, type Piece } from "../model/marks";
import { onDay } from "../model/words";
import { useStore } from "../state/session";

const LOOKS = ["b", "i", "u", "s", "sup", "sub", "caps", "small_caps", "highlight", "math"] as const;
const RANK: Record<Risk, number> = { high: 0, medium: 1, low: 2 };
const by = (who: ByWhom) => `${who.author || "someone"}${who.date ? `, ${onDay(who.date)}` : ""}`;

export function PieceView({ piece }: { piece: Piece }) {
  const { run, text } = piece;
  const store = useStore();
  if (run.note !== undefined) return <NoteRef index={run.note} />;
  if (run.del) return <del title={`Deleted by ${by(run.del)}`}>{run.del.text}</del>;
  if (text === "") return null;

  const findings = piece.marks.flatMap((m) => store.cell(m.id)?.value ?? []);
  const drafting = piece.marks.some((m) => m.id === DRAFT);
  const flash = piece.marks.some((m) => m.id === FLASH);
  let worst: { risk: Risk; decision: Decision } | null = null;
  for (const f of findings) if (!worst || order(f) < order(worst)) worst = f;
  const name = [
    ...LOOKS.filter((look) => run[look]),
    worst && `mark ${worst.risk} ${worst.decision}`,
    findings.length > 1 && "several",
    drafting && "drafting",
    flash && "flash",
    piece.comments.length > 0 && "commented",
  ]
    .filter(Boolean)
    .join(" ");
  const place = { "data-o": piece.offset, "data-n": text.length, ...(findings.length ? { "data-f": findings.map((f) => f.id).join(" ") } : {}) };
  const content = run.image ? <Image run={run} /> : text === "\f" ? null : text;
  const broken = text.includes("\f");
  const Tag = findings.length || drafting || flash ? "mark" : "span";
  const inner = (
    <Tag class={`${name}${broken ? " break" : ""}` || undefined} {...place}>
      {content}
    </Tag>
  );
  const linked = run.href && !run.href.startsWith("#") ? <Anchor href={run.href}>{inner}</Anchor> : run.href ? <span class="internal-link">{inner}</span> : inner;
  return run.ins ? <ins title={`Inserted by ${by(run.ins)}`}>{linked}</ins> : linked;
}

// The open ones before the decided ones, the worse before the better.
const order = (f: { risk: Risk; decision: Decision }) => (f.decision === "open" ? 0 : f.decision === "accepted" ? 10 : 20) + RANK[f.risk];

function Anchor({ href, children }: { href: string; children: preact.ComponentChildren }) {
  return (
    <a class="doc-link" href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
      {children}
    </a>
  );
}

function Image({ run }: { run: Run }) {
  const alt = run.image?.alt || run.image?.name || "";
  return (
    <span class="image" role="img" aria-label={run.image?.alt ? `Image: ${run.image.alt}` : "Image without a description"}>
      <span aria-hidden="true">{alt ? `Image: ${alt}` : "Image"}</span>
    </span>
  );
}

function NoteRef({ index }: { index: number }) {
  const store = useStore();
  const note = store.content.value?.notes[index];
  return (
    <sup class="note-ref">
      <a
        href={`#note-${index}`}
        aria-label={`${note?.kind === "endnote" ? "Endnote" : "Footnote"} ${note?.number ?? ""}`}
        onClick={(event) => {
          event.preventDefault();
          document.getElementById(`note-${index}`)?.scrollIntoView({ block: "center" });
        }}
      >
        {note?.number ?? "*"}
      </a>
    </sup>
  );
}
