// The models and what is set: how they are, what they cost, what they see, what was learnt. Each part asks for itself, so one that fails hides no other.
import { settingsOpen } from "../state/app";
import { Dialog } from "../ui/bits";
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
      <Privacy />
      <LearningPart />
      <Dismissals />
      <Appearance />
    </Dialog>
  );
}
