// <embark-signup> in JSX. Copy it beside embark.d.ts where you use React.

import type { DetailedHTMLProps, HTMLAttributes } from "react";
import type { EmbarkAttributes } from "./embark";

declare module "react" {
  namespace JSX {
    interface IntrinsicElements {
      "embark-signup": DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement> & EmbarkAttributes;
    }
  }
}
