/** What happens now. Says at once when the line is broken; it mends by itself. All tabs of a browser share one line. */

import { signInAgain } from "./api";
import { Line, type Said } from "./line";
import type { DrillChange, EventChange } from "./types";

const LOOK_MS = 5_000;
const SILENT_MS = 20_000; // a worker that says nothing for so long has died, or this machine slept

export interface Listener {
  /** The line stands (again): what was missed meanwhile has to be read anew. */
  open(): void;
  lost(): void;
  event(change: EventChange): void;
  camera(): void;
  drill(change: DrillChange): void;
}

export function listen(listener: Listener): void {
  let [standing, heard, hangUp] = [true, Date.now(), () => {}];
  const hear = (said: Said) => {
    heard = Date.now();
    if (said.kind === "open") {
      standing = true;
      listener.open();
    } else if (said.kind === "lost") {
      if (standing) listener.lost();
      standing = false;
    } else if (said.kind === "denied") signInAgain();
    else if (said.kind === "camera") listener.camera();
    else if (said.kind === "event") listener.event(JSON.parse(said.data) as EventChange);
    else if (said.kind === "drill") listener.drill(JSON.parse(said.data) as DrillChange);
  };
  const connect = () => {
    hangUp();
    hangUp = pickUp(hear);
  };
  window.addEventListener("pagehide", () => hangUp());
  window.addEventListener("pageshow", (shown) => shown.persisted && connect());
  setInterval(() => {
    if (Date.now() - heard < SILENT_MS) return;
    hear({ kind: "lost" });
    connect();
  }, LOOK_MS);
  connect();
}

let own: Line | null = null;

/** Returns how to hang up. A browser without shared workers has a line for each tab. */
function pickUp(hear: (said: Said) => void): () => void {
  if (typeof SharedWorker === "undefined") {
    own ??= new Line((said) => hear(said));
    own.open();
    return () => {};
  }
  const { port } = new SharedWorker(new URL("./line_worker.ts", import.meta.url), { type: "module", name: "balefire" });
  port.addEventListener("message", (item) => hear(item.data as Said));
  port.start();
  return () => {
    port.postMessage("goodbye");
    port.close();
  };
}
