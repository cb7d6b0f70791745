/** The sheet that asks why: one key a reason. The key that opened it, pressed again, takes the one it offers first. */

import { byId, make } from "./dom";
import type { Reason, Verdict } from "./types";
import { REASONS, VERDICTS, words } from "./words";

const KEYS: Record<string, Reason> = {
  c: "cloud", f: "fog", d: "dust", s: "steam", h: "chimney", g: "sun_glare", t: "sunset", l: "street_lamp", r: "tail_lights",
  v: "vehicle_lights", w: "welding", b: "barbecue", i: "incense", k: "fireworks", e: "red_object", m: "water_reflection",
  n: "lens_dirt", p: "permitted_burning", a: "legal_storage", o: "other",
};
/** What is real and yet nobody's alarm. */
const OF_REAL = new Set<Reason>(["permitted_burning", "legal_storage", "other"]);
const OPENERS: Record<Verdict, string> = { real: "1", false: "2", unsure: "3" };
const NOTE_KEY = "/";
const LONGEST = 1000; // characters of a note

export class ReasonSheet {
  private readonly sheet = byId("reasons");
  private readonly note = make("input");
  private verdict: Verdict = "false";
  private last: Reason = "other";

  constructor(private readonly decide: (verdict: Verdict, reason?: Reason, note?: string) => void) {
    this.note.maxLength = LONGEST;
    this.note.autocomplete = "off";
    document.addEventListener("keydown", (press) => this.onKey(press), { capture: true });
  }

  ask(verdict: Verdict, toWrite = false): void {
    this.verdict = verdict;
    this.note.value = "";
    const first = verdict === "false" ? REASONS[this.last] : words.noReason;
    const buttons = Object.entries(this.reasons()).map(([key, reason]) => this.button(key, REASONS[reason], () => this.choose(reason)));
    const again = this.button(OPENERS[verdict], words.again(VERDICTS[verdict], first), () => this.again());
    again.className = "again";
    const back = this.button("Esc", words.back, () => this.close());
    const line = make("label", "note");
    line.append(make("kbd", "", NOTE_KEY), make("span", "", words.note), this.note);
    this.sheet.replaceChildren(again, ...buttons, back, line);
    this.sheet.setAttribute("aria-label", words.why(VERDICTS[verdict]));
    this.sheet.hidden = false;
    (toWrite ? this.note : this.sheet).focus();
  }

  close(): void {
    if (this.sheet.hidden) return;
    this.sheet.hidden = true;
    this.sheet.replaceChildren();
  }

  private reasons(): Record<string, Reason> {
    if (this.verdict !== "real") return KEYS;
    return Object.fromEntries(Object.entries(KEYS).filter(([, reason]) => OF_REAL.has(reason)));
  }

  private choose(reason?: Reason): void {
    if (reason && this.verdict === "false") this.last = reason;
    this.close();
    this.decide(this.verdict, reason, this.note.value.trim());
  }

  private again(): void {
    this.choose(this.verdict === "false" ? this.last : undefined);
  }

  /** While the sheet is open its keys are its own, and those of the page rest. */
  private onKey(press: KeyboardEvent): void {
    if (this.sheet.hidden || press.ctrlKey || press.metaKey || press.altKey) return;
    if (press.target === this.note) return this.onNoteKey(press);
    const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
    if (["Tab", "Shift", "Enter", " "].includes(key)) return;
    press.preventDefault();
    press.stopPropagation();
    if (press.repeat) return;
    const reason = this.reasons()[key];
    if (reason) this.choose(reason);
    else if (key === NOTE_KEY) this.note.focus();
    else if (key === OPENERS[this.verdict]) this.again();
    else if (key === "Escape") this.close();
  }

  /** Enter sends: something false that needed words of its own is none of the list. Escape goes back to the keys. */
  private onNoteKey(press: KeyboardEvent): void {
    press.stopPropagation();
    if (press.isComposing || (press.key !== "Enter" && press.key !== "Escape")) return;
    press.preventDefault();
    if (press.key === "Escape") this.sheet.focus();
    else if (this.verdict === "false" && this.note.value.trim()) this.choose("other");
    else this.again();
  }

  private button(key: string, text: string, act: () => void): HTMLButtonElement {
    const button = make("button");
    button.type = "button";
    button.append(make("kbd", "", key), make("span", "", text));
    button.addEventListener("click", act);
    return button;
  }
}
