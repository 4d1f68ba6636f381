// The words for faults, wherever they are shown.

export const FAULT_KINDS = {
  slowdown: { name: 'Slowdown', effect: 'The stage works slower.', field: 'factor', label: 'Times slower', initial: 3, above: 1, max: 1000 },
  stall: { name: 'Stall', effect: 'The stage stops working.', field: null, label: 'Strength' },
  errors: { name: 'Errors', effect: 'Some of its events fail.', field: 'share', label: 'Failing events, %', initial: 20, above: 0, max: 100, scale: 0.01 },
  latency: { name: 'Latency', effect: 'Each event takes longer in the stage.', field: 'factor', label: 'Times longer', initial: 3, above: 1, max: 1000 },
};

const ORIGINS = { chance: 'by chance', scenario: 'from the scenario', injected: 'injected by hand' };

export function faultWords({ kind, strength }) {
  const name = FAULT_KINDS[kind]?.name ?? kind ?? 'Fault';
  const hasStrength = strength && FAULT_KINDS[kind]?.field !== null;
  return hasStrength ? `${name} ${String(strength).replace(/^x(?=\d)/, '×')}` : name;
}

/** For a badge: of "20% fail, 3 retries" the first part. */
export function shortFaultWords({ kind, strength }) {
  return faultWords({ kind, strength: strength && String(strength).split(',')[0] });
}

export function originWords(origin) {
  return ORIGINS[origin] ?? origin ?? '';
}

export function faultTitle(fault) {
  return [faultWords(fault), originWords(fault.origin)].filter(Boolean).join(', ');
}
