// Make what is shown equal to what the server says, touching only what differs: focus, scroll, typed text and open
// dialogs stay.
const keyOf = node => (node.nodeType === 1 ? node.id || node.dataset.key || "" : "");
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
const opens = node => node.nodeName === "DETAILS" || node.nodeName === "DIALOG";

/** `glow` marks keyed nodes that came or changed, so that the eye finds them. */
export function morph(from, to, glow = false) {
  if (from.nodeType !== 1) {
    if (from.data !== to.data) {
      from.data = to.data;
      if (glow && to.data.trim() && !from.parentNode.closest("time")) shine(from.parentNode);
    }
    return;
  }
  if (from.hasAttribute("data-keep") || (from.isEqualNode(to) && !("value" in from))) return;
  copyAttributes(from, to);
  morphChildren(from, to, glow);
}

function morphChildren(from, to, glow) {
  const keyed = new Map();
  for (const child of from.children) if (keyOf(child)) keyed.set(keyOf(child), child);
  let current = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const found = keyed.get(keyOf(wanted));
    const reused = found && alike(found, wanted) ? found : plainMatch(current, wanted);
    if (!reused) {
      from.insertBefore(wanted, current);
      if (glow && keyOf(wanted)) shine(wanted);
      continue;
    }
    if (reused === current) current = current.nextSibling;
    else if (from.moveBefore) from.moveBefore(reused, current);
    else from.insertBefore(reused, current);
    keyed.delete(keyOf(wanted));
    morph(reused, wanted, glow);
  }
  while (current) {
    const next = current.nextSibling;
    current.remove();
    current = next;
  }
}

const plainMatch = (current, wanted) => (current && !keyOf(current) && alike(current, wanted) ? current : null);

function copyAttributes(from, to) {
  const was = from.getAttribute("value") ?? "";
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !(name === "open" && opens(from))) from.removeAttribute(name);
  }
  // What a person typed stays; a field that nobody touched follows the server.
  const untouched = from.nodeName === "INPUT" && from.type !== "checkbox" && from.type !== "radio" && from.value === was;
  if (untouched && from !== document.activeElement) from.value = to.getAttribute("value") ?? "";
}

function shine(node) {
  const row = node.closest("tr[id], li[id]");
  if (!row) return;
  row.classList.remove("glow");
  requestAnimationFrame(() => row.classList.add("glow"));
}
