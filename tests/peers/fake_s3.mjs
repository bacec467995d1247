// S3 for tests: s3rver, a server of others, keeps the buckets; in front of it this door verifies every signature by the AWS SDK's own signer (s3rver does not
// verify those of version 4) and, as a script says, refuses, stalls or cuts. node fake_s3.mjs: prints its port; ends when its standard input does.
//   POST /__script {settings, "faults": [fault, …]}   in place of those before
//     region      that the buckets are in (eu-west-1); another one in the scope of a signature is refused
//     secret      of the access key AKIDEXAMPLE (that of AWS's published examples); token: the session token that must come (none)
//     clockSeconds  S3's clock before ours
//     denied      methods that are refused with AccessDenied (["DELETE"])
//     fault       {"when": "^PUT .*partNumber=2", "times": 1, and one of "status" with "code", "cut": true, "hang": true, "delayMs"}; when: on "METHOD /path?query"
//   GET /__seen                 {requests: [{method, url, status, bytes, token}], …}
//   GET /__objects?bucket=B     [{key, bytes, sha256, type}]       GET /__object?bucket=B&key=K     its bytes
//   POST /__bucket?name=B       makes one
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "s3rver";
import { date, keys, readAuthorization, wantedInHeader } from "./sigv4.mjs";

const folder = mkdtempSync(join(tmpdir(), "prism-s3-"));
const inner = new S3rver({ address: "127.0.0.1", port: 0, silent: true, directory: folder });
const { port: innerPort } = await inner.run();
const defaults = { region: "eu-west-1", secret: keys.secretAccessKey, token: "", clockSeconds: 0, denied: [], faults: [] };
let script = { ...defaults };
let seen = [];

const sleep = (ms) => new Promise((go) => setTimeout(go, ms));

// {status, headers, body} of the server behind.
function behind(method, url, headers, body) {
  return new Promise((go, fail) => {
    const to = ask({ host: "127.0.0.1", port: innerPort, method, path: url, headers }, (from) => {
      const pieces = [];
      from.on("data", (piece) => pieces.push(piece));
      from.on("end", () => go({ status: from.statusCode, headers: from.headers, body: Buffer.concat(pieces) }));
    });
    to.on("error", fail);
    to.end(body);
  });
}

function refusal(status, code, more = "") {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code} &amp; more</Message>${more}<RequestId>1</RequestId></Error>`;
  return { status, headers: { "content-type": "application/xml" }, body: Buffer.from(body) };
}

// Why S3 would refuse it, or nothing.
async function judged(request, body) {
  const said = readAuthorization(request.headers.authorization ?? "");
  if (!said) return refusal(403, "AccessDenied");
  const [id, , region, service] = said.scope.split("/");
  if (id !== keys.accessKeyId) return refusal(403, "InvalidAccessKeyId");
  if (service !== "s3" || region !== script.region) return refusal(400, "AuthorizationHeaderMalformed", `<Region>${script.region}</Region>`);
  if (!request.headers["x-amz-content-sha256"]) return refusal(400, "InvalidRequest");
  const skew = Math.abs(date(request.headers["x-amz-date"]).getTime() - (Date.now() + script.clockSeconds * 1000));
  if (skew > 900_000) return refusal(403, "RequestTimeTooSkewed");
  const token = request.headers["x-amz-security-token"] ?? "";
  if (token !== script.token) return refusal(400, "InvalidToken");
  const credentials = { accessKeyId: id, secretAccessKey: script.secret, ...(token && { sessionToken: token }) };
  const [want, got] = await wantedInHeader(request, body, said, credentials);
  if (want === "the hash of another body") return refusal(400, "XAmzContentSHA256Mismatch");
  if (want !== got) return refusal(403, "SignatureDoesNotMatch");
  if (script.denied.includes(request.method)) return refusal(403, "AccessDenied");
  return undefined;
}

// The signature of others was verified here; s3rver knows one account and asks for a header of the right form alone.
function passedOn(headers) {
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !["authorization", "host", "x-amz-security-token", "connection"].includes(name)));
  const day = headers["x-amz-date"].slice(0, 8);
  const scope = `S3RVER/${day}/${script.region}/s3/aws4_request`;
  return { ...kept, authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${"0".repeat(64)}` };
}

function faultOf(request) {
  const fault = script.faults.find((f) => (f.times ?? 1) > 0 && new RegExp(f.when).test(`${request.method} ${request.url}`));
  if (fault) fault.times = (fault.times ?? 1) - 1;
  return fault;
}

async function answerAsS3(request, response, body, entry) {
  const fault = faultOf(request);
  if (fault?.hang) return;
  if (fault?.delayMs) await sleep(fault.delayMs);
  if (fault?.cut) return request.socket.destroy();
  const refused = fault?.status ? refusal(fault.status, fault.code) : await judged(request, body);
  const got = refused ?? (await behind(request.method, request.url, passedOn(request.headers), body));
  entry.status = got.status;
  const { "transfer-encoding": _, ...headers } = got.headers;
  response.writeHead(got.status, { ...headers, "content-length": got.body.length });
  response.end(request.method === "HEAD" ? undefined : got.body);
}

const encoded = (key) => key.split("/").map(encodeURIComponent).join("/");
const unescaped = (text) => text.replace(/&#x([0-9a-f]+);/gi, (_, hex) => String.fromCodePoint(parseInt(hex, 16)))
  .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll("&#39;", "'").replaceAll("&amp;", "&");

async function objects(bucket) {
  const { body } = await behind("GET", `/${bucket}?list-type=2`, {});
  const names = [...body.toString().matchAll(/<Key>([^<]*)<\/Key>/g)].map((found) => unescaped(found[1]));
  return Promise.all(names.map(async (key) => {
    const { body: bytes, headers } = await behind("GET", `/${bucket}/${encoded(key)}`, {});
    return { key, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex"), type: headers["content-type"] };
  }));
}

async function control(request, response, body) {
  const url = new URL(request.url, "http://x");
  const json = (value) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
  if (url.pathname === "/__script") {
    script = { ...defaults, ...JSON.parse(body.toString() || "{}") };
    return json({});
  }
  if (url.pathname === "/__seen") return json({ requests: seen });
  if (url.pathname === "/__reset") {
    seen = [];
    return json({});
  }
  if (url.pathname === "/__objects") return json(await objects(url.searchParams.get("bucket")));
  if (url.pathname === "/__bucket") return json({ status: (await behind("PUT", `/${url.searchParams.get("name")}`, {})).status });
  if (url.pathname === "/__object") {
    const got = await behind("GET", `/${url.searchParams.get("bucket")}/${encoded(url.searchParams.get("key"))}`, {});
    return response.writeHead(got.status).end(got.body);
  }
  return response.writeHead(404).end();
}

const server = createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("error", () => {});
  request.on("end", () => {
    const body = Buffer.concat(pieces);
    const fail = (e) => response.headersSent || response.writeHead(500).end(String(e.stack));
    if (request.url.startsWith("/__")) return control(request, response, body).catch(fail);
    const entry = { method: request.method, url: request.url, bytes: body.length, token: request.headers["x-amz-security-token"] ?? "", status: 0 };
    seen.push(entry);
    return answerAsS3(request, response, body, entry).catch(fail);
  });
});
const end = () => {
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
};
server.requestTimeout = 0;
const port = Number(process.argv[2] ?? 0);
server.listen(port, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on("end", end);
process.on("SIGTERM", end);
setTimeout(end, 3600_000).unref();
