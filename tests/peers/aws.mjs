// AWS as its own SDK sees it: every request's signature is computed again by @smithy/signature-v4 and must be the same; what is streamed
// back is framed by @smithy/eventstream-codec. node aws.mjs: prints its port and ends when its standard input does.
//   Authorization header or X-Amz-Signature in the query, any service and path. 403 with the reason when the signature is another one.
//   An answer is a stream of events, sent in pieces of changing size: "path" and "body" as they were received, "types" with a header of each
//   type, and a long "text" in several languages.
import { createServer } from "node:http";
import { EventStreamCodec, Int64 } from "@smithy/eventstream-codec";
import { keys, readAuthorization, token, wantedInHeader, wantedInQuery } from "./sigv4.mjs";

// What the SDK would have sent and what came, or a reason to say no.
async function wanted(request, body) {
  const auth = request.headers.authorization;
  const withToken = auth ? "x-amz-security-token" in request.headers : request.url.includes("X-Amz-Security-Token=");
  const credentials = withToken ? { ...keys, sessionToken: token } : keys;
  if (!auth) return wantedInQuery(request, body, credentials);
  const said = readAuthorization(auth);
  return said ? wantedInHeader(request, body, said, credentials) : ["no such Authorization", ""];
}

const codec = new EventStreamCodec((bytes) => Buffer.from(bytes).toString(), (text) => new Uint8Array(Buffer.from(text)));

function event(type, body, more = {}) {
  const headers = { ":event-type": type, ":content-type": "application/json", ":message-type": "event" };
  for (const name of Object.keys(headers)) headers[name] = { type: "string", value: headers[name] };
  return Buffer.from(codec.encode({ headers: { ...headers, ...more }, body: new Uint8Array(body) }));
}

const types = {
  yes: { type: "boolean", value: true },
  no: { type: "boolean", value: false },
  byte: { type: "byte", value: -1 },
  short: { type: "short", value: 258 },
  integer: { type: "integer", value: 16909060 },
  long: { type: "long", value: Int64.fromNumber(-2) },
  binary: { type: "binary", value: new Uint8Array([0, 255]) },
  string: { type: "string", value: "é€" },
  time: { type: "timestamp", value: new Date(1700000000123) },
  uuid: { type: "uuid", value: "00112233-4455-6677-8899-aabbccddeeff" },
};

async function answer(request, response, body) {
  const [want, got] = await wanted(request, body);
  if (want !== got) {
    response.writeHead(403, { "x-amzn-ErrorType": "InvalidSignatureException:" });
    response.end(`wanted ${want}, got ${got}`);
    return;
  }
  response.writeHead(200, { "Content-Type": "application/vnd.amazon.eventstream" });
  const text = Buffer.from("Grüße, 世界, 🙂. ".repeat(4000));
  const frames = [event("path", Buffer.from(request.url.split("?")[0])), event("body", body), event("types", [], types), event("text", text)];
  const all = Buffer.concat(frames);
  for (let at = 0, n = 1; at < all.length; at += n, n = ((n * 7) % 1009) + 1) {
    if (!response.write(all.subarray(at, at + n))) await new Promise((go) => response.once("drain", go));
    await new Promise((go) => setImmediate(go));
  }
  response.end();
}

const server = createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => answer(request, response, Buffer.concat(pieces)).catch((e) => response.writeHead(500).end(String(e))));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
