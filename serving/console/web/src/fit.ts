/** Where a picture lies when it is fitted whole into an area, and where a box lies on it. All in CSS pixels. */

import type { Box } from "./types";

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The picture centred in the area, as large as it fits. */
export function fit(picture: { width: number; height: number }, width: number, height: number): Area {
  const scale = Math.min(width / picture.width, height / picture.height);
  const [shownWidth, shownHeight] = [picture.width * scale, picture.height * scale];
  return { x: (width - shownWidth) / 2, y: (height - shownHeight) / 2, width: shownWidth, height: shownHeight };
}

export function place([x1, y1, x2, y2]: Box, on: Area): Area {
  return { x: on.x + x1 * on.width, y: on.y + y1 * on.height, width: (x2 - x1) * on.width, height: (y2 - y1) * on.height };
}
