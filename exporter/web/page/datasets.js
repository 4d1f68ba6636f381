// The data itself: what the checks of each dataset say by tier, the worst first, and what fails in their own words.

import { keyedList, partsOf, setAttribute, setName, setText, show, stamp } from './dom.js';
import { MISSING, count, counted } from './format.js';
import { createLight, knownHealth } from './light.js';
import { createShortlist } from './shortlist.js';
import { setTime } from './time.js';

const SHORT = 10;
const TIERS = ['1', '2', '3'];
const VERDICTS = { PASS: ['healthy', 'Passes'], WARN: ['degraded', 'Warns'], FAIL: ['critical', 'Broken'] };
const NO_VERDICT = ['none', 'No verdict'];
const PROBLEMS = { CRITICAL: ['critical', 'Critical:'], WARN: ['degraded', 'Warning:'] };

export function createDatasets() {
  const node = document.getElementById('data');
  const parts = partsOf(node);
  const updateList = keyedList(parts.list, (dataset) => dataset.name, createDataset);
  let now = null;
  const updateShortlist = createShortlist(parts.more, SHORT, (visible) => updateList(visible, now));
  return {
    node,
    update({ status }) {
      const { datasets, datasets_total: total } = status;
      now = status.now;
      show(node, datasets.length > 0);
      setText(parts.facts, factsOf(status));
      updateShortlist(datasets);
      show(parts.rest, total > datasets.length);
      setText(parts.rest, `Only the worst ${count(datasets.length)} are listed; there are ${count(total - datasets.length)} more.`);
    },
  };
}

function factsOf({ datasets_total: total, dataset_lights: lights }) {
  const sick = ['critical', 'degraded'].filter((light) => lights?.[light] > 0).map((light) => `${count(lights[light])} ${light}`);
  return [counted(total, 'dataset'), ...sick].join(' · ');
}

function createDataset({ name }) {
  const { node, parts } = stamp('dataset-template');
  const lights = TIERS.map((tier) => createLight(parts[`tier${tier}`]));
  const updateProblems = keyedList(parts.problems, (problem, index) => index, createProblem);
  setName(parts.name, name);
  return {
    node,
    update(dataset, now) {
      setAttribute(node, 'data-health', knownHealth(dataset.health));
      setText(parts.team, ownersOf(dataset));
      for (const [index, light] of lights.entries()) light.update(...(VERDICTS[dataset.tiers[TIERS[index]]] ?? NO_VERDICT));
      setText(parts.date, dataset.date ?? MISSING);
      setAttribute(parts.date, 'datetime', dataset.date);
      setTime(parts.checked, dataset.checked, now);
      const problems = problemsOf(dataset);
      show(parts.problems, problems.length > 0);
      updateProblems(problems);
      setText(parts.rest, restWords(dataset));
    },
  };
}

function ownersOf({ team, owner }) {
  return [`team ${team}`, owner && owner !== team && `owner ${owner}`].filter(Boolean).join(' · ');
}

/** That nothing newer is known comes first: it is about all the rest. */
function problemsOf({ unreadable, checked, problems }) {
  if (!unreadable) return problems;
  const words = checked ? 'Could not be checked the last time, these verdicts are older' : 'Could not be checked';
  return [{ severity: 'WARN', message: `${words}: ${unreadable}` }, ...problems];
}

function restWords({ checked, unreadable, problems, problems_total: total }) {
  if (total > problems.length) return `and ${count(total - problems.length)} more`;
  if (problems.length || unreadable) return '';
  return checked ? 'Nothing fails' : 'Not checked yet';
}

function createProblem() {
  const { node, parts } = stamp('problem-template');
  const light = createLight(parts.light);
  return {
    node,
    update({ severity, message }) {
      light.update(...(PROBLEMS[severity] ?? ['none', severity]));
      setText(parts.message, message);
    },
  };
}
