/** Every text of the page that its script says, in one place for the translators: each within t(). */

import { t } from "./translate";
import type { Hazard, Reason, Verdict } from "./types";

export const HAZARDS: Record<Hazard, string> = { flame: t("Flame"), smoke: t("Smoke"), waste: t("Waste") };
export const VERDICTS: Record<Verdict, string> = { real: t("Real"), false: t("False"), unsure: t("Unsure") };

/** What a detector may call what it sees; one that is not here is shown as it is. */
export const CLASSES: Record<string, string> = {
  flame: t("flame"),
  smoke: t("smoke"),
  waste_pile: t("waste pile"),
  construction_debris: t("construction debris"),
  garbage_bin: t("bin"),
  overflowing_bin: t("overflowing bin"),
};

/** What the service says no with, by its code. */
export const PROBLEMS: Record<string, string> = {
  unauthorized: t("sign in first"),
  forbidden: t("you may not do this"),
  out_of_reach: t("this is for the whole house only"),
  wrong_origin: t("this came from another page"),
  not_found: t("there is no such thing"),
  unknown_camera: t("there is no such camera"),
  unknown_event: t("there is no such event"),
  unknown_frame: t("this picture is not there any more"),
  unknown_unit: t("there is no such unit"),
  unknown_zone: t("there is no such ignore zone"),
  conflict: t("this is taken already"),
  bad_box: t("a box lies outside of the picture, or has no size"),
  unknown_group: t("nothing waits there"),
  bad_input: t("this cannot be"),
  undo_refused: t("it can be taken back for ten minutes, by whoever decided or a commander"),
  busy: t("the service is busy; try again"),
  store_full: t("the frame store is full"),
  internal: t("an error of the service; it is in its log"),
};

/** Why something is false. */
export const REASONS: Record<Reason, string> = {
  cloud: t("Cloud"),
  fog: t("Fog"),
  dust: t("Dust"),
  steam: t("Steam"),
  chimney: t("Chimney"),
  sun_glare: t("Sun glare"),
  sunset: t("Sunset"),
  street_lamp: t("Street lamp"),
  tail_lights: t("Tail lights"),
  vehicle_lights: t("Vehicle lights"),
  welding: t("Welding"),
  barbecue: t("Barbecue"),
  incense: t("Incense, paper"),
  fireworks: t("Fireworks"),
  red_object: t("Red object"),
  water_reflection: t("Water reflection"),
  lens_dirt: t("Dirt on the lens"),
  permitted_burning: t("Permitted burning"),
  legal_storage: t("Legal storage"),
  other: t("Other"),
};

export const words = {
  why: (verdict: string) => t("{verdict}: why?", { verdict }),
  again: (verdict: string, reason: string) => t("{verdict}: {reason}", { verdict, reason }),
  noReason: t("no reason"),
  note: t("Note (Enter sends)"),
  back: t("Back"),
  show: t("Show"),
  verdictFor: (verdict: string, reason: string) => t("{verdict} ({reason})", { verdict, reason }),
  decidedMeanwhile: (camera: string, by: string, verdict: string) =>
    t("Your decision on {camera} was not saved: {by} decided first: {verdict}.", { camera, by, verdict }),
  nothingToUndo: t("There is no decision of yours to take back."),
  notUndone: (camera: string, why: string) => t("The decision on {camera} stands: {why}.", { camera, why }),
  undone: (camera: string) => t("Taken back. {camera} is as it was before.", { camera }),
  percent: (share: number) => t("{n} %", { n: Math.round(share * 100) }),
  seen: (kind: string, share: number) => t("{kind} {n} %", { kind: CLASSES[kind] ?? kind, n: Math.round(share * 100) }),
  nothing: t("Nothing waits. A raised event appears here by itself."),
  nothingSelected: t("Nothing is selected."),
  loading: t("Loading…"),
  pictureGone: t("Retention has removed this picture."),
  pictureFailed: t("This picture could not be loaded."),
  drill: (name: string) => t("Drill: {name}", { name }),
  connecting: t("Connecting…"),
  live: t("Live"),
  lost: (since: string) => t("Connection lost at {since}. What you see is from then. Trying again…", { since }),
  notLoaded: (why: string) => t("Not loaded: {why}.", { why }),
  notSaved: (camera: string, why: string) =>
    t("The decision on {camera} was not saved: {why}. It waits again.", { camera, why }),
  decidedBy: (verdict: string, by: string, at: string) => t("{verdict}: {by}, {at}", { verdict, by, at }),
  decidedFirst: (by: string, verdict: string) =>
    t("{by} decided this a moment ago: {verdict}. Press again to decide otherwise.", { by, verdict }),
  mayNotReview: t("You may look, not decide."),
  noAnswer: t("the service does not answer"),
  play: t("Play"),
  pause: t("Pause"),
  frame: (n: number, count: number, at: string, seconds: number) =>
    t("{at}  {sign}{s} s  {n}/{count}", { at, sign: seconds < 0 ? "−" : "+", s: Math.abs(seconds).toFixed(1), n, count }),
  picture: (hazard: string, camera: string, at: string) => t("{hazard}, {camera}, {at}", { hazard, camera, at }),
  confidence: t("Confidence"),
  raised: t("Raised"),
  lastSeen: t("Last seen"),
  model: t("Model"),
  seconds: (n: number) => t("{n} s", { n }),
  minutes: (n: number) => t("{n} min", { n }),
  hours: (n: number) => t("{n} h", { n }),
  days: (n: number) => t("{n} d", { n }),
};

