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
  model: ServerModel | null;
  framework_default: string | null;
  exports: ExportFormat[];
  accounts: boolean;
  retention: { days: number; records: "keep" | "remove" };
}

// null on the server: none is set up, and the rules review alone.
export interface ServerModel {
  provider: string;
  primary: string;
  fallback: string[];
  chat: boolean;
  redact: boolean;
}

export interface Me {
  id: string;
  name: string;
  admin: boolean;
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
  never_send: boolean;
  guidelines: string | null;
  kept_until: string | null; // its file goes then unless it is used; null: it stays, or is gone
  file_removed_at: string | null;
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
  model: ReviewModel;
  coverage: Coverage | null; // null: there is no record (yet)
  dismissed: number; // findings of rules that were not raised again
}

export type ModelState = "none" | "queued" | "running" | "done" | "failed" | "not_allowed" | "cancelled";

export interface ReviewModel {
  state: ModelState;
  name: string | null;
  prompt_version: string | null;
  problem: JobProblem | null;
}

export type SectionState = "reviewed" | "cut" | "failed" | "excluded" | "over_budget" | "cached";

// What a review looked at, and what not and why.
export interface Coverage {
  complete: boolean;
  sections: { section: number | null; title: string; state: SectionState; model: string; why: string }[];
  whole: { state: SectionState; model: string; why: string } | null; // the last call, about what is missing as a whole
  blocks: number;
  blocks_reviewed: number;
  points: number[];
  prompt_version: string;
  framework_version: string;
  calls: number;
  findings: { kept: number; refused_not_found: number; refused_invalid: number; merged: number; over_budget: number; dismissed: number };
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
  folded: boolean;
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

// By a model, beside the document's own: findings and filters keep those.
export interface ProposedSections {
  state: "none" | "used" | "undone";
  by: string | null;
  sections: { title: string; level: number; first_block: number; last_block: number }[];
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
  proposed_sections: ProposedSections;
}

export type ExportFormat = "docx" | "json" | "csv" | "html" | "zip" | "s3";
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
  file_removed_at: string | null;
  problem: JobProblem | null;
  destination: { bucket: string; folder: string; url: string } | null; // of an export to S3
  stage: "making" | "uploading" | null; // of a package that is running
  progress: number;
  steps: ExportStep[];
  has_file: boolean;
  can_retry: boolean;
}

export interface ExportStep {
  file: string;
  bytes: number;
  sent_bytes: number;
  state: "waiting" | "running" | "done";
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

export interface Citation {
  n: number;
  anchor: Anchor;
}

export interface ToolUse {
  n: number;
  name: string; // find_text, read_section, list_findings, propose_finding, or what else the model called
  state: "running" | "done" | "failed";
  about: string;
  detail: string;
}

// A finding that the model would add; it is none until a person takes it.
export interface Proposal {
  n: number;
  kind: Kind;
  risk: Risk;
  category: string;
  anchor: Anchor;
  description: string;
  suggestion: string;
  rewrite: string | null;
  state: "open" | "accepted" | "rejected";
  finding: string | null;
}

export interface ChatContext {
  section: number | null;
  review: string | null;
  findings: string[];
  selection: Anchor | null;
}

export interface ChatMessage {
  id: string;
  seq: number;
  role: "person" | "model";
  text: string;
  state: "running" | "done" | "failed" | "cancelled";
  model: string;
  problem: JobProblem | null;
  context: ChatContext | null;
  citations: Citation[];
  tools: ToolUse[];
  proposals: Proposal[];
  created_at: string;
  finished_at: string | null;
}

export interface ChatPage {
  messages: ChatMessage[];
  next: number | null;
  running: string | null;
  model: string | null;
  problem: JobProblem | null;
  limits: { max_text_bytes: number; max_messages: number; max_answer_bytes: number };
}

export interface ModelHealth {
  model: string;
  health: "well" | "cooling" | "probing" | "broken";
  until: string | null;
  reason: string;
  running: number;
  waiting: number;
  limit: number;
  calls: number;
  failed: number;
  throttled: number;
  tokens: { in: number; out: number; cached: number };
  cost_usd: number;
  priced: boolean;
  first_token_ms: number | null;
}

export interface ModelUse {
  model: string;
  calls: number;
  failed: number;
  tokens: { in: number; out: number; cached: number };
  cost_usd: number;
  priced: boolean;
}

export interface BudgetUse {
  limit_usd: number;
  used_usd: number;
}

export interface Models {
  configured: boolean;
  provider: string | null;
  primary: string | null;
  models: ModelHealth[];
  today: ModelUse[]; // by the books, also of before the server was started anew
  budget: { day: BudgetUse; person: BudgetUse };
  never_send: boolean;
}

export interface CheckPart {
  part: "settings" | "data" | "store" | "files" | "model";
  model?: string;
  state: "ok" | "failed" | "not_configured";
  ms: number;
  message: string;
  hint: string;
  reason: string;
}

export interface Guidelines {
  id: string;
  name: string;
  state: ReviewState;
  points: { number?: number; name: string; asks: string; questions?: string[] }[];
  by: "model" | "words";
  problem: JobProblem | null;
  team: boolean;
  mine: boolean;
  version: number;
}

export type DismissalScope = "document" | "person" | "team";

export interface Dismissal {
  id: string;
  scope: DismissalScope;
  reviewer: string;
  category: string;
  quote: string;
  reason: string;
  by: string;
  at: string;
  mine: boolean;
}

export interface Learning {
  since: string | null;
  reviewers: { kind: "rule" | "model"; id: string; name: string; category: string; accepted: number; rejected: number; rate: number }[];
  examples: { accepted: number; rejected: number };
}
