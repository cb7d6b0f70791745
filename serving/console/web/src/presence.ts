/** Who else has this event open. The service forgets a page that has not said for 30 s that it still looks. */

import { call } from "./api";
import { byId, say } from "./dom";
import { presence as words } from "./words";

const BEAT_MS = 10_000;
const SETTLED_MS = 250; // whoever only passes by does not look

export class Presence {
  private readonly seat = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  private event: string | null = null;
  private timer: number | undefined;
  private beating: Promise<unknown> = Promise.resolve();

  constructor() {
    window.addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void this.beat());
  }

  look(event: string | null): void {
    if (event === this.event) return;
    const [before, sent] = [this.event, this.beating];
    if (before) void sent.then(() => this.say("DELETE", before)).catch(() => undefined);
    this.event = event;
    say(byId("others"), "");
    window.clearTimeout(this.timer);
    if (event) this.timer = window.setTimeout(() => void this.beat(), SETTLED_MS);
  }

  private async beat(): Promise<void> {
    const event = this.event;
    window.clearTimeout(this.timer);
    if (!event) return;
    this.timer = window.setTimeout(() => void this.beat(), BEAT_MS);
    const answer = this.say<{ others: { name: string }[] }>("PUT", event);
    this.beating = answer.catch(() => undefined);
    // Where the service does not answer the page says so already, and nobody knows who looks.
    const others = await answer.then(({ others }) => others.map(({ name }) => name)).catch(() => []);
    if (this.event === event) say(byId("others"), others.length ? words.others(others) : "");
  }

  private leave(): void {
    if (this.event) void this.say("DELETE", this.event).catch(() => undefined);
  }

  private say<T>(method: "PUT" | "DELETE", event: string): Promise<T> {
    return call<T>(`/v1/events/${encodeURIComponent(event)}/presence/${this.seat}`, { method, keepalive: true });
  }
}
