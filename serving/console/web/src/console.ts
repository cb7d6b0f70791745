/** The operators' page: what waits, the selected event, a verdict by button or key, what was decided by whom. */

import { Blind } from "./blind";
import { Alarm } from "./alarm";
import { Refused, api, reasonOf } from "./api";
import { showBacklog } from "./backlog";
import { byId, make, say } from "./dom";
import { EventPage } from "./event_page";
import { Filters } from "./filters";
import { onKeys } from "./keys";
import { EventList } from "./list";
import { complain } from "./notices";
import { Place } from "./place";
import { Queue, lastReview, neighbour } from "./queue";
import { Presence } from "./presence";
import { Reading } from "./reading";
import { ReasonSheet } from "./reason_sheet";
import { listen } from "./stream";
import { moment } from "./time";
import type { EventChange, RaisedEvent, Reason, Verdict } from "./types";
import { Views } from "./views";
import { WindowList } from "./window_list";
import { HAZARDS, VERDICTS, queueing, words } from "./words";
import { ZoneSheet } from "./zone_sheet";

const NOTICE_MS = 12_000;
const JUST_NOW_MS = 3_000;
const SOON_MS = 16;
const FEW = 40; // below this the next page of what waits is read

const mayReview = document.body.dataset.mayReview === "yes";
const nameOf = (camera: string) => reading.names.get(camera) ?? camera;
const me = byId("who").textContent;
const filters = new Filters((address) => narrow(address));
const queue = new Queue((event) => filters.matches(event));
const reading = new Reading(queue, filters, () => paint());
const views = new Views(() => filters.address, (address) => narrow(address));
const sheet = new ReasonSheet((verdict, reason, note) => void decide(verdict, reason, note));
const zone = new ZoneSheet();
const presence = new Presence();
const blind = new Blind(nameOf);
const page = new EventPage(nameOf);
const waiting = new WindowList(byId("waiting"), nameOf, (group) => select(first(group)));
const decided = new EventList(byId("decided"), nameOf, (id) => select(id, true));
const place = new Place(nameOf, (id) => select(id, true), () => select(first(selectedGroup()) ?? selected));
const alarm = new Alarm(nameOf, (id) => select(id));
let selected: string | null = inAddress();
/** Only the selected event is decided, not all that waits at its place. */
let one = false;

function inAddress(): string | null {
  return /^\/events\/([0-9A-Za-z]+)$/.exec(location.pathname)?.[1] ?? null;
}

/** The most urgent event of a row. */
function first(group: string | undefined): string | null {
  return queue.row(group)?.events[0]?.id ?? null;
}

function selectedGroup(): string | undefined {
  const event = queue.get(selected);
  return event?.verdict ? undefined : event?.group;
}

/** What a decision now would decide: the whole place, but an event whose boxes were corrected by itself. */
function targets(): RaisedEvent[] {
  const event = queue.get(selected);
  if (!event) return [];
  return (alone() || event.verdict ? undefined : queue.row(event.group)?.events) ?? [event];
}

/** Opened by itself, or with boxes that were corrected: those are of this event only. */
function alone(): boolean {
  return one || (selected !== null && page.drafts.count(selected) > 0);
}

function paint(still = true): void {
  const { waiting: all, chosen } = reading.backlog();
  const narrowed = filters.address !== "";
  waiting.show(queue.rows(), selectedGroup(), still);
  decided.show(queue.decided(), selected);
  place.show(queue.row(selectedGroup())?.events ?? [], selected, alone());
  showBacklog(all, chosen, narrowed);
  say(byId("nothing"), narrowed ? queueing.nothingChosen : words.nothing);
  byId("nothing").hidden = queue.rows().length > 0;
}

