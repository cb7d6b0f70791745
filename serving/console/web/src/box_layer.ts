/** The boxes of one pane while they are edited: elements that take the focus, and corners wide enough for any pointer. */

import { type Corner, between, moved, resized } from "./box_shapes";
import { make } from "./dom";
import { place } from "./fit";
import { mark } from "./marks";
import type { Pane } from "./pane";
import type { Box, SetBox } from "./types";

const CORNERS: Corner[] = ["nw", "ne", "sw", "se"];
const DRAWN_PX = 5; // a press that moves less draws no box

export interface Acts {
  change(at: number, box: Box): void;
  choose(at: number | null): void;
  add(box: Box): void;
  /** The pointer was lifted. */
  done(): void;
}

export class BoxLayer {
  private readonly layer = make("div", "box-layer");
  private items: HTMLElement[] = [];
  private boxes: SetBox[] = [];
  private least: [number, number] = [0, 0];

  /** `stops`: whether the tab key comes to its boxes. `name`: what a box is called. */
  constructor(
    private readonly pane: Pane,
    private readonly acts: Acts,
    private readonly name: (at: number) => string,
    private readonly stops: boolean,
  ) {
    this.layer.hidden = true;
    this.layer.addEventListener("pointerdown", (press) => this.begin(press));
    pane.area.append(this.layer);
  }

  /** null: nothing is edited. `least`: width and height of a box. */
  show(boxes: SetBox[] | null, chosen: number | null, least: [number, number]): void {
    this.layer.hidden = boxes === null || this.pane.on === null;
    [this.boxes, this.least] = [boxes ?? [], least];
    while (this.items.length < this.boxes.length) this.items.push(this.item(this.items.length));
    for (const gone of this.items.splice(this.boxes.length)) gone.remove();
    this.boxes.forEach((box, at) => this.put(this.items[at] as HTMLElement, box, at, at === chosen));
  }

  focus(at: number): void {
    this.items[at]?.focus({ preventScroll: true });
  }

  private item(at: number): HTMLElement {
    const item = make("div", "set-box");
    item.tabIndex = this.stops ? 0 : -1;
    item.setAttribute("role", "button");
    item.addEventListener("focus", () => this.acts.choose(at));
    item.append(make("span", "tag"), ...CORNERS.map((corner) => make("i", `corner ${corner}`)));
    for (const [k, corner] of CORNERS.entries()) (item.children[k + 1] as HTMLElement).dataset.corner = corner;
    item.dataset.at = String(at);
    this.layer.append(item);
    return item;
  }

  private put(item: HTMLElement, { hazard, box }: SetBox, at: number, chosen: boolean): void {
    if (!this.pane.on) return;
    const { x, y, width, height } = place(box, this.pane.on);
    Object.assign(item.style, { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` });
    item.classList.toggle("chosen", chosen);
    item.setAttribute("aria-label", this.name(at));
    if (item.dataset.hazard === hazard) return;
    item.dataset.hazard = hazard;
    item.firstElementChild?.replaceChildren(mark(hazard));
  }

  private begin(press: PointerEvent): void {
    if (press.button !== 0 || !this.pane.on) return;
    const from = this.at(press);
    const item = (press.target as Element).closest<HTMLElement>(".set-box");
    const corner = (press.target as HTMLElement).dataset.corner as Corner | undefined;
    press.preventDefault(); // no text is marked, and the focus goes where we say
    this.layer.setPointerCapture(press.pointerId);
    if (item) this.drag(Number(item.dataset.at), corner, from);
    else this.draw(press, from);
  }

  private drag(at: number, corner: Corner | undefined, from: [number, number]): void {
    this.focus(at);
    const box = this.boxes[at]?.box;
    if (!box) return;
    this.follow((move) => {
      const [x, y] = this.at(move);
      const by: [number, number] = [x - from[0], y - from[1]];
      this.acts.change(at, corner ? resized(box, corner, ...by, this.least) : moved(box, ...by));
    });
  }

  private draw(press: PointerEvent, from: [number, number]): void {
    let at: number | null = null;
    this.follow((move) => {
      if (at === null && Math.hypot(move.clientX - press.clientX, move.clientY - press.clientY) < DRAWN_PX) return;
      const box = between(from, this.at(move), this.least);
      if (at !== null) return this.acts.change(at, box);
      at = this.items.length;
      this.acts.add(box);
    });
    this.acts.choose(null);
  }

  private follow(onMove: (move: PointerEvent) => void): void {
    const ended = new AbortController();
    const end = () => {
      ended.abort();
      this.acts.done();
    };
    this.layer.addEventListener("pointermove", onMove, { signal: ended.signal });
    for (const name of ["pointerup", "pointercancel"]) this.layer.addEventListener(name, end, { signal: ended.signal });
  }

  /** Where the pointer is, in shares of the picture. */
  private at(pointer: PointerEvent): [number, number] {
    const { left, top } = this.pane.area.getBoundingClientRect();
    const on = this.pane.on ?? { x: 0, y: 0, width: 1, height: 1 };
    return [(pointer.clientX - left - on.x) / on.width, (pointer.clientY - top - on.y) / on.height];
  }
}
