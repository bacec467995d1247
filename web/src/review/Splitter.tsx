// The edge between two panes: drag it, or move it with the arrow keys.
import { outlineWidth, railWidth, WIDTHS } from "../state/prefs";

export function Splitter({ side }: { side: "outline" | "rail" }) {
  const width = side === "outline" ? outlineWidth : railWidth;
  const { min, max, usual } = WIDTHS[side];
  const set = (value: number) => (width.value = Math.round(Math.min(max, Math.max(min, value))));
  const sign = side === "outline" ? 1 : -1;
  return (
    <div
      class={`splitter at-${side}`}
      role="separator"
      aria-orientation="vertical"
      aria-label={side === "outline" ? "Width of the outline" : "Width of the findings"}
      aria-valuemin={min}
      aria-valuemax={max}
      aria-valuenow={width.value}
      tabIndex={0}
      onDblClick={() => set(usual)}
      onKeyDown={(event) => {
        const by = event.key === "ArrowRight" ? 16 : event.key === "ArrowLeft" ? -16 : 0;
        if (!by) return;
        event.preventDefault();
        set(width.value + sign * by);
      }}
      onPointerDown={(event) => {
        event.preventDefault();
        const element = event.currentTarget;
        element.setPointerCapture(event.pointerId);
        const from = event.clientX;
        const start = width.value;
        const move = (e: PointerEvent) => set(start + sign * (e.clientX - from));
        const end = () => {
          element.removeEventListener("pointermove", move);
          element.removeEventListener("pointerup", end);
          element.removeEventListener("pointercancel", end);
        };
        element.addEventListener("pointermove", move);
        element.addEventListener("pointerup", end);
        element.addEventListener("pointercancel", end);
      }}
    />
  );
}
