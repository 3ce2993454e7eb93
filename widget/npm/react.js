// The element as a component of React.

"use client";

import { createElement, forwardRef, useEffect, useImperativeHandle, useRef } from "react";
import { EVENTS } from "../loader.js";
import { load } from "./index.js";
import { OPTIONS, attributesOf } from "./options.js";

/** The name of an event, and the property with its listener. */
const LISTENERS = EVENTS.map((name) => [
  name,
  name === "needsinput" ? "onNeedsInput" : `on${name[0].toUpperCase()}${name.slice(1)}`,
]);
const OWN = new Set([...OPTIONS, ...LISTENERS.map(([, property]) => property), "className"]);

/** What is no property of the component belongs to the element, as `style` and `id`. */
function othersOf(properties) {
  const others = Object.entries(properties).filter(([name]) => !OWN.has(name));
  // React 18 gives custom elements an attribute `classname`.
  return { ...Object.fromEntries(others), class: properties.className };
}

export const EmbarkSignup = forwardRef(function EmbarkSignup(properties, ref) {
  const { edge } = properties;
  const element = useRef(null);
  const latest = useRef(properties);
  useImperativeHandle(ref, () => element.current, []);
  useEffect(() => {
    latest.current = properties;
  });
  useEffect(() => {
    const listeners = new AbortController();
    for (const [name, property] of LISTENERS) {
      const onEvent = (event) => latest.current[property]?.(event.detail, event);
      element.current.addEventListener(`embark:${name}`, onEvent, { signal: listeners.signal });
    }
    return () => listeners.abort();
  }, []);
  useEffect(() => {
    load({ edge });
  }, [edge]);
  return createElement("embark-signup", {
    ...othersOf(properties),
    ...attributesOf(properties),
    ref: element,
    // Where it is defined before React takes over what a server rendered, it has styles of its own.
    suppressHydrationWarning: true,
  });
});
