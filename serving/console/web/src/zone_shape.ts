/** The rectangle of a zone that is being drawn: it stays within the picture and never gets too small to grasp. */

import type { Point } from "./share";
import type { Box } from "./types";

const LEAST = 0.02;
const AROUND = 0.25; // of the box's size, on each side: what is always there moves a little

/** The side or corner that moves: −1 left or top, 1 right or bottom, 0 neither; [0, 0] moves it whole. */
export type Grip = [-1 | 0 | 1, -1 | 0 | 1];

export function grown([x1, y1, x2, y2]: Box): Box {
  const [dx, dy] = [Math.max((x2 - x1) * AROUND, 0.01), Math.max((y2 - y1) * AROUND, 0.01)];
  return [x1 - dx, y1 - dy, x2 + dx, y2 + dy].map((value) => tidy(clamp(value, 0, 1))) as Box;
}

export function dragged([x1, y1, x2, y2]: Box, [across, down]: Grip, dx: number, dy: number): Box {
  if (!across && !down) {
    const [mx, my] = [clamp(dx, -x1, 1 - x2), clamp(dy, -y1, 1 - y2)];
    return [x1 + mx, y1 + my, x2 + mx, y2 + my].map(tidy) as Box;
  }
  return [
    across < 0 ? clamp(x1 + dx, 0, x2 - LEAST) : x1,
    down < 0 ? clamp(y1 + dy, 0, y2 - LEAST) : y1,
    across > 0 ? clamp(x2 + dx, x1 + LEAST, 1) : x2,
    down > 0 ? clamp(y2 + dy, y1 + LEAST, 1) : y2,
  ].map(tidy) as Box;
}

export function corners([x1, y1, x2, y2]: Box): Point[] {
  return [[x1, y1], [x2, y1], [x2, y2], [x1, y2]];
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

/** What a person can read and type: a tenth of a percent. */
function tidy(value: number): number {
  return Math.round(value * 1000) / 1000;
}
