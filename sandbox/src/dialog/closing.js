(function () {
  var words = JSON.parse(document.getElementById("words").textContent);
  var page = window.opener;
  if (!page) {
    document.getElementById("lost").hidden = false;
    return;
  }
  var last = 0;
  words.forEach(function (word) {
    last = Math.max(last, word.after_ms);
    if (word.after_ms === 0) page.postMessage(word.text, word.to);
    else setTimeout(function () { page.postMessage(word.text, word.to); }, word.after_ms);
  });
  setTimeout(function () { window.close(); }, last + 150);
})();
