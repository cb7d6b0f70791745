/** Are we really watching? Every camera on a wall, the worst first; unit and state in the address. */

import { Card } from "./card";
import { byId, make, say } from "./dom";
import { type FleetCamera, type Health, type Unit, below, fleet } from "./fleet";
import { complain } from "./notices";
import { statesOf, watches } from "./watching";
import { coverage, nameOfState } from "./words";
import { ZoneBoard } from "./zone_board";

const LOOK_MS = 10_000;
const FLEET_EVERY = 30; // looks

const unitChoice = byId<HTMLSelectElement>("unit");
const wall = byId("wall");
const cards = new Map<string, Card>();
let [cameras, units]: [FleetCamera[], Unit[]] = [[], []];
let health = new Map<string, Health>();
const board = new ZoneBoard((of) => {
  for (const [camera, card] of cards) card.showZones(of.get(camera) ?? [], board.act);
});
const wanted = new URLSearchParams(location.search);

function chosen(): { id: string; health: Health }[] {
  const [unit, state] = [wanted.get("unit"), wanted.get("state")];
  const within = unit ? below(units, unit) : null;
  return cameras.flatMap((camera) => {
    const known = health.get(camera.id);
    if (!known || (within && !within.has(camera.unit ?? ""))) return [];
    return state && !statesOf(known).includes(state) ? [] : [{ id: camera.id, health: known }];
  });
}

/** Blind ones first; within both, by the order of the cameras, so that nothing jumps about. */
function paint(): void {
  const [now, shown] = [Date.now(), chosen()];
  shown.sort((a, b) => Number(watches(a.health)) - Number(watches(b.health)));
  shown.forEach((one, place) => {
    const card = cards.get(one.id);
    if (!card) return;
    card.show(one.health, now);
    if (wall.children[place] !== card.element) wall.insertBefore(card.element, wall.children[place] ?? null);
  });
  while (wall.children.length > shown.length) wall.lastElementChild?.remove();
  say(byId("shown"), coverage.shown(shown.length, shown.filter((one) => watches(one.health)).length));
  say(byId("nothing"), coverage.nothing);
  byId("nothing").hidden = shown.length > 0;
  paintStates();
}

function paintStates(): void {
  const counts = new Map<string, number>();
  for (const one of health.values()) for (const state of statesOf(one)) counts.set(state, (counts.get(state) ?? 0) + 1);
  const asked = wanted.get("state") ?? "";
  if (asked && !counts.has(asked)) counts.set(asked, 0);
  const choices = [["", health.size] as const, ...[...counts].sort(([a], [b]) => a.localeCompare(b))];
  const key = JSON.stringify([choices, asked]);
  const box = byId("states");
  if (box.dataset.said === key) return;
  box.dataset.said = key;
  const focused = (document.activeElement as HTMLInputElement | null)?.name === "state";
  for (const label of box.querySelectorAll("label")) label.remove();
  for (const [state, count] of choices) box.append(choice(state, count, state === asked));
  if (focused) box.querySelector<HTMLInputElement>(":checked")?.focus();
}

function choice(state: string, count: number, checked: boolean): HTMLLabelElement {
  const [label, radio] = [make("label", "chip"), make("input")];
  Object.assign(radio, { type: "radio", name: "state", value: state, checked });
  label.append(radio, make("span", "", state ? nameOfState(state) : coverage.all), make("span", "count", String(count)));
  return label;
}

function offerUnits(): void {
  unitChoice.replaceChildren(unitChoice.options[0] as HTMLOptionElement);
  for (const unit of units) {
    const option = make("option", "", unit.name);
    option.value = unit.id;
    unitChoice.append(option);
  }
  unitChoice.value = wanted.get("unit") ?? "";
}

async function readFleet(): Promise<void> {
  [cameras, units] = await Promise.all([fleet.cameras(), fleet.units()]);
  cameras = cameras.filter((camera) => !camera.retired_at);
  for (const camera of cameras) if (!cards.has(camera.id)) cards.set(camera.id, new Card(camera));
  offerUnits();
}

let looks = 0;
async function look(): Promise<void> {
  try {
    if (looks++ % FLEET_EVERY === 0) await readFleet();
    const known = new Set(cameras.map((camera) => camera.id));
    health = new Map((await fleet.health()).filter((one) => known.has(one.camera)).map((one) => [one.camera, one]));
    paint();
    await board.read();
  } catch (error) {
    complain(error);
  }
  setTimeout(() => void look(), LOOK_MS);
}

byId("filters").addEventListener("change", (event) => {
  const field = event.target as HTMLInputElement | HTMLSelectElement;
  if (field.value) wanted.set(field.name, field.value);
  else wanted.delete(field.name);
  history.replaceState(null, "", `/coverage${wanted.size ? `?${wanted}` : ""}`);
  paint();
});
void look();
