// The first few of a long list, the rest on demand.

import { setAttribute, setText, show } from './dom.js';

/** `update(items)` draws what is to be seen through `draw(visible)` and keeps the button's words right. */
export function createShortlist(button, limit, draw) {
  let open = false;
  let items = [];

  function redraw() {
    show(button, items.length > limit);
    setText(button, open ? 'Show fewer' : `Show all ${items.length}`);
    setAttribute(button, 'aria-expanded', open);
    draw(open ? items : items.slice(0, limit));
  }

  button.addEventListener('click', () => {
    open = !open;
    redraw();
  });
  return (latest) => {
    items = latest;
    redraw();
  };
}
