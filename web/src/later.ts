// What is loaded when it is first shown, in one piece: two would share so much with the page that its first load came in more pieces.
export { ChatPanel } from "./chat/ChatPanel";
export { GuidelinesDialog } from "./guidelines/GuidelinesDialog";
export { Settings } from "./settings/Settings";
export { Status } from "./status/Status";
