// A component that is drawn anew only when a property of it is another, or a signal that it read has changed.
import { Component, createElement, type FunctionComponent } from "preact";

export function memo<P extends object>(draw: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const now = this.props as Record<string, unknown>;
      const keys = Object.keys(next);
      return keys.length !== Object.keys(now).length || keys.some((k) => (next as Record<string, unknown>)[k] !== now[k]);
    }
    override render(props: P) {
      return createElement(draw, props);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}
