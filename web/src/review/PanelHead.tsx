import { useLayoutEffect, useRef } from "preact/hooks";

import { useStore } from "../state/session";
import { Icon } from "../ui/icons";

// The head of a panel that takes the place of the findings; the focus comes here when it opens.
export function PanelHead({ title }: { title: string }) {
  const store = useStore();
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <header class="panel-head">
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <button
        type="button"
        class="icon-button"
        aria-label={`Close ${title.toLowerCase()}`}
        title="Back to the findings (Esc)"
        data-test="panel-close"
        onClick={() => {
          const panel = store.panel.value;
          store.panel.value = "findings";
          store.pane.value = "document";
          document.querySelector<HTMLElement>(`[data-test="${panel}"]`)?.focus();
        }}
      >
        <Icon name="close" />
      </button>
    </header>
  );
}