/** Why an event was raised or not, and a camera does not watch: reasons.ts finds these pieces in the service's words. */
export const reasons = {
  sightings: (n: string, of: string, s: string) => t("{n} of {of} sightings in {s} s", { n, of, s }),
  frames: (n: string, of: string, s: string) => t("{n} of {of} frames in {s} s", { n, of, s }),
  raise: (n: string, of: string) => t("{n} of {of} raise", { n, of }),
  short: (s: string, least: string) => t("there for {s} s, {least} s raise", { s, least }),
  ignored: (why: string) => t("ignored: {why}", { why }),
  changed: (times: string) => t("always there, but {times} times as large now", { times }),
  standing: () => t("always there"),
  steady: (share: string) => t("steady: its boxes overlap by {share} % from sighting to sighting", { share }),
  faint: () => t("faint, neither growing nor drifting"),
  grown: (times: string) => t("grown to {times} times", { times }),
  aFrame: (share: string) => t("growing {share} % per frame", { share }),
  notRaised: () => t("not raised"),
  noFrameYet: () => t("no frame yet"),
  noFrame: (s: string) => t("no frame for {s} s", { s }),
  samePicture: (s: string) => t("the same picture for {s} s", { s }),
  clock: (s: string) => t("its clock is {s} s off; corrected", { s }),
  contested: (n: string, names: string) => t("{n} agents send for it at once: {names}", { n, names }),
  dark: (light: string) => t("dark: light {light} of 255", { light }),
  white: (share: string) => t("blown out: {share} % of the picture is white", { share }),
  flat: () => t("nothing but one flat surface"),
  plain: (share: string) => t("its edges are {share} % as plain as usual", { share }),
  detail: (share: string) => t("fine detail is {share} % of the usual", { share }),
  elsewhere: (now: string, usual: string) => t("edges lie elsewhere: likeness {now}, usually {usual}", { now, usual }),
};

/** States and faults of a camera; one that is not here is shown as it is. */
const STATES: Record<string, string> = {
  ok: t("watching"),
  waiting: t("never sent"),
  silent: t("silent"),
  frozen: t("frozen"),
  skewed: t("clock off"),
  contested: t("several agents"),
  dark: t("dark"),
  blurred: t("blurred"),
  covered: t("covered"),
  overexposed: t("overexposed"),
  turned: t("turned away"),
};

export function nameOfState(state: string): string {
  return STATES[state] ?? state;
}

export const coverage = {
  blind: (count: number) => t("Cameras that do not see: {count}", { count }),
  one: (camera: string, state: string) => t("{camera}: {state}", { camera, state }),
  all: t("all"),
  shown: (count: number, watching: number) => t("{watching} of {count} are watching", { watching, count }),
  nothing: t("No camera is like that."),
  noPicture: t("no picture"),
  lastNew: t("New picture"),
  rate: t("Frames"),
  perMinute: (n: number) => t("{n}/min", { n }),
  blindToday: t("Blind today"),
  unjudged: (states: string[]) => t("Cannot be told here: {states}", { states: states.join(", ") }),
  unjudgedSays: t("Its view has too few plain edges, never stands still, is not learnt yet, or is dark as it should be."),
  rightView: t("This view is right"),
  rightViewSays: t("The camera was turned or cleaned on purpose: learn its view anew."),
  zones: (n: number) => t("Ignore zones: {n}", { n }),
  zonesTake: (n: number, share: number) =>
    t("Ignore zones: {n}; {share} % of the view", { n, share: percent(share) }),
};

