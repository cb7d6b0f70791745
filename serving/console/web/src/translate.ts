/** English to the language of the page: the page brings its texts along, none where it is English itself. */

const texts = JSON.parse(document.getElementById("texts")?.textContent ?? "{}") as Record<string, string>;

/** `{name}` in a text is replaced by the value of that name. */
export function t(english: string, values: Record<string, string | number> = {}): string {
  return (texts[english] ?? english).replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}
