/**
 * The rows of the queue: only what is seen is in the page, however many wait. What the operator has under the hand stays
 * where it is when a row comes or goes elsewhere; what comes beyond the edge is told at that edge.
 */

import { byId, make, say } from "./dom";
import { mark } from "./marks";
import { neighbour, type Row } from "./queue";
import { reasonIn } from "./reasons";
import { age } from "./time";
import { HAZARDS, queueing, words } from "./words";

const BEYOND = 12; // rows made on either side of what is seen
const NEW_MS = 60_000;
const NEAR = 40; // rows before the end at which the next page is read

interface Drawn {
  element: HTMLLIElement;
  marks: HTMLElement;
  kinds: HTMLElement;
  camera: HTMLElement;
  times: HTMLElement;
  others: HTMLElement;
  count: HTMLElement;
  confidence: HTMLElement;
  note: HTMLElement;
  since: HTMLElement;
}

export class WindowList {
  /** Called when what was read is nearly all seen. */
  onEnd: () => void = () => {};
  private rows: Row[] = [];
  private places = new Map<string, number>();
  private selected: string | undefined;
  private hovered: string | undefined;
  private readonly drawn = new Map<string, Drawn>();
  private readonly fresh = new Map<string, number>();
  private readonly scroll: HTMLElement;
  private height = 60;

  constructor(
    private readonly list: HTMLUListElement,
    private readonly nameOf: (camera: string) => string,
    private readonly choose: (group: string) => void,
  ) {
    this.scroll = list.parentElement as HTMLElement; // a box cannot be smaller than its own padding
    this.scroll.addEventListener("scroll", () => this.draw(), { passive: true });
    list.addEventListener("pointermove", (move) => {
      this.hovered = (move.target as Element).closest<HTMLElement>("li")?.dataset.group;
    });
    list.addEventListener("pointerleave", () => (this.hovered = undefined));
    new ResizeObserver(() => this.draw()).observe(this.scroll);
    byId("new-above").addEventListener("click", () => this.goTo(this.beyond()[0][0]));
    byId("new-below").addEventListener("click", () => this.goTo(this.beyond()[1][0]));
  }

  /** `still`: keep what the operator has under the hand where it is. */
  show(rows: Row[], selected: string | undefined, still = true): void {
    const under = still ? this.under() : undefined;
    const before = under === undefined ? undefined : this.places.get(under);
    if (rows !== this.rows) this.places = new Map(rows.map((row, place) => [row.group, place]));
    [this.rows, this.selected] = [rows, selected];
    if (selected) this.fresh.delete(selected);
    const after = under === undefined ? undefined : this.places.get(under);
    const moved = before === undefined || after === undefined ? 0 : (after - before) * this.height;
    this.draw(moved);
  }

  /** A row that came by itself just now. */
  announce(group: string, text: string): void {
    this.fresh.set(group, performance.now());
    say(byId("arrived"), text);
  }

  reveal(group: string): void {
    const place = this.places.get(group);
    if (place === undefined) return;
    const [top, bottom] = [place * this.height, (place + 1) * this.height];
    if (top < this.scroll.scrollTop) this.scroll.scrollTop = top;
    else if (bottom > this.scroll.scrollTop + this.scroll.clientHeight) this.scroll.scrollTop = bottom - this.scroll.clientHeight;
    this.draw();
  }

  toTop(): void {
    this.scroll.scrollTop = 0;
  }

  /** The row that must not move: the one under the pointer, else the selected one where it is seen, else the first seen. */
  private under(): string | undefined {
    if (this.hovered !== undefined && this.places.has(this.hovered)) return this.hovered;
    const [first, last] = this.seen();
    const place = this.selected === undefined ? undefined : this.places.get(this.selected);
    if (place !== undefined && place >= first && place <= last) return this.selected;
    return this.rows[first]?.group;
  }

  /** Places of the first and of the last row that are wholly seen. */
  private seen(): [number, number] {
    const { scrollTop, clientHeight } = this.scroll;
    return [Math.ceil(scrollTop / this.height - 0.01), Math.floor((scrollTop + clientHeight) / this.height + 0.01) - 1];
  }

