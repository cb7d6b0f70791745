/** What happens now, by server-sent events. Says at once when the line is broken, and mends it by itself. */

import { signInAgain } from "./api";
import type { DrillChange, EventChange } from "./types";

const PROBE_MS = 5_000;
const AGAIN_MS = 1_000;

export interface Listener {
  /** The line stands (again): what was missed meanwhile has to be read anew. */
  open(): void;
  lost(): void;
  event(change: EventChange): void;
  camera(): void;
  drill(change: DrillChange): void;
}

/**
 * EventSource resumes by itself with Last-Event-ID. It gives up where the service answers anything but 200 (as while it
 * starts), and it never notices a line that is dead but not closed: so we open it anew, and ask /livez now and then.
 */
export function listen(listener: Listener): void {
  let source: EventSource;
  let standing = true;
  const lost = () => {
    if (standing) listener.lost();
    standing = false;
  };
  const connect = () => {
    source = new EventSource("/v1/stream");
    source.onopen = () => {
      standing = true;
      listener.open();
    };
    source.onerror = () => {
      lost();
      if (source.readyState === EventSource.CLOSED) setTimeout(() => void reconnect(), AGAIN_MS);
    };
    source.addEventListener("event", (item) => listener.event(JSON.parse(item.data) as EventChange));
    source.addEventListener("camera", () => listener.camera());
    source.addEventListener("drill", (item) => listener.drill(JSON.parse(item.data) as DrillChange));
  };
  const reconnect = async () => {
    source.close();
    if ((await status("/v1/bundles")) === 401) signInAgain();
    else connect();
  };
  const probe = async () => {
    if (standing && (await status("/livez")) !== 200) {
      lost();
      await reconnect();
    }
  };
  window.addEventListener("offline", lost);
  setInterval(() => void probe(), PROBE_MS);
  connect();
}

/** The status of an answer, 0 where none came. */
async function status(path: string): Promise<number> {
  try {
    return (await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(PROBE_MS - 500) })).status;
  } catch {
    return 0;
  }
}
