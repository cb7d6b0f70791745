/** The one line of a browser, however many tabs are open. It lives as long as one of them does. */

import { Line, type Said } from "./line";

const ports = new Set<MessagePort>();
const line = new Line((said: Said) => {
  for (const port of ports) port.postMessage(said);
});

self.addEventListener("connect", (connected) => {
  for (const port of (connected as MessageEvent).ports) {
    ports.add(port);
    port.addEventListener("message", () => ports.delete(port)); // all that a tab ever says: goodbye
    port.start();
    if (line.stands) port.postMessage({ kind: "open" } satisfies Said);
  }
  line.open();
});
