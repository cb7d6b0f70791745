/** The service writes its reasons in English, figures included; here they are said in the language of the page. */

import { reasons } from "./words";

type Say = (...figures: string[]) => string;

const PIECES: [RegExp, Say][] = [
  [/(\d+) of (\d+) sightings in (\d+) s/, reasons.sightings as Say],
  [/(\d+) of (\d+) frames in (\d+) s/, reasons.frames as Say],
  [/(\d+) of (\d+) raise/, reasons.raise as Say],
  [/there for (\d+) s, (\d+) s raise/, reasons.short as Say],
  [/always there, but ([\d.]+) times as large now/, reasons.changed as Say],
  [/^always there|(?<=; )always there$/, reasons.standing],
  [/steady: its boxes overlap by (\d+)% from sighting to sighting/, reasons.steady as Say],
  [/faint, neither growing nor drifting/, reasons.faint],
  [/grown to ([\d.]+) times/, reasons.grown as Say],
  [/(\d+)% a frame/, reasons.aFrame as Say],
  [/^no frame yet$/, reasons.noFrameYet],
  [/^no frame for (\d+) s$/, reasons.noFrame as Say],
  [/^the same picture for (\d+) s$/, reasons.samePicture as Say],
  [/^its clock is ([+-]\d+) s off; corrected$/, reasons.clock as Say],
  [/^(\d+) agents send for it at once: (.+)$/, reasons.contested as Say],
  [/^dark: light (\d+) of 255$/, reasons.dark as Say],
  [/^blown out: (\d+)% of the picture is white$/, reasons.white as Say],
  [/^nothing but one flat surface$/, reasons.flat],
  [/^its edges are (\d+)% as plain as usual$/, reasons.plain as Say],
  [/^fine detail is (\d+)% of the usual$/, reasons.detail as Say],
  [/^edges lie elsewhere: likeness (-?[\d.]+), usually ([\d.]+)$/, reasons.elsewhere as Say],
  [/^not raised(?=:)/, reasons.notRaised],
];

export function reasonIn(english: string): string {
  const [said, ignored] = english.split("; ignored: ") as [string, string?]; // what follows are a person's own words
  const translated = PIECES.reduce((text, [piece, say]) => text.replace(piece, (_, ...found) => say(...found)), said);
  return ignored === undefined ? translated : `${translated}; ${reasons.ignored(ignored)}`;
}
