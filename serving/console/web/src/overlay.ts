/** Boxes over the picture: solid for what belongs to the event, dashed for what else was seen. */

import { svg } from "./dom";
import { type Area, fit, place } from "./fit";
import { shape } from "./marks";
import type { Detection, Frame } from "./types";
import { words } from "./words";

const AROUND = 4; // px; a box that hugs a thin plume hides it
const LABEL = { height: 1.5, padding: 0.4, mark: 0.95, base: 1.08 }; // rem: legible on a wall too

export function drawBoxes(drawing: SVGSVGElement, frame: Frame | null, width: number, height: number): void {
  drawing.replaceChildren();
  if (!frame?.width || !width) return;
  const on = fit(frame, width, height);
  const own = new Set(frame.sightings.map(key));
  for (const detection of frame.detections.filter((found) => !own.has(key(found)))) draw(drawing, detection, on, "other");
  for (const detection of frame.sightings) draw(drawing, detection, on, "own");
}

function draw(drawing: SVGSVGElement, detection: Detection, on: Area, kind: "own" | "other"): void {
  const at = place(detection.box, on);
  const group = svg("g", { class: `box ${kind}`, "data-hazard": detection.hazard ?? "none" });
  const outline = { x: at.x - AROUND, y: at.y - AROUND, width: at.width + 2 * AROUND, height: at.height + 2 * AROUND, rx: 2 };
  group.append(svg("rect", { ...outline, class: "halo" }), svg("rect", { ...outline, class: "line" }));
  drawing.append(group);
  label(group, detection, outline, on);
}

/** Above the box, or below where there is no room; never outside the picture. */
function label(group: SVGGElement, detection: Detection, box: Area, on: Area): void {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const [height, padding, mark] = [LABEL.height * rem, LABEL.padding * rem, LABEL.mark * rem];
  const text = svg("text", {});
  text.textContent = words.seen(detection.class, detection.confidence);
  group.append(text);
  const width = text.getComputedTextLength() + mark + 3 * padding;
  const above = box.y - height - 1;
  const y = above >= on.y ? above : Math.min(box.y + box.height + 1, on.y + on.height - height);
  const x = Math.max(on.x, Math.min(box.x, on.x + on.width - width));
  text.setAttribute("x", String(x + mark + 2 * padding));
  text.setAttribute("y", String(y + LABEL.base * rem));
  const sign = svg("g", { class: "sign", transform: `translate(${x + padding} ${y + (height - mark) / 2}) scale(${mark / 16})` });
  sign.append(shape(detection.hazard));
  group.insertBefore(svg("rect", { x, y, width, height, rx: 2, class: "plate" }), text);
  group.append(sign);
}

function key(detection: Detection): string {
  return `${detection.class} ${detection.box.join(" ")}`;
}
