// Where the server is shown: "" at the root of its host, "/prism" under a proxy's path. The server writes it into the page.
const meta = typeof document === "undefined" ? null : document.querySelector<HTMLMetaElement>('meta[name="base"]');

export const base: string = meta?.content ?? "";

// The address of a path of the server.
export const at = (path: string): string => base + path;
