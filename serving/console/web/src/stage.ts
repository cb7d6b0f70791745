/** The picture, as large as it fits, beside its close-up. The picture before stays until the next can be shown. */

import { CloseUp } from "./closeup";
import { byId, say } from "./dom";
import { fit } from "./fit";
import { type Mark, marksOf } from "./marked";
import { Pane } from "./pane";
import type { Box, Frame } from "./types";
import { words } from "./words";

const KEPT = 40; // decoded ahead
const VIEWS = ["both", "whole", "close"] as const;

export type View = (typeof VIEWS)[number];

export class Stage {
  /** What is drawn over a frame. */
  marks: (frame: Frame) => Mark[] = (frame) => marksOf(frame, undefined);
  onDraw: () => void = () => undefined;
  readonly closeUp = new CloseUp();
  readonly whole: Pane;
  readonly close: Pane;
  shown: Frame | null = null;
  private frame: Frame | null = null;
  private image: HTMLImageElement | null = null;
  private focus: Box | undefined;
  private boxesOn = true;
  private readonly ready = new Map<string, Promise<HTMLImageElement>>();
  private readonly area = byId("stage");
  private readonly picture = byId<HTMLImageElement>("picture");
  private readonly crop = byId<HTMLCanvasElement>("crop");
  private readonly note = byId("stage-note");

  constructor() {
    this.whole = new Pane(byId("whole"), byId("boxes"));
    this.close = new Pane(byId("close-up"), byId("crop-boxes"));
    const sizes = new ResizeObserver(() => this.draw());
    for (const pane of [this.whole, this.close]) sizes.observe(pane.area);
  }

  get view(): View {
    return VIEWS.find((one) => one === this.area.dataset.view) ?? "both";
  }

  /** Both, the whole picture alone, the close-up alone. */
  nextView(): View {
    const next = VIEWS[(VIEWS.indexOf(this.view) + 1) % VIEWS.length] as View;
    this.area.dataset.view = next;
    this.draw();
    return next;
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
      if (this.shown?.id !== frame.id) this.focus = undefined;
      [this.shown, this.image] = [frame, image];
      say(this.note, "");
      this.draw();
    } catch {
      if (this.frame === frame) this.blank(words.pictureFailed);
    }
  }

  blank(note: string): void {
    this.shown = this.image = null;
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

  /** The close-up shows this box until another frame is shown. */
  look(at: Box | undefined): void {
    this.focus = at;
    this.draw();
  }

  draw(): void {
    const { shown, whole, close } = this;
    const marks = shown && this.boxesOn ? this.marks(shown) : [];
    whole.draw(shown?.width ? fit(shown, whole.width, whole.height) : null, marks);
    close.draw(shown?.width ? this.closeUp.on(shown, close.width, close.height, this.focus) : null, marks);
    this.paintCrop();
    if (this.boxesOn) this.outlineCrop();
    this.onDraw();
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

  /** Out of the very same pixels as the whole picture, one for each of the screen's. */
  private paintCrop(): void {
    const { on, width, height } = this.close;
    const [sharp, pen] = [window.devicePixelRatio, this.crop.getContext("2d")];
    [this.crop.width, this.crop.height] = [Math.round(width * sharp), Math.round(height * sharp)];
    if (!on || !pen || !this.image) return;
    pen.imageSmoothingQuality = "high";
    pen.drawImage(this.image, on.x * sharp, on.y * sharp, on.width * sharp, on.height * sharp);
  }

  private outlineCrop(): void {
    const [on, part, { width, height }] = [this.whole.on, this.close.on, this.close];
    if (!on || !part || part.width <= width) return;
    const scale = on.width / part.width;
    const [x, y] = [on.x - Math.min(part.x, 0) * scale, on.y - Math.min(part.y, 0) * scale];
    this.whole.outline({ x, y, width: width * scale, height: Math.min(height, part.height) * scale });
  }
}
