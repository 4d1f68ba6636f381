// Sampled events that a person judges.

import { post } from './api.js';
import { keyedList, partsOf, setAttribute, setName, setText, show, stamp } from './dom.js';
import { counted, duration, isNumber } from './format.js';
import { createShortlist } from './shortlist.js';
import { setTime } from './time.js';

const SHORT = 5;
const TOUCH_HOLD_MS = 10000;
const VERDICT_WORDS = { correct: 'Judged correct', wrong: 'Judged wrong', unsure: 'Judged unsure' };

export function createReview() {
  const node = document.getElementById('review');
  const parts = partsOf(node);
  const updateList = keyedList(parts.list, (event) => event.id, createEvent);
  const isHeld = createHold(parts.list);
  let events = [];
  let now = null;
  const updateShortlist = createShortlist(parts.more, SHORT, (visible) => updateList(visible, now));
  return {
    node,
    update({ status, streams }) {
      now = status.now;
      show(node, streams.length > 0);
      const held = events.length > 0 && isHeld();
      const newer = held ? countNewer(status.review, events) : 0;
      events = held ? refreshed(events, status.review) : status.review;
      show(parts.empty, events.length === 0);
      show(parts.waiting, newer > 0);
      setText(parts.waiting, `${counted(newer, 'newer event')} will follow once you leave the list`);
      updateShortlist(events);
    },
  };
}

// New events push the others down; while somebody aims at a button, nothing may move.
function createHold(list) {
  let heldUntil = 0;
  list.addEventListener('pointerdown', () => {
    heldUntil = Date.now() + TOUCH_HOLD_MS;
  });
  return () => list.matches(':hover') || list.querySelector(':focus-visible') !== null || Date.now() < heldUntil;
}

function countNewer(latest, events) {
  const known = new Set(events.map((event) => event.id));
  return latest.filter((event) => !known.has(event.id)).length;
}

function refreshed(events, latest) {
  const byId = new Map(latest.map((event) => [event.id, event]));
  return events.map((event) => byId.get(event.id) ?? event);
}

function createEvent({ id, signal }) {
  const { node, parts } = stamp('review-template');
  const updatePath = keyedList(parts.path, (_, index) => index, createStep);
  const updateVerdict = createVerdict(id, node, parts);
  node.dataset.testid = `review-${id}`;
  setText(parts.id, id);
  setAttribute(parts.verdicts, 'aria-label', `Your verdict on ${signal} ${id}`);
  return {
    node,
    update(event, now) {
      setText(parts.signal, event.signal ?? '');
      setTime(parts.delivered, event.delivered, now);
      setText(parts.latency, `took ${duration(event.latency_seconds)}`);
      updatePath(event.path ?? [], mostOfTheWait(event.path ?? []));
      updateVerdict(event.verdict ?? null);
    },
  };
}

/** The wait that is more than half of all waiting, or null. */
function mostOfTheWait(path) {
  const waits = path.map((step) => step.waited_seconds ?? 0);
  const longest = Math.max(...waits, 0);
  return longest * 2 > waits.reduce((sum, wait) => sum + wait, 0) ? longest : null;
}

function createStep() {
  const { node, parts } = stamp('step-template');
  return {
    node,
    update({ stage, waited_seconds: waited, left }, most) {
      setName(parts.stage, stage);
      setText(parts.waited, isNumber(waited) ? duration(waited) : '');
      setAttribute(node, 'data-longest', waited === most);
      setAttribute(node, 'title', left ? `left at ${left}, waited ${duration(waited)}` : null);
    },
  };
}

/** The buttons stay after a verdict, one of them pressed: the focus has somewhere to be and a slip can be mended. */
function createVerdict(id, node, parts) {
  const buttons = [...parts.verdicts.children];
  let mine = null;

  function draw(verdict) {
    setAttribute(node, 'data-verdict', verdict ?? 'none');
    for (const button of buttons) setAttribute(button, 'aria-pressed', button.dataset.verdict === verdict);
  }

  async function judge(verdict) {
    setAttribute(parts.note, 'data-kind', 'plain');
    setText(parts.note, 'Saving…');
    try {
      await post(`api/v1/review/${encodeURIComponent(id)}`, { verdict });
      mine = verdict;
      draw(verdict);
      setText(parts.note, VERDICT_WORDS[verdict]);
    } catch (error) {
      setAttribute(parts.note, 'data-kind', 'error');
      setText(parts.note, error.message);
    }
  }

  for (const button of buttons) button.addEventListener('click', () => judge(button.dataset.verdict));
  return (verdict) => {
    // A report that was under way when the verdict was given doesn't know it yet.
    if (mine !== null && verdict === null) return;
    if (verdict !== null && parts.note.textContent === '') setText(parts.note, VERDICT_WORDS[verdict] ?? verdict);
    draw(verdict);
  };
}
