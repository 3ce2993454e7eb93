// The same script as in the HTML example, as a file: the policy allows no inline scripts.
"use strict";
window.embark = window.embark || [];
window.embark.push([
  "on",
  "connected",
  (connected) => {
    document.getElementById("number").textContent = connected.display_phone_number;
  },
]);