function select(id: string | null, single = false): void {
  if (id !== selected) {
    sheet.close();
    zone.close();
  }
  if (queue.get(id)?.group !== queue.get(selected)?.group) onward = undefined;
  [selected, one] = [id, single];
  const event = queue.get(id);
  history.replaceState(null, "", address(event));
  page.open(event);
  if (mayReview) presence.look(event?.id ?? null);
  paint();
  if (!event) return;
  if (event.verdict) decided.reveal(event.id);
  else waiting.reveal(event.group);
  prepareNext(event);
}

function address(event: RaisedEvent | undefined): string {
  return (event ? `/events/${event.id}` : "/") + (filters.address && `?${filters.address}`);
}

/** What follows is read before it is asked for. */
function prepareNext(event: RaisedEvent): void {
  const rest = queue.row(event.group)?.events.filter((other) => other.id !== event.id) ?? [];
  const next = one && rest[0] ? rest[0].id : first(waiting.next(event.group, 1));
  page.prepare(next === event.id ? undefined : (next ?? undefined));
}

function move(step: number): void {
  const open = queue.rows().map((row) => row.group);
  const ids = queue.decided().map((event) => event.id);
  const all = [...open, ...ids];
  const now = selectedGroup() ?? selected;
  const next = neighbour(all, now, step);
  if (next === null || next === now) return;
  const group = queue.row(next);
  select(group ? first(next) : next, !group);
}

/** The events at this place one by one. */
function step(by: number): void {
  const events = queue.row(selectedGroup())?.events ?? [];
  if (events.length > 1) select(one ? neighbour(events.map((event) => event.id), selected, by) : selected, true);
}

/** Another view of the queue: in the page's address, so that back leads to the one before. */
function narrow(address: string): void {
  filters.take(address);
  history.pushState(null, "", filters.address ? `/?${filters.address}` : "/");
  void openView();
}

async function openView(): Promise<void> {
  const asked = inAddress();
  reading.fromTheStart();
  await reading.all().catch(complain);
  views.show();
  waiting.toTop();
  if (asked && !queue.get(asked)) await readAgain(asked);
  if (asked) await readPlaceOf(asked);
  const event = queue.get(asked ?? selected);
  const there = event && (asked !== null || queue.row(event.group)) ? event.id : null;
  select(there ?? first(queue.rows()[0]?.group), event?.verdict != null);
}

/** The next place is shown at once; where the service refuses, the decided one comes back and the page says why. */
async function decide(verdict: Verdict, reason?: Reason, note?: string): Promise<void> {
  const events = targets();
  const event = queue.get(selected);
  if (!event || !mayReview || queue.isHeld(event.id) || decidedFirst(event)) return;
  const open = queue.rows();
  const at = event.verdict ? -1 : open.findIndex((row) => row.group === event.group);
  queue.hold(events);
  if (at >= 0) goOn(event, (open[at + 1] ?? open[at - 1])?.group);
  const saved = save(events, verdict, reason, note);
  saving = Promise.all([saving, saved]);
  await saved;
  queue.release(events);
  if (selected === event.id) page.update(queue.get(event.id) ?? event);
  if (selected === null) select(first(queue.rows()[0]?.group));
  if (reading.hasMore && queue.rows().length < FEW) void reading.more().catch(complain);
  reading.recount();
  paint();
}

/** What is left of the same place comes before the next one. */
function goOn(event: RaisedEvent, next: string | undefined): void {
  paint(false);
  const left = first(event.group);
  const goal = onward && queue.row(onward) ? onward : next;
  select(left ?? first(goal), left !== null);
  onward = left === null ? undefined : goal;
}

/** Where the operator goes on once all of a place is decided one by one: what is left of it may wait far down the list. */
let onward: string | undefined;

/** Decisions that the service has not answered yet. */
let saving: Promise<unknown> = Promise.resolve();

