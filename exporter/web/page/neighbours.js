// The pipelines before and after this one, the worst first: where it comes from, and who waits.

import { keyedList, partsOf, setName, show, stamp } from './dom.js';
import { createLight, knownHealth } from './light.js';
import { setPipelineLink } from './place.js';
import { createShortlist } from './shortlist.js';

const SHORT = 10;

export function createNeighbours() {
  const node = document.getElementById('neighbours');
  const parts = partsOf(node);
  const updates = { upstream: createSide(parts.upstream), downstream: createSide(parts.downstream) };
  return {
    node,
    update({ pipeline }) {
      show(node, Boolean(pipeline.upstream));
      for (const [side, update] of Object.entries(updates)) update(pipeline[side] ?? []);
    },
  };
}

function createSide(node) {
  const updateList = keyedList(node.querySelector('ul'), (one) => one.pipeline, createNeighbour);
  const updateShortlist = createShortlist(node.querySelector('button'), SHORT, updateList);
  return (found) => {
    show(node.querySelector('.empty'), found.length === 0);
    updateShortlist(found);
  };
}

function createNeighbour({ pipeline }) {
  const { node, parts } = stamp('neighbour-template');
  const light = createLight(parts.light);
  setName(parts.name, pipeline);
  setPipelineLink(parts.name, pipeline);
  return {
    node,
    update: ({ health }) => light.update(knownHealth(health)),
  };
}
