// Who is on the phone: the hub is asked while a number or an e-mail is typed. In the body of a post, never in an address.
import { tellTimes } from "./clock.js";
import { morph } from "./morph.js";

const SETTLE_MS = 120;
const WHOLE = /^[^@\s]+@[^@\s]+\.[^@\s.]+$|^(?=(?:\D*\d){6})\+?[\d ()./-]+$/;
const PLACES = ["standing", "known", "past", "twins"];
const form = document.getElementById("compose");
const place = document.getElementById("known");
const isWho = node => node.matches("#name, #phone, #email");
const options = () => (place.hidden ? [] : [...place.querySelectorAll("button")]);
const blankItem = () => [...form.querySelectorAll("[name=item]")].find(item => !item.value);
let [asked, last, timer, answered] = [0, "", 0, Promise.resolve()];

/** Settles when the hub has answered what is typed now, whoever asked first: true where the people are shown. */
function look() {
  clearTimeout(timer);
  const who = ["name", "phone", "email"].map(id => document.getElementById(id).value.trim()).filter(text => WHOLE.test(text));
  const key = who.length ? JSON.stringify([who, [...form.querySelectorAll("[name=item]")].map(item => item.value)]) : "";
  if (key !== last) answered = ask(++asked);
  last = key;
  return answered;
}

async function ask(mine) {
  const answer = await fetch("/orders/new/known", { method: "POST", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
  if (mine !== asked) return;
  if (!answer?.ok) return void ([place.hidden, last] = [true, ""]); // nobody is offered, and the next key asks again
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asked) return;
  for (const id of PLACES) morph(document.getElementById(id), page.getElementById(id));
  tellTimes();
  return true;
}

/** The line that comes next has the cursor at once, while the hub fills in the rest. */
function take(option) {
  (blankItem() ?? document.getElementById("accept")).focus();
  form.requestSubmit(option);
}

/** Of the people who fit what is typed now: the only one, or the first to choose from. */
async function takeBest() {
  if (!(await look())) return;
  if (options().length === 1) take(options()[0]);
  else options()[0]?.focus();
}

function press(event) {
  const [node, key] = [event.target, event.key];
  if (event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  const at = options().indexOf(node);
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (!isWho(node) && at < 0) return;
  if (step && options().length) options()[Math.max(0, Math.min(options().length - 1, at + step))].focus();
  else if (key === "Escape" && options().length) (place.hidden = true), document.getElementById("name").focus();
  else if (isWho(node) && (key === "Enter" || (key === "Tab" && options().length === 1))) takeBest();
  else return;
  event.preventDefault();
}

if (form) {
  form.addEventListener("keydown", press, true);
  form.addEventListener("input", event => {
    if (!isWho(event.target)) return;
    place.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(look, SETTLE_MS);
  });
  form.addEventListener("choose", () => setTimeout(look));
  form.addEventListener("change", event => event.target.matches("[data-item]") && look());
  place.addEventListener("click", event => {
    const option = event.target.closest("button");
    if (!option) return;
    event.preventDefault();
    take(option);
  });
}
