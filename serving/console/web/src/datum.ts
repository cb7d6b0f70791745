/** WGS84 everywhere inside; on the screen GCJ-02 too, because most Chinese basemaps are drawn in it. */

import gcoord from "gcoord";
import type { GeoJSON } from "geojson";

export type Datum = "WGS84" | "GCJ-02";

/** A copy of `shape` (WGS84) as it is to be drawn. */
export function drawn<T extends GeoJSON>(shape: T, datum: Datum): T {
  if (datum === "WGS84") return shape;
  return gcoord.transform(structuredClone(shape) as never, gcoord.WGS84, gcoord.GCJ02) as unknown as T;
}

export function drawnAt(place: [number, number], datum: Datum): [number, number] {
  return datum === "WGS84" ? place : (gcoord.transform([...place], gcoord.WGS84, gcoord.GCJ02) as [number, number]);
}
