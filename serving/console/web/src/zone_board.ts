/** Zones to decide, and the zones of each camera: what they take of the view, how long they hold, renewed or let go. */

import { byId, make, say } from "./dom";
import { complain } from "./notices";
import { stamp } from "./time";
import { board } from "./words";
import { DAY_MS, type Zone, inDays, zones } from "./zones";

const { mayReview, mayCommand } = document.body.dataset;
const [USUAL, LONGEST] = [30, 365]; // days

export class ZoneBoard {
  private known: Zone[] = [];

  constructor(private readonly changed: (of: Map<string, Zone[]>) => void) {}

  async read(): Promise<void> {
    const { items, waiting } = await zones.all();
    this.known = items;
    this.count(waiting);
    this.show();
  }

  private show(): void {
    const due = this.known.filter((zone) => zone.state !== "active");
    byId("zones-waiting").hidden = due.length === 0;
    fill(byId("zones-due"), due, true, this.act);
    const of = new Map<string, Zone[]>();
    for (const zone of this.known) of.set(zone.camera, [...(of.get(zone.camera) ?? []), zone]);
    this.changed(of);
  }

  private count(waiting: number): void {
    const badge = document.getElementById("zones-count");
    if (!badge) return;
    badge.hidden = waiting === 0;
    say(badge, board.waiting(waiting));
  }

  readonly act: Act = async (done) => {
    try {
      await done();
      await this.read();
    } catch (error) {
      complain(error);
    }
  };
}

export type Act = (done: () => Promise<unknown>) => Promise<void>;

/** The same lines stay while they say the same, so that nobody loses the focus or a date half typed. */
export function fill(list: HTMLElement, shown: Zone[], named: boolean, act: Act): void {
  const key = JSON.stringify(shown);
  if (list.dataset.said === key) return;
  list.dataset.said = key;
  list.replaceChildren(...shown.map((zone) => line(zone, named, act)));
}

function line(zone: Zone, named: boolean, act: Act): HTMLElement {
  const item = make("li", `zone ${zone.state}`);
  item.dataset.zone = zone.id;
  const head = make("p");
  if (named) head.append(make("strong", "", zone.camera_name), " ");
  head.append(make("span", "", board.zone(zone.reason, zone.owner)));
  const said = { trial: board.trial(stamp(zone.ends_at)), active: board.active(zone.days_left, stamp(zone.ends_at)),
    expired: board.expired(stamp(zone.ends_at)) }[zone.state];
  item.append(head, make("p", "hint", `${said}; ${board.share(zone.share)}`), acts(zone, act));
  return item;
}

function acts(zone: Zone, act: Act): HTMLElement {
  const row = make("div", "acts");
  if (mayCommand === "yes") {
    const until = make("input");
    const today = Date.parse(stamp(new Date()).slice(0, 10));
    until.type = "date";
    until.setAttribute("aria-label", board.until(zone.reason));
    [until.min, until.max, until.value] = [1, LONGEST, USUAL].map((days) => day(today + days * DAY_MS)) as [string, string, string];
    const name = zone.state === "trial" ? board.confirm : board.renew;
    const renew = () => zones.renew(zone.id, inDays(Math.round((until.valueAsNumber - today) / DAY_MS)));
    row.append(until, button(name, zone, () => void (until.reportValidity() && act(renew))));
  }
  if (mayReview === "yes") row.append(button(board.letGo, zone, () => void act(() => zones.letGo(zone.id))));
  return row;
}

function button(name: string, zone: Zone, press: () => void): HTMLButtonElement {
  const made = make("button", "quiet", name);
  made.type = "button";
  made.setAttribute("aria-label", board.named(name, zone.camera_name, zone.reason));
  made.addEventListener("click", press);
  return made;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
