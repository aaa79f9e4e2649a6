// Make what is shown equal to what the server says, touching only what differs: focus, scroll and typed text stay.
const keyOf = node => (node.nodeType === 1 ? node.getAttribute("id") || node.dataset.key || "" : "");
const KEPT = "[data-keep], :has(form[data-keep])"; // what somebody is typing over or choosing from
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

/** `glow` marks rows that came or changed, so that the eye finds them. */
export function morph(from, to, glow = false) {
  if (from.nodeType !== 1) {
    if (from.data === to.data) return;
    from.data = to.data;
    if (glow && to.data.trim() && !from.parentNode.closest("time")) shine(from.parentNode);
  } else if (!from.hasAttribute("data-keep") && !(from.isEqualNode(to) && !("value" in from))) {
    copyAttributes(from, to);
    copyChildren(from, to, glow);
  }
}

function copyChildren(from, to, glow) {
  const keyed = new Map([...from.children].filter(keyOf).map(child => [keyOf(child), child]));
  let current = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const found = keyed.get(keyOf(wanted)) ?? (current && !keyOf(current) ? current : null);
    if (!found || !alike(found, wanted)) {
      from.insertBefore(wanted, current);
      if (glow && keyOf(wanted)) shine(wanted);
      continue;
    }
    keyed.delete(keyOf(wanted));
    if (found === current) current = current.nextSibling;
    else if (from.moveBefore) from.moveBefore(found, current);
    else from.insertBefore(found, current);
    morph(found, wanted, glow);
  }
  for (let next; current; current = next) {
    next = current.nextSibling;
    if (!current.matches?.(KEPT)) current.remove();
  }
}

function copyAttributes(from, to) {
  // What a person typed stays; a field that nobody touched follows the server.
  const follows = from.matches("input:not([type=radio], [type=checkbox])") && from !== document.activeElement
    && from.value === (from.getAttribute("value") ?? "");
  const glows = from.matches(".glow");
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !(name === "open" && from.matches("details, dialog"))) from.removeAttribute(name);
  }
  if (glows) from.classList.add("glow"); // what came a moment ago is seen to its end
  if (follows) from.value = to.getAttribute("value") ?? "";
}

function shine(node) {
  const row = node.closest("tr[id], li[id]");
  row?.classList.remove("glow");
  requestAnimationFrame(() => row?.classList.add("glow"));
}
