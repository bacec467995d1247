// How the server is, for administrators: docs/openapi.yaml, Status.
import { ask } from "./http";
import type { Models } from "./types";

export interface StatusPart {
  part: string;
  state: "ok" | "failed" | "not_configured" | "untried";
  message: string;
  hint: string;
}

export interface StatusInstance {
  name: string;
  version: string;
  pid: number;
  started_at: string;
  uptime_s: number;
  restarts: number;
  reloads: number;
  memory_bytes: number;
  connections: number;
  connections_max: number;
  workers: number;
  workers_busy: number;
  requests_waiting: number;
}

export interface StatusQueue {
  kind: "review" | "export" | "sweep" | "model" | "guidelines";
  queued: number;
  running: number;
  oldest_at: string | null;
}

// One value a minute, the oldest first; null: the server was not there, or nothing was asked.
export interface StatusMinutes {
  from: string;
  requests: (number | null)[];
  errors_4xx: (number | null)[];
  errors_5xx: (number | null)[];
  p50_ms: (number | null)[];
  p90_ms: (number | null)[];
  p99_ms: (number | null)[];
  reviews: (number | null)[];
  model_calls: (number | null)[];
  model_failed: (number | null)[];
}

export interface StatusStorage {
  store_bytes: number;
  files_bytes: number;
  temp_bytes: number;
  free_bytes: number;
  disk_bytes: number;
  measured_at: string;
  documents: number;
  files_removed: number;
  retention: { days: number; records: "keep" | "remove"; passed_at: string | null; next_at: string | null; documents: number; exports: number; guidelines: number; orphans: number };
}

export interface StatusProblem {
  at: string;
  level: "warn" | "error";
  event: string;
  reason: string;
  message: string;
}

export interface Status {
  at: string;
  parts: StatusPart[];
  instances: StatusInstance[];
  queue: StatusQueue[];
  minutes: StatusMinutes;
  models: Pick<Models, "configured" | "models" | "today" | "budget">;
  storage: StatusStorage;
  problems: StatusProblem[];
}

export const getStatus = () => ask<Status>("/status");
