/** Says aloud, and on the desktop, that something was raised. What this browser shall say is kept in it. */

import { byId, say } from "./dom";
import { allowSound, canSound, ring } from "./sound";
import type { Hazard, RaisedEvent } from "./types";
import { HAZARDS, queueing } from "./words";

const KEPT = "balefire-alarm";
const ONE_TAB_MS = 2_000; // of several tabs the first sounds, and not each raised event of one minute at once
const ALL: Hazard[] = ["flame", "smoke", "waste"];

interface Settings {
  off: Hazard[];
  desktop: boolean;
}

export class Alarm {
  private settings: Settings = kept();

  constructor(
    private readonly nameOf: (camera: string) => string,
    private readonly open: (id: string) => void,
  ) {
    for (const box of boxes()) {
      box.addEventListener("change", () => this.keep({ off: boxes().filter((one) => !one.checked).map(hazardOf) }));
    }
    for (const button of [byId("test-alarm"), byId("unmute")]) button.addEventListener("click", () => void this.test());
    byId("notify").addEventListener("click", () => void this.askDesktop());
    // At the click, not the press, and not while somebody walks there by keyboard: else the button would vanish before it.
    for (const touch of ["click", "keydown"]) {
      document.addEventListener(touch, (event) => event.isTrusted && !walks(event) && this.allow(), { capture: true });
    }
    window.addEventListener("storage", (change) => change.key === KEPT && this.reread());
    this.show();
  }

  raised(event: RaisedEvent): void {
    if (!this.settings.off.includes(event.hazard) && canSound()) inOneTab(`sound-${event.hazard}`, () => ring(event.hazard));
    if (this.settings.desktop && granted() && document.hidden) inOneTab(`desktop-${event.id}`, () => this.tell(event));
  }

  private async test(): Promise<void> {
    await allowSound(() => this.show());
    ring("flame");
  }

  private allow(): void {
    if (!canSound() && this.settings.off.length < ALL.length) void allowSound(() => this.show()).catch(() => undefined);
  }

  private tell(event: RaisedEvent): void {
    const title = queueing.arrived(HAZARDS[event.hazard], this.nameOf(event.camera));
    const message = new Notification(title, { tag: event.id, icon: "/static/mark.svg" });
    message.addEventListener("click", () => {
      window.focus();
      this.open(event.id);
      message.close();
    });
  }

  private async askDesktop(): Promise<void> {
    const on = !this.settings.desktop || !granted();
    if (on && Notification.permission === "default") await Notification.requestPermission();
    this.keep({ desktop: on && granted() });
  }

  private keep(changed: Partial<Settings>): void {
    this.settings = { ...this.settings, ...changed };
    localStorage.setItem(KEPT, JSON.stringify(this.settings));
    this.show();
  }

  private reread(): void {
    this.settings = kept();
    this.show();
  }

  private show(): void {
    const { off, desktop } = this.settings;
    for (const box of boxes()) box.checked = !off.includes(hazardOf(box));
    const all = off.length === ALL.length;
    byId("silent").hidden = all || canSound();
    say(byId("alarm-state"), all ? queueing.alarmOff : queueing.alarmOn);
    byId("alarm").classList.toggle("off", off.length > 0);
    const able = typeof Notification !== "undefined";
    const refused = able && Notification.permission === "denied";
    byId<HTMLButtonElement>("notify").hidden = !able || refused;
    byId("notify").setAttribute("aria-pressed", String(desktop && granted()));
    say(byId("notify-state"), refused ? queueing.blocked : desktop && granted() ? queueing.mayNotify : "");
  }
}

function walks(event: Event): boolean {
  return event instanceof KeyboardEvent && ["Tab", "Shift"].includes(event.key);
}

function boxes(): HTMLInputElement[] {
  return [...byId("alarm").querySelectorAll<HTMLInputElement>("input[type=checkbox]")];
}

function hazardOf(box: HTMLInputElement): Hazard {
  return box.value as Hazard;
}

function granted(): boolean {
  return typeof Notification !== "undefined" && Notification.permission === "granted";
}

function kept(): Settings {
  const nothing: Settings = { off: [], desktop: false };
  try {
    return { ...nothing, ...(JSON.parse(localStorage.getItem(KEPT) ?? "{}") as Partial<Settings>) };
  } catch {
    return nothing;
  }
}

/** Once for all tabs of this browser; each of them hears of it at about the same time. */
function inOneTab(what: string, act: () => void): void {
  if (!navigator.locks) return act();
  void navigator.locks.request(`balefire-${what}`, { ifAvailable: true }, async (mine) => {
    if (!mine) return;
    act();
    await new Promise((done) => setTimeout(done, ONE_TAB_MS));
  });
}
