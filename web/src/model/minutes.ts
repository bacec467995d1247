// Numbers by the minute, as a plot and as a table want them.
export interface Line {
  label: string;
  values: readonly (number | null)[];
}

// Whether there is anything to show.
export const isEmpty = (lines: readonly Line[]): boolean => lines.every((l) => l.values.every((v) => v === null || v === 0));

// Unix seconds of each minute.
export function times(from: string, count: number): number[] {
  const first = Math.floor(Date.parse(from) / 60_000) * 60;
  return Array.from({ length: count }, (_, i) => first + i * 60);
}

export interface MinuteRow {
  at: number;
  values: (number | null)[];
}

// The minutes in which something was, the newest first: for who reads instead of looks.
export function rows(from: string, lines: readonly Line[]): MinuteRow[] {
  const count = lines[0]?.values.length ?? 0;
  return times(from, count)
    .map((at, i) => ({ at, values: lines.map((l) => l.values[i] ?? null) }))
    .filter((r) => r.values.some((v) => v !== null && v !== 0))
    .reverse();
}

// What a line did in the hour, in words.
export function summary(line: Line): { last: number; most: number; sum: number } {
  const known = line.values.filter((v): v is number => v !== null);
  return { last: known.at(-1) ?? 0, most: known.reduce((a, b) => Math.max(a, b), 0), sum: known.reduce((a, b) => a + b, 0) };
}

const UNITS: [number, string][] = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
];

// "3 days", "5 hours", "42 s".
export function lasting(seconds: number): string {
  for (const [of, unit] of UNITS) {
    const count = Math.floor(seconds / of);
    if (count > 0) return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  return `${Math.max(0, Math.floor(seconds))} s`;
}

export const ms = (value: number): string => (value === 0 ? "0 ms" : value < 10 ? `${value.toFixed(1)} ms` : value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`);
