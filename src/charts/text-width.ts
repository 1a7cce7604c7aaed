// How wide text is in the bundled fonts. Vega measures text with a canvas when it finds one and guesses otherwise;
// these tables make every layout exact and the same on each machine.
// Source: `hmtx` and `cmap` of DejaVu Sans and DejaVu Sans Bold 2.37, U+0020 .. U+007E, in 1/2048 em.

const FIRST = 0x20;
const UNITS_PER_EM = 2048;

const REGULAR: readonly number[] = [
  651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690, 1303, 1303, 1303, 1303, 1303, 1303,
  1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716, 1087, 2048, 1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540, 604, 604,
  1343, 1141, 1767, 1532, 1612, 1235, 1612, 1423, 1300, 1251, 1499, 1401, 2025, 1403, 1251, 1403, 799, 690, 799, 1716, 1024,
  1024, 1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569, 1995, 1298, 1253, 1300, 1300, 842, 1067, 803,
  1298, 1212, 1675, 1212, 1212, 1075, 1303, 690, 1303, 1716,
];

const BOLD: readonly number[] = [
  713, 934, 1067, 1716, 1425, 2052, 1786, 627, 936, 936, 1071, 1716, 778, 850, 778, 748, 1425, 1425, 1425, 1425, 1425, 1425,
  1425, 1425, 1425, 1425, 819, 819, 1716, 1716, 1716, 1188, 2048, 1585, 1561, 1503, 1700, 1399, 1399, 1681, 1714, 762, 762,
  1587, 1305, 2038, 1714, 1741, 1501, 1741, 1577, 1475, 1397, 1663, 1585, 2259, 1579, 1483, 1485, 936, 748, 936, 1716, 1024,
  1024, 1382, 1466, 1214, 1466, 1389, 891, 1466, 1458, 702, 702, 1362, 702, 2134, 1458, 1407, 1466, 1466, 1010, 1219, 979,
  1458, 1335, 1892, 1321, 1335, 1192, 1458, 748, 1458, 1716,
];

/** No-break space, plus-minus, middle dot, multiplication sign, en dash, minus sign. */
const PUNCTUATION: Readonly<Record<string, number>> = {
  '\u00a0': 651, '±': 1716, '·': 651, '×': 1716, '–': 1024, '−': 1716,
};

/** Anything else counts as one em: wider than any letter we expect, so nothing is clipped. */
const OTHER = UNITS_PER_EM;

/** Width of one line of text in pixels. */
export function textWidthPx(text: string, fontPx: number, bold = false): number {
  const table = bold ? BOLD : REGULAR;
  let units = 0;
  for (const character of text) {
    units += table[character.codePointAt(0)! - FIRST] ?? PUNCTUATION[character] ?? OTHER;
  }
  return (units * fontPx) / UNITS_PER_EM;
}

/**
 * Breaks a paragraph at spaces into lines of at most `widthPx`. A word wider than that is cut, so that no line
 * leaves the picture; a no-break space doesn't end a word. Empty text gives no line.
 */
export function wrapText(text: string, widthPx: number, fontPx: number, bold = false): string[] {
  const fits = (line: string): boolean => textWidthPx(line, fontPx, bold) <= widthPx;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/[ \t\r\n]+/).filter((w) => w !== '')) {
    let rest = word;
    if (line !== '' && fits(`${line} ${rest}`)) {
      line = `${line} ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    for (let n = cut(rest, fits); n < rest.length; n = cut(rest, fits)) {
      lines.push(rest.slice(0, n));
      rest = rest.slice(n);
    }
    line = rest;
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** The longest prefix of `word` that fits, in UTF-16 units; at least one character. */
function cut(word: string, fits: (text: string) => boolean): number {
  let n = 0;
  for (const character of word) {
    if (n > 0 && !fits(word.slice(0, n + character.length))) break;
    n += character.length;
  }
  return n;
}

/** The text, or as much of it as fits with an ellipsis. */
export function clipText(text: string, widthPx: number, fontPx: number, bold = false): string {
  if (textWidthPx(text, fontPx, bold) <= widthPx) return text;
  const fits = (t: string): boolean => textWidthPx(`${t}…`, fontPx, bold) <= widthPx;
  return `${text.slice(0, cut(text, fits))}…`;
}
