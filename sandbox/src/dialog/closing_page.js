// Script of the last page of a popup: posts its messages to the opener and closes the popup.
(function () {
  var messages = JSON.parse(document.getElementById("messages").textContent);
  var opener = window.opener;
  if (!opener) {
    document.getElementById("no-opener").hidden = false;
    return;
  }
  var lastDelay = 0;
  messages.forEach(function (message) {
    lastDelay = Math.max(lastDelay, message.delay_ms);
    if (message.delay_ms === 0) opener.postMessage(message.data, message.target_origin);
    else setTimeout(function () { opener.postMessage(message.data, message.target_origin); }, message.delay_ms);
  });
  setTimeout(function () { window.close(); }, lastDelay + 150);
})();
