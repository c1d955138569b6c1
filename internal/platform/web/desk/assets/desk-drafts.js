// Drafts save themselves. <textarea data-draft="/staff/…/draft"> posts its name and value, with the hidden fields of
// its form, within a second of typing, and says beside it whether that worked. Leaving with unsaved text warns.
"use strict";
(() => {
  const every = 900; // milliseconds; the promise is one second
  const state = new WeakMap(); // textarea → {saved, timer, busy}
  const fields = () => document.querySelectorAll("textarea[data-draft]");

  function show(area, word, bad) {
    const el = area.closest("form, .field")?.querySelector("[data-draft-state]");
    if (!el) return;
    el.textContent = desk.say(word);
    el.classList.toggle("bad", !!bad);
  }
  function of(area) {
    if (!state.has(area)) state.set(area, { saved: area.defaultValue, timer: 0, busy: false });
    return state.get(area);
  }

  async function post(area, text) {
    const body = new URLSearchParams();
    for (const hidden of area.form?.querySelectorAll("input[type=hidden]") ?? []) body.append(hidden.name, hidden.value);
    body.set(area.name, text);
    const r = await fetch(area.dataset.draft, {
      method: "POST", body, redirect: "manual", keepalive: body.toString().length < 60000,
      headers: { "X-Background": "1" },
    });
    if (!r.ok) throw new Error("not saved"); // a redirect too: the screen is locked
  }

  async function save(area, last) {
    const s = of(area), text = area.value;
    clearTimeout(s.timer);
    s.timer = 0;
    if (text === s.saved || s.sent) return;
    if (s.busy && !last) { s.timer = setTimeout(save, every, area); return; }
    s.busy = true;
    try {
      await post(area, text);
      s.saved = text;
      if (s.sent) { // while it was on its way: what is sent must not come back as a draft, and be sent twice
        s.saved = "";
        await post(area, "");
      }
      if (area.value === text) show(area, "saved");
    } catch {
      show(area, "unsaved", true);
      s.timer ||= setTimeout(save, 3000, area);
    } finally {
      s.busy = false;
    }
  }

  document.addEventListener("input", (e) => {
    const area = e.target.closest?.("textarea[data-draft]");
    if (!area) return;
    const s = of(area);
    s.sent = false;
    if (!s.timer) { show(area, "saving"); s.timer = setTimeout(save, every, area); }
  });
  for (const kind of ["desk:save", "desk:leave", "visibilitychange"]) {
    document.addEventListener(kind, () => { for (const area of fields()) save(area, true); });
  }
  document.addEventListener("focusout", (e) => {
    const sends = e.relatedTarget?.type === "submit" && e.relatedTarget.form === e.target.form;
    if (e.target.matches?.("textarea[data-draft]") && !sends) save(e.target, true);
  });

  // What is sent is no draft any more. When sending fails the text is still there, and saved again.
  const ends = (form, sent) => { for (const area of form?.querySelectorAll?.("textarea[data-draft]") ?? []) { const s = of(area); clearTimeout(s.timer); s.timer = 0; s.sent = sent; } };
  document.addEventListener("submit", (e) => { if (!e.defaultPrevented || e.target.matches("[hx-post]")) ends(e.target, true); });
  document.addEventListener("htmx:afterRequest", (e) => {
    const form = e.detail.elt.closest?.("form");
    if (!e.detail.successful) { ends(form, false); for (const area of form?.querySelectorAll("textarea[data-draft]") ?? []) save(area); }
  });

  // Other forms that would lose typed text say so with data-guard.
  const guarded = new WeakSet();
  let dirty = 0;
  document.addEventListener("input", (e) => {
    const form = e.target.closest?.("form[data-guard]");
    if (form && !guarded.has(form)) { guarded.add(form); dirty++; }
  });
  document.addEventListener("submit", (e) => { if (guarded.delete(e.target)) dirty--; });
  let locking = false;
  document.addEventListener("desk:leave", () => { locking = true; });
  addEventListener("beforeunload", (e) => {
    const drafts = [...fields()].some((area) => { const s = of(area); return !s.sent && area.value !== s.saved; });
    if ((drafts || dirty > 0) && !locking) e.preventDefault();
  });
})();
