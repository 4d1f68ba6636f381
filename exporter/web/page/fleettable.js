// The fleet's rows, the worst first; never more of them in the document than were asked for.

import { keepPlace } from './anchor.js';
import { keyedList, partsOf, setAttribute, setName, setText, show, stamp } from './dom.js';
import { ago, coarse, count, counted, duration, isNumber, percent, secondsBetween, shortCount } from './format.js';
import { createLight, knownHealth } from './light.js';
import { setPipelineLink } from './place.js';
import { setTime } from './time.js';

const FIRST = 50;
const FURTHER = 100;
export const STATES = {
  succeeded: 'Succeeded',
  failed: 'Failed',
  aborted: 'Aborted',
  skipped: 'Skipped',
  abandoned: 'Given up',
};

/** `update(answer, filtered)`, `limit()` rows are wanted, `fold()` back to the first ones, `words()` say how many. */
export function createFleetTable(node, { onMore, onClear }) {
  const parts = partsOf(node);
  const updateRows = keyedList(parts.rows, (row) => row.pipeline, createRow);
  // Coming back from a pipeline's page finds as many rows as were left.
  let limit = history.state?.limit ?? FIRST;
  let shown = 0;

  function want(rows) {
    limit = rows;
    history.replaceState({ limit }, '');
  }

  parts.more.addEventListener('click', () => {
    want(Math.max(shown, FIRST) + FURTHER);
    setAttribute(parts.more, 'aria-disabled', 'true');
    onMore();
  });
  parts.clear.addEventListener('click', onClear);

  function update(answer, filtered) {
    const { pipelines, total, now } = answer;
    shown = pipelines.length;
    show(parts.refusal, false);
    setText(parts.total, totalWords(shown, total));
    show(parts.empty, total === 0);
    setText(parts.emptyWords, filtered ? 'No pipeline fits the filter.' : 'No pipeline is configured, and no job has reported yet.');
    show(parts.clear, filtered);
    show(parts.table, total > 0);
    keepPlace(parts.rows, () => updateRows(pipelines, now));
    offerMore(total - shown);
  }

  function offerMore(left) {
    const focused = document.activeElement === parts.more;
    setAttribute(parts.more, 'aria-disabled', null);
    setText(parts.more, `Show ${count(Math.min(FURTHER, left))} more`);
    show(parts.more, left > 0);
    if (focused && left <= 0) parts.rows.lastElementChild?.querySelector('a').focus();
  }

  return {
    update,
    limit: () => limit,
    fold: () => want(FIRST),
    words: () => parts.total.textContent,
    refuse(message) {
      show(parts.refusal, true);
      setText(parts.refusal, message);
    },
  };
}

function totalWords(shown, total) {
  return shown < total ? `The worst ${count(shown)} of ${counted(total, 'pipeline')}` : counted(total, 'pipeline');
}

function createRow({ pipeline }) {
  const { node, parts } = stamp('row-template');
  const light = createLight(parts.light);
  setName(parts.name, pipeline);
  setPipelineLink(parts.name, pipeline);
  setAttribute(parts.name, 'title', pipeline);
  return {
    node,
    update(row, now) {
      setAttribute(node, 'data-health', knownHealth(row.health));
      light.update(knownHealth(row.health));
      setText(parts.since, sinceWords(row.since, now));
      setText(parts.owner, ownerWords(row));
      setText(parts.sentence, row.sentence);
      setAttribute(parts.sentence, 'title', row.sentence);
      updateRuns(parts, row, now);
    },
  };
}

function sinceWords(since, now) {
  const seconds = secondsBetween(since, now);
  return seconds === null ? '' : `for ${coarse(Math.max(0, Math.floor(seconds)))}`;
}

export function ownerWords({ team, kind, mode, is_part: isPart }) {
  return [team && `team ${team}`, kind, mode === 'simulated' && mode, isPart && 'a part'].filter(Boolean).join(' · ');
}

function updateRuns(parts, row, now) {
  setText(parts.lastState, STATES[row.last_state] ?? (row.in_progress ? 'Running' : '–'));
  setAttribute(parts.lastState, 'data-some', ['failed', 'abandoned'].includes(row.last_state));
  setTime(parts.lastEnd, row.last_end, now, lastWords(row, now));
  setText(parts.duration, duration(row.last_duration_seconds));
  setText(parts.usualDuration, usually(row.last_duration_seconds, row.usual_duration_seconds, duration));
  setText(parts.success, percent(row.success_ratio));
  setText(parts.written, shortCount(row.last_rows));
  setText(parts.usualRows, usually(row.last_rows, row.usual_rows, (value) => shortCount(Math.round(value))));
}

function lastWords({ last_end: end, in_progress: running }, now) {
  return end ? `${ago(end, now)}${running ? ', running' : ''}` : '';
}

/** `×2.1 of 4 min`: what differs by a few percent is the usual. */
function usually(value, usual, format) {
  if (!isNumber(usual)) return '';
  const ratio = isNumber(value) && usual > 0 ? value / usual : 1;
  const times = Math.abs(ratio - 1) < 0.25 ? 'usual' : `×${ratio.toPrecision(ratio < 10 ? 2 : 3)} of`;
  return `${times} ${format(usual)}`;
}
