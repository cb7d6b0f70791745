/** What people wrote when they decided on this event. */

import { byId, make } from "./dom";
import { moment } from "./time";
import type { RaisedEvent } from "./types";
import { VERDICTS, words } from "./words";

export function showNotes({ reviews }: RaisedEvent): void {
  const gone = new Set(reviews.map((review) => review.undoes));
  const written = reviews.filter((review) => review.note && !gone.has(review.id));
  const list = byId("notes");
  const key = written.map((review) => review.id).join();
  list.hidden = written.length === 0;
  if (list.dataset.said === key) return;
  list.dataset.said = key;
  list.replaceChildren(
    ...written.map(({ note, verdict, by, at }) => {
      const line = make("li", "", note);
      line.append(make("span", "hint", words.decidedBy(VERDICTS[verdict], by, moment(at))));
      return line;
    }),
  );
}
