// A request's signature computed again by the AWS SDK's own code, @smithy/signature-v4. The keys are those of AWS's published examples.
import { createHash, createHmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";

export const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
export const token = "AQoDYXdzEPT//////////wEXAMPLE==";

class Sha256 {
  constructor(secret) {
    this.hash = secret ? createHmac("sha256", secret) : createHash("sha256");
  }
  update(data) {
    this.hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.hash.digest());
  }
}

export const date = (stamp) => new Date(stamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));

function signer(scope, credentials) {
  const [, , region, service] = scope.split("/");
  return new SignatureV4({ credentials, region, service, sha256: Sha256, uriEscapePath: service !== "s3", applyChecksum: false });
}

function parts(request, body) {
  const at = request.url.indexOf("?");
  const path = at < 0 ? request.url : request.url.slice(0, at);
  const query = {};
  for (const [name, value] of new URLSearchParams(at < 0 ? "" : request.url.slice(at + 1))) (query[name] ??= []).push(value);
  return { method: request.method, protocol: "http:", hostname: "127.0.0.1", path, query, headers: {}, body };
}

// The scope and the names of the signed headers in an Authorization header; undefined when it is not one of SigV4.
export function readAuthorization(text) {
  const found = text.match(/^AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=[0-9a-f]+$/);
  return found && { scope: found[1], names: found[2].split(";") };
}

// [the Authorization that the SDK makes of this request, the one that it has]. The keys, with the token if there is one, are the caller's.
export async function wantedInHeader(request, body, said, credentials) {
  const it = parts(request, body);
  for (const name of said.names) it.headers[name] = request.headers[name];
  const hash = it.headers["x-amz-content-sha256"];
  if (hash && hash !== "UNSIGNED-PAYLOAD" && hash !== createHash("sha256").update(body).digest("hex")) return ["the hash of another body", hash];
  const signed = await signer(said.scope, credentials).sign(it, { signingDate: date(it.headers["x-amz-date"]) });
  return [signed.headers.authorization, request.headers.authorization];
}

// The same of the signature of a request that is signed in its query.
export async function wantedInQuery(request, body, credentials) {
  const it = parts(request, body);
  const given = it.query;
  it.query = Object.fromEntries(Object.entries(given).filter(([name]) => !name.startsWith("X-Amz-")));
  it.headers.host = request.headers.host;
  const signed = await signer(given["X-Amz-Credential"][0], credentials).presign(it, {
    expiresIn: Number(given["X-Amz-Expires"][0]),
    signingDate: date(given["X-Amz-Date"][0]),
  });
  return [signed.query["X-Amz-Signature"], given["X-Amz-Signature"][0]];
}
