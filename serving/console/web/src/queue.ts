/** What waits and what was decided: plain data in, plain data out. */

import type { EventChange, Hazard, RaisedEvent, Review } from "./types";

/** Fire before waste. Smoke is often the first of a fire that can be seen, so it waits behind no flame. */
const URGENCY: Record<Hazard, number> = { flame: 0, smoke: 0, waste: 1 };
const DECIDED_SHOWN = 30;

export class Queue {
  private readonly events = new Map<string, RaisedEvent>();
  /** Decided here, not yet confirmed by the service. */
  private readonly pending = new Set<string>();

  get(id: string | null): RaisedEvent | undefined {
    return id === null ? undefined : this.events.get(id);
  }

  /** Everything anew, as the service has it. */
  replace(waiting: RaisedEvent[], decided: RaisedEvent[]): void {
    this.events.clear();
    for (const event of [...waiting, ...decided]) this.events.set(event.id, event);
  }

  /** An event as the service answered it, with its reviews. */
  put(event: RaisedEvent): void {
    this.events.set(event.id, event);
  }

  /**
   * Take in an item of the stream. Returns whether the event is new here; undefined where the item cannot tell whether
   * it was decided long ago, so that the service has to be asked.
   */
  take(change: EventChange): boolean | undefined {
    const known = this.events.get(change.id);
    if (!known && change.change !== "raised" && change.change !== "reviewed") return undefined;
    const reviewed = change.change === "reviewed" || !known ? change : known;
    this.events.set(change.id, { ...change, verdict: reviewed.verdict, reviews: reviewed.reviews });
    return !known;
  }

  hold(id: string): void {
    this.pending.add(id);
  }

  release(id: string): void {
    this.pending.delete(id);
  }

  isHeld(id: string): boolean {
    return this.pending.has(id);
  }

  /** Worst first, then newest. Neither ever changes for an event, so no row moves under the cursor. */
  waiting(): RaisedEvent[] {
    const open = [...this.events.values()].filter((event) => !event.verdict && !this.pending.has(event.id));
    return open.sort(
      (a, b) => URGENCY[a.hazard] - URGENCY[b.hazard] || (b.raised_at ?? "").localeCompare(a.raised_at ?? ""),
    );
  }

  /** The last decision first. */
  decided(): RaisedEvent[] {
    const closed = [...this.events.values()].filter((event) => event.verdict && !this.pending.has(event.id));
    const at = (event: RaisedEvent) => lastReview(event)?.at ?? "";
    return closed.sort((a, b) => at(b).localeCompare(at(a))).slice(0, DECIDED_SHOWN);
  }
}

/** The one that counts: rows that take another back, and those taken back, do not. */
export function lastReview(event: RaisedEvent): Review | undefined {
  const gone = new Set(event.reviews.map((review) => review.undoes));
  return event.reviews.findLast((review) => !review.undoes && !gone.has(review.id));
}

/** The id `step` places from `id` in the list; the nearest end beyond it, the first where `id` is not in it. */
export function neighbour(ids: string[], id: string | null, step: number): string | null {
  const at = id === null ? -1 : ids.indexOf(id);
  if (at < 0) return ids[0] ?? null;
  return ids[Math.min(Math.max(at + step, 0), ids.length - 1)] ?? null;
}
