/** One shape and one colour a hazard, never colour alone. The colours stand in the style sheet, by `data-hazard`. */

import { svg } from "./dom";
import type { Hazard } from "./types";

/** In a square of 16 × 16. What is no hazard is a bar. */
export function shape(hazard: Hazard | null): SVGElement {
  if (hazard === "flame") return svg("path", { d: "M8 1 L15.5 14.5 L0.5 14.5 Z" });
  if (hazard === "smoke") return svg("circle", { cx: 8, cy: 8, r: 7 });
  if (hazard === "waste") return svg("rect", { x: 1.5, y: 1.5, width: 13, height: 13 });
  return svg("rect", { x: 2, y: 6.5, width: 12, height: 3 });
}

export function mark(hazard: Hazard): SVGSVGElement {
  const drawing = svg("svg", { viewBox: "0 0 16 16", class: "mark", "data-hazard": hazard, "aria-hidden": "true" });
  drawing.append(shape(hazard));
  return drawing;
}
