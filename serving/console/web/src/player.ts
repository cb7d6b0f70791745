// The sequence of one event: pictures, boxes over them, play and scrub.
import type { EventDetail, EventFrame } from "./api";
import { percent, timeOf, words } from "./words";

const SVG = "http://www.w3.org/2000/svg";
const STEP_MS = 250;

export class Player {
  private frames: EventFrame[] = [];
  private at = 0;
  private timer: number | undefined;

  constructor(
    private readonly picture: HTMLImageElement,
    private readonly boxes: SVGSVGElement,
    private readonly caption: HTMLElement,
    private readonly scrub: HTMLInputElement,
    private readonly number: HTMLOutputElement,
    private readonly button: HTMLButtonElement,
  ) {
    scrub.addEventListener("input", () => this.show(Number(scrub.value)));
    button.addEventListener("click", () => this.toggle());
    // The overlay lies exactly over the picture, whatever room that is given.
    new ResizeObserver(() => this.fit()).observe(picture);
    picture.addEventListener("load", () => this.fit());
  }

  /** Show an event from its first sighting; `keep`: more frames of the event that is shown already. */
  open(event: EventDetail, keep: boolean): void {
    const following = keep && this.at === this.frames.length - 1;
    this.frames = event.frames;
    this.scrub.max = String(Math.max(0, this.frames.length - 1));
    for (const frame of this.frames.slice(-12)) if (frame.picture) new Image().src = frame.picture;
    if (!keep) {
      this.stop();
      this.show(Math.max(0, this.frames.findLastIndex((frame) => frame.sightings.length > 0)));
    } else this.show(following ? this.frames.length - 1 : this.at);
  }

  step(by: number): void {
    this.stop();
    this.show(this.at + by);
  }

  toggle(): void {
    if (this.timer !== undefined) return this.stop();
    if (this.at >= this.frames.length - 1) this.show(0);
    this.button.textContent = "❚❚";
    this.timer = window.setInterval(() => {
      if (this.at >= this.frames.length - 1) this.stop();
      else this.show(this.at + 1);
    }, STEP_MS);
  }

  private stop(): void {
    window.clearInterval(this.timer);
    this.timer = undefined;
    this.button.textContent = "▶";
  }

  private show(index: number): void {
    const frame = this.frames[Math.min(Math.max(index, 0), this.frames.length - 1)];
    if (!frame) return;
    this.at = frame.n;
    this.scrub.value = String(frame.n);
    this.number.value = `${frame.n + 1} / ${this.frames.length}`;
    const seen = frame.sightings.map((one) => `${one.class} ${percent(one.confidence)}`).join(", ");
    this.caption.textContent = frame.picture ? `${timeOf(frame.captured_at)} · ${seen || words.before}` : words.gone;
    this.picture.hidden = !frame.picture;
    if (frame.picture && this.picture.getAttribute("src") !== frame.picture) this.picture.src = frame.picture;
    this.draw(frame);
  }

  private draw(frame: EventFrame): void {
    this.boxes.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
    const line = Math.max(frame.width, frame.height) / 400;
    this.boxes.replaceChildren(
      ...frame.sightings.map((one) => {
        const [x1, y1, x2, y2] = one.box;
        const box = document.createElementNS(SVG, "rect");
        const values = { x: x1 * frame.width, y: y1 * frame.height, width: (x2 - x1) * frame.width, height: (y2 - y1) * frame.height };
        for (const [name, value] of Object.entries(values)) box.setAttribute(name, String(value));
        box.setAttribute("class", one.hazard ?? "other");
        box.setAttribute("stroke-width", String(line));
        if (one.hazard === "smoke") box.setAttribute("stroke-dasharray", `${line * 4} ${line * 2}`);
        return box;
      }),
    );
  }

  private fit(): void {
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = this.picture;
    Object.assign(this.boxes.style, {
      left: `${offsetLeft}px`, top: `${offsetTop}px`, width: `${offsetWidth}px`, height: `${offsetHeight}px`,
    });
  }
}
