/** Some frames of the sequence side by side, evenly chosen: a few small pictures, however long the event is. */

import { byId, make } from "./dom";
import { moment } from "./time";
import type { Frame } from "./types";

const SHOWN = 8;

export class Strip {
  onSeek: (place: number) => void = () => undefined;
  private places: number[] = [];
  private shown = "";
  private readonly list = byId("strip");

  lay(frames: Frame[]): void {
    this.places = evenly(frames.length, SHOWN);
    const wanted = this.places.map((place) => frames[place]?.id).join();
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.list.replaceChildren(...this.places.map((place) => this.item(frames[place] as Frame, place)));
  }

  /** Mark the nearest one at or before `place`. */
  point(place: number): void {
    const at = this.places.findLastIndex((shown) => shown <= place);
    [...this.list.children].forEach((item, index) => item.classList.toggle("here", index === at));
  }

  private item(frame: Frame, place: number): HTMLLIElement {
    const item = make("li", frame.sightings.length ? "seen" : "");
    if (frame.picture) {
      const image = make("img");
      image.alt = "";
      image.src = `${frame.picture}?id=${encodeURIComponent(frame.id)}`;
      item.append(image);
    }
    item.append(make("span", "", moment(frame.captured_at)));
    item.addEventListener("click", () => this.onSeek(place));
    return item;
  }
}

/** At most `most` of `count` places, the first and the last among them. */
function evenly(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, place) => place);
  return Array.from({ length: most }, (_, step) => Math.round((step * (count - 1)) / (most - 1)));
}
