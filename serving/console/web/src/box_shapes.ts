/** Moving and resizing a box, in shares of the picture. A box never leaves the picture and never loses its area. */

import type { Box } from "./types";

export type Corner = "nw" | "ne" | "sw" | "se";

export function moved([x1, y1, x2, y2]: Box, dx: number, dy: number): Box {
  const [x, y] = [within(dx, -x1, 1 - x2), within(dy, -y1, 1 - y2)];
  return [x1 + x, y1 + y, x2 + x, y2 + y];
}

/** `least`: its width and height. */
export function resized(box: Box, corner: Corner, dx: number, dy: number, least: [number, number]): Box {
  const [x1, y1, x2, y2] = box;
  const [west, north] = [corner.endsWith("w"), corner.startsWith("n")];
  return [
    west ? within(x1 + dx, 0, x2 - least[0]) : x1,
    north ? within(y1 + dy, 0, y2 - least[1]) : y1,
    west ? x2 : within(x2 + dx, x1 + least[0], 1),
    north ? y2 : within(y2 + dy, y1 + least[1], 1),
  ];
}

/** The box between two points. */
export function between([x, y]: [number, number], [toX, toY]: [number, number], least: [number, number]): Box {
  const [left, top] = [within(Math.min(x, toX), 0, 1 - least[0]), within(Math.min(y, toY), 0, 1 - least[1])];
  return [left, top, within(Math.max(x, toX), left + least[0], 1), within(Math.max(y, toY), top + least[1], 1)];
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
