// Every key has a button too; this only saves the way to it.
const PLACES = { o: "/orders", s: "/stock", c: "/channels", w: "/waiting" };
const WAIT_MS = 1200;
const typing = node => node.matches("input, textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("main a.row")];
const help = document.getElementById("help");
const search = document.getElementById("search");
let leading = 0;

function step(by) {
  const all = rows();
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function back() {
  const open = document.querySelector("main details[open].pop");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  } else if (typing(document.activeElement) || document.activeElement.matches("main a.row")) {
    document.activeElement.blur();
  } else {
    document.querySelector("main [data-back]")?.click();
  }
}

const KEYS = {
  "?": () => help.showModal(),
  "/": () => (search.focus(), search.select()),
  n: () => location.assign("/orders/new"),
  g: () => (leading = Date.now()),
  j: () => step(1),
  k: () => step(-1),
  Escape: back,
};

addEventListener("keydown", event => {
  if (event.defaultPrevented || help.open) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "k") {
    event.preventDefault();
    return KEYS["/"]();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key !== "Escape" && typing(event.target)) return;
  const place = Date.now() - leading < WAIT_MS && PLACES[event.key];
  leading = 0;
  if (place) return location.assign(place);
  if (!KEYS[event.key]) return;
  if (event.key !== "Escape") event.preventDefault();
  KEYS[event.key]();
});

addEventListener("click", event => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  if (event.target.closest("[data-closes]") || event.target === help) help.close();
  for (const open of document.querySelectorAll("details.pop[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});
