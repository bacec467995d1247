// Line icons on a 20 x 20 grid. They are ornaments beside words or under a label, never the only name of a thing.
const PATHS = {
  accept: "M4.5 10.5l3.6 3.6 7.4-8",
  reject: "M5.5 5.5l9 9m0-9l-9 9",
  undo: "M7.5 4.5L4 8l3.5 3.5M4.5 8H12a4 4 0 010 8H8.5",
  edit: "M4 16l.8-3.4L13 4.4a1.4 1.4 0 012 0l.6.6a1.4 1.4 0 010 2L7.4 15.2 4 16z",
  trash: "M4.5 6h11M8 6V4.5h4V6m-6 0l.7 10h6.6L14 6M8.5 9v4.5m3-4.5v4.5",
  upload: "M10 13V4.5M6.5 8L10 4.5 13.5 8M4.5 13v2.5h11V13",
  download: "M10 4.5v8.5M6.5 9.5L10 13l3.5-3.5M4.5 13v2.5h11V13",
  search: "M9 14.5a5.5 5.5 0 100-11 5.5 5.5 0 000 11zm4-1.5l3.5 3.5",
  filter: "M3.5 5.5h13M6 10h8M8.5 14.5h3",
  close: "M5.5 5.5l9 9m0-9l-9 9",
  back: "M12 4.5L6.5 10l5.5 5.5",
  forward: "M8 4.5l5.5 5.5L8 15.5",
  down: "M4.5 7.5L10 13l5.5-5.5",
  up: "M4.5 12.5L10 7l5.5 5.5",
  outline: "M4 5.5h12M7 10h9M7 14.5h9M4 10h.01M4 14.5h.01",
  clock: "M10 16.5a6.5 6.5 0 100-13 6.5 6.5 0 000 13zM10 6.5V10l2.5 2",
  help: "M10 16.5a6.5 6.5 0 100-13 6.5 6.5 0 000 13zM8 8.2A2 2 0 0110 6.5c1.2 0 2.1.8 2.1 1.9 0 1.5-2.1 1.7-2.1 3.1M10 13.5h.01",
  comment: "M4 4.5h12v8.5H9.5L6 16v-3H4z",
  add: "M10 4.5v11M4.5 10h11",
  sun: "M10 13a3 3 0 100-6 3 3 0 000 6zM10 3v1.5M10 15.5V17M3 10h1.5M15.5 10H17M5 5l1.1 1.1M13.9 13.9L15 15M15 5l-1.1 1.1M6.1 13.9L5 15",
  moon: "M15.5 11.8A6 6 0 018.2 4.5a6 6 0 107.3 7.3z",
  screen: "M3.5 4.5h13v9h-13zM7.5 16.5h5M10 13.5v3",
  refresh: "M15.5 6.5V10H12M4.5 13.5V10H8M5.6 7.7A5 5 0 0115 9M14.4 12.3A5 5 0 015 11",
  document: "M5.5 3h6l3.5 3.5V17h-9.5zM11 3v4h4",
  warning: "M10 3.5l7 12.5H3zM10 8v3.5M10 13.7h.01",
  info: "M10 16.5a6.5 6.5 0 100-13 6.5 6.5 0 000 13zM10 9v4.5M10 6.7h.01",
  image: "M3.5 4.5h13v11h-13zM3.5 13l3.5-3.5 3 3 2.5-2.5 4 4M12.5 7.7h.01",
  skip: "M10 16.5a6.5 6.5 0 100-13 6.5 6.5 0 000 13zM5.6 5.6l8.8 8.8",
  chat: "M3.5 4.5h13v9H9l-3.5 3v-3h-2zM7 8h6M7 10.5h3.5",
  stop: "M6 6h8v8H6z",
  copy: "M7.5 7.5h8v9h-8zM4.5 12.5v-9h8v1.5",
  settings: "M3.5 6h7M14.5 6h2M3.5 14h2M9.5 14h7M12.5 8a2 2 0 100-4 2 2 0 000 4zM7.5 16a2 2 0 100-4 2 2 0 000 4z",
  lock: "M5.5 9.5h9v7h-9zM7.5 9.5V7a2.5 2.5 0 015 0v2.5",
  more: "M5 10h.01M10 10h.01M15 10h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}

// A risk has a shape besides its colour: a triangle, a diamond, a disc.
const SHAPES = { high: "M6 .8 11.6 11H.4z", medium: "M6 .4 11.6 6 6 11.6.4 6z", low: "M6 1.2a4.8 4.8 0 110 9.6 4.8 4.8 0 010-9.6z" } as const;

export function RiskShape({ risk }: { risk: keyof typeof SHAPES }) {
  return (
    <svg class={`shape ${risk}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" focusable="false">
      <path d={SHAPES[risk]} fill="currentColor" />
    </svg>
  );
}

export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" focusable="false">
      <path class="logo-left" d="M16 4 3 27h13z" />
      <path class="logo-right" d="M16 4l13 23H16z" />
      <path class="logo-ray" d="M3 18.5h8l18 5.5-16-8.5z" />
    </svg>
  );
}
