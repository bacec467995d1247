// Files on their way: bytes sent, cancel, and what was wrong with those that were refused.
import { size } from "../model/words";
import { dismiss, retry, sendings, type Sending } from "../state/home";
import { Progress } from "../ui/bits";
import { Icon } from "../ui/icons";

export function Sendings() {
  return (
    <section class="sendings" aria-label="Uploads">
      <ul>
        {sendings.value.map((s) => (
          <Row key={s.id} sending={s} />
        ))}
      </ul>
    </section>
  );
}

function Row({ sending }: { sending: Sending }) {
  const { id, name, state, sent, total } = sending;
  return (
    <li class={`sending ${state}`} data-test="sending">
      <div class="sending-main">
        <p class="sending-name">{name}</p>
        {sending.failure ? (
          <div role="alert" data-test="upload-error">
            <p class="wrong-text">{sending.failure.text}</p>
            <p class="soft">{sending.failure.hint}</p>
            {sending.failure.requestId && (
              <p class="fine">
                Request <code>{sending.failure.requestId}</code>
              </p>
            )}
          </div>
        ) : (
          <>
            <Progress value={state === "waiting" ? 0 : state === "reading" ? null : sent / Math.max(1, total)} label={`Upload of ${name}`} />
            <p class="fine">{state === "waiting" ? "Waiting" : state === "reading" ? "Reading the document…" : `${size(sent)} of ${size(total)}`}</p>
          </>
        )}
      </div>
      <div class="row">
        {sending.failure?.transient && (
          <button type="button" class="button small" onClick={() => retry(id)}>
            Try again
          </button>
        )}
        <button type="button" class="icon-button" aria-label={state === "failed" ? `Dismiss ${name}` : `Cancel the upload of ${name}`} onClick={() => dismiss(id)}>
          <Icon name="close" />
        </button>
      </div>
    </li>
  );
}
