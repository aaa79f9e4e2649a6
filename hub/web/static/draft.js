// What is typed is kept on the hub as it is typed, and each item is reserved at once: no button, nothing to lose.
import { tellTimes } from "./clock.js";
import { morph } from "./morph.js";

const SETTLE_MS = 500;
const RETRY_MS = 3000;
const form = document.getElementById("compose");
const typed = () => new URLSearchParams(new FormData(form)).toString();
let [asked, timer, saved, sending] = [0, 0, form ? typed() : "", false];

function show(text) {
  const page = new DOMParser().parseFromString(text, "text/html");
  const isKept = page.getElementById("saved").textContent.trim() !== "";
  for (const part of [...page.body.children]) {
    const place = document.getElementById(part.id);
    if (place) morph(place, part);
  }
  tellTimes();
  if (isKept) history.replaceState(null, "", `/orders/new?draft=${encodeURIComponent(form.elements.command_id.value)}`);
}

async function save(keepalive = false) {
  clearTimeout(timer);
  const body = typed();
  if (body === saved) return;
  if (sending && !keepalive) return soon(SETTLE_MS); // one after the other, or the hub may keep the older one
  const mine = ++asked;
  saved = body;
  sending = true;
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  const answer = await fetch("/orders/new/save", { method: "POST", body, headers, keepalive }).catch(() => null);
  sending = false;
  if (mine !== asked) return;
  if (answer?.ok) return show(await answer.text());
  saved = "";
  document.getElementById("saved").textContent = "Not saved: the hub does not answer";
  timer = setTimeout(save, RETRY_MS);
}

function soon(wait_ms) {
  clearTimeout(timer);
  timer = setTimeout(save, wait_ms);
}

if (form) {
  form.addEventListener("input", () => soon(SETTLE_MS));
  form.addEventListener("choose", () => soon(0));
  form.addEventListener("change", () => soon(0));
  form.addEventListener("submit", () => (clearTimeout(timer), (asked += 1)));
  document.addEventListener("visibilitychange", () => document.hidden && save(true));
  addEventListener("pagehide", () => save(true));
}
