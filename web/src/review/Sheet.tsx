// On a narrow screen the chosen finding comes up from the bottom, over the document.
import { narrow } from "../state/prefs";
import { useStore } from "../state/session";
import { Icon, RiskShape } from "../ui/icons";
import { CardBody } from "./CardBody";

export function Sheet() {
  const store = useStore();
  const id = store.active.value;
  const finding = id ? store.cell(id)?.value : undefined;
  if (!finding || !narrow.value || store.pane.value !== "document") return null;
  return (
    <section class="sheet" aria-label="Chosen finding" data-test="sheet">
      <header class="sheet-head">
        <RiskShape risk={finding.risk} />
        <h2>{finding.title}</h2>
        <button type="button" class="icon-button" aria-label="Previous finding" onClick={() => store.step(-1)}>
          <Icon name="up" />
        </button>
        <button type="button" class="icon-button" aria-label="Next finding" onClick={() => store.step(1)}>
          <Icon name="down" />
        </button>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => store.choose(null)}>
          <Icon name="close" />
        </button>
      </header>
      <CardBody finding={finding} />
    </section>
  );
}
