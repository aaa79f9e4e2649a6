// What is scanned, chosen or typed into a sheet goes to the hub one after the other: nothing is lost, nothing entered twice.
import { say, show } from "./page.js";
import { understand } from "./suggest.js";

const RETRY_MS = 2000;
const waiting = [];
let [busy, next] = [false, null]; // next: the button that was pressed meanwhile

export const sheet = () => document.querySelector("main form[data-scan-into]");

function tell() {
  const place = sheet()?.querySelector("[data-waiting]");
  if (!place) return;
  place.hidden = !waiting.length;
  place.textContent = `${waiting.length} not sent yet: they go as soon as the hub answers. Keep this page open.`;
}

/** Again and again with the same body: its id makes it count once. */
async function send(address, body) {
  for (;;) {
    try {
      const answer = await fetch(address, { method: "POST", body, headers: { Accept: "text/html" } });
      if (answer.status < 500) return answer;
    } catch {
      // The network is away, as in a far corner of a warehouse: what was scanned waits here.
    }
    tell();
    await new Promise(resolve => setTimeout(resolve, RETRY_MS));
  }
}

async function drain() {
  if (busy) return;
  busy = true;
  while (waiting.length && sheet()) {
    const form = sheet();
    const body = new URLSearchParams(new FormData(form));
    for (const [name, value] of Object.entries({ ...waiting[0], do: "add" })) body.set(name, value);
    const answer = await send(form.getAttribute("action"), body);
    waiting.shift();
    if (answer.redirected) history.replaceState(null, "", answer.url);
    if (!answer.ok) next = null; // a person looks first
    if (answer.status === 422) navigator.vibrate?.(200); // eyes are on the shelf
    if (answer.ok || answer.status === 422) await show(answer);
    else say(`The hub did not take it (${answer.status}): open this page again.`);
    tell();
  }
  busy = false;
  next?.click();
  next = null;
}

export function enter(code, count = "") {
  const fields = sheet().elements;
  waiting.push({ code, count: count || (fields.count?.value ?? ""), pasted: "" });
  fields.code.value = "";
  if (fields.count) fields.count.value = fields.count.defaultValue;
  fields.code.focus({ preventScroll: true });
  drain();
}

addEventListener("beforeunload", event => waiting.length && event.preventDefault());
addEventListener("submit", event => {
  const [form, button] = [event.target, event.submitter];
  if (form !== sheet()) return;
  const [code, adds] = [form.elements.code.value.trim(), !button || button.value === "add"];
  if (!busy && !(adds && code)) return;
  event.preventDefault();
  if (!adds && next) say("One thing at a time: press that again once the first is done.");
  else if (!adds) next = button;
  else if (code) enter(code);
}, true);
// A serial number ends with Enter: the next one belongs into the next field, and what comes after the last is a code again.
document.addEventListener("keydown", event => {
  if (event.key !== "Enter" || !event.target.matches("form[data-scan-into] [data-takes-scan]")) return;
  event.preventDefault();
  const fields = [...sheet().querySelectorAll(".basket [data-takes-scan]")];
  (fields[fields.indexOf(event.target) + 1] ?? sheet().elements.code).focus();
});
document.addEventListener("choose", event => {
  if (!sheet()?.contains(event.target)) return;
  event.preventDefault();
  enter(event.detail.sku, understand(event.target.value)[0]);
});
