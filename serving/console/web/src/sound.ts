/** The sound of an alarm, made here: a shape in time for each hazard, so that the ear knows it as the eye knows its mark. */

import type { Hazard } from "./types";

/** Tones as frequency in Hz, start and length in seconds. */
const TUNES: Record<Hazard, [number, number, number][]> = {
  flame: [0, 0.45, 0.9].flatMap((at): [number, number, number][] => [[988, at, 0.18], [740, at + 0.2, 0.18]]),
  smoke: [[622, 0, 0.3], [622, 0.5, 0.3]],
  waste: [[440, 0, 0.25]],
};
const LOUDNESS = 0.5;
const EDGE_S = 0.02; // a tone that begins at once clicks

let context: AudioContext | null = null;

/** Browsers let a page sound only after a click or a key. Before one, asking would only be complained of. */
export function canSound(): boolean {
  return context?.state === "running";
}

/** To be called from a click or a key. */
export async function allowSound(changed: () => void): Promise<void> {
  if (!context) {
    context = new AudioContext();
    context.addEventListener("statechange", changed);
  }
  if (context.state !== "running") await context.resume();
  changed();
}

export function ring(hazard: Hazard): void {
  if (!context) return;
  for (const [frequency, at, length] of TUNES[hazard]) {
    const [tone, loudness, start] = [context.createOscillator(), context.createGain(), context.currentTime + at];
    tone.type = "triangle";
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, start);
    loudness.gain.linearRampToValueAtTime(LOUDNESS, start + EDGE_S);
    loudness.gain.setValueAtTime(LOUDNESS, start + length - EDGE_S);
    loudness.gain.linearRampToValueAtTime(0, start + length);
    tone.connect(loudness).connect(context.destination);
    tone.start(start);
    tone.stop(start + length);
  }
}
