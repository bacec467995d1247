// Something that is asked for when a part of the settings is shown, and again when wanted.
import { useEffect, useState } from "preact/hooks";

import { failure, type Failure } from "../state/failure";

export interface Asked<T> {
  value: T | null;
  problem: Failure | null;
  again: () => void;
  set: (value: T) => void;
}

export function useAsked<T>(ask: () => Promise<T>, everyMs = 0): Asked<T> {
  const [value, set] = useState<T | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const again = () =>
    void ask().then(
      (got) => {
        set(got);
        setProblem(null);
      },
      (error: unknown) => setProblem(failure(error)),
    );
  useEffect(() => {
    again();
    if (!everyMs) return;
    const timer = window.setInterval(() => {
      if (document.visibilityState === "visible") again();
    }, everyMs);
    return () => clearInterval(timer);
  }, []);
  return { value, problem, again, set };
}
