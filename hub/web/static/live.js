// The server says only that something changed; the page then fetches itself. Nothing to replay, nothing to lose.
import { refresh } from "./page.js";

const SETTLE_MS = 50;
const RETRY_MS = 5000;
const address = document.querySelector("meta[name=events]")?.content;
const sign = document.getElementById("live");
let source, timer, lost;

function say(state, word) {
  sign.className = `live push ${state}`;
  sign.querySelector(".word").textContent = word;
}

function listen() {
  source = new EventSource(address);
  source.onopen = () => {
    say("is-live", "Live");
    if (lost) refresh({ glow: true });
    lost = false;
  };
  source.onmessage = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, SETTLE_MS, { glow: true });
  };
  source.onerror = () => {
    lost = true;
    say("is-lost", "Reconnecting");
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, RETRY_MS);
  };
}

if (address) {
  listen();
  document.addEventListener("visibilitychange", () => {
    source.close();
    lost = true;
    if (!document.hidden) listen();
  });
}
