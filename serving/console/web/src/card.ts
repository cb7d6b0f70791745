/** One camera on the wall. The same elements stay while it is shown: only what differs is set anew. */

import { make, say, svg } from "./dom";
import { type FleetCamera, type Health, fleet } from "./fleet";
import { complain } from "./notices";
import { reasonIn } from "./reasons";
import { age, dayStart, span, stamp } from "./time";
import { onTheDay, statesOf, watches } from "./watching";
import { coverage, nameOfState } from "./words";
import { type Act, fill } from "./zone_board";
import type { Zone } from "./zones";

const LINE = { width: 240, height: 8 };
/** Faults that a new view explains. */
const BY_VIEW = new Set(["turned", "blurred", "covered"]);
const PICTURE_MS = 60_000; // a wall of a thousand must not fetch each picture with every look

export class Card {
  readonly element = make("li", "eye");
  private readonly image = make("img");
  private readonly states = make("p", "states");
  private readonly figures = make("dl");
  private readonly unjudged = make("p", "unjudged");
  private readonly line = svg("svg", {
    viewBox: `0 0 ${LINE.width} ${LINE.height}`, preserveAspectRatio: "none", class: "day", "aria-hidden": "true",
  });
  private readonly accept = make("button", "accept", coverage.rightView);
  private readonly zones = make("details");
  private readonly zonesSay = make("summary");
  private readonly zoneList = make("ul");

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
    this.accept.type = "button";
    this.accept.title = coverage.rightViewSays;
    this.accept.addEventListener("click", () => void this.acceptView());
    this.unjudged.title = coverage.unjudgedSays;
    this.element.append(frame, head, this.states, this.accept, this.unjudged, this.figures, this.line, this.zones);
    this.zones.append(this.zonesSay, this.zoneList);
    this.zones.hidden = true;
  }

  show(health: Health, now: number): void {
    const states = statesOf(health);
    this.element.dataset.watches = String(watches(health));
    this.states.replaceChildren(...states.map((state) => make("span", `state ${state}`, nameOfState(state))));
    this.states.title = reasonIn(health.reason);
    this.accept.hidden = document.body.dataset.mayReview !== "yes" || !states.some((state) => BY_VIEW.has(state));
    this.unjudged.hidden = health.unjudged.length === 0;
    say(this.unjudged, coverage.unjudged(health.unjudged.map(nameOfState)));
    this.picture(health, now);
    const [seen, start, known] = [health.last_new_at, dayStart(now), health.last_frame_at !== null];
    const figures: [string, string, string][] = [
      [coverage.lastNew, seen ? age(seen, now) : "–", seen ? stamp(seen) : ""],
      [coverage.rate, known ? coverage.perMinute(health.frames_per_minute) : "–", ""],
      [coverage.blindToday, known ? span(health.blind_today_s) : "–", ""],
    ];
    const key = JSON.stringify(figures);
    if (this.figures.dataset.said !== key) {
      this.figures.dataset.said = key;
      this.figures.replaceChildren(...figures.map(([name, value, title]) => figure(name, value, title)));
    }
    this.draw(health, start, now);
  }

  private async acceptView(): Promise<void> {
    try {
      await fleet.acceptView(this.camera.id);
      this.accept.hidden = true;
    } catch (error) {
      complain(error);
    }
  }

  private picture(health: Health, now: number): void {
    if (!health.last_frame_at) return this.element.classList.add("dark");
    const at = Math.floor(Math.min(Date.parse(health.last_frame_at), now) / PICTURE_MS);
    const address = `/v1/cameras/${encodeURIComponent(this.camera.id)}/latest.jpg?width=320&at=${at}`;
    if (this.image.getAttribute("src") !== address) this.image.src = address;
  }

  private draw(health: Health, start: number, now: number): void {
    const passed = ((now - start) / 86_400_000) * LINE.width;
    const blind = health.spans.filter((one) => one.blinds).flatMap((one) => {
      const place = onTheDay(one, start, now);
      if (!place) return [];
      const width = Math.max((place.to - place.from) * LINE.width, 1);
      return [svg("rect", { x: place.from * LINE.width, y: 0, width, height: LINE.height, class: `blind ${one.fault}` })];
    });
    this.line.replaceChildren(svg("rect", { x: 0, y: 2, width: passed, height: 4, class: health.frames ? "passed known" : "passed" }), ...blind);
  }

  /** `zones`: those of this camera. */
  showZones(zones: Zone[], act: Act): void {
    this.zones.hidden = zones.length === 0;
    const holding = zones.filter((zone) => zone.state !== "expired").length;
    say(this.zonesSay, holding ? coverage.zonesTake(zones.length, zones[0]?.camera_share ?? 0) : coverage.zones(zones.length));
    fill(this.zoneList, zones, false, act);
  }
}

function figure(name: string, value: string, title: string): HTMLElement {
  const pair = make("div");
  const said = make("dd", "", value);
  if (title) said.title = title;
  pair.append(make("dt", "", name), said);
  return pair;
}
