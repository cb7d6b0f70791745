/** Brightness and contrast of what is shown. What is stored never changes, and the next event is seen as it is again. */

import { byId } from "./dom";

const STEP = 10; // per cent

export class Adjust {
  private readonly brightness = byId<HTMLInputElement>("brightness");
  private readonly contrast = byId<HTMLInputElement>("contrast");
  private readonly back = byId<HTMLButtonElement>("as-it-is");
  private readonly stage = byId("stage");

  constructor() {
    for (const slider of [this.brightness, this.contrast]) {
      slider.addEventListener("input", () => this.apply());
      slider.addEventListener("pointerup", () => slider.blur()); // the keys are the page's again
    }
    this.back.addEventListener("click", () => this.reset());
    this.apply();
  }

  brighter(by: 1 | -1): void {
    this.move(this.brightness, by);
  }

  harder(by: 1 | -1): void {
    this.move(this.contrast, by);
  }

  reset(): void {
    for (const slider of [this.brightness, this.contrast]) slider.value = "100";
    this.apply();
  }

  private move(slider: HTMLInputElement, by: number): void {
    slider.value = String(Number(slider.value) + by * STEP); // the slider itself keeps its limits
    this.apply();
  }

  private apply(): void {
    for (const slider of [this.brightness, this.contrast]) {
      this.stage.style.setProperty(`--${slider.id}`, `${slider.value}%`);
      slider.setAttribute("aria-valuetext", `${slider.value} %`);
    }
    this.back.disabled = this.brightness.value === "100" && this.contrast.value === "100";
  }
}
