/** The keyboard: one key, one act. */

const DECIDING = new Set(["1", "2", "3"]);

export function onKeys(acts: Record<string, () => void>): void {
  document.addEventListener("keydown", (press) => {
    const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
    const act = acts[key];
    if (!act || press.ctrlKey || press.metaKey || press.altKey || typing(press.target)) return;
    // What has the focus and can be pressed takes the space key itself, and a key held down decides once.
    if (key === " " && press.target instanceof Element && press.target.closest("button, summary")) return;
    press.preventDefault();
    if (!(press.repeat && DECIDING.has(key))) act();
  });
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}
