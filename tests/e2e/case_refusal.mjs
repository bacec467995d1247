// Files that cannot be reviewed: each with its own sentence, and the start screen goes on working.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

async function refusal(one, file, expected) {
  const before = await one.at("upload-error").count();
  await one.at("file").setInputFiles(file);
  await one.page.waitForFunction((n) => document.querySelectorAll("[data-test=upload-error]").length > n, before);
  const said = await one.at("upload-error").last().textContent();
  assert.match(said, expected);
  assert.doesNotMatch(said, /zip_open|errno|\/src\/|\.c:|undefined|null|\[object/i);
}

async function broken({ come, files }) {
  const one = await come();
  await one.home();
  await refusal(one, files.corpus("apache-poi__truncated62886.docx"), /damaged/);
  await refusal(one, files.corpus("apache-poi__protected_agile.docx"), /password/);
  await refusal(one, files.corpus("apache-poi__SampleDoc.doc.docx"), /\.doc\b|old|Word 97/);
  await refusal(one, files.corpus("apache-poi__SampleShow.pptx.docx"), /PowerPoint|presentation|not a Word/i);
  await refusal(one, files.bytes("renamed.docx", "%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"), /PDF|not a Word/);
  await refusal(one, files.bytes("empty.docx", ""), /empty/);
  await one.review(files.sample); // and a good one still works
}

async function beforeSending({ come, files }) {
  const one = await come();
  await one.home();
  const asked = [];
  one.page.on("request", (request) => request.method() === "POST" && asked.push(request.url()));
  await refusal(one, files.bytes("report.pdf", "%PDF-1.7"), /a PDF, not a Word document/);
  await refusal(one, files.bytes("old.doc", "x"), /old format \(\.doc\)/);
  const limit = (await one.ask("/server")).limits.max_upload_bytes;
  await refusal(one, files.bytes("large.docx", Buffer.alloc(limit + 1024)), /17 MB|16 MB/);
  assert.match(await one.at("upload-error").last().textContent(), /up to 16 MB is accepted/);
  assert.deepEqual(asked, [], "nothing was sent");
}

async function severalAtOnce({ come, files }) {
  const one = await come();
  await one.home();
  await one.at("file").setInputFiles([files.sample, files.corpus("apache-poi__truncated62886.docx"), files.bytes("notes.txt", "x")]);
  await one.page.waitForFunction(() => document.querySelectorAll("[data-test=upload-error]").length === 2 && document.querySelectorAll("[data-test=document]").length === 1);
  await one.at("sending").first().getByRole("button", { name: /^Dismiss/ }).click();
  assert.equal(await one.at("upload-error").count(), 1);
}

async function dropped({ come, files }) {
  const one = await come();
  await one.home();
  const data = readFileSync(files.sample).toString("base64");
  const transfer = await one.page.evaluateHandle((data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], "Dropped report.docx"));
    return transfer;
  }, data);
  await one.page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
  await one.at("drop").getByText("Let go to upload").waitFor();
  await one.page.dispatchEvent("body", "drop", { dataTransfer: transfer });
  await one.page.waitForURL("**/documents/*");
  await one.page.getByRole("heading", { level: 1, name: "Dropped report.docx" }).waitFor();
}

async function sampleReport({ come }) {
  const one = await come();
  await one.home();
  await one.at("sample").click();
  await one.page.waitForURL("**/documents/*");
  await one.reviewed();
  assert.ok((await one.findings()).length > 20);
  await one.page.getByRole("heading", { level: 1, name: "Sample report.docx" }).waitFor();
}

async function cancelled({ come, files }) {
  const one = await come();
  await one.home();
  const slow = await one.context.newCDPSession(one.page);
  await slow.send("Network.enable");
  await slow.send("Network.emulateNetworkConditions", { offline: false, latency: 10, downloadThroughput: -1, uploadThroughput: 50_000 });
  await one.at("file").setInputFiles(files.bytes("slow.docx", Buffer.alloc(3 << 20, 1)));
  await one.at("sending").getByText(/KB of 3 MB|MB of 3 MB/).waitFor();
  await one.at("sending").getByRole("button", { name: /^Cancel/ }).click();
  await one.at("sending").waitFor({ state: "detached" });
  await slow.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  assert.equal((await one.ask("/documents")).documents.length, 0);
}

async function offline({ come, serve, files }) {
  const server = await serve();
  const one = await come({}, server.base);
  await one.home();
  await one.page.waitForFunction(() => document.querySelector(".empty"));
  await server.kill();
  await one.at("file").setInputFiles(files.sample);
  await one.at("upload-error").getByText("The server cannot be reached.").waitFor();
  await server.start();
  await one.at("sending").getByRole("button", { name: "Try again" }).click();
  await one.page.waitForFunction(() => location.pathname.startsWith("/documents/") || document.querySelector("[data-test=document]"));
}

export const refusalCases = [
  ["refused: damaged, encrypted, old, renamed and empty files, each with its sentence", broken],
  ["refused: other types and too large ones, before anything is sent", beforeSending],
  ["refused: one bad file among several stops no other", severalAtOnce],
  ["upload: dropped anywhere on the page", dropped],
  ["upload: the sample report, without a document of one's own", sampleReport],
  ["upload: bytes are counted, and it can be cancelled", cancelled],
  ["upload: the server is gone, then tried again", offline],
];
