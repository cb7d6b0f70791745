/** The fleet as the API tells it: cameras, their health, the tree of units. */

import { call } from "./api";

export interface FleetCamera {
  id: string;
  name: string;
  unit: string | null;
  position: { lon: number; lat: number } | null;
  azimuth_deg: number | null;
  fov_deg: number | null;
  mount: "fixed" | "turning" | "moving";
  retired_at: string | null;
}

/** One span of one fault; `until` is null while it lasts. */
export interface Fault {
  fault: string;
  blinds: boolean;
  reason: string;
  since: string;
  until: string | null;
}

export interface Health {
  camera: string;
  state: string;
  reason: string;
  since: string | null;
  frames: number;
  last_frame_at: string | null;
  last_new_at: string | null;
  frames_per_minute: number;
  /** Faults that its view shows too little to tell. */
  unjudged: string[];
  /** What holds now, the worst first. */
  faults: Fault[];
  blind_today_s: number;
  /** Of today. */
  spans: Fault[];
}

export interface Unit {
  id: string;
  name: string;
  parent: string | null;
}

interface List<T> {
  items: T[];
  next: string | null;
}

async function every<T>(path: string): Promise<T[]> {
  const found: T[] = [];
  let after: string | null = null;
  do {
    const page: List<T> = await call(`${path}?limit=1000${after ? `&after=${encodeURIComponent(after)}` : ""}`);
    found.push(...page.items);
    after = page.next;
  } while (after);
  return found;
}

export const fleet = {
  cameras: () => every<FleetCamera>("/v1/cameras"),
  health: () => every<Health>("/v1/cameras/health"),
  faulty: async () => (await call<List<Health>>("/v1/cameras/health?faulty=true&limit=1000")).items,
  acceptView: (camera: string) => call(`/v1/cameras/${encodeURIComponent(camera)}/view`, { method: "POST" }),
  units: () => every<Unit>("/v1/units"),
};

/** The id of a unit and of all below it. */
export function below(units: Unit[], top: string): Set<string> {
  const found = new Set([top]);
  let grew = true;
  while (grew) {
    grew = false;
    for (const unit of units) {
      if (unit.parent === null || found.has(unit.id) || !found.has(unit.parent)) continue;
      found.add(unit.id);
      grew = true;
    }
  }
  return found;
}
