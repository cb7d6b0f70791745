/** One bar a frame, as high as the sighting is sure: how it grew can be seen before it is played. */

import { byId, svg } from "./dom";
import type { Frame } from "./types";

const HEIGHT = 100;
const WIDEST_REM = 1.8; // a bar
const LEAST = 8; // a frame without a sighting still has its place

export class TimeLine {
  onSeek: (place: number) => void = () => undefined;
  private count = 0;
  private bars: SVGElement[] = [];
  private readonly element = byId("time-line");
  private readonly drawing = svg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });

  constructor() {
    this.element.append(this.drawing);
    this.element.addEventListener("pointerdown", (press) => {
      this.element.setPointerCapture(press.pointerId);
      this.seek(press);
    });
    this.element.addEventListener("pointermove", (move) => {
      if (move.buttons === 1) this.seek(move);
    });
  }

  lay(frames: Frame[]): void {
    this.count = frames.length;
    this.drawing.setAttribute("viewBox", `0 0 ${Math.max(frames.length, 1)} ${HEIGHT}`);
    this.bars = frames.map((frame, place) => {
      const sure = Math.max(0, ...frame.sightings.map((seen) => seen.confidence));
      const height = Math.max(LEAST, sure * HEIGHT);
      const bar = svg("rect", { x: place + 0.1, y: HEIGHT - height, width: 0.8, height });
      bar.dataset.hazard = frame.sightings[0]?.hazard ?? "none";
      return bar;
    });
    this.drawing.replaceChildren(...this.bars);
    this.drawing.style.maxWidth = `${frames.length * WIDEST_REM}rem`;
    this.element.setAttribute("aria-valuemax", String(Math.max(frames.length, 1)));
  }

  point(place: number, text: string): void {
    this.bars.forEach((bar, at) => bar.classList.toggle("here", at === place));
    this.element.setAttribute("aria-valuenow", String(place + 1));
    this.element.setAttribute("aria-valuetext", text);
  }

  private seek(pointer: PointerEvent): void {
    const { left, width } = this.drawing.getBoundingClientRect();
    const place = Math.floor(((pointer.clientX - left) / width) * this.count);
    if (this.count) this.onSeek(Math.min(Math.max(place, 0), this.count - 1));
  }
}
