// The server says only that something changed; the page then fetches itself. Nothing to replay, nothing to lose.
import { asks, refresh } from "./page.js";

const SETTLE_MS = 50;
const RETRY_MS = 5000;
const sign = document.getElementById("live");
let [address, source, timer, lost] = [document.querySelector("meta[name=events]")?.content];

function say(state, word) {
  sign.className = `live push ${state}`;
  sign.querySelector(".word").textContent = word;
}

function follow() {
  if (!asks) refresh({ glow: true });
}

function listen() {
  source = new EventSource(address);
  source.onopen = () => {
    say("is-live", "Live");
    if (lost) follow();
    lost = false;
    address = address.split("&since")[0]; // that was about the page as it was first shown
  };
  source.onmessage = () => {
    clearTimeout(timer);
    timer = setTimeout(follow, SETTLE_MS);
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
