"use strict";
// Runs before textual.js begins, which it does when everything is loaded.
(() => {
  const page = new URL(window.location.href);
  const terminal = document.querySelector(".textual-terminal");
  const folder = page.pathname.replace(/[^/]*$/, "");

  // The token must not stay in the address; nor must what textual.js would obey (ping, delay).
  const size = page.searchParams.get("fontsize");
  const kept = /^\d{1,4}$/.test(size ?? "") ? `?fontsize=${size}` : "";
  window.history.replaceState(null, "", page.pathname + kept);

  // Where the page came from, whatever is between.
  const scheme = page.protocol === "https:" ? "wss:" : "ws:";
  terminal.dataset.sessionWebsocketUrl = `${scheme}//${page.host}${folder}ws`;

  // A narrow page gets a smaller font, so that the app has the 50 columns that it wants.
  if (!terminal.dataset.fontSize) {
    const fitting = Math.floor(window.innerWidth / 50 / 0.605);
    terminal.dataset.fontSize = Math.max(10, Math.min(16, fitting));
  }

  function ended(reason) {
    document.querySelector("#reason").textContent = reason;
    document.querySelector("#closed").hidden = false;
    document.querySelector("#again").focus();
  }

  window.WebSocket = class extends window.WebSocket {
    constructor(...place) {
      super(...place);
      let opened = false;
      this.addEventListener("open", () => {
        opened = true;
      });
      this.addEventListener(
        "message",
        () => document.querySelector(".xterm-helper-textarea")?.focus(),
        { once: true },
      );
      this.addEventListener("close", (event) => {
        ended(event.reason || (opened ? "" : "The server did not let it in, or is not there."));
      });
    }
  };

  document.querySelector("#again").addEventListener("click", () => window.location.reload());
})();
