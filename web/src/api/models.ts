// The models: how they are, what they cost, what they are not to see, and what was learnt from decisions.
import { ask } from "./http";
import type { CheckPart, Dismissal, Doc, Guidelines, Learning, Models, ProposedSections } from "./types";

const seg = encodeURIComponent;

export const getModels = () => ask<Models>("/models");
export const resetModel = (model: string) => ask<Models | undefined>("/models/reset", { method: "POST", body: { model } });
export const runCheck = () => ask<{ parts: CheckPart[] }>("/check", { method: "POST", timeoutMs: 120_000 }).then((r) => r.parts);

export const getLearning = () => ask<Learning>("/learning");
export const resetLearning = () => ask<void>("/learning", { method: "DELETE" });
export const listDismissals = (document: string | null) => ask<{ dismissals: Dismissal[] }>(`/dismissals${document ? `?document=${seg(document)}` : ""}`).then((r) => r.dismissals);
export const deleteDismissal = (id: string) => ask<void>(`/dismissals/${seg(id)}`, { method: "DELETE" });

export const changeDocument = (id: string, body: { never_send?: boolean; guidelines?: string | null }) => ask<Doc>(`/documents/${seg(id)}`, { method: "PATCH", body });
export const useSections = (document: string, use: boolean) => ask<ProposedSections>(`/documents/${seg(document)}/sections/proposal`, { method: "POST", body: { use } });

export const listGuidelines = () => ask<{ guidelines: Guidelines[] }>("/guidelines").then((r) => r.guidelines);
export const getGuidelines = (id: string, signal?: AbortSignal) => ask<Guidelines>(`/guidelines/${seg(id)}`, { signal });
export const editGuidelines = (id: string, body: { name?: string; team?: boolean; points?: Guidelines["points"]; version: number }) => ask<Guidelines>(`/guidelines/${seg(id)}`, { method: "PATCH", body });
export const deleteGuidelines = (id: string) => ask<void>(`/guidelines/${seg(id)}`, { method: "DELETE" });
