/** The sheet that asks why: one key a reason. The key that opened it, pressed again, takes the one it offers first. */

import { byId, make } from "./dom";
import type { Reason, Verdict } from "./types";
import { REASONS, VERDICTS, words } from "./words";

const KEYS: Record<string, Reason> = {
  c: "cloud", f: "fog", d: "dust", s: "steam", h: "chimney", g: "sun_glare", t: "sunset", l: "street_lamp", r: "tail_lights",
  v: "vehicle_lights", w: "welding", b: "barbecue", i: "incense", k: "fireworks", e: "red_object", m: "water_reflection",
  n: "lens_dirt", p: "permitted_burning", a: "legal_storage", o: "other",
};
const OPENERS: Partial<Record<Verdict, string>> = { false: "2", unsure: "3" };

export class ReasonSheet {
  private readonly sheet = byId("reasons");
  private verdict: Verdict = "false";
  private last: Reason = "other";

  constructor(private readonly decide: (verdict: Verdict, reason?: Reason) => void) {
    document.addEventListener("keydown", (press) => this.onKey(press), { capture: true });
  }

  ask(verdict: Verdict): void {
    this.verdict = verdict;
    const first = verdict === "false" ? REASONS[this.last] : words.noReason;
    const buttons = Object.entries(KEYS).map(([key, reason]) => this.button(key, REASONS[reason], () => this.choose(reason)));
    const again = this.button(OPENERS[verdict] ?? "", words.again(VERDICTS[verdict], first), () => this.again());
    again.className = "again";
    const back = this.button("Esc", words.back, () => this.close());
    this.sheet.replaceChildren(again, ...buttons, back);
    this.sheet.setAttribute("aria-label", words.why(VERDICTS[verdict]));
    this.sheet.hidden = false;
    this.sheet.focus();
  }

  close(): void {
    if (this.sheet.hidden) return;
    this.sheet.hidden = true;
    this.sheet.replaceChildren();
  }

  private choose(reason?: Reason): void {
    if (reason && this.verdict === "false") this.last = reason;
    this.close();
    this.decide(this.verdict, reason);
  }

  private again(): void {
    this.choose(this.verdict === "false" ? this.last : undefined);
  }

  /** While the sheet is open its keys are its own, and those of the page rest. */
  private onKey(press: KeyboardEvent): void {
    if (this.sheet.hidden || press.ctrlKey || press.metaKey || press.altKey) return;
    const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
    if (["Tab", "Shift", "Enter", " "].includes(key)) return;
    press.preventDefault();
    press.stopPropagation();
    if (press.repeat) return;
    const reason = KEYS[key];
    if (reason) this.choose(reason);
    else if (key === OPENERS[this.verdict]) this.again();
    else if (key === "Escape") this.close();
  }

  private button(key: string, text: string, act: () => void): HTMLButtonElement {
    const button = make("button");
    button.type = "button";
    button.append(make("kbd", "", key), make("span", "", text));
    button.addEventListener("click", act);
    return button;
  }
}
