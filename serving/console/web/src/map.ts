/** The map: where the cameras stand and look, what is open and in which direction, the city's own layers. */

import type { FeatureCollection, GeoJSON, Point } from "geojson";
import { api, call } from "./api";
import { byId, make, say } from "./dom";
import { fleet } from "./fleet";
import { MapSearch } from "./map_search";
import { MapView } from "./map_view";
import { mark } from "./marks";
import { complain } from "./notices";
import { type MapCamera, type MapEvent, bearings, cones, placeEvents, points, readCameras } from "./scene";
import { age } from "./time";
import { watches } from "./watching";
import { HAZARDS, map as words } from "./words";

const LOOK_MS = 10_000;

interface Layers {
  items: { name: string; href: string }[];
  basemap: boolean;
}

let view: MapView | null = null;
let chosen = "";
let cameras: MapCamera[] = [];
let events: MapEvent[] = [];

function listCameras(): void {
  say(byId("camera-count"), String(cameras.length));
  byId("cameras").replaceChildren(
    ...cameras.map((camera) => {
      const [item, button] = [make("li"), make("button", "quiet", camera.name)];
      button.type = "button";
      button.disabled = camera.place === null;
      if (camera.place === null) button.append(make("span", "hint", words.unplaced));
      button.addEventListener("click", () => choose(camera.id));
      button.dataset.camera = camera.id;
      item.append(button);
      return item;
    }),
  );
}

/** Go there, and say in the list which one it is. */
function choose(id: string): void {
  const place = cameras.find((camera) => camera.id === id)?.place;
  if (!place) return;
  chosen = id;
  for (const button of byId("cameras").querySelectorAll<HTMLElement>("[data-camera]")) {
    if (button.dataset.camera === chosen) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  byId("cameras").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  byId("map").scrollIntoView({ block: "nearest" }); // on a phone the list lies below it
  view?.go(place);
}

function link(event: MapEvent, label: boolean): HTMLAnchorElement {
  const element = make("a", label ? "open-event" : "pin");
  element.href = `/events/${encodeURIComponent(event.id)}`;
  element.dataset.hazard = event.hazard;
  element.append(mark(event.hazard));
  const said = words.event(HAZARDS[event.hazard], event.camera.name, age(event.since));
  element.append(make("span", label ? "" : "unseen", said));
  if (label && event.bearing !== null) element.append(make("span", "hint", words.bearing(event.bearing)));
  return element;
}

function showEvents(): void {
  say(byId("open-count"), String(events.length));
  const items = events.map((event) => {
    const item = make("li");
    item.append(link(event, true));
    return item;
  });
  byId("open").replaceChildren(...(items.length ? items : [make("li", "hint", words.none)]));
  view?.set("bearings", bearings(events));
  view?.mark(events.map((event) => ({ element: link(event, false), place: event.place })));
}

async function look(): Promise<void> {
  try {
    const [waiting, health] = await Promise.all([api.waiting(), fleet.health()]);
    view?.set("cameras", points(cameras, new Map(health.map((one) => [one.camera, watches(one)]))));
    const known = new Map(cameras.map((camera) => [camera.id, camera]));
    const now = placeEvents(waiting.items, known);
    const changed = now.map((event) => event.id).join() !== events.map((event) => event.id).join();
    events = now;
    if (changed || !byId("open").children.length) showEvents(); // else a link would lose its focus
  } catch (error) {
    complain(error);
  }
  setTimeout(() => void look(), LOOK_MS);
}

async function offer(layer: { name: string; href: string }): Promise<void> {
  const [item, label, box] = [make("li"), make("label"), make("input")];
  Object.assign(box, { type: "checkbox", checked: true });
  box.addEventListener("change", () => view?.toggleLayer(layer.name, box.checked));
  label.append(box, ` ${layer.name}`);
  item.append(label);
  byId("layers").append(item);
  view?.addLayer(layer.name, await call<GeoJSON>(layer.href));
}

function switches(): void {
  const [cone, gcj] = [byId<HTMLInputElement>("cones"), byId<HTMLInputElement>("gcj")];
  cone.addEventListener("change", () => view?.toggle(["cones", "cone-edges"], cone.checked));
  gcj.addEventListener("change", () => {
    if (!view) return;
    view.datum = gcj.checked ? "GCJ-02" : "WGS84";
    view.redraw();
    showEvents();
  });
  view?.onPointer(([lon, lat]) => say(byId("pointer"), words.pointer(lon.toFixed(5), lat.toFixed(5), view?.datum ?? "")));
  view?.onCamera((id) => byId("cameras").querySelector<HTMLElement>(`[data-camera="${CSS.escape(id)}"]`)?.focus());
}

async function start(): Promise<void> {
  const [layers, found] = await Promise.all([
    call<Layers>("/v1/layers"),
    call<FeatureCollection<Point | null, { id: string; name: string }>>("/v1/cameras.geojson"),
  ]);
  cameras = readCameras(found);
  listCameras();
  new MapSearch(choose).of(cameras);
  try {
    view = await MapView.open(byId("map"), layers.basemap);
  } catch {
    byId("map").replaceChildren(make("p", "hint", words.unavailable));
  }
  view?.set("cones", cones(cameras));
  view?.name(cameras.flatMap(({ name, place }) => (place ? [{ name, place }] : [])));
  view?.fit(cameras.flatMap((camera) => (camera.place ? [camera.place] : [])));
  switches();
  await look();
  document.body.dataset.drawn = view ? "yes" : "no";
  for (const layer of layers.items) await offer(layer).catch(complain);
}

void start().catch(complain);
