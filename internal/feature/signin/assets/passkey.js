// Passkeys: a button asks the server what to sign, the browser asks its holder, and
// what it says goes back in the form. What the PRF gives opens the colleague's key,
// so a passkey without it is of no use here, and the page says so.
"use strict";

(() => {
  const form = document.querySelector("[data-passkey]");
  if (!form) return;
  const says = form.querySelector("[data-passkey-says]");
  const tell = (why) => {
    says.textContent = form.dataset[why] || form.dataset.failed;
    says.hidden = false;
  };
  form.hidden = false;
  if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
    form.querySelector("button").disabled = true;
    tell("none");
    return;
  }
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  async function ask() {
    const body = new URLSearchParams(new FormData(form));
    const res = await fetch(form.dataset.passkey, { method: "POST", body });
    if (!res.ok) throw Object.assign(new Error(), { why: res.status === 422 ? "wrong" : "failed" });
    return res.json();
  }

  async function make({ options, prf }) {
    const first = bytes(prf);
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options.publicKey);
    publicKey.extensions = { prf: { eval: { first } } };
    const made = await navigator.credentials.create({ publicKey });
    const said = made.getClientExtensionResults().prf;
    if (!said?.enabled && !said?.results) throw Object.assign(new Error(), { why: "noPrf" });
    let out = said.results?.first;
    if (!out) {
      // Some give nothing when they are made: they are asked once more, by the page
      // alone. The server sees only what comes out.
      const again = await navigator.credentials.get({ publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)), rpId: publicKey.rp.id, userVerification: "required",
        allowCredentials: [{ type: "public-key", id: made.rawId }], extensions: { prf: { eval: { first } } },
      } });
      out = again.getClientExtensionResults().prf?.results?.first;
    }
    return { credential: made, out };
  }

  async function use({ options, prf }) {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.publicKey);
    publicKey.extensions = { prf: { eval: { first: bytes(prf) } } };
    const credential = await navigator.credentials.get({ publicKey });
    return { credential, out: credential.getClientExtensionResults().prf?.results?.first };
  }

  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    says.hidden = true;
    try {
      const { credential, out } = await ("make" in form.dataset ? make : use)(await ask());
      if (!out) throw Object.assign(new Error(), { why: "noPrf" });
      // What came out is for its own field; what the browser says of it is left out
      // of the other.
      const said = credential.toJSON();
      said.clientExtensionResults = {};
      form.elements.answer.value = JSON.stringify(said);
      form.elements.prf.value = text(out);
      if (form.elements.passphrase) form.elements.passphrase.value = "";
      form.submit();
    } catch (err) {
      tell(err.why || "failed");
    }
  });
})();
