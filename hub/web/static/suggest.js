// The SKUs that fit, under any field with data-item, while somebody types; "choose" is told to the page first.
const SETTLE_MS = 80;
export const make = (name, textContent, className = "") => Object.assign(document.createElement(name), { textContent, className });
const list = Object.assign(make("ul", "", "suggestions"), { id: "suggestions", role: "listbox", hidden: true });
list.setAttribute("data-keep", "");
let [asked, found, active, timer, last, answered] = [0, [], 0, 0, null, null];

/** "3 mug blue" means three of the blue mug. */
export const understand = text => text.trim().match(/^(?:(\d{1,4})\s*[x×]?\s+)?(.*)$/i).slice(1);

/** Settles when the hub has answered what is typed now, whoever asked first: true where the list shows it. */
function suggest(input) {
  clearTimeout(timer);
  const [, words] = understand(input.value);
  if (words !== last) answered = ask(input, words, ++asked);
  last = words;
  return answered;
}

async function ask(input, words, mine) {
  const answer = words && (await fetch(`/stock/suggest?q=${encodeURIComponent(words)}`).catch(() => null));
  const items = answer?.ok ? await answer.json() : [];
  if (mine !== asked || input !== document.activeElement) return;
  if (!answer?.ok) return hide(input); // the next key asks again
  found = "custom" in input.dataset ? [...items, { custom: true, name: words }] : items;
  list.replaceChildren(...found.map(optionOf));
  if (!items.length) list.prepend(make("li", `Nothing is called “${words}”`, "none"));
  input.parentNode.append(list);
  list.hidden = false;
  mark(input, items.length ? 0 : -1);
  return true;
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
  clearTimeout(timer);
  asked += 1;
  [found, last] = [[], null];
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

const take = input => found[active] && choose(input, found[active]);

/** Take what fits best, as if it had been marked. */
export const chooseBest = async input => (await suggest(input)) && take(input);

const KEYS = {
  Escape: hide,
  ArrowDown: input => mark(input, (active + 1) % found.length),
  ArrowUp: input => mark(input, (Math.max(active, 0) + found.length - 1) % found.length),
  Tab: take,
  Enter: take,
};

// A key right after the last letter means all that was typed: it waits for that answer.
document.addEventListener("keydown", async event => {
  const [input, act] = [event.target, KEYS[event.key]];
  if (!act || list.hidden || !input.matches("[data-item]") || event.shiftKey || event.ctrlKey || event.metaKey) return;
  if (act !== hide && !(event.key === "Tab" ? found[active] : found.length)) return;
  event.preventDefault();
  if (act === hide || ((await suggest(input)) && found.length)) act(input);
  else if (event.key === "Enter" && input.form.matches("[data-scan-into]")) input.form.requestSubmit(); // as it stands
}, true);
document.addEventListener("input", event => {
  clearTimeout(timer);
  if (!event.target.matches("[data-item]")) return;
  timer = setTimeout(suggest, SETTLE_MS, event.target);
});
document.addEventListener("focusout", event => event.target.matches("[data-item]") && hide(event.target));
list.addEventListener("pointerdown", event => {
  event.preventDefault();
  const index = [...list.querySelectorAll("[role=option]")].indexOf(event.target.closest("[role=option]"));
  if (index >= 0) choose(list.parentNode.querySelector("[data-item]"), found[index]);
});
