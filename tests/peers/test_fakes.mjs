// The fakes of the model providers are right about the wire: the providers' own clients speak with them, for what goes well and for what goes
// wrong. node test_fakes.mjs: prints TAP, ends with 1 when a case failed. Each case has a fake to itself for the time that it takes.
import { cases as anthropic } from "./fakes/test_anthropic.mjs";
import { cases as bedrock } from "./fakes/test_bedrock.mjs";
import { cases as openai } from "./fakes/test_openai.mjs";
import { cases as script } from "./fakes/test_script.mjs";
import { start } from "./fakes/start.mjs";

const limitMs = 60000;
const groups = [["bedrock", bedrock], ["anthropic", anthropic], ["openai", openai], ["anthropic", script]];

let n = 0;
let wrong = 0;
console.log(`1..${groups.reduce((sum, [, cases]) => sum + Object.keys(cases).length, 0)}`);
for (const [provider, cases] of groups) {
  const fake = await start(provider);
  for (const [name, run] of Object.entries(cases)) {
    let timer;
    const late = new Promise((_, fail) => (timer = setTimeout(() => fail(new Error(`not done after ${limitMs} ms`)), limitMs)));
    try {
      await Promise.race([run(fake), late]);
      console.log(`ok ${++n} - ${provider}: ${name}`);
    } catch (e) {
      wrong++;
      console.log(`not ok ${++n} - ${provider}: ${name}\n${String(e.stack).replace(/^/gm, "# ")}`);
    }
    clearTimeout(timer);
  }
  await fake.stop();
}
process.exit(wrong ? 1 : 0);
