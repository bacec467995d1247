// Cases in order, as TAP. A case is [name, async function]; one that throws has failed, one that throws Skip could not run here.
export class Skip extends Error {}

export async function run(cases, patterns, around) {
  const chosen = cases.filter(([name]) => !patterns.length || patterns.some((p) => name.includes(p)));
  console.log(`1..${chosen.length}`);
  let failed = 0;
  for (const [i, [name, body]] of chosen.entries()) {
    try {
      await around(name, body);
      console.log(`ok ${i + 1} - ${name}`);
    } catch (error) {
      if (error instanceof Skip) {
        console.log(`ok ${i + 1} - ${name} # SKIP ${error.message}`);
        continue;
      }
      failed++;
      console.log(`not ok ${i + 1} - ${name}`);
      for (const line of String(error?.stack ?? error).split("\n").slice(0, 40)) console.log(`  # ${line}`);
    }
  }
  return failed;
}
