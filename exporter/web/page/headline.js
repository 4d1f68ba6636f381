// What is wrong now, in one sentence; other troubles below it.

import { announce } from './announcer.js';
import { keyedList, partsOf, setAttribute, setName, setText, show, stamp } from './dom.js';
import { absolute, clock, duration, secondsBetween } from './format.js';
import { createLight, knownHealth, severity, wordFor, worstFirst } from './light.js';

const NAMED_JOBS = 3;

export function createHeadline(choose) {
  const node = document.getElementById('headline');
  const parts = partsOf(node);
  const light = createLight(parts.light);
  const updateTroubles = keyedList(parts.troubles, (trouble) => trouble.name, (trouble) => createTrouble(trouble, choose));
  const updateFailedJobs = createFailedJobs(parts);
  const tell = createTelling();
  light.update('none');
  return {
    node,
    update({ status }) {
      const headline = headlineOf(status);
      setAttribute(node, 'data-health', headline.health);
      light.update(headline.health);
      setName(parts.sentence, headline.sentence);
      setText(parts.meta, metaOf(headline, status.now));
      setAttribute(parts.meta, 'title', absolute(headline.pipeline?.since) || null);
      show(parts.troubles, headline.others.length > 0);
      updateTroubles(headline.others);
      updateFailedJobs(headline.failedJobsSaid ? [] : failedJobs(status));
      tell(headline);
    },
  };
}

/** `{health, sentence, pipeline, others, failedJobsSaid}`: the worst pipeline speaks, the other sick ones follow. */
export function headlineOf(status) {
  const sick = status.pipelines.filter((pipeline) => severity(pipeline.health) > 0).sort(worstFirst);
  if (sick.length) return spokenBy(sick[0], sick.slice(1));
  const failed = failedJobs(status);
  if (severity(status.health) > 0 && failed.length) {
    return { health: knownHealth(status.health), sentence: `${failedWords(failed)}.`, others: [], failedJobsSaid: true };
  }
  if (status.pipelines.length === 1) return spokenBy(status.pipelines[0], []);
  return { health: knownHealth(status.health), sentence: quietSentence(status), others: [] };
}

function spokenBy(pipeline, others) {
  const health = knownHealth(pipeline.health);
  return { health, sentence: pipeline.sentence || `${pipeline.name}: ${wordFor(health).toLowerCase()}`, pipeline, others };
}

function quietSentence(status) {
  const { pipelines, jobs } = status;
  if (pipelines.length && pipelines.every((pipeline) => pipeline.health === 'healthy')) return `All ${status.pipelines_total} pipelines are healthy.`;
  if (pipelines.length) return 'No pipeline is in trouble; some have no data yet.';
  return jobs.length ? 'No stream pipelines here. The jobs that reported are below.' : 'Nothing to watch yet: no pipeline is configured and no job has reported.';
}

function metaOf({ pipeline, health }, now) {
  if (!pipeline) return '';
  const seconds = secondsBetween(pipeline.since, now);
  const since = seconds === null ? null : `${wordFor(health)} for ${duration(Math.max(0, Math.floor(seconds)))}, since ${clock(pipeline.since, now)}`;
  return [since, pipeline.name, pipeline.team && `team ${pipeline.team}`].filter(Boolean).join(' · ');
}

function createTrouble(trouble, choose) {
  const { node, parts } = stamp('trouble-template');
  const light = createLight(parts.light);
  setText(parts.name, trouble.name);
  parts.name.addEventListener('click', () => choose(trouble.name));
  return {
    node,
    update(pipeline) {
      light.update(knownHealth(pipeline.health));
      setName(parts.sentence, pipeline.sentence ?? '');
    },
  };
}

function failedJobs(status) {
  return status.jobs.filter((job) => job.last_state === 'failed');
}

function createFailedJobs(parts) {
  const light = createLight(parts.failedJobsLight);
  light.update('critical', 'Failed');
  return (failed) => {
    show(parts.failedJobs, failed.length > 0);
    if (failed.length) setText(parts.failedJobsWords, failedWords(failed));
  };
}

function failedWords(failed) {
  const names = failed.slice(0, NAMED_JOBS).map((job) => job.name);
  const rest = failed.length - names.length;
  const which = rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ');
  return failed.length === 1 ? `The last run of ${which} failed` : `The last runs of ${failed.length} jobs failed: ${which}`;
}

// The sentence carries numbers that change each second; read aloud, that would never end.
function createTelling() {
  let told = null;
  return ({ health, pipeline, sentence }) => {
    const key = `${health} ${pipeline?.name ?? ''}`;
    if (key !== told) announce(`${wordFor(health)}: ${sentence}`);
    told = key;
  };
}
