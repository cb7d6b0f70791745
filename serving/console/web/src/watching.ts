/** What a camera's health means for its watch: which states hold, since when, and how long it was blind today. */

import type { BlindSpan, Health } from "./fleet";

const DAY_MS = 86_400_000;
/** These leave the camera watching. */
const HARMLESS = new Set(["ok", "skewed"]);

/** Every state that holds, the worst first. */
export function statesOf(health: Health): string[] {
  const faults = (health.faults ?? []).map((fault) => fault.fault);
  return [...new Set([health.state, ...faults])].filter((state, _, all) => state !== "ok" || all.length === 1);
}

export function watches(health: Health): boolean {
  return statesOf(health).every((state) => HARMLESS.has(state));
}

export function lastNew(health: Health): string | null {
  return health.last_new_frame_at ?? health.last_new_at;
}

/** Spans without a watch; where the service keeps none, the one that holds now. */
export function blindSpans(health: Health): BlindSpan[] {
  if (health.spans) return health.spans;
  if (watches(health) || !health.since) return [];
  return [{ fault: health.state, from: health.since, to: null }];
}

/** Places on the day that began at `start`, as shares of it, 0–1. */
export function onTheDay(span: BlindSpan, start: number, now: number): { from: number; to: number } | null {
  const from = Math.max(Date.parse(span.from), start);
  const to = Math.min(span.to ? Date.parse(span.to) : now, now);
  return to > from ? { from: (from - start) / DAY_MS, to: (to - start) / DAY_MS } : null;
}

/** Seconds since `start` without a watch; spans that overlap count once. */
export function blindToday(health: Health, start: number, now: number): number {
  if (typeof health.blind_today_s === "number") return health.blind_today_s;
  const places = blindSpans(health).flatMap((span) => onTheDay(span, start, now) ?? []);
  let [seconds, until] = [0, 0];
  for (const place of places.sort((a, b) => a.from - b.from)) {
    seconds += Math.max(0, place.to - Math.max(place.from, until)) * (DAY_MS / 1000);
    until = Math.max(until, place.to);
  }
  return seconds;
}

/** Share of the view that a polygon takes, by the shoelace formula. */
export function shareOf(polygon: [number, number][]): number {
  const twice = polygon.reduce((sum, [x, y], place) => {
    const [nextX, nextY] = polygon[(place + 1) % polygon.length] ?? [0, 0];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}
