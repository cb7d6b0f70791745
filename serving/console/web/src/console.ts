/** The operators' page: what waits, the selected event, a verdict by button or key, what was decided by whom. */

import { PAGE, Refused, api, reasonOf } from "./api";
import { byId, make, say } from "./dom";
import { EventPage } from "./event_page";
import { onKeys } from "./keys";
import { EventList } from "./list";
import { Queue, lastReview, neighbour } from "./queue";
import { Presence } from "./presence";
import { ReasonSheet } from "./reason_sheet";
import { listen } from "./stream";
import { age, moment } from "./time";
import type { EventChange, RaisedEvent, Reason, Verdict } from "./types";
import { VERDICTS, words } from "./words";
import { ZoneSheet } from "./zone_sheet";

const NOTICE_MS = 12_000;
const JUST_NOW_MS = 3_000;
const FEW = 20; // below this the next page of what waits is read

const mayReview = document.body.dataset.mayReview === "yes";
const names = new Map<string, string>();
const nameOf = (camera: string) => names.get(camera) ?? camera;
const me = byId("who").textContent;
const queue = new Queue();
const sheet = new ReasonSheet((verdict, reason, note) => void decide(verdict, reason, note));
const zone = new ZoneSheet();
const presence = new Presence();
const page = new EventPage(nameOf);
const waiting = new EventList(byId("waiting"), nameOf, select);
const decided = new EventList(byId("decided"), nameOf, select);
let selected: string | null = /^\/events\/([0-9A-Za-z]+)$/.exec(location.pathname)?.[1] ?? null;
let more = false;

function ids(): string[] {
  return [...queue.waiting(), ...queue.decided()].map((event) => event.id);
}

function paint(): void {
  const [open, closed] = [queue.waiting(), queue.decided()];
  waiting.show(open, selected);
  decided.show(closed, selected);
  say(byId("waiting-count"), `${open.length}${more ? "+" : ""}`);
  const oldest = open.map((event) => event.raised_at ?? event.started_at).sort()[0];
  say(byId("oldest"), oldest ? words.oldest(age(oldest)) : "");
  byId("nothing").hidden = open.length > 0;
  document.title = words.title(open.length);
}

function select(id: string | null): void {
  if (id !== selected) {
    sheet.close();
    zone.close();
  }
  selected = id;
  const event = queue.get(id);
  history.replaceState(null, "", event ? `/events/${event.id}` : "/");
  page.open(event);
  if (mayReview) presence.look(event?.id ?? null);
  paint();
  if (!event) return;
  (event.verdict ? decided : waiting).reveal(event.id);
  page.prepare(neighbour(ids(), event.id, 1) ?? undefined);
}

function move(step: number): void {
  const next = neighbour(ids(), selected, step);
  if (next !== null && next !== selected) select(next);
}

/** The next event is shown at once; where the service refuses, the decided one comes back and the page says why. */
async function decide(verdict: Verdict, reason?: Reason, note?: string): Promise<void> {
  const event = queue.get(selected);
  if (!event || !mayReview || queue.isHeld(event.id) || decidedFirst(event)) return;
  const open = queue.waiting();
  const place = open.findIndex((other) => other.id === event.id);
  queue.hold(event.id);
  if (place >= 0) select((open[place + 1] ?? open[place - 1])?.id ?? null);
  const saved = save(event, verdict, reason, note);
  saving = Promise.all([saving, saved]);
  await saved;
  queue.release(event.id);
  if (selected === event.id) page.update(queue.get(event.id) ?? event);
  if (selected === null) select(queue.waiting()[0]?.id ?? null);
  if (more && queue.waiting().length < FEW) void readAll();
  paint();
}

/** Decisions that the service has not answered yet. */
let saving: Promise<unknown> = Promise.resolve();

async function save(event: RaisedEvent, verdict: Verdict, reason?: Reason, note?: string): Promise<void> {
  try {
    queue.put(await api.review(event, verdict, reason, note, page.drafts.correction(event)));
    page.drafts.forget(event.id);
  } catch (error) {
    const meanwhile = error instanceof Refused && error.code === "decided_meanwhile" && (await readAgain(event.id));
    const theirs = meanwhile ? lastReview(meanwhile) : undefined;
    if (theirs) {
      const told = words.decidedMeanwhile(nameOf(event.camera), theirs.by, VERDICTS[theirs.verdict]);
      notice(told, () => select(event.id));
    } else notice(words.notSaved(nameOf(event.camera), reasonOf(error)));
  }
}

/** undefined where the service does not answer. */
async function readAgain(id: string): Promise<RaisedEvent | undefined> {
  const event = await api.event(id).catch(() => undefined);
  if (event) queue.put(event);
  return event;
}

