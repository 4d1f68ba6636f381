"""What the tests ask of Grafana's pages, in the browser's language.

The attributes are those that Grafana's own end-to-end tests go by (its package e2e-selectors).
"""

# An alert box may be gone before anybody looks.
REMEMBER_ALERTS = """
  window.alertsSeen = [];
  const boxes = '[data-testid="data-testid Alert error"], [data-testid="data-testid Alert warning"]';
  new MutationObserver(() => {
    for (const box of document.querySelectorAll(boxes)) {
      const panel = box.closest('[data-viz-panel-key]')?.querySelector('h2')?.innerText ?? '';
      const text = `${panel} ${box.innerText}`.replace(/\\s+/g, ' ').trim();
      if (!window.alertsSeen.includes(text)) window.alertsSeen.push(text);
    }
  }).observe(document, {childList: true, subtree: true});
"""

# Of a panel that is repeated, each copy has the key with something after it.
LOADED_OR_HIGHER = """(keys) => {
  const panels = [...document.querySelectorAll('[data-viz-panel-key]')];
  const seen = panels.map((panel) => panel.dataset.vizPanelKey);
  const shows = (content) => content?.innerText.trim() || content?.querySelector('canvas, svg, img');
  return document.documentElement.scrollHeight > window.innerHeight
    || (keys.every((key) => seen.some((one) => one === key || one.startsWith(`${key}-`)))
      && panels.every((panel) => shows(panel.querySelector('[data-testid="data-testid panel content"]'))
        && !panel.querySelector('[aria-label="Panel loading bar"]')));
}"""

PANELS = """() => [...document.querySelectorAll('[data-viz-panel-key]')].map((panel) => {
  const content = panel.querySelector('[data-testid="data-testid panel content"]');
  const message = panel.querySelector('[data-testid="data-testid Panel data error message"]');
  const section = panel.querySelector('section');
  return {
    key: panel.dataset.vizPanelKey,
    title: section?.dataset.testid?.replace('data-testid Panel header ', '') ?? '',
    lines: (content?.innerText ?? '').split('\\n').map((line) => line.trim()).filter(Boolean),
    cells: [...panel.querySelectorAll('[role="gridcell"]')].map((cell) => cell.innerText.trim()),
    drawn: Boolean(content?.querySelector('canvas, svg, img')),
    message: message?.innerText.trim() ?? '',
    failed: Boolean(panel.querySelector('[data-testid="data-testid Panel status error"]')),
  };
})"""

ROWS = """() => [...document.querySelectorAll('[data-testid^="data-testid dashboard-row-title-"]')]
  .map((row) => row.dataset.testid.replace('data-testid dashboard-row-title-', ''))"""

HEIGHT = "() => document.documentElement.scrollHeight"
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

# What a box cuts off or scrolls by itself is inside of the box.
WIDE_TEXTS = """() => {
  const width = document.documentElement.clientWidth + 1;
  const inside = (element) => element !== null && element !== document.body
    && ((getComputedStyle(element).overflowX !== 'visible' && element.getBoundingClientRect().right <= width)
      || inside(element.parentElement));
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const wide = new Set();
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim();
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const box = range.getBoundingClientRect();
    const element = texts.currentNode.parentElement;
    const beyond = box.width && box.right > width && element.checkVisibility();
    if (text && beyond && !inside(element)) wide.add(text);
  }
  return [...wide];
}"""

# A cell's text is as long as it is. A phone scrolls tables; where there is room nothing should need it.
CUT_OFF = """() => {
  const wide = window.innerWidth > 1000;
  const beyond = (box, edge) => box.left < edge.left - 1 || box.right > edge.right + 1;
  const cut = (box, element, panel) => {
    if (element === panel || element.matches('[role="gridcell"]')) return false;
    const overflow = getComputedStyle(element).overflowX;
    if (overflow === 'auto' || overflow === 'scroll') return false;
    return (overflow !== 'visible' && beyond(box, element.getBoundingClientRect()))
      || cut(box, element.parentElement, panel);
  };
  const found = new Set();
  for (const panel of document.querySelectorAll('[data-viz-panel-key]')) {
    const title = panel.querySelector('h2')?.innerText;
    const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(texts.currentNode);
      const element = texts.currentNode.parentElement;
      const seen = element.checkVisibility() && (wide || !element.closest('[role="grid"]'));
      if (seen && cut(range.getBoundingClientRect(), element, panel)) {
        found.add(`${texts.currentNode.data.trim()} in ${title}`);
      }
    }
    for (const table of wide ? panel.querySelectorAll('[role="grid"]') : []) {
      if (table.scrollWidth > table.clientWidth + 1) found.add(`columns in ${title}`);
    }
  }
  return [...found];
}"""
