// The service's JSON, as balefire/flows/wire.py writes it, and the few calls that the page makes.

export type Hazard = "flame" | "smoke" | "waste";
export type Verdict = "real" | "false" | "unsure";

export interface Detection {
  class: string;
  hazard: Hazard | null;
  confidence: number;
  box: [number, number, number, number];
  bundle: string;
}

export interface Review {
  verdict: Verdict;
  by: string;
  at: string;
}

export interface EventItem {
  id: string;
  camera: string;
  hazard: Hazard;
  group: string;
  state: string;
  reason: string;
  started_at: string;
  last_seen_at: string;
  raised_at: string | null;
  best: Detection;
  verdict: Verdict | null;
  reviews: Review[];
}

export interface EventFrame {
  n: number;
  captured_at: string;
  width: number;
  height: number;
  picture: string | null;
  sightings: Detection[];
}

export interface EventDetail extends EventItem {
  frames: EventFrame[];
}

export interface Camera {
  id: string;
  name: string;
}

interface Page<T> {
  items: T[];
  next: string | null;
}

async function asked<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(path, { headers: { Accept: "application/json" }, ...init });
  if (answer.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail ?? `the service answered ${answer.status}`);
  return body as T;
}

export const waiting = () => asked<Page<EventItem>>("/v1/events?raised=true&reviewed=false&limit=200");
export const decided = () => asked<Page<EventItem>>("/v1/events?raised=true&reviewed=true&limit=30");
export const cameras = () => asked<Page<Camera>>("/v1/cameras?limit=1000");
export const event = (id: string) => asked<EventDetail>(`/v1/events/${encodeURIComponent(id)}`);

export const review = (id: string, verdict: Verdict) =>
  asked<EventItem>(`/v1/events/${encodeURIComponent(id)}/reviews`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ verdict }),
  });