async function save(events: RaisedEvent[], verdict: Verdict, reason?: Reason, note?: string): Promise<void> {
  const [event] = events;
  if (!event) return;
  try {
    const done =
      events.length > 1
        ? await api.reviewPlace(events, verdict, reason, note)
        : [await api.review(event, verdict, reason, note, page.drafts.correction(event))];
    for (const reviewed of done) queue.put(reviewed);
    page.drafts.forget(event.id);
  } catch (error) {
    const refused = error instanceof Refused && error.code === "decided_meanwhile";
    const again = refused ? await Promise.all(events.map(({ id }) => readAgain(id))) : [];
    const theirs = again.find((known) => known?.verdict);
    const review = theirs && lastReview(theirs);
    if (theirs && review) {
      const told = words.decidedMeanwhile(nameOf(event.camera), review.by, VERDICTS[review.verdict]);
      notice(told, () => select(theirs.id, true));
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

/** Take back the decision on the selected event, else this person's last one, with all that it decided. */
async function undo(): Promise<void> {
  if (!mayReview) return;
  await saving;
  const open = queue.get(selected);
  const event = open?.verdict ? open : queue.decided().find((other) => lastReview(other)?.by === me);
  const review = event && lastReview(event);
  if (!review) return notice(words.nothingToUndo);
  try {
    for (const back of await api.undo(event.group, review.id)) queue.put(back);
    page.drafts.keep(event.id, review);
    reading.recount();
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
  if (!reading.names.has(change.camera)) await reading.cameras();
  const missed = queue.isBeyond(change) && change.change !== "raised";
  if (!missed && (queue.take(change) === undefined || (!change.verdict && !queue.isWhole(change.group)))) {
    await reading.place(change.group);
  }
  const event = missed ? undefined : queue.get(change.id);
  if (change.change === "raised" || change.change === "reviewed") reading.recount();
  if (!event) return;
  if (change.change === "raised") arrive(event);
  page.update(event);
  if (selected === null && queue.row(event.group)) select(first(event.group));
  else paintSoon();
}

/** Once, however much comes; by a timer, since a tab in the background draws no frames and its title shall count. */
function paintSoon(): void {
  painting ??= window.setTimeout(() => {
    painting = undefined;
    paint();
  }, SOON_MS);
}

let painting: number | undefined;

/** Announced, never opened: the operator is in the middle of another one. */
function arrive(event: RaisedEvent): void {
  alarm.raised(event);
  if (queue.row(event.group)) waiting.announce(event.group, queueing.arrived(HAZARDS[event.hazard], nameOf(event.camera)));
}

/** Everything anew: at the start, and whenever something may have been missed. */
async function readAll(): Promise<void> {
  const shown = queue.get(selected);
  await reading.all();
  mark(reading.drill);
  if (selected && !queue.get(selected)) queue.put(shown ?? (await api.event(selected)));
  if (selected) await readPlaceOf(selected);
  const event = queue.get(selected);
  if (event && shown) page.update(event);
  else select(event?.id ?? first(queue.rows()[0]?.group), event?.verdict != null);
  paint();
}

/** What is open is in the list, however far down it waits. */
async function readPlaceOf(id: string): Promise<void> {
  const event = queue.get(id);
  if (!event || event.verdict) return;
  queue.showAhead(event.group);
  if (!queue.isWhole(event.group)) await reading.place(event.group);
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
  Home: () => select(first(queue.rows()[0]?.group)),
  "]": () => step(1),
  "[": () => step(-1),
  Escape: () => void (one && selectedGroup() && select(selected)),
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
waiting.onEnd = () => void reading.more().catch(complain);
window.addEventListener("popstate", () => {
  filters.take(location.search);
  void openView();
});
state("connecting", words.connecting);
setInterval(() => paint(), 1_000); // ages grow
void views.read().catch(complain);
listen({
  open: () => {
    void readAll().then(() => state("live", words.live), complain);
    blind.ask();
  },
  lost: () => state("lost", words.lost(moment(new Date()))),
  event: (change) => void onChange(change).catch(complain),
  drill: (change) => mark(change.running ? change : null),
  camera: () => {
    void reading.cameras().then(() => paint(), complain);
    blind.ask();
  },
});
