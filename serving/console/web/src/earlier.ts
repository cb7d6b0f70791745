/** What was raised at the same place before, and what people said of it: often the same chimney. */

import { api, reasonOf } from "./api";
import { make } from "./dom";
import { about } from "./event_words";
import { mark } from "./marks";
import { lastReview } from "./queue";
import { stamp } from "./time";
import type { RaisedEvent, Reason } from "./types";
import { HAZARDS, REASONS, VERDICTS, words } from "./words";

/** `still`: whether it is wanted by the time it is read. */
export async function showEarlier(list: HTMLElement, event: RaisedEvent, still: () => boolean): Promise<void> {
  list.replaceChildren(make("li", "hint", words.loading));
  try {
    const { items } = await api.earlier(event.id);
    if (!still()) return;
    list.replaceChildren(...(items.length ? items.map(row) : [make("li", "hint", about.noneEarlier)]));
  } catch (error) {
    if (still()) list.replaceChildren(make("li", "hint", words.notLoaded(reasonOf(error))));
  }
}

function row(event: RaisedEvent): HTMLLIElement {
  const item = make("li");
  const link = make("a");
  link.href = `/events/${event.id}`;
  link.append(mark(event.hazard), make("span", "unseen", HAZARDS[event.hazard]), make("span", "", stamp(event.raised_at ?? event.started_at)));
  link.dataset.verdict = event.verdict ?? "none";
  item.append(link, make("span", "said", saidOf(event)));
  return item;
}

function saidOf(event: RaisedEvent): string {
  const review = lastReview(event);
  if (!review) return about.undecided;
  const verdict = VERDICTS[review.verdict];
  return review.reason ? words.verdictFor(verdict, REASONS[review.reason as Reason] ?? review.reason) : verdict;
}
