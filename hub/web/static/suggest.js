// The SKUs that fit, under any field with data-item, while somebody types; "choose" is told to the page first.
const SETTLE_MS = 80;
export const make = (name, textContent, className = "") => Object.assign(document.createElement(name), { textContent, className });
const list = Object.assign(make("ul", "", "suggestions"), { id: "suggestions", role: "listbox", hidden: true });
list.setAttribute("data-keep", "");
let [asked, found, active, timer, stale] = [0, [], 0, 0, false];

/** "3 mug blue" means three of the blue mug. */
export const understand = text => text.trim().match(/^(?:(\d{1,4})\s*[x×]?\s+)?(.*)$/i).slice(1);

async function suggest(input) {
  clearTimeout(timer);
  const mine = ++asked;
  const [, words] = understand(input.value);
  const answer = words && (await fetch(`/stock/suggest?q=${encodeURIComponent(words)}`));
  const items = answer && answer.ok ? await answer.json() : [];
  if (mine !== asked || input !== document.activeElement) return;
  stale = words !== understand(input.value)[1];
  found = "custom" in input.dataset && words ? [...items, { custom: true, name: words }] : items;
  list.replaceChildren(...found.map(optionOf));
  if (!items.length) list.prepend(make("li", `Nothing is called “${words}”`, "none"));
  input.parentNode.append(list);
  list.hidden = !words;
  mark(input, items.length ? 0 : -1);
}

/** Where it lies, and what may be ordered beyond that: "Main 8, Shop 4", "20 more on backorder, expected 2026-12-10". */
export const places = item => [item.where, item.ahead && `${item.ahead} more on backorder${item.expected ? `, expected ${item.expected}` : ""}`].filter(Boolean);

function optionOf(item, index) {
  const option = Object.assign(make("li", ""), { id: `suggestion-${index}`, role: "option" });
  if (item.custom) {
    option.append(make("span", `Custom line “${item.name}”`, "clip"), make("small", "takes no stock", "number"));
    return option;
  }
  const left = make("small", `${item.available} available`, item.available > 0 ? "number" : "number none");
  const price = make("span", item.price === null ? "no price" : `${item.price} ${item.currency}`, "number");
  option.append(make("span", item.name, "clip"), price, make("small", item.sku, "mono"), left);
  for (const words of places(item)) option.append(make("small", words, "places"));
  return option;
}

function mark(input, index) {
  active = index;
  for (const [at, option] of [...list.querySelectorAll("[role=option]")].entries()) option.ariaSelected = String(at === active);
  input.ariaExpanded = String(!list.hidden);
  input.setAttribute("aria-activedescendant", found[active] && !list.hidden ? `suggestion-${active}` : "");
}

function hide(input) {
  asked += 1;
  found = [];
  list.hidden = true;
  mark(input, 0);
}

function choose(input, item) {
  hide(input);
  if (!input.dispatchEvent(new CustomEvent("choose", { bubbles: true, cancelable: true, detail: item }))) return;
  const [units] = understand(input.value);
  const beside = input.form.elements[input.dataset.units];
  if (units && beside) beside.value = units;
  input.value = item.sku;
  input.select();
}

/** Take what fits best, as if it had been marked; Enter right after the last letter means all that was typed. */
export async function chooseBest(input) {
  if (stale || !found.length) await suggest(input);
  if (found[active]) choose(input, found[active]);
}

const KEYS = {
  ArrowDown: input => mark(input, (active + 1) % found.length),
  ArrowUp: input => mark(input, (Math.max(active, 0) + found.length - 1) % found.length),
  Tab: input => found[active] && choose(input, found[active]),
  Enter: input => (stale ? chooseBest(input) : found[active] && choose(input, found[active])),
};

document.addEventListener("keydown", event => {
  const input = event.target;
  const act = event.key === "Escape" ? hide : found.length && KEYS[event.key];
  if (!act || list.hidden || (event.key === "Tab" && !found[active]) || !input.matches("[data-item]") || event.shiftKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  act(input);
}, true);
document.addEventListener("input", event => {
  clearTimeout(timer);
  if (!event.target.matches("[data-item]")) return;
  stale = true;
  timer = setTimeout(suggest, SETTLE_MS, event.target);
});
document.addEventListener("focusout", event => event.target.matches("[data-item]") && hide(event.target));
list.addEventListener("pointerdown", event => {
  event.preventDefault();
  const index = [...list.querySelectorAll("[role=option]")].indexOf(event.target.closest("[role=option]"));
  if (index >= 0) choose(list.parentNode.querySelector("[data-item]"), found[index]);
});
