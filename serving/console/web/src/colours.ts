/** The page's colours as WebGL wants them: light or dark is decided by the style sheet. */

export function colour(name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const said = getComputedStyle(probe).color;
  probe.remove();
  return said;
}

export function isDark(): boolean {
  const [red = 0, green = 0, blue = 0] = (colour("ground").match(/\d+/g) ?? []).map(Number);
  return red + green + blue < 384;
}
