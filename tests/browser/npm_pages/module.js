// The element without a framework, defined by the package's main module. It is loaded twice, by two parts of the page.

import { load } from "embark-signup";
import { NAMES, receive } from "./received.js";

const edge = "https://signup.partner.example";
load({ edge });
const embark = load({ edge });
for (const name of NAMES) embark.on(name, (detail, event) => receive(name, detail, event));

const element = document.createElement("embark-signup");
element.dataset.site = "acme";
element.className = "connect";
const root = document.getElementById("root");
document.getElementById("toggle").onclick = () => (element.isConnected ? element.remove() : root.append(element));
root.append(element);
