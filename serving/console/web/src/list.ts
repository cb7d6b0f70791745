/** A list of events whose rows stay the same elements while they are shown: nothing flickers, nothing jumps. */

import { make, say } from "./dom";
import { mark } from "./marks";
import { lastReview } from "./queue";
import { reasonIn } from "./reasons";
import { age, moment } from "./time";
import type { RaisedEvent } from "./types";
import { HAZARDS, VERDICTS, words } from "./words";

interface Row {
  element: HTMLLIElement;
  camera: HTMLElement;
  confidence: HTMLElement;
  note: HTMLElement;
  since: HTMLElement;
}

export class EventList {
  private rows = new Map<string, Row>();

  constructor(
    private readonly list: HTMLUListElement,
    private readonly nameOf: (camera: string) => string,
    private readonly choose: (id: string) => void,
  ) {}

  show(events: RaisedEvent[], selected: string | null): void {
    const wanted = new Set(events.map((event) => event.id));
    for (const [id, row] of this.rows) {
      if (wanted.has(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
    events.forEach((event, place) => {
      const row = this.rows.get(event.id) ?? this.add(event);
      this.fill(row, event, event.id === selected);
      if (this.list.children[place] !== row.element) this.list.insertBefore(row.element, this.list.children[place] ?? null);
    });
    const active = selected !== null && this.rows.has(selected) ? `row-${selected}` : "";
    if (active) this.list.setAttribute("aria-activedescendant", active);
    else this.list.removeAttribute("aria-activedescendant");
  }

  reveal(id: string): void {
    this.rows.get(id)?.element.scrollIntoView({ block: "nearest" });
  }

  private add(event: RaisedEvent): Row {
    const element = make("li", "row");
    element.id = `row-${event.id}`;
    element.setAttribute("role", "option");
    element.dataset.hazard = event.hazard;
    element.addEventListener("click", () => this.choose(event.id));
    const hidden = make("span", "unseen", HAZARDS[event.hazard]);
    const row = {
      element,
      camera: make("span", "camera"),
      confidence: make("span", "confidence"),
      note: make("span", "note"),
      since: make("time", "since"),
    };
    element.append(mark(event.hazard), hidden, row.camera, row.confidence, row.note, row.since);
    this.rows.set(event.id, row);
    return row;
  }

  private fill(row: Row, event: RaisedEvent, selected: boolean): void {
    const review = lastReview(event);
    row.element.setAttribute("aria-selected", String(selected));
    row.element.dataset.verdict = event.verdict ?? "";
    say(row.camera, this.nameOf(event.camera));
    if (review && event.verdict) {
      say(row.confidence, VERDICTS[event.verdict]);
      say(row.note, review.by);
      say(row.since, moment(review.at));
    } else {
      say(row.confidence, words.percent(event.best.confidence));
      say(row.note, reasonIn(event.reason));
      say(row.since, age(event.raised_at ?? event.started_at));
    }
  }
}
