// The new order form at the speed of talking: a running total, keys instead of the mouse.
import "./draft.js";
import "./known.js";
import { chooseBest, make, places, understand } from "./suggest.js";

const form = document.getElementById("compose");
const AMOUNT = /^\d{1,9}([.]\d{1,6}|,\d{1,2})?$/;
const part = (row, name) => row.querySelector(`[name=${name}]`);
const amountOf = text => (AMOUNT.test(text.trim()) ? Number(text.trim().replace(",", ".")) : 0);
const currency = () => form.elements.currency.value.toUpperCase();

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

function take(event) {
  const [input, item] = [event.target, event.detail];
  const row = input.closest(".line");
  const quantity = part(row, "quantity");
  event.preventDefault();
  quantity.value = understand(input.value)[0] ?? (quantity.value || "1");
  const left = make("span", ` · ${item.available} available`, item.available > 0 ? "faint" : "bad-text");
  row.querySelector(".hint").replaceChildren(...(item.custom ? [] : [item.name, left, ...places(item).map(words => make("span", ` · ${words}`, "faint"))]));
  row.querySelector(".custom").hidden = !item.custom;
  part(row, "custom").checked = Boolean(item.custom);
  input.value = item.custom ? item.name : item.sku;
  if (!item.custom) part(row, "price").value = item.currency === currency() ? item.price : "";
  for (const field of row.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const problem of row.querySelectorAll(".problem")) problem.remove();
  addUp();
  const next = item.custom ? part(row, "price") : quantity;
  next.focus();
  next.select();
}

function press(event) {
  const input = event.target;
  if (event.defaultPrevented || event.key !== "Enter") return;
  if (event.ctrlKey || event.metaKey) form.requestSubmit(document.getElementById("accept"));
  else if (!input.matches("input")) return;
  else if (input.matches("[data-item]") && !event.shiftKey) chooseBest(input);
  else if (input.closest(".line")) part(input.closest(".line").nextElementSibling ?? addLine(), "item").focus();
  event.preventDefault();
}

if (form) {
  form.addEventListener("keydown", press);
  form.addEventListener("input", addUp);
  form.addEventListener("choose", take);
  document.getElementById("add-line").addEventListener("click", event => {
    event.preventDefault();
    part(addLine(), "item").focus();
  });
  if (document.activeElement === document.body) (form.querySelector("[aria-invalid=true]") ?? form.elements.name).focus();
}
