/** A zone over the picture, to be moved and resized with the mouse, a finger or the arrow keys; zones that hold lie below it. */

import { byId, make, svg } from "./dom";
import { fit } from "./fit";
import type { Point } from "./share";
import type { Box } from "./types";
import { zoning } from "./words";
import { type Grip, dragged } from "./zone_shape";

const GRIPS: Grip[] = [[-1, -1], [0, -1], [1, -1], [1, 0], [1, 1], [0, 1], [-1, 1], [-1, 0]];
const STEP = 0.005;
const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP],
};

export class ZoneLayer {
  readonly shape = make("div", "zone-shape");
  private readonly layer = make("div", "zone-layer");
  private readonly held = svg("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
  private readonly picture = byId<HTMLImageElement>("picture");
  private readonly resized = new ResizeObserver(() => this.lay());
  private box: Box = [0, 0, 1, 1];

  constructor(private readonly changed: (box: Box) => void) {
    this.shape.tabIndex = 0;
    this.shape.setAttribute("role", "group");
    this.shape.setAttribute("aria-label", zoning.shape);
    for (const [across, down] of GRIPS) {
      const grip = make("i");
      grip.style.left = `${(across + 1) * 50}%`;
      grip.style.top = `${(down + 1) * 50}%`;
      grip.style.cursor = across && down ? (across === down ? "nwse-resize" : "nesw-resize") : across ? "ew-resize" : "ns-resize";
      grip.addEventListener("pointerdown", (press) => this.drag(press, [across, down]));
      this.shape.append(grip);
    }
    this.shape.addEventListener("pointerdown", (press) => this.drag(press, [0, 0]));
    this.layer.append(this.held, this.shape);
  }

  open(box: Box, held: Point[][]): void {
    this.held.replaceChildren(...held.map((polygon) => svg("polygon", { points: polygon.map((point) => point.join()).join(" ") })));
    (this.picture.parentElement ?? byId("stage")).append(this.layer);
    this.resized.observe(this.picture);
    this.picture.addEventListener("load", this.lay);
    this.show(box);
    this.lay();
  }

  close(): void {
    this.resized.disconnect();
    this.picture.removeEventListener("load", this.lay);
    this.layer.remove();
  }

  show(box: Box): void {
    this.box = box;
    const [x1, y1, x2, y2] = box;
    Object.assign(this.shape.style, {
      left: `${x1 * 100}%`, top: `${y1 * 100}%`, width: `${(x2 - x1) * 100}%`, height: `${(y2 - y1) * 100}%`,
    });
  }

  /** Whether this key moved it; with shift the right and the lower side move alone. */
  onKey({ key, shiftKey }: KeyboardEvent): boolean {
    const by = ARROWS[key];
    if (!by) return false;
    const grip: Grip = shiftKey ? [by[0] ? 1 : 0, by[1] ? 1 : 0] : [0, 0];
    this.changed(dragged(this.box, grip, ...by));
    return true;
  }

  private readonly lay = (): void => {
    const { naturalWidth: width, naturalHeight: height, clientWidth, clientHeight, offsetLeft, offsetTop } = this.picture;
    if (!width || !height) return;
    const on = fit({ width, height }, clientWidth, clientHeight);
    Object.assign(this.layer.style, {
      left: `${offsetLeft + on.x}px`, top: `${offsetTop + on.y}px`, width: `${on.width}px`, height: `${on.height}px`,
    });
  };

  private drag(press: PointerEvent, grip: Grip): void {
    press.preventDefault();
    press.stopPropagation();
    this.shape.focus();
    const [box, { width, height }] = [this.box, this.layer.getBoundingClientRect()];
    const move = ({ clientX, clientY }: PointerEvent) =>
      this.changed(dragged(box, grip, (clientX - press.clientX) / width, (clientY - press.clientY) / height));
    const over = new AbortController();
    document.addEventListener("pointermove", move, { signal: over.signal });
    for (const end of ["pointerup", "pointercancel"]) {
      document.addEventListener(end, () => over.abort(), { signal: over.signal });
    }
  }
}
