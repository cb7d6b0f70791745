/** The picture, as large as it fits, and its boxes. The picture before stays until the next can be shown. */

import { say } from "./dom";
import { drawBoxes } from "./overlay";
import { type Frame } from "./types";
import { words } from "./words";

const KEPT = 40; // decoded ahead

export class Stage {
  private frame: Frame | null = null;
  private shown: Frame | null = null;
  private boxesOn = true;
  private readonly ready = new Map<string, Promise<HTMLImageElement>>();

  constructor(
    private readonly area: HTMLElement,
    private readonly picture: HTMLImageElement,
    private readonly boxes: SVGSVGElement,
    private readonly note: HTMLElement,
  ) {
    new ResizeObserver(() => this.draw()).observe(area);
  }

  async show(frame: Frame, description: string): Promise<void> {
    this.frame = frame;
    if (!frame.picture) return this.blank(words.pictureGone);
    try {
      const image = await this.load(frame);
      if (this.frame !== frame) return; // another was asked for meanwhile
      this.picture.src = image.src;
      this.picture.alt = description;
      this.picture.hidden = false;
      this.shown = frame;
      say(this.note, "");
      this.draw();
    } catch {
      if (this.frame === frame) this.blank(words.pictureFailed);
    }
  }

  blank(note: string): void {
    this.shown = null;
    this.picture.hidden = true;
    this.picture.removeAttribute("src");
    say(this.note, note);
    this.draw();
  }

  empty(note: string): void {
    this.frame = null;
    this.blank(note);
  }

  /** Fetch and decode what is likely to be looked at next. */
  prepare(frames: Frame[]): void {
    for (const frame of frames) if (frame.picture) this.load(frame).catch(() => undefined);
  }

  toggleBoxes(): void {
    this.boxesOn = !this.boxesOn;
    this.draw();
  }

  private load(frame: Frame): Promise<HTMLImageElement> {
    const known = this.ready.get(frame.id);
    if (known) return known;
    const image = new Image();
    // A late frame moves the numbers of those after it: the id keeps the browser from showing the wrong one.
    image.src = `${frame.picture}?id=${encodeURIComponent(frame.id)}`;
    const loading = image.decode().then(() => image);
    loading.catch(() => this.ready.delete(frame.id));
    this.ready.set(frame.id, loading);
    for (const id of [...this.ready.keys()].slice(0, -KEPT)) this.ready.delete(id);
    return loading;
  }

  private draw(): void {
    const { clientWidth, clientHeight } = this.area;
    this.boxes.setAttribute("viewBox", `0 0 ${Math.max(clientWidth, 1)} ${Math.max(clientHeight, 1)}`);
    drawBoxes(this.boxes, this.boxesOn ? this.shown : null, clientWidth, clientHeight);
  }
}
