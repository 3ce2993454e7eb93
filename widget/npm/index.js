// The main module of the npm package.

import { startLoader } from "../loader.js";

/**
 * Defines `<embark-signup>` and returns `window.embark`; undefined where there is no DOM, as on a server. The `edge` of the
 * first call is the Worker's address for elements without `data-edge`.
 */
export function load({ edge }) {
  if (typeof customElements === "undefined") return undefined;
  if (!customElements.get("embark-signup")) startLoader(edge);
  return window.embark;
}
