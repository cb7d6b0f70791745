/** What lies on the map: cameras and their cones, open events with their bearing. Plain data in, GeoJSON out. */

import type { Feature, FeatureCollection, LineString, Point, Polygon } from "geojson";
import { type Place, bearingOf, cone, destination } from "./globe";
import type { Hazard, RaisedEvent } from "./types";

const VIEW_M = 2_000; // how far a cone is drawn; it says where a camera looks, not how far it sees
const EVENT_M = 2_400;

export interface MapCamera {
  id: string;
  name: string;
  place: Place | null;
  azimuth: number | null;
  fov: number | null;
  fixed: boolean;
}

export interface MapEvent {
  id: string;
  hazard: Hazard;
  camera: MapCamera;
  since: string;
  /** Where the camera stood. */
  from: Place;
  place: Place;
  bearing: number | null;
}

interface CameraCells {
  id: string;
  name: string;
  azimuth_deg?: number | string | null;
  fov_deg?: number | string | null;
  mount?: string;
  retired_at?: string | null;
}

export function readCameras(found: FeatureCollection<Point | null, CameraCells>): MapCamera[] {
  return found.features
    .filter((feature) => !feature.properties.retired_at)
    .map(({ geometry, properties }) => ({
      id: properties.id,
      name: properties.name,
      place: geometry ? [geometry.coordinates[0] ?? 0, geometry.coordinates[1] ?? 0] : null,
      azimuth: number(properties.azimuth_deg),
      fov: number(properties.fov_deg),
      fixed: (properties.mount ?? "fixed") === "fixed",
    }));
}

/** Events of cameras that have a place, or said where they were. Who says where it looks and how wide tells a bearing. */
export function placeEvents(events: RaisedEvent[], cameras: Map<string, MapCamera>): MapEvent[] {
  return events.flatMap((event) => {
    const camera = cameras.get(event.camera);
    const stood: Place | null = event.position ? [event.position.lon, event.position.lat] : (camera?.place ?? null);
    if (!camera || !stood) return [];
    const [x1, , x2] = event.best.box;
    const azimuth = event.azimuth_deg ?? (camera.fixed ? camera.azimuth : null);
    const aimed = azimuth !== null && camera.fov !== null;
    const bearing = aimed ? bearingOf((x1 + x2) / 2, azimuth, camera.fov as number) : null;
    const place = bearing === null ? stood : destination(stood, bearing, EVENT_M);
    return [{ id: event.id, hazard: event.hazard, camera, since: event.raised_at ?? event.started_at, from: stood, place, bearing }];
  });
}

export function points(cameras: MapCamera[], watching: Map<string, boolean>): FeatureCollection<Point> {
  return collection(
    cameras.flatMap(({ id, place }) =>
      place ? [feature({ type: "Point" as const, coordinates: place }, { id, watches: watching.get(id) ?? false })] : [],
    ),
  );
}

export function cones(cameras: MapCamera[]): FeatureCollection<Polygon> {
  return collection(
    cameras.flatMap(({ id, place, azimuth, fov, fixed }) =>
      place && azimuth !== null && fov !== null && fixed
        ? [feature({ type: "Polygon" as const, coordinates: [cone(place, azimuth, fov, VIEW_M)] }, { id })]
        : [],
    ),
  );
}

export function bearings(events: MapEvent[]): FeatureCollection<LineString> {
  return collection(
    events.flatMap(({ from, place, bearing, hazard }) =>
      bearing === null
        ? []
        : [feature({ type: "LineString" as const, coordinates: [from, place] }, { hazard })],
    ),
  );
}

function collection<G extends Point | Polygon | LineString>(features: Feature<G>[]): FeatureCollection<G> {
  return { type: "FeatureCollection", features };
}

function feature<G extends Point | Polygon | LineString>(geometry: G, properties: Record<string, unknown>): Feature<G> {
  return { type: "Feature", geometry, properties };
}

function number(value: number | string | null | undefined): number | null {
  return value === null || value === undefined || value === "" ? null : Number(value);
}
