// Numbers, durations and times as people read them. What is missing reads as a dash, never as 0 or NaN.

export const MISSING = '–';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const threeDecimals = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });
const twoDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });
const clockTime = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
const fullTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

export const isNumber = Number.isFinite;

export function count(value) {
  return isNumber(value) ? whole.format(value) : MISSING;
}

/** Short enough for a narrow column: 1,234,567 becomes 1.235M. */
export function shortCount(value) {
  if (!isNumber(value)) return MISSING;
  return Math.abs(value) < 100000 ? whole.format(value) : compact.format(value);
}

export function counted(value, singular, plural = `${singular}s`) {
  return `${count(value)} ${value === 1 ? singular : plural}`;
}

export function decimal(value) {
  if (!isNumber(value)) return MISSING;
  return (Math.abs(value) < 100 ? oneDecimal : whole).format(value);
}

export function rate(value) {
  return isNumber(value) ? `${decimal(value)}/s` : MISSING;
}

export function percent(share) {
  if (!isNumber(share)) return MISSING;
  const value = share * 100;
  return `${(value < 10 ? oneDecimal : whole).format(value)} %`;
}

/** Objectives live off their nines: 0.9995 is 99.95 %, not 100 %. */
export function exactPercent(share) {
  return isNumber(share) ? `${threeDecimals.format(share * 100)} %` : MISSING;
}

export function duration(seconds) {
  if (!isNumber(seconds)) return MISSING;
  if (seconds < 0) return `-${duration(-seconds)}`;
  if (seconds < 1) return subsecond(seconds);
  if (seconds < 10) return `${oneDecimal.format(seconds)} s`;
  return longDuration(Math.round(seconds));
}

function subsecond(seconds) {
  if (seconds === 0) return '0 s';
  if (seconds < 0.0001) return '<0.1 ms';
  const milliseconds = seconds * 1000;
  return `${(milliseconds < 10 ? twoDigits : whole).format(milliseconds)} ms`;
}

function longDuration(seconds) {
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return twoUnits(seconds, MINUTE, 'min', 1, 's');
  if (seconds < DAY) return twoUnits(seconds, HOUR, 'h', MINUTE, 'min');
  return twoUnits(seconds, DAY, 'd', HOUR, 'h');
}

function twoUnits(seconds, large, largeName, small, smallName) {
  const rest = Math.floor((seconds % large) / small);
  const head = `${Math.floor(seconds / large)} ${largeName}`;
  return rest ? `${head} ${rest} ${smallName}` : head;
}

/** For durations that are compared with each other: in seconds as long as those are readable. */
export function inSeconds(value) {
  return value >= MINUTE && value < 1000 ? `${whole.format(value)} s` : duration(value);
}

/** A counter that doesn't jump in width: 1:02:03. */
export function stopwatch(seconds) {
  if (!isNumber(seconds)) return MISSING;
  const total = Math.floor(seconds);
  const parts = [Math.floor(total / MINUTE) % 60, total % 60].map((part) => String(part).padStart(2, '0'));
  return [Math.floor(total / HOUR), ...parts].join(':');
}

/** `value` in the unit an SLO names. */
export function quantity(value, unit) {
  if (!isNumber(value)) return MISSING;
  if (unit === 's') return duration(value);
  return unit ? `${decimal(value)} ${unit}` : decimal(value);
}

function parsed(iso) {
  const time = new Date(iso ?? NaN);
  return Number.isNaN(time.getTime()) ? null : time;
}

export function secondsBetween(earlier, later) {
  const [from, to] = [parsed(earlier), parsed(later)];
  return from && to ? (to - from) / 1000 : null;
}

export function ago(iso, now) {
  const seconds = secondsBetween(iso, now);
  if (seconds === null) return MISSING;
  return seconds < 1 ? 'just now' : `${coarse(Math.floor(seconds))} ago`;
}

/** One unit, where more would only flicker. */
export function coarse(seconds) {
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} d`;
}

export function clock(iso, now) {
  const time = parsed(iso);
  if (!time) return MISSING;
  const old = secondsBetween(iso, now) > DAY / 2;
  return (old ? dayAndTime : clockTime).format(time);
}

export function absolute(iso) {
  const time = parsed(iso);
  return time ? `${fullTime.format(time)} (${iso})` : '';
}
