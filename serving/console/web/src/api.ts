/** The calls to the service. A session that has ended leads to sign-in, which comes back to this page. */

import type { Fault } from "./fleet";
import type { Bundle, Camera, Correction, EventWithFrames, RaisedEvent, Reason, Verdict } from "./types";
import { PROBLEMS, words } from "./words";

export const PAGE = 200;
const PATIENCE_MS = 10_000;

export class Refused extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly code = "",
  ) {
    super(detail);
  }
}

interface List<T> {
  items: T[];
  next: string | null;
}

export const api = {
  /** Raised events without a verdict, newest first. */
  waiting: () => call<List<RaisedEvent>>(`/v1/events?raised=true&reviewed=false&limit=${PAGE}`),
  decided: () => call<List<RaisedEvent>>("/v1/events?raised=true&reviewed=true&limit=30"),
  event: (id: string) => call<EventWithFrames>(`/v1/events/${encodeURIComponent(id)}`),
  earlier: (id: string) => call<List<RaisedEvent>>(`/v1/events/${encodeURIComponent(id)}/earlier`),
  healthAt: (camera: string, at: string) =>
    call<{ spans: Fault[] }>(`/v1/cameras/${encodeURIComponent(camera)}/health?at=${encodeURIComponent(at)}`),
  drill: () => call<{ drill: { name: string } | null }>("/v1/drill"),
  bundles: () => call<List<Bundle>>("/v1/bundles"),
  review,
  undo,
  cameras,
};

/** The event on its way to a verdict: the page has gone on to the next one, sign-in must come back to this one. */
let undecided: string | null = null;

/** Refused with 409 where somebody else decided since this event was read. */
async function review(
  { id, reviews }: RaisedEvent, verdict: Verdict, reason?: Reason, note = "", set?: Correction,
): Promise<RaisedEvent> {
  undecided = `/events/${id}`;
  const event = await call<RaisedEvent>(`/v1/events/${encodeURIComponent(id)}/reviews`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ verdict, reason: reason ?? null, note, expects: reviews.at(-1)?.id ?? "", ...set }),
  });
  undecided = null;
  return event;
}

function undo(id: string, review: string): Promise<RaisedEvent> {
  const path = `/v1/events/${encodeURIComponent(id)}/reviews/${encodeURIComponent(review)}/undo`;
  return call<RaisedEvent>(path, { method: "POST" });
}

/** Every camera, page by page. */
async function cameras(): Promise<Camera[]> {
  const found: Camera[] = [];
  let after: string | null = null;
  do {
    const page: List<Camera> = await call(`/v1/cameras?limit=1000${after ? `&after=${encodeURIComponent(after)}` : ""}`);
    found.push(...page.items);
    after = page.next;
  } while (after);
  return found;
}

export async function call<T>(path: string, request: RequestInit = {}): Promise<T> {
  const answer = await fetch(path, { ...request, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.status === 401) signInAgain();
  if (!answer.ok) throw await refusal(answer);
  return (answer.status === 204 ? null : await answer.json()) as T;
}

async function refusal(answer: Response): Promise<Refused> {
  try {
    const problem = (await answer.json()) as { detail?: string; code?: string };
    return new Refused(answer.status, problem.detail ?? answer.statusText, problem.code);
  } catch {
    return new Refused(answer.status, answer.statusText || String(answer.status));
  }
}

export function signInAgain(): void {
  location.assign(`/sign-in?next=${encodeURIComponent(undecided ?? location.pathname + location.search)}`);
}

export function reasonOf(error: unknown): string {
  if (!(error instanceof Refused)) return words.noAnswer;
  return PROBLEMS[error.code] ?? error.message;
}
