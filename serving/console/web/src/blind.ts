/** Cameras that do not see are an alarm of the queue's page too: how many, and which, with the way to them. */

import { byId, say } from "./dom";
import { fleet } from "./fleet";
import { coverage, nameOfState } from "./words";

const SOON_MS = 500; // a mast that falls takes many cameras with it: one question for all

export class Blind {
  private asking: number | undefined;

  constructor(private readonly nameOf: (camera: string) => string) {}

  /** Something changed: ask once, soon. */
  ask(): void {
    this.asking ??= window.setTimeout(() => {
      this.asking = undefined;
      void this.show().catch(() => undefined); // the line says by itself that the service is away
    }, SOON_MS);
  }

  private async show(): Promise<void> {
    const found = (await fleet.faulty()).flatMap((one) => {
      const fault = one.faults.find(({ blinds }) => blinds);
      return fault ? [coverage.one(this.nameOf(one.camera), nameOfState(fault.fault))] : [];
    });
    const link = byId<HTMLAnchorElement>("blind");
    link.hidden = found.length === 0;
    if (found.length) say(link, coverage.blind(found.length));
    link.title = found.join("\n");
  }
}
