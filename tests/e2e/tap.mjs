// Cases in order, as TAP. A case is [name, async function]; one that throws has failed, one that throws Skip could not run here.
// A case that waited in vain (a browser and a server with sanitizers on a busy machine) is tried once more, and both tries are told; one whose
// assertion failed is not.
export class Skip extends Error {}

export async function run(cases, patterns, around) {
  const chosen = cases.filter(([name]) => !patterns.length || patterns.some((p) => name.includes(p)));
  console.log(`1..${chosen.length}`);
  let failed = 0;
  for (const [i, [name, body]] of chosen.entries()) {
    try {
      await around(name, body).catch((error) => {
        if (error?.name !== "TimeoutError") throw error;
        tell(error);
        console.log(`# tried once more: ${name}`);
        return around(name, body);
      });
      console.log(`ok ${i + 1} - ${name}`);
    } catch (error) {
      if (error instanceof Skip) {
        console.log(`ok ${i + 1} - ${name} # SKIP ${error.message}`);
        continue;
      }
      failed++;
      console.log(`not ok ${i + 1} - ${name}`);
      tell(error);
    }
  }
  return failed;
}

function tell(error) {
  for (const line of String(error?.stack ?? error).split("\n").slice(0, 40)) console.log(`  # ${line}`);
}
