/** Reads the queue from the service, page by page, and how much of it there is. */

import { api } from "./api";
import type { Filters } from "./filters";
import { fleet } from "./fleet";
import type { Queue } from "./queue";
import type { Backlog } from "./types";

const MOST_PAGES = 20; // of those that were open already, when everything is read anew
const SOON_MS = 500;
const NONE: Backlog = { groups: 0, events: 0, oldest_at: null };

export class Reading {
  readonly names = new Map<string, string>();
  drill: { name: string } | null = null;
  private next: string | null = null;
  private pages = 1;
  private coming: Promise<void> | null = null;
  private naming: Promise<void> | null = null;
  private line: Promise<void> = Promise.resolve();
  private readonly asked = new Map<string, Promise<void>>();
  private timer: number | undefined;
  private said = { waiting: NONE, chosen: NONE };

  constructor(
    private readonly queue: Queue,
    private readonly filters: Filters,
    private readonly changed: () => void,
  ) {}

  /** Everything, from the start and as far as it was read before. */
  async all(): Promise<void> {
    const address = this.filters.address;
    const [first, decided, { drill }] = await Promise.all([
      api.queue(address, null), api.decided(address), api.drill(), this.cameras(),
    ]);
    let [page, read] = [first, 1];
    const items = [...first.items];
    while (page.next && read < Math.min(this.pages, MOST_PAGES)) {
      page = await api.queue(address, page.next);
      items.push(...page.items);
      read += 1;
    }
    if (address !== this.filters.address) return; // another view was opened meanwhile, and reads by itself
    this.drill = drill;
    this.queue.replace(decided.items);
    this.queue.append(items, page.next !== null);
    [this.next, this.pages, this.said] = [page.next, read, { waiting: first.waiting, chosen: first.chosen }];
  }

  fromTheStart(): void {
    this.pages = 1;
  }

  /** The next page, once at a time. */
  async more(): Promise<void> {
    const [address, after] = [this.filters.address, this.next];
    if (!after || this.coming) return this.coming ?? undefined;
    this.coming = api.queue(address, after).then((page) => {
      if (address !== this.filters.address || after !== this.next) return;
      this.queue.append(page.items, page.next !== null);
      [this.next, this.pages] = [page.next, this.pages + 1];
    });
    await this.coming.finally(() => (this.coming = null));
    this.changed();
  }

  get hasMore(): boolean {
    return this.next !== null;
  }

  /** What waits at the place of an event that came by itself: one place after the other, each once. */
  place(group: string): Promise<void> {
    const known = this.asked.get(group);
    if (known) return known;
    const answer = this.line.then(async () => {
      this.asked.delete(group);
      const row = await api.place(group).catch(() => null);
      if (row) this.queue.learn(row);
    });
    this.asked.set(group, answer);
    this.line = answer;
    return answer;
  }

  /** Names and units. Who asks while they come waits for the same answer. */
  cameras(): Promise<void> {
    this.naming ??= Promise.all([fleet.cameras(), fleet.units()])
      .then(([cameras, units]) => {
        for (const camera of cameras) this.names.set(camera.id, camera.name);
        this.filters.know(cameras, units);
      })
      .finally(() => (this.naming = null));
    return this.naming;
  }

  /** As the service counts it; where all of it is here, as it stands here. */
  backlog(): { waiting: Backlog; chosen: Backlog } {
    if (this.next) return this.said;
    const rows = this.queue.rows();
    const events = rows.flatMap((row) => row.events);
    const oldest_at = events.map((event) => event.raised_at ?? event.started_at).sort()[0] ?? null;
    const here = { groups: rows.length, events: events.length, oldest_at };
    return { chosen: here, waiting: this.filters.address ? this.said.waiting : here };
  }

  /** Something came or went: count anew, soon. */
  recount(): void {
    if (!this.next && !this.filters.address) return;
    this.timer ??= window.setTimeout(() => {
      this.timer = undefined;
      void api.queue(this.filters.address, null, 1).then((page) => {
        this.said = { waiting: page.waiting, chosen: page.chosen };
        this.changed();
      }, () => undefined);
    }, SOON_MS);
  }
}
