// The open document: the one place of its state. A finding is a signal of its own, so that a decision redraws its card, the words it is about and
// the counts, and nothing else.
import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from "@preact/signals";

import * as api from "../api/client";
import { ApiError, isAbort } from "../api/http";
import { listen } from "../api/live";
import type { Anchor, Content, Doc, Export, Finding, LiveEvent, ProposedSections, Review, ReviewState } from "../api/types";
import { byPlace, byRisk, count, countBySection, isFiltering, isFolded, passing, readFilter, writeFilter, type Filter } from "../model/filter";
import { layout } from "../model/layout";
import { blockText, commentsByBlock, DRAFT, FLASH, marksByBlock, type CommentSpan, type Mark } from "../model/marks";
import { announce, say } from "./app";
import { failure, type Failure } from "./failure";
import { Mounting } from "./mounting";
import { narrow } from "./prefs";
import { changeQuery, query } from "./route";

export type Panel = "findings" | "chat" | "finish" | "activity" | "coverage";
export type Pane = "document" | "findings" | "chat" | "outline"; // on a narrow screen one at a time

const STREAM_MS = 2000;
const ASK_MS = 4000;
const FLASH_MS = 2500;
const NOTHING: readonly string[] = [];
const STAGE: Record<ReviewState | Export["state"], number> = { queued: 0, running: 1, done: 2, failed: 2, cancelled: 2 };

// Of a document whose file was removed: its findings are read without it.
const NO_CONTENT: Content = { version: 1, sections: [], blocks: [], tables: [], notes: [], comments: [], changes: [], warnings: [], proposed_sections: { state: "none", by: null, sections: [] } };

function withoutFile(error: unknown): Content {
  if (error instanceof ApiError && error.reason === "file_removed") return NO_CONTENT;
  throw error;
}

export class Store {
  readonly id: string;
  readonly document = signal<Doc | null>(null);
  readonly content = signal<Content | null>(null);
  readonly proposed = signal<ProposedSections | null>(null);
  readonly reviews = signal<Review[]>([]);
  readonly reviewId = signal<string | null>(query().get("review"));
  readonly review = computed(() => this.reviews.value.find((r) => r.id === this.reviewId.value) ?? this.reviews.value[0] ?? null);
  readonly problem = signal<Failure | null>(null); // why the document cannot be shown
  readonly findingsProblem = signal<Failure | null>(null);
  // Of which review the findings are, and whether it was done when they were asked for.
  readonly #listed = signal<{ review: string; done: boolean } | null>(null);
  // They are all there are: a list that was on its way while the review ended may be without them.
  readonly findingsReady = computed(() => {
    const review = this.review.value;
    const listed = this.#listed.value;
    return review ? listed?.review === review.id && (listed.done || review.state !== "done") : this.document.value !== null;
  });
  readonly deleted = signal(false);
  readonly connected = signal(true);

  readonly filter = signal<Filter>(readFilter(query()));
  readonly active = signal<string | null>(query().get("f"));
  readonly hover = signal<string | null>(null);
  readonly keep = signal<ReadonlySet<string>>(new Set()); // shown although the filter would hide them now
  readonly panel = signal<Panel>("findings");
  readonly pane = signal<Pane>("document");
  readonly section = signal<number | null>(null); // the one being read
  readonly editing = signal<string | null>(null); // finding
  readonly exports = signal<Export[]>([]);
  readonly drafting = signal<Anchor | null>(null); // words that a finding is being written on
  readonly flash = signal<Anchor | null>(null); // words that are pointed at for a moment
  readonly busyUndo = signal(false);
  readonly unfolded = signal(false); // the less sure findings are in the list

  // asks the screen to bring something into view; a new object each time
  readonly reveal = signal<{ what: "finding"; id: string; card: boolean } | { what: "block"; block: number } | { what: "words"; anchor: Anchor } | null>(null);

