// Turns one tree into another with as few changes as it takes. Children with an `id` or `data-key` are matched by it.

/** Makes `from` (in the page) look like `to` (parsed). `data-keep` elements belong to scripts and stay as they are. */
export function morph(from, to) {
  if (from.dataset?.keep !== undefined) return;
  attributes(from, to);
  children(from, to);
}

function attributes(from, to) {
  for (const { name } of [...from.attributes]) {
    // What the person opened stays open.
    if (!to.hasAttribute(name) && !(name === 'open' && from.localName === 'details')) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}

const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.key || '' : '');
const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);

function children(from, to) {
  const keyed = new Map();
  for (const child of from.children) if (keyOf(child)) keyed.set(keyOf(child), child);
  let at = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const known = keyOf(wanted) && keyed.get(keyOf(wanted));
    let node;
    if (known && alike(known, wanted)) node = known;
    else if (at && alike(at, wanted)) node = at;
    if (!node) {
      from.insertBefore(document.importNode(wanted, true), at);
      continue;
    }
    if (node === at) at = at.nextSibling;
    else from.insertBefore(node, at);
    if (node.nodeType === Node.ELEMENT_NODE) morph(node, wanted);
    else if (node.nodeValue !== wanted.nodeValue) node.nodeValue = wanted.nodeValue;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
