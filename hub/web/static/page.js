// The page as the server has it: fetched again from its own address, and forms posted without leaving it.
import { morph } from "./morph.js";
import { tellTimes } from "./clock.js";

const parse = async answer => new DOMParser().parseFromString(await answer.text(), "text/html");
const show = (page, glow) => {
  for (const part of ["main", ".rail"]) {
    const [from, to] = [document.querySelector(part), page.querySelector(part)];
    if (from && to) morph(from, to, glow);
  }
  document.title = page.title;
  tellTimes();
};

let busy = false;
let again = false;

/** One at a time; a wish that comes meanwhile is done after. */
export async function refresh({ glow = false } = {}) {
  again = busy;
  if (busy) return;
  busy = true;
  try {
    do {
      again = false;
      const address = location.href;
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      if (answer.ok && address === location.href) show(await parse(answer), glow);
    } while (again);
  } catch {
    // The server is away: what is shown stays, and the next event or connection tries again.
  } finally {
    busy = false;
  }
}

/** Go to another address of the same page without losing the place. */
export async function visit(address, { replace = false } = {}) {
  history[replace ? "replaceState" : "pushState"](null, "", address);
  await refresh();
}

async function post(form, button) {
  const body = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
  if (answer.redirected && new URL(answer.url).pathname !== location.pathname) return location.assign(answer.url);
  if (answer.redirected) history.replaceState(null, "", answer.url);
  const page = await parse(answer);
  if (answer.ok) form.reset();
  show(page, answer.redirected);
  (document.querySelector("main [aria-invalid=true]") ?? document.querySelector("main [data-first]"))?.focus();
}

addEventListener("submit", async event => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  event.preventDefault();
  const button = event.submitter;
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  try {
    await post(form, button);
  } catch {
    document.querySelector("#live .word").textContent = "Not sent: the hub does not answer. Try again.";
  } finally {
    form.ariaBusy = null;
  }
});

addEventListener("click", event => {
  const link = event.target.closest("a[data-here]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  visit(link.href);
});
addEventListener("popstate", () => refresh());
