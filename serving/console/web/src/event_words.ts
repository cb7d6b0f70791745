/** What the page of one event says besides words.ts, for the translators: each within t(). */

import { t } from "./translate";

export const looking = {
  times: (pace: string) => t("{pace}×", { pace }),
  pace: (pace: string) => t("Pace: {pace} times as fast as it happened", { pace }),
  views: { both: t("Whole picture and close-up"), whole: t("Whole picture"), close: t("Close-up") },
};

export const editing = {
  box: (hazard: string, n: number, count: number, [left, top, right, bottom]: number[]) =>
    t("{hazard}, box {n} of {count}: from {left}, {top} to {right}, {bottom} % of the picture", {
      hazard, n, count, left: left ?? 0, top: top ?? 0, right: right ?? 0, bottom: bottom ?? 0,
    }),
  corrected: (frames: number) => t("Corrected frames: {frames}. They are saved with your decision.", { frames }),
};

/** What the codes of reasons mean; the first three raise. */
export const CODES: Record<string, string> = {
  seen: t("seen often enough"),
  sure: t("seen plainly"),
  changed: t("always there, but grown"),
  few: t("not seen often enough"),
  short: t("not there for long enough"),
  faint: t("never plain"),
  steady: t("neither flickers nor drifts"),
  standing: t("always there"),
  ignored: t("in an ignore zone"),
};

export const about = {
  sure: (share: number) => t("up to {n} % sure", { n: Math.round(share * 100) }),
  noneEarlier: t("Nothing was raised here before."),
  undecided: t("Not decided"),
  sawWell: t("It saw well."),
  fault: (fault: string, reason: string) => t("{fault}: {reason}", { fault, reason }),
  where: (camera: string) => t("Where {camera} stands and looks", { camera }),
  north: t("N"),
};
