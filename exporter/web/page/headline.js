// What is wrong now, in one sentence; other troubles below it.

import { announce } from './announcer.js';
import { keyedList, partsOf, setAttribute, setName, setText, show, stamp } from './dom.js';
import { absolute, clock, count, counted, duration, secondsBetween } from './format.js';
import { createLight, knownHealth, severity, wordFor, worstFirst } from './light.js';
import { at, setPipelineLink } from './place.js';

const NAMED = 5;

export function createHeadline(choose) {
  const node = document.getElementById('headline');
  const parts = partsOf(node);
  const light = createLight(parts.light);
  const updateTroubles = keyedList(parts.troubles, (trouble) => trouble.name, (trouble) => createTrouble(trouble, choose));
  const tell = createTelling();
  light.update('none');
  setAttribute(parts.moreLink, 'href', at('pipelines?health=critical&health=degraded'));
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
      show(parts.more, headline.unnamed > 0);
      setText(parts.moreLink, `${headline.others.length ? 'and ' : ''}${counted(headline.unnamed, 'more pipeline')} in trouble`);
      tell(headline);
    },
  };
}

/** `{health, sentence, pipeline, others, unnamed}`: the worst pipeline speaks, some of the sick ones follow. */
export function headlineOf(status) {
  const sick = sickOf(status);
  const health = knownHealth(status.health);
  if (!sick.length && status.pipelines.length === 1 && !status.jobs.length) return spokenBy(status.pipelines[0], [], 0);
  if (!sick.length) return { health, sentence: quietSentence(status), others: [], unnamed: 0 };
  const all = (status.lights.critical ?? 0) + (status.lights.degraded ?? 0);
  const named = sick.slice(0, NAMED + 1);
  return spokenBy(named[0], named.slice(1), Math.max(0, all - named.length));
}

/** Streams and jobs alike; of a part of a job the whole tells. */
function sickOf({ pipelines, jobs }) {
  const whole = jobs.filter((job) => !job.is_part).map((job) => ({ ...job, name: job.pipeline, isJob: true }));
  return [...pipelines, ...whole].filter((one) => severity(one.health) > 0).sort(worstFirst);
}

function spokenBy(pipeline, others, unnamed) {
  const health = knownHealth(pipeline.health);
  const words = gravest(pipeline) || wordFor(health).toLowerCase();
  // What a stream says names its stage; a job has only its own name.
  const sentence = pipeline.isJob ? `${pipeline.name}: ${words[0].toLowerCase()}${words.slice(1)}` : words;
  return { health, sentence, pipeline, others, unnamed };
}

/** A job says all that is unusual, gravest first; its page has room for the rest. */
function gravest({ isJob, sentence }) {
  return isJob ? sentence.split('; ')[0] : sentence;
}

function quietSentence({ lights, pipelines }) {
  const known = Object.values(lights).reduce((sum, number) => sum + number, 0);
  if (!known) return 'Nothing to watch yet: no pipeline is configured and no job has reported.';
  if (known === 1 && pipelines.length) return pipelines[0].sentence;
  return known === 1 ? 'The only pipeline is healthy.' : `All ${count(known)} pipelines are healthy.`;
}

function metaOf({ pipeline, health }, now) {
  if (!pipeline) return '';
  const seconds = secondsBetween(pipeline.since, now);
  const since = seconds === null ? null : `${wordFor(health)} for ${duration(Math.max(0, Math.floor(seconds)))}, since ${clock(pipeline.since, now)}`;
  return [since, pipeline.isJob ? null : pipeline.name, pipeline.team && `team ${pipeline.team}`].filter(Boolean).join(' · ');
}

function createTrouble(trouble, choose) {
  const { node, parts } = stamp('trouble-template');
  const light = createLight(parts.light);
  const name = trouble.isJob ? parts.open : parts.choose;
  (trouble.isJob ? parts.choose : parts.open).remove();
  setName(name, trouble.name);
  if (trouble.isJob) setPipelineLink(name, trouble.name);
  else name.addEventListener('click', () => choose(trouble.name));
  return {
    node,
    update(pipeline) {
      light.update(knownHealth(pipeline.health));
      setName(parts.sentence, gravest(pipeline) ?? '');
    },
  };
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
