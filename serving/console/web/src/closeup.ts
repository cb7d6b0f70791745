/** Which part of each frame the close-up shows. It follows the box; its scale holds through the event, so that growth shows. */

import type { Area } from "./fit";
import type { Box, Frame } from "./types";

const ROOM = { usual: 2.4, least: 1.35 }; // times the box: the event's usual one, and the one shown
const LEAST_PX = 96; // of the picture: below that there is nothing more to see
const WITHOUT: Box = [0.25, 0.25, 0.75, 0.75];

export class CloseUp {
  private readonly boxes = new Map<string, Box>();
  private usual = { width: 0, height: 0 };

  /** A frame that shows nothing of the event keeps the place of the nearest one before it that does, else behind it. */
  lay(frames: Frame[]): void {
    this.boxes.clear();
    const seen = frames.map((frame) => around(frame.sightings.map((sighting) => sighting.box)));
    let last = seen.find((box) => box !== null) ?? WITHOUT;
    frames.forEach((frame, place) => this.boxes.set(frame.id, (last = seen[place] ?? last)));
    const known = seen.filter((box) => box !== null);
    this.usual = { width: median(known.map(([x1, , x2]) => x2 - x1)), height: median(known.map(([, y1, , y2]) => y2 - y1)) };
  }

  /** What the close-up of this frame is about, in shares of the picture. */
  middle(frame: Frame): [number, number] {
    const [x1, y1, x2, y2] = this.boxes.get(frame.id) ?? WITHOUT;
    return [(x1 + x2) / 2, (y1 + y2) / 2];
  }

  /** Where the whole picture lies when its part fills width × height CSS pixels. `box`: show this one instead. */
  on(frame: Frame, width: number, height: number, box: Box = this.boxes.get(frame.id) ?? WITHOUT): Area {
    const [x1, y1, x2, y2] = box;
    const wide = frame.width * Math.max(this.usual.width * ROOM.usual, (x2 - x1) * ROOM.least);
    const high = frame.height * Math.max(this.usual.height * ROOM.usual, (y2 - y1) * ROOM.least);
    const whole = Math.min(width / frame.width, height / frame.height);
    const close = Math.min(width / Math.max(wide, LEAST_PX), height / Math.max(high, LEAST_PX));
    const scale = Math.max(whole, close);
    const [shownWidth, shownHeight] = [frame.width * scale, frame.height * scale];
    return {
      x: offset((x1 + x2) / 2, shownWidth, width), y: offset((y1 + y2) / 2, shownHeight, height),
      width: shownWidth, height: shownHeight,
    };
  }
}

/** The middle of the box in the middle of the area, without leaving the picture. */
function offset(centre: number, shown: number, room: number): number {
  if (shown <= room) return (room - shown) / 2;
  return Math.min(0, Math.max(room - shown, room / 2 - centre * shown));
}

function around(boxes: Box[]): Box | null {
  if (!boxes.length) return null;
  const side = (pick: (...values: number[]) => number, at: 0 | 1 | 2 | 3) => pick(...boxes.map((box) => box[at]));
  return [side(Math.min, 0), side(Math.min, 1), side(Math.max, 2), side(Math.max, 3)];
}

function median(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
