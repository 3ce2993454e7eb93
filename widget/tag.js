// The script tag: runs the loader for the Worker that it was built for.

import { startLoader } from "./loader.js";

/** The Worker's origin, filled in by `cargo xtask build`. Where this file lies says nothing: sites copy and bundle it. */
startLoader("__EMBARK_ORIGIN__", document.currentScript);
