// What the server says, as docs/openapi.yaml describes it: the same names. Offsets are UTF-16 code units, so they index into JavaScript strings.
export type Risk = "high" | "medium" | "low";
export type Kind = "critical" | "important" | "suggestion";
export type Decision = "open" | "accepted" | "rejected";

export interface Problem {
  title: string;
  status: number;
  detail: string;
  hint: string;
  reason: string;
  request_id: string;
}

export interface Server {
  version: string;
  limits: { max_upload_bytes: number; max_file_name_bytes: number; max_name_bytes: number; max_text_bytes: number };
  reviewers: ("rules" | "model")[];
  model: string | null;
  framework_default: string | null;
  accounts: boolean;
}

export interface Me {
  id: string;
  name: string;
}

export interface FrameworkPoint {
  number: number;
  title: string;
  asks: string;
  questions: string[];
}

export interface Framework {
  id: string;
  title: string;
  description: string;
  points: FrameworkPoint[];
}

export interface Doc {
  id: string;
  name: string;
  created_at: string;
  size_bytes: number;
  sha256: string;
  title: string;
  author: string;
  words: number;
  pages: number | null;
  sections: number;
  blocks: number;
  comments: number;
  tracked_changes: number;
  latest_review?: Review | null;
}

export interface JobProblem {
  reason: string;
  detail: string;
  hint: string;
}

export type ReviewState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface Review {
  id: string;
  document: string;
  state: ReviewState;
  stage: string;
  progress: number;
  framework: { id: string | null; title: string | null; why: string };
  reviewers: ("rules" | "model")[];
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  problem: JobProblem | null;
  counts: { total: number; open: number; accepted: number; rejected: number; high: number; medium: number; low: number };
  not_reviewed: { section: string; why: string }[];
}

export interface Anchor {
  block: number;
  start: number;
  end: number;
  quote: string;
}

export interface Finding {
  id: string;
  review: string;
  reviewer: { kind: "rule" | "model" | "person"; id: string; name: string };
  anchor: Anchor | null;
  located: boolean;
  section: number | null;
  kind: Kind;
  risk: Risk;
  category: string;
  confidence: number;
  title: string;
  description: string;
  why: string;
  suggestion: string;
  rewrite: string | null;
  questions: string[];
  points: { number: number; title: string }[];
  decision: Decision;
  decided_by: string | null;
  decided_at: string | null;
  note: string | null;
  edited: boolean;
  original: FindingText | null;
  created_at: string;
  changed_at: string;
  version: number;
  mine: boolean;
}

export interface FindingText {
  kind: Kind;
  risk: Risk;
  category: string;
  description: string;
  suggestion: string;
  rewrite: string | null;
}

export interface NewFinding extends Partial<FindingText> {
  anchor: Anchor;
  kind: Kind;
  risk: Risk;
  description: string;
}

export interface Section {
  id: number;
  title: string;
  number: string;
  level: number;
  first_block: number | null;
  last_block: number | null;
  words: number;
  reviewed: boolean;
  why_not: string | null;
}

export interface ByWhom {
  author: string;
  date: string | null;
}

export interface Run {
  t: string;
  b?: true;
  i?: true;
  u?: true;
  s?: true;
  sup?: true;
  sub?: true;
  caps?: true;
  small_caps?: true;
  highlight?: true;
  white?: true;
  math?: true;
  href?: string;
  note?: number;
  image?: { alt: string; name: string };
  ins?: ByWhom;
  del?: { text: string } & ByWhom;
}

export interface BlockTable {
  t: number;
  row: number;
  col: number;
  row_span: number;
  col_span: number;
  header: boolean;
  merged: boolean;
}

export interface Block {
  i: number;
  section: number | null;
  kind: "paragraph" | "heading" | "list_item" | "cell" | "footnote" | "endnote";
  story?: "textbox" | "footnote" | "endnote" | "header" | "footer";
  level?: number;
  list_level?: number;
  label?: string;
  title?: true;
  toc?: true;
  note?: number;
  table?: BlockTable;
  runs: Run[];
}

export interface Table {
  section: number | null;
  rows: number;
  columns: number;
  first_block: number | null;
  last_block: number | null;
  in: { t: number; row: number; col: number } | null;
}

export interface Note {
  kind: "footnote" | "endnote";
  number: number;
  block: number | null;
  offset: number | null;
  first_block: number | null;
  last_block: number | null;
}

export interface DocComment {
  author: string;
  date: string | null;
  text: string;
  resolved: boolean;
  parent: number | null;
  block: number | null;
  start?: number;
  end_block?: number;
  end?: number;
}

export interface Change {
  kind: "insert" | "delete" | "move_from" | "move_to" | "format" | "other";
  author: string;
  date: string | null;
  text: string;
  block: number | null;
  offset: number;
}

export interface Content {
  version: number;
  sections: Section[];
  blocks: Block[];
  tables: Table[];
  notes: Note[];
  comments: DocComment[];
  changes: Change[];
  warnings: string[];
}

export type ExportFormat = "docx" | "json" | "csv" | "html";
export type ExportInclude = "accepted" | "open_and_accepted" | "all";

export interface Export {
  id: string;
  review: string;
  format: ExportFormat;
  include: ExportInclude;
  tracked_changes: boolean;
  summary: boolean;
  state: "queued" | "running" | "done" | "failed";
  name: string;
  size_bytes: number | null;
  created_at: string;
  finished_at: string | null;
  problem: JobProblem | null;
}

export interface ActivityEvent {
  seq: number;
  kind: string;
  at: string;
  by: { name: string; mine: boolean };
  document: string;
  review: string | null;
  data: Record<string, unknown>;
}

export interface LiveEvent {
  seq: number | null;
  kind: string;
  at: string;
  by: { name: string; mine: boolean };
  document: string;
  review: string | null;
  data?: Record<string, unknown>;
  findings?: Finding[];
  reload?: true;
  review_state?: Review;
  export?: Export;
}
