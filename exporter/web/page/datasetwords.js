// How a dataset is, in words that follow its name.

export function datasetWords({ status, unreadable, problems }) {
  const [gravest] = problems;
  if (!gravest) return unreadable ? 'could not be checked the last time' : 'passes';
  const since = unreadable ? '; it could not be checked since' : '';
  return `${status === 'FAIL' ? 'is broken' : 'warns'}: ${gravest.message}${since}`;
}
