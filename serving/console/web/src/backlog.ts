/** How much waits and for how long, at the top of the page and in the title of its tab. */

import { byId, say } from "./dom";
import { age } from "./time";
import type { Backlog } from "./types";
import { queueing } from "./words";

export function showBacklog(waiting: Backlog, chosen: Backlog, narrowed: boolean): void {
  const since = waiting.oldest_at ? age(waiting.oldest_at) : "";
  say(byId("oldest"), waiting.groups ? queueing.backlog(waiting.groups, since) : "");
  document.title = queueing.title(waiting.groups, since);
  say(byId("waiting-count"), narrowed ? queueing.chosen(chosen.groups, waiting.groups) : String(waiting.groups));
}
