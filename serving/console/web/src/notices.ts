/** What went wrong, in a corner, for a while. */

import { reasonOf } from "./api";
import { byId, make } from "./dom";
import { words } from "./words";

const NOTICE_MS = 12_000;

export function complain(error: unknown): void {
  const text = words.notLoaded(reasonOf(error));
  if ([...byId("notices").children].some((line) => line.textContent === text)) return;
  const line = make("p", "", text);
  byId("notices").append(line);
  setTimeout(() => line.remove(), NOTICE_MS);
}
