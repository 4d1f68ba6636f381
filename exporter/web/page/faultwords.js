// The words for faults, wherever they are shown.

export const FAULT_KINDS = {
  slowdown: { name: 'Slowdown', choice: 'Slowdown: works slower', field: 'factor', label: 'Times slower', initial: 3, min: 1, max: 1000 },
  stall: { name: 'Stall', choice: 'Stall: stops working', field: null, label: 'Strength' },
  errors: { name: 'Errors', choice: 'Errors: some events fail', field: 'share', label: 'Failing events, %', initial: 20, min: 0, max: 100, scale: 0.01 },
  latency: { name: 'Latency', choice: 'Latency: each event takes longer', field: 'factor', label: 'Times longer', initial: 3, min: 1, max: 1000 },
};

const ORIGINS = { chance: 'by chance', scenario: 'from the scenario', injected: 'injected by hand' };

export function faultWords({ kind, strength }) {
  const name = FAULT_KINDS[kind]?.name ?? kind ?? 'Fault';
  return strength ? `${name} ${String(strength).replace(/^x(?=\d)/, '×')}` : name;
}

export function originWords(origin) {
  return ORIGINS[origin] ?? origin ?? '';
}

export function faultTitle(fault) {
  return [faultWords(fault), originWords(fault.origin)].filter(Boolean).join(', ');
}
