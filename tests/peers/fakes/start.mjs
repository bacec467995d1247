// Starts a fake from a test written in JavaScript, and speaks with it. stop() ends it as the end of a parent does: its standard input closes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export async function start(name, script) {
  const path = fileURLToPath(new URL(`../fake_${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, script ? [path, JSON.stringify(script)] : [path], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const [line] = await Promise.race([once(child.stdout, "data"), ended.then(() => Promise.reject(new Error("the fake did not start")))]);
  const url = `http://127.0.0.1:${Number(line)}`;
  const post = async (path, body) => {
    const answer = await fetch(url + path, { method: "POST", body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json() };
  };
  return {
    url,
    // Gives the sentence about what is wrong with the script, or undefined.
    tell: async (script) => (await post("/__script", script)).body.wrong,
    fresh: async (script) => {
      await post("/__reset", {});
      const { body } = await post("/__script", script);
      if (body.wrong) throw new Error(body.wrong);
    },
    seen: async (since = 0) => (await fetch(`${url}/__seen?since=${since}`)).json(),
    stop: async () => {
      child.stdin.end();
      const [code] = await ended;
      return code;
    },
  };
}
