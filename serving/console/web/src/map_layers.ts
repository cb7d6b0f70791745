/** How things on the map are drawn, from below to above: the city's layers, cones, bearings, cameras. */

import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";
import { colour } from "./colours";

const WATCHES: ExpressionSpecification = ["get", "watches"];
const KIND: ExpressionSpecification = ["geometry-type"];
const AREA: ExpressionSpecification = ["in", KIND, ["literal", ["Polygon", "MultiPolygon"]]];
const POINT: ExpressionSpecification = ["in", KIND, ["literal", ["Point", "MultiPoint"]]];

/** Of cones, bearings and cameras, whose sources have these names. */
export function fleetLayers(): LayerSpecification[] {
  const [cone, good, blind, ground] = [colour("focus"), colour("good"), colour("blind"), colour("raised")];
  const [flame, smoke, waste] = [colour("flame"), colour("smoke"), colour("waste")];
  return [
    { id: "cones", source: "cones", type: "fill", paint: { "fill-color": cone, "fill-opacity": 0.16 } },
    { id: "cone-edges", source: "cones", type: "line", paint: { "line-color": cone, "line-opacity": 0.5 } },
    {
      id: "bearings", source: "bearings", type: "line",
      paint: {
        "line-color": ["match", ["get", "hazard"], "flame", flame, "smoke", smoke, waste],
        "line-width": 2.5, "line-dasharray": [2, 1.2],
      },
    },
    {
      // Whole and green where it watches, a hollow ring where it does not.
      id: "cameras", source: "cameras", type: "circle",
      paint: {
        "circle-radius": ["case", WATCHES, 5, 6],
        "circle-stroke-width": ["case", WATCHES, 2, 3],
        "circle-stroke-color": ["case", WATCHES, ground, blind],
        "circle-color": ["case", WATCHES, good, ground],
      },
    },
  ];
}

/** Of one of the city's own layers. */
export function ownLayers(source: string): LayerSpecification[] {
  const plain = colour("dim");
  return [
    { id: `${source}-fill`, source, type: "fill", filter: AREA, paint: { "fill-color": plain, "fill-opacity": 0.12 } },
    { id: `${source}-line`, source, type: "line", filter: ["!", POINT], paint: { "line-color": plain, "line-width": 1.4 } },
    { id: `${source}-point`, source, type: "circle", filter: POINT, paint: { "circle-color": plain, "circle-radius": 3.5 } },
  ];
}
