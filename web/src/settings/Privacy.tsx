// What leaves this server, and what does not.
import { server } from "../state/app";

export function Privacy() {
  const model = server.value?.model;
  return (
    <section aria-labelledby="set-privacy">
      <h3 id="set-privacy">Privacy</h3>
      {!model ? (
        <p>No model is set up: nothing of a document leaves this server.</p>
      ) : (
        <ul class="said">
          <li>
            For a review and in the chat, the text of a document, the findings about it and what you ask are sent to {PROVIDER[model.provider] ?? model.provider} ({[model.primary, ...model.fallback].join(", ")}). The file itself, your name and other documents are not.
          </li>
          <li>{model.redact ? "Personal data is replaced by placeholders before it is sent, and put back in the answers. Where that cannot be done surely, nothing is sent." : "Personal data in the text is sent as it stands. Whoever runs the server can have it replaced by placeholders (PRISM_REDACT)."}</li>
          <li>A document can be marked “never send to a model”: when it is uploaded, and later under its review. The rules review it all the same.</li>
        </ul>
      )}
    </section>
  );
}

const PROVIDER: Record<string, string> = { bedrock: "Amazon Bedrock", anthropic: "Anthropic", openai: "the OpenAI-compatible server that is set up" };
