// Every word that the scripts say, in one place, so that another language is one more file.
import type { Hazard, Verdict } from "./api";

export const hazards: Record<Hazard, string> = { flame: "Flame", smoke: "Smoke", waste: "Dumped waste" };
export const verdicts: Record<Verdict, string> = { real: "real", false: "false alarm", unsure: "unsure" };

// One colour and one shape a hazard: colour alone is not seen by everyone.
export const marks: Record<Hazard, string> = { flame: "▲", smoke: "●", waste: "■" };

export const words = {
  live: "live",
  lost: "connection lost: what you see may be old",
  gone: "retention has removed this picture",
  before: "before the first sighting",
  decidedBy: (verdict: Verdict, by: string) => `${verdicts[verdict]} · ${by}`,
  failed: (why: string) => `not decided: ${why}`,
  noted: (verdict: Verdict) => `noted: ${verdicts[verdict]}`,
};

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });

export const timeOf = (text: string) => clock.format(new Date(text));

export function ago(text: string): string {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(text)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

export const percent = (share: number) => `${Math.round(share * 100)} %`;
