// What every page of the desk adds to its plain HTML: menus that close, waiting times that count, the idle lock.
// Each page works without it.
"use strict";

const desk = {
  // say gives a word of the page's language; see "says" in the layout.
  say: (name) => document.getElementById("says")?.dataset[name] ?? "",

  // tell puts a sentence where everybody looks and screen readers hear it.
  tell(text, kind = "info") {
    const p = document.createElement("p");
    p.className = "banner banner-" + kind;
    p.textContent = text;
    document.getElementById("alert")?.replaceChildren(p);
  },

  // remember and recall keep a person's own settings in this browser. Nothing of a contact is ever among them.
  remember(name, value) { try { localStorage.setItem("desk." + name, JSON.stringify(value)); } catch { /* a browser may forbid it */ } },
  recall(name, otherwise) {
    try { return JSON.parse(localStorage.getItem("desk." + name)) ?? otherwise; } catch { return otherwise; }
  },

  typing: (el) => !!el?.closest?.("input:not([type=radio],[type=checkbox],[type=button],[type=submit]), textarea, select, [contenteditable]"),
};

// ---- menus: one open at a time, closed by a click elsewhere or Escape
document.addEventListener("click", (e) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(e.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// ---- <time data-since="milliseconds"> counts up, by the server's clock
const skew = Date.now() - Number(document.body.dataset.now);
function clock(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}
function tick() {
  for (const el of document.querySelectorAll("[data-since]")) el.textContent = clock(Date.now() - skew - Number(el.dataset.since));
}
setInterval(tick, 1000);
document.addEventListener("htmx:afterSwap", tick);

// ---- data-confirm asks first, data-copy copies, data-print prints
document.addEventListener("submit", (e) => {
  const question = e.submitter?.dataset.confirm ?? e.target.dataset.confirm;
  if (question && !window.confirm(question)) { e.preventDefault(); e.stopImmediatePropagation(); }
}, true);
document.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-copy], [data-print]");
  if (!button) return;
  if ("print" in button.dataset) { window.print(); return; }
  const from = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(from.value ?? from.textContent);
    desk.tell(desk.say("copied"), "success");
  } catch {
    getSelection().selectAllChildren(from); // then Ctrl+C does it
  }
});
for (const el of document.querySelectorAll("[data-copy], [data-print]")) el.hidden = false;

// ---- a form that came back goes on at its first answer that is wrong
{
  const wrong = document.querySelector("#main [aria-invalid], #main .field-wrong");
  const field = wrong?.matches("input, select, textarea") ? wrong : wrong?.querySelector("input:not([type=hidden]), select, textarea");
  field?.focus({ preventScroll: true });
  (wrong?.closest("fieldset, .field") ?? wrong)?.scrollIntoView({ block: "center" });
}

// ---- errors of a replaced part are shown where notices stand, and the part stays as it was
document.addEventListener("htmx:sendError", () => desk.tell(desk.say("failed"), "danger"));

// ---- idle: after a quarter of an hour without a deed the screen locks; the alert goes on behind the lock
(() => {
  if (!document.body.dataset.liveStream || "locked" in document.body.dataset) return;
  const idle = 15 * 60e3, report = 90e3;
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("desk-deeds") : null;
  let deed = Date.now(), reported = Date.now(), shared = Date.now();
  tabs?.addEventListener("message", (e) => {
    if (e.data === "lock" || e.data === "out") leave(e.data);
    else if (e.data === "save") document.dispatchEvent(new CustomEvent("desk:save"));
    else deed = Math.max(deed, e.data);
  });

  // The server counts requests, not keys. While somebody types or reads it hears of it now and then.
  function onDeed() {
    deed = Date.now();
    if (deed - shared > 5e3) { shared = deed; tabs?.postMessage(deed); }
    if (deed - reported > report) {
      reported = deed;
      fetch("/staff/here", { method: "POST", redirect: "manual" }).catch(() => {});
    }
  }
  for (const kind of ["keydown", "pointerdown", "wheel", "touchmove"]) document.addEventListener(kind, onDeed, { passive: true });

  let leaving = false;
  function leave(how) {
    if (leaving) return;
    leaving = true;
    document.dispatchEvent(new CustomEvent("desk:leave")); // drafts are saved
    location.assign(how === "out" ? "/staff/signin" : "/staff/unlock?next=" + encodeURIComponent(location.pathname));
  }
  // The server may lock first: then the next request of the page is sent away, and we go the way that leads back.
  document.addEventListener("htmx:beforeOnLoad", (e) => {
    if (e.detail.xhr.getResponseHeader("HX-Redirect") !== "/staff/unlock") return;
    e.preventDefault();
    leave("lock");
  });
  // Every tab saves its drafts while there is still a key to seal them, and none stays open behind the lock.
  let ending = false;
  async function end(how) {
    if (ending) return true;
    ending = true;
    document.dispatchEvent(new CustomEvent("desk:save"));
    tabs?.postMessage("save");
    await new Promise((done) => setTimeout(done, 300));
    try {
      await fetch(how === "out" ? "/staff/signout" : "/staff/lock", { method: "POST", redirect: "manual", headers: { "X-Background": "1" } });
    } catch { ending = false; return false; }
    tabs?.postMessage(how);
    leave(how);
    return true;
  }
  document.addEventListener("submit", async (e) => {
    const how = { "/staff/lock": "lock", "/staff/signout": "out" }[e.target.getAttribute("action")];
    if (!how || e.defaultPrevented) return;
    e.preventDefault();
    if (!await end(how)) e.target.submit(); // the browser says what is wrong
  });
  async function check() {
    if (leaving || Date.now() - deed < idle) return;
    if (!await end("lock")) leave("lock"); // the server drops the key by itself too
  }
  setInterval(check, 10e3);
  document.addEventListener("visibilitychange", check); // a laptop that slept
})();
