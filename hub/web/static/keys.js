// Every key has a button too; this only saves the way to it.
const PLACES = { o: "/orders", s: "/stock", a: "/alarms", c: "/channels", w: "/waiting" };
const WAIT_MS = 1200;
const help = document.getElementById("help");
const search = document.getElementById("search");
const isTyping = node => node.matches("input:not([type=radio]), textarea, select");
const SCAN_MS = 60; // on pages that are scanned into, a letter may be the first of a code
let [leading, waiting, meant, typed] = [0, 0, null, 0];

function step(by) {
  const rows = [...document.querySelectorAll("main a.row")];
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 && by < 0 ? rows.length - 1 : Math.max(0, Math.min(rows.length - 1, at + by));
  rows[next]?.focus();
}

function back() {
  const open = document.querySelector("main details.pop[open]");
  if (open) {
    open.open = false;
    open.firstElementChild.focus();
  } else if (isTyping(document.activeElement)) document.activeElement.blur();
  else document.querySelector("main [data-back]")?.click();
}

const KEYS = {
  "?": () => help.showModal(),
  "/": () => (search.focus(), search.select()),
  n: () => location.assign("/orders/new"),
  g: () => (leading = Date.now()),
  j: () => step(1),
  k: () => step(-1),
  x: () => document.activeElement.closest("tr, li")?.querySelector("[name=pick]")?.click(),
};

function go() {
  const act = meant;
  meant = null;
  act?.();
}

addEventListener("keydown", event => {
  clearTimeout(waiting);
  if (event.timeStamp - typed > SCAN_MS) go(); // a busy page is late with its timers
  meant = null;
}, true);
addEventListener("keydown", event => {
  const command = (event.ctrlKey || event.metaKey) && event.key === "k";
  if (event.defaultPrevented || help.open || event.isComposing) return;
  if (event.key === "Escape") return void back();
  if (!command && (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))) return;
  const place = Date.now() - leading < WAIT_MS && PLACES[event.key];
  leading = 0;
  const act = command ? KEYS["/"] : place ? () => location.assign(place) : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  [meant, typed] = [act, event.timeStamp];
  if (document.querySelector("[data-scan], [data-scan-into]")) waiting = setTimeout(go, SCAN_MS);
  else go();
});

addEventListener("click", event => {
  if (event.target.closest("[data-opens]")) help.showModal();
  if (event.target.closest("[data-closes]") || event.target === help) help.close();
  for (const open of document.querySelectorAll("details.pop[open]")) open.open = open.contains(event.target);
});
