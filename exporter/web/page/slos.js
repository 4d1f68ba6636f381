// One card an objective: does it hold now, and how much of the error budget is gone.

import { keyedList, partsOf, setAttribute, setStyle, setText, show, stamp } from './dom.js';
import { MISSING, count, decimal, duration, exactPercent, isNumber, percent, quantity } from './format.js';
import { createLight } from './light.js';

export function createSlos() {
  const node = document.getElementById('slos');
  const parts = partsOf(node);
  const updateCards = keyedList(parts.cards, (slo) => slo.name, createSlo);
  return {
    node,
    update({ shown }) {
      const slos = shown?.slos ?? [];
      show(parts.empty, slos.length === 0);
      show(parts.cards, slos.length > 0);
      updateCards(slos);
    },
  };
}

function createSlo({ name }) {
  const { node, parts } = stamp('slo-template');
  const light = createLight(parts.light);
  const updateBudget = createBudget(parts);
  node.dataset.testid = `slo-${name}`;
  setText(parts.name, name);
  return {
    node,
    update(slo) {
      const passing = slo.passing ?? null;
      setAttribute(node, 'data-passing', String(passing));
      light.update(...verdictOf(passing));
      setText(parts.description, slo.description ?? '');
      setText(parts.observed, quantity(slo.observed, slo.unit));
      setText(parts.target, `${slo.comparison ?? 'target'} ${quantity(slo.target, slo.unit)}`);
      setText(parts.window, windowWords(slo));
      updateBudget(slo);
    },
  };
}

function verdictOf(passing) {
  if (passing === null) return ['none', 'NOTHING TO JUDGE'];
  return passing ? ['healthy', 'PASS'] : ['critical', 'FAIL'];
}

function windowWords({ window_seconds: window, objective }) {
  return [isNumber(window) && `over the last ${duration(window)}`, isNumber(objective) && `objective ${exactPercent(objective)} good`]
    .filter(Boolean).join(' · ');
}

function createBudget(parts) {
  const [fill] = parts.budgetBar.children;
  return ({ budget_burnt: burnt, budget_period_seconds: period, good, bad }) => {
    setText(parts.period, `${periodWords(period)}error budget burnt`);
    const overspent = isNumber(burnt) && burnt > 1;
    setText(parts.burnt, burntWords(burnt, overspent));
    setAttribute(parts.burnt, 'data-overspent', overspent);
    setAttribute(parts.budgetBar, 'data-overspent', overspent);
    setStyle(fill, 'width', `${isNumber(burnt) ? Math.min(1, Math.max(0, burnt)) * 100 : 0}%`);
    setText(parts.counts, `${count(good)} good · ${count(bad)} bad`);
  };
}

function periodWords(seconds) {
  if (!isNumber(seconds)) return '';
  return seconds >= 86400 ? `${decimal(seconds / 86400)}-day ` : `${decimal(seconds / 3600)}-hour `;
}

function burntWords(burnt, overspent) {
  if (!isNumber(burnt)) return MISSING;
  return overspent ? `${percent(burnt)}, overspent` : percent(burnt);
}
