/** Find a camera by its name or id: the list narrows while one types, Enter jumps to the first, the arrows walk the rest. */

import { byId, say } from "./dom";
import type { MapCamera } from "./scene";
import { map as words } from "./words";

const FOCUS_KEY = "/";

export class MapSearch {
  private readonly field = byId<HTMLInputElement>("find");
  private readonly list = byId("cameras");

  constructor(private readonly go: (id: string) => void) {
    this.field.addEventListener("input", () => this.narrow());
    this.field.addEventListener("keydown", (press) => this.onFieldKey(press));
    this.list.addEventListener("keydown", (press) => this.onListKey(press));
    document.addEventListener("keydown", (press) => {
      if (press.key !== FOCUS_KEY || press.ctrlKey || press.metaKey || press.target instanceof HTMLInputElement) return;
      press.preventDefault();
      this.field.select();
      this.field.focus();
    });
  }

  /** After the list was made anew. */
  of(cameras: MapCamera[]): void {
    for (const { id, name } of cameras) {
      const button = this.list.querySelector<HTMLElement>(`[data-camera="${CSS.escape(id)}"]`);
      if (button) Object.assign(button.dataset, { found: plain(`${name} ${id}`) });
    }
    this.narrow();
  }

  private narrow(): void {
    const wanted = plain(this.field.value).split(" ").filter(Boolean);
    let shown = 0;
    for (const button of this.buttons()) {
      const fits = wanted.every((word) => button.dataset.found?.includes(word));
      (button.parentElement ?? button).hidden = !fits;
      if (fits) shown += 1;
    }
    say(byId("found"), wanted.length ? words.found(shown) : "");
  }

  private onFieldKey(press: KeyboardEvent): void {
    const [first] = this.open();
    if (press.key === "Enter" && first) this.go(first.dataset.camera ?? "");
    else if (press.key === "ArrowDown" && first) first.focus();
    else if (press.key === "Escape" && this.field.value) this.field.value = "";
    else return;
    press.preventDefault();
    this.narrow();
  }

  private onListKey(press: KeyboardEvent): void {
    if (press.key !== "ArrowDown" && press.key !== "ArrowUp") return;
    press.preventDefault();
    const open = this.open();
    const at = open.indexOf(press.target as HTMLButtonElement) + (press.key === "ArrowDown" ? 1 : -1);
    (at < 0 ? this.field : open[Math.min(at, open.length - 1)])?.focus();
  }

  private buttons(): HTMLButtonElement[] {
    return [...this.list.querySelectorAll("button")];
  }

  /** Those that are shown and have a place to go to. */
  private open(): HTMLButtonElement[] {
    return this.buttons().filter((button) => !button.disabled && !button.parentElement?.hidden);
  }
}

function plain(text: string): string {
  return text.normalize("NFKC").toLocaleLowerCase().replace(/\s+/g, " ").trim();
}
