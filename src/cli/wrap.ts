// Tables that are wider than the terminal: their long texts go on in further lines, so that rows stay rows.

/**
 * Widths that fit into `room` characters, by taking from the widest columns first, none below its least width. Where even those need
 * more, the least widths.
 */
export function fittedWidths(widths: readonly number[], least: readonly number[], room: number): number[] {
  const fitted = [...widths];
  let excess = fitted.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = Math.max(...fitted.filter((width, i) => width > least[i]!));
    if (widest === -Infinity) break;
    fitted[fitted.findIndex((width, i) => width === widest && width > least[i]!)] = widest - 1;
    excess -= 1;
  }
  return fitted;
}

/** The length of the longest word: what no line break makes narrower. */
export function longestWord(text: string): number {
  return Math.max(...text.split(' ').map((word) => word.length));
}

/** A text as lines of at most so many characters, or a word; broken at blanks alone. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
