// Runs before the first paint, so that a page in the other theme never flashes by: the choice of a person who wants not the system's theme.
import { readTheme } from "./state/theme-choice";

const choice = readTheme();
if (choice !== "system") document.documentElement.dataset["theme"] = choice;
