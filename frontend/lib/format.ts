const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;

const twoDecimals = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const oneDecimal = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/** "12.5%"; a dash where nothing is known. */
export function percent(value: number | null): string {
  return value === null ? "–" : `${twoDecimals.format(value)}%`;
}

/** A share that moves every second: one decimal always, so that nothing jumps. */
export function observedPercent(value: number | null): string {
  return value === null ? "–" : `${value.toFixed(value > 99.95 ? 0 : 1)}%`;
}

/** "26 req/s", "0.4 req/s"; a dash where nothing is known. */
export function rate(perSecond: number | null): string {
  if (perSecond === null) return "–";
  return `${(perSecond < 10 ? oneDecimal : whole).format(perSecond)} req/s`;
}

/** "120 ms", "1.2 s", "4 min"; a dash where nothing is known. */
export function duration(ms: number | null): string {
  if (ms === null) return "–";
  if (ms < 1000) return `${whole.format(ms)} ms`;
  if (ms < MINUTE_S * 1000) return `${oneDecimal.format(ms / 1000)} s`;
  return `${whole.format(ms / 1000 / MINUTE_S)} min`;
}

export function count(value: number): string {
  return whole.format(value);
}

/** "just now", "12 min ago", "3 h ago", "2 d ago". */
export function ago(at: string, nowMs: number): string {
  const seconds = Math.max(0, (nowMs - Date.parse(at)) / 1000);
  if (seconds < MINUTE_S) return "just now";
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)} min ago`;
  if (seconds < DAY_S) return `${Math.floor(seconds / HOUR_S)} h ago`;
  return `${Math.floor(seconds / DAY_S)} d ago`;
}

const exactTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export function exact(at: string): string {
  return exactTime.format(new Date(at));
}

/** "1 rule", "8 rules". */
export function counted(amount: number, noun: string, plural = `${noun}s`): string {
  return `${count(amount)} ${amount === 1 ? noun : plural}`;
}

/** "v1 80%, v2 20%". */
export function splitText(shares: readonly { name: string; weight: number }[]): string {
  return shares.map(({ name, weight }) => `${name} ${percent(weight)}`).join(", ");
}
