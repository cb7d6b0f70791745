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
