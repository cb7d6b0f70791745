/** Boxes that a person corrected and no decision has taken along yet, by event and frame. A reload forgets them. */

import { lastReview } from "./queue";
import type { Correction, RaisedEvent, SetBox } from "./types";

export class Drafts {
  private readonly events = new Map<string, Map<string, SetBox[]>>();

  set(event: string, frame: string, boxes: SetBox[]): void {
    const frames = this.events.get(event) ?? new Map<string, SetBox[]>();
    this.events.set(event, frames.set(frame, boxes));
  }

  /** The frame is again as it was before. */
  drop(event: string, frame: string): void {
    this.events.get(event)?.delete(frame);
  }

  forget(event: string): void {
    this.events.delete(event);
  }

  has(event: string, frame: string): boolean {
    return this.events.get(event)?.has(frame) ?? false;
  }

  /** As a person set them: not sent yet, else with the decision that counts. undefined: nobody touched this frame. */
  of(event: RaisedEvent, frame: string): SetBox[] | undefined {
    const review = lastReview(event);
    const decided = review?.frames?.includes(frame) ? review.boxes.filter((box) => box.frame === frame) : undefined;
    return this.events.get(event.id)?.get(frame) ?? decided;
  }

  /** What the next decision takes along: also what the decision before it had set in other frames. */
  correction(event: RaisedEvent): Correction {
    const sent = lastReview(event);
    const frames = new Set([...(sent?.frames ?? []), ...(this.events.get(event.id)?.keys() ?? [])]);
    const boxes = [...frames].flatMap((frame) =>
      (this.of(event, frame) ?? []).map(({ hazard, box }) => ({ frame, hazard, box })),
    );
    return { frames: [...frames], boxes };
  }

  /** A decision that was taken back leaves its boxes to the next one. */
  keep(event: string, { frames, boxes }: Correction): void {
    const missing = frames.filter((frame) => !this.has(event, frame));
    for (const frame of missing) this.set(event, frame, boxes.filter((box) => box.frame === frame));
  }

  count(event: string): number {
    return this.events.get(event)?.size ?? 0;
  }
}
