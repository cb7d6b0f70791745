/** A detector by name and version, leading to what was measured of it. */

import { make } from "./dom";

/** `bundle`: name@version. */
export function link(bundle: string): HTMLAnchorElement {
  const [name = "", version = ""] = bundle.split("@");
  const found = make("a", "", bundle);
  found.href = `/v1/bundles/${encodeURIComponent(name)}/${encodeURIComponent(version)}/card`;
  found.target = "_blank";
  found.rel = "noopener";
  return found;
}
