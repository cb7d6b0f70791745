/** How much of the view polygons take together, as balefire/domain/zone.py counts it: where they overlap it counts once. */

export type Point = [number, number];
type Edge = [Point, Point];

/** Between two heights at which an edge begins, ends or meets another, widths change evenly: the middle one gives the area. */
export function share(polygons: Point[][]): number {
  const edges = polygons.map((polygon) => polygon.map((point, place): Edge => [point, polygon[(place + 1) % polygon.length] ?? point]));
  const flat = edges.flat();
  const heights = flat.flatMap(([[, ya], [, yb]]) => [ya, yb]);
  flat.forEach((one, place) => heights.push(...flat.slice(0, place).flatMap((other) => meeting(one, other) ?? [])));
  heights.sort((a, b) => a - b);
  return heights.slice(1).reduce((area, low, place) => {
    const high = heights[place] ?? low;
    return low > high ? area + (low - high) * width(edges, (low + high) / 2) : area;
  }, 0);
}

/** The height at which two edges cross. */
function meeting([[xa, ya], [xb, yb]]: Edge, [[xc, yc], [xd, yd]]: Edge): number | null {
  const turn = (xb - xa) * (yd - yc) - (yb - ya) * (xd - xc);
  if (turn === 0) return null;
  const along = ((xc - xa) * (yd - yc) - (yc - ya) * (xd - xc)) / turn;
  const beside = ((xc - xa) * (yb - ya) - (yc - ya) * (xb - xa)) / turn;
  return along > 0 && along < 1 && beside > 0 && beside < 1 ? ya + along * (yb - ya) : null;
}

/** How much of the line at height `y` lies in any polygon. */
function width(edges: Edge[][], y: number): number {
  const spans = edges.flatMap((ofOne) => {
    const hits = ofOne.flatMap(([[xa, ya], [xb, yb]]) => (ya > y !== yb > y ? [xa + ((y - ya) / (yb - ya)) * (xb - xa)] : []));
    hits.sort((a, b) => a - b);
    return hits.flatMap((start, place) => (place % 2 ? [] : [[start, hits[place + 1] ?? start] as Point]));
  });
  let [sum, until] = [0, 0];
  for (const [start, end] of spans.sort(([a], [b]) => a - b)) {
    sum += Math.max(0, end - Math.max(start, until));
    until = Math.max(until, end);
  }
  return sum;
}