  private draw(moved = 0): void {
    const top = Math.max(this.scroll.scrollTop + moved, 0);
    const first = Math.max(Math.floor(top / this.height) - BEYOND, 0);
    const last = Math.min(Math.ceil((top + this.scroll.clientHeight) / this.height) + BEYOND, this.rows.length);
    const shown = this.rows.slice(first, last);
    const wanted = new Set(shown.map((row) => row.group));
    for (const [group, drawn] of this.drawn) {
      if (wanted.has(group)) continue;
      drawn.element.remove();
      this.drawn.delete(group);
    }
    shown.forEach((row, offset) => this.place(row, first + offset, offset));
    this.list.style.paddingTop = `${first * this.height}px`;
    // Room below the last row, where the first ones would else be pulled down to fill the list.
    const missing = Math.max(top + this.scroll.clientHeight - this.rows.length * this.height, 0);
    this.list.style.paddingBottom = `${(this.rows.length - last) * this.height + (top > 0 ? missing : 0)}px`;
    if (moved) this.scroll.scrollTop = top;
    const [one] = this.drawn.values();
    const height = one?.element.getBoundingClientRect().height ?? 0;
    if (height > 0 && Math.abs(height - this.height) > 0.1) {
      this.height = height;
      return this.draw();
    }
    this.point();
    if (this.rows.length - last < NEAR) this.onEnd();
  }

  private place(row: Row, place: number, offset: number): void {
    const drawn = this.drawn.get(row.group) ?? this.make(row.group);
    this.fill(drawn, row, place);
    const there = this.list.children[offset] ?? null;
    if (there !== drawn.element) this.list.insertBefore(drawn.element, there);
  }

  private make(group: string): Drawn {
    const element = make("li", "row");
    element.id = `place-${group}`;
    element.dataset.group = group;
    element.setAttribute("role", "option");
    element.addEventListener("click", () => this.choose(group));
    const drawn = {
      element,
      marks: make("span", "marks"),
      kinds: make("span", "unseen"),
      camera: make("span", "camera"),
      times: make("span", "times"),
      others: make("span"),
      count: make("span"),
      confidence: make("span", "confidence"),
      note: make("span", "note"),
      since: make("time", "since"),
    };
    drawn.times.append(drawn.others, drawn.count);
    element.append(drawn.marks, drawn.kinds, drawn.camera, drawn.times, drawn.confidence, drawn.note, drawn.since);
    this.drawn.set(group, drawn);
    return drawn;
  }

  private fill(drawn: Drawn, { group, events }: Row, place: number): void {
    const first = events[0];
    if (!first) return;
    const { element } = drawn;
    const hazards = [...new Set(events.map((event) => event.hazard))];
    if (element.dataset.hazards !== hazards.join()) {
      element.dataset.hazards = hazards.join();
      drawn.marks.replaceChildren(...hazards.slice(0, 1).map(mark));
      drawn.others.replaceChildren(...hazards.slice(1).map(mark));
      say(drawn.kinds, hazards.map((hazard) => HAZARDS[hazard]).join(", "));
    }
    element.dataset.hazard = first.hazard;
    element.setAttribute("aria-selected", String(group === this.selected));
    element.setAttribute("aria-posinset", String(place + 1));
    element.setAttribute("aria-setsize", String(this.rows.length));
    element.classList.toggle("new", performance.now() - (this.fresh.get(group) ?? -NEW_MS) < NEW_MS);
    const name = this.nameOf(first.camera);
    say(drawn.camera, name);
    if (element.title !== name) element.title = name;
    say(drawn.count, events.length > 1 ? queueing.times(events.length) : "");
    drawn.times.hidden = events.length < 2;
    say(drawn.confidence, words.percent(Math.max(...events.map((event) => event.best.confidence))));
    say(drawn.note, events.length > 1 ? queueing.atThisPlace(events.length) : reasonIn(first.reason));
    say(drawn.since, age(events.map((event) => event.raised_at ?? event.started_at).sort()[0] ?? ""));
  }

  private point(): void {
    if (this.selected !== undefined && this.drawn.has(this.selected)) {
      this.list.setAttribute("aria-activedescendant", `place-${this.selected}`);
    } else this.list.removeAttribute("aria-activedescendant");
    const [above, below] = this.beyond();
    for (const [id, groups, text] of [
      ["new-above", above, queueing.above],
      ["new-below", below, queueing.below],
    ] as const) {
      byId(id).hidden = groups.length === 0;
      say(byId(id), text(groups.length));
    }
  }

  /** New rows above and below what is seen, in order. */
  private beyond(): [string[], string[]] {
    const [first, last] = this.seen();
    const places: number[] = [];
    for (const [group, since] of this.fresh) {
      const place = this.places.get(group);
      if (place === undefined || (place >= first && place <= last && performance.now() - since > NEW_MS)) this.fresh.delete(group);
      else places.push(place);
    }
    const groups = (some: number[]) => some.sort((a, b) => a - b).map((place) => this.rows[place]?.group ?? "");
    return [groups(places.filter((place) => place < first)), groups(places.filter((place) => place > last))];
  }

  private goTo(group: string | undefined): void {
    if (!group) return;
    this.reveal(group);
    this.choose(group);
    this.list.focus();
  }

  /** The row `step` places from this one. */
  next(group: string | undefined, step: number): string | undefined {
    return neighbour(this.rows.map((row) => row.group), group ?? null, step) ?? undefined;
  }
}
