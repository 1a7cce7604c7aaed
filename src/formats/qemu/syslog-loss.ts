// What the daemons of syslog and of the journal print when they leave messages out.
// [rsyslog] runtime/ratelimit.c, plugins/imuxsock, plugins/imjournal; [systemd] src/journal/journald-rate-limit.c; [sysklogd] syslogd.c

/** Messages that are missing. */
export interface Loss {
  /** NaN when the notice gives no number. */
  readonly amount: number;
  /** The process that wrote them, if the notice names it. */
  readonly pid: number | undefined;
  /** They were the same as the line before. */
  readonly repeatsLast: boolean;
}

const REPEATS_LAST = /^last message repeated (\d{1,15}) times?\b/;
/** Each with the number of messages as its first group, and perhaps the process as its second. */
const NOTICES = [
  /\bSuppressed (\d{1,15}) messages from /,
  /\blost (\d{1,15}) messages? from pid (\d{1,10})\b/,
  /\b(\d{1,15}) messages? (?:were |was )?(?:lost|suppressed|dropped)\b/,
  /\bmessages? suppressed: (\d{1,15})\b/,
] as const;
const BEGINS = /\bbegin to drop messages(?: from pid (\d{1,10}))?/;

/** The loss that a message of the program `tag` tells of; undefined when it tells of none. */
export function lossIn(tag: string, text: string): Loss | undefined {
  const repeated = tag === '' ? REPEATS_LAST.exec(text) : null;
  if (repeated !== null) return { amount: Number(repeated[1]), pid: undefined, repeatsLast: true };
  // The kernel suppresses messages of its own.
  if (!/journal|syslog/.test(tag)) return undefined;
  for (const notice of NOTICES) {
    const found = notice.exec(text);
    if (found !== null) return { amount: Number(found[1]), pid: pidOf(found[2]), repeatsLast: false };
  }
  const begins = BEGINS.exec(text);
  return begins === null ? undefined : { amount: NaN, pid: pidOf(begins[1]), repeatsLast: false };
}

function pidOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}
