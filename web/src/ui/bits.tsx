// Small pieces that many places use.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { sentence } from "../model/words";
import { keepToast, toast, announcement } from "../state/app";
import type { Failure } from "../state/failure";
import { navigate } from "../state/route";
import { Icon } from "./icons";
import { at } from "../base";

// A link within the page: the address changes, nothing is loaded. Modified clicks stay the browser's.
export function Link({ href, class: name, children, label, onGo }: { href: string; class?: string; children: ComponentChildren; label?: string; onGo?: () => void }) {
  return (
    <a
      href={at(href)}
      class={name}
      aria-label={label}
      onClick={(event) => {
        if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        onGo?.();
        navigate(href);
      }}
    >
      {children}
    </a>
  );
}

// An error where it happened: what was wrong, what to do, try again, and the number to tell whoever runs the server.
export function Trouble({ failure, onRetry, retry = "Try again", children }: { failure: Failure; onRetry?: () => void; retry?: string; children?: ComponentChildren }) {
  return (
    <div class="trouble" role="alert">
      <Icon name="warning" />
      <div class="trouble-text">
        <p>
          <strong>{sentence(failure.text)}</strong> {failure.hint}
        </p>
        {failure.requestId && (
          <p class="fine">
            Request <code>{failure.requestId}</code>
          </p>
        )}
        {(onRetry || children) && (
          <p class="row">
            {onRetry && (
              <button type="button" class="button small" onClick={onRetry}>
                {retry}
              </button>
            )}
            {children}
          </p>
        )}
      </div>
    </div>
  );
}

// 0–1; null: not known.
export function Progress({ value, label }: { value: number | null; label: string }) {
  return <progress class="progress" aria-label={label} {...(value === null ? {} : { value, max: 1 })} />;
}

export function Toasts() {
  const one = toast.value;
  return (
    <section class="toasts" aria-label="Messages">
      {one && (
        <div key={one.id} class={`toast${one.wrong ? " wrong" : ""}`} role={one.wrong ? "alert" : "group"} aria-label="Message" data-test="toast" onMouseEnter={() => keepToast(true)} onMouseLeave={() => keepToast(false)} onFocusCapture={() => keepToast(true)} onBlurCapture={() => keepToast(false)}>
          <span>{one.text}</span>
          {one.action && (
            <button
              type="button"
              class="toast-action"
              data-test="toast-action"
              onClick={() => {
                const run = one.action?.run;
                toast.value = null;
                run?.();
              }}
            >
              {one.action.label}
            </button>
          )}
          <button type="button" class="toast-close" aria-label="Dismiss" onClick={() => (toast.value = null)}>
            <Icon name="close" />
          </button>
        </div>
      )}
      <p class="unseen" role="status" aria-live="polite">
        {announcement.value}
      </p>
    </section>
  );
}

// A modal <dialog>: the browser traps the focus, closes on Esc, and gives the focus back.
export function Dialog({ label, onClose, class: name = "", children, test }: { label: string; onClose: () => void; class?: string; children: ComponentChildren; test?: string }) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={`dialog ${name}`}
      aria-label={label}
      data-test={test}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div class="dialog-inner">{children}</div>
    </dialog>
  );
}

// Sets what CSS needs to know (widths, places) without a style attribute.
export function setVars(element: HTMLElement | null, vars: Record<string, string>): void {
  for (const [name, value] of Object.entries(vars)) element?.style.setProperty(name, value);
}
