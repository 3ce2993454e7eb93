// The element as a React component.

import { useRef } from "react";

export function Connect() {
  const element = useRef<HTMLElement>(null);
  return (
    <>
      <embark-signup ref={element} data-site="acme" data-size="large" />
      {/* @ts-expect-error An unknown shape. */}
      <embark-signup data-site="acme" data-shape="star" />
      {/* @ts-expect-error The site is required. */}
      <embark-signup />
    </>
  );
}
