/** Whether the camera saw well at that moment: what it showed is worth as much as its eye was. */

import { api, reasonOf } from "./api";
import { make } from "./dom";
import { about } from "./event_words";
import type { Fault } from "./fleet";
import { reasonIn } from "./reasons";
import type { RaisedEvent } from "./types";
import { nameOfState, words } from "./words";

export async function showHealthThen(list: HTMLElement, event: RaisedEvent, still: () => boolean): Promise<void> {
  list.replaceChildren(make("li", "hint", words.loading));
  try {
    const { spans } = await api.healthAt(event.camera, event.raised_at ?? event.started_at);
    if (still()) list.replaceChildren(...saidOf(spans));
  } catch (error) {
    if (still()) list.replaceChildren(make("li", "hint", words.notLoaded(reasonOf(error))));
  }
}

/** Faults in words, one a row; one row where there is none. */
export function saidOf(faults: Fault[]): HTMLLIElement[] {
  if (!faults.length) return [make("li", "well", about.sawWell)];
  return faults.map((fault) => {
    const reason = reasonIn(fault.reason);
    return make("li", `state ${fault.fault}`, reason ? about.fault(nameOfState(fault.fault), reason) : nameOfState(fault.fault));
  });
}
