/** What waits, by place and by urgency, and what was decided: plain data in, plain data out. */

import type { EventChange, QueueItem, RaisedEvent, Review } from "./types";

const DECIDED_SHOWN = 30;

/** What waits at one place; the most urgent event first. */
export interface Row {
  group: string;
  queuedAt: string;
  events: RaisedEvent[];
}

export class Queue {
  private readonly events = new Map<string, RaisedEvent>();
  /** Decided here, not yet confirmed by the service. */
  private readonly pending = new Set<string>();
  /** Groups of which everything that waits is known here. */
  private readonly whole = new Set<string>();
  /** Groups that are shown although rows before them were not read yet: what arrived just now, what a link opened. */
  private readonly ahead = new Set<string>();
  private known: Row[] | null = null;
  /** The last row that was read while there are more: what comes after it is not shown before the rows between. */
  private end: Row | null = null;

  constructor(private readonly chosen: (event: RaisedEvent) => boolean) {}

  get(id: string | null): RaisedEvent | undefined {
    return id === null ? undefined : this.events.get(id);
  }

  /** Everything anew, as the service has it. */
  replace(decided: RaisedEvent[]): void {
    this.events.clear();
    this.whole.clear();
    this.ahead.clear();
    this.end = null;
    for (const event of decided) this.put(event);
  }

  /** The next rows, in the order of the service; `more`: they are not the last ones. */
  append(items: QueueItem[], more: boolean): void {
    for (const item of items) this.learn(item);
    const last = items.at(-1);
    this.end = more && last ? { group: last.group, queuedAt: last.queue_at, events: [] } : null;
    this.known = null;
  }

  /** A row that was asked for by itself. */
  learn(item: QueueItem): void {
    this.whole.add(item.group);
    for (const event of item.events) this.put(event);
  }

  /** An event as the service answered it, with its reviews. */
  put(event: RaisedEvent): void {
    this.events.set(event.id, event);
    this.known = null;
  }

  /**
   * Take in an item of the stream. Returns whether the event is new here; undefined where the item cannot tell whether
   * it was decided long ago, so that the service has to be asked.
   */
  take(change: EventChange): boolean | undefined {
    const known = this.events.get(change.id);
    if (!known && change.change !== "raised" && change.change !== "reviewed") return undefined;
    const reviewed = change.change === "reviewed" || !known ? change : known;
    if (change.change === "raised") this.showAhead(change.group);
    if (change.change === "raised" && change.group === change.id) this.whole.add(change.group);
    this.put({ ...change, verdict: reviewed.verdict, reviews: reviewed.reviews });
    return !known;
  }

  showAhead(group: string): void {
    this.ahead.add(group);
    this.known = null;
  }

  /** Whether it lies among rows that were not read yet: who scrolls there reads it. */
  isBeyond(event: RaisedEvent): boolean {
    const row = { group: event.group, queuedAt: place(event), events: [] };
    return this.end !== null && !this.events.has(event.id) && inOrder(row, this.end) > 0;
  }

  /** Whether all that waits of its group is known here. */
  isWhole(group: string): boolean {
    return this.whole.has(group);
  }

  hold(events: RaisedEvent[]): void {
    for (const event of events) this.pending.add(event.id);
    this.known = null;
  }

  release(events: RaisedEvent[]): void {
    for (const event of events) this.pending.delete(event.id);
    this.known = null;
  }

  isHeld(id: string): boolean {
    return this.pending.has(id);
  }

  row(group: string | undefined): Row | undefined {
    return this.rows().find((row) => row.group === group);
  }

  /** The most urgent first. Waiting alone never turns the order round, so no row moves under the cursor by itself. */
  rows(): Row[] {
    this.known ??= this.sorted();
    return this.known;
  }

  private sorted(): Row[] {
    const groups = new Map<string, RaisedEvent[]>();
    for (const event of this.events.values()) {
      if (event.verdict || this.pending.has(event.id)) continue;
      const found = groups.get(event.group);
      if (found) found.push(event);
      else groups.set(event.group, [event]);
    }
    const rows: Row[] = [];
    for (const [group, events] of groups) {
      if (!events.some(this.chosen)) continue;
      events.sort((a, b) => compare(place(a), place(b)) || compare(a.id, b.id));
      const row = { group, queuedAt: place(events[0] as RaisedEvent), events };
      if (!this.end || inOrder(row, this.end) <= 0 || this.ahead.has(group)) rows.push(row);
    }
    return rows.sort(inOrder);
  }

  /** The last decision first. */
  decided(): RaisedEvent[] {
    const closed = [...this.events.values()].filter(
      (event) => event.verdict && !this.pending.has(event.id) && this.chosen(event),
    );
    const at = (event: RaisedEvent) => lastReview(event)?.at ?? "";
    return closed.sort((a, b) => compare(at(b), at(a))).slice(0, DECIDED_SHOWN);
  }
}

function place(event: RaisedEvent): string {
  return event.queue_at ?? event.raised_at ?? event.started_at;
}

function inOrder(a: Row, b: Row): number {
  return compare(a.queuedAt, b.queuedAt) || compare(a.group, b.group);
}

/** Times of the service have one form, so their texts sort as they do. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
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
