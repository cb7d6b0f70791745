/** One drawing of the shown frame: all of it, or the part around its boxes. Knows where the picture lies in its area. */

import { svg } from "./dom";
import { drawBoxes } from "./overlay";
import type { Area } from "./fit";
import type { Mark } from "./marked";

export class Pane {
  /** Where the whole picture lies, in CSS pixels of the area; it may reach beyond it. null: nothing is shown. */
  on: Area | null = null;

  constructor(
    readonly area: HTMLElement,
    private readonly drawing: SVGSVGElement,
  ) {}

  get width(): number {
    return this.area.clientWidth;
  }

  get height(): number {
    return this.area.clientHeight;
  }

  draw(on: Area | null, marks: Mark[]): void {
    this.on = this.width && this.height ? on : null;
    this.drawing.setAttribute("viewBox", `0 0 ${Math.max(this.width, 1)} ${Math.max(this.height, 1)}`);
    drawBoxes(this.drawing, this.on ? marks : [], this.on, this.width, this.height);
  }

  /** Draw one outline more, of what another pane shows. */
  outline({ x, y, width, height }: Area): void {
    this.drawing.prepend(svg("rect", { x, y, width, height, class: "part" }));
  }
}
