/** The ground of the map: the city's own basemap where there is one, else a plain colour. Nothing comes from outside. */

import { layers, namedFlavor } from "@protomaps/basemaps";
import { type LayerSpecification, type StyleSpecification, addProtocol } from "maplibre-gl";
import { PMTiles, Protocol, TileType } from "pmtiles";

const ADDRESS = `${location.origin}/v1/basemap.pmtiles`;
const SOURCE = "basemap";

export async function groundStyle(exists: boolean, plain: string, dark: boolean): Promise<StyleSpecification> {
  const background: LayerSpecification = { id: "plain", type: "background", paint: { "background-color": plain } };
  if (!exists) return { version: 8, sources: {}, layers: [background] };
  const archive = new PMTiles(ADDRESS);
  const protocol = new Protocol({ metadata: true });
  protocol.add(archive);
  addProtocol("pmtiles", protocol.tile);
  const url = `pmtiles://${ADDRESS}`;
  if ((await archive.getHeader()).tileType !== TileType.Mvt) {
    const raster: LayerSpecification = { id: "basemap", type: "raster", source: SOURCE };
    return { version: 8, sources: { [SOURCE]: { type: "raster", url, tileSize: 256 } }, layers: [background, raster] };
  }
  const drawn = layers(SOURCE, namedFlavor(dark ? "dark" : "light")) as LayerSpecification[]; // without labels: they need fonts
  return { version: 8, sources: { [SOURCE]: { type: "vector", url } }, layers: [background, ...drawn] };
}
