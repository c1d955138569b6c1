// Hints from the server. A hint is a topic ("queue", "contact:<id>", "new") and nothing else: whatever shows that
// topic asks again for what this person may see. One tab of a browser holds the line and tells the others.
"use strict";
(() => {
  const stream = document.body.dataset.liveStream;
  if (!stream || !window.EventSource) return;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel("desk-live") : null;
  const offline = document.getElementById("offline");

  // ---- elements with data-live="topic …" get the event "live", on which htmx loads them anew
  const waiting = new Set();
  function refresh(topic) {
    if (!waiting.size) setTimeout(flush, 150); // many hints at once are one request
    waiting.add(topic);
  }
  function flush() {
    for (const el of document.querySelectorAll("[data-live]")) {
      if (waiting.has("*") || el.dataset.live.split(" ").some((t) => waiting.has(t))) {
        el.dispatchEvent(new CustomEvent("live", { bubbles: false }));
      }
    }
    waiting.clear();
  }
  // What a page asks by itself is no deed, and must not replace what somebody is typing into.
  document.addEventListener("htmx:configRequest", (e) => {
    if (e.detail.triggeringEvent?.type === "live") e.detail.headers["X-Background"] = "1";
  });
  document.addEventListener("htmx:beforeSwap", (e) => {
    const at = document.activeElement;
    if (e.detail.requestConfig?.headers["X-Background"] && desk.typing(at) && e.detail.target.contains(at)) {
      e.detail.shouldSwap = false;
      desk.tell(desk.say("newer"));
      at.addEventListener("blur", () => setTimeout(() => refresh("*"), 300), { once: true });
    }
  });

  // ---- the neutral alert: one soft tone, a number in the title, "1 new" where the person allowed it
  const title = document.title;
  let unseen = 0;
  function alertNew(first) {
    unseen++;
    document.title = `(${unseen}) ${title}`;
    if (!first) return; // another tab has sounded
    if (desk.recall("sound", true)) new Audio(desk.say("tone")).play().catch(() => {});
    navigator.vibrate?.(80);
    if (document.hidden && window.Notification?.permission === "granted") {
      new Notification(desk.say("fresh"), { tag: "desk", silent: true });
    }
    desk.tell(desk.say("fresh"));
  }
  for (const kind of ["keydown", "pointerdown"]) {
    document.addEventListener(kind, () => {
      if (!unseen) return;
      unseen = 0;
      document.title = title;
      document.getElementById("alert")?.replaceChildren();
    });
  }

  function hint(topic, first) {
    if (topic === "new") return alertNew(first);
    if (topic === "outside") desk.tell(desk.say("outside"), "warning"); // only who leads hears of it
    refresh(topic);
  }
  channel?.addEventListener("message", (e) => {
    if (e.data === "on" || e.data === "off") offline.hidden = e.data === "on"; else hint(e.data, false);
  });
  const tell = (what) => channel?.postMessage(what);

  // ---- the line. When it was down, everything is asked again: a hint may have been missed.
  let pause = 1000, was = false;
  function open() {
    const line = new EventSource(stream);
    line.addEventListener("open", () => {
      pause = 1000;
      offline.hidden = true;
      tell("on");
      refresh("*");
      if (was) tell("*");
      was = true;
    });
    line.addEventListener("message", (e) => { hint(e.data, true); tell(e.data); });
    line.addEventListener("error", () => {
      offline.hidden = false;
      tell("off");
      if (line.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
      setTimeout(open, pause);
      pause = Math.min(pause * 2, 30e3);
    });
    addEventListener("pagehide", () => line.close());
  }
  if (navigator.locks) navigator.locks.request("desk-live", () => { open(); return new Promise(() => {}); }); else open();

  // ---- the buttons on a person's own page that allow notifications, switch the sound and try the alert
  for (const el of document.querySelectorAll("[data-allow-notes]")) {
    el.hidden = !window.Notification || Notification.permission === "granted";
    el.addEventListener("click", async () => { el.hidden = (await Notification.requestPermission()) === "granted"; });
  }
  for (const el of document.querySelectorAll("[data-sound]")) {
    el.checked = desk.recall("sound", true);
    el.addEventListener("change", () => desk.remember("sound", el.checked));
  }
  for (const el of document.querySelectorAll("[data-try-alert]")) {
    el.hidden = false;
    el.addEventListener("click", () => alertNew(true));
  }
})();
