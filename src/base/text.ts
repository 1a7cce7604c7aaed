// Text for a terminal. Names and records of a capture are untrusted: control characters would move the cursor or
// recolour the screen, bidirectional controls would reorder what is read.

// Control (Cc), format (Cf, with the bidirectional controls), line and paragraph separators, lone surrogates.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** `text` on one line, with each character that a terminal would act on shown as \xNN or \u{...}. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, escaped);
}

/** JSON text with the characters that JSON leaves raw, but a terminal would act on, as \uNNNN; it means the same. */
export function printableJson(json: string): string {
  return json.replaceAll(UNPRINTABLE, (character) => {
    if (character === '\n') return character;
    const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
  });
}

/** A word as a POSIX shell takes it: quoted where it needs to be. */
export function shellWord(word: string): string {
  return /^[\w./@+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
