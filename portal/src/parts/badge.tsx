export type Tone = 'good' | 'bad' | 'busy' | 'waiting' | 'neutral';

const tones: Readonly<Record<string, Tone>> = {
  // runs and steps
  Queued: 'waiting',
  Started: 'busy',
  Running: 'busy',
  Succeeded: 'good',
  Failed: 'bad',
  Error: 'bad',
  Timeout: 'bad',
  Canceled: 'neutral',
  Skipped: 'neutral',
  Pending: 'waiting',
  // tasks and triggers
  Enabled: 'good',
  Disabled: 'neutral',
  // webhooks
  Manual: 'neutral',
  Registered: 'good',
  // deliveries
  Ignored: 'neutral',
  // agent pools
  Creating: 'busy',
  Updating: 'busy',
  Deleting: 'busy',
};

const shapes: Readonly<Record<Tone, string>> = {
  good: 'M4 8.500l2.700 2.700L12 5.500',
  bad: 'M5 5l6 6M11 5l-6 6',
  neutral: 'M5 8h6',
  waiting: 'M8 5v3.500l2 1.500',
  busy: '',
};

/** A status as colour, sign and word. */
export function Badge({ status, tone = tones[status] ?? 'neutral' }: { status: string; tone?: Tone }) {
  return (
    <span className={`badge ${tone}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="7" />
        {tone === 'busy' ? (
          <path className="turning" d="M8 3.500a4.500 4.500 0 0 1 4.500 4.500" />
        ) : (
          <path d={shapes[tone]} />
        )}
      </svg>
      {status}
    </span>
  );
}
