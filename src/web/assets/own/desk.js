// The page of the day, kept up to date. Without this script the page is the same, and is loaded again by hand.
"use strict";
(() => {
  for (const button of document.querySelectorAll("[data-stampa]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }

  const day = document.getElementById("giornata");
  if (!day) return;
  const SILENCE_MS = 400; // several changes in a row are one
  const MINUTE_MS = 60_000; // waiting times grow
  let timer = 0;
  let lost = false;

  const showConnection = () => {
    const status = day.querySelector(".sp-updated");
    if (!status) return;
    status.classList.toggle("sp-lost", lost);
    const note = status.querySelector(".sp-updated-lost");
    if (lost && !note) {
      const words = document.createElement("span");
      words.className = "sp-updated-lost";
      words.textContent = ` · ${day.dataset.perso}`;
      status.append(words);
    } else if (!lost && note) {
      note.remove();
    }
  };

  const connection = (isLost) => {
    lost = isLost;
    showConnection();
  };

  const refresh = async () => {
    try {
      const answer = await fetch(day.dataset.elenco, { credentials: "same-origin", redirect: "manual" });
      // The list is never elsewhere: the session is over, and the page asks to log in again.
      if (answer.type === "opaqueredirect") return window.location.reload();
      if (!answer.ok) throw new Error(answer.statusText);
      const html = await answer.text();
      const focused = day.contains(document.activeElement) ? document.activeElement.id : "";
      const [x, y] = [window.scrollX, window.scrollY];
      day.innerHTML = html;
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      window.scrollTo(x, y);
      showConnection();
    } catch {
      connection(true);
    }
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, SILENCE_MS);
  };

  // A step is taken without leaving the page; whatever is not a plain success, the end of the session too, is left to the
  // browser, which shows it.
  day.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-passo]")) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body, credentials: "same-origin", redirect: "manual" });
      if (answer.type !== "opaqueredirect") throw new Error(answer.statusText);
      await refresh();
    } catch {
      form.submit();
    }
  });

  const events = new EventSource(day.dataset.eventi);
  events.addEventListener("open", () => {
    if (lost) refresh();
    connection(false);
  });
  events.addEventListener("cambiato", soon);
  events.addEventListener("error", () => connection(true));
  setInterval(refresh, MINUTE_MS);
})();
