/** "Always here": a part of the view where this hazard shall raise no more, with a reason and an end. */

import { reasonOf } from "./api";
import { byId, say } from "./dom";
import { share } from "./share";
import { stamp } from "./time";
import type { Box, RaisedEvent } from "./types";
import { HAZARDS, zoning } from "./words";
import { ZoneLayer } from "./zone_layer";
import { corners, grown } from "./zone_shape";
import { DAY_MS, type Zone, inDays, zones } from "./zones";

const [USUAL, LONGEST] = [30, 365]; // days
const SAID_MS = 10_000;

export class ZoneSheet {
  private readonly sheet = byId("zone");
  private readonly form = byId<HTMLFormElement>("zone-form");
  private readonly reason = byId<HTMLInputElement>("zone-reason");
  private readonly until = byId<HTMLInputElement>("zone-until");
  private readonly every = byId<HTMLInputElement>("zone-every");
  private readonly sides = ["left", "top", "right", "bottom"].map((side) => byId<HTMLInputElement>(`zone-${side}`));
  private readonly layer = new ZoneLayer((box) => this.show(box));
  private event: RaisedEvent | undefined;
  private box: Box = [0, 0, 1, 1];
  private others: Zone[] = [];
  private view: string | undefined;

  constructor() {
    this.form.addEventListener("submit", (send) => {
      send.preventDefault();
      void this.save();
    });
    this.sides.forEach((field, side) => field.addEventListener("input", () => this.type(side, field.valueAsNumber / 100)));
    byId("zone-back").addEventListener("click", () => this.close());
    document.addEventListener("keydown", (press) => this.onKey(press), { capture: true });
  }

  async ask(event: RaisedEvent | undefined): Promise<void> {
    if (!event || !this.sheet.hidden || byId("picture").hidden) return;
    this.event = event;
    this.others = [];
    this.form.reset();
    const today = Date.parse(stamp(new Date()).slice(0, 10));
    this.until.min = day(today + DAY_MS);
    this.until.max = day(today + LONGEST * DAY_MS);
    this.until.value = day(today + USUAL * DAY_MS);
    say(byId("zone-what"), zoning.what(HAZARDS[event.hazard]));
    say(byId("zone-fault"), "");
    this.sheet.hidden = false;
    this.wholePicture(true);
    this.layer.open(grown(event.best.box), []);
    this.show(grown(event.best.box));
    this.reason.focus();
    const held = await zones.ofCamera(event.camera).catch(() => []);
    if (this.event !== event) return;
    this.others = held.filter((zone) => zone.state !== "expired");
    this.layer.open(this.box, this.others.map((zone) => zone.polygon));
    this.show(this.box);
  }

  close(): void {
    if (this.sheet.hidden) return;
    this.event = undefined;
    this.sheet.hidden = true;
    this.layer.close();
    this.wholePicture(false);
  }

  private show(box: Box): void {
    this.box = box;
    this.layer.show(box);
    this.sides.forEach((field, side) => {
      if (field !== document.activeElement) field.value = ((box[side] ?? 0) * 100).toFixed(1);
    });
    const shape = corners(box);
    const together = share([shape, ...this.others.map((zone) => zone.polygon)]);
    say(byId("zone-share"), zoning.takes(share([shape]), this.others.length ? together : null));
  }

  private type(side: number, value: number): void {
    const box: Box = [...this.box];
    box[side] = value;
    const [x1, y1, x2, y2] = box;
    const fault = x1 >= 0 && y1 >= 0 && x2 <= 1 && y2 <= 1 && x1 < x2 && y1 < y2 ? "" : zoning.outside;
    for (const field of this.sides) field.setCustomValidity(fault);
    if (!fault) this.show(box);
  }

  private async save(): Promise<void> {
    const event = this.event;
    if (!event || !this.form.reportValidity()) return;
    const days = Math.round((this.until.valueAsNumber - Date.parse(this.until.min)) / DAY_MS) + 1;
    const drawn = { polygon: corners(this.box), reason: this.reason.value.trim(), until: inDays(days), every_hazard: this.every.checked };
    try {
      const zone = await zones.draw(event.id, drawn);
      if (this.event === event) this.close();
      tell(zone.trial_until ? zoning.onTrial(stamp(zone.trial_until)) : zoning.holds(stamp(zone.until)));
    } catch (error) {
      say(byId("zone-fault"), zoning.notSaved(reasonOf(error)));
    }
  }

  /** While the sheet is open its keys are its own, and those of the page rest. */
  private onKey(press: KeyboardEvent): void {
    if (this.sheet.hidden || press.ctrlKey || press.metaKey || press.altKey) return;
    press.stopPropagation();
    if (press.key === "Escape") this.close();
    else if (press.target instanceof HTMLInputElement || press.target instanceof HTMLButtonElement || !this.layer.onKey(press)) return;
    press.preventDefault();
  }

  /** A zone is drawn on the whole picture, whatever part of it the page shows else. */
  private wholePicture(on: boolean): void {
    const stage = byId("stage");
    if (on) this.view = stage.dataset.view;
    if (this.view) stage.dataset.view = on ? "whole" : this.view;
  }
}

let silence = 0;
function tell(text: string): void {
  say(byId("told"), text);
  window.clearTimeout(silence);
  silence = window.setTimeout(() => say(byId("told"), ""), SAID_MS);
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
