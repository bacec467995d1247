// A part of the page that is loaded when it is first shown: the chat, the settings. It may not come (the server is gone, or has become another version
// whose parts have other names), and that is said where the part would be.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Trouble } from "./bits";

const WRONG = { text: "This part of the page could not be loaded.", hint: "Check the connection and try again; if it stays so, reload the page.", requestId: "", reason: "part", transient: true };

// onWrong: says it elsewhere, for what has no place on the page of its own.
export function later<P extends object>(load: () => Promise<ComponentType<P>>, label: string, onWrong?: () => void): ComponentType<P> {
  let part: ComponentType<P> | null = null;
  return function Later(props: P) {
    const [, drawn] = useState(0);
    const [wrong, setWrong] = useState(false);
    const ask = () => {
      setWrong(false);
      load().then(
        (one) => {
          part = one;
          drawn((n) => n + 1);
        },
        () => (onWrong ? onWrong() : setWrong(true)),
      );
    };
    useEffect(() => {
      if (!part) ask();
    }, []);
    if (part) {
      const Part = part;
      return <Part {...props} />;
    }
    return wrong ? <Trouble failure={WRONG} onRetry={ask} /> : <p class="unseen" role="status">{`${label} is being loaded`}</p>;
  };
}
