// A plot of the last hour: lines drawn on a canvas by uPlot, which is loaded when the first one is shown; their last values as a legend; and a table of the same
// numbers for who does not look at plots. Lines differ in colour and in dashes.
import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";

import { isEmpty, rows, summary, times, type Line } from "../model/minutes";

export interface Drawn extends Line {
  color: string; // a custom property of tokens.css
  dash?: number[];
}

interface Props {
  title: string;
  test: string;
  from: string;
  lines: Drawn[];
  say: (value: number) => string;
  empty: string;
  sums?: boolean; // the legend tells the hour's sum, else the last value and the highest
}

const HEIGHT = 180;
const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const at = (seconds: number) => hour.format(new Date(seconds * 1000));

export function Plot({ title, test, from, lines, say, empty, sums }: Props) {
  const nothing = isEmpty(lines);
  return (
    <figure class="plot" data-test={test}>
      <figcaption>
        <h3>{title}</h3>
        <ul class="plot-legend">
          {lines.map((l) => {
            const s = summary(l);
            return (
              <li key={l.label}>
                <Sample line={l} />
                {l.label}: <strong>{say(sums ? s.sum : s.last)}</strong>
                {!sums && s.most > s.last && <span class="soft"> (most {say(s.most)})</span>}
              </li>
            );
          })}
        </ul>
      </figcaption>
      {nothing ? <p class="plot-empty soft">{empty}</p> : <Canvas title={title} from={from} lines={lines} say={say} />}
      {!nothing && (
        <details class="plot-table">
          <summary>As a table</summary>
          <div class="table-box" tabIndex={0} role="group" aria-label={`${title}, minute by minute`}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Minute</th>
                  {lines.map((l) => (
                    <th key={l.label} scope="col">
                      {l.label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows(from, lines).map((r) => (
                  <tr key={r.at}>
                    <th scope="row">{at(r.at)}</th>
                    {r.values.map((v, i) => (
                      <td key={i}>{v === null ? "–" : say(v)}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </figure>
  );
}

function Sample({ line: l }: { line: Drawn }) {
  return (
    <svg class={`plot-sample ${l.color}`} viewBox="0 0 22 8" aria-hidden="true">
      <line x1="0" y1="4" x2="22" y2="4" stroke-dasharray={l.dash?.join(" ")} />
    </svg>
  );
}

function Canvas({ title, from, lines, say }: Pick<Props, "title" | "from" | "lines" | "say">) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [wrong, setWrong] = useState(false);
  const data = [times(from, lines[0]?.values.length ?? 0), ...lines.map((l) => l.values)] as uPlot.AlignedData;
  const now = useRef(data);
  now.current = data;

  useEffect(() => {
    const root = box.current;
    if (!root) return;
    let over = false;
    let stop = () => {};
    import("uplot").then(
      ({ default: Plotter }) => {
        if (over) return;
        const draw = () => {
          plot.current?.destroy();
          plot.current = new Plotter(options(root, lines, say), now.current, root);
        };
        draw();
        const sized = new ResizeObserver(() => {
          if (plot.current && root.clientWidth && plot.current.width !== root.clientWidth) plot.current.setSize({ width: root.clientWidth, height: HEIGHT });
        });
        sized.observe(root);
        // another theme has other colours, and a canvas does not know
        const themed = new MutationObserver(draw);
        themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
        const dark = matchMedia("(prefers-color-scheme: dark)");
        dark.addEventListener("change", draw);
        stop = () => {
          sized.disconnect();
          themed.disconnect();
          dark.removeEventListener("change", draw);
        };
      },
      () => setWrong(true),
    );
    return () => {
      over = true;
      stop();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);

  useEffect(() => plot.current?.setData(data), [data]);

  if (wrong) return <p class="soft">The plot could not be loaded; the table below has its numbers.</p>;
  return <div class="plot-canvas" ref={box} role="img" aria-label={`Plot of the last hour: ${title}. The table below has its numbers.`} data-test="plot-canvas" />;
}

function options(root: HTMLElement, lines: Drawn[], say: (value: number) => string): uPlot.Options {
  const style = getComputedStyle(root);
  // light-dark() is resolved where it is a colour of something
  const color = (name: string) => {
    const probe = document.createElement("i");
    probe.className = `plot-probe ${name}`;
    root.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  };
  const ink = color("ink-soft");
  const grid = { stroke: color("line"), width: 1 };
  const font = `12px ${style.fontFamily}`;
  return {
    width: root.clientWidth || 300,
    height: HEIGHT,
    padding: [8, 24, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    scales: { x: { time: true }, y: { range: (_u, _min, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { stroke: ink, grid, ticks: grid, font, size: 28, space: 70, values: (_u, splits) => splits.map(at) },
      { stroke: ink, grid, ticks: grid, font, size: 62, values: (_u, splits) => splits.map((v) => (Number.isInteger(v) || v >= 1 ? say(v) : "")) },
    ],
    series: [{}, ...lines.map((l) => ({ label: l.label, stroke: color(l.color), width: 2, ...(l.dash ? { dash: l.dash } : {}), points: { show: false }, spanGaps: false }))],
  };
}
