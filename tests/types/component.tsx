// The element as a React component.

import { useRef } from "react";

export function Connect() {
  const element = useRef<HTMLElement>(null);
  return (
    <>
      <embark-signup ref={element} data-site="acme" data-size="large" />
      {/* @ts-expect-error A shape is a pill or a square. */}
      <embark-signup data-site="acme" data-shape="star" />
      {/* @ts-expect-error Which site? */}
      <embark-signup />
    </>
  );
}
