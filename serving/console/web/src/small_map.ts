/** Where the camera stands, where it looks, and in which direction the event lies. A drawing, north up: it needs no tiles. */

import { make, svg } from "./dom";
import { about } from "./event_words";
import { type FleetCamera, fleet } from "./fleet";
import { type Place, bearingOf, cone, destination } from "./globe";
import type { RaisedEvent } from "./types";
import { map } from "./words";

const SIZE = { width: 200, height: 140, scale: 1 / 32 }; // px, and px a metre
const VIEW_M = 2_000;
const RINGS_M = [1_000, 2_000];

let known: Promise<FleetCamera[]> | undefined;

export async function showWhere(into: HTMLElement, event: RaisedEvent, still: () => boolean): Promise<void> {
  into.replaceChildren();
  known ??= fleet.cameras();
  const cameras = await known.catch(() => ((known = undefined), []));
  const camera = cameras.find((one) => one.id === event.camera);
  if (!still() || !camera) return;
  const { position } = camera;
  if (!position) return into.replaceChildren(make("p", "hint", map.unplaced));
  const centre: Place = [position.lon, position.lat];
  const near = cameras.filter((one) => one !== camera && one.position);
  into.replaceChildren(draw(camera, centre, near, event), note(camera, event));
}

function draw(camera: FleetCamera, centre: Place, near: FleetCamera[], event: RaisedEvent): SVGSVGElement {
  const on = (place: Place) => at(place, centre);
  const drawing = svg("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: "img", "aria-label": about.where(camera.name) });
  const [x, y] = on(centre);
  drawing.append(...RINGS_M.map((metres) => svg("circle", { cx: x, cy: y, r: metres * SIZE.scale, class: "ring" })));
  for (const other of near) {
    const [otherX, otherY] = on([other.position?.lon ?? 0, other.position?.lat ?? 0]);
    if (otherX < 0 || otherY < 0 || otherX > SIZE.width || otherY > SIZE.height) continue;
    const dot = svg("circle", { cx: otherX, cy: otherY, r: 2.5, class: "other" });
    const title = svg("title", {});
    title.textContent = other.name;
    dot.append(title);
    drawing.append(dot);
  }
  if (aims(camera)) {
    const shape = cone(centre, camera.azimuth_deg as number, camera.fov_deg as number, VIEW_M).map((place) => on(place).join(" "));
    drawing.append(svg("polygon", { points: shape.join(" "), class: "cone" }));
    const [toX, toY] = on(destination(centre, bearing(camera, event), VIEW_M));
    drawing.append(svg("line", { x1: x, y1: y, x2: toX, y2: toY, class: "bearing", "data-hazard": event.hazard }));
  }
  drawing.append(svg("circle", { cx: x, cy: y, r: 4, class: "here" }), north());
  return drawing;
}

function note(camera: FleetCamera, event: RaisedEvent): HTMLElement {
  const { lon, lat } = camera.position ?? { lon: 0, lat: 0 };
  const place = `${lat.toFixed(4)}, ${lon.toFixed(4)}`;
  return make("p", "hint", aims(camera) ? `${place} · ${map.bearing(bearing(camera, event))}` : place);
}

function north(): SVGElement {
  const sign = svg("text", { x: SIZE.width - 8, y: 14, class: "north", "text-anchor": "end" });
  sign.textContent = about.north;
  return sign;
}

/** Only a fixed camera whose direction is known tells where something lies. */
function aims(camera: FleetCamera): boolean {
  return camera.mount === "fixed" && camera.azimuth_deg !== null && camera.fov_deg !== null;
}

function bearing(camera: FleetCamera, { best: { box } }: RaisedEvent): number {
  return bearingOf((box[0] + box[2]) / 2, camera.azimuth_deg ?? 0, camera.fov_deg ?? 0);
}

/** Flat: a few kilometres around the camera, which stands in the middle. */
function at([lon, lat]: Place, [lon0, lat0]: Place): [number, number] {
  const east = (lon - lon0) * 111_320 * Math.cos((lat0 * Math.PI) / 180);
  const up = (lat - lat0) * 110_574;
  return [SIZE.width / 2 + east * SIZE.scale, SIZE.height / 2 - up * SIZE.scale];
}
