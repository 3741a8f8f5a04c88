// `total` of world.wit: what it returns is the record, and what it throws is the error of the result. An option that is
// none is null here.
export function total(lines, percentOff) {
  if (percentOff !== null && (percentOff < 1 || percentOff > 100)) {
    throw `percent-off: expected 1 to 100, got ${percentOff}`;
  }
  const cost = (line) => line.count * line.cents;
  const sum = (of) => lines.reduce((total, line) => total + of(line), 0);
  const dearest = lines.reduce((most, line) => (most && cost(most) >= cost(line) ? most : line), null);
  return {
    count: sum((line) => line.count),
    cents: Math.round((sum(cost) * (100 - (percentOff ?? 0))) / 100),
    dearest: dearest?.name ?? null,
  };
}
