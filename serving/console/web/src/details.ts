/** What else is known of the event: why it was raised, how its camera was, what was there before, which model saw it. */

import { byId, make, say } from "./dom";
import { showEarlier } from "./earlier";
import { CODES, about } from "./event_words";
import { showHealthThen } from "./health_then";
import { link } from "./model_link";
import { reasonIn } from "./reasons";
import { showWhere } from "./small_map";
import type { RaisedEvent } from "./types";

export class Details {
  private event: RaisedEvent | undefined;
  private read = ""; // what stands there: the event it was read for
  private readonly panel = byId("details");
  private readonly button = byId("about");

  constructor() {
    this.button.addEventListener("click", () => this.toggle());
  }

  /** It stays as the person left it from event to event; only while it is open is anything read. */
  toggle(): void {
    if (!this.event) return;
    this.panel.hidden = !this.panel.hidden;
    byId("stage").classList.toggle("with-details", !this.panel.hidden);
    this.button.setAttribute("aria-expanded", String(!this.panel.hidden));
    if (!this.panel.hidden) this.panel.focus({ preventScroll: true });
    this.fill();
  }

  show(event: RaisedEvent | undefined): void {
    this.event = event;
    if (!event) return;
    const link = byId<HTMLAnchorElement>("evidence");
    link.href = `/v1/events/${encodeURIComponent(event.id)}/evidence.zip`;
    this.fill();
  }

  download(): void {
    if (this.event) byId<HTMLAnchorElement>("evidence").click();
  }

  private fill(): void {
    const event = this.event;
    if (!event || this.panel.hidden) return;
    say(byId("why"), reasonIn(event.reason));
    say(byId("why-code"), CODES[event.code] ?? event.code);
    if (this.read === event.id) return;
    this.read = event.id;
    const still = () => this.event?.id === event.id;
    byId("seen-by").replaceChildren(link(event.best.bundle), make("span", "hint", about.sure(event.best.confidence)));
    void showEarlier(byId("earlier"), event, still);
    void showHealthThen(byId("camera-then"), event, still);
    void showWhere(byId("where"), event, still);
  }
}
