// The new order form at the speed of talking: suggestions while typing, a running total, keys instead of the mouse.
const form = document.getElementById("compose");
const SETTLE_MS = 80;
const AMOUNT = /^\d{1,9}([.]\d{1,6}|,\d{1,2})?$/;
const list = Object.assign(document.createElement("ul"), { id: "suggestions", className: "suggestions", role: "listbox", hidden: true });
const make = (name, textContent, className = "") => Object.assign(document.createElement(name), { textContent, className });
const part = (row, name) => row.querySelector(`[name=${name}]`);
const amountOf = text => (AMOUNT.test(text.trim()) ? Number(text.trim().replace(",", ".")) : 0);
const currency = () => form.elements.currency.value.toUpperCase();
let [asked, found, active, timer] = [0, [], 0];

function money(amount) {
  const known = /^[A-Z]{3}$/.test(currency()) ? { style: "currency", currency: currency() } : {};
  return new Intl.NumberFormat(navigator.language, known).format(amount);
}

/** Only shown: what the order costs is worked out by the hub, exactly. */
function addUp() {
  let total = amountOf(form.elements.shipping_price.value);
  for (const row of form.querySelectorAll(".line")) {
    const count = amountOf(part(row, "quantity").value || "1");
    const amount = part(row, "item").value ? count * amountOf(part(row, "price").value) : 0;
    row.querySelector("output").textContent = amount ? money(amount) : "";
    total += amount;
  }
  document.getElementById("total").textContent = money(total);
}

function addLine() {
  const rows = form.querySelector(".line-rows");
  const html = document.getElementById("line").innerHTML.replaceAll(/-N\b/g, `-${rows.children.length}`);
  rows.append(new DOMParser().parseFromString(html, "text/html").querySelector("li"));
  return rows.lastElementChild;
}

/** "3 mug blue" means three of the blue mug. */
const understand = text => text.trim().match(/^(?:(\d{1,4})\s*[x×]?\s+)?(.*)$/i).slice(1);

async function suggest(input) {
  const mine = ++asked;
  const [, words] = understand(input.value);
  const answer = words && (await fetch(`/stock/suggest?q=${encodeURIComponent(words)}`));
  const items = answer && answer.ok ? await answer.json() : [];
  if (mine !== asked || input !== document.activeElement) return;
  found = items;
  list.replaceChildren(...items.map(optionOf));
  if (!items.length) list.append(make("li", `Nothing is called “${words}”`, "none"));
  input.parentNode.append(list);
  list.hidden = !words;
  mark(input, 0);
}

function optionOf(item, index) {
  const option = Object.assign(make("li", ""), { id: `suggestion-${index}`, role: "option" });
  const left = make("small", `${item.available} available`, item.available > 0 ? "number" : "number none");
  const price = make("span", item.price === null ? "no price" : `${item.price} ${item.currency}`, "number");
  option.append(make("span", item.name, "clip"), price, make("small", item.sku, "mono"), left);
  return option;
}

function mark(input, index) {
  active = index;
  for (const [at, option] of [...list.children].entries()) option.ariaSelected = String(found.length > 0 && at === active);
  input.ariaExpanded = String(!list.hidden);
  input.setAttribute("aria-activedescendant", found.length && !list.hidden ? `suggestion-${active}` : "");
}

function hide(input) {
  asked += 1;
  found = [];
  list.hidden = true;
  mark(input, 0);
}

function choose(input, item) {
  const row = input.closest(".line");
  const quantity = part(row, "quantity");
  quantity.value = understand(input.value)[0] ?? (quantity.value || "1");
  input.value = item.sku;
  part(row, "price").value = item.currency === currency() ? item.price : "";
  const left = make("span", ` · ${item.available} available`, item.available > 0 ? "faint" : "bad-text");
  row.querySelector(".hint").replaceChildren(item.name, left);
  for (const field of row.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const problem of row.querySelectorAll(".problem")) problem.remove();
  hide(input);
  addUp();
  quantity.focus();
  quantity.select();
}

const KEYS = {
  ArrowDown: input => found.length && mark(input, (active + 1) % found.length),
  ArrowUp: input => found.length && mark(input, (active + found.length - 1) % found.length),
  Tab: input => choose(input, found[active]),
  Escape: hide,
  async Enter(input) {
    if (!found.length) await suggest(input);
    if (found.length) choose(input, found[active]);
  },
};

function press(event) {
  const input = event.target;
  const inItem = input.matches("[data-item]") && !event.shiftKey && (event.key === "Enter" || !list.hidden);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(document.getElementById("accept"));
  else if (inItem && KEYS[event.key] && (event.key !== "Tab" || found.length)) KEYS[event.key](input);
  else if (event.key !== "Enter" || !input.matches("input")) return;
  else if (input.closest(".line")) part(input.closest(".line").nextElementSibling ?? addLine(), "item").focus();
  event.preventDefault();
}

if (form) {
  form.addEventListener("keydown", press);
  form.addEventListener("input", event => {
    clearTimeout(timer);
    if (event.target.matches("[data-item]")) timer = setTimeout(suggest, SETTLE_MS, event.target);
    addUp();
  });
  form.addEventListener("focusout", event => event.target.matches("[data-item]") && hide(event.target));
  list.addEventListener("pointerdown", event => {
    event.preventDefault();
    const index = [...list.children].indexOf(event.target.closest("[role=option]"));
    if (index >= 0) choose(part(list.parentNode, "item"), found[index]);
  });
  document.getElementById("add-line").addEventListener("click", event => {
    event.preventDefault();
    part(addLine(), "item").focus();
  });
  (form.querySelector("[aria-invalid=true]") ?? form.elements.name).focus();
}
