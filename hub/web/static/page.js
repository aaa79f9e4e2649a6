// The page as the server has it: fetched again from its own address, and forms posted without leaving it.
import { tellTimes } from "./clock.js";
import { morph } from "./morph.js";

const headers = { Accept: "text/html" };
const said = document.getElementById("said");
let busy = false;
let again = false;
let shown = 0;
export let asks = false; // what was refused or asked here stays until somebody has answered, gone on or pressed Esc

/** Show what the hub answered to a form, in the place of what is shown. */
export async function show(answer, glow = false) {
  const text = await answer.text();
  asks = !answer.redirected;
  paint(text, glow);
}

function paint(text, glow) {
  shown += 1;
  const page = new DOMParser().parseFromString(text, "text/html");
  for (const part of ["main", ".rail"]) morph(document.querySelector(part), page.querySelector(part), glow);
  document.title = page.title;
  tellTimes();
}

export function say(words) {
  said.textContent = words;
  said.hidden = false;
}

/** One at a time; a wish that comes meanwhile is done after. */
export async function refresh({ glow = false } = {}) {
  again = busy;
  if (busy) return;
  busy = true;
  try {
    do {
      again = false;
      const [address, before] = [location.href, shown];
      const answer = await fetch(address, { headers });
      const text = await answer.text();
      if (before !== shown) again = true; // the answer to a form overtook it
      else if (answer.ok && address === location.href) paint(text, glow);
    } while (again && !asks);
  } catch {
    // The hub is away: what is shown stays, and the next event or connection tries again.
  } finally {
    busy = false;
  }
}

function go() {
  asks = false;
  refresh();
}

/** What is still as it was sent follows the server's answer; what was typed meanwhile stays. */
function settle(sent) {
  for (const [field, value] of sent) if ("defaultValue" in field && field.value === value) field.defaultValue = value;
}

async function post(form, button) {
  const sent = [...form.elements].map(field => [field, field.value]);
  const answer = await fetch(button?.getAttribute("formaction") ?? form.action, { method: "POST", body: new URLSearchParams(new FormData(form, button)), headers });
  if (!answer.ok && ![409, 422].includes(answer.status)) throw new Error(`The hub could not do it (${answer.status}). What you typed is still here: try again.`);
  if (answer.redirected && new URL(answer.url).pathname !== location.pathname) return location.assign(answer.url);
  if (answer.redirected) history.replaceState(null, "", answer.url);
  if (answer.redirected) form.reset();
  else if (answer.ok) settle(sent);
  delete form.dataset.keep;
  await show(answer, answer.redirected);
  return document.querySelector("main [aria-invalid=true]")?.focus();
}

// What somebody is typing over stays as they saw it until they have sent it; then the hub says what moved meanwhile.
addEventListener("input", event => event.target.closest(".edit-form")?.setAttribute("data-keep", ""));

addEventListener("submit", async event => {
  const form = event.target;
  if ((event.submitter?.formMethod || form.method) !== "post" || "plain" in form.dataset || event.defaultPrevented) return;
  event.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    await post(form, event.submitter);
    said.hidden = true;
  } catch (error) {
    say(error.message.startsWith("The hub") ? error.message : "The hub does not answer: nothing was sent. Try again.");
  }
  form.ariaBusy = null;
});

// A link with data-here changes this page only: it is fetched and morphed, and the place is kept.
addEventListener("click", event => {
  const link = event.target.closest("a[data-here]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  go();
});
addEventListener("click", event => event.target.closest("[data-print]") && print());
addEventListener("popstate", go);
addEventListener("keydown", event => event.key === "Escape" && (asks = false));

document.querySelector(".sub [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
