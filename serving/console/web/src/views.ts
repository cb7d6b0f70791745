/** Views of the queue that this person keeps under names. */

import { api } from "./api";
import { byId, make, say } from "./dom";
import { complain } from "./notices";
import type { View } from "./types";
import { queueing } from "./words";

export class Views {
  private known: View[] = [];
  private readonly list = byId("views");
  private readonly form = byId<HTMLFormElement>("keep-view");

  constructor(
    private readonly address: () => string,
    private readonly open: (address: string) => void,
  ) {
    this.form.addEventListener("submit", (press) => {
      press.preventDefault();
      void this.save().catch(complain);
    });
  }

  async read(): Promise<void> {
    this.known = (await api.views()).items;
    this.show();
  }

  /** Marks the view that is open. */
  show(): void {
    const now = this.address();
    this.list.replaceChildren(...this.known.map((view) => this.item(view, view.address === now)));
  }

  private item(view: View, open: boolean): HTMLLIElement {
    const [item, button, away] = [make("li"), make("button", "view", view.name), make("button", "away", "×")];
    button.type = away.type = "button";
    button.setAttribute("aria-pressed", String(open));
    button.addEventListener("click", () => this.open(view.address));
    away.setAttribute("aria-label", queueing.remove(view.name));
    away.addEventListener("click", () => void this.remove(view).catch(complain));
    item.append(button, away);
    return item;
  }

  private async save(): Promise<void> {
    const field = this.form.elements.namedItem("name") as HTMLInputElement;
    const name = field.value.trim();
    if (!name) return;
    await api.saveView(name, this.address());
    field.value = "";
    say(byId("view-kept"), queueing.saved(name));
    await this.read();
  }

  private async remove(view: View): Promise<void> {
    await api.removeView(view.name);
    say(byId("view-kept"), "");
    await this.read();
    (this.form.elements.namedItem("name") as HTMLInputElement).focus();
  }
}
