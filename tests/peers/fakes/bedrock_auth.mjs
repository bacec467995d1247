// Who may ask the fake Bedrock: signatures are computed again by the AWS SDK's own code, and a request that AWS would turn away is turned away
// for AWS's reason, in AWS's order. Also Bedrock API keys (bearer).
import { timingSafeEqual } from "node:crypto";
import { date, readAuthorization, wantedInHeader } from "../sigv4.mjs";

const minutes = 5;

const stamp = (ms) => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");

function clockWrong(given, now) {
  const at = date(given).getTime();
  if (Number.isNaN(at)) return "Date must be in ISO-8601 'basic format'.";
  const window = minutes * 60000;
  if (at < now - window) return `Signature expired: ${given} is now earlier than ${stamp(now - window)} (${stamp(now)} - ${minutes} min.)`;
  if (at > now + window) return `Signature not yet current: ${given} is still later than ${stamp(now + window)} (${stamp(now)} + ${minutes} min.)`;
  return "";
}

function scopeWrong(scope, settings) {
  const [, day, region, service, end] = scope.split("/");
  if (!end) return "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term";
  if (region !== settings.region) return "Credential should be scoped to a valid region. ";
  if (service !== "bedrock") return "Credential should be scoped to correct service: 'bedrock'. ";
  if (end !== "aws4_request" || !/^\d{8}$/.test(day)) return "Credential should be scoped with a valid terminator: 'aws4_request'. ";
  return "";
}

const mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

function bearer(key, settings) {
  const auth = { kind: "bearer" };
  if (settings.expiredBearers.includes(key)) return { auth, refused: { kind: "expired_key" } };
  return settings.bearers.includes(key) ? { auth } : { auth, refused: { kind: "bad_key" } };
}

// { auth: what was found, refused: { kind, message } or undefined }
export async function admit(request, body, settings) {
  const text = request.headers.authorization;
  if (!text) return { auth: { kind: "none" }, refused: { kind: "no_signature" } };
  if (text.startsWith("Bearer ")) return bearer(text.slice(7), settings);
  const said = readAuthorization(text);
  const given = request.headers["x-amz-date"];
  if (!said) return { auth: { kind: "none" }, refused: { kind: "incomplete_signature" } };
  const token = request.headers["x-amz-security-token"];
  const [keyId, , region] = said.scope.split("/");
  const auth = { kind: "sigv4", keyId, region, withToken: token !== undefined, signed: said.names };
  const refuse = (kind, message) => ({ auth, refused: { kind, message } });
  if (!given || !said.names.includes("host") || !said.names.includes("x-amz-date") || (token !== undefined && !said.names.includes("x-amz-security-token")))
    return refuse("incomplete_signature", "'Host' or ':authority', 'X-Amz-Date' and 'X-Amz-Security-Token' must be among the 'SignedHeaders' of the AWS Authorization.");
  const scope = scopeWrong(said.scope, settings);
  if (scope) return refuse("bad_signature", scope);
  const clock = clockWrong(given, Date.now() + settings.clockSeconds * 1000);
  if (clock) return refuse("bad_signature", clock);
  if (token !== undefined && settings.expiredTokens.includes(token)) return refuse("expired_token");
  const account = settings.accounts.find((it) => it.accessKeyId === keyId && it.sessionToken === token);
  if (!account) return refuse("unknown_token");
  const [want, got] = await wantedInHeader(request, body, said, account);
  return same(want, got) ? { auth } : refuse("bad_signature", mismatch);
}
