/** What a camera's health means for its watch: which states hold, and when it was blind today. */

import type { Fault, Health } from "./fleet";

const DAY_MS = 86_400_000;

/** Every state that holds, the worst first. */
export function statesOf(health: Health): string[] {
  return health.faults.length ? health.faults.map((fault) => fault.fault) : [health.state];
}

export function watches(health: Health): boolean {
  return !health.faults.some((fault) => fault.blinds) && health.state !== "waiting";
}

/** Places on the day that began at `start`, as shares of it, 0–1. */
export function onTheDay(span: Fault, start: number, now: number): { from: number; to: number } | null {
  const from = Math.max(Date.parse(span.since), start);
  const to = Math.min(span.until ? Date.parse(span.until) : now, now);
  return to > from ? { from: (from - start) / DAY_MS, to: (to - start) / DAY_MS } : null;
}
