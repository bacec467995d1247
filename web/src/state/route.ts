// Which screen is shown, from the address of the page; the address also keeps what a view needs to come back: filters and the chosen finding.
import { signal } from "@preact/signals";
import { at, base } from "../base";

export type Route = { screen: "home" } | { screen: "review"; document: string } | { screen: "status" } | { screen: "lost" };

function parse(path: string): Route {
  if (path === "/" || path === "/index.html") return { screen: "home" };
  if (path === "/status") return { screen: "status" };
  const found = /^\/documents\/([^/]+)\/?$/.exec(path);
  return found ? { screen: "review", document: decodeURIComponent(found[1] as string) } : { screen: "lost" };
}

// The path of the page, without what the proxy puts in front of it.
const here = (): string => (location.pathname.startsWith(base) ? location.pathname.slice(base.length) || "/" : location.pathname);

export const route = signal<Route>(parse(here()));

const same = (a: Route, b: Route) =>
  a.screen === b.screen && (a.screen !== "review" || b.screen !== "review" || a.document === b.document);

function follow(): void {
  const next = parse(here());
  if (!same(route.value, next)) route.value = next;
}

window.addEventListener("popstate", follow);

export function navigate(path: string): void {
  history.pushState(null, "", at(path));
  follow();
}

export const documentPath = (id: string): string => `/documents/${encodeURIComponent(id)}`;

export function changeQuery(change: (params: URLSearchParams) => void): void {
  const params = new URLSearchParams(location.search);
  change(params);
  // commas stay readable: they are legal in a query
  const text = params.toString().replaceAll("%2C", ",");
  const next = text ? `${location.pathname}?${text}` : location.pathname;
  if (next !== location.pathname + location.search) history.replaceState(null, "", next);
}

export const query = (): URLSearchParams => new URLSearchParams(location.search);
