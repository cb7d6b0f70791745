/** Correcting the boxes of the shown frame, by mouse and by keyboard alone. Each change is kept at once, as a draft. */

import { api } from "./api";
import { BoxLayer } from "./box_layer";
import { moved, resized } from "./box_shapes";
import { byId, make, say } from "./dom";
import type { Drafts } from "./drafts";
import { editing } from "./event_words";
import { mark } from "./marks";
import { seenBoxes } from "./marked";
import type { Stage } from "./stage";
import type { Box, Hazard, RaisedEvent, SetBox } from "./types";
import { HAZARDS } from "./words";

const LEAST_PX = 4; // of the picture: the smallest box
const STEP_PX = { once: 2, held: 8 }; // of the picture
const NEW = 0.12; // of the picture: the side of a box that a key adds
const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class BoxEditor {
  on = false;
  onOpen: () => void = () => undefined;
  private boxes: SetBox[] = [];
  private chosen: number | null = null;
  private frame = "";
  private hazards: Hazard[] = ["flame", "smoke", "waste"];
  private readonly bar = byId("edit-bar");
  private readonly layers: [BoxLayer, BoxLayer];

  constructor(
    private readonly stage: Stage,
    private readonly drafts: Drafts,
    private readonly event: () => RaisedEvent | undefined,
    private readonly onChange: () => void,
  ) {
    const acts = {
      change: (at: number, box: Box) => this.change(at, box),
      choose: (at: number | null) => this.choose(at),
      add: (box: Box) => this.add(box),
      done: () => this.look(),
    };
    const name = (at: number) => this.name(at);
    this.layers = [new BoxLayer(stage.whole, acts, name, true), new BoxLayer(stage.close, acts, name, false)];
    document.addEventListener("keydown", (press) => this.onKey(press), { capture: true });
    byId("edit").addEventListener("click", () => this.toggle());
    byId("edit-add").addEventListener("click", () => this.addInTheMiddle());
    byId("edit-remove").addEventListener("click", () => this.remove());
    byId("edit-back").addEventListener("click", () => this.asSeen());
    byId("edit-done").addEventListener("click", () => this.toggle());
    this.bar.addEventListener("pointerdown", (press) => press.preventDefault()); // the box keeps the focus
    this.offer();
    void this.readHazards();
  }

  toggle(): void {
    if (!this.on && (!this.stage.shown || (byId("edit") as HTMLButtonElement).disabled)) return;
    this.on = !this.on;
    if (this.on) this.onOpen();
    this.bar.hidden = !this.on;
    document.body.classList.toggle("correcting", this.on);
    byId("edit").setAttribute("aria-pressed", String(this.on));
    this.frame = "";
    this.stage.draw();
    if (this.on) this.layers[0].focus(0);
    else this.stage.look(undefined);
  }

  close(): void {
    if (this.on) this.toggle();
  }

  /** After each drawing of the stage: lay the boxes where the picture lies. */
  render(): void {
    const [frame, event] = [this.stage.shown, this.event()];
    if (this.on && frame && event && this.frame !== frame.id) {
      [this.frame, this.chosen] = [frame.id, null];
      this.boxes = structuredClone(this.drafts.of(event, frame.id) ?? seenBoxes(frame));
    }
    const shown = this.on && frame ? this.boxes : null;
    for (const layer of this.layers) layer.show(shown, this.chosen, this.least());
    this.paintBar();
  }

  private change(at: number, box: Box): void {
    const known = this.boxes[at];
    if (!known) return;
    known.box = box;
    this.keep();
  }

  private choose(at: number | null): void {
    if (this.chosen === at) return;
    this.chosen = at;
    this.look();
  }

  /** The close-up goes to the chosen box. */
  private look(): void {
    this.stage.look(this.chosen === null ? undefined : this.boxes[this.chosen]?.box);
  }

  private add(box: Box): void {
    const hazard = this.boxes[this.chosen ?? 0]?.hazard ?? this.event()?.hazard ?? "flame";
    this.boxes.push({ hazard, box });
    this.keep();
    this.layers[0].focus(this.boxes.length - 1);
  }

  private addInTheMiddle(): void {
    const { closeUp, shown } = this.stage;
    if (!shown) return;
    const [x, y] = closeUp.middle(shown);
    const [left, top] = [Math.min(Math.max(x - NEW / 2, 0), 1 - NEW), Math.min(Math.max(y - NEW / 2, 0), 1 - NEW)];
    this.add([left, top, left + NEW, top + NEW]);
  }

  private remove(): void {
    if (this.chosen === null) return;
    this.boxes.splice(this.chosen, 1);
    const next = Math.min(this.chosen, this.boxes.length - 1);
    this.chosen = null;
    this.keep();
    if (next >= 0) this.layers[0].focus(next);
  }

  private reclass(hazard?: Hazard): void {
    const box = this.chosen === null ? undefined : this.boxes[this.chosen];
    if (!box) return;
    box.hazard = hazard ?? (this.hazards[(this.hazards.indexOf(box.hazard) + 1) % this.hazards.length] as Hazard);
    this.keep();
  }

  /** As the machine saw it, or as the last decision left it. */
  private asSeen(): void {
    const event = this.event();
    if (!event) return;
    this.drafts.drop(event.id, this.frame);
    this.frame = "";
    this.onChange();
    this.stage.look(undefined);
  }

  private keep(): void {
    const event = this.event();
    if (event) this.drafts.set(event.id, this.frame, structuredClone(this.boxes));
    this.onChange();
    this.stage.draw();
  }

  private onKey(press: KeyboardEvent): void {
    if (!this.on || press.defaultPrevented || press.ctrlKey || press.metaKey || press.altKey || press.target instanceof HTMLInputElement) return;
    if (!byId("reasons").hidden) return;
    if (!this.act(press)) return;
    press.preventDefault();
    press.stopPropagation();
  }

  /** Whether this key was one of ours. */
  private act(press: KeyboardEvent): boolean {
    const at = (press.target as HTMLElement).closest<HTMLElement>(".set-box")?.dataset.at;
    const arrow = ARROWS[press.key];
    if (arrow && at !== undefined) return this.nudge(Number(at), arrow, press);
    if ((press.key === "Delete" || press.key === "Backspace") && this.chosen !== null) this.remove();
    else if (press.key === "Escape") this.toggle();
    else if (press.key.toLowerCase() === "n") this.addInTheMiddle();
    else if (press.key.toLowerCase() === "c") this.reclass();
    else if (press.key.toLowerCase() === "r") this.asSeen();
    else return press.key.toLowerCase() === "a"; // a zone is drawn another time
    return true;
  }

  private nudge(at: number, [right, down]: [number, number], press: KeyboardEvent): true {
    const [frame, box] = [this.stage.shown, this.boxes[at]?.box];
    if (!frame || !box) return true;
    const step = press.repeat ? STEP_PX.held : STEP_PX.once;
    const [dx, dy] = [(right * step) / frame.width, (down * step) / frame.height];
    this.change(at, press.shiftKey ? resized(box, "se", dx, dy, this.least()) : moved(box, dx, dy));
    this.look();
    return true;
  }

  private least(): [number, number] {
    const frame = this.stage.shown;
    return frame ? [LEAST_PX / frame.width, LEAST_PX / frame.height] : [1, 1];
  }

  private name(at: number): string {
    const { hazard, box } = this.boxes[at] ?? { hazard: "flame" as const, box: [0, 0, 0, 0] as Box };
    const [left, top, right, bottom] = box.map((share) => Math.round(share * 100)) as Box;
    return editing.box(HAZARDS[hazard], at + 1, this.boxes.length, [left, top, right, bottom]);
  }

  private paintBar(): void {
    const event = this.event();
    const chosen = this.chosen === null ? undefined : this.boxes[this.chosen]?.hazard;
    const hasDraft = event !== undefined && this.drafts.has(event.id, this.frame);
    for (const button of this.bar.querySelectorAll<HTMLButtonElement>("[data-hazard]")) {
      button.disabled = chosen === undefined;
      button.setAttribute("aria-pressed", String(button.dataset.hazard === chosen));
    }
    byId<HTMLButtonElement>("edit-remove").disabled = chosen === undefined;
    byId<HTMLButtonElement>("edit-back").disabled = !hasDraft;
    const frames = event ? this.drafts.count(event.id) : 0;
    say(byId("edit-count"), frames ? editing.corrected(frames) : "");
  }

  private offer(): void {
    const buttons = this.hazards.map((hazard) => {
      const button = make("button", "quiet");
      button.type = "button";
      button.dataset.hazard = hazard;
      button.append(mark(hazard), make("span", "", HAZARDS[hazard]));
      button.addEventListener("click", () => this.reclass(hazard));
      return button;
    });
    byId("edit-hazards").replaceChildren(...buttons);
  }

  /** Only what the bundles that run here know; all where they cannot be asked. */
  private async readHazards(): Promise<void> {
    const { items } = await api.bundles().catch(() => ({ items: [] }));
    const known = new Set(items.flatMap((bundle) => bundle.hazards));
    if (!known.size) return;
    this.hazards = this.hazards.filter((hazard) => known.has(hazard));
    this.offer();
  }
}
