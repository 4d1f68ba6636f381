// Real jobs that reported their runs.

import { keyedList, partsOf, setAttribute, setName, setText, show, stamp } from './dom.js';
import { count, counted, duration } from './format.js';
import { createLight } from './light.js';
import { createShortlist } from './shortlist.js';
import { setTime } from './time.js';

const SHORT = matchMedia('(max-width: 700px)').matches ? 4 : 10;

const STATES = {
  succeeded: ['healthy', 'Succeeded'],
  failed: ['critical', 'Failed'],
  aborted: ['degraded', 'Aborted'],
  running: ['running', 'Running'],
};

export function createJobs() {
  const node = document.getElementById('jobs');
  const parts = partsOf(node);
  const updateRows = keyedList(parts.rows, (job) => job.pipeline, createJob);
  let now = null;
  const updateShortlist = createShortlist(parts.more, SHORT, (visible) => updateRows(visible, now));
  setText(parts.dbtHint, `OPENLINEAGE_URL=${location.origin} dbt-ol run`);
  setText(parts.postHint, `POST ${location.origin}/api/v1/lineage`);
  return {
    node,
    update({ status }) {
      const { jobs } = status;
      now = status.now;
      show(parts.empty, jobs.length === 0);
      show(parts.table, jobs.length > 0);
      setText(parts.total, totalWords(jobs.length, status.jobs_total));
      updateShortlist(jobs);
    },
  };
}

function totalWords(listed, total) {
  if (!listed) return '';
  return total > listed ? `${count(listed)} of ${count(total)}, worst and newest first` : counted(listed, 'job');
}

function createJob() {
  const { node, parts } = stamp('job-template');
  const light = createLight(parts.light);
  return {
    node,
    update(job, now) {
      const [look, word] = STATES[job.last_state] ?? ['none', 'No run yet'];
      light.update(look, word);
      setName(parts.name, job.name ?? job.pipeline);
      setText(parts.owner, [job.namespace, job.team && `team ${job.team}`].filter(Boolean).join(' · '));
      updateCounts(parts, job);
      setTime(parts.lastStart, job.last_start, now);
      setTime(parts.lastSuccess, job.last_success, now);
      setTime(parts.lastFailure, job.last_failure, now);
      setText(parts.duration, duration(job.last_duration_seconds));
    },
  };
}

function updateCounts(parts, job) {
  setText(parts.running, count(job.in_progress));
  setText(parts.succeeded, count(job.succeeded));
  setText(parts.failed, count(job.failed));
  setText(parts.aborted, count(job.aborted));
  setAttribute(parts.failed, 'data-some', job.failed > 0);
}