/** 1 is saved at once, unless a note shall go with it; the others ask why. */
function press(verdict: Verdict, toWrite = false): void {
  const event = queue.get(selected);
  if (!event || !mayReview || queue.isHeld(event.id) || decidedFirst(event)) return;
  if (verdict === "real" && !toWrite) void decide(verdict);
  else sheet.ask(verdict, toWrite);
}

function askForZone(): void {
  if (mayReview) void zone.ask(queue.get(selected));
}

/** Take back the decision on the selected event, else this person's last one; then that event is open again. */
async function undo(): Promise<void> {
  if (!mayReview) return;
  await saving;
  const open = queue.get(selected);
  const event = open?.verdict ? open : queue.decided().find((other) => lastReview(other)?.by === me);
  const review = event && lastReview(event);
  if (!review) return notice(words.nothingToUndo);
  try {
    queue.put(await api.undo(event.id, review.id));
    page.drafts.keep(event.id, review);
    select(event.id);
    say(byId("undone"), words.undone(nameOf(event.camera)));
  } catch (error) {
    notice(words.notUndone(nameOf(event.camera), reasonOf(error)));
  }
}

/** Somebody else was a moment faster: say so, and take the next press as meant. */
function decidedFirst(event: RaisedEvent): boolean {
  const review = lastReview(event);
  const arrived = arrivals.get(event.id);
  arrivals.delete(event.id);
  if (!review || arrived === undefined || performance.now() - arrived > JUST_NOW_MS) return false;
  notice(words.decidedFirst(review.by, VERDICTS[review.verdict]));
  return true;
}

const arrivals = new Map<string, number>();

async function onChange(change: EventChange): Promise<void> {
  if (change.change === "reviewed" && change.id === selected && !queue.isHeld(change.id)) {
    arrivals.set(change.id, performance.now());
  }
  if (!names.has(change.camera)) await readCameras();
  if (queue.take(change) === undefined) queue.put(await api.event(change.id));
  const event = queue.get(change.id);
  if (event) page.update(event);
  if (selected === null && event && !event.verdict) select(event.id);
  else paint();
}

async function readCameras(): Promise<void> {
  for (const camera of await api.cameras()) names.set(camera.id, camera.name);
}

/** Everything anew: at the start, and whenever something may have been missed. */
async function readAll(): Promise<void> {
  const [open, closed, { drill }] = await Promise.all([api.waiting(), api.decided(), api.drill(), readCameras()]);
  mark(drill);
  more = open.items.length === PAGE;
  const shown = queue.get(selected);
  queue.replace(open.items, closed.items);
  if (selected && !queue.get(selected)) queue.put(shown ?? (await api.event(selected)));
  const event = queue.get(selected);
  if (event && shown) page.update(event);
  else select(event?.id ?? queue.waiting()[0]?.id ?? null);
  paint();
}

/** null: it is earnest. */
function mark(drill: { name: string } | null): void {
  byId("drill").hidden = drill === null;
  say(byId("drill"), drill ? words.drill(drill.name) : "");
}

function notice(text: string, show?: () => void): void {
  const line = make("p", "", text);
  if (show) {
    const button = make("button", "", words.show);
    button.addEventListener("click", show);
    line.append(button);
  }
  byId("notices").append(line);
  setTimeout(() => line.remove(), NOTICE_MS);
}

function state(name: "connecting" | "live" | "lost", text: string): void {
  byId("top").dataset.state = name;
  say(byId("link-state"), text);
}

function complain(error: unknown): void {
  notice(words.notLoaded(reasonOf(error)));
}

for (const button of document.querySelectorAll<HTMLButtonElement>("#decide button[data-verdict]")) {
  button.disabled = !mayReview;
  button.addEventListener("click", () => {
    button.blur(); // else the space key would decide the next event instead of playing it
    press(button.dataset.verdict as Verdict);
  });
}
onKeys({
  "1": () => press("real"),
  "2": () => press("false"),
  "3": () => press("unsure"),
  u: () => void undo(),
  n: () => press("real", true),
  a: askForZone,
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  ArrowRight: () => page.player.step(1),
  ArrowLeft: () => page.player.step(-1),
  " ": () => page.player.toggle(),
  b: () => page.toggleBoxes(),
  e: () => page.editor.toggle(),
  ...page.keys(),
});
document.getElementById("with-note")?.addEventListener("click", () => press("real", true));
document.getElementById("always")?.addEventListener("click", askForZone);
document.getElementById("undo")?.addEventListener("click", () => void undo());
say(byId("nothing"), words.nothing);
state("connecting", words.connecting);
setInterval(paint, 1_000); // ages grow
listen({
  open: () => void readAll().then(() => state("live", words.live), complain),
  lost: () => state("lost", words.lost(moment(new Date()))),
  event: (change) => void onChange(change).catch(complain),
  drill: (change) => mark(change.running ? change : null),
  camera: () => void readCameras().then(paint, complain),
});
