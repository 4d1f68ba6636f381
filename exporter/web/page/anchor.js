// Keeps what somebody looks at where it is while a list changes around it.

/**
 * Runs `change`, then scrolls by as much as the row moved that has the focus or the pointer, or else the first one in
 * sight. At the top of the list nothing is held: there the worst belongs.
 */
export function keepPlace(list, change) {
  const held = heldRow(list);
  const before = held?.getBoundingClientRect().top;
  change();
  if (!held?.isConnected) return;
  const moved = held.getBoundingClientRect().top - before;
  if (moved) scrollBy({ top: moved, behavior: 'instant' });
}

function heldRow(list) {
  const touched = [...list.children].find((row) => row.matches(':focus-within, :hover'));
  if (touched || list.getBoundingClientRect().top >= 0) return touched;
  return [...list.children].find((row) => row.getBoundingClientRect().bottom > 0);
}
