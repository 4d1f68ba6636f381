// Small steps over the DOM. Everything is updated in place, so that focus, selections and typing survive each second.

export function setText(node, words) {
  const wanted = String(words);
  if (node.textContent !== wanted) node.textContent = wanted;
}

/** Like setText, for identifiers: a long one breaks after its separators instead of in the middle of a word. */
export function setName(node, name) {
  if (node.textContent === String(name)) return;
  const pieces = String(name).split(/(?<=[_./:-])/);
  node.replaceChildren(...pieces.flatMap((piece, index) => (index ? [document.createElement('wbr'), piece] : [piece])));
}

export function setAttribute(node, name, value) {
  if (value === null || value === undefined) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

export function setStyle(node, property, value) {
  if (node.style.getPropertyValue(property) !== value) node.style.setProperty(property, value);
}

export function show(node, visible) {
  if (node.hidden === visible) node.hidden = !visible;
}

/** Replaces a select's options, `[value, words]` each, only when they changed, and keeps what was chosen. */
export function setOptions(select, options) {
  const wanted = JSON.stringify(options);
  if (select.dataset.options === wanted) return;
  select.dataset.options = wanted;
  const before = select.value;
  select.replaceChildren(...options.map(([value, words]) => new Option(words, value)));
  if (options.some(([value]) => value === before)) select.value = before;
}

/** The elements below `root` that carry `data-part`, by that name; templates and nested lists have their own. */
export function partsOf(root) {
  const parts = {};
  for (const node of root.querySelectorAll('[data-part]')) parts[node.dataset.part] ??= node;
  return parts;
}

export function stamp(templateId) {
  const node = document.getElementById(templateId).content.firstElementChild.cloneNode(true);
  return { node, parts: partsOf(node) };
}

export function svgElement(name, attributes = {}) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

/**
 * Keeps one node per key inside `container`, which must hold nothing else.
 * `create(item)` returns `{node, update(item, context)}` once per key.
 */
export function keyedList(container, keyOf, create) {
  const entries = new Map();
  return (items, context) => {
    const wanted = uniqueByKey(items, keyOf);
    for (const [key, entry] of entries) {
      if (!wanted.has(key)) {
        entry.node.remove();
        entries.delete(key);
      }
    }
    for (const [key, item] of wanted) {
      if (!entries.has(key)) entries.set(key, create(item));
      entries.get(key).update(item, context);
    }
    putInOrder(container, [...wanted.keys()].map((key) => entries.get(key).node));
  };
}

function uniqueByKey(items, keyOf) {
  return new Map(items.map((item, index) => [keyOf(item, index), item]));
}

function putInOrder(container, nodes) {
  const focused = document.activeElement;
  let next = container.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else container.insertBefore(node, next);
  }
  // A moved node loses the focus; whoever was there must not notice.
  if (focused !== document.activeElement && container.contains(focused)) focused.focus({ preventScroll: true });
}
