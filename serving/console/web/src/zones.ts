/** Ignore zones as the API tells them, and what people do with them. */

import { call } from "./api";
import type { Point } from "./share";
import type { Hazard } from "./types";

export const DAY_MS = 86_400_000;

export interface Zone {
  id: string;
  camera: string;
  camera_name: string;
  polygon: Point[];
  owner: string;
  reason: string;
  until: string;
  ends_at: string;
  trial_until: string | null;
  confirmed_by: string;
  hazard: Hazard | null;
  state: "trial" | "active" | "expired";
  days_left: number;
  share: number;
  camera_share: number;
}

export interface Drawn {
  polygon: Point[];
  reason: string;
  until: string;
  every_hazard: boolean;
}

interface List {
  items: Zone[];
  next: string | null;
  waiting: number;
}

export const zones = {
  draw: (event: string, drawn: Drawn) => call<Zone>(`/v1/events/${encodeURIComponent(event)}/zone`, sent(drawn)),
  renew: (id: string, until: string) => call<Zone>(`/v1/zones/${encodeURIComponent(id)}/renew`, sent({ until })),
  letGo: (id: string) => call<null>(`/v1/zones/${encodeURIComponent(id)}`, { method: "DELETE" }),
  ofCamera: async (camera: string) => (await call<List>(`/v1/zones?limit=1000&camera=${encodeURIComponent(camera)}`)).items,
  all,
};

/** Every zone, oldest first, and how many wait for a decision. */
async function all(): Promise<{ items: Zone[]; waiting: number }> {
  const items: Zone[] = [];
  let [after, waiting] = ["", 0];
  do {
    const page: List = await call(`/v1/zones?limit=1000${after && `&after=${encodeURIComponent(after)}`}`);
    items.push(...page.items);
    [after, waiting] = [page.next ?? "", page.waiting];
  } while (after);
  return { items, waiting };
}

export function inDays(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString();
}

function sent(body: unknown): RequestInit {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}
