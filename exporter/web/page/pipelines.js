// Which stream pipeline is shown: the worst until somebody chooses.

import { keyedList, partsOf, setAttribute, setName, setText, show, stamp } from './dom.js';
import { createLight, knownHealth, severity, worstFirst } from './light.js';

const HASH_PREFIX = '#pipeline=';

/** `pick(pipelines)` returns the one to show; `choose(name)` pins one, also in the address, for sharing. */
export function createChoice(onChange) {
  let chosen = fromAddress();
  let shown = null;

  function pick(pipelines) {
    const pinned = pipelines.find((pipeline) => pipeline.name === chosen);
    const current = pipelines.find((pipeline) => pipeline.name === shown);
    const worst = [...pipelines].sort(worstFirst)[0] ?? null;
    const followed = current && severity(current.health) >= severity(worst.health) ? current : worst;
    const picked = pinned ?? followed;
    shown = picked?.name ?? null;
    return picked;
  }

  function choose(name) {
    chosen = name;
    history.replaceState(null, '', HASH_PREFIX + encodeURIComponent(name));
    onChange();
  }

  return { pick, choose };
}

function fromAddress() {
  if (!location.hash.startsWith(HASH_PREFIX)) return null;
  try {
    return decodeURIComponent(location.hash.slice(HASH_PREFIX.length));
  } catch {
    return null;
  }
}

export function createChips(choose) {
  const node = document.getElementById('pipelines');
  const updateChips = keyedList(node, (pipeline) => pipeline.name, (pipeline) => createChip(pipeline, choose));
  let order = [];
  return {
    node,
    update({ streams, shown }) {
      show(node, streams.length > 1);
      // Chips must not change places under a pointer or a focus.
      if (!node.matches(':hover, :focus-within')) order = [...streams].sort(worstFirst).map((pipeline) => pipeline.name);
      updateChips(inOrder(streams, order), shown);
    },
  };
}

function inOrder(streams, order) {
  const rank = new Map(order.map((name, index) => [name, index]));
  return [...streams].sort((one, other) => (rank.get(one.name) ?? order.length) - (rank.get(other.name) ?? order.length));
}

function createChip(pipeline, choose) {
  const { node, parts } = stamp('chip-template');
  const light = createLight(parts.light);
  node.dataset.testid = `pipeline-${pipeline.name}`;
  node.addEventListener('click', () => choose(pipeline.name));
  return {
    node,
    update({ name, health }, shown) {
      light.update(knownHealth(health), name);
      setAttribute(node, 'data-health', knownHealth(health));
      setAttribute(node, 'aria-pressed', name === shown?.name);
    },
  };
}

export function createPipelineHead() {
  const node = document.getElementById('pipeline');
  const parts = partsOf(node);
  return {
    node,
    update({ shown }) {
      show(node, shown !== null);
      if (shown) {
        setName(parts.name, shown.name);
        setText(parts.facts, factsOf(shown));
      }
    },
  };
}

function factsOf({ team, mode }) {
  return [team && `Team ${team}`, mode].filter(Boolean).join(' · ');
}
