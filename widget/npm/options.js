// Properties of the components, and the attributes of the element that they are.

import { TAG_OPTIONS } from "../loader.js";

export const OPTIONS = ["site", "edge", "lang", ...TAG_OPTIONS];

/** The `data-*` attributes for these properties. What is undefined or null has none; an object is written as JSON. */
export function attributesOf(properties) {
  const attributes = {};
  for (const name of OPTIONS) {
    const value = properties[name] ?? undefined;
    if (value === undefined) continue;
    attributes[attributeName(name)] = typeof value === "object" ? JSON.stringify(value) : String(value);
  }
  return attributes;
}

/** As the DOM writes a name of `dataset`: `configId` is `data-config-id`. */
const attributeName = (name) => `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
