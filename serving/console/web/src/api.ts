/** The calls to the service. A session that has ended leads to sign-in, which comes back to this page. */

import type { Fault } from "./fleet";
import type {
  Bundle, Correction, EventWithFrames, QueueItem, QueuePage, RaisedEvent, Reason, Verdict, View,
} from "./types";
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
  /** What waits, by place, the most urgent first. `narrowed`: the filters as an address has them. */
  queue: (narrowed: string, after: string | null, limit = PAGE) =>
    call<QueuePage>(`/v1/queue?${narrowed}${narrowed && "&"}limit=${limit}${after ? `&after=${after}` : ""}`),
  /** All that waits at one place. */
  place: (group: string) => call<QueueItem>(`/v1/queue/${encodeURIComponent(group)}`),
  decided: (narrowed: string) =>
    call<List<RaisedEvent>>(`/v1/events?${narrowed}${narrowed && "&"}raised=true&reviewed=true&limit=30`),
  views: () => call<List<View>>("/v1/views"),
  saveView: (name: string, address: string) =>
    call<View>(`/v1/views/${encodeURIComponent(name)}`, sent("PUT", { address })),
  removeView: (name: string) => call(`/v1/views/${encodeURIComponent(name)}`, { method: "DELETE" }),
  event: (id: string) => call<EventWithFrames>(`/v1/events/${encodeURIComponent(id)}`),
  earlier: (id: string) => call<List<RaisedEvent>>(`/v1/events/${encodeURIComponent(id)}/earlier`),
  healthAt: (camera: string, at: string) =>
    call<{ spans: Fault[] }>(`/v1/cameras/${encodeURIComponent(camera)}/health?at=${encodeURIComponent(at)}`),
  drill: () => call<{ drill: { name: string } | null }>("/v1/drill"),
  bundles: () => call<List<Bundle>>("/v1/bundles"),
  review,
  reviewPlace,
  undo,
};

function sent(method: string, body: unknown): RequestInit {
  return { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

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

/** One verdict for these events at one place: all of them or, where somebody else decided one since, none. */
async function reviewPlace(
  events: RaisedEvent[], verdict: Verdict, reason?: Reason, note = "",
): Promise<RaisedEvent[]> {
  const first = events[0];
  if (!first) return [];
  undecided = `/events/${first.id}`;
  const expects = Object.fromEntries(events.map(({ id, reviews }) => [id, reviews.at(-1)?.id ?? ""]));
  const path = `/v1/queue/${encodeURIComponent(first.group)}/reviews`;
  const { items } = await call<List<RaisedEvent>>(path, sent("POST", { verdict, reason: reason ?? null, note, expects }));
  undecided = null;
  return items;
}

/** With all that was decided together with it. */
async function undo(group: string, review: string): Promise<RaisedEvent[]> {
  const path = `/v1/queue/${encodeURIComponent(group)}/reviews/${encodeURIComponent(review)}/undo`;
  return (await call<List<RaisedEvent>>(path, { method: "POST" })).items;
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
