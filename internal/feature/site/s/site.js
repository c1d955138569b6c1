// Leaving, faster than without a script: the page is blank at once and is
// replaced in the history. The link works without this file.
(function () {
  "use strict";
  var exit = document.getElementById("exit");
  if (!exit) return;

  function leave() {
    document.title = "-";
    document.documentElement.replaceChildren();
    location.replace(exit.href);
  }
  exit.addEventListener("click", function (e) {
    e.preventDefault();
    leave();
  });

  var taps = [];
  document.addEventListener("keydown", function (e) {
    if (e.key !== "Shift") {
      taps = [];
      return;
    }
    if (e.repeat) return;
    taps.push(e.timeStamp);
    taps = taps.slice(-3);
    if (taps.length === 3 && taps[2] - taps[0] < 1500) leave();
  });

  // A browser may keep the page to show it again on Back. It keeps it empty.
  addEventListener("pagehide", function () {
    document.querySelectorAll("textarea, input:not([type=hidden]):not([type=radio])").forEach(function (field) {
      field.value = "";
    });
  });
  addEventListener("pageshow", function (e) {
    if (e.persisted) location.reload();
  });

  document.querySelectorAll(".scripted").forEach(function (e) {
    e.hidden = false;
  });
})();
