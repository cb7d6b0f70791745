/** The drawing: MapLibre with our sources on it. Texts are elements of the page, so no fonts have to be fetched. */

import type { FeatureCollection, GeoJSON } from "geojson";
import {
  GeoJSONSource, LngLatBounds, Map as LibreMap, Marker, NavigationControl, ScaleControl, setWorkerUrl,
} from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { groundStyle } from "./basemap";
import { colour, isDark } from "./colours";
import { type Datum, drawn, drawnAt } from "./datum";
import { make } from "./dom";
import type { Place } from "./globe";
import { fleetLayers, ownLayers } from "./map_layers";
import { map as words } from "./words";

const LABELS = 60; // names on the map at once; with more it would be a carpet
const ROOM = { width: 130, height: 18 }; // px that a name keeps for itself
const EMPTY: FeatureCollection = { type: "FeatureCollection", features: [] };

export class MapView {
  private readonly shapes = new Map<string, GeoJSON>();
  private markers: Marker[] = [];
  private labels: Marker[] = [];
  private named: { name: string; place: Place }[] = [];
  datum: Datum = "WGS84";

  private constructor(private readonly map: LibreMap) {}

  /** Rejects where the browser has no WebGL. */
  static async open(container: HTMLElement, basemap: boolean): Promise<MapView> {
    setWorkerUrl(new URL(workerUrl, location.href).href);
    const style = await groundStyle(basemap, colour("ground"), isDark());
    const map = new LibreMap({
      container, style, center: [104, 35], zoom: 3, locale: words.locale, dragRotate: false, pitchWithRotate: false,
      attributionControl: basemap ? {} : false,
    });
    container.classList.toggle("dark-ground", isDark());
    map.addControl(new NavigationControl({ showCompass: false }), "top-left");
    map.addControl(new ScaleControl({}), "bottom-left");
    await new Promise<void>((ready) => void map.once("load", () => ready()));
    const view = new MapView(map);
    view.prepare();
    return view;
  }

  onPointer(told: (place: Place) => void): void {
    this.map.on("mousemove", ({ lngLat }) => told([lngLat.lng, lngLat.lat]));
  }

  onCamera(chosen: (id: string) => void): void {
    this.map.on("click", "cameras", ({ features }) => chosen(String(features?.[0]?.properties.id)));
  }

  set(source: string, shape: GeoJSON): void {
    this.shapes.set(source, shape);
    (this.map.getSource(source) as GeoJSONSource).setData(drawn(shape, this.datum));
  }

  addLayer(name: string, shape: GeoJSON): void {
    const source = `layer-${name}`;
    this.map.addSource(source, { type: "geojson", data: EMPTY });
    for (const layer of ownLayers(source)) this.map.addLayer(layer, "cones");
    this.set(source, shape);
  }

  toggle(layers: string[], on: boolean): void {
    for (const layer of layers) this.map.setLayoutProperty(layer, "visibility", on ? "visible" : "none");
  }

  toggleLayer(name: string, on: boolean): void {
    this.toggle(ownLayers(`layer-${name}`).map((layer) => layer.id), on);
  }

  /** Elements at places, instead of those before. */
  mark(elements: { element: HTMLElement; place: Place }[]): void {
    for (const marker of this.markers) marker.remove();
    this.markers = elements.map(({ element, place }) => this.put(element, place, "center"));
  }

  name(named: { name: string; place: Place }[]): void {
    this.named = named;
    this.relabel();
  }

  fit(places: Place[]): void {
    if (!places.length) return;
    const bounds = new LngLatBounds();
    for (const place of places) bounds.extend(drawnAt(place, this.datum));
    this.map.fitBounds(bounds, { padding: 60, maxZoom: 13, animate: false });
  }

  go(place: Place): void {
    this.map.easeTo({ center: drawnAt(place, this.datum), zoom: Math.max(this.map.getZoom(), 13) });
  }

  /** Everything anew, in the other datum; markers are set by whoever made them. */
  redraw(): void {
    for (const [source, shape] of this.shapes) this.set(source, shape);
    this.relabel();
  }

  private prepare(): void {
    for (const source of ["cones", "bearings", "cameras"]) this.map.addSource(source, { type: "geojson", data: EMPTY });
    for (const layer of fleetLayers()) this.map.addLayer(layer);
    this.map.on("moveend", () => this.relabel());
  }

  private relabel(): void {
    for (const label of this.labels) label.remove();
    const bounds = this.map.getBounds();
    const seen = this.named.filter(({ place }) => bounds.contains(drawnAt(place, this.datum)));
    const taken: { x: number; y: number }[] = [];
    this.labels = (seen.length > LABELS ? [] : seen).flatMap(({ name, place }) => {
      const at = this.map.project(drawnAt(place, this.datum));
      if (taken.some(({ x, y }) => Math.abs(x - at.x) < ROOM.width && Math.abs(y - at.y) < ROOM.height)) return [];
      taken.push(at);
      return [this.put(make("span", "label", name), place, "top")];
    });
  }

  private put(element: HTMLElement, place: Place, anchor: "center" | "top"): Marker {
    const at = drawnAt(place, this.datum);
    Object.assign(element.dataset, { lon: at[0].toFixed(6), lat: at[1].toFixed(6) });
    const marker = new Marker({ element, anchor, offset: anchor === "top" ? [0, 7] : [0, 0] }).setLngLat(at).addTo(this.map);
    element.removeAttribute("aria-label"); // it would say "Map marker" over what the element says itself
    if (anchor === "top") element.setAttribute("aria-hidden", "true"); // the list beside the map has the names
    element.removeAttribute("role");
    element.removeAttribute("tabindex");
    return marker;
  }
}
