/** How fast a sequence plays: times its own pace. */

import { byId, say } from "./dom";
import { looking } from "./event_words";

const PACES = [0.5, 1, 2, 4];
const LONGEST_MS = 2_000; // a longer gap between two frames is not waited for
const SHORTEST_MS = 40;

export class Pace {
  private at = PACES.length - 1;
  private readonly button = byId<HTMLButtonElement>("pace");

  constructor() {
    this.button.addEventListener("click", () => this.change(1, true));
    this.say();
  }

  /** `round`: behind the last comes the first. */
  change(step: 1 | -1, round = false): void {
    const next = this.at + step;
    this.at = round ? next % PACES.length : Math.min(Math.max(next, 0), PACES.length - 1);
    this.say();
  }

  /** How long a frame stays, given the next one's distance in time. */
  stay(gapMs: number): number {
    return Math.max(Math.min(gapMs, LONGEST_MS) / (PACES[this.at] as number), SHORTEST_MS);
  }

  private say(): void {
    const pace = String(PACES[this.at]);
    say(this.button, looking.times(pace));
    this.button.setAttribute("aria-label", looking.pace(pace));
  }
}
