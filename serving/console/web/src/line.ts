/** One line to the service's stream, wherever it runs: in a worker for all tabs, or in a page alone. No document here. */

const PROBE_MS = 5_000;
const AGAIN_MS = 1_000;

/** `beat`: the line's keeper lives. `denied`: nobody is signed in any more. */
export type Said =
  | { kind: "open" | "lost" | "denied" | "beat" }
  | { kind: "event" | "camera" | "drill"; data: string };

/**
 * EventSource resumes by itself with Last-Event-ID. It gives up where the service answers anything but 200 (as while it
 * starts), and it never notices a line that is dead but not closed: so we open it anew after the last id, and ask /livez now
 * and then.
 */
export class Line {
  private source: EventSource | null = null;
  private standing = false;
  private last = "";

  constructor(private readonly say: (said: Said) => void) {
    self.addEventListener("offline", () => this.lose());
    setInterval(() => void this.probe(), PROBE_MS);
  }

  get stands(): boolean {
    return this.standing;
  }

  /** Opens it where it is not, as after somebody signed in again. */
  open(): void {
    if (this.source) return;
    const source = new EventSource(`/v1/stream${this.last ? `?after=${this.last}` : ""}`);
    this.source = source;
    source.onopen = () => {
      this.standing = true;
      this.say({ kind: "open" });
    };
    source.onerror = () => {
      this.lose();
      if (source.readyState === EventSource.CLOSED) setTimeout(() => void this.again(), AGAIN_MS);
    };
    for (const kind of ["event", "camera", "drill"] as const) {
      source.addEventListener(kind, (item) => {
        this.last = item.lastEventId || this.last;
        this.say({ kind, data: item.data as string });
      });
    }
  }

  private lose(): void {
    this.standing = false;
    this.say({ kind: "lost" });
  }

  private async again(): Promise<void> {
    this.source?.close();
    this.source = null;
    if ((await status("/v1/bundles")) === 401) this.say({ kind: "denied" });
    else this.open();
  }

  private async probe(): Promise<void> {
    this.say({ kind: "beat" });
    if (!this.standing || (await status("/livez")) === 200) return;
    this.lose();
    await this.again();
  }
}

/** The status of an answer, 0 where none came. */
async function status(path: string): Promise<number> {
  try {
    return (await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(PROBE_MS - 500) })).status;
  } catch {
    return 0;
  }
}
