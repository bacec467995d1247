// The models and what is set: how they are, what they cost, what they see, what was learnt. Each part asks for itself, so one that fails hides no other.
import { me, settingsOpen } from "../state/app";
import { Dialog, Link } from "../ui/bits";
import { Appearance } from "./Appearance";
import { Check } from "./Check";
import { Dismissals } from "./Dismissals";
import { LearningPart } from "./Learning";
import { ModelsPart } from "./Models";
import { Privacy } from "./Privacy";

export function Settings() {
  return (
    <Dialog label="Models and settings" class="help settings" onClose={() => (settingsOpen.value = false)} test="settings-dialog">
      <header class="help-head">
        <h2>Models and settings</h2>
        <button type="button" class="button small" onClick={() => (settingsOpen.value = false)}>
          Close
        </button>
      </header>
      <ModelsPart />
      <Check />
      {me.value?.admin && (
        <p data-test="to-status">
          <Link href="/status" class="button small" onGo={() => (settingsOpen.value = false)}>
            Status of the server
          </Link>
        </p>
      )}
      <Privacy />
      <LearningPart />
      <Dismissals />
      <Appearance />
    </Dialog>
  );
}
