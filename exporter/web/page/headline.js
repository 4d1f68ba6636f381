// What is wrong now, in one sentence; other troubles below it.

import { announce } from './announcer.js';
import { datasetWords } from './datasetwords.js';
import { keyedList, partsOf, setAttribute, setName, setText, show, stamp } from './dom.js';
import { absolute, ago, clock, count, counted, duration, secondsBetween } from './format.js';
import { createLight, knownHealth, severity, wordFor, worstFirst } from './light.js';
import { at, setPipelineLink } from './place.js';

const NAMED = 5;

export function createHeadline(choose) {
  const node = document.getElementById('headline');
  const parts = partsOf(node);
  const light = createLight(parts.light);
  const updateTroubles = keyedList(parts.troubles, (trouble) => `${Boolean(trouble.isDataset)} ${trouble.name}`, (trouble) => createTrouble(trouble, choose));
  const tell = createTelling();
  light.update('none');
  setAttribute(parts.morePipelines, 'href', at('pipelines?health=critical&health=degraded'));
  return {
    node,
    update({ status }) {
      const headline = headlineOf(status);
      setAttribute(node, 'data-health', headline.health);
      light.update(headline.health);
      setName(parts.sentence, headline.sentence);
      show(parts.metaLine, Boolean(headline.worst));
      setText(parts.meta, metaOf(headline, status.now));
      setAttribute(parts.meta, 'title', absolute(headline.worst?.checked ?? headline.worst?.since) || null);
      show(parts.checks, Boolean(headline.worst?.isDataset));
      show(parts.troubles, headline.others.length > 0);
      updateTroubles(headline.others);
      updateMore(parts, headline);
      tell(headline);
    },
  };
}

/** `{health, sentence, worst, others, unnamed}`: the worst speaks, some of the sick ones follow. */
export function headlineOf(status) {
  const sick = sickOf(status);
  const health = knownHealth(status.health);
  if (sick.length) return spokenBy(sick.slice(0, NAMED + 1), status);
  if (status.pipelines.length === 1 && !status.jobs.length) return spokenBy(status.pipelines, status);
  return { health, sentence: quietSentence(status), others: [], unnamed: { pipelines: 0, datasets: 0 } };
}

/** Streams, jobs and datasets alike; of a part of a job the whole tells. */
function sickOf({ pipelines, jobs, datasets }) {
  const whole = jobs.filter((job) => !job.is_part).map((job) => ({ ...job, name: job.pipeline, isJob: true }));
  const checked = datasets.map((dataset) => ({ ...dataset, isDataset: true }));
  return [...pipelines, ...whole, ...checked].filter((one) => severity(one.health) > 0).sort(worstFirst);
}

function spokenBy(named, status) {
  const [worst, ...others] = named;
  const datasets = named.filter((one) => one.isDataset).length;
  const unnamed = {
    pipelines: Math.max(0, sickIn(status.lights) - (named.length - datasets)),
    datasets: Math.max(0, sickIn(status.dataset_lights) - datasets),
  };
  return { health: knownHealth(worst.health), sentence: sentenceOf(worst, status), worst, others, unnamed };
}

function sickIn(lights) {
  return (lights?.critical ?? 0) + (lights?.degraded ?? 0);
}

/** What a stream says names its stage; a job has only its own name. Of a dataset the pipelines don't know. */
function sentenceOf(worst, { lights }) {
  const words = wordsOf(worst) || wordFor(worst.health).toLowerCase();
  if (worst.isJob) return `${worst.name}: ${words[0].toLowerCase()}${words.slice(1)}`;
  if (!worst.isDataset) return words;
  const well = sickIn(lights) ? '' : wellWords(lights);
  return `${well && `${well}; `}${worst.name} ${words}`;
}

/** A job says all that is unusual, gravest first; its page has room for the rest. */
function wordsOf(one) {
  if (one.isDataset) return datasetWords(one);
  return one.isJob ? one.sentence.split('; ')[0] : one.sentence;
}

function quietSentence({ lights, pipelines, datasets_total: datasets }) {
  const known = numberOf(lights);
  if (known === 1 && pipelines.length) return pipelines[0].sentence;
  if (!known && !datasets) return 'Nothing to watch yet: no pipeline is configured and no job has reported.';
  if (!known) return `No check fails in ${counted(datasets, 'dataset')}.`;
  return `${wellWords(lights)}${datasets ? `, and no check fails in ${counted(datasets, 'dataset')}` : ''}.`;
}

function wellWords(lights) {
  const known = numberOf(lights);
  if (!known) return '';
  return known === 1 ? 'The only pipeline is healthy' : `All ${count(known)} pipelines are healthy`;
}

function numberOf(lights) {
  return Object.values(lights).reduce((sum, number) => sum + number, 0);
}

function metaOf({ worst, health }, now) {
  if (!worst) return '';
  const team = worst.team && `team ${worst.team}`;
  if (worst.isDataset) return [wordFor(health), worst.checked && `checked ${ago(worst.checked, now)}`, team].filter(Boolean).join(' · ');
  const seconds = secondsBetween(worst.since, now);
  const since = seconds === null ? null : `${wordFor(health)} for ${duration(Math.max(0, Math.floor(seconds)))}, since ${clock(worst.since, now)}`;
  return [since, worst.isJob ? null : worst.name, team].filter(Boolean).join(' · ');
}

function updateMore(parts, { others, unnamed: { pipelines, datasets } }) {
  show(parts.more, pipelines + datasets > 0);
  updateMoreOf(parts.morePipelines, pipelines, 'more pipeline', others);
  updateMoreOf(parts.moreDatasets, datasets, 'more dataset', others);
}

function updateMoreOf(link, number, words, others) {
  show(link, number > 0);
  setText(link, number ? `${others.length ? 'and ' : ''}${counted(number, words)} in trouble` : '');
}

function createTrouble(trouble, choose) {
  const { node, parts } = stamp('trouble-template');
  const light = createLight(parts.light);
  const isLink = trouble.isJob || trouble.isDataset;
  const name = isLink ? parts.open : parts.choose;
  (isLink ? parts.choose : parts.open).remove();
  setName(name, trouble.name);
  if (trouble.isJob) setPipelineLink(name, trouble.name);
  else if (trouble.isDataset) setAttribute(name, 'href', '#data');
  else name.addEventListener('click', () => choose(trouble.name));
  return {
    node,
    update(latest) {
      light.update(knownHealth(latest.health));
      setName(parts.sentence, wordsOf(latest) ?? '');
    },
  };
}

// The sentence carries numbers that change each second; read aloud, that would never end.
function createTelling() {
  let told = null;
  return ({ health, worst, sentence }) => {
    const key = `${health} ${worst?.name ?? ''}`;
    if (key !== told) announce(`${wordFor(health)}: ${sentence}`);
    told = key;
  };
}
