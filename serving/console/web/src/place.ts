/** What waits at the selected place where it is more than one event, and whether all of it is decided or one. */

import { byId, say } from "./dom";
import { EventList } from "./list";
import type { RaisedEvent } from "./types";
import { queueing } from "./words";

export class Place {
  private readonly list: EventList;
  private readonly together = byId("together");

  constructor(nameOf: (camera: string) => string, openOne: (id: string) => void, openAll: () => void) {
    this.list = new EventList(byId("place-events"), nameOf, openOne);
    this.together.addEventListener("click", openAll);
  }

  /** `one`: only the selected one is decided. */
  show(events: RaisedEvent[], selected: string | null, one: boolean): void {
    const several = events.length > 1;
    byId("place").hidden = !several;
    this.list.show(several ? events : [], selected);
    byId("decide").dataset.scope = several && !one ? "all" : "one";
    this.together.setAttribute("aria-pressed", String(!one));
    const scope = one ? queueing.decidesOne(events.length) : queueing.decidesAll(events.length);
    say(byId("scope"), several ? scope : "");
    if (several) say(byId("place-title"), queueing.atThisPlace(events.length));
  }
}