  readonly #cells = new Map<string, Signal<Finding>>();
  readonly #ids = signal<readonly string[]>([]);
  readonly #abort = new AbortController();
  readonly #stop: (() => void)[] = [];
  readonly #marks = new Map<number, Signal<readonly Mark[]>>();
  #seenVersion = new Map<string, number>();
  #stream: Promise<void> | null = null;
  #load = 0; // how often the findings were asked for: only the last answer counts
  #arrived = new Set<string>(); // since the findings were last asked for
  readonly #gone = new Set<string>(); // deleted since then: a list that was on its way does not bring them back
  #order: ReadonlyMap<string, number> = new Map(); // the server's, by risk
  #texts: string[] = [];
  #flashTimer = 0;

  readonly all: ReadonlySignal<Finding[]> = computed(() => this.#ids.value.flatMap((id) => this.#cells.get(id)?.value ?? []));
  // Those that a model is less sure of are folded away until somebody asks for them or has decided: they are not among what is to be decided.
  readonly #main = computed(() => this.all.value.filter((f) => !isFolded(f)));
  readonly counts = computed(() => count(this.#main.value));
  readonly sectionCounts = computed(() => countBySection(this.#main.value));
  readonly #passing = computed(() => passing(this.all.value, this.filter.value, this.keep.value));
  readonly folded: ReadonlySignal<readonly string[]> = computed(() => this.#sorted(this.#passing.value.filter((f) => this.#inFold(f))));
  readonly shown: ReadonlySignal<readonly string[]>;
  readonly hidden = computed(() => this.all.value.length - this.#passing.value.length);
  readonly filtering = computed(() => isFiltering(this.filter.value));
  readonly layout = computed(() => (this.content.value ? layout(this.content.value) : null));
  readonly mounting = computed(() => (this.layout.value ? new Mounting(this.layout.value) : null));
  // where Tab enters the list
  readonly stop = computed(() => (this.active.value && this.shown.value.includes(this.active.value) ? this.active.value : (this.shown.value[0] ?? null)));
  readonly comments: ReadonlySignal<Map<number, CommentSpan[]>> = computed(() =>
    this.content.value ? commentsByBlock(this.content.value.comments, (block) => this.text(block).length) : new Map(),
  );
  readonly running = computed(() => this.review.value?.state === "queued" || this.review.value?.state === "running");

  // The rules have found what they find: people can add theirs, also while a model is at it.
  readonly canAdd = computed(() => this.review.value?.state === "done" || (this.running.value && this.review.value?.stage === "model"));

  constructor(id: string) {
    this.id = id;
    let before = NOTHING;
    this.shown = computed(() => {
      const ids = this.#sorted(this.#passing.value.filter((f) => !this.#inFold(f)));
      if (this.unfolded.value) ids.push(...this.folded.value);
      if (ids.length !== before.length || ids.some((one, i) => one !== before[i])) before = ids;
      return before;
    });
    this.#stop.push(
      effect(() => {
        const marks = marksByBlock(this.unfolded.value ? this.all.value : this.#main.value);
        for (const [id, at] of [[DRAFT, this.drafting.value], [FLASH, this.flash.value]] as const)
          if (at) marks.set(at.block, [...(marks.get(at.block) ?? []), { id, start: at.start, end: at.end }]);
        batch(() => {
          for (const [block, cell] of this.#marks) if (!marks.has(block) && cell.peek().length) cell.value = [];
          for (const [block, list] of marks) if (!sameMarks(this.marks(block).peek(), list)) this.marks(block).value = list;
        });
      }),
      effect(() => {
        if (!this.running.value && !this.exports.value.some((e) => STAGE[e.state] < 2)) return;
        const timer = window.setInterval(() => void this.#ask(), ASK_MS);
        return () => clearInterval(timer);
      }),
      effect(() => {
        const filter = this.filter.value;
        const active = this.active.value;
        const review = this.reviewId.value;
        changeQuery((params) => {
          writeFilter(filter, params);
          if (active) params.set("f", active);
          else params.delete("f");
          if (review) params.set("review", review);
          else params.delete("review");
        });
      }),
    );
  }

  // One that was just decided stays where it was, so that it does not jump away under the pointer.
  #inFold(f: Finding): boolean {
    return isFolded(f) || (f.folded && this.keep.value.has(f.id));
  }

  #sorted(list: Finding[]): string[] {
    return list.sort(this.filter.value.sort === "risk" ? byRisk(this.#order) : byPlace).map((f) => f.id);
  }

  close(): void {
    window.clearTimeout(this.#flashTimer);
    this.#abort.abort();
    for (const stop of this.#stop) stop();
  }

  cell(id: string): Signal<Finding> | undefined {
    return this.#cells.get(id);
  }

  get(id: string | null): Finding | undefined {
    return id === null ? undefined : this.#cells.get(id)?.peek();
  }

  marks(block: number): Signal<readonly Mark[]> {
    let cell = this.#marks.get(block);
    if (!cell) this.#marks.set(block, (cell = signal<readonly Mark[]>([])));
    return cell;
  }

  text(block: number): string {
    return this.#texts[block] ?? "";
  }

  async open(): Promise<void> {
    this.problem.value = null;
    const signal = this.#abort.signal;
    try {
      // first the stream, then the state: what happens in between comes twice rather than never. The text does not change, so it need not wait
      const text = this.content.peek() ?? api.getContent(this.id, signal).catch(withoutFile);
      const stream = this.#listen();
      const [document, content, reviews] = await Promise.all([
        stream.then(() => api.getDocument(this.id, signal)),
        text,
        stream.then(() => api.listReviews(this.id, signal)),
      ]);
      batch(() => {
        if (this.content.peek() !== content) {
          this.#texts = content.blocks.map((b) => blockText(b.runs));
          this.content.value = content;
          this.proposed.value = content.proposed_sections;
        }
        this.document.value = document;
        this.#setReviews(reviews);
      });
      void this.#loadProposed(); // they may have come between the text and the stream
      await this.loadFindings();
    } catch (error) {
      if (!isAbort(error)) this.problem.value = failure(error);
    }
  }

  // The text never changes; what a model proposed beside its sections may.
  async #loadProposed(): Promise<void> {
    try {
      this.proposed.value = (await api.getSections(this.id, this.#abort.signal)).proposed_sections;
    } catch {
      // or the next time that the document is opened
    }
  }

  // Resolves when the stream is open, or would take too long: then its state comes by asking.
  #listen(): Promise<void> {
    this.#stream ??= new Promise((resolve) => {
      const late = window.setTimeout(resolve, STREAM_MS);
      const stop = listen(this.id, {
        onEvent: (e) => this.#onEvent(e),
        onReload: () => void this.reload(),
        onState: (on) => {
          this.connected.value = on;
          if (on) resolve();
        },
      });
      this.#stop.push(stop, () => clearTimeout(late));
    });
    return this.#stream;
  }

  // While a review runs or a file is made, in case that the end was not heard: a proxy may hold a stream back.
  async #ask(): Promise<void> {
    const before = this.review.peek();
    if (!before) return;
    try {
      if (this.running.peek()) {
        const now = await api.getReview(before.id, this.#abort.signal);
        this.setReview(now);
        if (STAGE[now.state] === 2 || now.counts.total > this.all.peek().length) await this.loadFindings();
      } else for (const one of await api.listExports(before.id, this.#abort.signal)) this.putExport(one);
    } catch {
      // the next time
    }
  }

  // The state anew, keeping place and choice.
  async reload(): Promise<void> {
    if (!this.content.peek()) return this.open();
    try {
      this.#setReviews(await api.listReviews(this.id, this.#abort.signal));
      void this.#loadProposed();
      await this.loadFindings();
    } catch {
      // the indicator says that the server cannot be reached; the stream tries again and calls this again
    }
  }

  async loadFindings(): Promise<void> {
    const review = this.review.value;
    if (!review) return;
    const load = ++this.#load;
    const arrived = new Set<string>();
    this.#arrived = arrived;
    this.#gone.clear();
    try {
      const [findings, exports] = await Promise.all([api.allFindings(review.id, this.#abort.signal), api.listExports(review.id, this.#abort.signal)]);
      if (load !== this.#load || this.review.value?.id !== review.id) return; // asked for again, or another review was chosen, meanwhile
      batch(() => {
        this.replace(findings, arrived);
        this.exports.value = exports.map((e) => {
          const here = this.exports.value.find((one) => one.id === e.id);
          return here && STAGE[here.state] > STAGE[e.state] ? here : e;
        });
        this.#listed.value = { review: review.id, done: review.state === "done" };
        this.findingsProblem.value = null;
      });
    } catch (error) {
      if (isAbort(error) || load !== this.#load) return;
      this.findingsProblem.value = failure(error);
    }
  }

  // All there are; arrived: that came while the list was on its way, so it may not have them yet.
  replace(findings: Finding[], arrived: ReadonlySet<string> = new Set()): void {
    batch(() => {
      const there = new Set([...findings.map((f) => f.id), ...arrived].filter((id) => !this.#gone.has(id)));
      for (const id of [...this.#cells.keys()]) if (!there.has(id)) this.#drop(id);
      this.put(findings.filter((f) => there.has(f.id)));
      this.#order = new Map(findings.map((f, i) => [f.id, i]));
      this.#ids.value = [...there].filter((id) => this.#cells.has(id));
      if (this.active.value && !there.has(this.active.value)) this.active.value = null;
    });
  }

  // overlay: what decisions that wait to be saved make of a finding that the server told of
  overlay: (finding: Finding) => Finding = (finding) => finding;

  // As the server has them now. An older version than the one that is here came late and is left aside.
  put(findings: readonly Finding[]): void {
    batch(() => {
      const added: string[] = [];
      for (const finding of findings) {
        if ((this.#seenVersion.get(finding.id) ?? 0) > finding.version) continue;
        this.#seenVersion.set(finding.id, finding.version);
        const shown = this.overlay(finding);
        const cell = this.#cells.get(finding.id);
        if (cell) cell.value = shown;
        else {
          this.#cells.set(finding.id, signal(shown));
          this.#gone.delete(finding.id);
          this.#arrived.add(finding.id);
          added.push(finding.id);
        }
      }
      if (added.length) this.#ids.value = [...this.#ids.value, ...added];
    });
  }

  // Only what is shown: a decision that is on its way.
  show(finding: Finding): void {
    const cell = this.#cells.get(finding.id);
    if (cell) cell.value = finding;
  }

  drop(id: string): void {
    this.#gone.add(id);
    this.#arrived.delete(id);
    batch(() => {
      this.#drop(id);
      this.#ids.value = this.#ids.value.filter((one) => one !== id);
      if (this.active.value === id) this.active.value = null;
    });
  }

  #drop(id: string): void {
    this.#cells.delete(id);
    this.#seenVersion.delete(id);
  }

  // The stream may tell of its end before the answer of the request that began it is here: what has ended does not begin again.
  #setReviews(list: Review[]): void {
    const known = new Map(this.reviews.value.map((r) => [r.id, r]));
    const newer = this.reviews.value.filter((r) => !list.some((one) => one.id === r.id)); // begun while the list was on its way
    this.reviews.value = [
      ...newer,
      ...list.map((r) => {
        const here = known.get(r.id);
        return here && STAGE[here.state] > STAGE[r.state] ? here : r;
      }),
    ];
  }

  setReview(review: Review): void {
    const list = this.reviews.value;
    const known = list.find((r) => r.id === review.id);
    if (known && STAGE[known.state] > STAGE[review.state]) return;
    this.reviews.value = list.some((r) => r.id === review.id) ? list.map((r) => (r.id === review.id ? review : r)) : [review, ...list];
  }

  chooseReview(id: string | null): void {
    batch(() => {
      this.reviewId.value = id;
      this.active.value = null;
      this.#listed.value = null;
      this.replace([]);
      this.exports.value = [];
    });
    void this.loadFindings();
  }

  setFilter(part: Partial<Filter>): void {
    batch(() => {
      this.keep.value = new Set();
      this.filter.value = { ...this.filter.value, ...part };
    });
  }

  // Makes it the chosen one. reveal: brings its words into view; card: its card too.
  choose(id: string | null, reveal: "both" | "card" | "words" | "none" = "both"): void {
    batch(() => {
      if (this.active.value !== id) {
        this.editing.value = null;
        const kept = this.keep.value;
        if (kept.size && !(id && kept.has(id))) this.keep.value = new Set();
      }
      if (id && this.folded.value.includes(id)) this.unfolded.value = true;
      if (id && !this.shown.value.includes(id)) this.keep.value = new Set([...this.keep.value, id]);
      this.active.value = id;
      if (id && this.panel.value !== "findings") this.panel.value = "findings";
      if (id && reveal !== "none") this.reveal.value = { what: "finding", id, card: reveal !== "words" };
    });
  }

  // Brings words into view and marks them for a moment: where a citation leads.
  showWords(anchor: Anchor): void {
    window.clearTimeout(this.#flashTimer);
    this.pane.value = "document";
    if (narrow.value) this.active.value = null; // its sheet would lie over them
    this.flash.value = anchor;
    this.reveal.value = { what: "words", anchor };
    this.#flashTimer = window.setTimeout(() => (this.flash.value = null), FLASH_MS);
  }

  step(by: 1 | -1): void {
    const ids = this.shown.value;
    if (!ids.length) return;
    const at = this.active.value ? ids.indexOf(this.active.value) : -1;
    const next = at < 0 ? (by > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + by));
    this.choose(ids[next] as string);
  }

  // The next without a decision behind this one, and from the start again. false: there is none.
  nextOpen(): boolean {
    const ids = this.shown.value;
    const at = this.active.value ? ids.indexOf(this.active.value) : -1;
    for (let i = 1; i <= ids.length; i++) {
      const id = ids[(at + i) % ids.length] as string;
      if (id !== this.active.value && this.get(id)?.decision === "open") {
        this.choose(id);
        return true;
      }
    }
    return false;
  }

  #onEvent(event: LiveEvent): void {
    if (event.kind === "document.deleted") {
      this.deleted.value = true;
      return;
    }
    batch(() => {
      if (event.review_state) {
        const isNew = !this.reviews.value.some((r) => r.id === event.review_state?.id);
        this.setReview(event.review_state);
        if (isNew && event.review_state.id !== this.reviewId.value && this.reviewId.value !== null) say("Another review of this document was started.");
      }
      if (event.kind === "document.never_send" || event.kind === "document.may_send") {
        const document = this.document.peek();
        if (document) this.document.value = { ...document, never_send: event.kind === "document.never_send" };
      }
      if (event.kind === "document.sections") void this.#loadProposed();
      if (event.export) this.putExport(event.export);
      if (event.review !== this.review.value?.id) return;
      if (event.kind === "review.done") announce("The review is done.");
      if (event.kind === "review.done" || event.kind === "review.rules_done" || event.reload) void this.loadFindings();
      if (event.findings) this.put(event.findings);
      if (event.kind === "finding.deleted" || event.kind === "undone") this.#dropGone(event);
    });
  }

  // A deletion, or the undoing of an addition, names findings that are not there any more.
  #dropGone(event: LiveEvent): void {
    const ids = event.data?.["findings"];
    if (!Array.isArray(ids) || event.reload) return;
    const alive = new Set((event.findings ?? []).map((f) => f.id));
    for (const id of ids) if (typeof id === "string" && !alive.has(id)) this.drop(id);
  }

  putExport(one: Export): void {
    if (one.review !== this.review.value?.id) return;
    const list = this.exports.value;
    const known = list.find((e) => e.id === one.id);
    if (known && known.state !== "failed" && STAGE[known.state] > STAGE[one.state]) return; // one that failed may be begun again
    this.exports.value = list.some((e) => e.id === one.id) ? list.map((e) => (e.id === one.id ? one : e)) : [one, ...list];
  }
}

function sameMarks(a: readonly Mark[], b: readonly Mark[]): boolean {
  return a.length === b.length && a.every((m, i) => m.id === b[i]?.id && m.start === b[i]?.start && m.end === b[i]?.end);
}
