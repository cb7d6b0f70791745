// Server-sent events. The browser reconnects and says where it was; after a break the page reads the lists anew.
import type { EventItem } from "./api";

export interface Change extends EventItem {
  change: string;
}

export function follow(onChange: (change: Change) => void, onState: (live: boolean, again: boolean) => void): void {
  let source: EventSource;
  let before = false;
  const connect = () => {
    source = new EventSource("/v1/stream");
    source.addEventListener("open", () => {
      onState(true, before);
      before = true;
    });
    source.addEventListener("event", (message) => onChange(JSON.parse((message as MessageEvent<string>).data)));
    source.addEventListener("error", () => {
      onState(false, before);
      // A refusal, while the service starts say, ends an EventSource for good: try again ourselves.
      if (source.readyState === EventSource.CLOSED) window.setTimeout(connect, 1000);
    });
  };
  connect();
}
