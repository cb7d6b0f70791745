/** The calls to the service. A session that has ended leads to sign-in, which comes back to this page. */

import type { Camera, EventWithFrames, RaisedEvent, Verdict } from "./types";
import { words } from "./words";

export const PAGE = 200;
const PATIENCE_MS = 10_000;

export class Refused extends Error {
  constructor(
    readonly status: number,
    detail: string,
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
  drill: () => call<{ drill: { name: string } | null }>("/v1/drill"),
  review,
  cameras,
};

/** The event on its way to a verdict: the page has gone on to the next one, sign-in must come back to this one. */
let undecided: string | null = null;

async function review(id: string, verdict: Verdict): Promise<RaisedEvent> {
  undecided = `/events/${id}`;
  const event = await call<RaisedEvent>(`/v1/events/${encodeURIComponent(id)}/reviews`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ verdict }),
  });
  undecided = null;
  return event;
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

async function call<T>(path: string, request: RequestInit = {}): Promise<T> {
  const answer = await fetch(path, { ...request, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.status === 401) signInAgain();
  if (!answer.ok) throw new Refused(answer.status, await detailOf(answer));
  return (await answer.json()) as T;
}

async function detailOf(answer: Response): Promise<string> {
  try {
    const problem = (await answer.json()) as { detail?: string };
    return problem.detail ?? answer.statusText;
  } catch {
    return answer.statusText || String(answer.status);
  }
}

export function signInAgain(): void {
  location.assign(`/sign-in?next=${encodeURIComponent(undecided ?? location.pathname)}`);
}

export function reasonOf(error: unknown): string {
  return error instanceof Refused ? error.message : words.noAnswer;
}
