// The queue: what waits, the chosen event, a verdict by button or key.
import * as api from "./api";
import type { EventItem, Verdict } from "./api";
import { Player } from "./player";
import { follow, type Change } from "./stream";
import { ago, hazards, marks, percent, timeOf, words } from "./words";

const at = <T extends Element>(id: string) => document.getElementById(id) as unknown as T;

const player = new Player(
  at<HTMLImageElement>("picture"), at<SVGSVGElement>("boxes"), at<HTMLElement>("caption"),
  at<HTMLInputElement>("scrub"), at<HTMLOutputElement>("frame-number"), at<HTMLButtonElement>("play"),
);
const waiting = new Map<string, EventItem>();
const decided = new Map<string, EventItem>();
const names = new Map<string, string>();
let chosen: string | undefined;
let deciding = false;

// Flame before smoke before waste; then the surer, then the older.
const rank = { flame: 0, smoke: 1, waste: 2 };
const order = (a: EventItem, b: EventItem) =>
  rank[a.hazard] - rank[b.hazard] || b.best.confidence - a.best.confidence || a.id.localeCompare(b.id);
const inOrder = () => [...waiting.values()].sort(order);

function element(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text; // names and notes come from people: never as HTML
  return made;
}

function row(event: EventItem): HTMLElement {
  const item = element("li", "");
  const button = element("button", "row") as HTMLButtonElement;
  button.dataset.event = event.id;
  button.append(element("span", `mark ${event.hazard}`, marks[event.hazard]));
  const text = element("span", "text");
  text.append(element("span", "name", names.get(event.camera) ?? event.camera), element("span", "why", detail(event)));
  button.append(text, element("span", "figures", event.verdict ? "" : percent(event.best.confidence)));
  button.setAttribute("aria-current", String(event.id === chosen));
  button.addEventListener("click", () => choose(event.id));
  item.append(button);
  return item;
}

function detail(event: EventItem): string {
  const last = event.reviews.at(-1);
  if (last) return `${hazards[event.hazard]} · ${words.decidedBy(last.verdict, last.by)} · ${timeOf(last.at)}`;
  return `${hazards[event.hazard]} · ${ago(event.raised_at ?? event.started_at)}`;
}

function paint(): void {
  const rows = inOrder();
  at("waiting").replaceChildren(...rows.map(row));
  at("decided").replaceChildren(...[...decided.values()].sort((a, b) => lastAt(b).localeCompare(lastAt(a))).slice(0, 30).map(row));
  at("waiting-count").textContent = String(rows.length);
  at<HTMLElement>("nothing").hidden = rows.length > 0;
  document.title = rows.length ? `(${rows.length}) balefire` : "balefire";
}

const lastAt = (event: EventItem) => event.reviews.at(-1)?.at ?? "";

async function choose(id: string | undefined, keep = false): Promise<void> {
  chosen = id;
  at<HTMLElement>("event").hidden = !id;
  at<HTMLElement>("empty").hidden = Boolean(id);
  if (!keep) at("said").textContent = "";
  paint();
  if (!id) return;
  const event = await api.event(id);
  if (chosen !== id) return; // another was chosen meanwhile
  const mark = at<HTMLElement>("mark");
  mark.textContent = marks[event.hazard];
  mark.className = `mark ${event.hazard}`;
  at("headline").textContent = `${hazards[event.hazard]} · ${names.get(event.camera) ?? event.camera}`;
  at("reason").textContent = event.reason;
  at("model").textContent = event.best.bundle;
  player.open(event, keep);
}

async function decide(verdict: Verdict): Promise<void> {
  if (!chosen || deciding) return;
  const id = chosen;
  const rows = inOrder();
  const place = rows.findIndex((event) => event.id === id);
  deciding = true;
  try {
    const event = await api.review(id, verdict);
    waiting.delete(id);
    decided.set(id, event);
    const next = rows[place + 1] ?? rows[place - 1];
    await choose(next?.id);
    at("said").textContent = words.noted(verdict);
  } catch (error) {
    at("said").textContent = words.failed(error instanceof Error ? error.message : String(error));
  } finally {
    deciding = false;
  }
}

function move(by: number): void {
  const rows = inOrder();
  const place = rows.findIndex((event) => event.id === chosen);
  const next = rows[Math.min(Math.max(place + by, 0), rows.length - 1)];
  if (next) void choose(next.id);
}

async function readNames(): Promise<void> {
  for (const camera of (await api.cameras()).items) names.set(camera.id, camera.name);
}

function onChange(change: Change): void {
  if (!names.has(change.camera)) {
    names.set(change.camera, change.camera); // a camera that joined after the page was opened
    void readNames().then(() => choose(chosen, true));
  }
  const target = change.verdict ? decided : waiting;
  (change.verdict ? waiting : decided).delete(change.id);
  // Items about sightings carry no reviews: a decided event stays decided.
  if (!change.verdict && decided.has(change.id)) return;
  target.set(change.id, change);
  if (!chosen && !change.verdict) void choose(change.id);
  else if (change.id === chosen) void choose(chosen, true);
  else paint();
}

async function readAll(): Promise<void> {
  const [, open, done] = await Promise.all([readNames(), api.waiting(), api.decided()]);
  waiting.clear();
  decided.clear();
  for (const event of open.items) waiting.set(event.id, event);
  for (const event of done.items) decided.set(event.id, event);
  const known = chosen !== undefined && (waiting.has(chosen) || decided.has(chosen));
  await choose(known ? chosen : inOrder()[0]?.id, known);
}

function onState(live: boolean, again: boolean): void {
  const state = at<HTMLElement>("link-state");
  state.dataset.state = live ? "live" : "lost";
  state.textContent = live ? words.live : words.lost;
  if (live && again) void readAll();
}

const actions: Record<string, () => void> = {
  1: () => void decide("real"), 2: () => void decide("false"), 3: () => void decide("unsure"),
  j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
  ArrowRight: () => player.step(1), ArrowLeft: () => player.step(-1), " ": () => player.toggle(),
};

document.addEventListener("keydown", (press) => {
  const action = actions[press.key.length === 1 ? press.key.toLowerCase() : press.key];
  const typing = press.target instanceof HTMLInputElement && press.target.type !== "range";
  if (!action || typing || press.ctrlKey || press.metaKey || press.altKey || press.repeat && "123".includes(press.key)) return;
  press.preventDefault();
  action();
});
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-verdict]"))
  button.addEventListener("click", () => void decide(button.dataset.verdict as Verdict));
window.setInterval(paint, 15_000); // "since" grows

void readAll().then(() => follow(onChange, onState));
