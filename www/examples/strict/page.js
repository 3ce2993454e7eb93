// The same as in plain HTML, in a file of its own: the policy allows no inline script.
"use strict";
window.embark = window.embark || [];
window.embark.push([
  "on",
  "connected",
  (connected) => {
    document.getElementById("number").textContent = connected.display_phone_number;
  },
]);
