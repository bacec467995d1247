// Somebody at a browser: a context of their own, whose console, errors and policy violations are held against the page.
import assert from "node:assert/strict";

export class Person {
  constructor(context, base) {
    Object.assign(this, { context, base, noise: [] });
  }

  static async come(browser, base, options = {}) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, acceptDownloads: true, ...options });
    const person = new Person(context, base);
    await context.addInitScript(() => {
      window.violations = [];
      document.addEventListener("securitypolicyviolation", (e) => window.violations.push(`${e.violatedDirective}: ${e.blockedURI} ${e.sample}`));
    });
    context.setDefaultTimeout(15_000);
    context.on("page", (page) => {
      page.on("pageerror", (error) => person.noise.push(`error in the page: ${error.stack}`));
      page.on("dialog", (dialog) => {
        person.noise.push(`a dialog opened: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on("console", (message) => {
        // the browser itself tells of each answer that is an error and of a server that is gone; the cases look at what the page says of it
        if (message.type() === "error" && !/Failed to load resource|net::ERR_/.test(message.text())) person.noise.push(`console: ${message.text()}`);
      });
      page.on("request", (request) => {
        if (!request.url().startsWith(base) && !/^(data|blob|about):/.test(request.url())) person.noise.push(`another origin: ${request.url()}`);
      });
    });
    person.page = await context.newPage();
    return person;
  }

  at(name) {
    return this.page.locator(`[data-test="${name}"]`);
  }

  get cards() {
    return this.page.locator("[data-test=list] [data-test=card]");
  }

  get card() {
    return this.page.locator("[data-test=list] .card.active");
  }

  async home() {
    await this.page.goto(this.base);
    await this.at("drop").waitFor();
  }

  // Uploads one file and waits for its findings.
  async review(file) {
    await this.home();
    await this.at("file").setInputFiles(file);
    await this.page.waitForURL("**/documents/*");
    await this.reviewed();
  }

  async reviewed() {
    await this.at("paper").waitFor();
    await this.page.waitForFunction(() => (document.querySelector("[data-test=progress]") && document.querySelector("[data-test=list] .card-head, [data-test=hidden]")) || document.querySelector(".rail-empty")?.textContent.includes("Nothing was found"));
  }

  // Until the newest review has ended, the model's part too.
  async over() {
    for (const end = Date.now() + 30_000; Date.now() < end; await this.page.waitForTimeout(100)) {
      const { reviews } = await this.ask(`/documents/${this.document}/reviews`);
      if (reviews[0].state !== "queued" && reviews[0].state !== "running") return reviews[0];
    }
    throw new Error("the review does not end");
  }

  get document() {
    return new URL(this.page.url()).pathname.split("/")[2];
  }

  // What the server has, asked with this person's cookie.
  async ask(path) {
    const answer = await this.context.request.get(`${this.base}/api/v1${path}`);
    assert.ok(answer.ok(), `GET ${path}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  }

  async findings() {
    const { reviews } = await this.ask(`/documents/${this.document}/reviews`);
    const { findings } = await this.ask(`/reviews/${reviews[0].id}/findings?limit=1000`);
    return findings;
  }

  async decisions() {
    return Object.fromEntries((await this.findings()).map((f) => [f.id, f.decision]));
  }

  // Until the page says that all is saved.
  async saved() {
    await this.page.waitForFunction(() => document.querySelector("[data-test=save-state]")?.textContent === "Saved");
  }

  async count(tab) {
    return Number((await this.at(`tab-${tab}`).locator(".tab-count").textContent()).replace(/\D/g, ""));
  }

  // Selects the nth occurrence of these words in the document, as a drag of the pointer would.
  async select(words, nth = 0) {
    await this.page.evaluate(
      ([words, nth]) => {
        const walker = document.createTreeWalker(document.querySelector(".paper"), NodeFilter.SHOW_TEXT);
        let left = nth;
        for (let node; (node = walker.nextNode()); )
          for (let at = node.data.indexOf(words); at >= 0; at = node.data.indexOf(words, at + 1)) {
            if (left-- > 0) continue;
            node.parentElement.scrollIntoView({ block: "center" });
            getSelection().setBaseAndExtent(node, at, node, at + words.length);
            return;
          }
        throw new Error(`"${words}" does not occur that often`);
      },
      [words, nth],
    );
    await this.at("selection-bar").waitFor();
  }

  async violations() {
    const all = await Promise.all(this.context.pages().map((page) => page.evaluate(() => window.violations ?? []).catch(() => [])));
    return all.flat();
  }

  async leave() {
    const violations = await this.violations();
    await this.context.close();
    assert.deepEqual(violations, [], "the page broke its policy");
    assert.deepEqual(this.noise, [], "the page made noise");
  }
}
