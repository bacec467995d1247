// What the filter leaves out is said where the list ends.
import { many } from "../model/words";
import { NO_FILTER } from "../model/filter";
import { useStore } from "../state/session";

export function Hidden() {
  const store = useStore();
  const hidden = store.hidden.value;
  if (!hidden) return null;
  return (
    <li class="hidden-note" data-test="hidden">
      <span>
        {store.shown.value.length === 0 ? "No finding passes the filter. " : ""}
        {many(hidden, "finding")} hidden by the filter
      </span>
      <button type="button" class="button small" onClick={() => store.setFilter({ ...NO_FILTER, sort: store.filter.value.sort })}>
        Show all
      </button>
    </li>
  );
}
