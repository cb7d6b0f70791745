/** One camera on the wall. The same elements stay while it is shown: only what differs is set anew. */

import { make, svg } from "./dom";
import type { FleetCamera, Health } from "./fleet";
import { reasonIn } from "./reasons";
import { age, dayStart, span, stamp } from "./time";
import { blindSpans, blindToday, lastNew, onTheDay, shareOf, statesOf, watches } from "./watching";
import { coverage, nameOfState } from "./words";

const LINE = { width: 240, height: 8 };
const PICTURE_MS = 60_000; // a wall of a thousand must not fetch each picture with every look

export class Card {
  readonly element = make("li", "eye");
  private readonly image = make("img");
  private readonly states = make("p", "states");
  private readonly figures = make("dl");
  private readonly line = svg("svg", {
    viewBox: `0 0 ${LINE.width} ${LINE.height}`, preserveAspectRatio: "none", class: "day", "aria-hidden": "true",
  });
  private readonly zones = make("details");

  constructor(private readonly camera: FleetCamera) {
    this.image.loading = "lazy";
    this.image.alt = "";
    this.image.width = 320;
    this.image.height = 180;
    this.image.addEventListener("error", () => this.element.classList.add("dark"));
    this.image.addEventListener("load", () => this.element.classList.remove("dark"));
    const frame = make("div", "view");
    frame.append(make("span", "none", coverage.noPicture), this.image);
    const head = make("h2", "", camera.name);
    head.title = camera.id;
    this.element.append(frame, head, this.states, this.figures, this.line, this.zones);
    this.fillZones();
  }

  show(health: Health, now: number): void {
    const states = statesOf(health);
    this.element.dataset.watches = String(watches(health));
    this.states.replaceChildren(...states.map((state) => make("span", `state ${state}`, nameOfState(state))));
    const reason = [health.reason, ...(health.faults ?? []).map((fault) => fault.reason)].filter(Boolean)[0] ?? "";
    this.states.title = reasonIn(reason);
    this.picture(health, now);
    const [seen, start] = [lastNew(health), dayStart(now)];
    const rate = health.frames_per_minute;
    const known = health.last_frame_at !== null || typeof health.blind_today_s === "number";
    const figures: [string, string, string][] = [
      [coverage.lastNew, seen ? age(seen, now) : "–", seen ? stamp(seen) : ""],
      [coverage.rate, typeof rate === "number" ? coverage.perMinute(rate) : "–", ""],
      [coverage.blindToday, known ? span(blindToday(health, start, now)) : "–", ""],
    ];
    const key = JSON.stringify(figures);
    if (this.figures.dataset.said !== key) {
      this.figures.dataset.said = key;
      this.figures.replaceChildren(...figures.map(([name, value, title]) => figure(name, value, title)));
    }
    this.draw(health, start, now);
  }

  private picture(health: Health, now: number): void {
    if (!health.last_frame_at) return this.element.classList.add("dark");
    const at = Math.floor(Math.min(Date.parse(health.last_frame_at), now) / PICTURE_MS);
    const address = `/v1/cameras/${encodeURIComponent(this.camera.id)}/latest.jpg?width=320&at=${at}`;
    if (this.image.getAttribute("src") !== address) this.image.src = address;
  }

  private draw(health: Health, start: number, now: number): void {
    const passed = ((now - start) / 86_400_000) * LINE.width;
    const blind = blindSpans(health).flatMap((one) => {
      const place = onTheDay(one, start, now);
      if (!place) return [];
      const width = Math.max((place.to - place.from) * LINE.width, 1);
      return [svg("rect", { x: place.from * LINE.width, y: 0, width, height: LINE.height, class: `blind ${one.fault}` })];
    });
    const kind = health.spans ? "passed known" : "passed";
    this.line.replaceChildren(svg("rect", { x: 0, y: 2, width: passed, height: 4, class: kind }), ...blind);
  }

  private fillZones(): void {
    const zones = this.camera.ignore_zones;
    this.zones.hidden = zones.length === 0;
    const list = make("ul");
    for (const zone of zones) {
      list.append(make("li", "", coverage.zone(zone.reason, zone.owner, stamp(zone.until), shareOf(zone.polygon))));
    }
    this.zones.append(make("summary", "", coverage.zones(zones.length)), list);
  }
}

function figure(name: string, value: string, title: string): HTMLElement {
  const pair = make("div");
  const said = make("dd", "", value);
  if (title) said.title = title;
  pair.append(make("dt", "", name), said);
  return pair;
}
