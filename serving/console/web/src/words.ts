/** Every text of the page that its script says, in one place for the translators. */

import type { Hazard, Verdict } from "./types";

export const HAZARDS: Record<Hazard, string> = { flame: "Flame", smoke: "Smoke", waste: "Waste" };
export const VERDICTS: Record<Verdict, string> = { real: "Real", false: "False", unsure: "Unsure" };

export const words = {
  percent: (share: number) => `${Math.round(share * 100)} %`,
  seen: (kind: string, share: number) => `${kind} ${Math.round(share * 100)} %`,
  title: (count: number) => (count ? `(${count}) balefire` : "balefire"),
  oldest: (age: string) => `the oldest for ${age}`,
  nothing: "Nothing waits. A raised event appears here by itself.",
  nothingSelected: "Nothing is selected.",
  loading: "Loading…",
  pictureGone: "Retention has removed this picture.",
  pictureFailed: "This picture could not be loaded.",
  drill: (name: string) => `Drill: ${name}`,
  connecting: "Connecting…",
  live: "Live",
  lost: (since: string) => `Connection lost at ${since}. What you see is from then. Trying again…`,
  notLoaded: (why: string) => `Not loaded: ${why}.`,
  notSaved: (camera: string, why: string) => `The decision on ${camera} was not saved: ${why}. It waits again.`,
  decidedBy: (verdict: string, by: string, at: string) => `${verdict}: ${by}, ${at}`,
  decidedFirst: (by: string, verdict: string) => `${by} decided this a moment ago: ${verdict}. Press again to decide otherwise.`,
  mayNotReview: "You may look, not decide.",
  noAnswer: "the service does not answer",
  play: "Play",
  pause: "Pause",
  frame: (n: number, count: number, at: string, seconds: number) =>
    `${at}  ${seconds < 0 ? "−" : "+"}${Math.abs(seconds).toFixed(1)} s  ${n}/${count}`,
  picture: (hazard: string, camera: string, at: string) => `${hazard}, ${camera}, ${at}`,
  confidence: "Confidence",
  raised: "Raised",
  lastSeen: "Last seen",
  model: "Model",
};
