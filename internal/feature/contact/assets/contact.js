// What the pages about contacts add: keys 1 to 5 in questions of five answers, send keys that can never send from
// the wrong box, and a conversation that stays at its newest line. Each page works without it.
"use strict";
(() => {
  // ---- 1 to 5 choose an answer and go on to the next question: danger and safe ways take five keys
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey || !/^[1-5]$/.test(e.key)) return;
    const question = e.target.closest?.(".seg");
    if (!question) return;
    const radio = question.querySelectorAll("input[type=radio]")[Number(e.key) - 1];
    if (!radio) return;
    e.preventDefault();
    if (!radio.checked) {
      radio.checked = true;
      radio.dispatchEvent(new Event("change", { bubbles: true }));
    }
    const all = [...question.closest("form").querySelectorAll("input:not([type=hidden], [type=radio]:not(:checked)), select, textarea")].filter((el) => el.checkVisibility());
    (all[all.indexOf(radio) + 1] ?? radio).focus();
  }, true);

  // The form has the focus as soon as it stands. htmx would give it once more a moment later (autofocus), and a key
  // pressed in between would answer the wrong question.
  document.addEventListener("htmx:afterSwap", (e) => { if (e.target.id === "help") e.target.querySelector("[data-focus]")?.focus(); });

  // htmx hears a form only a moment after it stands, too. What was answered before then is saved as soon as it does.
  document.addEventListener("change", (e) => { const form = e.target.closest?.("#record"); if (form) form.dataset.unsaved = ""; });
  document.addEventListener("htmx:beforeRequest", (e) => { if (e.target.id === "record") delete e.target.dataset.unsaved; });
  document.addEventListener("htmx:afterSettle", () => {
    const form = document.getElementById("record");
    if (form && "unsaved" in form.dataset) form.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // ---- a note is never sent to the person: the keys that send work only inside their own box
  document.addEventListener("keydown", (e) => {
    if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey || e.altKey)) return;
    if (!document.querySelector("form[data-send]")) return;
    const pressed = e.altKey ? "Alt+Enter" : "Ctrl+Enter";
    if (e.target.closest?.("form[data-send]")?.dataset.send === pressed) return;
    e.preventDefault();
    e.stopImmediatePropagation();
  }, true);

  // ---- closing with a reply or a note that was begun asks first; what was begun stays a draft
  document.addEventListener("submit", (e) => {
    const question = e.target.dataset.unsent;
    const begun = question && [...document.querySelectorAll("form.say textarea")].some((area) => area.value.trim());
    if (begun && !window.confirm(question)) { e.preventDefault(); e.stopImmediatePropagation(); }
  }, true);

  // ---- the conversation shows its newest line, unless somebody is reading further up
  const talk = () => document.getElementById("talk");
  let low = true;
  const toEnd = () => { const t = talk(); if (t) t.scrollTop = t.scrollHeight; };
  document.addEventListener("htmx:beforeSwap", () => { const t = talk(); low = !t || t.scrollHeight - t.scrollTop - t.clientHeight < 60; });
  document.addEventListener("htmx:afterSwap", (e) => { if (low && e.target.closest?.("#talk")) toEnd(); });
  toEnd();

  // ---- after a reply or a note one can go on writing in the same box
  let box = "";
  document.addEventListener("htmx:beforeSwap", (e) => { if (e.detail.target.matches?.("form.say")) box = e.detail.target.contains(document.activeElement) ? e.detail.target.id : ""; });
  document.addEventListener("htmx:afterSettle", () => { if (box) document.querySelector(`#${box} textarea`)?.focus(); box = ""; });

  // ---- what was put into the reply is read there before it is sent
  document.addEventListener("told", () => {
    const area = document.getElementById("text-out");
    area?.focus();
    area?.setSelectionRange(area.value.length, area.value.length);
    if (area) area.scrollTop = area.scrollHeight;
  });

  // ---- a form that came back goes on at what is wrong
  document.addEventListener("htmx:afterSettle", (e) => { if (e.target.matches?.("form.record")) e.target.querySelector("[aria-invalid]")?.focus(); });

  // ---- how much of the files has gone out
  document.addEventListener("htmx:xhr:progress", (e) => {
    const bar = e.target.matches?.("#say-files") && e.target.querySelector("progress");
    if (!bar || !e.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = Math.round((100 * e.detail.loaded) / e.detail.total);
  });

  const reveal = () => { for (const el of document.querySelectorAll("[data-scripted]")) el.hidden = false; };
  document.addEventListener("htmx:afterSettle", reveal);
  reveal();
})();
