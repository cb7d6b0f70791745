/** What the page of one event says besides words.ts, for the translators: each within t(). */

import { t } from "./translate";

export const looking = {
  times: (pace: string) => t("{pace}×", { pace }),
  pace: (pace: string) => t("Pace: {pace} times as fast as it happened", { pace }),
  views: { both: t("Whole picture and close-up"), whole: t("Whole picture"), close: t("Close-up") },
};
