/** The sequence of one event: which frame is shown, and how one gets to the others. */

import { Pace } from "./pace";
import type { Stage } from "./stage";
import type { Strip } from "./strip";
import { byId, say } from "./dom";
import { moment } from "./time";
import type { TimeLine } from "./time_line";
import type { Frame } from "./types";
import { words } from "./words";

const AHEAD = 8;
const BEGINNING = 16;

export class Player {
  private frames: Frame[] = [];
  private at = 0;
  private timer: number | undefined;
  private description = "";
  readonly pace = new Pace();
  private readonly button = byId<HTMLButtonElement>("play");
  private readonly note = byId("frame-note");

  constructor(
    private readonly stage: Stage,
    private readonly line: TimeLine,
    private readonly strip: Strip,
  ) {
    this.button.addEventListener("click", () => this.toggle());
    line.onSeek = strip.onSeek = (place) => {
      this.stop();
      this.show(place);
    };
    this.stop();
  }

  /** Show an event's sequence from its surest sighting on. */
  open(frames: Frame[], description: string): void {
    this.stop();
    [this.frames, this.description] = [frames, description];
    this.lay();
    this.show(surest(frames));
    this.stage.prepare(this.frames.slice(0, BEGINNING)); // playing starts there
  }

  /** More frames of the same event; what is shown stays. */
  extend(frames: Frame[]): void {
    const shown = this.frames[this.at]?.id;
    this.frames = frames;
    this.lay();
    this.show(Math.max(frames.findIndex((frame) => frame.id === shown), 0));
  }

  close(): void {
    this.stop();
    this.frames = [];
    this.lay();
    say(this.note, "");
  }

  step(by: number): void {
    this.stop();
    this.show(this.at + by);
  }

  toggle(): void {
    if (this.timer !== undefined) return this.stop();
    if (this.frames.length < 2) return;
    if (this.at >= this.frames.length - 1) this.show(0);
    this.label(words.pause, "pause");
    this.playOn();
  }

  /** The frame that is shown, if any. */
  get frame(): Frame | undefined {
    return this.frames[this.at];
  }

  private playOn(): void {
    const [now, next] = [this.frames[this.at], this.frames[this.at + 1]];
    if (!now || !next) return this.stop();
    const gap = Date.parse(next.captured_at) - Date.parse(now.captured_at);
    this.timer = window.setTimeout(() => {
      this.show(this.at + 1);
      this.playOn();
    }, this.pace.stay(gap));
  }

  stop(): void {
    window.clearTimeout(this.timer);
    this.timer = undefined;
    this.label(words.play, "play");
  }

  private label(word: string, state: string): void {
    this.button.setAttribute("aria-label", word);
    this.button.dataset.state = state;
  }

  private lay(): void {
    this.stage.closeUp.lay(this.frames);
    this.line.lay(this.frames);
    this.strip.lay(this.frames);
  }

  private show(place: number): void {
    this.at = Math.min(Math.max(place, 0), this.frames.length - 1);
    const frame = this.frames[this.at];
    if (!frame) return;
    const best = this.frames[surest(this.frames)] ?? frame;
    const seconds = (Date.parse(frame.captured_at) - Date.parse(best.captured_at)) / 1000;
    const text = words.frame(this.at + 1, this.frames.length, moment(frame.captured_at), seconds);
    say(this.note, text);
    this.line.point(this.at, text);
    this.strip.point(this.at);
    void this.stage.show(frame, this.description);
    this.stage.prepare(this.frames.slice(this.at + 1, this.at + 1 + AHEAD));
  }
}

/** Where the event was seen best; the last frame where none of them shows it. */
function surest(frames: Frame[]): number {
  const sureness = frames.map((frame) => Math.max(0, ...frame.sightings.map((seen) => seen.confidence)));
  const most = Math.max(0, ...sureness);
  return most > 0 ? sureness.indexOf(most) : Math.max(frames.length - 1, 0);
}
