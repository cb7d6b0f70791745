/** Boxes over the picture: solid for what belongs to the event, dashed for what else was seen, dotted where a person set it. */

import { svg } from "./dom";
import { type Area, place } from "./fit";
import type { Mark } from "./marked";
import { shape } from "./marks";

const AROUND = 4; // px; a box that hugs a thin plume hides it
const LABEL = { height: 1.5, padding: 0.4, mark: 0.95, base: 1.08 }; // rem: legible on a wall too

/** `on`: where the whole picture lies in the area of that width and height. */
export function drawBoxes(drawing: SVGSVGElement, marks: Mark[], on: Area | null, width: number, height: number): void {
  drawing.replaceChildren();
  if (!on) return;
  const visible = shared(on, { x: 0, y: 0, width, height });
  for (const mark of marks) draw(drawing, mark, on, visible);
}

function draw(drawing: SVGSVGElement, mark: Mark, on: Area, visible: Area): void {
  const at = place(mark.box, on);
  const outline = { x: at.x - AROUND, y: at.y - AROUND, width: at.width + 2 * AROUND, height: at.height + 2 * AROUND, rx: 2 };
  const seen = shared(outline, visible);
  if (seen.width <= 0 || seen.height <= 0) return;
  const group = svg("g", { class: `box ${mark.kind}`, "data-hazard": mark.hazard ?? "none" });
  group.append(svg("rect", { ...outline, class: "halo" }), svg("rect", { ...outline, class: "line" }));
  drawing.append(group);
  label(group, mark, outline, visible);
}

/** Above the box, or below where there is no room; never outside of what is visible. */
function label(group: SVGGElement, { hazard, text: said }: Mark, box: Area, visible: Area): void {
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const [height, padding, mark] = [LABEL.height * rem, LABEL.padding * rem, LABEL.mark * rem];
  const text = svg("text", {});
  text.textContent = said;
  group.append(text);
  const width = text.getComputedTextLength() + mark + 3 * padding;
  const above = box.y - height - 1;
  const y = above >= visible.y ? above : Math.min(box.y + box.height + 1, visible.y + visible.height - height);
  const x = Math.max(visible.x, Math.min(box.x, visible.x + visible.width - width));
  text.setAttribute("x", String(x + mark + 2 * padding));
  text.setAttribute("y", String(y + LABEL.base * rem));
  const sign = svg("g", { class: "sign", transform: `translate(${x + padding} ${y + (height - mark) / 2}) scale(${mark / 16})` });
  sign.append(shape(hazard));
  group.insertBefore(svg("rect", { x, y, width, height, rx: 2, class: "plate" }), text);
  group.append(sign);
}

function shared(one: Area, other: Area): Area {
  const [x, y] = [Math.max(one.x, other.x), Math.max(one.y, other.y)];
  const right = Math.min(one.x + one.width, other.x + other.width);
  const bottom = Math.min(one.y + one.height, other.y + other.height);
  return { x, y, width: right - x, height: bottom - y };
}
