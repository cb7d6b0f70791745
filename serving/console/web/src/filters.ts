/** What the queue is narrowed to. It stands in the page's address, so that a link opens the same view. */

import { byId, make, say } from "./dom";
import { below, type FleetCamera, type Unit } from "./fleet";
import type { RaisedEvent } from "./types";
import { queueing } from "./words";

const KEYS = ["hazard", "camera", "unit", "state", "since", "until", "hours"];
const HOUR_MS = 3_600_000;

export class Filters {
  private chosen = new URLSearchParams();
  private units = new Set<string>();
  private tree: Unit[] = [];
  private cameras = new Map<string, FleetCamera>();
  private readonly form = byId<HTMLFormElement>("filters");

  constructor(private readonly changed: (address: string) => void) {
    this.form.addEventListener("change", () => this.changed(this.read()));
    this.form.addEventListener("submit", (press) => press.preventDefault());
    this.form.addEventListener("reset", () => this.changed(""));
    this.take(location.search);
  }

  /** As it stands in an address, without the question mark. */
  get address(): string {
    return this.chosen.toString();
  }

  take(address: string): void {
    const asked = new URLSearchParams(address);
    const kept = [...asked].filter(([key, value]) => KEYS.includes(key) && value !== "");
    this.chosen = new URLSearchParams(kept);
    this.show();
  }

  know(cameras: FleetCamera[], units: Unit[]): void {
    this.cameras = new Map(cameras.map((camera) => [camera.id, camera]));
    this.tree = units;
    const options = units.map((unit) => option(unit.id, unit.name));
    this.field("unit").replaceChildren(option("", queueing.any), ...options);
    byId("known-cameras").replaceChildren(...cameras.map((camera) => option(camera.id, camera.name)));
    this.show();
  }

  /** As the service would say it. */
  matches(event: RaisedEvent): boolean {
    const [hazards, cameras, states] = ["hazard", "camera", "state"].map((key) => this.chosen.getAll(key));
    const raised = Date.parse(event.raised_at ?? event.started_at);
    const [hours, since, until] = ["hours", "since", "until"].map((key) => this.chosen.get(key));
    const unit = this.cameras.get(event.camera)?.unit ?? "";
    return (
      (!hazards?.length || hazards.includes(event.hazard)) &&
      (!cameras?.length || cameras.includes(event.camera)) &&
      (!states?.length || states.includes(event.state)) &&
      (!this.units.size || this.units.has(unit)) &&
      (!hours || raised >= Date.now() - Number(hours) * HOUR_MS) &&
      (!since || raised >= Date.parse(since)) &&
      (!until || raised < Date.parse(until))
    );
  }

  private show(): void {
    for (const box of this.form.querySelectorAll<HTMLInputElement>("[name=hazard]")) {
      box.checked = this.chosen.getAll("hazard").includes(box.value);
    }
    for (const key of ["unit", "state", "hours"]) this.field(key).value = this.chosen.get(key) ?? "";
    this.field("camera").value = this.chosen.getAll("camera").join(", ");
    const unit = this.chosen.get("unit");
    const top = this.tree.find((one) => one.id === unit);
    this.units = top ? below(this.tree, top.id) : new Set(unit ? [unit] : []);
    say(byId("narrowed"), queueing.filters(new Set(this.chosen.keys()).size));
    byId("narrow").classList.toggle("on", this.chosen.size > 0);
  }

  private read(): string {
    const asked = new URLSearchParams();
    for (const [key, value] of new FormData(this.form)) {
      if (key === "camera") for (const id of this.named(value as string)) asked.append("camera", id);
      else if (value) asked.append(key, value as string);
    }
    for (const key of ["since", "until"]) {
      const value = this.chosen.get(key);
      if (value && !(key === "since" && asked.has("hours"))) asked.append(key, value);
    }
    return asked.toString();
  }

  /** Ids of cameras that were typed, by id or by name. */
  private named(text: string): string[] {
    const all = [...this.cameras.values()];
    const wanted = text.split(/[,，]/).map((part) => part.trim()).filter(Boolean);
    return wanted.map((part) => all.find((one) => one.id === part || one.name === part)?.id ?? part);
  }

  private field(key: string): HTMLSelectElement {
    return this.form.elements.namedItem(key) as HTMLSelectElement;
  }
}

function option(value: string, text: string): HTMLOptionElement {
  const made = make("option", "", text);
  made.value = value;
  return made;
}
