/** The JSON of the API, as balefire/flows/wire.py writes it. Boxes are [x1, y1, x2, y2], 0–1, origin top left. */

export type Hazard = "flame" | "smoke" | "waste";
export type Verdict = "real" | "false" | "unsure";
export type Reason =
  | "cloud" | "fog" | "dust" | "steam" | "chimney" | "sun_glare" | "sunset" | "street_lamp" | "tail_lights"
  | "vehicle_lights" | "welding" | "barbecue" | "incense" | "fireworks" | "red_object" | "water_reflection" | "lens_dirt"
  | "permitted_burning" | "legal_storage" | "other";
export type Box = [number, number, number, number];

export interface Detection {
  class: string;
  hazard: Hazard | null;
  confidence: number;
  box: Box;
  bundle: string;
}

/** A box that a person set. */
export interface SetBox {
  hazard: Hazard;
  box: Box;
}

export interface Review {
  id: string;
  verdict: Verdict;
  reason: string;
  note: string;
  by: string;
  at: string;
  undoes: string | null;
  boxes: CorrectedBox[];
  frames: string[];
}

export interface CorrectedBox extends SetBox {
  frame: string;
}

/** What a person set: the boxes, and the frames that show nothing else. */
export interface Correction {
  boxes: CorrectedBox[];
  frames: string[];
}

/** A detector that runs. */
export interface Bundle {
  name: string;
  version: string;
  hazards: Hazard[];
}

export interface RaisedEvent {
  id: string;
  camera: string;
  hazard: Hazard;
  group: string;
  /** Of a turning or flying camera, when it last saw this. */
  position: { lon: number; lat: number } | null;
  azimuth_deg: number | null;
  state: "candidate" | "raised" | "closed" | "standing";
  reason: string;
  code: string;
  started_at: string;
  last_seen_at: string;
  raised_at: string | null;
  queue_at: string | null;
  best: Detection;
  verdict: Verdict | null;
  reviews: Review[];
}

export interface Frame {
  n: number;
  id: string;
  captured_at: string;
  width: number;
  height: number;
  picture: string | null;
  detections: Detection[];
  sightings: Detection[];
}

export interface EventWithFrames extends RaisedEvent {
  frames: Frame[];
}

/** An item of the stream. Only `reviewed` carries reviews; `updated` and `closed` leave them out. */
export interface EventChange extends RaisedEvent {
  change: "started" | "updated" | "raised" | "closed" | "reviewed";
}

/** An item of the stream: a drill starts or ends. */
export interface DrillChange {
  name: string;
  running: boolean;
}

/** What waits at one place, as the service puts it. */
export interface QueueItem {
  group: string;
  queue_at: string;
  events: RaisedEvent[];
}

export interface Backlog {
  groups: number;
  events: number;
  oldest_at: string | null;
}

export interface QueuePage {
  items: QueueItem[];
  next: string | null;
  chosen: Backlog;
  waiting: Backlog;
}

/** `address`: the query of the page's address. */
export interface View {
  name: string;
  address: string;
}
