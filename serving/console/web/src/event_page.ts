/** The selected event: its facts, its pictures, its verdict. */

import { api, reasonOf } from "./api";
import { Adjust } from "./adjust";
import { BoxEditor } from "./box_editor";
import { Details } from "./details";
import { byId, make, say } from "./dom";
import { Drafts } from "./drafts";
import { looking } from "./event_words";
import { marksOf } from "./marked";
import { mark } from "./marks";
import { Player } from "./player";
import { lastReview } from "./queue";
import { reasonIn } from "./reasons";
import { showNotes } from "./review_notes";
import { Stage } from "./stage";
import { Strip } from "./strip";
import { moment } from "./time";
import { TimeLine } from "./time_line";
import type { EventWithFrames, RaisedEvent, Reason, Review } from "./types";
import { HAZARDS, REASONS, VERDICTS, words } from "./words";

const AGAIN_MS = 1_000; // a camera that sends fast must not have its event read with every frame

function verdictOf({ verdict, reason }: Review): string {
  return reason ? words.verdictFor(VERDICTS[verdict], REASONS[reason as Reason] ?? reason) : VERDICTS[verdict];
}

export class EventPage {
  private event: RaisedEvent | undefined;
  private loaded = false;
  private timer: number | undefined;
  private readonly ahead = new Map<string, Promise<EventWithFrames>>();
  private readonly stage = new Stage();
  private readonly details = new Details();
  readonly drafts = new Drafts();
  readonly editor = new BoxEditor(this.stage, this.drafts, () => this.event, () => this.countDrafts());
  readonly adjust = new Adjust();
  readonly player = new Player(this.stage, new TimeLine(), new Strip());

  constructor(private readonly nameOf: (camera: string) => string) {
    byId("view").addEventListener("click", () => this.nextView());
    this.editor.onOpen = () => this.player.stop();
    this.stage.onDraw = () => this.editor.render();
    this.stage.marks = (frame) => (this.editor.on ? [] : marksOf(frame, this.event && this.drafts.of(this.event, frame.id)));
    byId<HTMLButtonElement>("edit").disabled = document.body.dataset.mayReview !== "yes";
  }

  open(event: RaisedEvent | undefined): void {
    this.editor.close();
    this.event = event;
    this.details.show(event);
    this.loaded = false;
    window.clearTimeout(this.timer);
    this.timer = undefined;
    this.player.close();
    this.adjust.reset();
    this.stage.empty(event ? words.loading : words.nothingSelected);
    document.body.classList.toggle("idle", !event);
    if (!event) return;
    this.facts(event);
    void this.load(event);
  }

  /** The event changed: new facts at once, new frames soon. */
  update(event: RaisedEvent): void {
    if (event.id !== this.event?.id) return;
    this.event = event;
    this.details.show(event);
    this.facts(event);
    this.timer ??= window.setTimeout(() => {
      this.timer = undefined;
      void this.load(event);
    }, AGAIN_MS);
  }

  /** Read the event that comes next, with its surest picture, before it is asked for. */
  prepare(id: string | undefined): void {
    if (!id || this.ahead.has(id)) return;
    this.ahead.clear();
    const coming = api.event(id);
    this.ahead.set(id, coming);
    coming.then((event) => this.stage.prepare(event.frames.slice(-12))).catch(() => this.ahead.delete(id));
  }

  toggleBoxes(): void {
    this.stage.toggleBoxes();
  }

  private countDrafts(): void {
    const count = this.event ? this.drafts.count(this.event.id) : 0;
    say(byId("edit-frames"), count ? String(count) : "");
  }

  /** Its own keys: one key, one act. */
  keys(): Record<string, () => void> {
    return {
      z: () => this.nextView(),
      "-": () => this.player.pace.change(-1),
      "+": () => this.player.pace.change(1),
      "=": () => this.player.pace.change(1),
      ",": () => this.adjust.brighter(-1),
      ".": () => this.adjust.brighter(1),
      "<": () => this.adjust.harder(-1),
      ">": () => this.adjust.harder(1),
      "0": () => this.adjust.reset(),
      i: () => this.details.toggle(),
      d: () => this.details.download(),
    };
  }

  private nextView(): void {
    const view = looking.views[this.stage.nextView()];
    byId("view").title = view;
    say(byId("view-note"), view);
  }

  private async load(event: RaisedEvent): Promise<void> {
    try {
      const read = await ((!this.loaded && this.ahead.get(event.id)) || api.event(event.id));
      this.ahead.delete(event.id);
      if (this.event?.id !== event.id) return;
      if (this.loaded) return this.player.extend(read.frames);
      this.loaded = true;
      this.player.open(read.frames, this.describe(read));
      if (!read.frames.length) this.stage.blank(words.pictureGone);
    } catch (error) {
      if (this.event?.id === event.id && !this.loaded) this.stage.blank(words.notLoaded(reasonOf(error)));
    }
  }

  private facts(event: RaisedEvent): void {
    const review = lastReview(event);
    showNotes(event);
    this.countDrafts();
    this.stage.draw();
    byId("hazard").replaceChildren(mark(event.hazard), make("span", "", HAZARDS[event.hazard]));
    byId("hazard").dataset.hazard = event.hazard;
    say(byId("camera"), this.nameOf(event.camera));
    say(byId("reason"), reasonIn(event.reason));
    const figures: [string, string][] = [
      [words.confidence, words.percent(event.best.confidence)],
      [words.raised, moment(event.raised_at ?? event.started_at)],
      [words.lastSeen, moment(event.last_seen_at)],
      [words.model, event.best.bundle],
    ];
    byId("figures").replaceChildren(...figures.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]));
    const said = review && event.verdict ? words.decidedBy(verdictOf(review), review.by, moment(review.at)) : "";
    say(byId("verdict"), said || (document.body.dataset.mayReview === "yes" ? "" : words.mayNotReview));
    for (const button of document.querySelectorAll<HTMLButtonElement>("[data-verdict]")) {
      if (button.tagName === "BUTTON") button.setAttribute("aria-pressed", String(button.dataset.verdict === event.verdict));
    }
  }

  private describe(event: RaisedEvent): string {
    return words.picture(HAZARDS[event.hazard], this.nameOf(event.camera), moment(event.raised_at ?? event.started_at));
  }
}
