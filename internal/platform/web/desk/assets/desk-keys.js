// Keys. A page declares its own with data-key on links, buttons and inputs ("t", "/", "g q", "Ctrl+Enter");
// the sheet behind ? lists whatever the page has. Single keys are off while somebody types, can be switched
// off altogether, and can be changed.
"use strict";
(() => {
  let changed = desk.recall("keys", {}); // "t" → "x"
  let prefix = "", prefixAt = 0; // "g" of "g q", and when it was pressed: a slow page or a slow hand does not part the two

  const keyed = () => [...document.querySelectorAll("[data-key]")].filter((el) => !el.disabled && el.checkVisibility?.() !== false);
  const effective = (key) => changed[key] ?? key;
  const label = (el) => el.dataset.keyLabel || el.getAttribute("aria-label") ||
    (desk.typing(el) ? document.querySelector(`label[for="${CSS.escape(el.id)}"]`)?.textContent || el.placeholder : el.textContent);
  const builtIn = [["j", () => desk.say("next"), () => walk(1)], ["k", () => desk.say("previous"), () => walk(-1)], ["?", () => desk.say("help"), sheet]];

  // walk moves the focus through the page's list: the items of the focused [data-list], else of the first one.
  function walk(by) {
    const list = document.activeElement?.closest("[data-list]") ?? document.querySelector("[data-list]");
    const items = [...(list?.querySelectorAll("[data-item]") ?? [])];
    if (!items.length) return;
    const at = items.findIndex((item) => item.contains(document.activeElement));
    const to = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + by))];
    (to.matches("a, button") ? to : to.querySelector("a, button") ?? to).focus();
    to.scrollIntoView({ block: "nearest" });
  }

  function act(el) {
    const fold = el.closest("details:not([open])");
    if (fold && !el.closest("summary")) fold.open = true;
    if (desk.typing(el)) { el.focus(); el.select?.(); } else { el.focus(); el.click(); }
  }

  // name writes a key event as data-key does.
  function name(e) {
    const key = e.key.length === 1 ? e.key : e.key[0].toUpperCase() + e.key.slice(1);
    return (e.ctrlKey || e.metaKey ? "Ctrl+" : "") + (e.altKey ? "Alt+" : "") + key;
  }

  document.addEventListener("keydown", (e) => {
    if (e.defaultPrevented || e.isComposing || ["Shift", "Control", "Alt", "Meta", "AltGraph"].includes(e.key)) return;
    const pressed = name(e), chord = pressed.includes("+") && pressed.length > 1;
    const open = document.querySelector("dialog[open]");
    if (open) return;
    if (!chord && desk.typing(e.target)) {
      if (e.key === "Escape") e.target.blur();
      return;
    }
    if (!chord && desk.recall("single", true) === false) return;
    const said = prefix && e.timeStamp - prefixAt < 3000 ? prefix + " " + pressed : pressed;
    prefix = "";
    for (const el of keyed()) {
      if (effective(el.dataset.key) === said) { e.preventDefault(); act(el); return; }
    }
    for (const [key, , run] of builtIn) {
      if (effective(key) === said) { e.preventDefault(); run(); return; }
    }
    if (keyed().some((el) => effective(el.dataset.key).startsWith(said + " "))) { prefix = said; prefixAt = e.timeStamp; e.preventDefault(); }
  });

  // sheet lists the page's keys. A click on one lets the person press another.
  function sheet() {
    const dialog = document.getElementById("keysheet");
    const rows = document.getElementById("keysheet-rows");
    if (!dialog?.showModal) return;
    const seen = new Map();
    for (const el of keyed()) if (!seen.has(el.dataset.key)) seen.set(el.dataset.key, label(el)?.trim().replace(/\s+/g, " "));
    for (const [key, text] of builtIn) seen.set(key, text());
    seen.set("Enter", desk.say("open"));
    rows.replaceChildren(...[...seen].map(([key, text]) => row(key, text)));
    if (!dialog.open) dialog.showModal();
  }

  function row(key, text) {
    const tr = document.createElement("tr"), what = document.createElement("td"), how = document.createElement("td");
    const button = document.createElement("button"), kbd = document.createElement("kbd");
    what.textContent = text;
    kbd.textContent = effective(key);
    button.type = "button"; button.className = "quiet"; button.append(kbd);
    button.disabled = key === "Enter";
    button.addEventListener("click", () => {
      kbd.textContent = desk.say("press");
      button.addEventListener("keydown", (e) => {
        if (["Shift", "Control", "Alt", "Meta", "Tab"].includes(e.key)) return;
        e.preventDefault();
        e.stopPropagation();
        if (e.key === "Escape" || e.key === "Backspace") delete changed[key]; else changed[key] = name(e);
        desk.remember("keys", changed);
        kbd.textContent = effective(key);
      }, { once: true });
    });
    how.append(button);
    tr.append(what, how);
    return tr;
  }

  const on = document.getElementById("keys-on");
  if (on) {
    on.checked = desk.recall("single", true);
    on.addEventListener("change", () => desk.remember("single", on.checked));
  }
  for (const el of document.querySelectorAll("[data-keysheet]")) { el.hidden = false; el.addEventListener("click", sheet); }
})();
