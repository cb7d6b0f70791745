/** Directions and places on the globe. Degrees, WGS84, [lon, lat]; distances in metres. */

export type Place = [number, number];

const RADIUS_M = 6_371_008.8;
const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (radian: number) => (radian * 180) / Math.PI;

/** Where one gets to from `start` on a great circle. */
export function destination([lon, lat]: Place, bearing: number, metres: number): Place {
  const [way, course, from] = [metres / RADIUS_M, radians(bearing), radians(lat)];
  const to = Math.asin(Math.sin(from) * Math.cos(way) + Math.cos(from) * Math.sin(way) * Math.cos(course));
  const east = Math.atan2(Math.sin(course) * Math.sin(way) * Math.cos(from), Math.cos(way) - Math.sin(from) * Math.sin(to));
  return [((lon + degrees(east) + 540) % 360) - 180, degrees(to)];
}

/** The bearing of what lies at `x` (0–1, from the left) in the picture of a camera with flat optics. */
export function bearingOf(x: number, azimuth: number, fov: number): number {
  const off = degrees(Math.atan((2 * x - 1) * Math.tan(radians(Math.min(fov, 170)) / 2)));
  return (azimuth + off + 360) % 360;
}

/** A camera's view as a slice of the ground. */
export function cone(at: Place, azimuth: number, fov: number, metres: number): Place[] {
  const steps = Math.max(2, Math.ceil(fov / 6));
  const arc = Array.from({ length: steps + 1 }, (_, step) => destination(at, azimuth - fov / 2 + (fov * step) / steps, metres));
  return [at, ...arc, at];
}
