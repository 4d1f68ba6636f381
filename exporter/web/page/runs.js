// The last runs: how long they took and what they wrote, beside what is usual, and each of them in a table.

import { keyedList, partsOf, setAttribute, setText, show, stamp } from './dom.js';
import { STATES } from './fleettable.js';
import { ago, count, duration, shortCount } from './format.js';
import { createLight } from './light.js';
import { createRunChart } from './runchart.js';
import { setTime } from './time.js';

export const LOOKS = { succeeded: 'healthy', failed: 'critical', abandoned: 'critical', aborted: 'degraded', skipped: 'none' };

export function createRuns() {
  const node = document.getElementById('runs');
  const parts = partsOf(node);
  const durations = createRunChart(parts.durations, { what: 'Duration', format: duration, valueOf: (run) => run.duration_seconds });
  const rows = createRunChart(parts.rows, { what: 'Rows', format: (value) => shortCount(Math.round(value)), valueOf: (run) => run.rows });
  const updateList = keyedList(parts.list, (run, index) => `${run.run_id} ${run.ended} ${run.state}`, createRun);
  return {
    node,
    update({ pipeline }) {
      const runs = pipeline.last_runs;
      show(node, Boolean(runs));
      if (!runs) return;
      const some = runs.length > 0;
      show(parts.empty, !some);
      show(parts.charts, some);
      show(parts.scroll, some);
      setText(parts.facts, factsOf(pipeline));
      durations.update([...runs].reverse(), pipeline.baselines.duration_seconds);
      rows.update([...runs].reverse(), pipeline.baselines.rows);
      updateList(runs, pipeline.now);
    },
  };
}

function factsOf({ runs }) {
  return Object.entries(runs).filter(([, number]) => number > 0).map(([state, number]) => `${count(number)} ${STATES[state].toLowerCase()}`).join(' · ');
}

function createRun() {
  const { node, parts } = stamp('run-template');
  const light = createLight(parts.state);
  return {
    node,
    update(run, now) {
      light.update(LOOKS[run.state], STATES[run.state]);
      setTime(parts.ended, run.ended, now, ago(run.ended, now));
      setText(parts.duration, duration(run.duration_seconds));
      setText(parts.written, count(run.rows));
      setText(parts.reason, run.reason ?? '–');
      setText(parts.id, run.run_id);
      setAttribute(parts.id, 'title', run.run_id);
    },
  };
}
