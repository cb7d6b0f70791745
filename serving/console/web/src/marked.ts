/** What is drawn over a frame: what belongs to the event, what else was seen, and what a person set in their place. */

import type { Box, Detection, Frame, Hazard, SetBox } from "./types";
import { CLASSES, words } from "./words";

/** `own`: of the event; `other`: seen beside it; `set`: a person's. */
export interface Mark {
  kind: "own" | "other" | "set";
  hazard: Hazard | null;
  box: Box;
  text: string;
}

/** `set`: the frame's boxes as a person left them; undefined: nobody touched them. */
export function marksOf(frame: Frame, set: SetBox[] | undefined): Mark[] {
  if (set) return set.map(({ hazard, box }) => ({ kind: "set", hazard, box, text: CLASSES[hazard] ?? hazard }));
  const own = new Set(frame.sightings.map(key));
  const others = frame.detections.filter((found) => !own.has(key(found)));
  return [...others.map((found) => mark("other", found)), ...frame.sightings.map((found) => mark("own", found))];
}

/** The boxes that a person starts from: every hazard that was seen in the frame. */
export function seenBoxes(frame: Frame): SetBox[] {
  return marksOf(frame, undefined).flatMap(({ hazard, box }) => (hazard ? [{ hazard, box: [...box] as Box }] : []));
}

function mark(kind: "own" | "other", { hazard, box, class: name, confidence }: Detection): Mark {
  return { kind, hazard, box, text: words.seen(name, confidence) };
}

function key(detection: Detection): string {
  return `${detection.class} ${detection.box.join(" ")}`;
}