export const board = {
  waiting: (n: number) => t("{n} to decide", { n }),
  zone: (reason: string, owner: string) => t("{reason} ({owner})", { reason, owner }),
  trial: (until: string) => t("not confirmed, holds until {until}", { until }),
  active: (days: number, until: string) => t("{n} days left, until {until}", { n: days, until }),
  expired: (at: string) => t("ended {at}, raises again", { at }),
  share: (share: number) => t("takes {share} % of the view", { share: percent(share) }),
  until: (reason: string) => t("New end: {reason}", { reason }),
  confirm: t("Confirm"),
  renew: t("Renew"),
  letGo: t("Let go"),
  named: (act: string, camera: string, reason: string) => t("{act}: {camera}, {reason}", { act, camera, reason }),
};

export const zoning = {
  shape: t("The zone: the arrow keys move it, with shift they resize it"),
  what: (hazard: string) => t("Always here: {hazard}", { hazard }),
  takes: (share: number, together: number | null) =>
    together === null
      ? t("takes {share} % of the view", { share: percent(share) })
      : t("takes {share} % of the view; {together} % with the zones that hold", {
          share: percent(share), together: percent(together),
        }),
  outside: t("The zone lies within the picture: left before right, top before bottom, 0 to 100 %."),
  notSaved: (why: string) => t("Not saved: {why}.", { why }),
  holds: (until: string) => t("Nothing is raised there until {until}.", { until }),
  onTrial: (until: string) => t("Nothing is raised there until {until}, longer once who commands has confirmed it.", { until }),
};

function percent(share: number): string {
  return (share * 100).toFixed(1);
}

export const presence = {
  others: (names: string[]) =>
    names.length === 1
      ? t("{name} is looking at this too", { name: names[0] ?? "" })
      : t("{names} are looking at this too", { names: names.join(", ") }),
};

export const map = {
  unavailable: t("This browser cannot draw the map (no WebGL). The lists beside it work."),
  unplaced: t("no position"),
  found: (n: number) => t("{n} found", { n }),
  bearing: (degrees: number) => t("{degrees}°", { degrees: Math.round(degrees) }),
  event: (hazard: string, camera: string, age: string) => t("{hazard}, {camera}, for {age}", { hazard, camera, age }),
  none: t("No event is open."),
  locale: {
    "Map.Title": t("Map"),
    "Marker.Title": t("Open event"),
    "NavigationControl.ZoomIn": t("Zoom in"),
    "NavigationControl.ZoomOut": t("Zoom out"),
    "AttributionControl.ToggleAttribution": t("Whose map this is"),
  },
  pointer: (lon: string, lat: string, datum: string) => t("{lon}, {lat} ({datum})", { lon, lat, datum }),
};

export const queueing = {
  title: (count: number, age: string) => (count ? t("({count}) {age} · balefire", { count, age }) : "balefire"),
  backlog: (count: number, age: string) => t("{count} wait, the oldest for {age}", { count, age }),
  chosen: (count: number, of: number) => t("{count} of {of}", { count, of }),
  nothingChosen: t("Nothing that waits is like that."),
  times: (count: number) => t("×{count}", { count }),
  atThisPlace: (count: number) => t("{count} events at this place", { count }),
  decidesAll: (count: number) => t("Decides all {count} events at this place", { count }),
  decidesOne: (count: number) => t("Decides only this one of {count}", { count }),
  above: (count: number) => t("↑ {count} new", { count }),
  below: (count: number) => t("↓ {count} new", { count }),
  arrived: (hazard: string, camera: string) => t("New: {hazard}, {camera}", { hazard, camera }),
  filters: (count: number) => (count ? t("Filters: {count}", { count }) : t("Filters")),
  any: t("any"),
  saved: (name: string) => t("Saved: {name}", { name }),
  remove: (name: string) => t("Delete the view {name}", { name }),
  alarmOn: t("Alarm"),
  alarmOff: t("Alarm off"),
  mayNotify: t("Desktop messages are on"),
  blocked: t("The browser refuses desktop messages for this site"),
};
